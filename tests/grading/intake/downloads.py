"""Downloads of a class, made here, and what the grader takes in of them."""

import io
import zipfile

from tinylab.grading.intake.handins import take_in

NOTEBOOKS = ("01_keyword_spotting/1_train", "01_keyword_spotting/2_compress", "00_start_here")
NB = "2_compress.ipynb"


def zipped(names) -> bytes:
    """A zip file of these contents by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in names.items():
            archive.writestr(zipfile.ZipInfo(name, (2031, 1, 1, 0, 0, 0)), content)
    return stream.getvalue()


def taken(root, config, **more):
    """What is taken in of a download, with the notebooks of a small course."""
    return take_in(root, config.intake, notebooks=NOTEBOOKS, **more)


def students(intake) -> dict[str, list]:
    """The hand-ins of each student."""
    own = {}
    for handin in intake.handins:
        own.setdefault(handin.student, []).append(handin)
    return own
