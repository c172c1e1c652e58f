"""Accuracy mode: swapped colours, windows of machine sound, and the published figures."""

import numpy as np
import pytest

from tests.benchmark.small import Answering, pictures, redder
from tinylab.benchmark.accuracy import measure_stored, quality_of_folder
from tinylab.benchmark.examples import model_inputs, picture_range
from tinylab.benchmark.labels import write_folder
from tinylab.benchmark.quality import percent
from tinylab.benchmark.rules import TASKS, recognise
from tinylab.deploy.litert import LiteRTModel, TensorDetails

VWW, AD, IC, KWS = (TASKS[name] for name in ("vww", "ad", "ic", "kws"))


def test_right_colours_leave_no_suspicion():
    examples, labels = pictures()
    measured = measure_stored(Answering(redder, (96, 96, 3)), examples, labels, VWW)
    assert measured.quality.value == 1 and measured.notes == ()
    assert "XNNPACK" in measured.kernels


def test_swapped_colours_are_suspected():
    examples, labels = pictures()
    swapped = Answering(lambda x: redder(x)[:, ::-1], (96, 96, 3))
    measured = measure_stored(swapped, examples, labels, VWW)
    assert measured.quality.value == 0
    assert "with red and blue exchanged it answers 100.0%" in measured.notes[0]


def test_groups_widen_the_interval():
    examples, labels = pictures()
    half = Answering(lambda x: np.tile([[0, 1]], (len(x), 1)), (96, 96, 3))
    alone = measure_stored(half, examples, labels, VWW).quality
    groups = measure_stored(half, examples, labels, VWW, np.repeat(np.arange(8), 5)).quality
    twins = measure_stored(half, examples, labels, VWW, labels).quality
    assert alone.value == groups.value == twins.value == 0.5
    assert (alone.repeats, groups.repeats, twins.repeats) == (40, 8, 2)
    assert "over 8 groups" in str(groups) and "groups" not in str(alone)
    assert twins.high - twins.low > alone.high - alone.low


def test_one_output_is_a_probability():
    examples, labels = pictures()

    class Sigmoid(Answering):
        def dequantize_output(self, y):
            return y

    model = Sigmoid(lambda x: (np.diff(redder(x)) > 0) * 0.9, (96, 96, 3), outputs=1)
    assert measure_stored(model, examples, labels, VWW).quality.value == 1


@pytest.mark.parametrize(
    ("task", "scale", "brightest"),
    [(VWW, 1 / 255, 1), (IC, 1.0, 255), (VWW, 1.0, 255), (VWW, 0.0, 1), (IC, 0.0, 255)],
)
def test_pictures_get_the_range_that_the_input_has(task, scale, brightest):
    details = TensorDetails("x", (1, 96, 96, 3), np.dtype("int8"), scale, -128)
    assert picture_range(task, details) == brightest


def test_keyword_features_reach_another_grid():
    examples = np.array([-128, 0, 83, 127], np.int8)[:, None, None] * np.ones((1, 49, 10), np.int8)
    model = Answering(None, (49, 10, 1), scale=1.2, zero_point=50, outputs=12)
    stored = model_inputs(examples, KWS, model)
    assert stored.shape == (4, 49, 10, 1)
    # (q - 83) * 0.5847 / 1.2 + 50, rounded and saturated
    np.testing.assert_array_equal(stored[:, 0, 0, 0], [-53, 10, 50, 71])


def test_recordings_of_one_kind_have_scores_but_no_auc():
    class Silent(Answering):
        def predict(self, x):
            return np.zeros_like(x)

    levels = np.full((3, 200, 128), -10, np.float32)
    measured = measure_stored(Silent(None, (640,), outputs=640), levels, np.zeros(3, int), AD)
    assert measured.quality is None and measured.scores == (100, 100, 100)
    assert "no AUC" in measured.notes[0]


@pytest.mark.parametrize(
    ("shape", "outputs", "task"),
    [
        ((1, 49, 10, 1), 12, "kws"),
        ((1, 490), 12, None),
        ((1, 96, 96, 3), 1, "vww"),
        ((1, 32, 32, 3), 10, "ic"),
        ((1, 640), 640, "ad"),
        ((1, 30, 1, 40), 3, "sww"),
        ((1, 49, 10, 1), 35, None),
        ((1, 1), 1, None),
    ],
)
def test_models_are_recognised_by_their_shapes(shape, outputs, task):
    if task:
        assert recognise(shape, outputs).id == task
    else:
        with pytest.raises(ValueError, match="is not a benchmark of MLPerf Tiny"):
            recognise(shape, outputs)


def test_a_benchmark_asked_for_must_fit():
    with pytest.raises(ValueError, match="not that benchmark .vww 96 x 96 x 3"):
        recognise((1, 49, 10, 1), 12, "vww")
    with pytest.raises(ValueError, match="there are: kws, vww, ic, ad, sww"):
        recognise((1, 49, 10, 1), 12, "kw")


@pytest.mark.parametrize(
    ("data", "task", "model", "exact", "published"),
    [
        ("kws01_dev400", KWS, "kws_ref_model", False, "89.5"),
        ("vww01_dev400", VWW, "vww_96_int8", False, "86.3"),
        ("vww01_dev400", VWW, "vww_96_float", False, "86.8"),
    ],
)
def test_published_figures_come_out(tmp_path, real_data, data, task, model, exact, published):
    clips = np.load(real_data / "real_clips" / f"{data}.npz")
    folder = write_folder(tmp_path, task, clips["x"], clips["y"])
    program = LiteRTModel(real_data / "reference_models" / f"{model}.tflite", exact=exact)
    measured = quality_of_folder(program, folder, task)
    assert percent(measured.quality.value) == published and not measured.notes


def test_swapped_photographs_are_suspected(tmp_path, real_data):
    clips = np.load(real_data / "real_clips" / "vww01_dev400.npz")
    folder = write_folder(tmp_path, VWW, clips["x"][:200, ..., ::-1].copy(), clips["y"][:200])
    program = LiteRTModel(real_data / "reference_models" / "vww_96_int8.tflite")
    assert "red and blue exchanged" in quality_of_folder(program, folder, VWW).notes[0]


@pytest.mark.parametrize(("model", "score"), [("ad01_fp32", 9.7071), ("ad01_int8", 10.2652)])
def test_the_sample_of_machine_sound_has_its_published_score(tmp_path, real_data, model, score):
    (path,) = (real_data / "real_clips" / "ad01_sample").glob("*.bin")
    levels = np.fromfile(path, "<f4").reshape(1, 200, 128)
    folder = write_folder(tmp_path, AD, levels, [0])
    program = LiteRTModel(real_data / "reference_models" / f"{model}.tflite")
    assert quality_of_folder(program, folder, AD).scores[0] == pytest.approx(score, abs=1e-4)
