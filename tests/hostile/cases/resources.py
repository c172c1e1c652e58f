"""C: hand-ins that use up, or reach for, what is not theirs: memory, processes, disk, network."""

from tests.hostile.answers import BYTES, ENERGY, HEAD, MACS, before, inside
from tests.hostile.hostile_case import Case

CASES = (
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
            BYTES: inside(
                "with open('full', 'wb') as f:\n    while True:\n        f.write(bytes(1_000_000))"
            ),
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
            "for family, address in ((socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET,"
            " ('8.8.8.8', 53)), (socket.AF_INET6, ('::1', 22))):\n"
            "    try:\n        s = socket.socket(family); s.settimeout(3); s.connect(address)\n"
            "        reached.append(address)\n    except OSError:\n        pass\n"
            "for number in (40, 38, 17):\n"
            "    try:\n        socket.socket(number, socket.SOCK_STREAM); reached.append(number)\n"
            "    except OSError:\n        pass\n"
            "try:\n    socket.getaddrinfo('localhost.example.org', 80); reached.append('name')\n"
            "except OSError:\n    pass\n"
            "import urllib.request\n"
            "try:\n"
            "    urllib.request.urlopen('http://example.org', timeout=3); reached.append('url')\n"
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
                "    subprocess.run(['rm', '-rf', '--no-preserve-root', '/'], capture_output=True,"
                " timeout=3)\nexcept subprocess.TimeoutExpired:\n    pass"
            )
        },
        limits={"cell_s": 20.0},
    ),
    Case(
        "C23",
        "writes outside its folder",
        extra=(
            "import os, tinylab, sys\nwritten = []\n"
            "for folder in ('/', '/usr', '/etc', '/run', '/run/tinylab', '/proc/sys/kernel',"
            " sys.prefix, os.path.dirname(tinylab.__file__)):\n"
            "    try:\n"
            "        open(os.path.join(folder, 'mark'), 'w').write('x'); written.append(folder)\n"
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
                "for name in (start + '/0.py', home + '/usercustomize.py', home + '/.jupyter',"
                " '/tmp/numpy.py'):\n    open(name, 'w').write(code)\n"
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
)
