"""One look for every explorer: colours that survive colour blindness, markers, dashes, font sizes.

A series differs from others twice, by colour and by marker or dash, so that it can be read in grey.
Figures are described in the colours of the light theme; `DARK` says what each becomes in the dark.
"""

import plotly.graph_objects as go

WIDTH_PX = 860
HEIGHT_PX = 400
MARGIN_PX = {"l": 70, "r": 24, "t": 48, "b": 60}
LEGEND_ROW_PX = 22

# Okabe and Ito, "Color Universal Design" (2008); yellow is left out: it vanishes on white.
BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, ORANGE, SKY, BLACK = "#CC79A7", "#E69F00", "#56B4E9", "#000000"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "5px,2px")

INK, QUIET, GRID, PAPER = "#1f2933", "#52606d", "#e4e7eb", "#ffffff"
FADED = "#c3d9e8"
SEQUENTIAL = "Cividis"
# Contrast with the dark paper: at least 4.5 for text, 3 for lines. Colours not listed stay.
DARK = {
    PAPER: "#111111",
    INK: "#e6e9ed",
    QUIET: "#b3bcc6",
    GRID: "#34393f",
    FADED: "#37566b",
    BLACK: "#ffffff",
    BLUE.lower(): "#3b97d3",
    VERMILION.lower(): "#e8742a",
    GREEN.lower(): "#1fb48c",
}
# Full numbers at 1, 2 and 5: Plotly would write lone digits between the powers of ten.
LOG_AXIS = {"type": "log", "dtick": "D2", "tickformat": ",~g"}
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def series(index: int) -> dict:
    """Line and marker of the series at `index`: colour, dash and marker all differ."""
    index %= len(COLOURS)
    colour = COLOURS[index]
    return {
        "line": {"color": colour, "dash": DASHES[index], "width": 2.5},
        "marker": {"color": colour, "symbol": MARKERS[index], "size": 9},
    }


def bar(index: int) -> dict:
    """Fill of the bars at `index`: colour and hatching both differ."""
    patterns = ("", "/", ".", "x", "\\", "+", "-")
    index %= len(COLOURS)
    pattern = {
        "shape": patterns[index],
        "fgcolor": PAPER,
        "fillmode": "overlay",
        "size": 7,
        "solidity": 0.2,
    }
    return {"marker": {"color": COLOURS[index], "pattern": pattern}}


def highlight(name: str = "your setting") -> dict:
    """The marker of the current setting, the same in every explorer."""
    marker = {"color": "rgba(0,0,0,0)", "size": 18, "line": {"color": BLACK, "width": 2.5}}
    return {"mode": "markers", "name": name, "marker": marker}


def template() -> go.layout.Template:
    """Plotly template: fonts, grid, legend above the plot, hover in the same font."""
    axis = {
        "gridcolor": GRID,
        "linecolor": QUIET,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "tickcolor": QUIET,
        "title": {"standoff": 10, "font": {"size": 14}},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "colorway": COLOURS,
            "font": {"family": FONT, "size": 14, "color": INK},
            "title": {"font": {"size": 16}, "x": 0, "xref": "paper", "xanchor": "left"},
            "paper_bgcolor": PAPER,
            "plot_bgcolor": PAPER,
            "xaxis": axis,
            "yaxis": axis,
            "legend": {
                "orientation": "h",
                "traceorder": "normal",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
            },
            "margin": MARGIN_PX,
            "hoverlabel": {"font": {"family": FONT, "size": 13}},
            "colorscale": {"sequential": SEQUENTIAL},
        }
    )


def figure(
    *, x: str = "", y: str = "", height_px: int = HEIGHT_PX, legend_rows: int = 1, **layout
) -> go.Figure:
    """Empty figure in the house style, with axis titles, a fixed size and room for the legend.

    A fixed size keeps Plotly from measuring a hidden output area as zero pixels wide.
    """
    blank = go.Figure()
    top = MARGIN_PX["t"] + LEGEND_ROW_PX * (legend_rows - 1)
    blank.update_layout(
        template=template(),
        width=WIDTH_PX,
        height=height_px,
        margin={**MARGIN_PX, "t": top},
        xaxis_title=x,
        yaxis_title=y,
    )
    return blank.update_layout(**layout)
