"""Damaged model files: does every one end in an answer or in one sentence?

    python -m benchmarks.damaged_models MODEL.tflite ... --count 2000 --litert-every 10

Each mutant is read, counted, planned, optimized, written, compiled and evaluated in a forked
process with limits of memory and time; some run in LiteRT too. The outcomes are counted: "run",
"refused", and whatever should not be (an exception, a signal, a limit).
"""

import os
import resource
import sys
import traceback
from collections import Counter
from pathlib import Path

import click
import numpy as np

from tests.deploy.mutation import mutants, outcome
from tinylab.deploy.litert import LiteRTModel

LIMIT_S, LIMIT_BYTES = 30, 4 * 2**30
ENDINGS = ("run", "refused", "fault")


@click.command()
@click.argument("models", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--count", default=2000, help="Mutants in all, shared by the models.")
@click.option("--litert-every", default=10, help="Every so many run in LiteRT too; 0: none.")
@click.option("--seed", default=0)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for mutants with a fault.")
def main(models, count, litert_every, seed, keep):
    """Count what mutants of MODELS end in."""
    outcomes: Counter = Counter()
    each = -(-count // len(models))
    for model in models:
        for number, mutant in enumerate(mutants(model.read_bytes(), each, seed)):
            with_litert = bool(litert_every) and number % litert_every == 0
            ending = _forked(mutant, with_litert)
            outcomes[ending] += 1
            if ending not in ENDINGS[:2]:
                click.echo(f"{model.name}, mutant {number}: {ending}")
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{model.stem}_{number}.tflite").write_bytes(mutant)
    for ending, total in outcomes.most_common():
        click.echo(f"{ending}: {total}")
    sys.exit(any(ending not in ENDINGS[:2] for ending in outcomes))


def _forked(mutant: bytes, with_litert: bool) -> str:
    child = os.fork()
    if not child:
        os._exit(_ending(mutant, with_litert))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return ENDINGS[os.WEXITSTATUS(status)]


def _ending(mutant: bytes, with_litert: bool) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
    try:
        ending = ENDINGS.index(outcome(mutant))
        if with_litert:
            _litert(mutant)
    except BaseException:
        traceback.print_exc()
        return ENDINGS.index("fault")
    return ending


def _litert(mutant: bytes) -> None:
    try:
        model = LiteRTModel(mutant)
        details = model.input_details
        model.predict_quantized(np.zeros((1, *details.shape[1:]), details.dtype))
    except ValueError as error:
        if len(str(error).splitlines()) != 1:
            raise RuntimeError(f"not one line: {error}") from error


if __name__ == "__main__":
    main()
