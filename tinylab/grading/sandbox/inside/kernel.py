"""The kernel that runs a student's code, lean to start, with message types of its own.

Run as ``python kernel.py CONNECTION_FILE OUTPUT_LIMIT PLAIN_DATA`` from a file of its own. To what
every IPython kernel understands it adds ``tinylab_call_request``: call a function of the student's
with arguments given as bytes of plain data, and send back its result in the same way, or the
error's name and text; and ``tinylab_forbid_request``: put a guard before functions of the library.
"""

import gc

gc.disable()  # until all is imported: what is loaded once need not be looked through again

import importlib.abc
import importlib.util
import inspect
import sys
import warnings
from importlib.machinery import PathFinder
from types import ModuleType

for unused in ("jedi", "debugpy", "matplotlib_inline.backend_inline"):
    sys.modules.setdefault(unused, None)  # completion and debugging: a third of the start-up time

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell

TEXT_LIMIT = 400  # characters of an error's text


def _loaded(path: str):
    """The module in a file, without the package that it belongs to."""
    spec = importlib.util.spec_from_file_location("_tinylab_plain_data", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plain_data: ModuleType  # loaded by `main` from the file that is its third argument


class CappedStream(OutStream):
    """A stream that swallows what is printed beyond a limit, which the grader sees passed.

    A flush sends a message however little was printed, so it counts as `FLUSH` characters.
    """

    FLUSH = 500
    limit = 1_000_000
    spent = 0

    def write(self, string: str) -> int:
        if CappedStream.spent > CappedStream.limit:
            return len(string)
        CappedStream.spent += len(string)
        written = super().write(string[: CappedStream.limit])
        if CappedStream.spent > CappedStream.limit:
            super().flush()  # the last that is sent of this cell
        return written

    def flush(self) -> None:
        if CappedStream.spent <= CappedStream.limit:
            CappedStream.spent += CappedStream.FLUSH
            super().flush()


class GradedShell(ZMQInteractiveShell):
    """A shell in which `exit()` ends a cell, as an exception does, and not the kernel."""

    def ask_exit(self):
        raise SystemExit(0)


class GradedKernel(IPythonKernel):
    """An IPython kernel that can also be asked to call a function."""

    shell_class = GradedShell
    msg_types = [*IPythonKernel.msg_types, "tinylab_call_request", "tinylab_forbid_request"]

    async def execute_request(self, stream, ident, parent):
        """Run a cell, with the whole limit of output."""
        CappedStream.spent = 0
        await super().execute_request(stream, ident, parent)

    def tinylab_forbid_request(self, stream, ident, parent) -> None:
        """Guard library functions that answer an exercise, before anything imports them."""
        guards.watch(parent["content"]["names"])
        self.session.send(stream, "tinylab_forbid_reply", {}, parent, ident=ident)

    def tinylab_call_request(self, stream, ident, parent) -> None:
        """Call a function and send back what it returned."""
        content = parent["content"]
        CappedStream.spent = 0
        guards.active = frozenset(content["forbidden"])
        try:
            arguments = [plain_data.decode(bytes(part), len(part)) for part in parent["buffers"]]
            outcome, result = _call(self.shell.user_ns, content, arguments)
        finally:
            guards.active = frozenset()
        buffers = [] if result is None else [result]
        self.session.send(
            stream, "tinylab_call_reply", outcome, parent, ident=ident, buffers=buffers
        )


def _call(names: dict, content: dict, arguments: list) -> tuple:
    """What came of a call, as a message's content and the result's bytes."""
    args, kwargs = arguments
    try:
        function = names.get(content["function"])
        if not callable(function):
            return {"outcome": "missing"}, None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = function(*args, **kwargs)
    except BaseException as error:  # also SystemExit and KeyboardInterrupt: the kernel must go on
        return {"outcome": "raised", "name": _name(error), "text": _text(error)}, None
    try:
        return {"outcome": "returned"}, plain_data.encode(result, content["limit"])
    except plain_data.NotPlain as error:
        return {"outcome": "unfit", "text": str(error)}, None
    except BaseException as error:
        text = f"the result could not be read ({_name(error)})."
        return {"outcome": "unfit", "text": text}, None


def _name(error: BaseException) -> str:
    """The error's class, or for a student's own the nearest built-in one above it too."""
    built_in = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    name = type(error).__name__
    return name if built_in is type(error) else f"{name} ({built_in.__name__})"


def _text(error: BaseException) -> str:
    try:
        return str(error)[:TEXT_LIMIT]
    except BaseException:
        return ""


class Guards(importlib.abc.MetaPathFinder):
    """Puts a guard before library functions that an answer may not call, as they are imported."""

    def __init__(self):
        self.watched: dict[str, list[str]] = {}
        self.active: frozenset = frozenset()

    def watch(self, names: list) -> None:
        """Guard these dotted names, most of them of modules not yet imported."""
        for name in names:
            module, _, attribute = name.rpartition(".")
            self.watched.setdefault(module, []).append(attribute)
            if sys.modules.get(module) is not None:
                self._guard(sys.modules[module])
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.watched:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_guard(module):
                execute(module)
                self._guard(module)

            spec.loader.exec_module = execute_and_guard
        return spec

    def _guard(self, module) -> None:
        for attribute in self.watched[module.__name__]:
            original = getattr(module, attribute, None)
            name = f"{module.__name__}.{attribute}"
            if isinstance(original, type):  # it stays a class, that others may inherit from
                original.__init__ = self._guarded(original.__init__, name)
            elif callable(original):
                setattr(module, attribute, self._guarded(original, name))

    def _guarded(self, original, name: str):
        def guarded(*args, **kwargs):
            if name in self.active:
                raise RuntimeError(f"{name} may not be called here: write it yourself")
            return original(*args, **kwargs)

        # Not functools.wraps, which would leave the original one attribute away.
        guarded.__name__ = guarded.__qualname__ = name.rpartition(".")[2]
        guarded.__doc__ = original.__doc__
        try:
            guarded.__signature__ = inspect.signature(original)
        except (ValueError, TypeError):
            return guarded
        return guarded


guards = Guards()


class GradedKernelApp(IPKernelApp):
    """The kernel's application, without what only a person at a keyboard needs."""

    def load_config_file(self, suppress_errors=True):
        """The same kernel on every machine: nobody's configuration."""

    def init_gui_pylab(self):
        """No pictures on a screen."""

    def init_extensions(self):
        """No extensions but those a cell loads."""

    def init_signal(self):
        """Signals keep their usual meaning."""


def main() -> None:
    from traitlets.config import Config

    global plain_data
    plain_data = _loaded(sys.argv[3])

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.IPCompleter.use_jedi = False
    app = GradedKernelApp(config=config, kernel_class=GradedKernel, log_level="CRITICAL")
    app.outstream_class = f"{__name__}.CappedStream"
    app.connection_file, CappedStream.limit = sys.argv[1], int(sys.argv[2])
    app.initialize([])
    sys.argv[:] = [""]
    gc.freeze()
    gc.enable()
    app.start()


if __name__ == "__main__":
    main()
