"""One worker of a search in many processes: `python -m tinylab.search.worker URL STUDY N SEED`.

It looks networks up in the bundled table; `--seconds` makes each evaluation take as long as a
training would. The same `work_on` runs as a task of dask: `client.submit(work_on, ...)`.
"""

import argparse
import time

from tinylab.cost import default_board
from tinylab.search.optuna_search import work_on
from tinylab.search.problem import problem_for
from tinylab.search.results import bundled_results
from tinylab.search.space import Architecture

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Work on a study until it has N finished trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("study")
    parser.add_argument("evaluations", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--seconds", type=float, default=0.0)
    given = parser.parse_args(arguments)
    problem = problem_for(bundled_results(), default_board())

    def costs(one: Architecture) -> tuple[float, float]:
        time.sleep(given.seconds)
        return problem(one)

    own = work_on(given.url, given.study, costs, problem.space, given.evaluations, given.seed)
    print(f"{own} trials finished by this worker")


if __name__ == "__main__":
    main()
