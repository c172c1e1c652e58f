"""How a widget of ours stands in a notebook: live, as a picture, and without a kernel."""

import html

from IPython.display import display

from tinylab.explore.widget import stills

__all__ = ["SAVED", "Shown"]

VIEW = "application/vnd.jupyter.widget-view+json"
# What `tinylab site` draws a widget from.
SAVED = "application/vnd.tinylab.saved+json"
# Where a widget was, JupyterLab says "model not found" of a notebook that was closed and opened
# again. The note above it says what to do; it hides itself, or that sentence, by what is below it.
NOTE_STYLE = """
.jp-OutputArea-child:has(.tinylab-reopened):has(+ .jp-OutputArea-child .jupyter-widgets > *),
.jp-OutputArea-child:has(.tinylab-reopened)
  + .jp-OutputArea-child:not(:has(.jupyter-widgets > *)) { display: none; }
"""
ADVICE = "This part of the page needs Python. Choose <b>Run &gt; Run All Cells</b>."


class Shown:
    """Mixed into a widget: what the notebook keeps of it."""

    def summary_lines(self) -> list[str]:
        """What the widget shows, in words: a title first."""
        raise NotImplementedError

    def still(self) -> tuple[dict, dict]:
        """MIME bundle and metadata that need no kernel."""
        return {"text/plain": "\n".join(self.summary_lines())}, {}

    def saved(self) -> dict | None:
        """All that a page needs to show the widget without a kernel, None if that cannot be."""
        return None

    def before_first_show(self) -> None:
        """What must be in the page before the widget."""

    def _ipython_display_(self, **kwargs) -> None:
        if stills.wanted():
            raise NotImplementedError  # IPython then asks for the bundle
        self.before_first_show()
        self.show_note()
        display(self._live_bundle(), raw=True)

    def show_note(self) -> None:
        """Show what stands in the widget's stead when the notebook is opened without a kernel."""
        display(note(self.summary_lines()), raw=True)

    def _live_bundle(self) -> dict:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": repr(self), VIEW: view}

    def _repr_mimebundle_(self, **kwargs):
        """The live widget; with `TINYLAB_STILLS=1` a still instead, which needs no kernel.

        A notebook viewer prefers the widget to any picture in the same bundle, and without a
        kernel it then shows only an error: hence one or the other, never both.
        """
        if stills.wanted():
            data, metadata = self.still()
            saved = self.saved() if stills.states_wanted() else None
            return ({**data, SAVED: saved} if saved else data), metadata
        self.before_first_show()
        return self._live_bundle()


def note(lines: list[str]) -> dict:
    """Bundle of the words that stand where a widget was, once its kernel is gone."""
    title, *more = (html.escape(line) for line in lines)
    words = "".join(f"<p>{line}</p>" for line in more)
    markup = (
        f"<style>{NOTE_STYLE}</style><div class='tinylab-reopened'><p><b>{title}</b></p>"
        f"<p>{ADVICE}</p>{words}</div>"
    )
    return {"text/html": markup, "text/plain": "\n".join(lines)}
