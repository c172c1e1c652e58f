"""Finds a C compiler and calls it: for this computer, and for the Cortex-M4.

The `ziglang` wheel brings a clang that compiles for both, so nothing has to be installed by hand.
"""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_KERNELS = Path(__file__).resolve().parent / "kernels"
_INCLUDES = tuple(
    f"-I{_KERNELS / folder}" for folder in (".", "dsp", "s16", "f32", "shifted", "front_end")
)
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Werror")
CORTEX_M4 = ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m4")
_BARE_METAL = (
    "-fno-sanitize=undefined",
    "-ffreestanding",
    "-fno-builtin",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-unwind-tables",
    "-fno-unroll-loops",
    "-fomit-frame-pointer",
)
_TIMEOUT_S = 300
_INSTALL_ZIG = "install the compiler with: pip install ziglang==0.17.1"


def has_zig() -> bool:
    """Whether the `ziglang` wheel is installed."""
    return importlib.util.find_spec("ziglang") is not None


def zig() -> list[str]:
    """The command of the `ziglang` wheel's C compiler."""
    if not has_zig():
        raise RuntimeError(f"the ziglang wheel is missing; {_INSTALL_ZIG}")
    (folder,) = importlib.util.find_spec("ziglang").submodule_search_locations
    return [str(Path(folder) / "zig"), "cc"]


def host_compiler() -> list[str]:
    """A C compiler for this computer: the `ziglang` wheel's, else cc, gcc or clang."""
    if has_zig():
        return zig()
    for name in ("cc", "gcc", "clang"):
        path = shutil.which(name)
        if path:
            return [path]
    raise RuntimeError(f"there is no C compiler on this computer; {_INSTALL_ZIG}")


def build_shared_library(sources: Sequence[Path], output: Path) -> Path:
    """Compile sources for this computer into a library that `ctypes` loads.

    Returns
    -------
    Path
        `output` with the suffix of this system.
    """
    suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    target = output.with_suffix(suffix)
    position = () if sys.platform == "win32" else ("-fPIC",)
    command = [
        *host_compiler(),
        "-shared",
        *position,
        "-O2",
        "-fno-sanitize=undefined",
        *WARNINGS,
        *_INCLUDES,
    ]
    compile_c([*command, *map(str, sources), "-o", str(target)])
    return target


def build_firmware(
    sources: Sequence[Path], script: Path, output: Path, *, optimize: str = "-O2"
) -> Path:
    """Compile sources for the Cortex-M4 and link them with the linker script `script`."""
    command = [*zig(), *CORTEX_M4, optimize, "-g", *_BARE_METAL, *WARNINGS, *_INCLUDES]
    link = ["-Wl,--gc-sections", f"-Wl,-T,{script}", "-Wl,--entry=reset"]
    compile_c([*command, *map(str, sources), *link, "-o", str(output)])
    return output


def build_web_assembly(sources: Sequence[Path], output: Path, exports: Sequence[str]) -> Path:
    """Compile sources into a WebAssembly module that needs nothing from its page."""
    link = ["-nostdlib", "-Wl,--no-entry", *(f"-Wl,--export={name}" for name in exports)]
    command = [*zig(), "-target", "wasm32-freestanding", "-O2", "-fno-sanitize=undefined"]
    compile_c([*command, *WARNINGS, *_INCLUDES, *map(str, sources), *link, "-o", str(output)])
    return output


def compile_c(command: Sequence[str]) -> None:
    """Run a compiler; RuntimeError with its first complaint if it fails."""
    done = run_tool(command, "the C compiler")
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if "error" in line]
        reason = complaints[0] if complaints else done.stderr.strip()[-300:]
        raise RuntimeError(f"the C compiler failed: {reason}")


def run_tool(command: Sequence[str], name: str) -> subprocess.CompletedProcess:
    """Run a program and keep what it prints; RuntimeError if it takes more than five minutes."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{name} did not finish in {_TIMEOUT_S} s") from error
