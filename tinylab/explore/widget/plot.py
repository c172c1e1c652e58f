"""Plotly's live figure, with one fault of its front end mended."""

import plotly.graph_objects as go
from plotly.basedatatypes import Undefined

__all__ = ["Plot"]


class Plot(go.FigureWidget):
    """A `FigureWidget` whose `batch_update` changes only what was assigned.

    A batch holds, for each property, one value for every trace in it; Plotly marks those that stay
    as they are with a placeholder. The front end of Plotly 6 and 7 takes the placeholder for the
    new value, so that such a trace loses its data. Here the present value is sent in its place.
    """

    def _send_update_msg(
        self, restyle_data, relayout_data, trace_indexes=None, source_view_id=None
    ):
        indexes = self._normalize_trace_indexes(trace_indexes)
        complete = {
            name: [self._present(index, name, value) for index, value in zip(indexes, values)]
            for name, values in restyle_data.items()
        }
        super()._send_update_msg(complete, relayout_data, indexes, source_view_id)

    def _present(self, index, name, value):
        if value is not Undefined:
            return value
        trace = self.data[index]
        return trace[name] if name in trace else None
