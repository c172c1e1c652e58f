"""A Cortex-M4 on this computer: runs generated C and counts every instruction.

In: a `CProgram` and inputs. Out: an `Emulation` with the outputs, the executed instructions by
class and by operator, estimated cycles, and what was used of stack, arena and flash.
"""

from tinylab.deploy.emulator.counting import Profile
from tinylab.deploy.emulator.emulation import Emulation, Emulator, OpProfile, emulate
from tinylab.deploy.emulator.real_chip import CycleFactor, Waits, cycle_factor, fit_waits

__all__ = [
    "CycleFactor",
    "Emulation",
    "Emulator",
    "OpProfile",
    "Profile",
    "Waits",
    "cycle_factor",
    "emulate",
    "fit_waits",
]
