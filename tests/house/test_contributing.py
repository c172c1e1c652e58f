"""CONTRIBUTING.md: what it names is there, and no room of the house is left out."""

import re

from tinylab.paths import PROJECT

TEXT = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NOT_YET_WRITTEN = {"tinylab/explore/compress/rounding.py"}  # the example of `tinylab new`


def test_every_path_it_names_is_there():
    named = re.findall(r"`((?:tinylab|tests|notebooks|datasets|benchmarks)/[\w./]+)`", TEXT)
    assert len(named) > 40
    missing = {path for path in named if not (PROJECT / path).exists()}
    assert missing <= NOT_YET_WRITTEN


def test_every_room_is_in_the_house_map():
    rooms = {path.parent.name for path in (PROJECT / "tinylab").glob("*/__init__.py")}
    assert sorted(room for room in rooms if f"| `{room}`" not in TEXT) == []


def test_it_answers_twenty_questions():
    questions = re.findall(r"^\| \.\.\. .+\? \| .+ \|$", TEXT, re.M)
    assert len(questions) >= 20


def test_every_command_of_new_is_shown():
    for kind in ("exercise", "explorer", "notebook"):
        assert f"tinylab new {kind} " in TEXT


def test_readme_links_what_contributors_look_for():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    for name in ("CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff"):
        assert f"]({name})" in readme and (PROJECT / name).is_file()
