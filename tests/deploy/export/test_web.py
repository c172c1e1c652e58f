"""The page's WebAssembly answers bit for bit like the program; no network, no name left over."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from tinylab.data import speech
from tinylab.deploy.codegen import convert
from tinylab.deploy.export.web import with_sound, write_page
from tinylab.models import checkpoints

COST = {"instructions": 1234567, "clock_MHz": 80.0, "latency_ms": 12.5}
RUNNER = """
const fs = require("fs"), html = fs.readFileSync(process.argv[1], "utf8");
const settings = JSON.parse(/const settings = (.*);/.exec(html)[1]);
const code = Buffer.from(/atob\\("(.*)"\\)/.exec(html)[1], "base64");
const program = new WebAssembly.Instance(new WebAssembly.Module(code), {}).exports;
const kinds = {int8: Int8Array, uint8: Uint8Array, int16: Int16Array, float32: Float32Array};
const view = role => new kinds[settings[role].dtype](
  program.memory.buffer, program[`${settings.name}_${role}`](), settings[role].elements);
if (settings.reset) program[`${settings.name}_reset`]();
const rows = JSON.parse(fs.readFileSync(process.argv[2])).map(values => {
  view("input").set(values);
  program[`${settings.name}_invoke`]();
  return Array.from(view("output"));
});
console.log(JSON.stringify(rows));
"""


def answers(page, x) -> np.ndarray:
    """What the page's module computes, in Node.js."""
    if not shutil.which("node"):
        pytest.skip("needs Node.js")
    inputs = page.with_name("inputs.json")
    inputs.write_text(json.dumps(x.reshape(len(x), -1).tolist()))
    command = ["node", "-e", RUNNER, str(page), str(inputs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("name", "kernels"), [("ds_cnn", "dsp"), ("image", "plain"), ("float_ends", "dsp")]
)
def test_the_module_answers_like_the_program(models, examples, tmp_path, name, kernels):
    program = convert(models[name].tflite(), kernels=kernels, name=name)
    page = write_page(program, tmp_path, **COST)
    x = examples(program.graph, 5)
    expected = program.predict_quantized(x).reshape(5, -1)
    np.testing.assert_array_equal(answers(page, x).astype(expected.dtype), expected)


def test_a_keyword_model_takes_sound(tmp_path):
    content = checkpoints.load("keyword_spotting", "compress", origin="reference").model
    program = convert(content, kernels="dsp", name="kws")
    spoken = with_sound(program)
    assert spoken.input.dtype == "int16" and spoken.input.elements == 16_000
    page = write_page(program, tmp_path, labels=speech.LABELS, **COST)
    clips = speech.load("test", per_class=1).waveforms[:4]
    np.testing.assert_array_equal(answers(page, clips), spoken.predict_quantized(clips))
    text = page.read_text()
    assert '"kind": "sound"' in text and '"labels": ["down", "go"' in text


def test_the_page_loads_nothing(models, tmp_path):
    program = convert(models["image"].tflite(), name="image")
    text = write_page(program, tmp_path, **COST).read_text()
    assert not re.search(r"(src|href)=|https?://|fetch\(|import\(", text)
    assert "default-src 'none'" in text and "1234567" in text
    assert '"kind": "picture"' in text


def test_wrong_labels_are_refused(models, tmp_path):
    program = convert(models["dense"].tflite(), name="dense")
    with pytest.raises(ValueError, match="outputs, and there are 2 labels"):
        write_page(program, tmp_path, labels=["yes", "no"], **COST)
    assert not list(tmp_path.iterdir())
