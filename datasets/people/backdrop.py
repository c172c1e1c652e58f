"""What lies behind everything: sky, clouds, hills, woods, a skyline. Painted, not marched."""

import numpy as np

from datasets.people.colours import grey, hsv

STYLES = ("hills", "woods", "city", "mountains", "sea")


def fractal(rng: np.random.Generator, width: int, slope: float = 2.2) -> np.ndarray:
    """Noise with power falling as frequency^-slope, float (width, width) in 0..1."""
    f = np.hypot(np.fft.fftfreq(width)[:, None], np.fft.rfftfreq(width)[None])
    f[0, 0] = 1
    spectrum = (rng.normal(size=f.shape) + 1j * rng.normal(size=f.shape)) * f ** (-slope / 2 - 0.5)
    spectrum[0, 0] = 0
    waves = np.fft.irfft2(spectrum, (width, width))
    return (waves - waves.min()) / np.ptp(waves)


def sky(rng: np.random.Generator, width: int, horizon: float) -> np.ndarray:
    """A sky down to the horizon (share of the height), sRGB float (width, width, 3)."""
    kind = rng.choice(("blue", "overcast", "evening", "night"), p=(0.55, 0.27, 0.12, 0.06))
    zenith = {
        "blue": hsv(rng.uniform(0.53, 0.62), rng.uniform(0.2, 0.75), rng.uniform(0.55, 1)),
        "overcast": grey(rng.uniform(0.55, 0.97)),
        "evening": hsv(rng.uniform(0.5, 0.65), rng.uniform(0.1, 0.6), rng.uniform(0.2, 0.7)),
        "night": grey(rng.uniform(0, 0.12)),
    }[kind]
    low = {
        "evening": hsv(rng.uniform(0.0, 0.12), rng.uniform(0.3, 0.8), 0.95),
        "night": zenith,
    }.get(kind, 0.4 * zenith + 0.6 * grey(rng.uniform(0.85, 1)))
    share = np.clip(np.linspace(0, 1 / max(horizon, 0.1), width), 0, 1)[:, None, None]
    picture = zenith * (1 - share) + low * share
    picture = np.broadcast_to(picture, (width, width, 3)).copy()
    if kind != "night" and rng.random() < 0.6:
        cover = np.clip(
            (fractal(rng, width, 2.4) - rng.uniform(0.4, 0.6)) * rng.uniform(1.5, 4), 0, 1
        )[..., None]
        picture = picture * (1 - cover) + grey(rng.uniform(0.8, 1)) * cover
    return picture


def scenery(rng: np.random.Generator, width: int, horizon: float, style: str) -> np.ndarray:
    """Sky and what stands against it, sRGB float (width, width, 3).

    Parameters
    ----------
    horizon : float
        Its height, as a share of the picture counted from the top.
    style : str
        One of `STYLES`.
    """
    picture = sky(rng, width, horizon)
    line = int(np.clip(horizon, -1, 2) * width)
    haze = picture[np.clip(line, 0, width - 1), 0].copy()
    rows = np.arange(width)[:, None]
    for layer in range(1 if style == "sea" else rng.integers(1, 4)):
        fade = 0.5 - 0.15 * layer
        colour = _colour(rng, style) * (1 - fade) + haze * fade
        top = line - _heights(rng, width, style)
        picture = np.where((rows >= top)[..., None], colour * _grain(rng, width, style), picture)
    if style == "sea":
        water = hsv(rng.uniform(0.48, 0.62), rng.uniform(0.2, 0.7), rng.uniform(0.3, 0.7))
        picture = np.where(
            (rows >= line)[..., None],
            water * (0.7 + 0.6 * fractal(rng, width, 1.5)[..., None]),
            picture,
        )
    return np.clip(picture, 0, 1)


def _colour(rng, style: str) -> np.ndarray:
    if style == "city":
        return hsv(rng.uniform(0, 0.7), rng.uniform(0.02, 0.3), rng.uniform(0.25, 0.75))
    if style == "mountains":
        return hsv(rng.uniform(0.55, 0.65), rng.uniform(0.05, 0.4), rng.uniform(0.3, 0.9))
    return hsv(rng.uniform(0.1, 0.38), rng.uniform(0.15, 0.6), rng.uniform(0.15, 0.55))


def _heights(rng, width: int, style: str) -> np.ndarray:
    """Height of a silhouette above the horizon at each column, pixels."""
    if style == "city":
        heights, x = np.zeros(width), 0
        while x < width:
            step = int(rng.integers(8, 40))
            heights[x : x + step] = rng.uniform(0.03, 0.45) * width
            x += step
        return heights
    if style == "woods":
        return (
            np.convolve(rng.random(width), np.ones(5) / 5, "same") * 0.12 * width
            + rng.uniform(0.02, 0.4) * width
        )
    rough = 3 if style == "mountains" else 25
    walk = np.convolve(np.cumsum(rng.normal(0, 1, 2 * width)), np.ones(rough) / rough, "same")[
        width // 2 : width // 2 + width
    ]
    most = {"mountains": 0.5, "hills": 0.25, "sea": 0.04}[style]
    return (walk - walk.min()) / np.ptp(walk) * width * rng.uniform(0.2, 1) * most


def _grain(rng, width: int, style: str) -> np.ndarray:
    """Light and dark inside a silhouette, (width, width, 1)."""
    texture = 0.6 + 0.8 * fractal(rng, width, {"woods": 1.2, "mountains": 1.8}.get(style, 2.0))
    if style == "city":
        n, m = rng.integers(3, 9, 2)
        panes = (np.arange(width) // n % 2 == 0)[:, None] * (np.arange(width) // m % 2 == 0)[None]
        texture = texture * (1 - rng.uniform(0.1, 0.4) * panes)
    return texture[..., None]
