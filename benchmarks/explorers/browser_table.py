"""The tables of `browser.md`, from what `browser.py` measured."""

from collections.abc import Sequence

from benchmarks.explorers.starving import BUSY

__all__ = ["tables"]

PAINTED_BUDGET_ms, KERNEL_BUDGET_ms = 100, 30
HOW = {"busy": f"{BUSY} busy processes", "stopping": "stopping the browser"}


def tables(known: dict) -> str:
    """The measured figures beside their targets, then those of every explorer, as Markdown."""
    targets = [
        _starved(known["starved"]),
        _sent(known["sent"]),
        _answered(known.get("recording")),
        *_too_late(known["moves"]),
    ]
    return "\n".join(
        [
            "# Explorers in a browser",
            "",
            "Written by `python -m benchmarks.explorers.browser table`.",
            "",
            *_table(("figure", "target", "measured", "load"), targets),
            "",
            "From a moved control to the painted figure, and of that the kernel's part, in ms:",
            "",
            *_table(
                ("explorer", "painted, median", "p95", "kernel, processor p95", "wall p95"),
                _by_explorer(known["moves"]),
            ),
            "",
        ]
    )


def _starved(runs: Sequence[dict]) -> tuple:
    first = runs[0]
    dead, shown, meanwhile = (
        sum(run[key] for run in runs) for key in ("dead", "shown", "meanwhile")
    )
    what = f"dead explorers, {len(runs)} *Run All* of 01/4 starved by {HOW[first['by']]}"
    measured = f"{dead} of {shown} ({meanwhile} of them came up meanwhile)"
    return f"{what} for {first['seconds']:.0f} s", 0, measured, _span([r["load"] for r in runs])


def _sent(sent: dict) -> tuple:
    measured = f"{sent['scripts_MB']} (with all figures and texts {sent['everything_MB']})"
    return "JavaScript sent by a *Run All* of 01/4 (MB)", 6, measured, sent["load"]


def _answered(spoken: dict | None) -> tuple:
    what = "a recording to its answer (ms), median and p95"
    if spoken is None:
        return what, 500, "not measured", ""
    times = (f"{spoken['answered_ms'][key]:.0f}" for key in ("median", "p95"))
    return what, 500, ", ".join(times), spoken["load"]


def _too_late(moves: dict) -> list[tuple]:
    painted = [one["p95"] > PAINTED_BUDGET_ms for one in moves["painted_ms"].values()]
    kernel = [one["processor"]["p95"] > KERNEL_BUDGET_ms for one in moves["kernel_ms"].values()]
    late = f"explorers painted later than {PAINTED_BUDGET_ms} ms after the input (p95)"
    slow = f"explorers whose kernel needs more than {KERNEL_BUDGET_ms} ms of processor time (p95)"
    load = _span(moves["loads"])
    return [
        (what, 0, f"{sum(over)} of {len(over)}", load)
        for what, over in ((late, painted), (slow, kernel))
    ]


def _by_explorer(moves: dict) -> list[tuple]:
    return [
        (name, one["median"], one["p95"], kernel["processor"]["p95"], kernel["wall"]["p95"])
        for name, one in moves["painted_ms"].items()
        for kernel in [moves["kernel_ms"][name]]
    ]


def _table(head: Sequence[str], rows: Sequence[tuple]) -> list[str]:
    lines = [f"| {' | '.join(map(str, line))} |" for line in (head, *rows)]
    return [lines[0], "|---" * len(head) + "|", *lines[1:]]


def _span(loads: Sequence[float]) -> str:
    return f"{min(loads)} to {max(loads)}"
