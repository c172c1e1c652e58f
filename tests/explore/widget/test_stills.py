"""Pictures for readers without a kernel."""

import base64
import re
import shutil

import pytest

from tinylab.explore.widget import stills, theme
from tinylab.explore.widget.predict import Prediction

WITHOUT_A_LEGEND = {
    "From wave to picture",
    "Made on one model, given to another",
    "Which word is taken for which?",
}
LARGEST_BYTES = 40_000
WIDGET = "application/vnd.jupyter.widget-view+json"


def need_a_browser():
    """Kaleido, which draws in one, or skip the test."""
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("no Chromium or Chrome on this machine (Debian: apt-get install chromium)")
    return pytest.importorskip("kaleido")


@pytest.fixture(scope="module")
def draw():
    """Function from a figure to SVG, all in one browser."""
    kaleido = need_a_browser()
    kaleido.start_sync_server(n=1, mathjax=False, silence_warnings=True)
    yield lambda figure: kaleido.calc_fig_sync(figure, opts={"format": "svg"}).decode()
    kaleido.stop_sync_server(silence_warnings=True)


@pytest.fixture
def stills_wanted(monkeypatch):
    monkeypatch.setenv("TINYLAB_STILLS", "1")


def test_a_still_takes_the_place_of_the_widget(make, stills_wanted, monkeypatch):
    monkeypatch.setattr(stills, "png", lambda figure, title, caption: b"picture")
    explorer = make("bit_width")
    bundle, metadata = explorer._repr_mimebundle_()
    encoded = base64.b64encode(b"picture").decode()
    assert WIDGET not in bundle and f"base64,{encoded}" in bundle["text/html"] and not metadata
    for words in (
        explorer.title,
        "Bits for a weight: 4 bits",
        explorer.text,
        "measured: your model",
    ):
        assert words in bundle["text/html"]
        assert words in bundle["text/plain"]


def test_without_a_browser_the_caption_stands_alone(make, stills_wanted, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("no Chromium")

    monkeypatch.setattr(stills, "png", fail)
    bundle, metadata = make("bit_width")._repr_mimebundle_()
    assert "(no picture: no Chromium)" in bundle["text/plain"] and "text/html" not in bundle
    assert metadata == {}


def test_predictions_become_text(stills_wanted):
    number, choice = Prediction("How large?", unit="kB"), Prediction("Which?", choices=["a", "b"])
    assert number._repr_mimebundle_()[0] == {"text/plain": "Predict: How large? (a number in kB)"}
    assert choice._repr_mimebundle_()[0] == {"text/plain": "Predict: Which? (a, b)"}
    verdict = number.reveal(3)
    assert verdict._repr_mimebundle_()[0]["text/plain"].startswith("Measured: 3 kB")
    assert verdict.cover.is_open


@pytest.mark.browser
def test_a_drawn_still_is_small_and_holds_the_caption(make):
    need_a_browser()
    image = pytest.importorskip("PIL.Image")
    import io

    explorer = make("bit_width")
    drawn = stills.png(explorer.figure, explorer.title, [explorer.text, "measured: here"])
    assert len(drawn) < LARGEST_BYTES
    opened = image.open(io.BytesIO(drawn))
    layout = explorer.figure.layout
    assert opened.width == round(stills.SCALE * layout.width)
    assert opened.height > stills.SCALE * layout.height


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:The kopts argument")
def test_the_legend_leaves_the_plot_free(explorer, draw):
    """Plotly lets a legend of more rows than there is room for hang into the plot."""
    match = re.search(
        r'class="legend"[^>]*translate\([-\d.]+,([-\d.]+)\)[^>]*><rect[^>]*height="([\d.]+)"',
        draw(explorer.figure).replace(", ", ","),
    )
    if match is None:
        assert explorer.title in WITHOUT_A_LEGEND
    else:
        top, height = map(float, match.groups())
        assert top + height <= explorer.figure.layout.margin.t


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:The kopts argument")
def test_long_names_lie_neither_on_the_caption_nor_beyond_the_edge(draw):
    """Where Plotly widens a margin by itself, the caption moves along and is cut off."""
    figure = theme.figure(x="share (%)", y="")
    figure.add_bar(x=[1, 2], y=["a name that is as long as this one is", "short"], orientation="h")
    page = stills._with_caption(figure, "A title", ["word " * 20])
    assert page.layout.margin.l > 280 and page.layout.xaxis.ticktext is None
    (left,) = re.findall(r'class="xlines-above crisp" d="M(\d+),', draw(page))
    assert int(left) == page.layout.margin.l - 1  # the line of the axis begins under the other's


def test_names_below_an_axis_go_on_in_the_next_line_or_stand_upright():
    for names, angle, more in (
        (["own gradient", "other one"], 0, 18),
        (["unbreakable" * 3], 90, 200),
    ):
        figure = theme.figure(x="", y="")
        figure.add_bar(x=names, y=[1] * len(names))
        figure.update_layout(width=420, xaxis_domain=[0.4, 1])
        page = stills._with_caption(figure, "A title", ["a caption"])
        plain = figure.layout.margin.b + 10 + stills.LINE_HEIGHT_PX
        assert page.layout.xaxis.tickangle == angle and page.layout.margin.b >= plain + more
