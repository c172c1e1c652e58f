"""Exported folders in firmware: ARM's compiler, C++, two models at once, another emulator."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from tests.deploy.export.semihosting import LINKER_SCRIPT, STARTUP
from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator
from tinylab.deploy.export.deployment import deploy
from tinylab.deploy.export.folder import export

ARM = "arm-none-eabi-gcc"
CORES = ("cortex-m0plus", "cortex-m4", "cortex-m33", "cortex-m7")
STRICT = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-ffreestanding")


def needs(*programs: str) -> None:
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def run(*command: str, cwd=None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def folder(models, examples, tmp_path_factory):
    """Models that use DSP kernels of every kind, with three examples in the self-test."""
    path = tmp_path_factory.mktemp("firmware")
    for name in ("ds_cnn", "odd"):
        program = convert(models[name].tflite(), kernels="dsp", name=name)
        export(program, path / name, examples(program.graph, 3))
    return path


@pytest.mark.parametrize("core", CORES)
def test_arm_compiler_has_no_objection(folder, core, tmp_path):
    needs(ARM)
    for name in ("ds_cnn", "odd"):
        sources = sorted((folder / name / "src").glob("*.c"))
        run(ARM, f"-mcpu={core}", "-mthumb", *STRICT, "-c", *map(str, sources), cwd=tmp_path)


def test_another_emulator_gives_the_same_outputs(folder, tmp_path):
    """QEMU's board with a Cortex-M4 runs the self-test: the outputs of this computer."""
    needs(ARM, "qemu-system-arm")
    (tmp_path / "startup.c").write_text(STARTUP)
    (tmp_path / "board.ld").write_text(LINKER_SCRIPT)
    for name, broken in (("ds_cnn", False), ("odd", False), ("odd", True)):
        target, source = tmp_path / f"{name}.elf", folder / name / "src"
        for file in ("main.c", "test_vectors.h"):
            text = (folder / name / "test" / file).read_text()
            (tmp_path / file).write_text(
                with_wrong_answer(text) if broken and file[0] == "t" else text
            )
        flags = ["-mcpu=cortex-m4", "-mthumb", "-O2", "-nostartfiles", f"-I{source}"]
        files = [tmp_path / "startup.c", tmp_path / "main.c", *sorted(source.glob("*.c"))]
        run(ARM, *flags, f"-T{tmp_path / 'board.ld'}", *map(str, files), "-o", str(target))
        command = ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-semihosting"]
        done = subprocess.run([*command, "-kernel", str(target)], timeout=600, check=False)
        assert done.returncode == broken


def with_wrong_answer(text: str) -> str:
    """The self-test's vectors, with another number in place of the first expected one."""
    head, mark, rest = text.partition("test_output[")
    return head + mark + rest.replace("{\n    ", "{\n    1 ^ ", 1)


def test_two_models_link_into_one_cpp_program(folder, models, examples, tmp_path):
    needs("gcc", "g++")
    objects = []
    for name in ("ds_cnn", "odd"):
        build_folder = tmp_path / name
        build_folder.mkdir()
        run("gcc", "-O2", "-c", *map(str, (folder / name / "src").glob("*.c")), cwd=build_folder)
        objects += map(str, build_folder.glob("*.o"))
    main = tmp_path / "main.cpp"
    main.write_text(
        '#include "ds_cnn.h"\n#include "odd.h"\n#include <cstdio>\n'
        "int main() {\n"
        "  for (int i = 0; i < DS_CNN_INPUT_SIZE; i++) ds_cnn_input()[i] = (int8_t)(i * 7);\n"
        "  for (int i = 0; i < ODD_INPUT_SIZE; i++) odd_input()[i] = (int8_t)(i * 5);\n"
        "  ds_cnn_invoke();\n  odd_invoke();\n"
        '  for (int i = 0; i < DS_CNN_OUTPUT_SIZE; i++) std::printf("%d ", ds_cnn_output()[i]);\n'
        '  for (int i = 0; i < ODD_OUTPUT_SIZE; i++) std::printf("%d ", odd_output()[i]);\n}\n'
    )
    include = [f"-I{folder / name / 'src'}" for name in ("ds_cnn", "odd")]
    run("g++", "-Wall", "-Werror", *include, str(main), *objects, "-o", str(tmp_path / "both"))
    printed = subprocess.run([str(tmp_path / "both")], capture_output=True, check=True).stdout
    expected = []
    for name, step in (("ds_cnn", 7), ("odd", 5)):
        program = convert(models[name].tflite(), kernels="dsp", name=name)
        x = (np.arange(program.input.elements) * step).astype(np.int8)
        expected += program.predict_quantized(x).ravel().tolist()
    assert list(map(int, printed.split())) == expected


def test_deploy_writes_folder_and_report(models, tmp_path):
    content = models["ds_cnn"].tflite()
    program = convert(content, kernels="dsp")
    rng = np.random.default_rng(0)
    x = rng.integers(-128, 128, (12, 25, 10, 1)).astype(np.int8)
    answers = program.predict_quantized(x).argmax(axis=1)
    answers[:3] = (answers[:3] + 1) % 5
    data = tmp_path / "data"
    data.mkdir()
    np.save(data / "x.npy", x)
    np.save(data / "y.npy", answers)
    report = deploy(content, "nucleo_l4r5zi", tmp_path / "out", data=data, name="kws")
    assert report.accuracy == 0.75 and report.kernels == "dsp"
    assert report.latency_low_ms <= report.latency_ms < report.latency_high_ms
    assert report.energy_uJ > 0 and report.instructions == Emulator(program).run(x[:3]).instructions
    stored = json.loads((tmp_path / "out" / "report.json").read_text())
    assert stored["arena_bytes"] == report.arena_bytes >= report.live_bytes
    assert "nn_conv2d_dsp" in (tmp_path / "out" / "report.html").read_text()
    for file in ("library.properties", "library.json", "zephyr/module.yml", "CMakeLists.txt"):
        assert (tmp_path / "out" / file).is_file()


def test_what_does_not_fit_or_is_missing_is_said(models, tmp_path):
    content = models["ds_cnn"].tflite()
    with pytest.raises(ValueError, match="no_such_board"):
        deploy(content, "no_such_board", tmp_path / "out")
    (tmp_path / "data").mkdir()
    with pytest.raises(ValueError, match="no x.npy and no y.npy"):
        deploy(content, "nucleo_l4r5zi", tmp_path / "out", data=tmp_path / "data")
    assert not (tmp_path / "out").exists()
