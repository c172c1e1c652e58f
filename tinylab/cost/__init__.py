"""A `Graph` and a board in, latency, energy and battery life out, each number with its source."""

from tinylab.cost.boards_study import Sweep, sweep
from tinylab.cost.catalogue.boards import DEFAULT_BOARD, Board, board, boards, default_board
from tinylab.cost.catalogue.measurements import Measurement, measurements
from tinylab.cost.catalogue.quantity import Quantity
from tinylab.cost.choice import Choice, choose_between
from tinylab.cost.device.budget import BudgetPart, DeviceBudget, device_budget
from tinylab.cost.device.race import RaceToIdle, race_to_idle
from tinylab.cost.device.settings import Device, front_end_cycles
from tinylab.cost.partition.layers import LayerCosts, cut_bytes, layer_costs
from tinylab.cost.partition.split import Split, split
from tinylab.cost.partition.two_chips import Link, Pipeline, link, links, pipeline
from tinylab.cost.power.battery import Battery, BatteryLife, batteries, battery, battery_life
from tinylab.cost.power.clocked import PowerCurve, active_power_mW, power_curve, rest_power_mW
from tinylab.cost.power.duty_cycle import average_power
from tinylab.cost.power.horowitz import (
    HorowitzEnergy,
    horowitz,
    mac_pJ,
    operation_energies,
    published_mac_energies,
)
from tinylab.cost.power.inference import EnergyEstimate, energy
from tinylab.cost.power.power_trace import PowerTrace, modelled_power_trace, read_power_trace
from tinylab.cost.power.published_averages import AlwaysOn, SlowClock, always_on, slow_clocks
from tinylab.cost.power.radio import Radio, RadioCost, radio, radios, transmit
from tinylab.cost.timing.calibration import LatencyModel, calibrate
from tinylab.cost.timing.predict import LatencyEstimate, latency, stacks
from tinylab.cost.timing.roofline import Roofline, roofline
from tinylab.cost.timing.validation import Validation, format_validation, validate
from tinylab.cost.timing.workload import FEATURES, Workload, benchmarks, workload

__all__ = [
    "DEFAULT_BOARD",
    "FEATURES",
    "AlwaysOn",
    "Battery",
    "BatteryLife",
    "Board",
    "BudgetPart",
    "Choice",
    "Device",
    "DeviceBudget",
    "EnergyEstimate",
    "HorowitzEnergy",
    "LatencyEstimate",
    "LatencyModel",
    "LayerCosts",
    "Link",
    "Measurement",
    "Pipeline",
    "PowerCurve",
    "PowerTrace",
    "Quantity",
    "RaceToIdle",
    "Radio",
    "RadioCost",
    "Roofline",
    "SlowClock",
    "Split",
    "Sweep",
    "Validation",
    "Workload",
    "active_power_mW",
    "always_on",
    "average_power",
    "batteries",
    "battery",
    "battery_life",
    "benchmarks",
    "board",
    "boards",
    "calibrate",
    "choose_between",
    "cut_bytes",
    "default_board",
    "device_budget",
    "energy",
    "format_validation",
    "front_end_cycles",
    "horowitz",
    "latency",
    "layer_costs",
    "link",
    "links",
    "mac_pJ",
    "measurements",
    "modelled_power_trace",
    "operation_energies",
    "pipeline",
    "power_curve",
    "published_mac_energies",
    "race_to_idle",
    "radio",
    "radios",
    "read_power_trace",
    "rest_power_mW",
    "roofline",
    "slow_clocks",
    "split",
    "stacks",
    "sweep",
    "transmit",
    "validate",
    "workload",
]
