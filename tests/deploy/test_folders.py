"""Programs are compiled, run and emulated below folders with spaces and letters of any alphabet."""

import tempfile

import numpy as np
import pytest

from tests.deploy.export.test_folder import build
from tinylab.deploy import apart, micro, toolchain
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import emulate
from tinylab.deploy.export.folder import export


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where temporary folders are made meanwhile, too."""
    folder = tmp_path / "Über uns" / "Größe 1 (Kopie) 語"
    folder.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def content(models) -> bytes:
    return models["dense"].tflite()


@pytest.mark.skipif(not toolchain.has_zig(), reason="needs the ziglang wheel")
def test_a_program_answers_as_elsewhere(folder, content, reference, examples):
    program = convert(content, kernels="dsp", name="dense")
    x = examples(program.graph, 3)
    expected = reference(content, x)
    np.testing.assert_array_equal(program.predict_quantized(x), expected)
    np.testing.assert_array_equal(emulate(program, x).outputs, expected)
    export(program, folder / "firmware", x)
    assert build(folder / "firmware") == 0


def test_processes_of_their_own_find_their_files(folder, content, reference, examples):
    quantized = examples(convert(content).graph, 2)
    assert len(apart.predict_apart(content, quantized.astype(np.float32))) == 2
    pytest.importorskip("tflite_micro", reason="TFLM's kernels have wheels for some systems only")
    expected = reference(content, quantized)
    answers = micro.run(content, quantized).outputs
    np.testing.assert_array_equal(answers.reshape(expected.shape), expected)
