"""A figure without controls."""

from tinylab.explore.widget import stills, theme
from tinylab.explore.widget.drawing import Drawing


def make() -> Drawing:
    figure = theme.figure(x="time (ms)", y="power (mW)")
    figure.add_scatter(x=[0, 1], y=[2, 3], **theme.series(0))
    return Drawing("A trace", figure, "From 2 to 3 mW.", source="modelled: noise assumed")


def test_it_sends_its_figure_whole_with_its_sentence():
    drawing = make()
    assert drawing.plot.drawing["data"][0]["y"] == [2, 3]
    assert drawing.plot.label == "Figure: A trace. From 2 to 3 mW."
    assert drawing.summary_lines() == ["A trace", "From 2 to 3 mW.", "modelled: noise assumed"]
    assert repr(drawing) == "Drawing('A trace')"


def test_a_still_takes_its_place(monkeypatch):
    monkeypatch.setenv("TINYLAB_STILLS", "1")
    monkeypatch.setattr(stills, "png", lambda figure, title, caption: b"picture")
    bundle, _ = make()._repr_mimebundle_()
    assert "From 2 to 3 mW." in bundle["text/html"] and "From 2 to 3 mW." in bundle["text/plain"]
