"""Sweeps, orders and studies: rows that can be reproduced, and files that keep them."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.compress.deep_compression import file_format as dc
from tinylab.compress.deep_compression.study import measure_deep_compression
from tinylab.compress.deep_compression.weight_sharing import exactly_shared
from tinylab.compress.pruning.prune import kernels_of, prune
from tinylab.compress.pruning.results import LayerSensitivity, SensitivityResults
from tinylab.compress.results import CompressionResults, StudyPoint, pareto_front
from tinylab.compress.study import compare_orders, quantize_kernels, share_kernels
from tinylab.models.surgery.fold import fold_batch_norm

points = st.lists(
    st.builds(
        lambda size, percent: StudyPoint("pruning", "one", size, percent / 100, 1),
        st.integers(1, 50),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=30,
)


@given(points)
def test_the_front_is_what_no_other_point_beats(all_points):
    front = pareto_front(all_points)

    def beaten(point):
        return any(
            other.stored_bytes <= point.stored_bytes
            and other.accuracy >= point.accuracy
            and (other.stored_bytes, other.accuracy) != (point.stored_bytes, point.accuracy)
            for other in all_points
        )

    expected = {(p.stored_bytes, p.accuracy) for p in all_points if not beaten(p)}
    assert [(p.stored_bytes, p.accuracy) for p in front] == sorted(expected)


def test_rows_of_deep_compression_are_the_files(
    trained, test_data, accuracy, monkeypatch, tmp_path
):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    options = {
        "sparsities": (0.0, 0.6),
        "value_bits": (3,),
        "index_bits": (2, 4),
        "progress": False,
    }
    measured = measure_deep_compression(trained, *test_data, **options)
    row = measured.row(0.6, 3)
    file = dc.deep_compress(trained, 0.6, 7, index_bits=4)
    assert row.size(4).total_bytes == len(file.data)
    assert row.size(4).fillers == file.breakdown.fillers
    assert row.accuracy == pytest.approx(accuracy(dc.decode_model(file.data)))
    assert row.best_bytes <= min(size.total_bytes for size in row.sizes)
    assert row.size(2).fillers > row.size(4).fillers
    assert measured.float_bytes == dc.float32_bytes(trained)
    assert not any(size.gap_bytes for size in measured.row(0.0, 3).sizes), "nothing to skip"
    assert measure_deep_compression(trained, *test_data, **options) == measured


def test_orders_are_measured_from_their_files(trained, test_data, accuracy):
    orders = (("fold", "prune", "share"), ("fold", "share", "prune"))
    results = compare_orders(trained, *test_data, orders=orders, sparsity=0.5, bits=3)
    by_hand = share_kernels(prune(fold_batch_norm(trained), 0.5), 7)
    assert results[0].accuracy == pytest.approx(accuracy(by_hand), abs=0.006)  # float16 on the way
    assert [result.steps for result in results] == list(orders)
    assert all(result.sparsity == pytest.approx(0.5, abs=0.02) for result in results)
    assert str(results[0]).startswith("fold, then prune, then share: ")
    with pytest.raises(ValueError, match="no step 'shrink'"):
        compare_orders(trained, *test_data, orders=[("shrink",)])


def test_steps_keep_zeros_and_few_values(trained):
    folded = prune(fold_batch_norm(trained), 0.3)
    for changed, most in ((share_kernels(folded, 6), 7), (quantize_kernels(folded, 3), 7)):
        for name, kernel in kernels_of(changed).items():
            shared = exactly_shared(kernel)
            assert len(shared.codebook) <= most
            np.testing.assert_array_equal(shared.kernel, kernel)
            assert not kernel[kernels_of(folded)[name] == 0].any()


def test_exactly_shared_takes_zero_first_and_gives_up_above_a_byte():
    shared = exactly_shared(np.array([[2.0, 0.0], [-1.0, 2.0]]))
    assert shared.codebook.tolist() == [0, -1, 2] and shared.pruned
    assert shared.indices.tolist() == [[2, 0], [1, 2]]
    assert not exactly_shared(np.array([3.0, 4.0])).pruned
    assert exactly_shared(np.arange(256.0)) is None


@pytest.fixture
def study(trained, test_data):
    measured = measure_deep_compression(
        trained,
        *test_data,
        sparsities=(0.5,),
        value_bits=(3,),
        index_bits=(2,),
        progress=False,
        cache=False,
    )
    row = LayerSensitivity("stem", "Conv2D", 108, (0.9, 0.5))
    sensitivity = SensitivityResults((row,), (0.5, 0.9), (0.8, 0.3), 0.91, 400)
    first = StudyPoint("quantization", "float32", 4000, 0.91, 100, 0, True)
    return CompressionResults((first,), 400, 1000, "abc", sensitivity, measured)


def test_a_study_is_kept_as_it_is(study, tmp_path):
    path = tmp_path / "study.json"
    study.save(path)
    assert CompressionResults.load(path) == study
    more = study.with_points([StudyPoint("pruning", "half", 900, 0.9, 100)])
    assert more.float_point.label == "float32" and more.find("half").stored_bytes == 900
    again = more.with_points([StudyPoint("pruning", "half", 800, 0.9, 100)])
    assert len(again.points) == 2 and again.find("half").stored_bytes == 800
    with pytest.raises(KeyError, match="no point is labelled 'third'"):
        more.find("third")


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"points": [{"label": 3}]})])
def test_another_file_is_no_study(text, tmp_path):
    (tmp_path / "study.json").write_text(text)
    with pytest.raises(ValueError, match="holds no compression study"):
        CompressionResults.load(tmp_path / "study.json")


def test_points_make_sense():
    with pytest.raises(ValueError, match="technique must be one of"):
        StudyPoint("zipping", "one", 10, 0.5, 1)
    with pytest.raises(ValueError, match="accuracy in 0..1"):
        StudyPoint("pruning", "one", 10, 50.0, 1)
