"""Every explorer of the workbook on small frozen inputs, by name."""

import importlib
import inspect
import pkgutil

import numpy as np

import tinylab.explore
from tests.explore.frozen_inputs.adapt import (
    continual_results,
    federated_sweep,
    few_shot_results,
    scope_results,
    sparse_results,
)
from tests.explore.frozen_inputs.codesign import beat_scores, race_results
from tests.explore.frozen_inputs.compress import (
    compression_study,
    deep_compression_results,
    quantization_results,
    score_results,
    sensitivity,
)
from tests.explore.frozen_inputs.energy_latency import (
    cascade_results,
    exits,
    governed_days,
    keyword_graph,
    validation_table,
)
from tests.explore.frozen_inputs.security import overheads, security_results
from tests.explore.frozen_inputs.train import (
    alarms,
    doubling_results,
    machine_recordings,
    noise_results,
    recording,
    scaling_results,
    sliced_answers,
    wake_scores,
    word,
)
from tests.search.joint.examples import made_up_results
from tinylab.adapt.federated.keywords.runs import measured_epsilons, measured_runs
from tinylab.benchmark.rules import TASKS
from tinylab.explore.adapt.federated import federated_explorer
from tinylab.explore.adapt.federated_cost import federated_cost_explorer
from tinylab.explore.adapt.federated_methods import federated_methods_explorer
from tinylab.explore.adapt.federated_personal import federated_personal_explorer
from tinylab.explore.adapt.federated_poison import federated_poison_explorer
from tinylab.explore.adapt.federated_privacy import federated_privacy_explorer
from tinylab.explore.adapt.few_shot import few_shot_explorer
from tinylab.explore.adapt.fine_tuning import finetune_explorer
from tinylab.explore.adapt.forgetting import forgetting_explorer
from tinylab.explore.adapt.sparse_update import sparse_update_explorer
from tinylab.explore.codesign.faults import faults_explorer
from tinylab.explore.codesign.heartbeat import heartbeat_explorer
from tinylab.explore.codesign.heartbeat_alarms import heartbeat_alarms_explorer
from tinylab.explore.codesign.heartbeat_price import heartbeat_price_explorer
from tinylab.explore.codesign.search_front import search_front_explorer
from tinylab.explore.codesign.search_guesses import search_guesses_explorer
from tinylab.explore.codesign.search_levers import search_levers_explorer
from tinylab.explore.codesign.search_picker import network_picker_explorer
from tinylab.explore.codesign.search_race import search_race_explorer
from tinylab.explore.codesign.standings import standings_explorer
from tinylab.explore.codesign.targets import target_explorer
from tinylab.explore.codesign.theft import theft_explorer
from tinylab.explore.codesign.transfer import transfer_explorer
from tinylab.explore.compress.anomaly_bit_width import score_quantization_explorer
from tinylab.explore.compress.arena import arena_explorer
from tinylab.explore.compress.bit_width import bit_width_explorer
from tinylab.explore.compress.clipping import clipping_explorer
from tinylab.explore.compress.compression_pareto import pareto_explorer
from tinylab.explore.compress.deep_compression import deep_compression_explorer
from tinylab.explore.compress.sensitivity import sensitivity_explorer
from tinylab.explore.energy_latency.battery import battery_explorer
from tinylab.explore.energy_latency.boards import board_explorer
from tinylab.explore.energy_latency.cascade import cascade_explorer
from tinylab.explore.energy_latency.clock import race_to_idle_explorer
from tinylab.explore.energy_latency.dvfs import dvfs_explorer
from tinylab.explore.energy_latency.governor import governor_explorer
from tinylab.explore.energy_latency.horowitz import horowitz_explorer
from tinylab.explore.energy_latency.partition.early_exit import early_exit_explorer
from tinylab.explore.energy_latency.partition.patches import patches_explorer
from tinylab.explore.energy_latency.partition.split import split_explorer
from tinylab.explore.energy_latency.partition.two_chips import pipeline_explorer
from tinylab.explore.energy_latency.radio import offloading_explorer
from tinylab.explore.energy_latency.roofline import roofline_explorer
from tinylab.explore.energy_latency.stacks import stacks_explorer
from tinylab.explore.energy_latency.validation import validation_explorer
from tinylab.explore.train.alarm_cost import alarm_cost_explorer
from tinylab.explore.train.confusion import confusion_explorer
from tinylab.explore.train.detection import detection_explorer
from tinylab.explore.train.doubling import doubling_explorer
from tinylab.explore.train.machine_sound import machine_sound_explorer
from tinylab.explore.train.noise import noise_explorer
from tinylab.explore.train.scaling import scaling_explorer
from tinylab.explore.train.slices import slices_explorer
from tinylab.explore.train.spectrogram import spectrogram_explorer
from tinylab.explore.train.wake_threshold import wake_threshold_explorer
from tinylab.scoring.heartbeat_results import measured_widths
from tinylab.search.results import bundled_results

EXPLORERS = {
    "alarm_cost": lambda: alarm_cost_explorer(*alarms()),
    "arena": lambda: arena_explorer(keyword_graph()),
    "battery": lambda: battery_explorer(keyword_graph()),
    "bit_width": lambda: bit_width_explorer(quantization_results()),
    "board": lambda: board_explorer(keyword_graph()),
    "cascade": lambda: cascade_explorer(keyword_graph(), cascade_results(), detector_cycles=2e3),
    "clipping": lambda: clipping_explorer(np.random.default_rng(2).laplace(0, 0.1, 5000)),
    "clock": race_to_idle_explorer,
    "compression_pareto": lambda: pareto_explorer(compression_study()),
    "confusion": lambda: confusion_explorer(np.array([[8, 2], [1, 9]]), ("no", "yes")),
    "deep_compression": lambda: deep_compression_explorer(deep_compression_results()),
    "detection": lambda: detection_explorer(*recording(), keywords=range(10)),
    "dvfs": lambda: dvfs_explorer(keyword_graph()),
    "early_exit": lambda: early_exit_explorer(*exits()),
    "federated": lambda: federated_explorer(federated_sweep()),
    "federated_cost": lambda: federated_cost_explorer(measured_runs()),
    "federated_methods": lambda: federated_methods_explorer(measured_runs()),
    "federated_personal": lambda: federated_personal_explorer(measured_runs()),
    "federated_poison": lambda: federated_poison_explorer(measured_runs()),
    "federated_privacy": lambda: federated_privacy_explorer(measured_runs(), measured_epsilons()),
    "few_shot": lambda: few_shot_explorer(few_shot_results()),
    "finetune": lambda: finetune_explorer(scope_results()),
    "forgetting": lambda: forgetting_explorer(continual_results()),
    "governor": lambda: governor_explorer(*governed_days()),
    "heartbeat": heartbeat_explorer,
    "heartbeat_alarms": lambda: heartbeat_alarms_explorer(*beat_scores()),
    "heartbeat_price": lambda: heartbeat_price_explorer(measured_widths()),
    "horowitz": lambda: horowitz_explorer(keyword_graph()),
    "machine_sound": lambda: machine_sound_explorer(*machine_recordings()),
    "network_picker": lambda: network_picker_explorer(bundled_results()),
    "noise": lambda: noise_explorer(noise_results()),
    "patches": lambda: patches_explorer(keyword_graph()),
    "pipeline": lambda: pipeline_explorer(keyword_graph()),
    "radio": lambda: offloading_explorer(keyword_graph()),
    "doubling": lambda: doubling_explorer(doubling_results()),
    "scaling": lambda: scaling_explorer(scaling_results()),
    "roofline": lambda: roofline_explorer(keyword_graph()),
    "search_front": lambda: search_front_explorer(bundled_results()),
    "search_guesses": lambda: search_guesses_explorer(bundled_results()),
    "faults": lambda: faults_explorer(security_results(), overheads()),
    "theft": lambda: theft_explorer(security_results()),
    "transfer": lambda: transfer_explorer(security_results()),
    "search_levers": lambda: search_levers_explorer(made_up_results()),
    "search_race": lambda: search_race_explorer(race_results()),
    "sparse_update": lambda: sparse_update_explorer(sparse_results()),
    "score_quantization": lambda: score_quantization_explorer(score_results()),
    "sensitivity": lambda: sensitivity_explorer(sensitivity()),
    "slices": lambda: slices_explorer(*sliced_answers()),
    "spectrogram": lambda: spectrogram_explorer(word()),
    "standings": lambda: standings_explorer(keyword_graph(), TASKS["kws"]),
    "stacks": lambda: stacks_explorer(keyword_graph()),
    "split": lambda: split_explorer(keyword_graph()),
    "target": target_explorer,
    "wake_threshold": lambda: wake_threshold_explorer(*wake_scores()),
    "validation": lambda: validation_explorer(validation_table()),
}


def makers() -> dict:
    """Every function of `tinylab.explore` that makes an explorer, by name."""
    walked = pkgutil.walk_packages(tinylab.explore.__path__, "tinylab.explore.")
    modules = [importlib.import_module(module.name) for module in walked]
    offered = {name: vars(module)[name] for module in modules for name in names_of(module)}
    return {name: offered[name] for name in offered if name.endswith("_explorer")}


def names_of(module) -> tuple[str, ...]:
    return tuple(getattr(module, "__all__", ()))


def made_by(entry) -> set[str]:
    """The names that an entry of `EXPLORERS` calls, itself included."""
    return {entry.__name__, *entry.__code__.co_names}


MADE = set().union(*map(made_by, EXPLORERS.values()))
# An explorer that needs no input needs no entry.
EXPLORERS |= {
    name.removesuffix("_explorer"): maker
    for name, maker in makers().items()
    if name not in MADE and not inspect.signature(maker).parameters
}
