"""`tinylab grade | check | board | release | restore | pack | unpack`: options in, work done.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
"""

from pathlib import Path

import click

__all__ = ["grading_commands"]

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
A_FOLDER = click.Path(file_okay=False, path_type=Path)


def default_key() -> Path:
    """Where the teacher's key is unless she names another file."""
    return Path(click.get_app_dir("tinylab")) / "grading.key"


@click.command()
@click.argument("notebook", type=A_FILE)
def check(notebook: Path):
    """Show what NOTEBOOK earns, as it is saved on disk, before you hand it in.

    It is read and run as your teacher's grading will read and run it; only the inputs are those
    of the check cells, and your teacher's differ.
    """
    from tinylab.grading import command

    result = command.check_file(notebook)
    click.echo(command.result_text(result))
    raise SystemExit(not result.questions)


@click.command()
@click.argument("handins", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--out", type=A_FOLDER, help="Where records and reports go.")
@click.option("--course", type=A_FILE, help="A course.toml.")
@click.option("--assignment", "names", multiple=True, help="Grade this notebook only; repeatable.")
@click.option("--roster", type=A_FILE, help="Your class: CSV with name, number, email, ...")
@click.option("--received", help="When all hand-ins came: 2026-12-01T23:59, the course's zone.")
@click.option("--times", type=A_FILE, help="When each came: Moodle's worksheet, Canvas' JSON, CSV.")
@click.option(
    "--override", type=A_FILE, help="Your changes: CSV with student, exercise, points, ..."
)
@click.option("--rubric", type=A_FILE, multiple=True, help="Points that a page in forms/ saved.")
@click.option("--only", multiple=True, help="Grade again this exercise or student; repeatable.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--scheduler", help="Grade on a dask cluster: tcp://host:8786.")
@click.option("--resume", is_flag=True, help="Leave out what --out has a result for.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Your secret key.")
@click.option("--verify", type=A_FOLDER, help="Check a record book and its reports.")
def grade(handins, out, key, verify, received, **options):
    """Grade HANDINS, safely: every notebook runs in a sandbox of its own.

    HANDINS is the zip file that Moodle, Canvas, Blackboard, Gradescope or ILIAS gives you (packed
    or unpacked), the folder of GitHub Classroom, a folder with a folder or a file for each
    student, or one notebook. Whose a file is comes from the platform's own names, or your roster,
    never from inside what a student hands in. Whatever cannot be placed is listed.

    \b
    In --out you will see
      grades.csv        a row a student, a column an exercise, totals after the late rules
      please_look.csv   what needs your eyes, and why
      statistics.html   how the class did, exercise by exercise
      forms/            pages on which you grade what was written in words, if you do
      handins.csv       a row a hand-in: what became of it, and which attempt counts
      feedback/         a page for each student to read
      return_moodle/, return_canvas/  the same pages in the names that the platform takes back
      moodle/, canvas.csv  tables that the platform imports
      junit.xml         the same for a CI server
      similarity.csv    pairs of students whose answers resemble each other
      records.jsonl     the signed record book that all of this is made of

    Points are worked out outside the student's Python, on inputs that are drawn for each answer
    from your key: grading again gives the same points. The key is a file that is made on first
    use; keep it, and keep it secret.

    When a hand-in came is known from --received, else your roster or --times, else the
    platform's names. Otherwise no late rule is applied, and the summary says so.

    Late work, attempts, weights, limits and the weakest sandbox you accept stand in a course.toml;
    copy tinylab/grading/rules/course.example.toml. Cut off by a crash? Call it again with
    --resume.

    Exit codes: 0 even if every student failed, 1 a fault of the grader, 3 a file could not be
    placed.

    \b
    Examples
      tinylab grade handed_in/ --out graded/ --roster class.csv --jobs 2
      tinylab grade "CS101-Assignment 2-1234.zip" --out graded/ --course course.toml
      tinylab grade --override changes.csv --out graded/
      tinylab grade --verify graded/
    """
    from tinylab.grading import command
    from tinylab.grading.rules.config import read_config

    key = key or default_key()
    if verify:
        checked = command.verify_folder(verify, key)
        if checked.problems:
            raise click.ClickException("; ".join(checked.problems))
        click.echo(f"{checked.rows} entries are sound; the book ends with {checked.head[:16]}.")
        return
    options["received_at"] = read_config(options["course"]).moment(received) if received else None
    chosen = command.GradeOptions(**options)
    if not out or not (handins or chosen.changes):
        raise click.UsageError("name what to grade and, with --out, where the reports go.")
    if handins:
        outcome = command.grade_class(handins, out, key, chosen)
    else:
        outcome = command.change_grades(out, key, chosen)
    click.echo(outcome)
    raise SystemExit(outcome.exit_code)


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--gradescope", is_flag=True, help="Write an autograder's zip file for Gradescope.")
@click.option("--course", type=A_FILE, help="Your course.toml, for --gradescope.")
@click.option("--assignment", "names", multiple=True, help="For --gradescope: only this notebook.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Your secret key.")
def release(out: Path, gradescope: bool, course: Path | None, names: tuple, key: Path | None):
    """Write what students get into the new folder OUT: no solutions, no teacher's secrets.

    Notebooks, datasets, requirements and the helper package go in, with checksums; solutions,
    sources, wrong answers and tests do not. OUT must not exist, or be empty.

    With --gradescope, OUT is the zip file that Gradescope's "Configure Autograder" takes. Your key
    and your rules are in it: it is for Gradescope, not for students.
    """
    if gradescope:
        from tinylab.grading.gradescope.autograder import write_autograder
        from tinylab.grading.handout import released_files

        files = write_autograder(out, released_files(), key or default_key(), names, course)
        click.echo(f"{files} files, {out.stat().st_size / 1e6:.1f} MB in {out}")
        return
    if course or names or key:
        raise click.UsageError("--course, --assignment and --key are for --gradescope.")
    from tinylab.grading.handout import release as write

    released = write(out)
    click.echo(f"{released.files} files, {released.bytes / 1e6:.1f} MB in {out}")


@click.command()
@click.argument("handins", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=A_FOLDER, required=True, help="Where board.html goes.")
@click.option("--roster", type=A_FILE, help="Your class, as for tinylab grade.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Your secret key.")
def board(handins: Path, out: Path, roster: Path | None, key: Path | None):
    """Show the class's models, score against energy, under pseudonyms.

    A student takes part by handing in a .tflite file whose name begins with "board", beside her
    notebook. Each is run by LiteRT in a process of its own, on the same test split for everybody.
    board.html is for the class; board_names.csv, with the names, is for you alone.
    """
    from tinylab.grading.board.command import write_board

    written = write_board(handins, out, key or default_key(), roster)
    click.echo(f"{written.shown} models in {out / 'board.html'}")
    for sentence in written.refused:
        click.echo(f"Not on the board: {sentence}")


@click.command()
@click.argument("handins", type=click.Path(exists=True, file_okay=False, path_type=Path))
def predictions(handins: Path):
    """Print what a class predicted: the notebooks below HANDINS, question by question."""
    from tinylab.grading.reports.predictions import class_predictions

    click.echo(class_predictions(handins))


@click.command()
@click.argument("notebook", type=A_FILE)
def restore(notebook: Path):
    """Write NOTEBOOK as it was handed out beside your own, which stays as it is."""
    from tinylab.grading.take_home import restore as write

    click.echo(write(notebook))


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
def pack(out: Path):
    """Write your notebooks and what is in my_work into the new zip file OUT."""
    from tinylab.grading.take_home import pack as write

    click.echo(f"{len(write(out).files)} files in {out}")


@click.command()
@click.argument("file", type=A_FILE)
def unpack(file: Path):
    """Put the notebooks and my_work of a FILE that `tinylab pack` wrote back.

    A file that is here already and differs is left as it is, and named.
    """
    from tinylab.grading.take_home import unpack as write

    done = write(file)
    click.echo(f"{len(done.files)} files written.")
    for name in done.kept:
        click.echo(f"Left as it is, because it differs: {name}")


grading_commands = (check, grade, board, predictions, release, restore, pack, unpack)
