"""Functions that an answer may not call, made to refuse before the sandbox shows them."""

import sys

import pytest

from tinylab.grading.sandbox.stubs import REFUSAL, stub_files

MODULE = 'def asked(x):\n    """It."""\n    return x + 1\n\n\ndef other():\n    return 2\n'


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that must not be imported, with a module in a package in it."""
    inner = tmp_path / "slow_package" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").write_text("raise MemoryError('imported')\n")
    (inner / "module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    return inner


def test_a_module_is_found_without_the_packages_above_it(package):
    files = stub_files(("slow_package.inner.module.asked",))
    names: dict = {}
    exec(files[str(package / "module.py")], names)
    assert names["other"]() == 2
    with pytest.raises(RuntimeError, match=REFUSAL):
        names["asked"](1)
    assert "slow_package" not in sys.modules


@pytest.mark.parametrize("name", ("no_package.asked", "slow_package.no.asked", "math.no.asked"))
def test_what_is_not_there_is_left_out(package, name):
    assert stub_files((name,)) == {}
