"""What Flower runs: a small app that names our server and client, beside a job's files."""

from pathlib import Path

from tinylab.adapt.federated.flower.job import Job, write_job
from tinylab.adapt.federated.stacked import ClientData

__all__ = ["write_app"]

APP = {
    "pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tinylab-federated"
version = "1.0.0"
license = "MIT"
dependencies = ["flwr"]

[tool.hatch.build.targets.wheel]
packages = ["."]

[tool.flwr.app]
publisher = "tinylab"

[tool.flwr.app.components]
serverapp = "engine.server:app"
clientapp = "engine.client:app"

[tool.flwr.app.config]
job = ""
""",
    "engine/__init__.py": "",
    "engine/server.py": """from tinylab.adapt.federated.flower.server import server_app

app = server_app()
""",
    "engine/client.py": """from tinylab.adapt.federated.flower.client import client_app

app = client_app()
""",
}


def write_app(job: Job, data: ClientData, folder: Path) -> None:
    """Write `folder`/app for `flwr run`, and `folder`/job with every client's own examples.

    Raises
    ------
    ValueError
        The job cannot be written down: see `write_job`.
    """
    write_job(job, data, folder / "job")
    for file, text in APP.items():
        (folder / "app" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "app" / file).write_text(text, encoding="utf-8")
