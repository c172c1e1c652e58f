"""The zip file that Gradescope takes as an autograder ("Configure Autograder", "Zip file upload").

In: this project, the course's rules, the teacher's key, the notebooks that are graded. Out: a zip
with `setup.sh`, which installs the requirements, `run_autograder`, and the package without its
solutions. It holds the key: it is the teacher's, as the upload is.
"""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tinylab.files import replacing
from tinylab.grading.gradescope.run import KEY, RULES, SETTINGS
from tinylab.grading.records.record_book import read_key
from tinylab.grading.rules.assignment import RELEASED, choose, load_assignments, released_text
from tinylab.grading.rules.config import EXAMPLE, hidden_points_name, read_config
from tinylab.paths import PROJECT

__all__ = ["write_autograder"]

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder's image.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install --no-cache-dir -r /autograder/source/requirements.txt
chmod 600 /autograder/source/grading.key
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for every submission. AUTOGRADER and PYTHON are for trying it elsewhere.
root="${AUTOGRADER:-/autograder}"
cd "$root/source" || exit 1
mkdir -p "$root/results"
export PYTHONPATH="$root/source"
exec "${PYTHON:-$root/venv/bin/python}" -m tinylab.grading.gradescope.run "$root"
"""


def write_autograder(
    out: Path,
    released: Iterable[Path],
    key: Path,
    names: Iterable[str] = (),
    course: Path | None = None,
) -> int:
    """Write the zip file, whole or not at all; how many files it holds.

    Parameters
    ----------
    out : Path
        A file that does not exist yet.
    released : iterable of Path
        This project's files that go out as they are, as `handout.released_files` gives them.
    key : Path
        The teacher's key; made if it is not there.
    names : iterable of str
        The notebooks that are graded, else those of the rules, else all.
    course : Path, optional
        The course's rules, with the file of points of her own beside it where it names one.

    Raises
    ------
    FileExistsError
        Where there is something at `out`.
    ValueError
        Rules or names that cannot be meant.
    """
    out = Path(out)
    if out.exists():
        raise FileExistsError(f"{out} is there already; name a new file")
    config, assignments = read_config(course), load_assignments()
    chosen = sorted(choose(assignments, tuple(names) or config.deadlines))
    texts = {
        "setup.sh": SETUP,
        "run_autograder": RUN,
        SETTINGS: json.dumps({"assignments": chosen}) + "\n",
        RULES: (course or EXAMPLE).read_text(encoding="utf-8"),
        KEY: read_key(key).secret.decode("ascii") + "\n",
        RELEASED.relative_to(PROJECT).as_posix(): released_text(assignments),
    }
    hidden = hidden_points_name(course)
    if hidden and Path(hidden).name != hidden:
        raise ValueError(f"hidden_points {hidden!r} must lie beside {course} to go into the zip")
    texts |= {hidden: config.hidden_points} if hidden else {}
    files = {path.relative_to(PROJECT).as_posix(): path for path in released}
    with (
        replacing(out) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archived,
    ):
        for name, path in sorted(files.items()):
            archived.write(path, name)
        for name, text in texts.items():
            archived.writestr(_executable(name), text)
    return len(files) + len(texts)


def _executable(name: str) -> zipfile.ZipInfo:
    """An entry that may be run where it is a script."""
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o600) << 16
    return info
