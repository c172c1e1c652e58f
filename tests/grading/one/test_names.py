"""Which imports and helper cells an answer needs, and which names it may not use."""

import pytest

from tinylab.grading.one.names import forbidden_uses, needed_imports
from tinylab.grading.one.replay import needed_cells

IMPORTS = """import numpy as np
import scipy.signal

from tinylab.compress.quantization import quantize
from tinylab.models.training import TrainingProfile, train
"""
QUANTIZE = ("tinylab.compress.quantization.quantize.quantize",)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x):\n    return np.abs(x)", ["import numpy as np"]),
        ("def f(x):\n    '''train with np'''\n    return x", []),
        ("def f(x):\n    return scipy.signal.fft(x)", ["import scipy.signal"]),
        ("train", ["from tinylab.models.training import train"]),
        ("%time f(train)", ["from tinylab.models.training import train"]),
        ("f = eval('np.abs')", ["import numpy as np"]),
        ("def f(:", []),
        ("def f(train, np):\n    return [train for quantize in np]", []),
        ("class A:\n    def g(self):\n        return lambda x: np.abs(x)", ["import numpy as np"]),
        (
            "def f(x: np.ndarray = train):\n    pass",
            [
                "import numpy as np",
                "from tinylab.models.training import train",
            ],
        ),
    ],
)
def test_only_the_imports_that_are_used_run(source, expected):
    assert needed_imports(IMPORTS, [source]) == expected


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return quantize.quantize(x)",
        "from tinylab.compress.quantization.quantize import quantize as q\nf = q",
        "import tinylab.compress.quantization.quantize\n"
        "f = tinylab.compress.quantization.quantize.quantize",
        "import tinylab.compress.quantization as c\ndef f(x):\n    return c.quantize.quantize(x)",
        "def f(x):\n    from tinylab.compress.quantization import quantize as z\n"
        "    return z.quantize(x)",
        "f = quantize.quantize",
    ],
)
def test_a_forbidden_name_is_found_by_whatever_name(source):
    assert forbidden_uses(source, IMPORTS, QUANTIZE) == list(QUANTIZE)


@pytest.mark.parametrize(
    "source",
    [
        "def quantize(x):\n    return x",
        "def f(x):\n    return quantize.dequantize(x)",
        "def f(x):\n    # quantize.quantize\n    return 'quantize.quantize'",
        "def f(:",
    ],
)
def test_other_names_are_not_mistaken_for_it(source):
    assert forbidden_uses(source, IMPORTS, QUANTIZE) == []


def test_what_the_student_must_define_is_never_imported():
    assert needed_imports(IMPORTS, ["train(quantize)"], own=["train"]) == [
        "from tinylab.compress.quantization import quantize"
    ]


ANSWER = "def f(x):\n    return helper(x)"
HELPER = "def helper(x):\n    return TABLE[x]"


def test_helpers_are_kept_in_order_and_trials_are_not():
    extra = ["TABLE = {}", "plot = f(3)", HELPER, "TABLE[1] = 2", "print('done')"]
    assert needed_cells(extra, [ANSWER]) == ["TABLE = {}", HELPER, "TABLE[1] = 2"]


def test_what_is_no_plain_python_is_kept():
    assert needed_cells(["%load_ext autoreload", "y = 1"], [ANSWER]) == ["%load_ext autoreload"]


def test_all_is_kept_where_history_is_used():
    extra = ["3 + 4", "helper = Out[1]"]
    assert needed_cells(extra, [ANSWER]) == extra


def test_nothing_is_needed_without_helpers():
    assert needed_cells(["x = 1"], ["def f(x):\n    return x"]) == []
    assert needed_cells(["x = 1"], ["def f(y):\n    return x"]) == ["x = 1"]
    assert needed_cells([], []) == []
