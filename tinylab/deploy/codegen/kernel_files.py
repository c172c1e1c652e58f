"""Which files of `kernels/` a program needs."""

import re
from collections.abc import Iterable
from pathlib import Path

KERNELS = Path(__file__).resolve().parent.parent / "kernels"
FOLDERS = (KERNELS, *(KERNELS / name for name in ("dsp", "s16", "f32", "shifted", "front_end")))

_STANDARD = frozenset(
    "assert ctype errno float limits math setjmp signal stdint stdio stdlib string time".split()
)
_BUILD = frozenset("all clean help install main package test timer".split())
_INCLUDE = re.compile(r'^#include "(.+?)"$', re.MULTILINE)


def kernel_files(kernels: Iterable[str]) -> tuple[Path, ...]:
    """The kernels, the headers they include, and the C files that belong to those headers.

    Parameters
    ----------
    kernels : iterable of str
        C files below `KERNELS`.

    Returns
    -------
    tuple of Path
        By name; no two have the same name.
    """
    waiting, paths = [KERNELS / kernel for kernel in kernels], {}
    while waiting:
        path = waiting.pop()
        if path.name in paths:
            continue
        paths[path.name] = path
        waiting.extend(_find(name) for name in _INCLUDE.findall(path.read_text(encoding="utf-8")))
        if path.suffix == ".h" and path.with_suffix(".c").exists():
            waiting.append(path.with_suffix(".c"))
    return tuple(paths[name] for name in sorted(paths))


def _find(name: str) -> Path:
    return next(folder / name for folder in FOLDERS if (folder / name).exists())


def free_name(name: str) -> str:
    """`name`, or "model_" before it if a kernel, the C library or the build has that name.

    >>> free_name("softmax"), free_name("kws")
    ('model_softmax', 'kws')
    """
    kernels = {path.stem for folder in FOLDERS for path in folder.glob("*.[ch]")}
    return f"model_{name}" if name in kernels | _STANDARD | _BUILD else name
