"""The doctor sees what is wrong, and says how to fix it."""

import json
import sys
from pathlib import Path

import pytest

from tinylab import doctor


def test_this_environment_is_looked_at_without_stumbling():
    findings = doctor.examine()
    assert len(findings) == 7
    assert all(finding.fix for finding in findings if not finding.fine)
    assert not any("Error: " in finding.detail for finding in findings)


def test_python_too_old(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    assert not doctor.python().fine


def test_wrong_and_missing_packages(tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        "# reasons\n-e .\nnumpy==0.1  # old\nno-such-thing==1.0\n"
        "click>=1\nother==2; python_version < '3'\n"
    )
    finding = doctor.packages(pins)
    assert not finding.fine
    assert "numpy " in finding.detail
    assert "(wanted ==0.1), no-such-thing missing" in finding.detail
    assert "click" not in finding.detail and "other" not in finding.detail


def test_a_kernel_of_another_python(tmp_path, monkeypatch):
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["/opt/other/python", "-f"], "display_name": "x", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = doctor.kernel()
    assert not finding.fine
    assert "/opt/other/python" in finding.detail


def test_widgets_missing_and_switched_off(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    assert "not in JupyterLab: @jupyter-widgets" in doctor.widgets().detail
    monkeypatch.undo()
    config = tmp_path / "labconfig"
    config.mkdir()
    off = {"disabledExtensions": {"anywidget": True}}
    (config / "page_config.json").write_text(json.dumps(off))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert "anywidget (disabled)" in doctor.widgets().detail


def test_a_work_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "file" / "work"))
    finding = doctor.work_folder()
    assert not finding.fine
    assert "TINYLAB_WORK" in finding.fix


@pytest.mark.parametrize("make", ["write_text", "symlink_to"])
def test_a_work_folder_that_is_a_file_or_leads_nowhere(tmp_path, monkeypatch, make):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    getattr(tmp_path / "work", make)("elsewhere")
    assert f"move {tmp_path / 'work'} away" in doctor.work_folder().fix


def test_a_work_folder_that_is_a_link_or_has_another_alphabet(tmp_path, monkeypatch):
    (tmp_path / "Größe 1").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "Größe 1")
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    assert doctor.work_folder().fine


def test_data_sets_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    assert not doctor.datasets().fine


def test_no_browser_is_no_problem(monkeypatch):
    monkeypatch.setenv("PATH", "")
    finding = doctor.browser()
    assert not finding.fine and finding.optional


def test_a_look_that_fails_is_a_finding(monkeypatch):
    def widgets():
        raise KeyError("labextensions")

    finding = doctor._look(widgets)
    assert (finding.what, finding.fine) == ("widgets", False)
    assert "KeyError" in finding.detail


@pytest.mark.parametrize(
    ("fine", "optional", "mark"), [(True, False, "ok"), (False, True, "optional")]
)
def test_marks(fine, optional, mark):
    assert str(doctor.Finding("x", fine, "y", "z", optional)).split()[0] == mark


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to try")
def test_a_disk_that_is_full_already_although_an_empty_file_can_be_made(monkeypatch):
    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", lambda dir: open("/dev/full", "wb"))
    finding = doctor.work_folder()
    assert not finding.fine and "No space left" in finding.detail
