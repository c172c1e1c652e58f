"""The model as one web page that needs no network: the same C, compiled to WebAssembly.

In: a `CProgram`, and what an inference costs on the Cortex-M4. Out: one HTML file with the program,
a file upload, and the microphone or the camera where the model's input is sound or a picture.
"""

import base64
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from tinylab.deploy import toolchain
from tinylab.deploy.codegen import CProgram, Port, convert
from tinylab.files import replacing
from tinylab.signal.mfcc import MfccConfig

PAGE = "index.html"
_KEYWORDS = MfccConfig()


def with_sound(program: CProgram) -> CProgram:
    """A keyword model with its front end before it; any other program as it is."""
    frames = _KEYWORDS.frame_count(_KEYWORDS.sample_rate_Hz)
    shape = (1, frames, _KEYWORDS.coefficients)
    port = program.input
    if len(program.inputs) > 1 or port.dtype != "int8" or port.shape[:3] != shape:
        return program
    settings = {"kernels": program.kernels, "rounding": program.rounding, "name": program.name}
    return convert(program.graph, front_end=_KEYWORDS, **settings)


def write_page(
    program: CProgram,
    folder: str | Path,
    *,
    instructions: int,
    clock_MHz: float,
    latency_ms: float | None,
    labels: Sequence[str] | None = None,
) -> Path:
    """Write `index.html` into `folder`.

    Parameters
    ----------
    program : CProgram
        With one input.
    folder : path
        Made if need be.
    instructions : int
        Of one inference of the model on the Cortex-M4, shown beside the time in the browser.
    clock_MHz, latency_ms : float, float or None
        Of the board.
    labels : sequence of str, optional
        Names of the outputs; by default their numbers.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ValueError
        The model has several inputs, or another number of outputs than labels.
    RuntimeError
        The `ziglang` wheel is missing.
    """
    if len(program.inputs) > 1:
        raise ValueError(f"a page takes models with one input; {program.name} has several")
    outputs = program.output.elements
    if labels is not None and len(labels) != outputs:
        raise ValueError(f"the model has {outputs} outputs, and there are {len(labels)} labels")
    spoken = with_sound(program)
    settings = {
        "name": program.name,
        "kind": _kind(spoken.input),
        "input": _described(spoken.input),
        "output": _described(spoken.output),
        "labels": list(labels or map(str, range(outputs))),
        "reset": bool(spoken.state_bytes),
        "instructions": instructions,
        "clock_MHz": clock_MHz,
        "latency_ms": latency_ms,
    }
    loader = PackageLoader("tinylab.deploy.export", "templates")
    pages = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
    text = pages.get_template("web.html.j2").render(
        title=program.name,
        settings=json.dumps(settings).replace("<", "\\u003c"),
        module=base64.b64encode(_module(spoken)).decode(),
    )
    page = Path(folder) / PAGE
    with replacing(page) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return page


def _module(program: CProgram) -> bytes:
    """The program as WebAssembly."""
    names = ["invoke", "reset"] if program.state_bytes else ["invoke"]
    exports = [f"{program.name}_{name}" for name in names]
    exports += [program.accessor("input"), program.accessor("output")]
    with tempfile.TemporaryDirectory(prefix="tinylab-") as folder:
        sources = program.write_for_build(folder)
        output = Path(folder) / f"{program.name}.wasm"
        return toolchain.build_web_assembly(sources, output, exports).read_bytes()


def _kind(port: Port) -> str:
    """What the page offers: "sound", "picture", or "numbers"."""
    if port.tensor < 0:
        return "sound"
    is_picture = len(port.shape) == 4 and port.shape[3] in (1, 3) and min(port.shape[1:3]) >= 8
    return "picture" if is_picture else "numbers"


def _described(port: Port) -> dict:
    return {
        "shape": list(port.shape[1:]),
        "dtype": port.dtype,
        "scale": port.scale,
        "zero_point": port.zero_point,
        "elements": port.elements,
    }
