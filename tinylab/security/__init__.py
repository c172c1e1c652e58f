"""What attacks do to a model: inputs, weights, queries in; shares of wrong answers out.

`inputs`, `waveform` and `masking` change what a model is given, `bit_flips`, `chosen_flips` and
`protection` what it is stored as, `theft` and `membership` ask what its answers give away. Studies
measure, `results` holds plain data that explorers read.
"""
