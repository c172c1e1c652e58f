"""A Cortex-M4 without a board: memory, registers, and calls of single functions."""

import ctypes
import importlib.util

from tinylab.deploy.emulator.counting import BlockCounter, NativeHook
from tinylab.deploy.emulator.elf import Elf

FLASH, RAM = 0x08000000, 0x20000000
_REGION_BYTES = 32 * 2**20
_STACK_BYTES = 2**16
_PAINT = b"\xa5"
_TIMEOUT_US = 600 * 10**6


class Machine:
    """Runs functions of a program.

    Parameters
    ----------
    elf : Elf
        A program linked with `cortex_m4.ld`.

    Raises
    ------
    RuntimeError
        The `unicorn` wheel is missing, or the program does something the chip cannot.
    """

    def __init__(self, elf: Elf):
        if importlib.util.find_spec("unicorn") is None:
            raise RuntimeError("the unicorn wheel is missing: pip install unicorn==2.1.4")
        import unicorn
        from unicorn import arm_const

        self._unicorn, self._registers = unicorn, arm_const
        self._elf = elf
        self._uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M4)
        for start in (FLASH, RAM):
            self._uc.mem_map(start, _REGION_BYTES)
        for address, content in elf.segments:
            self._uc.mem_write(address, content)
        self._idle = elf.symbols["idle"].address
        self._stack_top = elf.symbols["stack_top"].address
        self._run(elf.symbols["reset"].address)
        self.clear_stack()

    def call(self, function: str) -> int:
        """Call a function without arguments; returns its r0."""
        return self._run(self._elf.symbols[function].address)

    def _run(self, address: int) -> int:
        registers = self._registers
        self._uc.reg_write(registers.UC_ARM_REG_SP, self._stack_top)
        self._uc.reg_write(registers.UC_ARM_REG_LR, self._idle | 1)
        try:
            self._uc.emu_start(address | 1, self._idle, timeout=_TIMEOUT_US)
        except self._unicorn.UcError as error:
            raise RuntimeError(f"the emulated program failed: {error}") from error
        if self._uc.reg_read(registers.UC_ARM_REG_PC) & ~1 != self._idle:
            raise RuntimeError("the emulated program did not come to an end")
        return self._uc.reg_read(registers.UC_ARM_REG_R0)

    def read(self, address: int, size: int) -> bytes:
        return bytes(self._uc.mem_read(address, size))

    def write(self, address: int, content: bytes) -> None:
        self._uc.mem_write(address, content)

    def clear_stack(self) -> None:
        """Paint the stack, so that `stack_bytes` sees what is used from now on."""
        self.write(self._stack_top - _STACK_BYTES, _PAINT * _STACK_BYTES)

    def stack_bytes(self) -> int:
        """The deepest the stack has been."""
        return _used(self.read(self._stack_top - _STACK_BYTES, _STACK_BYTES)[::-1])

    def used_bytes(self, address: int, size: int, action) -> int:
        """How far from `address` on `action()` writes, out of `size` bytes."""
        before = self.read(address, size)
        self.write(address, _PAINT * size)
        action()
        used = _used(self.read(address, size))
        self.write(address, before)
        return used

    def attach(self, counter: BlockCounter) -> bool:
        """Count from now on; returns whether the fast native counter could be used.

        Code that ran before is translated already and would not be counted: that is thrown away.
        """
        self._uc.ctl_flush_tb()
        pointer = NativeHook.pointer()
        if pointer is None:
            self._uc.hook_add(self._unicorn.UC_HOOK_BLOCK, counter.count_block)
            return False
        from unicorn.unicorn_py3 import unicorn as bindings

        handle = ctypes.c_size_t()
        status = bindings.uclib.uc_hook_add(
            self._uc._uch,
            ctypes.byref(handle),
            self._unicorn.UC_HOOK_BLOCK,
            pointer,
            ctypes.byref(counter.fields),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status:
            raise RuntimeError(f"the emulator refused the block counter (code {status})")
        return True


def _used(memory: bytes) -> int:
    """Bytes up to the last one that does not carry the paint."""
    return len(memory.rstrip(_PAINT))
