"""What a program is measured to reach: against LiteRT, and files that are no such program."""

import dataclasses

import numpy as np
import pytest

from tinylab.course.challenge import measure
from tinylab.course.challenge.baseline import baseline_macro_f1, two_thresholds
from tinylab.data import heartbeats
from tinylab.deploy.litert import LiteRTModel
from tinylab.models import checkpoints
from tinylab.scoring.f1 import class_scores


def predict_here(program: bytes, x: np.ndarray) -> np.ndarray:
    model = LiteRTModel(program, exact=True)
    return model.predict(x.reshape(len(x), *model.input_details.shape[1:]))


@pytest.fixture(scope="module")
def program() -> bytes:
    return checkpoints.load("heartbeat", "compress", origin="reference").model


@pytest.fixture
def few(monkeypatch):
    """Few patients, and no process of its own, so that a measurement takes a moment."""
    monkeypatch.setattr(measure, "PATIENTS", 4)
    monkeypatch.setattr(measure, "predict_apart", predict_here)
    measure._measure.cache_clear()
    yield
    measure._measure.cache_clear()


def test_figures_are_those_of_its_answers(program, few):
    result = measure.measure_program(program)
    beats = heartbeats.beat_inputs(heartbeats.load("hidden", patients=4))
    mine = LiteRTModel(program, exact=True).predict(heartbeats.for_network(beats))
    scores = class_scores(beats.labels, mine)
    assert (result.macro_f1, result.recall) == (scores.macro_f1, scores.recall)
    assert (result.beats, result.patients, result.flash_bytes) == (len(beats), 4, len(program))
    assert result.low <= result.macro_f1 <= result.high
    assert str(result.score) in str(result)


def test_other_patients_give_other_figures(program, few):
    public, own = (measure.measure_program(program, seed=seed) for seed in (None, 77))
    assert (public.sha256, public.energy_uJ) == (own.sha256, own.energy_uJ)
    assert public.recall != own.recall and own.seed == 77


def test_the_reference_passes_and_two_thresholds_do_not(program):
    figures = checkpoints.load_metrics("heartbeat", "compress", origin="reference")
    assert 0.80 <= figures["macro_f1"] <= 0.88, "the range the hidden patients were made for"
    assert figures["macro_f1"] >= baseline_macro_f1() + 0.10
    assert figures["recall"][1] >= 0.60 and figures["recall"][2] >= 0.90
    beats = heartbeats.beat_inputs(heartbeats.load("hidden"))
    assert class_scores(beats.labels, two_thresholds(beats)).recall[2] < 0.90


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "TFL3"),
        (b"TFL3" * 100, "TFL3|whole|read"),
        (bytes(400_000), "400,000 bytes; 16,000 are allowed"),
    ],
)
def test_other_files_are_refused(content, says):
    with pytest.raises(ValueError, match=says):
        measure.measure_program(content)


def test_another_model_is_refused():
    keywords = checkpoints.load("keyword_spotting", "compress", origin="reference").model
    with pytest.raises(ValueError, match="must take 104 numbers and give 3"):
        measure.measure_program(keywords)


def test_damage_anywhere_is_a_sentence_or_a_result(program):
    rng = np.random.default_rng(0)
    for _ in range(3):
        content = bytearray(program)
        for at in rng.integers(len(content), size=3):
            content[at] ^= int(rng.integers(1, 256))
        try:
            result = measure.measure_program(bytes(content))
        except ValueError:
            continue
        assert dataclasses.is_dataclass(result)
