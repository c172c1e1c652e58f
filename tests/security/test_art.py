"""FGSM against IBM's Adversarial Robustness Toolbox, in an environment of its own."""

import os
import subprocess
import sys

import pytest

from tinylab.paths import PROJECT

FOLDER = PROJECT / ".art"
CODE = """
import numpy as np, keras
from art.attacks.evasion import FastGradientMethod
from art.estimators.classification import TensorFlowV2Classifier
from tinylab.security.inputs import Range, fgsm, loss_gradient
keras.utils.set_random_seed(0)
layers = keras.layers
model = keras.Sequential([keras.Input((49, 10, 1)), layers.Conv2D(8, (10, 4), strides=2,
    activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(12, activation="softmax")])
x = np.random.default_rng(0).normal(size=(16, 49, 10, 1)).astype(np.float32)
y = np.arange(16) % 12
theirs = TensorFlowV2Classifier(model=model, nb_classes=12, input_shape=(49, 10, 1),
    loss_object=keras.losses.SparseCategoricalCrossentropy(), clip_values=(-100, 100))
made = FastGradientMethod(theirs, eps=0.1).generate(x, y=np.eye(12)[y])
gradient = loss_gradient(model)
ours = fgsm(gradient, x, y, 0.1, Range(-100, 100))
moves = gradient(x, y) != 0
assert moves.mean() > 0.5
np.testing.assert_allclose(ours[moves], made[moves], atol=1e-6)
print("equal on", int(moves.sum()))
"""


def test_one_step_is_arts():
    if not FOLDER.is_dir():
        pytest.skip("ART is not there: requirements-art.txt says how to put it into .art")
    paths = os.pathsep.join([str(PROJECT), str(FOLDER)])
    environment = os.environ | {"PYTHONPATH": paths}
    run = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.startswith("equal on")
