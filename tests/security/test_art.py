"""FGSM against IBM's Adversarial Robustness Toolbox, in an environment of its own.

A second library whose code shares nothing with ours; the workbook does not depend on it.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tinylab.paths import PROJECT

CODE = """
import keras
import numpy as np
from art.attacks.evasion import FastGradientMethod
from art.estimators.classification import TensorFlowV2Classifier
from tinylab.data import speech
from tinylab.models import checkpoints
from tinylab.security.inputs import fgsm, loss_gradient
from tinylab.signal.device_input import INPUT_HIGH, INPUT_LOW, INPUT_SCALE, as_the_device_sees_it
from tinylab.signal.mfcc import mfcc

model = checkpoints.load("keyword_spotting", "train", origin="reference").model
clips = speech.load("test", per_class=2, seed=0)
x, y = as_the_device_sees_it(mfcc(clips.waveforms))[..., np.newaxis], clips.labels
theirs = TensorFlowV2Classifier(
    model=model,
    nb_classes=12,
    input_shape=x.shape[1:],
    loss_object=keras.losses.SparseCategoricalCrossentropy(),
    clip_values=(INPUT_LOW, INPUT_HIGH),
)
ours = loss_gradient(model)
slope = ours(x, y)
gradient = theirs.loss_gradient(x, np.eye(12)[y])
# Theirs is taken at the softmax, which in float32 is exactly one for a model that is very sure.
both = (gradient != 0) & (slope != 0)
assert both.mean() > 0.5, both.mean()
for lsb in (0.25, 0.5, 1.0, 2.0):
    epsilon = lsb * INPUT_SCALE
    made = FastGradientMethod(theirs, eps=epsilon).generate(x, y=np.eye(12)[y])
    np.testing.assert_allclose(fgsm(ours, x, y, epsilon)[both], made[both], atol=1e-5)
print("equal on", int(both.sum()), "of", both.size)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Python of an environment that has ART, and sees the packages of this one."""
    if made := os.environ.get("TINYLAB_ART_PYTHON"):
        return Path(made)
    if not os.environ.get("TINYLAB_EVERY_NOTEBOOK"):
        pytest.skip("installs ART in an environment of its own: set TINYLAB_EVERY_NOTEBOOK=1")
    folder = tmp_path_factory.mktemp("art")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    packages = subprocess.run(
        [str(python), "-c", where], capture_output=True, text=True, check=True
    )
    shared = Path(packages.stdout.strip()) / "tests.pth"
    shared.write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    install = [str(python), "-m", "pip", "install", "-q", "--no-deps"]
    subprocess.run([*install, "-r", str(PROJECT / "requirements-art.txt")], check=True)
    return python


def test_one_step_is_arts_wherever_its_gradient_is_not_zero(python):
    run = subprocess.run(
        [str(python), "-c", CODE],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    assert run.stdout.startswith("equal on")
