"""Parts of a long measurement, kept in a folder, so that a run that was stopped goes on."""

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinylab.files import replacing

__all__ = ["kept"]


def kept(path: Path, make: Callable[[], Any]) -> Any:
    """What an earlier run of this recipe left there, or what is made now, with its time.

    Parameters
    ----------
    path : path
    make : callable () -> anything that can be pickled
        In a dict, "cpu_s" becomes the processor seconds that it took.
    """
    if path.is_file():
        return pickle.loads(path.read_bytes())  # our own file, in the author's folder
    started = time.process_time()
    made = make()
    if isinstance(made, dict) and "cpu_s" in made:
        made["cpu_s"] = round(time.process_time() - started, 1)
    with replacing(path) as temporary:
        temporary.write_bytes(pickle.dumps(made))
    return made
