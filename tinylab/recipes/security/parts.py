"""The parts of the study: each takes a workbench and a seed, and gives rows."""

from collections.abc import Iterator

import keras
import numpy as np

from tinylab.compress.study import share_kernels
from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.recipes.security.workbench import SHARED, Workbench
from tinylab.security.adversarial_training import FineTuning, fine_tuned
from tinylab.security.bit_flips import weight_table
from tinylab.security.inputs import loss_gradient, pgd, random_signs
from tinylab.security.membership import membership_auc
from tinylab.security.results import (
    AttackRow,
    DefenceRow,
    MembershipRow,
    ProtectionRow,
    TheftRow,
)
from tinylab.security.study import (
    LSB,
    measure_attacks,
    measure_chosen_faults,
    measure_random_faults,
    measure_transfer,
)
from tinylab.security.theft import ANSWERS, Copying, stolen_copy
from tinylab.signal.device_input import INPUT_SCALE

__all__ = ["attacks", "chosen_faults", "defences", "members", "random_faults", "thefts"]

TRAINED_LSB = (0.0, 1.0, 2.0)
THEFT_LSB = 2.0
MEMBERS = 240


def attacks(bench: Workbench, seed: int) -> Iterator[AttackRow]:
    """Clean answers, controls on the dense model, and PGD from every model to every model."""
    targets, (x, y, _) = bench.compressed(seed), bench.attacked
    for name, target in targets.items():
        for int8 in (False, True):
            wrong = int((target.answers(x, int8) != y).sum())
            yield AttackRow(name, name, "none", 0.0, int8, seed, wrong, len(y))
    controls = measure_attacks(targets["dense"], x, y, seed=seed)
    yield from (row for row in controls if row.attack != "pgd")
    yield from measure_transfer(targets, x, y, seed=seed)


def defences(bench: Workbench, seed: int) -> Iterator[DefenceRow]:
    """Fine-tuning on clean and on attacked examples, judged under PGD."""
    x, y, _ = bench.test
    for trained in TRAINED_LSB:
        settings = FineTuning(trained * INPUT_SCALE, bench.profile.epochs, seed=seed)
        model = fine_tuned(bench.model, bench.train.x, bench.train.y, settings)
        target, gradient = bench.target("defended", model), loss_gradient(model)
        for lsb in (0.0, *LSB):
            attacked = pgd(gradient, x, y, lsb * INPUT_SCALE, seed=seed) if lsb else x
            for int8 in (False, True):
                right = int((target.answers(attacked, int8) == y).sum())
                yield DefenceRow(trained, lsb, int8, seed, right, len(y))


def random_faults(bench: Workbench) -> tuple[ProtectionRow, ...]:
    """Bits changed by chance, behind every protection."""
    table = weight_table(bench.target("dense", bench.model).program.content)
    seeds = range(bench.profile.fault_seeds)
    return measure_random_faults(table, bench.accuracy, flips=bench.profile.flips, seeds=seeds)


def chosen_faults(bench: Workbench, seed: int) -> tuple[ProtectionRow, ...]:
    """Bits changed by an attacker who has 64 training clips and knows the protection."""
    table = weight_table(bench.target("dense", bench.model).program.content)
    rows = np.random.default_rng(seed).permutation(len(bench.train.y))[:64]
    x, y = bench.train.x[rows], bench.train.y[rows]
    budgets = bench.profile.budgets
    return measure_chosen_faults(table, x, y, bench.accuracy, budgets=budgets, seed=seed)


def thefts(bench: Workbench, seed: int) -> Iterator[TheftRow]:
    """Copies of the int8 program by queries, with scores and with labels alone."""
    victim, (x, y, _) = bench.target("dense", bench.model), bench.test
    order = np.random.default_rng(seed).permutation(len(bench.tuning.y))
    pool = bench.tuning.x[order[: bench.profile.queries[-1]]]
    scores = victim.program.predict(pool)
    said = victim.answers(x, int8=True)
    right = said == y
    epsilon = THEFT_LSB * INPUT_SCALE

    def turned(inputs: np.ndarray) -> float:
        return float((victim.answers(inputs, int8=True)[right] != y[right]).mean())

    noise = turned(random_signs(x, epsilon, seed=seed))
    for queries in bench.profile.queries:
        for answers in ANSWERS:
            settings = Copying(steps=bench.profile.steps, seed=seed)
            copy = stolen_copy(pool[:queries], scores[:queries], answers, settings)
            own = copy.predict(x, verbose=0).argmax(axis=1)
            led = turned(pgd(loss_gradient(copy), x, y, epsilon, seed=seed))
            shares = (float((own == said).mean()), float((own == y).mean()), led, noise)
            yield TheftRow(queries, answers, seed, *shares)


def members(bench: Workbench, seed: int) -> Iterator[MembershipRow]:
    """Confidence of a network that learned 240 clips by heart, in three forms.

    The bundled model is left out: none of these clips is known to be of its own training set.
    """
    x, y, _ = bench.train
    order = np.random.default_rng(seed).permutation(len(y))
    count = min(MEMBERS, len(order) // 2)
    inside, outside = order[:count], order[count : 2 * count]
    keras.utils.set_random_seed(seed)
    model = ds_cnn(filters=32, blocks=2, dropout=(0, 0), weight_decay=0)
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.fit(x[inside], y[inside], batch_size=40, epochs=10 * bench.profile.epochs, verbose=0)
    overfitted, shared = bench.target("overfitted", model), share_kernels(model, SHARED)
    suspects = {
        "overfitted": lambda part: model.predict(part, verbose=0),
        "overfitted, int8": overfitted.program.predict,
        "overfitted, 16 shared values": lambda part: shared.predict(part, verbose=0),
    }
    for name, predict in suspects.items():
        mine, others = (np.asarray(predict(x[part])) for part in (inside, outside))
        auc = membership_auc(mine, y[inside], others, y[outside])
        hits = [(s.argmax(axis=1) == y[p]).mean() for s, p in ((mine, inside), (others, outside))]
        yield MembershipRow(name, seed, auc, *map(float, hits))
