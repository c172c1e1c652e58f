"""Fixtures of the intake's tests."""

import pytest

from tests.grading.intake.downloads import zipped


@pytest.fixture(params=["zip", "folder"])
def download(request, tmp_path):
    """Write files (name to content) as a zip file, and as it is unpacked."""

    def write(*names: str, called="download", **contents):
        files = {**dict.fromkeys(names, b"x"), **contents.get("files", {})}
        if request.param == "zip":
            (tmp_path / f"{called}.zip").write_bytes(zipped(files))
            return tmp_path / f"{called}.zip"
        for name, content in files.items():
            path = tmp_path / called / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / called

    return write
