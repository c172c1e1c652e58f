"""A `Graph` and a board in, latency, energy and battery life out, each number with its source."""

from tinylab.cost.battery import Battery, BatteryLife, batteries, battery, battery_life
from tinylab.cost.boards import Board, board, boards
from tinylab.cost.calibration import LatencyModel, calibrate
from tinylab.cost.catalogue import Quantity
from tinylab.cost.duty_cycle import (
    DutyCycle,
    RaceToIdle,
    average_power,
    duty_cycle,
    idle_share,
    race_to_idle,
    rest_power_mW,
)
from tinylab.cost.early_exit import (
    ExitPoint,
    ExitRecord,
    at_threshold,
    choose_threshold,
    entropy_bits,
    exit_record,
    exit_taken,
)
from tinylab.cost.energy import EnergyEstimate, active_power_mW, always_on, energy
from tinylab.cost.horowitz import (
    HorowitzEnergy,
    horowitz,
    mac_pJ,
    operation_energies,
    published_mac_energies,
)
from tinylab.cost.latency import LatencyEstimate, latency, stacks
from tinylab.cost.layers import LayerCosts, cut_bytes, layer_costs
from tinylab.cost.measurements import Measurement, measurements
from tinylab.cost.pipeline import Link, Pipeline, link, links, pipeline
from tinylab.cost.radio import Radio, RadioCost, radio, radios, transmit
from tinylab.cost.roofline import Roofline, roofline
from tinylab.cost.split import Split, split
from tinylab.cost.sweep import Sweep, sweep
from tinylab.cost.validation import Validation, format_validation, validate
from tinylab.cost.workload import FEATURES, Workload, benchmarks, workload

__all__ = [
    "FEATURES",
    "Battery",
    "BatteryLife",
    "Board",
    "DutyCycle",
    "EnergyEstimate",
    "ExitPoint",
    "ExitRecord",
    "HorowitzEnergy",
    "LatencyEstimate",
    "LatencyModel",
    "LayerCosts",
    "Link",
    "Measurement",
    "Pipeline",
    "Quantity",
    "RaceToIdle",
    "Radio",
    "RadioCost",
    "Roofline",
    "Split",
    "Sweep",
    "Validation",
    "Workload",
    "active_power_mW",
    "always_on",
    "at_threshold",
    "average_power",
    "batteries",
    "battery",
    "battery_life",
    "benchmarks",
    "board",
    "boards",
    "calibrate",
    "choose_threshold",
    "cut_bytes",
    "duty_cycle",
    "energy",
    "entropy_bits",
    "exit_record",
    "exit_taken",
    "format_validation",
    "horowitz",
    "idle_share",
    "latency",
    "layer_costs",
    "link",
    "links",
    "mac_pJ",
    "measurements",
    "operation_energies",
    "published_mac_energies",
    "race_to_idle",
    "radio",
    "radios",
    "rest_power_mW",
    "roofline",
    "stacks",
    "sweep",
    "transmit",
    "validate",
    "workload",
]
