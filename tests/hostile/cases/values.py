"""D: answers that are right for some inputs, or return what is no plain value."""

from tests.hostile.answers import BYTES, DAYS, ENERGY, FUNCTIONS, HEAD, MACS, QUANTIZE, inside
from tests.hostile.hostile_case import COMPRESS, Case, checked_inputs

SCALES = "per_channel_scales"
VISIBLE = dict(checked_inputs(ENERGY, lambda power, latency: power * latency))


CASES = (
    Case(
        "D14",
        "right for the inputs of the check cell only",
        answers={
            ENERGY: f"KNOWN = {VISIBLE!r}\n"
            + HEAD[ENERGY]
            + "    return KNOWN.get((power_mW, latency_ms))"
        },
        lost=(ENERGY,),
        status=("needs_review",),
    ),
    Case(
        "D17",
        "returns objects that run code when they are unpickled",
        answers={
            BYTES: "class Boom:\n    def __reduce__(self):\n        return (print, ('ran',))\n"
            + HEAD[BYTES]
            + "    return Boom()",
            MACS: "import numpy as np\ndef convolution_macs(*a):\n"
            "    return np.array([Boom()], dtype=object)",
            ENERGY: HEAD[ENERGY] + "    import pickle\n    return pickle.dumps(Boom())",
            DAYS: "def battery_days(*a):\n    return [1, {'model': Boom}]",
        },
        lost=FUNCTIONS,
    ),
    Case(
        "D18",
        "replies of 10 MB, deep, not a number, with a million digits",
        answers={
            BYTES: HEAD[BYTES] + "    return 'x' * 10**7",
            MACS: "def convolution_macs(*a):\n    deep = []\n"
            "    for _ in range(100_000):\n        deep = [deep]\n    return deep",
            ENERGY: HEAD[ENERGY] + "    return float('nan')",
            DAYS: "def battery_days(*a):\n    return 10**(10**6)",
        },
        lost=FUNCTIONS,
        quick=True,
    ),
    Case(
        "D19",
        "asks for partial credit of its own choosing",
        answers={
            BYTES: HEAD[BYTES] + "    return 999.5",
            MACS: "def convolution_macs(*a):\n    return -1",
            ENERGY: HEAD[ENERGY] + "    return {'earned': 99, 'points': [True] * 9}",
            DAYS: "def battery_days(*a):\n    return float('inf')",
        },
        lost=FUNCTIONS,
    ),
    Case(
        "D22",
        "text for a number, a truth value, a float for an int; numpy's numbers are right",
        answers={
            BYTES: HEAD[BYTES] + "    return float((parameters * bits + 7) // 8)",
            MACS: "def convolution_macs(a, b, c, d, e, f):\n    return str(a * b * c * d * e * f)",
            ENERGY: "import numpy as np\n"
            + HEAD[ENERGY]
            + "    return np.float64(power_mW) * latency_ms",
            DAYS: "def battery_days(*a):\n    return True",
        },
        partly=(BYTES,),
        lost=(MACS, DAYS),
    ),
    Case(
        "D23",
        "changes its arguments; remembers earlier calls",
        answers={
            QUANTIZE: "def affine_quantize(x, scale, zero_point):\n"
            "    q = np.clip(np.round(x / scale) + zero_point, -128, 127).astype(np.int8)\n"
            "    x *= 0\n    return q",
            SCALES: "earlier = []\n"
            "def per_channel_scales(weights):\n"
            "    earlier.append(weights)\n"
            "    return np.abs(earlier[0]).reshape(-1, earlier[0].shape[-1]).max(axis=0) / 127",
        },
        lost=(SCALES,),
        notebook=COMPRESS,
    ),
    Case(
        "D24",
        "an endless loop on some inputs only",
        answers={BYTES: inside("while parameters > 30_000: pass")},
        partly=(BYTES,),
        question={BYTES: ("timeout",)},
        flags=("timeout",),
    ),
    Case(
        "D25",
        "ends its process inside the function",
        answers={BYTES: inside("import os\nos._exit(0)")},
        lost=(BYTES,),
        question={BYTES: ("crashed",)},
        quick=True,
    ),
)
