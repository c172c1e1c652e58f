"""Source notebooks: what authors may write, and the sentence for what they may not."""

import textwrap

import pytest

from tinylab.course.notebooks.set_up import CELL_ID
from tinylab.course.notebooks.source import SourceError, cut_markers, cut_solutions, read_source

IMPORTS = """\
# %% [markdown]
# # A title

# %%
import numpy as np

from tinylab.course import check
"""
EXERCISE = '''
# %% exercise="twice"
def twice(x):
    """Two times x. Example: twice(2) is 4."""
    x = np.asarray(x)
    # solution
    y = x + x
    return y
    # end solution
'''
HINT = """
# %% [markdown]
# <details><summary>Hint</summary>
#
# Add.
#
# </details>
"""
CHECK = """
# %%
# NBVAL_CHECK_OUTPUT
check("twice", twice)
"""


@pytest.fixture
def read(tmp_path):
    def from_text(text):
        path = tmp_path / "source.py"
        path.write_text(text, encoding="utf-8")
        return read_source(path, "01_part/1_name")

    return from_text


def test_student_and_solution(read):
    source = read(IMPORTS + EXERCISE + HINT + CHECK)
    assert source.answers == {"twice": "twice"}
    assert "import numpy" in source.imports()
    stub, solution = source.student().cells[3].source, source.solution().cells[2].source
    assert stub.endswith('    x = np.asarray(x)\n    raise NotImplementedError("twice")')
    assert solution.endswith("    x = np.asarray(x)\n    y = x + x\n    return y")
    assert source.student().cells[3].metadata == {"exercise": "twice"}
    assert [cell.id for cell in source.student().cells][1] == CELL_ID


CLAIM = "\n# %% claims=true\nassert 1 + 1 == 2\n"


def test_claims_are_for_the_solution_alone(read):
    plain = read(IMPORTS + "\n# %%\nx = 1\n" + EXERCISE + HINT + CHECK)
    source = read(IMPORTS + CLAIM + "\n# %%\nx = 1\n" + EXERCISE + HINT + CHECK)
    assert source.student().cells == plain.student().cells
    extra = [cell for cell in source.solution().cells if cell not in plain.solution().cells]
    assert [cell.source for cell in extra] == ["assert 1 + 1 == 2"]


def test_several_regions_and_deeper_ones():
    source = textwrap.dedent(
        """\
        def first():
            # solution
            return 1
            # end solution

        def second(x):
            if x:
                # solution
                return 2
                # end solution
            return 3"""
    )
    stub = cut_solutions(source, "e")
    assert stub.count('raise NotImplementedError("e")') == 2
    assert '        raise NotImplementedError("e")\n    return 3' in stub
    assert "solution" not in cut_markers(source)


def test_ids_survive_other_sections(read):
    before = read(IMPORTS + "\n# %% [markdown]\n# ## Look\n\n# %%\n1\n" + EXERCISE + HINT + CHECK)
    after = read(
        IMPORTS
        + "\n# %% [markdown]\n# ## New\n\n# %%\n0\n"
        + "\n# %% [markdown]\n# ## Look\n\n# %%\n1\n"
        + EXERCISE
        + HINT
        + CHECK
    )
    ids = [cell.id for cell in before.notebook.cells]
    assert ids == [
        "a-title",
        "a-title-1",
        "look",
        "look-1",
        "exercise-twice",
        "look-2",
        "check-twice",
        "hand-in",
    ]
    assert [cell.id for cell in after.notebook.cells][4:] == ids[2:]


def test_a_notebook_with_exercises_ends_with_how_to_check_it(read):
    source = read(IMPORTS + EXERCISE + HINT + CHECK)
    for notebook in (source.student(), source.solution()):
        assert f"tinylab check notebooks/{source.name}.ipynb" in notebook.cells[-1].source
    assert read(IMPORTS + "\n# %%\n1\n").notebook.cells[-1].id != "hand-in"


def test_same_headings_get_different_ids(read):
    explore = "\n# %% [markdown]\n# ## Explore!\n\n# %%\n1\n"
    ids = [cell.id for cell in read(IMPORTS + explore + explore).notebook.cells]
    assert ids[2:] == ["explore", "explore-1", "explore--2", "explore-1--2"]


def test_only_the_exercise_and_tags_stay_in_the_metadata(read):
    source = read(IMPORTS + '\n# %% tags=["slow"] editable=false jupyter={"x": 1}\n1\n')
    assert source.notebook.cells[2].metadata == {"tags": ["slow"]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (EXERCISE.replace("    # end solution\n", "") + HINT + CHECK, "a region is not closed"),
        (EXERCISE.replace("    # solution\n", "") + HINT + CHECK, "a region is not closed"),
        (
            EXERCISE.replace("    # solution\n", "").replace("    # end solution\n", "")
            + HINT
            + CHECK,
            "there is no '# solution' region",
        ),
        ((EXERCISE + HINT) * 2 + CHECK, "exercise id 'twice' is used 2 times"),
        (EXERCISE + HINT, "exercise 'twice' has no check cell"),
        (EXERCISE + HINT + CHECK * 2, "exercise 'twice' is checked 2 times"),
        (CHECK, "has no exercise cell"),
        (EXERCISE + CHECK, "has no hint"),
        (
            EXERCISE + HINT + CHECK.replace("# NBVAL_CHECK_OUTPUT\n", ""),
            "lacks # NBVAL_CHECK_OUTPUT",
        ),
        (
            EXERCISE + HINT + CHECK.replace(", twice", ", thrice"),
            "thrice, which the cell does not define",
        ),
        (EXERCISE.replace(' exercise="twice"', ""), "a solution region stands in a cell without"),
        (EXERCISE.replace("    x = np", "  x = np") + HINT + CHECK, "unindent does not match"),
        (EXERCISE + "\nk = 3\n" + HINT + CHECK, "the cell may only define functions"),
        (EXERCISE.replace('"""', "", 1).replace('"""', "") + HINT + CHECK, "exercise 'twice': "),
        (
            EXERCISE.replace('    """Two times x. Example: twice(2) is 4."""\n', "") + HINT + CHECK,
            "no docstring",
        ),
        ("\n# %% [markdown]\n# # Another title\n", "exactly one H1"),
        ("\n# %% claims=true\n1 + 1\n", "claims cell 1 asserts nothing"),
        ("\n# %% claims=true\nassert (\n", "claims cell 1: "),
        ("\n# %% [markdown] claims=true\n# Two.\n", "must be a code cell of its own"),
        (
            "\n# %% claims=true\nk = 2\nassert k\n\n# %%\nk + 1\n",
            "sets k, which another cell reads",
        ),
        (EXERCISE + HINT + CHECK + "\n# %%\ntwice(4)\n", "a cell reads twice, which the learner"),
        (EXERCISE + HINT + CHECK + "twice(4)\n", "a cell reads twice, which the learner"),
        ("\n# %%\nfrom x import twice\n" + EXERCISE + HINT + CHECK, "a cell reads twice, which"),
        ("\n# %%\nif True:\n    guess.reveal(1)\n", "guess.reveal(...) shows nothing"),
        ("\n# %%\nguess.reveal(1)\nprint(2)\n", "let its cell end with it"),
        ("\n# %% [markdown]\n# ### Too deep\n", "skips a level (H1 to H3)"),
    ],
)
def test_sentences_for_authors(read, text, sentence):
    with pytest.raises(SourceError) as raised:
        read(IMPORTS + text)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("01_part/1_name: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (IMPORTS.replace("import numpy as np", "x = 3"), "may only hold imports"),
        (IMPORTS.replace("import numpy as np", "import ("), "the imports cell: "),
        (IMPORTS.replace("# # A", "# ## A"), "exactly one H1"),
        ("# %% [markdown]\n# # A title\n", "there is no code cell"),
        ("", "exactly one H1"),
    ],
)
def test_sentences_on_the_whole(read, text, sentence):
    with pytest.raises(SourceError, match=sentence.replace("(", r"\(")):
        read(text)


def test_a_hash_in_a_code_block_is_no_heading(read):
    read(IMPORTS + "\n# %% [markdown]\n# ```\n# # not a heading\n# ```\n")
