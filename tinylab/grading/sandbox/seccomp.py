"""A filter on system calls: none of those that open ways around the sandbox's limits.

What is refused would hold memory that no process owns (memfd, SysV shared memory), make namespaces
or mounts, look into other processes, load code into the host's kernel, or speak to the machine
below (vsock). Everything else passes.
"""

import struct

__all__ = ["call_filter"]

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT, ARGUMENT_AT = 0, 4, 16
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
NEW_NAMESPACES = 0x7E020000
FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink: the last three reach nothing in here

# Numbers on x86_64 and aarch64, from the kernel's tables.
REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "fanotify_init": (300, 262),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)


def call_filter(machine: str) -> bytes | None:
    """The filter as the kernel reads it, 8 bytes an instruction, or None for another machine."""
    return b"".join(_rules(machine)) if machine in ARCHITECTURES else None


def _rules(machine: str) -> list:
    """The filter, one instruction an element."""
    which, architecture = ARCHITECTURES[machine]
    program = [
        _step(LOAD, ARCHITECTURE_AT),
        _step(EQUAL, architecture, 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER_AT),
        _step(AT_LEAST, 0x40000000, 0, 1),  # the x32 table, which nothing uses
        _step(RETURN, REFUSE | ENOSYS),
    ]
    for numbers in REFUSED.values():
        program += [_step(EQUAL, numbers[which], 0, 1), _step(RETURN, REFUSE | EPERM)]
    # clone3 hides its flags from filters; without it the C library falls back to clone.
    program += [_step(EQUAL, CLONE3[which], 0, 1), _step(RETURN, REFUSE | ENOSYS)]
    program += [
        _step(EQUAL, CLONE[which], 0, 4),
        _step(LOAD, ARGUMENT_AT),
        _step(ANY_BIT, NEW_NAMESPACES, 0, 1),
        _step(RETURN, REFUSE | EPERM),
        _step(RETURN, ALLOW),
    ]
    program += [_step(EQUAL, SOCKET[which], 0, len(FAMILIES) + 3), _step(LOAD, ARGUMENT_AT)]
    for index, family in enumerate(FAMILIES):
        program.append(_step(EQUAL, family, len(FAMILIES) - index, 0))
    program.append(_step(RETURN, REFUSE | EAFNOSUPPORT))
    return [*program, _step(RETURN, ALLOW), _step(RETURN, ALLOW)]


def _step(code: int, value: int, jump_if: int = 0, jump_else: int = 0) -> bytes:
    return struct.pack("HBBI", code, jump_if, jump_else, value)
