"""C: hand-ins that crash, hang, or change the Python they run in."""

from tests.hostile.answers import BYTES, ENERGY, HEAD, MACS, before, inside
from tests.hostile.hostile_case import Case

CASES = (
    Case(
        "C01",
        "an exception in the first cell, on which one answer depends",
        extra=("raise ValueError('no')\nfactor = 1",),
        answers={ENERGY: HEAD[ENERGY] + "    return factor * power_mW * latency_ms"},
        lost=(ENERGY,),
        status=("needs_review",),
        flags=("helper_cell_failed",),
    ),
    Case(
        "C02",
        "a syntax error in one answer",
        answers={BYTES: "def weight_bytes(parameters bits):\n    return 1"},
        lost=(BYTES,),
        question={BYTES: ("error",)},
    ),
    Case(
        "C03",
        "leaving: sys.exit, exit and SystemExit in cells, SystemExit in a call",
        extra=("import sys\nsys.exit(0)\nweight_bytes = 1", "exit()\nbattery_days = 1"),
        answers={
            BYTES: before("raise SystemExit"),
            ENERGY: HEAD[ENERGY] + "    raise SystemExit(0)",
        },
        lost=(ENERGY,),  # what stands below the end of a cell is still defined
    ),
    Case(
        "C04",
        "os._exit in an answer cell",
        answers={MACS: "import os\nos._exit(0)\n{right}"},
        lost=(MACS,),
        question={MACS: ("crashed",), BYTES: ("answered",), ENERGY: ("answered",)},
        flags=("crashed",),
        quick=True,
        limits={"cell_s": 2.0},  # within which the end must be noticed
    ),
    Case(
        "C05",
        "a segmentation fault",
        answers={MACS: before("import ctypes\nctypes.string_at(0)")},
        lost=(MACS,),
        question={MACS: ("crashed",)},
        limits={"cell_s": 2.0},  # within which the end must be noticed
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
                "while True:\n    try:\n        print('x' * 100)\n    except BaseException:\n"
                "        pass"
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
        limits={"notebook_s": 20.0},
    ),
    Case(
        "C26",
        "changes folder, path, locale and seeds, and deletes its folder",
        answers={
            MACS: before(
                "import os, sys, locale, random, shutil\n"
                "random.seed(0)\nlocale.setlocale(locale.LC_ALL, 'C')\n"
                "os.makedirs('gone'); os.chdir('gone'); shutil.rmtree(os.getcwd())\n"
                "sys.path.clear()"
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
            BYTES: inside(
                "import sys, warnings\nwarnings.warn('slow')\nprint('oh', file=sys.stderr)"
            )
        },
    ),
    Case(
        "C31",
        "uses the history of cells",
        extra=("3 + 4", "eight = Out[max(Out)] + 1\nassert '3 + 4' in In[-2]"),
        answers={BYTES: HEAD[BYTES] + "    return (parameters * bits + eight - 1) // eight"},
    ),
)
