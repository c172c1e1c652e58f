"""Room in a still for the names along its axes, so that nothing lies on its caption.

A page arranges a figure when it knows its width (`front/arrange.js`); a still has one width. Plotly
widens margins by itself, but then the caption, which is placed from the margins, moves with them.
"""

import math

import plotly.graph_objects as go

__all__ = ["make_room_for_names"]

LETTER_PX = 7.8  # of the theme's font, on average and rounded up
LINE_PX = 18
BESIDE_PX = 40  # a tick, and the title of the axis
USUAL_SIZE = 14  # of the theme's font


def make_room_for_names(figure: go.Figure, width_px: int) -> None:
    """Widen the margins of `figure` by what the names of its categories take.

    Names along the bottom or the top go on in the next line where they would touch each other, and
    stand upright where not even their words fit.
    """
    margin = figure.layout.margin
    for axis in figure.select_yaxes():
        names = _names(figure, axis, "y")
        if names and _is_leftmost(figure, axis):
            letters = max(map(len, names)) * (axis.tickfont.size or USUAL_SIZE) / USUAL_SIZE
            margin.l = max(margin.l, int(letters * LETTER_PX) + BESIDE_PX)
    for axis in figure.select_xaxes():
        names = _names(figure, axis, "x")
        if names:
            start, end = axis.domain or (0, 1)
            room = (width_px - margin.l - margin.r) * (end - start) / len(names)
            side = "t" if axis.side == "top" else "b"
            if axis.tickangle:  # its author has turned the names, and made some room
                high = (
                    max(map(len, names)) * LETTER_PX * abs(math.sin(math.radians(axis.tickangle)))
                )
                more = int(max(0, high + BESIDE_PX + LINE_PX - margin[side]))
            else:
                more = int(max(0, _height(axis, names, room) - LINE_PX))
            margin[side] = margin[side] + more
            figure.layout.height += more


def _is_leftmost(figure: go.Figure, axis) -> bool:
    """Whether the names of a y axis stand in the figure's left margin."""
    below = figure.layout[f"xaxis{(axis.anchor or 'x').removeprefix('x')}"]
    return (below.domain or (0, 1))[0] < 0.01


def _names(figure: go.Figure, axis, letter: str) -> list[str]:
    """The categories of an axis, in the order of the traces; none where it shows numbers."""
    own = axis.plotly_name.replace("axis", "")
    along = [one for one in figure.data if (getattr(one, f"{letter}axis", None) or letter) == own]
    values = [getattr(trace, letter, None) for trace in along]
    together = [value for some in values if some is not None for value in some]
    return list(dict.fromkeys(value for value in together if isinstance(value, str)))


def _height(axis, names: list[str], room_px: float) -> float:
    """How much the names take below their axis; they are broken or turned where they must be."""
    if axis.tickvals is not None or axis.tickangle is not None or axis.dtick is not None:
        return 0.0
    widest = room_px / LETTER_PX - 1
    if all(len(name) <= widest for name in names):
        return LINE_PX
    if all(len(word) <= widest for name in names for word in name.split()):
        texts = [_in_lines(name, widest) for name in names]
        axis.update(tickvals=names, ticktext=texts, tickangle=0)
        return LINE_PX * max(text.count("<br>") + 1 for text in texts)
    axis.update(tickvals=names, ticktext=names, tickangle=90)
    return max(map(len, names)) * LETTER_PX


def _in_lines(name: str, widest: float) -> str:
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(longer) > widest:
            lines.append(word)
        else:
            lines[-1] = longer
    return "<br>".join(lines)
