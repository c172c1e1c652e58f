"""What a client's radio takes for a round: the model down, an update up, the connection between."""

from dataclasses import dataclass

from tinylab.cost.power.radio import (
    Radio,
    duty_cycled_s,
    receive,
    receive_broadcast,
    transmit,
    upkeep_uJ,
)

__all__ = ["Participation", "participation"]


@dataclass(frozen=True)
class Participation:
    """One client in one round.

    Parameters
    ----------
    down_uJ, up_uJ : float
        Receiving the model, sending the update; each with the radio's start where it has to start.
    upkeep_uJ : float
        Keeping the connection while the client trains.
    air_limit_s : float
        Seconds that the law makes the client wait before it may send as much again.
    down_packets, up_packets : int
    kind : str
        "modelled".
    """

    down_uJ: float
    up_uJ: float
    upkeep_uJ: float
    air_limit_s: float
    down_packets: int
    up_packets: int
    kind: str = "modelled"

    @property
    def energy_uJ(self) -> float:
        """All three."""
        return self.down_uJ + self.up_uJ + self.upkeep_uJ


def participation(
    down_bytes: int,
    up_bytes: int,
    over: str | Radio,
    *,
    training_s: float = 1.0,
    broadcast: bool = False,
) -> Participation:
    """Energy and air time of one client in one round.

    Parameters
    ----------
    down_bytes, up_bytes : int
    over : str or Radio
    training_s : float
        Between the model and the update; the connection is kept meanwhile. The radio starts once.
    broadcast : bool
        The model is sent once for all clients, so nobody asks for packets or acknowledges them.

    Raises
    ------
    ValueError
        As in `tinylab.cost.power.radio`.
    """
    down = (receive_broadcast if broadcast else receive)(down_bytes, over)
    up = transmit(up_bytes, over, start=False)
    waits_s = duty_cycled_s(up) + duty_cycled_s(down)
    return Participation(
        down_uJ=down.energy_uJ,
        up_uJ=up.energy_uJ,
        upkeep_uJ=upkeep_uJ(over, training_s),
        air_limit_s=waits_s,
        down_packets=down.packets,
        up_packets=up.packets,
    )
