"""C: submissions that break, hang, flood or exhaust what runs them."""

from hostile_case import Case

BYTES, MACS, ENERGY, DAYS = "weight_bytes", "convolution_macs", "inference_energy_uJ", "battery_days"
HEAD = {
    BYTES: "def weight_bytes(parameters, bits):\n",
    ENERGY: "def inference_energy_uJ(power_mW, latency_ms):\n",
}


def before(code: str) -> str:
    """A right answer with code of the student's before it."""
    return code + "\n{right}"


def inside(code: str) -> str:
    """An answer to the first exercise that runs code whenever it is called."""
    body = "\n".join("    " + line for line in code.splitlines())
    return f"{HEAD[BYTES]}{body}\n    return (parameters * bits + 7) // 8"


CASES = (
    Case(
        "C01",
        "an exception in the first cell, on which one answer depends",
        extra=("raise ValueError('no')\nfactor = 1",),
        answers={ENERGY: HEAD[ENERGY] + "    return factor * power_mW * latency_ms"},
        lost=(ENERGY,),
        flags=("helper_cell_failed",),
    ),
    Case(
        "C02",
        "a syntax error in one answer",
        answers={BYTES: "def weight_bytes(parameters bits):\n    return 1"},
        lost=(BYTES,),
        question={BYTES: ("error",)},
        quick=True,
    ),
    Case(
        "C03",
        "leaving: sys.exit, exit and SystemExit in cells, SystemExit in a call",
        extra=("import sys\nsys.exit(0)\nweight_bytes = 1", "exit()\nbattery_days = 1"),
        answers={BYTES: before("raise SystemExit"), ENERGY: HEAD[ENERGY] + "    raise SystemExit(0)"},
        lost=(BYTES, ENERGY),
    ),
    Case(
        "C04",
        "os._exit in an answer cell",
        answers={MACS: "import os\nos._exit(0)\n{right}"},
        lost=(MACS,),
        question={MACS: ("crashed",), BYTES: ("answered",), ENERGY: ("answered",)},
        flags=("crashed",),
        quick=True,
    ),
    Case(
        "C05",
        "a segmentation fault",
        answers={MACS: before("import ctypes\nctypes.string_at(0)")},
        lost=(MACS,),
        question={MACS: ("crashed",)},
    ),
    Case(
        "C06",
        "kills its parent, its group and everything it can",
        answers={
            MACS: before(
                "import os, signal\n"
                "for target in (os.getppid(), 1, 0, -1):\n"
                "    try:\n        os.kill(target, signal.SIGKILL)\n"
                "    except OSError:\n        pass"
            )
        },
        lost=(MACS,),
        question={MACS: ("crashed",)},
    ),
    Case(
        "C07",
        "an endless loop in an answer cell",
        answers={MACS: before("while True:\n    pass")},
        lost=(MACS,),
        question={MACS: ("timeout",)},
        flags=("timeout",),
        quick=True,
    ),
    Case(
        "C08",
        "a loop that swallows every exception and prints",
        answers={
            MACS: before(
                "while True:\n    try:\n        print('x' * 100)\n    except BaseException:\n        pass"
            )
        },
        lost=(MACS,),
        question={MACS: ("timeout",)},
    ),
    Case(
        "C09",
        "ignores signals",
        answers={
            MACS: before(
                "import signal, time\n"
                "for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
                "    signal.signal(s, signal.SIG_IGN)\n"
                "time.sleep(1000)"
            )
        },
        lost=(MACS,),
        question={MACS: ("timeout",)},
    ),
    Case(
        "C10",
        "a thread and an exit handler that sleep",
        answers={
            MACS: before(
                "import atexit, threading, time\n"
                "threading.Thread(target=time.sleep, args=(1000,)).start()\n"
                "atexit.register(time.sleep, 1000)"
            )
        },
    ),
    Case(
        "C11",
        "100 MB on standard output",
        answers={MACS: before("for _ in range(100):\n    print('y' * 1_000_000)")},
        flags=("output_limit",),
        quick=True,
    ),
    Case(
        "C12",
        "a background thread that prints for ever",
        answers={
            MACS: before(
                "import threading\n"
                "def shout():\n    while True:\n        print('noise ' * 100)\n"
                "threading.Thread(target=shout, daemon=True).start()\n"
                "import time\ntime.sleep(1)"
            )
        },
        flags=("output_limit",),
        limits={"probe_s": 10.0},
    ),
    Case(
        "C13",
        "a flood of small messages, displays and comms",
        answers={
            MACS: before(
                "from IPython.display import display\n"
                "import comm\n"
                "for i in range(5_000):\n    print(i, flush=True)\n"
                "for i in range(1_000):\n    display(i)\n    comm.create_comm('flood', data=i)"
            )
        },
        flags=("output_limit",),
        limits={"cell_s": 30.0, "notebook_s": 60.0},
    ),
    Case(
        "C14",
        "asks for 40 GB",
        answers={BYTES: inside("big = bytearray(40_000_000_000)")},
        lost=(BYTES,),
        question={BYTES: ("limit",)},
        quick=True,
    ),
    Case(
        "C15",
        "50 children that fill their memory",
        answers={
            MACS: before(
                "import os, time\n"
                "for _ in range(50):\n"
                "    if os.fork() == 0:\n"
                "        held = []\n"
                "        while True:\n"
                "            held.append(bytearray(b'x') * 10_000_000)\n"
                "time.sleep(100)"
            )
        },
        lost=(MACS,),
        question={MACS: ("limit",)},
    ),
    Case(
        "C16",
        "a fork bomb",
        answers={
            MACS: before(
                "import os\n"
                "while True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
            )
        },
        lost=(MACS,),
        question={MACS: ("limit",)},
        quick=True,
    ),
    Case(
        "C17",
        "10,000 threads",
        answers={
            BYTES: inside(
                "import threading, time\n"
                "for _ in range(10_000):\n"
                "    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()"
            )
        },
        lost=(BYTES,),
        question={BYTES: ("limit",)},
    ),
    Case(
        "C18",
        "fills the disk with bytes and with files",
        answers={
            BYTES: inside("with open('full', 'wb') as f:\n    while True:\n        f.write(bytes(1_000_000))"),
            ENERGY: HEAD[ENERGY]
            + "    for i in range(1_000_000):\n        open(f'/tmp/{power_mW}{i}', 'w').close()",
        },
        lost=(BYTES, ENERGY),
        question={BYTES: ("limit",), ENERGY: ("limit",)},
    ),
    Case(
        "C19",
        "opens 100,000 files",
        answers={BYTES: inside("held = [open('/dev/null') for _ in range(100_000)]")},
        lost=(BYTES,),
        question={BYTES: ("limit",)},
    ),
    Case(
        "C20",
        "asks the person at the keyboard",
        answers={BYTES: inside("input('your name? ')")},
        lost=(BYTES,),
    ),
    Case(
        "C21",
        "the network: sockets, names, pip, urlopen",
        extra=(
            "%pip install --retries 0 six",
            "import socket\nreached = []\n"
            "for family, address in ((socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET, ('8.8.8.8', 53)),"
            " (socket.AF_INET6, ('::1', 22))):\n"
            "    try:\n        s = socket.socket(family); s.settimeout(3); s.connect(address)\n"
            "        reached.append(address)\n    except OSError:\n        pass\n"
            "for number in (40, 38, 17):\n"
            "    try:\n        socket.socket(number, socket.SOCK_STREAM); reached.append(number)\n"
            "    except OSError:\n        pass\n"
            "try:\n    socket.getaddrinfo('localhost.example.org', 80); reached.append('name')\n"
            "except OSError:\n    pass\n"
            "import urllib.request\n"
            "try:\n    urllib.request.urlopen('http://example.org', timeout=3); reached.append('url')\n"
            "except OSError:\n    pass",
        ),
        answers={BYTES: inside("if reached: return -1")},
        limits={"cell_s": 15.0},
    ),
    Case(
        "C22",
        "deletes home, the work folder and everything else",
        answers={
            MACS: before(
                "import os, shutil, subprocess\n"
                "for folder in ('.', os.path.expanduser('~'), '/tmp'):\n"
                "    shutil.rmtree(folder, ignore_errors=True)\n"
                "try:\n"
                "    subprocess.run(['rm', '-rf', '--no-preserve-root', '/'], capture_output=True, timeout=3)\n"
                "except subprocess.TimeoutExpired:\n    pass"
            )
        },
        limits={"cell_s": 20.0},
    ),
    Case(
        "C23",
        "writes outside its folder",
        extra=(
            "import os, tinylab, sys\nwritten = []\n"
            "for folder in ('/', '/usr', '/etc', '/run', '/run/tinylab', '/proc/sys/kernel', sys.prefix,"
            " os.path.dirname(tinylab.__file__)):\n"
            "    try:\n        open(os.path.join(folder, 'mark'), 'w').write('x'); written.append(folder)\n"
            "    except OSError:\n        pass",
        ),
        answers={BYTES: inside("if written not in ([], ['/', '/run']): return -1")},
    ),
    Case(
        "C24",
        "leaves files that the next kernel would run",
        answers={
            MACS: before(
                "import os\n"
                "home = os.path.expanduser('~')\n"
                "start = os.path.join(home, '.ipython/profile_default/startup')\n"
                "os.makedirs(start, exist_ok=True)\n"
                "code = 'import builtins; builtins.len = lambda x: 0; weight_bytes = None'\n"
                "for name in (start + '/0.py', home + '/usercustomize.py', home + '/.jupyter', '/tmp/numpy.py'):\n"
                "    open(name, 'w').write(code)\n"
                "os._exit(1)"
            )
        },
        lost=(MACS,),
    ),
    Case(
        "C25",
        "a daemon that forks twice",
        answers={
            MACS: before(
                "import os, time\n"
                "if os.fork() == 0:\n"
                "    os.setsid()\n"
                "    if os.fork() == 0:\n"
                "        time.sleep(1000)\n"
                "    os._exit(0)"
            )
        },
        quick=True,
    ),
    Case(
        "C26",
        "changes folder, path, locale and seeds, and deletes its folder",
        answers={
            MACS: before(
                "import os, sys, locale, random, shutil\n"
                "random.seed(0)\nlocale.setlocale(locale.LC_ALL, 'C')\n"
                "os.makedirs('gone'); os.chdir('gone'); shutil.rmtree(os.getcwd())\nsys.path.clear()"
            )
        },
    ),
    Case(
        "C27",
        "magics, reset, top-level await, a name deleted and made again",
        extra=(
            "%reset -f",
            "%load_ext autoreload\n%autoreload 0",
            "import asyncio\nawait asyncio.sleep(0)\nhalf = 1\ndel half",
            "%timeit -n1 -r1 1",
        ),
        quick=True,
    ),
    Case(
        "C28",
        "a command that fails and a magic that does not exist",
        extra=("!false", "%nosuchmagic"),
        flags=("command_failed", "helper_cell_failed"),
    ),
    Case(
        "C29",
        "right but slow, within the limit",
        answers={BYTES: inside("import time\ntime.sleep(0.2)")},
        limits={"notebook_s": 60.0},
    ),
    Case(
        "C30",
        "right, with warnings on standard error",
        answers={
            BYTES: inside("import sys, warnings\nwarnings.warn('slow')\nprint('oh', file=sys.stderr)")
        },
    ),
    Case(
        "C31",
        "uses the history of cells",
        extra=("3 + 4", "eight = Out[max(Out)] + 1\nassert '3 + 4' in In[-2]"),
        answers={BYTES: HEAD[BYTES] + "    return (parameters * bits + eight - 1) // eight"},
        quick=True,
    ),
)
