"""An emulated device with a boot loader, two slots and a debug port.

The boot loader is C that runs on the emulated Cortex-M4; slots and counter lie where that program
keeps them. Locking the debug port is modelled: a real chip's lock is in its hardware.
"""

from dataclasses import dataclass
from pathlib import Path

from tinylab.deploy.emulator.emulation import build
from tinylab.deploy.emulator.machine import Machine
from tinylab.security.firmware.signing import HEIGHT, image_overhead, version_of

__all__ = ["VERDICTS", "Boot", "Device", "models_in"]

SOURCE = Path(__file__).with_name("bootloader.c")
VERDICTS = ("valid", "empty", "damaged header", "wrong signature", "older than what ran before")
TFLITE_MARK = b"TFL3"


@dataclass(frozen=True)
class Boot:
    """What the boot loader decided.

    Attributes
    ----------
    slot : int or None
        The one that runs; None where neither may.
    version : int or None
    verdicts : tuple of str
        On each slot.
    """

    slot: int | None
    version: int | None
    verdicts: tuple[str, str]


class Device:
    """A device that runs signed models.

    Parameters
    ----------
    root : bytes
        The maker's public key, `SigningKey.root`.
    slot_bytes : int
        Room of an image.
    locked : bool
        Whether the debug port refuses to read.

    Raises
    ------
    RuntimeError
        The compiler or the emulator is missing.
    """

    def __init__(self, root: bytes, *, slot_bytes: int = 2**16, locked: bool = False):
        self.slot_bytes, self.locked = slot_bytes, locked
        self._elf = build(_writer(root, slot_bytes), ["boot"])
        self._machine = Machine(self._elf)

    def update(self, image: bytes, slot: int) -> None:
        """Write an image into a slot, as anybody can who reaches the update port.

        Raises
        ------
        ValueError
            No such slot, or an image that is larger than it.
        """
        if slot not in (0, 1):
            raise ValueError(f"there are slots 0 and 1, not {slot}")
        if len(image) > self.slot_bytes:
            raise ValueError(f"the image has {len(image):,} bytes, a slot {self.slot_bytes:,}")
        erased = image + b"\xff" * (self.slot_bytes - len(image))
        self._machine.write(self._address("slots") + slot * self.slot_bytes, erased)

    def boot(self) -> Boot:
        """Reset, let the boot loader choose, and say what it chose."""
        answer = self._machine.call("boot")
        codes = self._machine.read(self._address("verdicts"), 8)
        verdicts = tuple(VERDICTS[int.from_bytes(codes[i : i + 4], "little")] for i in (0, 4))
        slot = answer if answer in (0, 1) else None
        version = None if slot is None else version_of(self._slot(slot))
        return Boot(slot, version, verdicts)

    def running_model(self) -> bytes:
        """The payload of the slot that `boot` would choose now.

        Raises
        ------
        RuntimeError
            Neither slot may run.
        """
        started = self.boot()
        if started.slot is None:
            raise RuntimeError(f"nothing may run: {', '.join(started.verdicts)}")
        image = self._slot(started.slot)
        size = int.from_bytes(image[8:12], "little")
        return image[image_overhead() : image_overhead() + size]

    def read_out(self) -> bytes:
        """All of the flash, through the debug port.

        Raises
        ------
        PermissionError
            The port is locked.
        """
        if self.locked:
            raise PermissionError("the debug port is locked: this device does not give its flash")
        program = b"".join(content for _, content in self._elf.segments)
        return program + self._slot(0) + self._slot(1)

    def _slot(self, slot: int) -> bytes:
        return self._machine.read(self._address("slots") + slot * self.slot_bytes, self.slot_bytes)

    def _address(self, symbol: str) -> int:
        return self._elf.symbols[symbol].address


def models_in(flash: bytes) -> list[bytes]:
    """The `.tflite` programs that lie in a read-out, found by their mark.

    Each begins four bytes before its mark; what follows a program does not disturb a reader.
    """
    programs, at = [], flash.find(TFLITE_MARK)
    while at >= 0:
        if at >= 4:
            programs.append(flash[at - 4 :])
        at = flash.find(TFLITE_MARK, at + 1)
    return programs


def _writer(root: bytes, slot_bytes: int):
    """The function that puts the boot loader's sources into a folder."""
    if len(root) != 32:
        raise ValueError(f"a root has 32 bytes, not {len(root)}")
    settings = (
        f"#define ROOT {{{', '.join(map(str, root))}}}\n"
        f"#define SLOT_BYTES {slot_bytes}\n#define TREE_HEIGHT {HEIGHT}\n"
    )

    def write(folder) -> list[Path]:
        path = Path(folder) / "bootloader.c"
        path.write_text(settings + SOURCE.read_text(encoding="utf-8"), encoding="utf-8")
        return [path]

    return write
