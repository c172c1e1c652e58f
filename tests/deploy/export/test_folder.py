"""The exported folder builds with nothing else, and its self-test passes."""

import shutil
import subprocess

import numpy as np
import pytest

from tinylab.deploy import toolchain
from tinylab.deploy.codegen import convert
from tinylab.deploy.export.folder import export


def build(folder, *flags):
    sources = [*map(str, sorted((folder / "src").glob("*.c"))), str(folder / "test" / "main.c")]
    target = folder / "self_test"
    include = [f"-I{folder / 'src'}"]
    command = [*toolchain.host_compiler(), "-O2", *toolchain.WARNINGS, *include, *flags, *sources]
    toolchain.compile_c([*command, "-o", str(target)])
    return subprocess.run([str(target)], check=False).returncode


@pytest.mark.parametrize(
    ("name", "kernels"), [("ds_cnn", "dsp"), ("image", "plain"), ("float_ends", "dsp")]
)
def test_folder_builds_and_passes(models, examples, tmp_path, name, kernels):
    program = convert(models[name].tflite(), kernels=kernels, name=name)
    paths = export(program, tmp_path / "firmware", examples(program.graph, 3))
    assert all(path.is_file() for path in paths)
    assert build(tmp_path / "firmware") == 0


def test_the_self_test_notices_a_wrong_answer(models, examples, tmp_path):
    program = convert(models["dense"].tflite(), name="dense")
    export(program, tmp_path, examples(program.graph, 2))
    weights = tmp_path / "src" / "dense_weights.h"
    text = weights.read_text()
    start = text.index("weights_0[")
    weights.write_text(text[:start] + text[start:].replace("{\n    ", "{\n    127 + 0 * ", 1))
    broken = build(tmp_path)
    bias = text.index("bias_0[")
    weights.write_text(text[:bias] + text[bias:].replace("{\n    ", "{\n    99999 + 0 * ", 1))
    assert max(broken, build(tmp_path)) > 0


def test_readme_tells_what_is_needed(models, examples, tmp_path):
    program = convert(models["ds_cnn"].tflite(), name="ds_cnn")
    export(program, tmp_path, examples(program.graph, 1))
    readme = (tmp_path / "README.md").read_text()
    assert f"{program.arena_bytes:,} bytes" in readme and "ds_cnn_invoke()" in readme
    assert "1 x 25 x 10 x 1 int8, real = " in readme
    cmake = (tmp_path / "CMakeLists.txt").read_text()
    assert all(f"src/{name}" in cmake for name in program.sources if name.endswith(".c"))


def test_cmake_builds_it(models, examples, tmp_path):
    if not shutil.which("cmake") or not shutil.which("cc"):
        pytest.skip("needs cmake and a C compiler")
    program = convert(models["dense"].tflite(), kernels="dsp", name="dense")
    export(program, tmp_path, examples(program.graph, 2))
    for command in (["-B", "build"], ["--build", "build"]):
        subprocess.run(["cmake", *command], cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run([str(tmp_path / "build" / "dense_test")], check=False).returncode == 0


def test_examples_must_fit(models, tmp_path):
    program = convert(models["dense"].tflite())
    with pytest.raises(TypeError, match="int8"):
        export(program, tmp_path, np.zeros((1, 64)))
