"""The explorers of compression show the rows that were measured, and choose within the budget."""

import pytest


def test_sensitivity_shows_the_layer_and_names_the_worst(make, inputs):
    explorer = make("sensitivity").set(layer="block2_pointwise", percent=90)
    row = inputs["sensitivity"].layers[1]
    assert explorer.result.layer is row and explorer.result.accuracy == row.accuracy[2]
    assert f"accuracy {row.accuracy[2]:.1%}" in explorer.text
    assert "most sensitive layer is “block3 pointwise”: 60.0%" in explorer.text
    assert list(explorer.figure.data[4].y) == pytest.approx([80, 70, 60])


def test_deep_compression_shows_the_file(make, inputs):
    explorer = make("deep_compression").set(percent=50, value_bits=2, index_bits=2)
    row = inputs["deep_compression_results"].row(0.5, 2)
    size = row.size(2)
    assert f"the file has {size.total_bytes / 1e3:.1f} kB" in explorer.text
    assert f"{40_000 / size.total_bytes:.1f} times less" in explorer.text
    assert f"{size.fillers:,} stored zeros" in explorer.text
    stacked = sum(trace.y[0] for trace in explorer.figure.data[:3])
    assert stacked == pytest.approx(size.total_bytes / 1e3)
    with pytest.raises(KeyError, match="no row for sparsity 0.4"):
        inputs["deep_compression_results"].row(0.4, 2)


def test_pareto_takes_the_most_accurate_within_the_budget(make, inputs):
    explorer = make("compression_pareto")
    assert explorer.set(budget_kB=50).result.best.label == "60% zeros"
    assert "must be unpacked" in explorer.text
    assert explorer.set(in_place=True).result.best.label == "half the energy"
    assert explorer.set(budget_kB=110).result.best.label == "int8"
    assert "None of the 4 models fits" in explorer.set(budget_kB=10).text
    labels = [point.label for point in explorer.reset().result.front]
    assert labels == ["half the energy", "60% zeros", "int8", "float32"]
