"""Runs a generated program on an emulated Cortex-M4 and measures it."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from tqdm.auto import tqdm

from tinylab.deploy import toolchain
from tinylab.deploy.codegen import CProgram
from tinylab.deploy.codegen.port import arrays, joined
from tinylab.deploy.emulator.counting import BlockCounter, Profile
from tinylab.deploy.emulator.elf import Elf, read_elf
from tinylab.deploy.emulator.machine import Machine
from tinylab.deploy.emulator.real_chip import CycleFactor, cycle_factor

_FOLDER = Path(__file__).resolve().parent
_PROGRESS_AFTER_S = 2.0


@dataclass(frozen=True)
class OpProfile:
    """Instructions and cycles of one operator, averaged over the examples.

    The front end, if the program has one, comes first as operator -1 of the kind "front_end".
    """

    op: int
    kind: str
    kernel: str
    profile: Profile


@dataclass(frozen=True, eq=False)
class Emulation:
    """What the emulated chip answered, and what it took.

    Parameters
    ----------
    outputs : ndarray of the output's type, shape (n, ...)
        A tuple of arrays if the model has several outputs.
    instructions : int
        Executed for one inference (measured; the average over the examples).
    by_class : mapping of str to int
        The same by class of instruction.
    cycles, cycles_low, cycles_high : int
        Modelled from the reference manual's timings, without wait states; times carry a factor for
        what the instructions of this program wait, see `real_chip`.
    per_op : tuple of OpProfile
    stack_bytes, arena_bytes : int
        The most of the stack and of the arena that was written (measured).
    flash_bytes : mapping of str to int
        Bytes by section: ".text" is code, ".rodata" weights and tables.
    ram_bytes : int
        Static RAM (".data" and ".bss"): the arena, and the sound if there is a front end. The stack
        comes on top.
    seconds : float
        Wall-clock time of the emulation, all examples.
    """

    outputs: np.ndarray
    instructions: int
    by_class: MappingProxyType
    cycles: int
    cycles_low: int
    cycles_high: int
    per_op: tuple[OpProfile, ...]
    stack_bytes: int
    arena_bytes: int
    flash_bytes: MappingProxyType
    ram_bytes: int
    seconds: float

    @property
    def total_flash_bytes(self) -> int:
        return sum(self.flash_bytes.values())

    @property
    def cycle_factor(self) -> CycleFactor:
        """From emulated cycles to those of a real chip, for this program's mix of instructions."""
        return cycle_factor(self.cycles, self.by_class)

    def latency_ms(self, clock_MHz: float) -> float:
        """Modelled time of one inference at a clock, with the factor of a real chip."""
        return self.cycles * self.cycle_factor.factor / (clock_MHz * 1e3)

    def latency_range_ms(self, clock_MHz: float) -> tuple[float, float]:
        """From the least to the most that it may take: both ends of the factor's range."""
        each, factor = self.cycles / (clock_MHz * 1e3), self.cycle_factor
        return each * factor.low, each * factor.high


class Emulator:
    """A program compiled for the Cortex-M4, ready to run.

    Parameters
    ----------
    program : CProgram
    optimize : str
        The compiler's level of optimization.

    Raises
    ------
    RuntimeError
        The `ziglang` or the `unicorn` wheel is missing.
    """

    def __init__(self, program: CProgram, *, optimize: str = "-O2"):
        self._program = program
        self._invoke = f"{program.name}_invoke"
        self._reset = f"{program.name}_reset" if program.state_bytes else None
        inputs = [program.accessor("input", i) for i in range(len(program.inputs))]
        outputs = [program.accessor("output", i) for i in range(len(program.outputs))]
        names = [self._invoke, *filter(None, [self._reset]), *inputs, *outputs]
        self.elf = build(program.write_for_build, names, optimize=optimize)
        self._machine = Machine(self.elf)
        self._inputs = [self._machine.call(name) for name in inputs]
        self._outputs = [self._machine.call(name) for name in outputs]
        self._counter = BlockCounter(self.elf, self._invoke)
        self._machine.attach(self._counter)
        self._arena_bytes: int | None = None

    def run(self, x: np.ndarray) -> Emulation:
        """Run inferences, with a progress bar if they take more than two seconds.

        Parameters
        ----------
        x : ndarray of the model's input type, shape (n, ...) or the input's shape
            A tuple of arrays if the model has several inputs; a stream if it has state.

        Returns
        -------
        Emulation
        """
        program = self._program
        examples = list(zip(*arrays(x, program.inputs), strict=True))
        if self._arena_bytes is None:
            self._arena_bytes = self._measure_arena(examples[0])
        if self._reset:
            self._machine.call(self._reset)
        self._counter.clear()
        self._machine.clear_stack()
        started = time.perf_counter()
        bar = tqdm(examples, desc="emulated inferences", delay=_PROGRESS_AFTER_S, leave=False)
        rows = [self._infer(example) for example in bar]
        seconds = time.perf_counter() - started
        columns = [list(column) for column in zip(*rows, strict=True)]
        return self._result(joined(columns, program.outputs), len(examples), seconds)

    def _infer(self, example: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        for address, values in zip(self._inputs, example, strict=True):
            self._machine.write(address, values.tobytes())
        self._machine.call(self._invoke)
        outputs = []
        for address, port in zip(self._outputs, self._program.outputs, strict=True):
            size = port.elements * np.dtype(port.dtype).itemsize
            outputs.append(np.frombuffer(self._machine.read(address, size), port.dtype))
        return outputs

    def _measure_arena(self, example: tuple[np.ndarray, ...]) -> int:
        arena = self.elf.symbols["arena"]
        return self._machine.used_bytes(
            arena.address, arena.size_bytes, lambda: self._infer(example)
        )

    def _kind(self, index: int) -> str:
        return "front_end" if index < 0 else self._program.graph.ops[index].kind

    def _kernel(self, index: int) -> str:
        """The names of the functions, each once."""
        return ", ".join(dict.fromkeys(call.function for call in self._program.calls[index]))

    def _result(self, outputs, count: int, seconds: float) -> Emulation:
        profiles = [_average(p, count) for p in self._counter.profiles()]
        calls = list(self._program.all_calls())
        profiles[len(calls) - 1 :] = [_sum(profiles[len(calls) - 1 :])]
        by_op: dict[int, list[Profile]] = {}
        for (index, _), profile in zip(calls, profiles, strict=True):
            by_op.setdefault(index, []).append(profile)
        total = _sum(profiles)
        sections = self.elf.sections
        flash = {name: size for name, (_, size) in sections.items() if name != ".bss" and size}
        return Emulation(
            outputs=outputs,
            instructions=total.instructions,
            by_class=total.by_class,
            cycles=total.cycles,
            cycles_low=total.cycles_low,
            cycles_high=total.cycles_high,
            per_op=tuple(
                OpProfile(index, self._kind(index), self._kernel(index), _sum(parts))
                for index, parts in by_op.items()
            ),
            stack_bytes=self._machine.stack_bytes(),
            arena_bytes=self._arena_bytes,
            flash_bytes=MappingProxyType(flash),
            ram_bytes=sum(sections[name][1] for name in (".data", ".bss") if name in sections),
            seconds=seconds,
        )


def emulate(program: CProgram, x: np.ndarray) -> Emulation:
    """Compile a program for the Cortex-M4 and run inferences on it; see `Emulator`."""
    return Emulator(program).run(x)


def build(write, functions: list[str], *, optimize: str = "-O2") -> Elf:
    """Compile and link a program whose `functions` the emulator will call.

    Parameters
    ----------
    write : callable
        `write(folder)` puts sources there and returns the C files to compile.
    functions : list of str
    optimize : str
    """
    with tempfile.TemporaryDirectory(prefix="tinylab-") as name:
        folder = Path(name)
        entries = folder / "entries.c"
        entries.write_text(_entries(functions), encoding="utf-8")
        sources = [*write(folder), entries, _FOLDER / "startup.c"]
        target = folder / "program.elf"
        toolchain.build_firmware(sources, _FOLDER / "cortex_m4.ld", target, optimize=optimize)
        return read_elf(target.read_bytes())


def _entries(functions: list[str]) -> str:
    """A table that keeps functions in the program although nothing there calls them."""
    declarations = "\n".join(f"void {function}(void);" for function in functions)
    table = f"void (*const entries[])(void) = {{{', '.join(functions)}}};"
    return f'{declarations}\n__attribute__((section(".entries"), used)) {table}\n'


def _average(profile: Profile, count: int) -> Profile:
    classes = {name: round(n / count) for name, n in profile.by_class.items()}
    values = (profile.cycles, profile.cycles_low, profile.cycles_high)
    cycles = (round(value / count) for value in values)
    return Profile(sum(classes.values()), MappingProxyType(classes), *cycles)


def _sum(profiles: list[Profile]) -> Profile:
    classes: dict[str, int] = {}
    for profile in profiles:
        for name, count in profile.by_class.items():
            classes[name] = classes.get(name, 0) + count
    return Profile(
        sum(p.instructions for p in profiles),
        MappingProxyType(classes),
        sum(p.cycles for p in profiles),
        sum(p.cycles_low for p in profiles),
        sum(p.cycles_high for p in profiles),
    )
