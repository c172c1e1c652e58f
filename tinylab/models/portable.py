"""`.keras` files that other versions of Keras read, too.

Keras writes every argument of every layer into a file, the newest ones as well, and an older Keras
refuses what it does not know. An argument that has its default says nothing, so it is left out.
"""

import inspect
import json
import zipfile
from pathlib import Path

import keras

from tinylab.files import replacing

__all__ = ["leave_defaults_out"]

CONFIG = "config.json"


def leave_defaults_out(path: str | Path) -> None:
    """Rewrite a `.keras` file without the arguments that have their defaults.

    Parameters
    ----------
    path : path
        The weights in it stay as they are.
    """
    with zipfile.ZipFile(path) as old, replacing(path) as temporary:
        with zipfile.ZipFile(temporary, "w") as new:
            for entry in old.infolist():
                content = old.read(entry)
                if entry.filename == CONFIG:
                    content = json.dumps(_telling(json.loads(content))).encode()
                new.writestr(entry, content)


def _telling(part):
    """A part of the configuration with only those arguments that say something."""
    if isinstance(part, list):
        return [_telling(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {name: _telling(value) for name, value in part.items()}
    if str(part.get("module")).startswith("keras.") and isinstance(part.get("config"), dict):
        usual = _defaults(part["module"], part["class_name"])
        part["config"] = {
            name: value
            for name, value in part["config"].items()
            if name not in usual or usual[name] != value
        }
    return part


def _defaults(module: str, name: str) -> dict:
    """The defaults of a class of Keras' own, none for what is not public."""
    public = keras
    for step in (*module.split(".")[1:], name):
        public = getattr(public, step, None)
    if public is None:
        return {}
    arguments = inspect.signature(public.__init__).parameters.values()
    return {each.name: each.default for each in arguments if each.default is not each.empty}
