"""Right answers in unusual form, and answers that reach for the library: what each one earns.

Every case is a whole notebook of which one exercise is answered, graded as a teacher's hand-in is.
"""

import copy
import dataclasses

import pytest

from tinylab.grading.one.assemble import assemble
from tinylab.grading.one.verdict import grade
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import ParsedHandIn
from tinylab.grading.sandbox import kernel as waiting
from tinylab.grading.sandbox import own_time
from tinylab.grading.sandbox.level import LEVELS, best_level

NAME = "01_keyword_spotting/2_compress"
LIBRARY = "tinylab.compress.quantization.quantize"
IMPORTS = "keyword-spotting-2-compress-1"
HEAD = "def sqnr_dB(x, approximation):\n"
LAMBDA = "sqnr_dB = lambda x, a: 10 * np.log10(np.mean(x**2) / np.mean((x - a)**2))"
MISSING = "import no_such_module\nfrom numpy import log10"
COMPARED = f"\nimport {LIBRARY} as q\nassert q.sqnr_dB(np.ones(2), np.zeros(2)) == 0"
RIGHT = HEAD + (
    "    power, noise = np.mean(x**2), np.mean((x - approximation) ** 2)\n"
    "    return float(10 * np.log10(power / noise))\n"
)


@pytest.fixture
def graded(assignments):
    """Grade the notebook with `answer` in its cell and other cells before, after, at the end.

    Also `python`, what she ran it on; `added`, text put into other cells by id; and limits.
    """

    def run(answer, before=(), after=(), end=(), exercise="sqnr_dB", **more):
        if best_level() == LEVELS[0]:
            pytest.skip("this machine allows no namespaces, so nothing is graded on it")
        assignment = assignments[NAME]
        notebook = copy.deepcopy(assignment.notebook)
        cells = notebook["cells"]
        at = next(i for i, c in enumerate(cells) if c["metadata"].get("exercise") == exercise)
        cells[at]["source"] = cells[at]["source"] if answer is None else answer
        for name, text in more.pop("added", {}).items():
            edited = next(cell for cell in cells if cell["id"] == name)
            edited["source"] = f"{text}\n{edited['source']}"
        own = [
            {"id": None, "cell_type": "code", "metadata": {}, "source": source}
            for source in (*before, "#", *after)
        ]
        cells[at : at + 1] = [*own[: len(before)], cells[at], *own[len(before) + 1 :]]
        cells += [
            {"id": None, "cell_type": "code", "metadata": {}, "source": source} for source in end
        ]
        handin = ParsedHandIn(
            "ada", "a.ipynb", "0" * 64, notebook=notebook, python=more.pop("python", "")
        )
        result = grade(
            handin,
            assignment,
            assembled=assemble(notebook, assignment),
            key=b"key",
            limits=dataclasses.replace(Limits(start_s=60.0), **more),
        )
        return next(q for q in result.questions if q.exercise_id == exercise)

    return run


@pytest.mark.parametrize(
    ("answer", "before", "after"),
    [
        (None, (), (RIGHT,)),
        ("# " + "# ".join(RIGHT.splitlines(True)), (), (RIGHT,)),
        (HEAD + "    return 0.0", (), (RIGHT,)),
        (None, (), (LAMBDA,)),
        (
            RIGHT.replace("np.log10", "log10"),
            (MISSING,),
            (),
        ),
        (
            RIGHT + COMPARED,
            (),
            (),
        ),
    ],
    ids=["below", "commented", "retried", "lambda", "missing_module", "compared"],
)
def test_a_right_answer_earns_its_points_wherever_it_stands(graded, answer, before, after):
    question = graded(answer, before, after)
    assert question.earned == question.maximum, question


@pytest.mark.parametrize(
    "code",
    [
        "    f = getattr(quantize, 'sqnr' + '_dB')\n"
        "    cells = [c.cell_contents for c in f.__closure__ or ()]\n"
        "    return next(c for c in cells if callable(c))(x, approximation)",
        "    import importlib.util as u\n"
        "    spec = u.spec_from_file_location('mine', quantize.__file__)\n"
        "    module = u.module_from_spec(spec)\n    spec.loader.exec_module(module)\n"
        "    return getattr(module, 'sqnr' + '_dB')(x, approximation)",
        "    import subprocess, sys\n"
        f"    code = 'from {LIBRARY} import *; import numpy as np; '\n"
        "    code += 'print(sqnr' + '_dB(np.ones(2), np.zeros(2)))'\n"
        "    done = subprocess.run([sys.executable, '-c', code], capture_output=True)\n"
        "    return float(done.stdout)",
        "    import sys\n    sys.meta_path[0].active = frozenset()\n"
        "    return getattr(quantize, 'sqnr' + '_dB')(x, approximation)",
        "    names = {'__name__': 'tinylab.compress.quantization.q2'}\n"
        "    exec(compile(open(quantize.__file__).read(), 'q', 'exec'), names)\n"
        "    return names['sqnr' + '_dB'](x, approximation)",
        "    import glob, marshal, os\n"
        "    folder = os.path.join(os.path.dirname(quantize.__file__), '__pycache__')\n"
        "    names = {'__name__': 'tinylab.compress.quantization.q2'}\n"
        "    for path in glob.glob(folder + '/quantize.*.pyc'):\n"
        "        exec(marshal.loads(open(path, 'rb').read()[16:]), names)\n"
        "    return names['sqnr' + '_dB'](x, approximation)",
        "    import sys, importlib\n"
        "    sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != 'Guards']\n"
        "    importlib.reload(quantize)\n"
        "    return getattr(quantize, 'sqnr' + '_dB')(x, approximation)",
    ],
    ids=["closure", "copy", "subprocess", "guard_off", "source", "compiled", "reload"],
)
def test_no_way_leads_to_the_librarys_own_version(graded, code):
    assert graded(HEAD + code).earned == 0


@pytest.mark.parametrize(
    ("answer", "python", "cause", "review"),
    [
        (HEAD + "    return folded.count_params()", "", "a variable of another cell", True),
        (HEAD + "    import no_such_module", "", "not installed where your answers", True),
        (HEAD + "    return f'{\"a\" !}'", "3.99.1", "graded with Python", True),
        (HEAD + "    return undefined", "", "name 'undefined' is not defined", False),
    ],
)
def test_the_real_cause_is_named(graded, answer, python, cause, review):
    question = graded(answer, python=python)
    assert question.earned == 0
    assert cause in question.points[0].message
    assert bool(question.review) == review


@pytest.mark.parametrize("cell", (IMPORTS, "check-sqnr_dB"))
@pytest.mark.parametrize(
    "added",
    (
        "FACTOR = 10",
        "%matplotlib inline\n!ls\nnp.round?\nFACTOR = 10",
        "def ten():\n    return 10\nFACTOR: int = ten()",
    ),
    ids=("constant", "magics", "helper"),
)
def test_what_is_added_to_a_cell_of_the_notebook_is_there(graded, cell, added):
    question = graded(RIGHT.replace("10 *", "FACTOR *"), added={cell: added})
    assert question.earned == question.maximum, question


def test_a_cell_that_fails_at_a_magic_still_defines_what_it_defines(graded):
    question = graded("%no_such_magic\nimport no_such_module\n" + RIGHT)
    assert question.earned == question.maximum, question


def test_a_name_of_a_cell_that_is_not_run_goes_to_a_person(graded):
    """In her notebook, run from top to bottom and then the answer again, it is there."""
    loop = "for FACTOR in (10,):\n    pass"
    question = graded(RIGHT.replace("10 *", "FACTOR *"), added={IMPORTS: loop})
    assert question.earned == 0
    assert "a cell of yours makes FACTOR" in question.review


def test_a_constant_is_as_it_was_at_the_check_cell(graded):
    source = RIGHT.replace("10 *", "FACTOR *")
    question = graded(source, before=("FACTOR = 10",), end=("FACTOR = 20",))
    assert question.earned == question.maximum, question
    assert "notebook_order" in question.flags


def test_what_a_busy_machine_could_not_run_is_ungraded(graded, monkeypatch):
    """The answer sleeps beyond its time, while its process is said to get no processor at all."""
    monkeypatch.setattr(own_time.OwnTime, "seconds", lambda clock: 0.0)
    monkeypatch.setattr(waiting, "STRETCH", 1.0)
    slow = RIGHT.replace("    power,", "    import time; time.sleep(20)\n    power,")
    question = graded(slow, probe_s=0.3)
    assert question.status == "ungraded" and question.earned == 0
    assert "too busy" in question.points[0].message


def test_types_that_the_check_takes_are_taken_in_grading(graded):
    source = (
        "from collections import namedtuple\nPair = namedtuple('Pair', 'scale zero_point')\n"
        "def scale_and_zero_point(low, high):\n"
        "    low, high = min(low, 0.0), max(high, 0.0)\n    scale = (high - low) / 255\n"
        "    return Pair(scale, int(round(-128 - low / scale)))\n"
    )
    question = graded(source, exercise="scale_and_zero_point")
    assert question.earned == question.maximum, question
