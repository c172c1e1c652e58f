"""What a layer cannot do without: the cycles of its inner loop, and of scaling its outputs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class _Loop:
    """A loop in assembly, counted by the Cortex-M4's manual, branches at their shortest.

    Parameters
    ----------
    pass_cycles, pass_macs, pass_taps : int
        A pass through the inner loop: its cycles, its multiply-accumulates, and of how many taps
        of one output they are, to which windows are filled up with zeros.
    block_cycles, block_outputs : int
        What a block of outputs takes besides: biases, scales, rounding, saturation, storing.
    """

    pass_cycles: int
    pass_macs: int
    pass_taps: int
    block_cycles: int
    block_outputs: int


_LOOPS = {
    "nn_conv2d_dsp": _Loop(
        pass_cycles=34, pass_macs=32, pass_taps=4, block_cycles=97, block_outputs=8
    ),
    "nn_conv2d_direct_dsp": _Loop(25, 16, 4, 66, 4),
    "nn_depthwise_taps_dsp": _Loop(39, 12, 3, 60, 4),
    "nn_fully_connected_short_dsp": _Loop(25, 16, 4, 62, 4),
}


def least_cycles(kernel: str, macs: int, outputs: int) -> int:
    """The fewest cycles in which a kernel can compute a layer, however large its image is.

    Parameters
    ----------
    kernel : str
        The C function.
    macs, outputs : int
        Multiply-accumulates of the layer, and output values.

    Returns
    -------
    int
        0 where the kernel's loop is not counted. Finding and widening windows comes on top, which
        many output channels share.
    """
    loop = _LOOPS.get(kernel)
    if loop is None or not outputs or macs < outputs:
        return 0
    passes = -(-(macs // outputs) // loop.pass_taps) * loop.pass_taps / loop.pass_macs
    return int(outputs * (passes * loop.pass_cycles + loop.block_cycles / loop.block_outputs))
