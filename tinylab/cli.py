"""The command line: `tinylab doctor | build | release | check | grade | fetch | train | cost`.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
Errors that a user can mend are one sentence on stderr and exit code 1.
"""

import json
from datetime import timezone
from pathlib import Path

import click

__all__ = ["main"]

USER_ERRORS = (ValueError, TypeError, OSError, RuntimeError)


class _Sentences(click.Group):
    """A group whose commands end in one sentence, not a traceback."""

    def invoke(self, context: click.Context):
        try:
            return super().invoke(context)
        except (click.exceptions.Exit, click.Abort):  # RuntimeErrors that click itself handles
            raise
        except USER_ERRORS as error:
            raise click.ClickException(str(error) or type(error).__name__) from error


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tinylab")
def main():
    """The workbook's tools. Start the workbook itself with: python3 start.py"""


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a notebook is out of date.")
@click.option("--execute", is_flag=True, help="Also run the solution notebooks and store them.")
@click.argument("names", nargs=-1)
def build(check: bool, execute: bool, names: tuple[str, ...]):
    """Write the notebooks from notebooks/source (all, or those whose path contains a NAME)."""
    from tinylab.course.notebooks import build as course_build

    sources = course_build.find_sources(names)
    if check:
        found = course_build.differences(sources)
        if found:
            raise click.ClickException("\n".join(found))
        click.echo(f"{len(sources)} notebooks equal their sources.")
        return
    for path in course_build.write_students(sources):
        click.echo(path)
    for source in sources if execute else ():
        click.echo(course_build.execute(source))


@main.command()
def doctor():
    """Check this environment and say how to mend it."""
    from tinylab.doctor import examine, report

    findings = examine()
    click.echo(report(findings))
    raise SystemExit(any(finding.is_problem for finding in findings))


@main.command()
@click.argument("name")
def fetch(name: str):
    """Download a public data set; `tinylab fetch list` names them."""
    from tinylab.data.download import public

    if name == "list":
        for key, entry in public.public_sets().items():
            click.echo(
                f"{key}: {entry.title}, {entry.archive_bytes / 1e6:,.0f} MB, {entry.licence}"
            )
        return
    click.echo(public.fetch(name))


@main.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False))
def check(notebook: str):
    """Show what NOTEBOOK earns, as it is saved on disk, before you hand it in.

    It is read and run as your teacher's grading will read and run it; only the inputs are those
    of the check cells, and your teacher's differ.
    """
    from tinylab.grading import command

    result = command.check_file(Path(notebook))
    click.echo(command.told(result))
    raise SystemExit(not result.questions)


@main.command()
@click.argument("submissions", type=click.Path(exists=True), required=False)
@click.option("--out", type=click.Path(file_okay=False), help="Where records and reports go.")
@click.option("--course", type=click.Path(exists=True, dir_okay=False), help="A course.toml.")
@click.option("--assignment", "names", multiple=True, help="Grade this notebook only; repeatable.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--scheduler", help="Grade on a dask cluster: tcp://host:8786.")
@click.option("--resume", is_flag=True, help="Leave out what --out has a result for.")
@click.option(
    "--received", type=click.DateTime(), help="When files without an LMS's time came, UTC."
)
@click.option("--key", type=click.Path(dir_okay=False), help="The file of your secret key.")
@click.option(
    "--verify", type=click.Path(exists=True, file_okay=False), help="Check a record book."
)
def grade(submissions, out, course, names, jobs, scheduler, resume, received, key, verify):
    """Grade SUBMISSIONS, safely: every notebook runs in a sandbox of its own.

    SUBMISSIONS is a folder with a folder or a file for each student, the zip file that Moodle or
    Canvas gives you (packed or unpacked), or one notebook. Of each notebook only the student's
    answers are taken; everything else comes from your copy of the course. Nothing is unpacked,
    and no submission can stop the others.

    \b
    In --out you find afterwards
      grades.csv        a row a student, a column an exercise, totals after the late rules
      submissions.csv   a row a submission: what became of it, and which attempt counts
      feedback/         a page for each student to read
      moodle/, canvas.csv  tables that the LMS imports
      junit.xml         the same for a CI server
      similarity.csv    pairs of students whose answers resemble each other
      records.jsonl     the signed record book that all of this is made of

    Points are worked out outside the student's Python, on inputs that are drawn for each
    submission from your key: grading again gives the same points, and no two students can hand
    inputs on. The key is a file that is made on first use; keep it, and keep it secret.

    Late work, attempts, limits and the weakest sandbox you accept stand in a course.toml; copy
    tinylab/grading/rules/course.example.toml. Cut off by a crash? Call it again with --resume.
    The exit code tells about the grader alone: 0 even if every student failed.

    \b
    Examples
      tinylab grade handed_in/ --out graded/ --jobs 2
      tinylab grade "CS101-Assignment 2-1234.zip" --out graded/ --course course.toml
      tinylab grade --verify graded/
    """
    from tinylab.grading import command

    key = Path(key or Path(click.get_app_dir("tinylab")) / "grading.key")
    if verify:
        found = command.verify_folder(Path(verify), key)
        if found.problems:
            raise click.ClickException("; ".join(found.problems))
        click.echo(f"{found.rows} records are sound; the book ends with {found.head[:16]}.")
        return
    if not submissions or not out:
        raise click.UsageError("name what to grade and, with --out, where the reports go.")
    outcome = command.grade_class(
        Path(submissions),
        Path(out),
        course=Path(course) if course else None,
        key=key,
        names=names,
        jobs=jobs,
        scheduler=scheduler,
        resume=resume,
        received_at=received.replace(tzinfo=timezone.utc) if received else None,
    )
    click.echo(outcome)
    raise SystemExit(bool(outcome.summary.faults))


@main.command()
@click.argument("out", type=click.Path())
def release(out: str):
    """Write what students get into the new folder OUT: no solutions, no teacher's secrets.

    Notebooks, datasets, requirements and the helper package go in, with checksums; solutions,
    sources, wrong answers and tests do not. OUT must not exist, or be empty.
    """
    from tinylab.grading.handout import release as write

    released = write(Path(out))
    click.echo(f"{released.files} files, {released.bytes / 1e6:.1f} MB in {out}")


@main.group()
def train():
    """Train a reference model anew."""


def _training_options(command):
    """The options of every long training."""
    profile = click.Choice(["quick", "full"])
    folder = click.Path(file_okay=False)
    where = "Where the results go; your work folder without it."
    for option in (
        click.option("--directory", type=folder, help=where),
        click.option("--seed", default=0, show_default=True),
        click.option("--profile", type=profile, default="quick", show_default=True),
    ):
        command = option(command)
    return command


def _show(figures: dict) -> None:
    click.echo(json.dumps(figures, indent=2))


@train.command("kws")
@_training_options
def train_kws(profile: str, seed: int, directory: str | None):
    """Train the keyword-spotting model and measure it on voices it never heard."""
    from tinylab.recipes.keyword_spotting import train_reference

    _show(train_reference(profile, seed=seed, directory=directory))


@train.command("ad")
@_training_options
def train_ad(profile: str, seed: int, directory: str | None):
    """Train the anomaly-detection model and measure it, in float and in int8."""
    from tinylab.recipes.anomaly_detection import train_reference

    _show(train_reference(profile, seed=seed, directory=directory))


@train.command("vww")
@_training_options
def train_vww(profile: str, seed: int, directory: str | None):
    """Train the visual-wake-words model and measure it on scenes it never saw."""
    from tinylab.recipes.visual_wake_words import train_reference

    _show(train_reference(profile, seed=seed, directory=directory))


@train.command("vww-adapt")
@_training_options
def train_vww_adapt(profile: str, seed: int, directory: str | None):
    """Meta-learn weights that adapt to a new camera, and measure sparse updates."""
    from tinylab.recipes.visual_wake_words_few_shot import train_reference

    figures = train_reference(profile, seed=seed, directory=directory)
    click.echo(
        f"{figures['method']}: {figures['accuracy']:.1%} on test cameras with 5 pictures each"
    )


@train.command("vww-exits")
@_training_options
def train_vww_exits(profile: str, seed: int, directory: str | None):
    """Train early exits on the visual-wake-words model and measure them on scenes it never saw."""
    from tinylab.recipes.visual_wake_words_early_exit import train_reference_exits

    _show(train_reference_exits(profile, seed=seed, directory=directory))


@train.command("vww-scaling")
@click.argument("path", type=click.Path(dir_okay=False))
@click.option("--pictures", default=4000, show_default=True)
def train_vww_scaling(path: str, pictures: int):
    """Train MobileNetV1 at nine widths and resolutions and write the table to PATH."""
    from tinylab.recipes.visual_wake_words_scaling import measure_scaling

    click.echo(measure_scaling(pictures, path=path))


@train.command("vww-compress")
@_training_options
@click.option("--part", "parts", multiple=True, help="Only this part of the study; repeatable.")
@click.option("--sweeps/--no-sweeps", default=True, help="Also measure what the explorers show.")
@click.option(
    "--origin", type=click.Choice(["yours", "reference"]), help="Which model to compress."
)
def train_vww_compress(profile, parts, sweeps, origin, seed, directory):
    """Compress the person detector in every way, and measure each result."""
    from tinylab.recipes.visual_wake_words_compression import PARTS, train_study

    study = train_study(
        profile,
        parts=parts or tuple(PARTS),
        sweeps=sweeps,
        seed=seed,
        directory=directory,
        origin=origin,
    )
    for point in study.points:
        size = f"{point.stored_bytes:9,} bytes  {point.accuracy:6.1%}"
        click.echo(f"{size}  {point.technique}: {point.label}")


@main.command()
@click.argument("board")
@click.argument("model")
@click.argument("latency_ms", type=float)
@click.option("--stack", default="TFLM CMSIS-NN", show_default=True, help="What ran the model.")
@click.option("--save", is_flag=True, help="Add it to your boards.toml.")
def measure(board, model, latency_ms, stack, save):
    """Set LATENCY_MS that you measured of MODEL on BOARD beside the prediction.

    MODEL is kws, vww, ic, ad or sww of MLPerf Tiny.
    """
    from tinylab.cost.own_measurement import compare_measurement, save_measurement

    measured = compare_measurement(board, model, latency_ms, stack=stack)
    click.echo(str(measured))
    if save:
        click.echo(f"added to {save_measurement(measured)}")


@main.group()
def cost():
    """The cost model of boards."""


@cost.command("validate")
def cost_validate():
    """Print the errors of the cost model on measurements it was not fitted to."""
    from tinylab.cost import format_validation, validate

    click.echo(format_validation(validate()))


if __name__ == "__main__":
    main()
