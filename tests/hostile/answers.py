"""Pieces of the answers that cases hand in."""

BYTES, MACS, ENERGY, DAYS = (
    "weight_bytes",
    "convolution_macs",
    "inference_energy_uJ",
    "battery_days",
)
FUNCTIONS = (BYTES, MACS, ENERGY, DAYS)
ALL = (*FUNCTIONS, "questions_start")
QUANTIZE = "affine_quantize"
HEAD = {
    BYTES: "def weight_bytes(parameters, bits):\n",
    ENERGY: "def inference_energy_uJ(power_mW, latency_ms):\n",
}


def before(code: str) -> str:
    """A right answer with code of the student's before it."""
    return code + "\n{right}"


def inside(code: str) -> str:
    """An answer to the first exercise that runs code whenever it is called."""
    body = "\n".join("    " + line for line in code.splitlines())
    return f"{HEAD[BYTES]}{body}\n    return (parameters * bits + 7) // 8"
