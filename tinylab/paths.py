"""Where files live: the shipped data sets, the public ones, and the learner's own work."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def datasets_dir() -> Path:
    """Folder of the built-in data sets (`TINYLAB_DATASETS` overrides it)."""
    return Path(os.environ.get("TINYLAB_DATASETS", PROJECT / "datasets"))


def public_datasets_dir() -> Path:
    """Folder that `tinylab fetch` fills."""
    return datasets_dir() / "public"


def work_dir() -> Path:
    """Folder of the learner's models, ledger, cached results (`TINYLAB_WORK` overrides it)."""
    return Path(os.environ.get("TINYLAB_WORK", PROJECT / "notebooks" / "my_work"))
