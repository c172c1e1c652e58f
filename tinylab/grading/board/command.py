"""What `tinylab board` does: hand-ins in, a page of the class's models out.

A student takes part by handing in a model whose file name begins with "board". Out: `board.html`,
for the class, and `board_names.csv`, which tells the teacher who stands behind each pseudonym.
"""

from dataclasses import dataclass
from pathlib import Path

from tinylab.files import replacing
from tinylab.grading.board.measure import LARGEST_BYTES, measure
from tinylab.grading.board.page import Place, board_page
from tinylab.grading.board.pseudonyms import pseudonyms
from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.handins import take_in
from tinylab.grading.intake.roster import Roster, read_roster
from tinylab.grading.intake.zips import read_handin
from tinylab.grading.records.record_book import read_key
from tinylab.grading.reports.tables import write_csv
from tinylab.grading.rules.assignment import load_assignments
from tinylab.grading.rules.config import read_config

__all__ = ["Board", "write_board"]

HEAD = ["pseudonym", "student", "file", "what became of it"]


@dataclass(frozen=True)
class Board:
    """What was written: the models on the page, and sentences on those that are not."""

    shown: int
    refused: tuple[str, ...]


def write_board(handins: Path, out: Path, key: Path, roster: Path | None = None) -> Board:
    """Measure every model that was handed in for the board and write the page.

    Parameters
    ----------
    hand-ins : Path
        As for `tinylab grade`.
    out : Path
        The folder for `board.html` and `board_names.csv`.
    key : Path
        The teacher's key, from which pseudonyms follow.
    roster : Path, optional

    Raises
    ------
    ValueError, OSError
        Where the hand-ins cannot be read at all.
    """
    config = read_config()
    class_list = read_roster(roster, config.time_zone) if roster else Roster()
    intake = take_in(handins, config.intake, roster=class_list, notebooks=load_assignments())
    names = pseudonyms((model.student for model in intake.models), read_key(key))
    places, rows, refused = [], [HEAD], []
    for handin in intake.models:
        name = names[handin.student]
        try:
            content = read_handin(handin, config.intake)
            if len(content) > LARGEST_BYTES:
                raise ValueError(f"it has more than {LARGEST_BYTES / 1e6:.0f} MB")
            places.append(Place(name, measure(content)))
            outcome = "on the board"
        except (Refused, ValueError) as error:
            outcome = f"not on the board: {error}"
            refused.append(f"{handin.path}: {error}")
        rows.append([name, handin.student, handin.path, outcome])
    out.mkdir(parents=True, exist_ok=True)
    with replacing(out / "board.html") as temporary:
        temporary.write_text(board_page(places), encoding="utf-8", newline="\n")
    write_csv(out / "board_names.csv", rows)
    return Board(len(places), tuple(refused))
