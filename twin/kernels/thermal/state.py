"""What the balance carries from step to step, and what it keeps of the year."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.network import Flow, Records

Floats = NDArray[np.float64]

HOURS = 8760
FLOWS = len(Flow)
AIR_SPECIFIC_HEAT = 1006.0  # J/(kg K)

ZONE_STATE = np.dtype(
    [
        ("air", np.float64),
        ("star", np.float64),
        ("air_before", np.float64),
        ("pool", np.float64),  # diffuse solar power in the zone, W
        ("gain", np.float64),  # radiative gains on each face of the zone, W/m²
        ("a11", np.float64),  # the zone's own 2 x 2 system: air and star node, W/K and W
        ("a12", np.float64),
        ("a22", np.float64),
        ("b1", np.float64),
        ("b2", np.float64),
        ("load", np.float64),
        ("vent", np.float64),  # heat that outdoor air carries, W/K
        ("most_let_in", np.float64),  # that open windows and fans could add, W/K
        ("let_in", np.float64),  # that they do
    ],
    align=True,
)
SURFACE_STATE = np.dtype(
    [
        ("back_face", np.float64),
        ("front_face", np.float64),
        ("back_sun", np.float64),  # absorbed, W/m²
        ("front_sun", np.float64),
        ("back_response", np.float64),  # inverse of the two-port with films, m²K/W
        ("cross_response", np.float64),
        ("front_response", np.float64),
        ("back_source", np.float64),  # W/m²
        ("front_source", np.float64),
        ("back_convection", np.float64),  # W/(m²K)
        ("back_radiation", np.float64),
        ("front_convection", np.float64),
        ("front_radiation", np.float64),
        ("back_memory", np.float64),  # sent to the face by the wall's past, W/m²
        ("front_memory", np.float64),
    ],
    align=True,
)
PAIR_STATE = np.dtype(
    [
        ("k11", np.float64),  # effect of b's air on a's air, W/K
        ("k12", np.float64),  # of b's star on a's air
        ("k21", np.float64),
        ("k22", np.float64),
    ],
    align=True,
)


class State(NamedTuple):
    """Temperatures and the work space of a step."""

    zones: Records  # (Z,) ZONE_STATE
    surfaces: Records  # (F,) SURFACE_STATE
    modes: Floats  # (N,) of the walls, see conduction.Wall
    pairs: Records  # (P,) PAIR_STATE
    flows: Floats  # (Z, len(Flow)) into the zone's air in this step, W


class Record(NamedTuple):
    """What is kept of the year, rows by zone; sweeps and warm-up in the row of a group's first zone."""

    heating: Floats  # (Z, 8760) W
    cooling: Floats
    air: NDArray[np.float32]  # (Z, 8760) °C
    star: NDArray[np.float32]
    let_in: NDArray[np.float32]  # (Z, 8760) W/K
    flows: Floats  # (12, Z, len(Flow)) Wh
    error: Floats  # (Z,)
    sweeps: NDArray[np.int64]  # (Z,)
    warmup: Floats  # (Z, 2) passes, last change


class Group(NamedTuple):
    """Zones z0 to z1 and surfaces f0 to f1, which exchange heat with no others."""

    z0: int
    z1: int
    f0: int
    f1: int


class Step(NamedTuple):
    """One time step and its weather."""

    hour: int
    row: int  # of the operation
    length_s: float
    air_c: float
    sky_c: float
    windward: float  # V^b of the MoWiTT model
    leeward: float
