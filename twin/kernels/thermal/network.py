"""What the balance is told about a building, and the arrays that it runs over (:mod:`packing`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.glazing import Glazing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Back(IntEnum):
    """What a surface has behind it."""

    OUTDOORS = 0
    TEMPERATURE = 1  # a given temperature: ground, a sheltered space
    ZONE = 2  # another zone, or the same one: internal mass
    ADIABATIC = 3


class Flow(IntEnum):
    """The terms of a zone's energy balance, in the order of :attr:`balance.Year.flows_wh`."""

    OPAQUE = 0  # through opaque surfaces to outdoors, with the sun absorbed outside
    WINDOW = 1  # through windows by temperature difference
    GROUND = 2
    INTERNAL = 3  # into walls shared with other zones and into internal mass
    SOLAR = 4  # transmitted and kept, and absorbed in panes and flowing inwards
    GAINS = 5
    VENTILATION = 6
    MIXING = 7  # air from other zones
    AIR_STORAGE = 8
    HEATING = 9
    COOLING = 10  # negative


@dataclass(frozen=True, slots=True)
class Zone:
    """Well-mixed air with one set of schedules."""

    volume_m3: float
    floor_area_m2: float  # multiplies the gains of the schedule
    air_capacity_j_k: float  # of air and furniture
    operation: int  # row of Operation
    heating_capacity_w: float = np.inf
    cooling_capacity_w: float = np.inf
    opening_m2: float = 0.0  # of its windows that can be opened
    opening_height_m: float = 1.0  # of one of them
    stack_leakage_m3_s: float = 0.0  # see ventilation.leakage_m3_s
    wind_leakage_m3_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Blind:
    """Lets ``factor`` of the light through in hours with more than ``irradiance_w_m2`` on the window."""

    factor: float
    irradiance_w_m2: float


@dataclass(frozen=True, eq=False)
class BeamTarget:
    """Share of a window's transmitted beam that first meets one face of the zone."""

    surface: int  # row in the list of surfaces
    share: float | Floats  # constant, or (D,) by row of the sun


@dataclass(frozen=True, eq=False)
class Surface:
    """One flat surface between a zone (its front) and what lies behind.

    ``layers`` run from the back to the front and are empty when ``glazing`` is given. ``normal`` points from
    the front zone to the back: x east, y north, z up.
    """

    area_m2: float
    zone: int
    back: Back
    normal: tuple[float, float, float]
    flow: Flow
    back_row: int = -1  # of the zone, or of the given temperature
    layers: tuple[Layer, ...] = ()
    glazing: Glazing | None = None
    orientation: int = -1  # row of the irradiance, -1 for no sun
    wind_factor: float = 1.0  # local wind speed over the station's
    sky_view: float = 0.5
    roughness: float = 1.67  # of the outer face in the MoWiTT model: 1 for glass, 1.67 rough
    outside_absorptance: float = 0.6
    outside_emissivity: float = 0.9
    front_absorptance: float = 0.6
    front_emissivity: float = 0.9
    back_absorptance: float = 0.6  # for Back.ZONE
    back_emissivity: float = 0.9
    sunlit: Floats | None = None  # (D,) share of the face that the sun reaches, by row of the sun
    sky_visibility: float = 1.0  # factor on the diffuse sky for obstacles
    beam_targets: tuple[BeamTarget, ...] = ()  # of a window; () sends the beam to the floor
    blind: Blind | None = None  # of a window
    pane_height_m: float | None = None  # of a window, for its film inside; None: that of a wall


class Link(NamedTuple):
    """Air that two zones exchange, the same both ways."""

    zone_a: int
    zone_b: int
    flow_m3_s: float


class Operation(NamedTuple):
    """P schedules over all time steps, each (P, 8760 · steps_per_hour). ±inf: heating or cooling is off."""

    heating_setpoint_c: Floats
    cooling_setpoint_c: Floats
    air_changes_per_h: Floats
    convective_gain_w_m2: Floats
    radiative_gain_w_m2: Floats


class Weather(NamedTuple):
    """8760 hours. Index i ends at hour i + 1 for temperatures and covers [i, i + 1) for the rest."""

    air_temperature_c: Floats
    sky_temperature_c: Floats
    wind_speed_m_s: Floats  # at the station, 10 m
    wind_east: Floats  # unit vector that points to where the wind comes from
    wind_north: Floats
    air_density_kg_m3: Floats
    given_temperature_c: Floats  # (G, 8760) for Back.TEMPERATURE
    sun_row: Ints  # (8760,) row of the sunlit and beam-share tables


# One record per zone, surface, mode, ...: the balance reads all of a record at once.
ZONE = np.dtype(
    [
        ("volume_m3", np.float64),
        ("floor_area_m2", np.float64),
        ("air_capacity_j_k", np.float64),
        ("operation", np.int64),
        ("heating_capacity_w", np.float64),
        ("cooling_capacity_w", np.float64),
        ("opening_m2", np.float64),
        ("opening_height_m", np.float64),
        ("stack_leakage_m3_s", np.float64),
        ("wind_leakage_m3_s", np.float64),
        ("enclosure_m2", np.float64),
        ("first_pair", np.int64),  # pairs whose a is this zone
        ("pair_end", np.int64),
        ("first_end", np.int64),  # ends of pairs at this zone
        ("last_end", np.int64),
        ("first_link", np.int64),
        ("last_link", np.int64),
    ],
    align=True,
)
SURFACE = np.dtype(
    [
        ("area_m2", np.float64),
        ("zone", np.int64),
        ("back", np.int64),
        ("back_row", np.int64),
        ("pair", np.int64),  # of the zones on both sides; -1 for none or the same zone
        ("front_is_b", np.bool_),  # the front zone is the pair's b
        ("glazed", np.bool_),
        ("always_windward", np.bool_),
        ("flow", np.int64),
        ("orientation", np.int64),
        ("solar_class", np.int64),  # of a window: row of the classes in Solar
        ("first_mode", np.int64),
        ("last_mode", np.int64),
        ("back_admittance", np.float64),  # of the wall: see conduction.Wall
        ("front_admittance", np.float64),
        ("transfer", np.float64),
        ("gap_m", np.float64),  # of a window; 0 = fixed conductance
        ("gap_emissivity", np.float64),  # effective, of both faces
        ("pane_resistance", np.float64),
        ("back_warm", np.float64),  # buoyancy factors of the back face
        ("back_cold", np.float64),
        ("front_warm", np.float64),
        ("front_cold", np.float64),
        ("pane", np.float64),  # factor of |ΔT|^(1/4) of an upright pane inside; 0 for other faces
        ("windward", np.float64),  # a · f^b of the MoWiTT model with the local wind factor f
        ("leeward", np.float64),
        ("roughness", np.float64),
        ("normal_east", np.float64),
        ("normal_north", np.float64),
        ("sky_factor", np.float64),  # emissivity · view
        ("air_factor", np.float64),
        ("outside_absorptance", np.float64),
        ("sky_visibility", np.float64),
        ("sunlit_row", np.int64),
        ("back_radiant", np.float64),  # F' of the face towards its zone's star node
        ("front_radiant", np.float64),
        ("front_scatter", np.float64),  # W/m² absorbed per W of diffuse light in the zone
        ("back_scatter", np.float64),
        ("blind_factor", np.float64),  # 1 without a blind
        ("blind_irradiance", np.float64),
        ("first_target", np.int64),
        ("last_target", np.int64),
    ],
    align=True,
)
MODE = np.dtype(
    [("decay", np.float64), ("from_back", np.float64), ("from_front", np.float64)],  # see conduction.Wall
    align=True,
)
TARGET = np.dtype(
    [
        ("surface", np.int64),
        ("back", np.bool_),  # the beam meets the back face of the surface
        ("weight", np.float64),  # absorptance · share / area, 1/m²
        ("row", np.int64),  # of Solar.target_share
    ],
    align=True,
)
PAIR_END = np.dtype(
    [("pair", np.int64), ("other", np.int64), ("is_b", np.bool_)],  # other: the zone at the other end
    align=True,
)
LINK_END = np.dtype([("zone", np.int64), ("pair", np.int64), ("flow_m3_s", np.float64)], align=True)

Records = NDArray[np.void]


class Solar(NamedTuple):
    """Tables of the sun: irradiance, angular classes of windows, shading, and where the beam lands."""

    beam: Floats  # (O, 8760)
    diffuse: Floats  # (O, 8760), sky
    ground: Floats  # (O, 8760)
    dark: NDArray[np.bool_]  # (8760,) no light on any orientation
    class_beam: Floats  # (C, 8760, 3) through, absorbed outer, absorbed inner, W/m² unshaded
    class_diffuse: Floats  # (C, 3) shares
    sunlit: NDArray[np.float32]  # (K, D), row 0 all ones
    target_share: NDArray[np.float32]  # (R, D), row 0 all ones


class Network(NamedTuple):
    """A building as the balance sees it, its zones ordered by groups that share nothing.

    Two zones that exchange heat are a pair (a, b), a < b; pairs are sorted.
    """

    zones: Records  # (Z,) ZONE
    surfaces: Records  # (F,) SURFACE
    modes: Records  # (N,) MODE, of all walls
    targets: Records  # (T,) TARGET, of the windows' beams
    pair_ends: Records  # (2 P,) PAIR_END, by zone
    link_ends: Records  # (2 L,) LINK_END, by zone
    solar: Solar
    zone_order: Ints  # (Z,) index of each zone in the list it was packed from
    groups: Ints  # (G, 4) first and end row of the zones, first and end row of the surfaces
