"""Figure widget and explorer with the widget libraries of Colab: state, start, update, drawing."""

import json

import pytest

from tests.browser.colab import PINS, make_environment, run_cells

pytestmark = [pytest.mark.browser, pytest.mark.colab]

VERSIONS = """
from importlib import import_module
for name in ("ipywidgets", "anywidget", "plotly"):
    print(name + "==" + import_module(name).__version__)
"""
EXPLORER = """
from tests.explore.every_explorer import EXPLORERS
explorer = EXPLORERS["battery"]()
first = explorer.text
explorer
"""
MOVED = """
heard = explorer.state | {"battery": "lipo_500"}
explorer.panel._handle_msg({"content": {"data": {
    "method": "update", "state": {"state": heard}, "buffer_paths": []}}, "buffers": []})
assert explorer.state["battery"] == "lipo_500"
assert explorer.text != first
print(explorer.text)
"""
# A widget manager's model, as anywidget describes it: https://anywidget.dev/en/afm
DRAW = """
async ([states, kinds]) => {
  const unpacked = (state, buffers) => {
    const copy = structuredClone(state);
    for (const { path, data } of buffers) {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const target = path.slice(0, -1).reduce((value, key) => value[key], copy);
      target[path.at(-1)] = new DataView(bytes.buffer);
    }
    return copy;
  };
  const started = [];
  window.change = {};
  for (const kind of kinds) {
    const entry = states[kind];
    const state = unpacked(entry.state, entry.buffers ?? []);
    const listeners = {};
    const model = {
      get: (key) => state[key],
      set: (key, value) => { state[key] = value; },
      save_changes: () => {},
      send: () => {},
      on: (event, heard) => (listeners[event] ??= []).push(heard),
      off: () => {},
    };
    const text = new Blob([state._esm], { type: "text/javascript" });
    const widget = (await import(URL.createObjectURL(text))).default;
    const begun = performance.now();
    await widget.initialize?.({ model });
    started.push(performance.now() - begun);
    const el = document.createElement("div");
    document.body.append(el);
    await widget.render?.({ model, el });
    window.change[kind] = (key, value) => {
      state[key] = value;
      for (const event of [`change:${key}`, "change"]) (listeners[event] ?? []).forEach((f) => f());
    };
  }
  return started;
}
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return make_environment(tmp_path_factory.mktemp("colab") / "environment")


@pytest.fixture
def sent(python, monkeypatch):
    """Printed versions and sentences, and every widget's state as the kernel sent it."""
    return run_cells(python, [VERSIONS, EXPLORER, MOVED], monkeypatch)


def by_kind(states: dict) -> dict:
    """The states of the widgets with a script, by what they are."""
    known = {"drawing": "figure", "version": "library", "specs": "panel", "is_error": "status"}
    return {
        kind: entry
        for entry in states.values()
        for key, kind in known.items()
        if key in entry["state"] and "_esm" in entry["state"]
    }


def test_an_explorer_starts_draws_and_follows_a_move(sent, page):
    (versions, text), states = sent
    assert tuple(versions.splitlines()) == PINS
    found = by_kind(states)
    assert found["status"]["state"]["text"] == text
    assert found["library"]["state"]["version"].startswith("2.")  # that of plotly 5

    page.set_content("<body style='width: 900px'></body>")
    kinds = ("library", "panel", "figure", "status")
    started_ms = page.evaluate(DRAW, [json.loads(json.dumps(found)), list(kinds)])
    assert max(started_ms) < 500  # anywidget would give up after 2000
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data?.length")
    drawn = page.evaluate("document.querySelector('.js-plotly-plot').data.map((t) => t.name)")
    assert drawn == [trace.get("name") for trace in found["figure"]["state"]["drawing"]["data"]]
    assert page.locator(".tinylab-live").inner_text() == text
    assert page.locator("select").count() and page.locator("input[type=range]").count()

    page.evaluate("change.status('text', 'Another sentence.')")
    assert page.locator(".tinylab-live").inner_text() == "Another sentence."
    page.evaluate("change.figure('drawing', {data: [{y: [1, 2, 3]}], layout: {height: 300}})")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').data.length === 1")
