"""The commands of long runs: `tinylab train` and `tinylab federated`.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
"""

import json

import click

__all__ = ["training_commands"]


@click.group()
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


@train.command("kws-early")
@click.option("--seed", default=0, show_default=True)
@click.option("--directory", type=click.Path(file_okay=False), help="Where the model goes.")
def train_kws_early(seed: int, directory: str | None):
    """Train the weights that the first class goes on from, in some minutes."""
    from tinylab.recipes.keyword_spotting import train_early

    _show(train_early(seed=seed, directory=directory))


@train.command("ad")
@_training_options
def train_ad(profile: str, seed: int, directory: str | None):
    """Train the anomaly-detection model and measure it, in float and in int8."""
    from tinylab.recipes.anomaly_detection import train_reference

    _show(train_reference(profile, seed=seed, directory=directory))


@train.command("heartbeat")
@_training_options
def train_heartbeat(profile: str, seed: int, directory: str | None):
    """Train the heart monitor and measure it, as int8, on hidden patients."""
    from tinylab.recipes.heartbeat import train_reference

    _show(train_reference(profile, seed=seed, directory=directory))


@train.command("heartbeat-widths")
@click.argument("path", type=click.Path(dir_okay=False))
def train_heartbeat_widths(path: str):
    """Train heart monitors of four widths, three seeds each, and write the table to PATH."""
    from tinylab.recipes.heartbeat import measure_widths

    click.echo(measure_widths(path))


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


@train.command("security")
@_training_options
def train_security(profile: str, seed: int, directory: str | None):
    """Attack the bundled keyword model in every way that the security class shows."""
    from tinylab.recipes.security.recipe import measure_security

    results = measure_security(profile, seed=seed, directory=directory)
    click.echo(f"{len(results.attacks)} rows of attacks on model {results.model}")


@train.command("search")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
def train_search(folder: str, profile: str):
    """Train the super-network of the keyword space, measure all of it, and write it to FOLDER."""
    from tinylab.recipes.search.recipe import RECIPES, measure_space

    results = measure_space(folder, RECIPES[profile])
    click.echo(f"{len(results.accuracy)} networks measured in {folder}/keywords.json")


@train.command("ad-federated")
@click.argument("path", type=click.Path(dir_okay=False))
def train_ad_federated(path: str):
    """Measure four machines that learn together or alone, and write the study to PATH."""
    from tinylab.recipes.anomaly_detection_federated import measure_machines

    finals = measure_machines(path=path).finals()
    click.echo("\n".join(f"{name}: {sum(auc) / len(auc):.3f}" for name, auc in finals.items()))


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


@train.command("vww-joint-exits")
@click.argument("path", type=click.Path(dir_okay=False))
def train_vww_joint_exits(path: str):
    """Train exits on the finished network and together with it, and write the results to PATH."""
    from tinylab.early_exit.joint_study import measure_joint

    results = measure_joint(path)
    for way in results.ways:
        accuracy, saved = (results.values(way, name) for name in ("accuracy", "saved"))
        pairs = ", ".join(
            f"{a:.1%} with {s:.1%} saved" for a, s in zip(accuracy, saved, strict=True)
        )
        click.echo(f"{way}: {pairs}")


@train.command("vww-scaling")
@click.argument("path", type=click.Path(dir_okay=False))
@click.option("--pictures", default=4000, show_default=True)
def train_vww_scaling(path: str, pictures: int):
    """Train MobileNetV1 at nine widths and resolutions and write the results to PATH."""
    from tinylab.recipes.visual_wake_words_scaling import Splits, measure_scaling

    click.echo(measure_scaling(Splits.load(pictures), path=path))


@train.command("vww-doubling")
@click.argument("path", type=click.Path(dir_okay=False))
@click.option("--pictures", default=4000, show_default=True)
@click.option("--seeds", default=5, show_default=True, help="Trainings of each network.")
def train_vww_doubling(path: str, pictures: int, seeds: int):
    """Double a MobileNetV1's work in four ways, each at its best learning rate and with several
    seeds, and write the results to PATH."""
    from tinylab.recipes.visual_wake_words_doubling import measure_doubling
    from tinylab.recipes.visual_wake_words_scaling import Splits

    results = measure_doubling(Splits.load(pictures), seeds=range(seeds), path=path)
    for way in results.ways:
        mean = sum(results.values(way)) / results.seeds
        click.echo(f"{way}: area under the curve {mean:.3f} over {results.seeds} seeds")


@train.command("vww-compress")
@_training_options
@click.option("--part", "parts", multiple=True, help="Only this part of the study; repeatable.")
@click.option(
    "--explorers/--no-explorers", default=True, help="Also measure what the explorers show."
)
@click.option(
    "--origin", type=click.Choice(["yours", "reference"]), help="Which model to compress."
)
def train_vww_compress(profile, parts, explorers, origin, seed, directory):
    """Compress the person detector in every way, and measure each result."""
    from tinylab.recipes.visual_wake_words_compression import PARTS, train_study

    study = train_study(
        profile,
        parts=parts or tuple(PARTS),
        explorers=explorers,
        seed=seed,
        directory=directory,
        origin=origin,
    )
    for point in study.points:
        size = f"{point.stored_bytes:9,} bytes  {point.accuracy:6.1%}"
        click.echo(f"{size}  {point.technique}: {point.label}")


@click.command()
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


training_commands = (federated, train)
