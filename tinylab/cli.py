"""The command line: `tinylab doctor | build | new | release | check | grade | fetch | ...`.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
Errors that a user can correct are one sentence on stderr and exit code 1.
"""

import json

import click

from tinylab.grading.command_line import grading_commands

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
        different = course_build.differences(sources)
        if different:
            raise click.ClickException("\n".join(different))
        click.echo(f"{len(sources)} notebooks equal their sources.")
        return
    for path in course_build.write_students(sources):
        click.echo(path)
    for source in sources if execute else ():
        click.echo(course_build.execute(source))


@main.group()
def new():
    """Write the first files of an exercise, an explorer or a notebook (see CONTRIBUTING.md)."""


@new.command("exercise")
@click.argument("name")
@click.option("--notebook", required=True, help="Such as 01_keyword_spotting/2_compress.")
def exercise_skeleton(name: str, notebook: str):
    """An exercise NAME with its points and wrong answers, and its cells in a notebook."""
    from tinylab.course.skeletons.write import new_exercise

    click.echo(new_exercise(name, notebook))


@new.command("explorer")
@click.argument("name")
@click.option("--folder", required=True, help="train, compress, adapt, energy_latency, codesign.")
def explorer_skeleton(name: str, folder: str):
    """An explorer NAME with one control."""
    from tinylab.course.skeletons.write import new_explorer

    click.echo(new_explorer(name, folder))


@new.command("notebook")
@click.argument("name")
def notebook_skeleton(name: str):
    """A notebook NAME, such as 04_codesign/5_budget."""
    from tinylab.course.skeletons.write import new_notebook

    click.echo(new_notebook(name))


@main.command()
def doctor():
    """Check this environment and say how to fix what is wrong."""
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


for _command in grading_commands:
    main.add_command(_command)


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


def _show(figures) -> None:
    from tinylab.recipes.figures import plain

    click.echo(json.dumps(plain(figures), indent=2))


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


@train.command("kws-federated")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--part", "parts", multiple=True, help="Only this part; repeatable.")
@click.option("--alpha", "alphas", multiple=True, type=float, help="Only this one; repeatable.")
def train_kws_federated(folder: str, parts: tuple[str, ...], alphas: tuple[float, ...]):
    """Measure all that the federated notebook's explorers show, and write two tables to FOLDER."""
    from tinylab.adapt.federated.keywords.users import feature_bank
    from tinylab.models import checkpoints
    from tinylab.recipes.federated.experiments import PARTS
    from tinylab.recipes.federated.runs import measure_runs

    model = checkpoints.load("keyword_spotting", "train", origin="reference").model
    runs, tuned = measure_runs(
        "the bundled DS-CNN",
        feature_bank(model),
        folder,
        parts=parts or tuple(PARTS),
        alphas=alphas or None,
    )
    click.echo(f"{len(runs.runs)} runs and {len(tuned.rows)} tuned settings in {folder}")


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
    click.echo(f"{figures.method}: {figures.accuracy:.1%} on test cameras with 5 pictures each")


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
@click.option("--flower", is_flag=True, help="Over the network of this computer, by Flower.")
@click.option(
    "--strategy",
    default="FedAvg",
    show_default=True,
    type=click.Choice(["FedAvg", "FedProx", "FedAvgM", "FedAdam", "Scaffold"]),
)
@click.option("--users", type=click.IntRange(1), help="100; with --flower 2, each a process.")
@click.option("--rounds", type=click.IntRange(1), help="30; with --flower 3.")
@click.option("--share", type=float, help="Of the users in a round: 0.2; with --flower all.")
@click.option("--alpha", default=0.1, show_default=True, help="Small: few words a user.")
@click.option("--seed", default=0, show_default=True)
@click.option("--write", type=click.Path(file_okay=False), help="A folder for app and job.")
@click.option("--limit", "limit_s", default=300.0, show_default=True, help="Seconds for Flower.")
def federated(flower, strategy, users, rounds, share, alpha, seed, write, limit_s):
    """Let users with words of their own teach one keyword model, by federated learning.

    With --flower the same strategy and the same users run on a real engine: a SuperLink and a
    SuperNode for each user start on this computer, talk over loopback only, and are stopped in the
    end; the weights are compared with those of the loop. Flower needs an environment of its own:

    \b
      python3 -m venv .venv-flower
      .venv-flower/bin/pip install -r requirements-flower.txt

    --write FOLDER starts nothing and writes Flower's app and job, for several machines:
    tinylab/adapt/federated/flower/several_machines.md says how to start it there, with TLS.
    """
    from tinylab.recipes.federated.command import Options, federated_lines

    few = (2, 3, 1.0) if flower or write else (100, 30, 0.2)
    chosen = (users or few[0], rounds or few[1], few[2] if share is None else share)
    options = Options(strategy, *chosen, alpha, seed, flower, write, limit_s)
    for line in federated_lines(options):
        click.echo(line)


@main.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@click.option("--board", required=True, help="Id of a board; see tinylab.cost.boards().")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder to write.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False),
    help="Folder with x.npy (examples) and y.npy (right outputs), for the accuracy.",
)
@click.option("--name", help="Prefix of the C functions; by default the model's name.")
def deploy(model, board, out, data, name):
    """Write MODEL, a .tflite file, as a firmware folder for a board, with a report."""
    from tinylab.deploy.export.deployment import deploy as deploy_model
    from tinylab.deploy.export.report import summary

    click.echo(summary(deploy_model(model, board, out, data=data, name=name)))
    click.echo(f"{out}: README.md says how to build it; report.html has every layer")


@main.command()
@click.argument("board")
@click.argument("model")
@click.argument("latency_ms", type=float, required=False)
@click.option("--port", help="Read it from this serial port, such as /dev/ttyACM0 or COM3.")
@click.option("--stack", default="TFLM CMSIS-NN", show_default=True, help="What ran the model.")
@click.option("--save", is_flag=True, help="Add it to your boards.toml.")
def measure(board, model, latency_ms, port, stack, save):
    """Set LATENCY_MS that you measured of MODEL on BOARD beside the prediction.

    MODEL is kws, vww, ic, ad or sww of MLPerf Tiny. With --port the time is read from a board that
    runs the exported timer_main.c.
    """
    from tinylab.cost.own_measurement import (
        compare_measurement,
        printed_latency_ms,
        read_port,
        save_measurement,
    )

    if (latency_ms is None) == (port is None):
        raise click.UsageError("pass LATENCY_MS, or --port to read it")
    if port is not None:
        latency_ms = printed_latency_ms(read_port(port))
    measured = compare_measurement(board, model, latency_ms, stack=stack)
    click.echo(str(measured))
    if save:
        click.echo(f"added to {save_measurement(measured)}")


@main.command()
@click.argument("hand_ins", type=click.Path(exists=True, file_okay=False))
def predictions(hand_ins):
    """Print what a class predicted: the notebooks below HAND_INS, question by question."""
    from tinylab.grading.reports.predictions import class_predictions

    click.echo(class_predictions(hand_ins))


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
