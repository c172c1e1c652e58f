"""The commands of the open challenge: `tinylab heartbeat check | add | merge`.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
"""

from pathlib import Path

import click

__all__ = ["challenge_commands"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SEED = click.option("--seed", type=int, help="Which patients are hidden; the public ones without.")
REFUSED = 3


@click.group()
def heartbeat():
    """The heartbeat challenge: measure a program, and rank those of a class."""


@heartbeat.command("check")
@click.argument("program", type=FILE)
@SEED
def check_program(program: Path, seed: int | None):
    """Run PROGRAM, a .tflite, on hidden patients and print its score with its parts."""
    from tinylab.course.challenge.measure import measure_program

    click.echo(measure_program(program.read_bytes(), seed=seed))


@heartbeat.command("add")
@click.argument("program", type=FILE)
@click.option("--name", required=True, help="Under which it is ranked; an older entry goes.")
@click.option("--ranking", required=True, type=click.Path(dir_okay=False, path_type=Path))
@SEED
def add_program(program: Path, name: str, ranking: Path, seed: int | None):
    """Measure PROGRAM and add it to a ranking, a file that is made where there is none."""
    from tinylab.course.challenge.leaderboard import add

    entry = add(ranking, name, program.read_bytes(), seed=seed)
    click.echo(f"{entry.name}: {entry.result.score}")


@heartbeat.command("merge")
@click.argument("rankings", nargs=-1, required=True, type=FILE)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@SEED
def merge_rankings(rankings: tuple[Path, ...], out: Path, seed: int | None):
    """Run every program of some RANKINGS again and write those that hold into one file.

    Lines whose figures do not come out again are refused and named; the exit code is then 3. With
    --seed all are measured anew on other hidden patients, which no student has seen.
    """
    from tinylab.course.challenge.leaderboard import merge, table

    merged = merge(rankings, out, seed=seed)
    click.echo(table(merged.entries))
    for sentence in (*merged.repeated, *merged.refused):
        click.echo(sentence, err=True)
    if merged.refused:
        raise SystemExit(REFUSED)


challenge_commands = (heartbeat,)
