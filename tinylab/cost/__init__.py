"""A `Graph` and a board in, latency, energy and battery life out, each number with its source."""

from tinylab.cost.boards_study import Sweep, sweep
from tinylab.cost.catalogue.boards import DEFAULT_BOARD, Board, board, boards, default_board
from tinylab.cost.catalogue.measurements import Measurement, measurements
from tinylab.cost.catalogue.quantity import Quantity
from tinylab.cost.device.budget import (
    BudgetPart,
    Device,
    DeviceBudget,
    device_budget,
    front_end_cycles,
)
from tinylab.cost.partition.layers import LayerCosts, cut_bytes, layer_costs
from tinylab.cost.partition.radio import Radio, RadioCost, radio, radios, transmit
from tinylab.cost.partition.split import Split, split
from tinylab.cost.partition.two_chips import Link, Pipeline, link, links, pipeline
from tinylab.cost.power.battery import Battery, BatteryLife, batteries, battery, battery_life
from tinylab.cost.power.clocked import PowerCurve, active_power_mW, power_curve, rest_power_mW
from tinylab.cost.power.duty_cycle import (
    DutyCycle,
    RaceToIdle,
    average_power,
    duty_cycle,
    race_to_idle,
)
from tinylab.cost.power.horowitz import (
    HorowitzEnergy,
    horowitz,
    mac_pJ,
    operation_energies,
    published_mac_energies,
)
from tinylab.cost.power.inference import EnergyEstimate, energy
from tinylab.cost.power.published_averages import AlwaysOn, SlowClock, always_on, slow_clocks
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
    "Device",
    "DeviceBudget",
    "DutyCycle",
    "EnergyEstimate",
    "HorowitzEnergy",
    "LatencyEstimate",
    "LatencyModel",
    "LayerCosts",
    "Link",
    "Measurement",
    "Pipeline",
    "PowerCurve",
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
    "cut_bytes",
    "default_board",
    "device_budget",
    "duty_cycle",
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
    "operation_energies",
    "pipeline",
    "power_curve",
    "published_mac_energies",
    "race_to_idle",
    "radio",
    "radios",
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
