"""How a body is held: angles of the limbs, and where that puts the joints.

Angles in radians. A limb hangs straight down at 0; `flex` lifts it forward (+z), `spread` outward.
"""

from dataclasses import dataclass, replace

import numpy as np

from datasets.people.scene import turn, vec

THIGH_M, SHANK_M, SPINE_M, UPPER_ARM_M, FOREARM_M = 0.43, 0.43, 0.50, 0.29, 0.25


@dataclass(frozen=True)
class Pose:
    """Angles of a body.

    Attributes
    ----------
    legs : two of (flex, spread, knee)
    arms : two of (flex, spread, elbow, inward)
    lean, roll, twist : float
        Of the trunk: forward, sideways, about its axis.
    nod, look, tilt : float
        Of the head against the trunk: down, to the side, ear to shoulder.
    seated : bool
        The pelvis rests on a seat; otherwise the lower foot stands on the ground.
    """

    legs: tuple
    arms: tuple
    lean: float = 0.0
    roll: float = 0.0
    twist: float = 0.0
    nod: float = 0.0
    look: float = 0.0
    tilt: float = 0.0
    seated: bool = False


@dataclass(frozen=True)
class Joints:
    """Points of a body 1.72 m tall, metres, the pelvis at the origin until it is lifted."""

    hips: tuple
    knees: tuple
    ankles: tuple
    feet: tuple
    chest: np.ndarray
    neck: np.ndarray
    shoulders: tuple
    elbows: tuple
    wrists: tuple
    hands: tuple
    trunk: np.ndarray
    head_turn: np.ndarray


def limb(flex: float, spread: float, side: int) -> np.ndarray:
    """Unit vector along a limb."""
    return vec(side * np.sin(spread), -np.cos(spread) * np.cos(flex), np.cos(spread) * np.sin(flex))


def _legs(kind: str, rng: np.random.Generator) -> tuple:
    stride = rng.choice((-1, 1))
    if kind == "walk":
        a = rng.uniform(0.2, 0.5) * stride
        return ((a, 0.03, 0.12 if a > 0 else 0.45), (-a, 0.03, 0.45 if a > 0 else 0.12))
    if kind == "run":
        a = rng.uniform(0.6, 1.0) * stride
        return ((a, 0.03, 0.9 if a > 0 else 1.3), (-a * 0.7, 0.03, 1.2 if a > 0 else 0.6))
    if kind == "sit":
        return tuple(
            (rng.normal(1.42, 0.12), abs(rng.normal(0.12, 0.1)), rng.normal(1.4, 0.25))
            for _ in "lr"
        )
    if kind == "crouch":
        return tuple((rng.normal(1.5, 0.2), 0.25, rng.normal(2.1, 0.2)) for _ in "lr")
    if kind == "ride":
        return tuple((rng.normal(1.05, 0.15), 0.4, rng.normal(1.2, 0.2)) for _ in "lr")
    if kind == "board":
        return tuple(
            (rng.normal(0.5, 0.2), abs(rng.normal(0.4, 0.12)), rng.normal(0.8, 0.25)) for _ in "lr"
        )
    if kind == "lunge":
        return tuple(
            (rng.normal(0.25, 0.45), abs(rng.normal(0.35, 0.2)), abs(rng.normal(0.6, 0.4)))
            for _ in "lr"
        )
    return tuple(
        (rng.normal(0.02, 0.08), abs(rng.normal(0.06, 0.05)), abs(rng.normal(0, 0.08)))
        for _ in "lr"
    )


def _arms(kind: str, rng: np.random.Generator, swing: float) -> tuple:
    def relaxed():
        return (
            rng.normal(0.05, 0.12),
            abs(rng.normal(0.14, 0.06)),
            abs(rng.normal(0.25, 0.2)),
            0.0,
        )

    if kind == "free":
        return tuple(
            (
                rng.normal(0.3, 0.6),
                abs(rng.normal(0.35, 0.3)),
                abs(rng.normal(0.7, 0.5)),
                rng.normal(0, 0.4),
            )
            for _ in "lr"
        )
    if kind == "hip":
        return ((-0.3, 0.75, 1.6, 1.2), relaxed() if rng.random() < 0.5 else (-0.3, 0.75, 1.6, 1.2))
    if kind == "hold":
        return tuple(
            (rng.normal(0.45, 0.2), 0.15, rng.normal(1.2, 0.3), rng.uniform(0.2, 0.6)) for _ in "lr"
        )
    if kind == "phone":
        return ((rng.uniform(0.3, 0.8), 0.3, rng.uniform(2.0, 2.4), 0.35), relaxed())
    if kind == "eat":
        return ((0.55, 0.25, rng.uniform(1.6, 2.2), 0.45), (0.45, 0.2, 1.1, 0.4))
    if kind == "up":
        return tuple((rng.normal(2.6, 0.4), 0.3, abs(rng.normal(0.3, 0.4)), 0.0) for _ in "lr")
    if kind == "cross":
        return tuple((0.5, 0.12, 1.4, 1.1) for _ in "lr")
    if kind == "wide":
        return tuple(
            (rng.normal(0.1, 0.3), rng.normal(1.3, 0.25), abs(rng.normal(0.4, 0.3)), 0.0)
            for _ in "lr"
        )
    if kind == "swing":
        f = rng.uniform(0.9, 2.4)
        return ((f, 0.5, rng.uniform(0.2, 1.0), 0.3), (f * 0.8, 0.2, rng.uniform(0.3, 1.2), 0.5))
    if kind == "bars":
        return tuple((rng.normal(0.9, 0.1), 0.3, rng.normal(0.5, 0.15), 0.15) for _ in "lr")
    if kind == "stride":
        bend = 0.35 if abs(swing) < 0.55 else 1.4
        return ((-swing * 0.9, 0.12, bend, 0.1), (swing * 0.9, 0.12, bend, 0.1))
    return (relaxed(), relaxed())


LEANS = {"walk": 0.05, "run": 0.25, "crouch": 0.45, "ride": 0.15, "board": 0.25, "lunge": 0.2}
ARMS = ("down", "free", "hip", "hold", "phone", "up", "cross", "wide")
ARM_SHARES = (0.34, 0.2, 0.08, 0.17, 0.08, 0.05, 0.06, 0.02)


def pose(legs: str, arms: str | None, rng: np.random.Generator) -> Pose:
    """A random pose of a kind.

    Parameters
    ----------
    legs : {"stand", "walk", "run", "sit", "crouch", "ride", "board", "lunge"}
    arms : str or None
        One of `ARMS`, "swing", "eat", "bars"; None chooses.
    """
    angles = _legs(legs, rng)
    if arms is None:
        striding = legs in ("walk", "run") and rng.random() < 0.75
        arms = "stride" if striding else str(rng.choice(ARMS, p=ARM_SHARES))
    wild = legs in ("board", "lunge", "run")
    held = Pose(
        angles,
        _arms(arms, rng, angles[0][0]),
        lean=LEANS.get(legs, 0.0) + rng.normal(0, 0.15 if wild or legs == "sit" else 0.05),
        roll=rng.normal(0, 0.15 if wild else 0.04),
        twist=rng.normal(0, 0.15),
        nod=np.clip(rng.normal(0.03, 0.18), -0.5, 0.6),
        look=rng.normal(0, 0.4),
        tilt=rng.normal(0, 0.1),
        seated=legs in ("sit", "ride"),
    )
    looks_down = arms in ("hold", "eat") and rng.random() < 0.6
    return replace(held, nod=held.nod + 0.35) if looks_down else held


def joints(held: Pose, hip_m: float, shoulder_m: float) -> Joints:
    """Where the joints of a pose are; half widths of hip and shoulders in metres."""
    trunk = turn(held.lean, held.twist, held.roll)
    sides = (-1, 1)
    hips = tuple(vec(side * hip_m, 0, 0) for side in sides)
    knees, ankles, feet = [], [], []
    for hip, side, (flex, spread, bend) in zip(hips, sides, held.legs, strict=True):
        knees.append(hip + THIGH_M * limb(flex, spread, side))
        ankles.append(knees[-1] + SHANK_M * limb(flex - bend, spread * 0.6, side))
        toe = turn(x=-0.3 * (flex - bend)) @ vec(side * 0.12, -0.02, 1.0)
        feet.append(ankles[-1] + vec(0, -0.05, 0) + 0.14 * toe)
    neck = trunk @ vec(0, SPINE_M, 0)
    shoulders = tuple(neck + trunk @ vec(side * shoulder_m, -0.055, -0.01) for side in sides)
    elbows, wrists, hands = [], [], []
    for shoulder, side, (flex, spread, bend, inward) in zip(
        shoulders, sides, held.arms, strict=True
    ):
        elbows.append(shoulder + UPPER_ARM_M * trunk @ limb(flex, spread, side))
        along = trunk @ limb(flex + bend, spread * 0.4 - inward, side)
        wrists.append(elbows[-1] + FOREARM_M * along)
        hands.append(wrists[-1] + 0.09 * along)
    head_turn = trunk @ turn(held.nod, held.look, held.tilt)
    return Joints(
        hips,
        tuple(knees),
        tuple(ankles),
        tuple(feet),
        trunk @ vec(0, 0.33, 0),
        neck,
        shoulders,
        tuple(elbows),
        tuple(wrists),
        tuple(hands),
        trunk,
        head_turn,
    )
