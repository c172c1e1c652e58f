"""Builds the sandbox, starts the kernel inside and watches over it. Linux, stdlib only.

Run as ``python -I -S launcher.py`` with a plan, one line of JSON, on standard input. Two processes
come of it: the outer one, which the grader kills to end everything, and the first process of a PID
namespace of its own, which mounts a private view of the files, starts the kernel without any
privilege, and kills all there is when it ends or uses too much. Words for the grader go to the
status pipe, one line each: "first PID", "error ...", "memory", "processes", "ended".
"""

import ctypes
import json
import os
import signal
import socket
import struct
import sys
import time

NEWNS, NEWUTS, NEWIPC, NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
NEWPID, NEWNET, NEWCGROUP = 0x20000000, 0x40000000, 0x2000000
RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
REMOUNT, BIND, REC, PRIVATE, DETACH = 32, 4096, 16384, 1 << 18, 2
SET_PDEATHSIG, SET_DUMPABLE, CAPBSET_DROP, SET_SECCOMP, SET_NO_NEW_PRIVS = 1, 4, 24, 22, 38
MOUNT_SETATTR, PIVOT_ROOT = 442, {"x86_64": 155, "aarch64": 41}
RECURSIVE, AT_FDCWD = 0x8000, -100
PARKS = ("/mnt", "/media", "/srv", "/opt", "/var/tmp", "/tmp")
KERNEL_SETTINGS = ("bus", "fs", "irq", "sys", "sysrq-trigger")
KERNEL_MEMORY = ("kcore", "keys", "latency_stats", "timer_list", "sched_debug", "kmsg")
WATCH_S = 0.05
INSIDE_ID = 1000
UNUSED_IDS = 1_500_000_000  # as root, every sandbox takes a user id that nobody else has

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def call(what: str, result: int) -> int:
    """The result of a system call; an OSError that says what failed when it is -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def mount(source, target, kind=None, flags=0, data=None) -> None:
    """mount(2), with text for arguments."""
    text = [None if part is None else part.encode() for part in (source, target, kind, data)]
    call(f"mount {target}", libc.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), text[3]))


def main() -> None:
    plan = json.loads(sys.stdin.readline())
    libc.prctl(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != plan["parent"]:
        os._exit(1)
    say = Status(plan["status_fd"])
    try:
        separate(plan)
        child = os.fork()
        if child == 0:
            libc.prctl(SET_PDEATHSIG, signal.SIGKILL)
            first_process(plan, say)
    except OSError as error:
        say(f"error {error.strerror}")
        os._exit(70)
    say(f"first {child}")
    os.close(plan["status_fd"])
    os.waitpid(child, 0)  # returns when every process of the namespace is gone
    os._exit(0)


class Status:
    """The pipe to the grader."""

    def __init__(self, descriptor: int):
        self.descriptor = descriptor
        os.set_inheritable(descriptor, False)

    def __call__(self, line: str) -> None:
        os.write(self.descriptor, line.replace("\n", " ").encode()[:1000] + b"\n")


def separate(plan: dict) -> None:
    """Leave the host's namespaces."""
    user, group = os.getuid(), os.getgid()
    spaces = NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS
    if plan["user_namespace"]:
        call("unshare", libc.unshare(spaces | NEWUSER))
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{INSIDE_ID} {user} 1"),
            ("gid_map", f"{INSIDE_ID} {group} 1"),
        ):
            write(f"/proc/self/{name}", text)
    else:
        call("unshare", libc.unshare(spaces))
    libc.unshare(NEWCGROUP)  # older kernels lack it, and nothing depends on it
    socket.sethostname("sandbox")


def first_process(plan: dict, say: Status) -> None:
    """The life of the first process in the namespace; never returns."""
    try:
        uid = INSIDE_ID if plan["user_namespace"] else unused_id()
        build(plan, uid)
        kernel = os.fork()
        if kernel == 0:
            os.setsid()
            become(plan, uid)
            run(plan)
        libc.prctl(SET_DUMPABLE, 0, 0, 0, 0)  # nothing inside may look into this process
        say(watch(plan["limits"], kernel))
    except OSError as error:
        say(f"error {error.strerror}")
    except Exception as error:  # whatever went wrong, the grader must be told and all must end
        say(f"error {type(error).__name__}: {error}")
    os._exit(0)


def unused_id() -> int:
    """A user id for this sandbox alone; in a container that has few ids, one of those."""
    own = UNUSED_IDS + os.getpid() + int(time.monotonic() * 1000) % 100_000_000
    try:
        with open("/proc/self/uid_map", encoding="ascii") as lines:
            ranges = [[int(number) for number in line.split()] for line in lines]
    except OSError:
        ranges = []
    if any(first <= own < first + count for first, _, count in ranges):
        return own
    first, _, count = max(ranges, key=lambda r: r[2], default=(0, 0, 1))
    if count < 10_000:
        raise OSError(1, "there is no second user id in this container")
    return first + count - 2 - int(time.monotonic() * 1000) % 5_000


def build(plan: dict, uid: int) -> None:
    """Mount the private view: listed folders read-only, and one capped tmpfs for all the rest."""
    mount(None, "/", None, REC | PRIVATE)
    sources = [bind["from"] for bind in plan["binds"]]
    root = next(p for p in PARKS if os.path.isdir(p) and not any(under(s, p) for s in sources))
    size, files = plan["limits"]["disk_bytes"], plan["limits"]["disk_files"]
    mount("tmpfs", root, "tmpfs", NOSUID | NODEV, f"size={size},nr_inodes={files},mode=0755")
    for bind in sorted(plan["binds"], key=lambda bind: bind["to"].count("/")):
        attach(bind["from"], root + bind["to"], read_only=not bind["to"].startswith("/dev/"))
    for path, target in plan["links"].items():
        os.symlink(target, root + path)
    for path in plan["hidden"]:
        if os.path.isdir(root + path):
            mount("tmpfs", root + path, "tmpfs", NOSUID | NODEV | RDONLY, "size=4k,nr_inodes=2")
    for path, text in plan["files"].items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        write(root + path, text)
    for number, (path, text) in enumerate(plan["laid_over"].items()):
        if os.path.exists(root + path):
            write(f"{root}/run/stub-{number}", text)
            mount(f"{root}/run/stub-{number}", root + path, None, BIND)
            lock(root + path)
            os.unlink(f"{root}/run/stub-{number}")
    for path in plan["writable"]:
        os.makedirs(root + path, exist_ok=True)
        os.chmod(root + path, 0o700)
        os.chown(root + path, uid, uid)
    os.makedirs(root + "/proc", exist_ok=True)
    mount("proc", root + "/proc", "proc", NOSUID | NODEV | NOEXEC)
    os.makedirs(root + "/dev/pts")
    terminals = "newinstance,ptmxmode=0666,mode=0620,max=8"  # IPython runs commands in one
    mount("devpts", root + "/dev/pts", "devpts", NOSUID | NOEXEC, terminals)
    if plan["user_namespace"]:
        write(root + "/proc/sys/user/max_user_namespaces", "0")
    guard(root)
    enter(root)


def guard(root: str) -> None:
    """Close what /proc shows of the whole machine, as containers do."""
    for name in KERNEL_SETTINGS:
        if os.path.exists(f"{root}/proc/{name}"):
            mount(f"{root}/proc/{name}", f"{root}/proc/{name}", None, BIND | REC)
            lock(f"{root}/proc/{name}")
    for name in KERNEL_MEMORY:
        if os.path.exists(f"{root}/proc/{name}"):
            mount(root + "/dev/null", f"{root}/proc/{name}", None, BIND)


def under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def attach(source: str, target: str, read_only: bool) -> None:
    """Bind a file or folder into the view, with all that is mounted below it."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        write(target, "")
    mount(source, target, None, BIND | REC)
    if read_only:
        lock(target)


def lock(target: str) -> None:
    """Make a mount read-only, without devices or set-user-id programs."""
    wanted = (ctypes.c_uint64 * 4)(RDONLY | NOSUID | NODEV, 0, 0, 0)
    if libc.syscall(MOUNT_SETATTR, AT_FDCWD, target.encode(), RECURSIVE, wanted, 32) == -1:
        # Before Linux 5.12: only the mount itself, keeping the flags it has.
        kept = os.statvfs(target).f_flag & (NOSUID | NODEV | NOEXEC | 1024 | 2048 | 4096)
        atime = {1024: 1 << 10, 2048: 1 << 11, 4096: 1 << 21}
        flags = sum(value for bit, value in atime.items() if kept & bit) | (kept & 15)
        mount(None, target, None, BIND | REMOUNT | RDONLY | NOSUID | NODEV | flags)


def enter(root: str) -> None:
    """Make the view the whole world; the host's files are gone afterwards."""
    os.chdir(root)
    number = PIVOT_ROOT[os.uname().machine]
    call("pivot_root", libc.syscall(number, b".", b"."))
    call("umount", libc.umount2(b".", DETACH))
    os.chdir("/")
    libc.mount(None, b"/", None, ctypes.c_ulong(BIND | REMOUNT | NOSUID | NODEV), None)


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def become(plan: dict, uid: int) -> None:
    """Give up every privilege, for good."""
    import resource

    limits = plan["limits"]
    write("/proc/self/oom_score_adj", "1000")
    for capability in range(64):
        libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)
    for name, value in (
        ("RLIMIT_DATA", limits["memory_bytes"]),
        ("RLIMIT_NPROC", limits["processes"]),
        ("RLIMIT_NOFILE", limits["open_files"]),
        ("RLIMIT_FSIZE", limits["disk_bytes"]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
        ("RLIMIT_CPU", int(limits["notebook_s"] * 4) + 60),
    ):
        resource.setrlimit(getattr(resource, name), (value, value))
    if not plan["user_namespace"]:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    refuse_calls(bytes.fromhex(plan["call_filter"]))


def refuse_calls(program: bytes) -> None:
    """Apply the filter of system calls to this process and all that come of it."""
    code = ctypes.create_string_buffer(program)
    header = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    call("no new privileges", libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    call("system call filter", libc.prctl(SET_SECCOMP, 2, header, 0, 0))


def run(plan: dict) -> None:
    """Become the kernel."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, 256)
    os.chdir(plan["cwd"])
    os.umask(0o077)
    os.execve(plan["command"][0], plan["command"], plan["environment"])


def watch(limits: dict, kernel: int) -> str:
    """Wait for the kernel to end, or for its processes to use too much; say which."""
    page, crowded, own = os.sysconf("SC_PAGE_SIZE"), 0, os.getpid()
    while True:
        while True:
            try:
                ended, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return "ended"
            if ended == kernel:
                return "ended"
            if ended == 0:
                break
        memory, tasks = usage(page, own)
        if memory > limits["memory_bytes"]:
            return "memory"
        crowded = crowded + 1 if tasks >= limits["processes"] - 1 else 0
        if crowded > 3:
            return "processes"
        time.sleep(WATCH_S)


def usage(page: int, own: int) -> tuple:
    """Resident bytes of all processes in the namespace but this one, and their threads."""
    memory = tasks = 0
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == own:
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        tasks += int(fields[17])
        memory += int(fields[21]) * page
    return memory, tasks


if __name__ == "__main__":
    main()
