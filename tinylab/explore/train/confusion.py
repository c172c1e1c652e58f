"""Explorer: a confusion matrix, read one word at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count

__all__ = ["confusion_explorer"]


@dataclass(frozen=True)
class ClassAnswers:
    """How the examples of one class were answered; `counts` has shape (classes,)."""

    index: int
    counts: np.ndarray

    @property
    def examples(self) -> int:
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        return int(self.counts[self.index])

    @property
    def worst(self) -> int:
        """The wrong answer that was given most often."""
        wrong = self.counts.copy()
        wrong[self.index] = -1
        return int(wrong.argmax())


class _View:
    """A heat map of the shares of each true class, with a frame around the chosen row."""

    def __init__(self, confusion: np.ndarray, labels: Sequence[str]):
        totals = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
        self._share = 100 * confusion / totals
        self._labels = list(labels)

    def figure(self) -> go.Figure:
        figure = theme.figure(x="answer", y="true word", height_px=520)
        figure.add_heatmap(
            x=self._labels,
            y=self._labels,
            z=self._share,
            zmin=0,
            zmax=100,
            colorscale=theme.SEQUENTIAL,
            text=np.round(self._share).astype(int),
            texttemplate="%{text}",
            colorbar={"title": "share of the<br>true word (%)"},
            hovertemplate="%{y} answered as %{x}: %{z:.1f} %<extra></extra>",
        )
        figure.add_shape(
            type="rect",
            line={"color": theme.VERMILION, "width": 3},
            x0=-0.5,
            x1=len(self._labels) - 0.5,
        )
        return figure.update_yaxes(autorange="reversed")

    def update(self, figure: go.Figure, result: ClassAnswers) -> None:
        figure.layout.shapes[0].y0 = result.index - 0.5
        figure.layout.shapes[0].y1 = result.index + 0.5


def confusion_explorer(confusion, labels: Sequence[str]) -> Explorer:
    """Read a confusion matrix row by row.

    Parameters
    ----------
    confusion : int array (classes, classes)
        Rows are the true classes, columns the answers.
    labels : sequence of str
    """
    confusion = np.asarray(confusion)
    labels = list(labels)
    if confusion.shape != (len(labels), len(labels)):
        raise ValueError(
            f"pass one label for each class: the matrix is {confusion.shape}, there are"
            f" {len(labels)}"
        )

    def compute(word: str) -> ClassAnswers:
        index = labels.index(word)
        return ClassAnswers(index, confusion[index])

    def summary(result: ClassAnswers) -> str:
        word = labels[result.index]
        if result.examples == 0:
            return f"No clip of “{word}” was tested."
        said = (
            f"Of {count(result.examples, 'clip')} of “{word}”, {result.right} were answered right"
        )
        mistaken = result.counts[result.worst]
        if mistaken == 0:
            return f"{said}."
        return (
            f"{said}; the commonest mistake is “{labels[result.worst]}”, {count(mistaken, 'time')}."
        )

    recall = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)
    return Explorer(
        "Which word is taken for which?",
        [Dropdown("word", "True word", labels, labels[int(recall.argmin())])],
        compute,
        _View(confusion, labels),
        summary,
        source=f"measured: {int(confusion.sum())} test clips",
    )
