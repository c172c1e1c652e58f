"""Pictures of explorers for readers without a kernel: GitHub, a printed page, a closed laptop.

Asked for by the environment variable `TINYLAB_STILLS=1`, which `tinylab build` sets when it runs
the solution notebooks. Plotly's own exporter, kaleido, draws them in a Chromium found on the
machine.
"""

import io
import os
import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.names import make_room_for_names
from tinylab.explore.widget.pictures import picture_html

LINE_HEIGHT_PX = 20
LINE_CHARACTERS = 110
TITLE_HEIGHT_PX = 30
PALETTE_COLOURS = 24
SCALE = 0.8  # of the page: a notebook with ten explorers stays below its 300 kB


def wanted() -> bool:
    """Whether pictures take the place of live widgets."""
    return os.environ.get("TINYLAB_STILLS") == "1"


def states_wanted() -> bool:
    """Whether every setting is to be saved beside the picture: `tinylab site` asks for it."""
    return os.environ.get("TINYLAB_STATES") == "1"


def bundle(figure: go.Figure, title: str, caption: Sequence[str]) -> tuple[dict, dict]:
    """MIME bundle and metadata of a picture whose alternative text is the caption.

    Without kaleido or Chromium the caption alone is the answer, and says so.
    """
    text = "\n".join([title, *caption])
    try:
        image = png(figure, title, caption)
    except (ImportError, RuntimeError) as error:
        return {"text/plain": f"{text}\n(no picture: {error})"}, {}
    return {"text/html": picture_html(image, "png", text), "text/plain": text}, {}


def png(figure: go.Figure, title: str, caption: Sequence[str]) -> bytes:
    """PNG of a copy of `figure` with its title above and the caption's lines below.

    Raises
    ------
    ImportError
        Without kaleido or Pillow.
    RuntimeError
        Without a Chromium or Chrome that kaleido can drive.
    """
    import kaleido

    page = _with_caption(figure, title, caption)
    options = {"format": "png", "scale": SCALE}
    return _small(kaleido.calc_fig_sync(page, opts=options, kopts={"mathjax": False}))


def _with_caption(figure: go.Figure, title: str, caption: Sequence[str]) -> go.Figure:
    lines = [line for part in caption for line in textwrap.wrap(part, LINE_CHARACTERS)]
    page = go.Figure(figure)
    make_room_for_names(page, page.layout.width)
    above, below = page.layout.margin.t, page.layout.margin.b
    extra = LINE_HEIGHT_PX * len(lines) + 10
    page.update_layout(
        height=page.layout.height + TITLE_HEIGHT_PX + extra,
        margin={"t": above + TITLE_HEIGHT_PX, "b": below + extra},
    )
    style = {
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "xanchor": "left",
        "align": "left",
        "xshift": 16 - page.layout.margin.l,
    }
    page.add_annotation(
        **style,
        y=1,
        yanchor="bottom",
        yshift=above,
        showarrow=False,
        text=f"<b>{title}</b>",
        font_size=16,
    )
    return page.add_annotation(
        **style,
        y=0,
        yanchor="top",
        yshift=-below,
        showarrow=False,
        text="<br>".join(lines),
        font={"size": 13, "color": theme.QUIET},
    )


def _small(png_bytes: bytes) -> bytes:
    """The same picture in a palette: a quarter of the bytes, and notebooks stay small."""
    from PIL import Image

    opaque = Image.open(io.BytesIO(png_bytes)).convert("RGB")
    smaller = io.BytesIO()
    opaque.quantize(PALETTE_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        smaller, "PNG", optimize=True
    )
    return smaller.getvalue()
