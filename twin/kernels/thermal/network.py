"""Zones and surfaces of a building, packed into the arrays that the balance runs over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twin.kernels.thermal.conduction import Layer, wall
from twin.kernels.thermal.convection import LEEWARD, WINDWARD, buoyancy_factors
from twin.kernels.thermal.glazing import Glazing
from twin.kernels.thermal.irradiance import Irradiance
from twin.kernels.thermal.longwave import mean_radiant_factors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ZONES_PER_GROUP = 8  # small independent parts are run together up to this many zones
FLOOR_COSINE = -0.7  # a surface whose outward normal looks this far down is a floor of its zone


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


class Zones(NamedTuple):
    """Columns of Z zones."""

    volume_m3: Floats
    floor_area_m2: Floats
    air_capacity_j_k: Floats
    operation: Ints
    heating_capacity_w: Floats
    cooling_capacity_w: Floats
    enclosure_m2: Floats


class Surfaces(NamedTuple):
    """Columns of F surfaces; pairs of columns "back" and "front" are the faces."""

    area_m2: Floats
    zone: Ints
    back: Ints
    back_row: Ints
    pair: Ints  # of the zones on both sides; -1 for none or the same zone
    front_is_b: NDArray[np.bool_]  # the front zone is the pair's b
    flow: Ints
    glazed: NDArray[np.bool_]
    orientation: Ints
    solar_class: Ints  # of a window: row in SolarClasses
    node_start: Ints  # (F + 1,)
    back_storage: Floats
    front_storage: Floats
    back_conductance: Floats
    front_conductance: Floats
    back_admittance: Floats
    front_admittance: Floats
    transfer: Floats
    gap_m: Floats  # of a window; 0 = fixed conductance
    gap_emissivity: Floats  # effective, of both faces
    pane_resistance: Floats
    back_warm: Floats  # buoyancy factors of the back face
    back_cold: Floats
    front_warm: Floats
    front_cold: Floats
    windward: Floats  # a · f^b of the MoWiTT model with the local wind factor f
    leeward: Floats
    roughness: Floats
    normal_east: Floats
    normal_north: Floats
    always_windward: NDArray[np.bool_]
    sky_factor: Floats  # emissivity · σ · view
    air_factor: Floats
    outside_absorptance: Floats
    sky_visibility: Floats
    sunlit_row: Ints
    back_radiant: Floats  # σ F' of the face towards its zone's star node
    front_radiant: Floats
    front_scatter: Floats  # W/m² absorbed per W of diffuse light in the zone
    back_scatter: Floats
    target_start: Ints  # (F + 1,)


class Nodes(NamedTuple):
    """Columns of the inner nodes of all walls (see conduction.Wall)."""

    forward_gain: Floats
    forward_link: Floats
    backward_link: Floats
    from_back: Floats
    from_front: Floats


class Solar(NamedTuple):
    """Tables of the sun: irradiance, angular classes of windows, shading, and where the beam lands."""

    beam: Floats  # (O, 8760)
    diffuse: Floats  # (O, 8760), sky
    ground: Floats  # (O, 8760)
    dark: NDArray[np.bool_]  # (8760,) no light on any orientation
    class_orientation: Ints  # (C,)
    class_beam: Floats  # (C, 8760, 3) through, absorbed outer, absorbed inner, W/m² unshaded
    class_diffuse: Floats  # (C, 3) shares
    back_transmittance: Floats  # (C,)
    sunlit: NDArray[np.float32]  # (K, D), row 0 all ones
    target_surface: Ints  # (T,)
    target_back: NDArray[np.bool_]  # the beam meets the back face of the surface
    target_weight: Floats  # (T,) absorptance · share / area, 1/m²
    target_row: Ints  # (T,) row of target_share
    target_share: NDArray[np.float32]  # (R, D), row 0 all ones


class Couplings(NamedTuple):
    """Pairs (a, b) of zones that exchange heat, a < b, sorted; for each zone its pairs, CSR over zones."""

    first_pair: Ints  # (Z + 1,) pairs whose a is zone z: rows first_pair[z] to first_pair[z + 1]
    start: Ints  # (Z + 1,)
    pair: Ints
    other: Ints  # the zone at the other end
    is_b: NDArray[np.bool_]  # this zone is the pair's b
    link_start: Ints  # (Z + 1,)
    link_zone: Ints
    link_pair: Ints
    link_flow_m3_s: Floats


class Network(NamedTuple):
    """A building as the balance sees it, its zones ordered by groups that share nothing."""

    zones: Zones
    surfaces: Surfaces
    nodes: Nodes
    solar: Solar
    couplings: Couplings
    zone_order: Ints  # (Z,) index of each zone in the list it was packed from
    groups: Ints  # (G, 4) first and end row of the zones, first and end row of the surfaces


def pack(
    zones: Sequence[Zone],
    surfaces: Sequence[Surface],
    irradiance: Irradiance,
    sun_rows: int,
    steps_per_hour: int,
    links: Sequence[Link] = (),
) -> Network:
    """Pack zones and surfaces into arrays for time steps of 3600 s / ``steps_per_hour``.

    ``irradiance`` has the rows that ``Surface.orientation`` names; ``sun_rows`` is D, the length of the
    tables by row of the sun. Every zone needs at least one surface.

    Raises:
        ValueError: a zone has no surface, or a surface has neither layers nor glazing.
    """
    step_s = 3600.0 / steps_per_hour
    zones, surfaces, links, zone_order, groups = _grouped(zones, surfaces, links)
    for index, surface in enumerate(surfaces):
        if not surface.layers and surface.glazing is None:
            raise ValueError(f"surface {index} has neither layers nor a glazing")
    faces = _faces(len(zones), surfaces)
    bare = [index for index, own in enumerate(faces) if not own]
    if bare:
        raise ValueError(f"zones without a surface: {bare}")
    classes, class_of = _solar_classes(surfaces)
    sunlit = _Rows(sun_rows)
    pairs = _pairs(surfaces, links)
    columns, nodes = _surface_columns(surfaces, faces, class_of, pairs, step_s, sunlit)
    targets, target_start, share = _beam_targets(surfaces, faces, sun_rows)
    class_beam, class_diffuse, back_through = _class_tables(classes, irradiance)
    return Network(
        zones=Zones(
            volume_m3=np.array([zone.volume_m3 for zone in zones], np.float64),
            floor_area_m2=np.array([zone.floor_area_m2 for zone in zones], np.float64),
            air_capacity_j_k=np.array([zone.air_capacity_j_k for zone in zones], np.float64),
            operation=np.array([zone.operation for zone in zones], np.int64),
            heating_capacity_w=np.array([zone.heating_capacity_w for zone in zones], np.float64),
            cooling_capacity_w=np.array([zone.cooling_capacity_w for zone in zones], np.float64),
            enclosure_m2=np.array(
                [sum(surfaces[row].area_m2 for row, _ in own) for own in faces], np.float64
            ),
        ),
        surfaces=Surfaces(**columns, target_start=target_start),
        nodes=nodes,
        solar=Solar(
            beam=irradiance.beam,
            diffuse=irradiance.diffuse,
            ground=irradiance.ground,
            dark=~np.any(irradiance.beam + irradiance.diffuse + irradiance.ground, axis=0),
            class_orientation=np.array([orientation for orientation, _ in classes], np.int64),
            class_beam=class_beam,
            class_diffuse=class_diffuse,
            back_transmittance=back_through,
            sunlit=sunlit.table(),
            target_surface=np.array([row for row, _, _, _ in targets], np.int64),
            target_back=np.array([back for _, back, _, _ in targets], np.bool_),
            target_weight=np.array([weight for _, _, weight, _ in targets], np.float64),
            target_row=np.array([row for _, _, _, row in targets], np.int64),
            target_share=share,
        ),
        couplings=_couplings(len(zones), pairs, links),
        zone_order=zone_order,
        groups=groups,
    )


def _grouped(
    zones: Sequence[Zone], surfaces: Sequence[Surface], links: Sequence[Link]
) -> tuple[list[Zone], list[Surface], list[Link], Ints, Ints]:
    """Zones and surfaces ordered so that what is connected is contiguous, with rows renumbered.

    Small connected parts are put into one group until it holds ``ZONES_PER_GROUP`` zones.
    """
    pairs = [(s.zone, s.back_row) for s in surfaces if s.back is Back.ZONE]
    pairs += [(link.zone_a, link.zone_b) for link in links]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(zones), len(zones)))
    label = connected_components(graph, directed=False)[1]
    zone_order = np.argsort(label, kind="stable")
    zone_place = np.argsort(zone_order)
    surface_label = label[[s.zone for s in surfaces]] if surfaces else np.zeros(0, np.int64)
    surface_order = np.argsort(surface_label, kind="stable")
    surface_place = np.argsort(surface_order)
    moved = [
        replace(
            surfaces[row],
            zone=int(zone_place[surfaces[row].zone]),
            back_row=int(zone_place[surfaces[row].back_row])
            if surfaces[row].back is Back.ZONE
            else surfaces[row].back_row,
            beam_targets=tuple(
                replace(target, surface=int(surface_place[target.surface]))
                for target in surfaces[row].beam_targets
            ),
        )
        for row in surface_order
    ]
    sizes = np.bincount(label, minlength=label.max(initial=-1) + 1)
    faces = np.bincount(surface_label, minlength=len(sizes))
    groups: list[list[int]] = []
    zone, face = 0, 0
    for size, count in zip(sizes.tolist(), faces.tolist(), strict=True):
        if groups and groups[-1][1] - groups[-1][0] + size <= ZONES_PER_GROUP:
            groups[-1][1] += size
            groups[-1][3] += count
        else:
            groups.append([zone, zone + size, face, face + count])
        zone, face = zone + size, face + count
    return (
        [zones[row] for row in zone_order],
        moved,
        [Link(int(zone_place[a]), int(zone_place[b]), flow) for a, b, flow in links],
        zone_order.astype(np.int64),
        np.array(groups, np.int64).reshape(-1, 4),
    )


Face = tuple[int, bool]  # row of the surface, and whether the zone lies behind it


class _Rows:
    """A table of (D,) rows that starts with one of ones and keeps equal objects once."""

    def __init__(self, length: int) -> None:
        self._rows = [np.ones(length, np.float32)]
        self._row_of: dict[int, int] = {}

    def add(self, values: Floats) -> int:
        row = self._row_of.get(id(values))
        if row is None:
            row = self._row_of[id(values)] = len(self._rows)
            self._rows.append(np.asarray(values, np.float32))
        return row

    def table(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(np.stack(self._rows))


def _faces(zone_count: int, surfaces: Sequence[Surface]) -> list[list[Face]]:
    """The faces that enclose each zone."""
    faces: list[list[Face]] = [[] for _ in range(zone_count)]
    for row, surface in enumerate(surfaces):
        faces[surface.zone].append((row, False))
        if surface.back is Back.ZONE:
            faces[surface.back_row].append((row, True))
    return faces


def _solar_classes(
    surfaces: Sequence[Surface],
) -> tuple[list[tuple[int, Glazing]], list[int]]:
    """Distinct pairs of orientation and glazing, and the pair of each surface (-1 for opaque ones)."""
    classes: list[tuple[int, Glazing]] = []
    known: dict[tuple[int, int], int] = {}
    class_of = []
    for surface in surfaces:
        row = -1
        if surface.glazing is not None and surface.orientation >= 0:
            key = (surface.orientation, id(surface.glazing))
            if key not in known:
                known[key] = len(classes)
                classes.append((surface.orientation, surface.glazing))
            row = known[key]
        class_of.append(row)
    return classes, class_of


def _class_tables(
    classes: Sequence[tuple[int, Glazing]], irradiance: Irradiance
) -> tuple[Floats, Floats, Floats]:
    """Beam through and absorbed per class and hour, diffuse shares, transmittance from inside."""
    hours = irradiance.beam.shape[1]
    beam = np.zeros((len(classes), hours, 3))
    diffuse = np.zeros((len(classes), 3))
    for row, (orientation, glazing) in enumerate(classes):
        angle = np.degrees(np.arccos(np.clip(irradiance.cos_incidence[orientation], 0.0, 1.0)))
        for column, share in enumerate(
            (
                glazing.front.transmittance,
                glazing.front.absorptance_outer,
                glazing.front.absorptance_inner,
            )
        ):
            at_angle = np.interp(angle, np.arange(91.0), share)
            beam[row, :, column] = irradiance.beam[orientation] * at_angle
        diffuse[row] = glazing.front.hemispherical()
    return beam, diffuse, np.array([glazing.back_transmittance for _, glazing in classes])


def _kept_from_inside(surface: Surface, back: bool) -> float:
    """Share of the zone's diffuse light that a face does not send back."""
    glazing = surface.glazing
    if glazing is None:
        return surface.back_absorptance if back else surface.front_absorptance
    if surface.back is not Back.OUTDOORS:
        return glazing.back_absorptance_inner + glazing.back_absorptance_outer
    return glazing.back_transmittance + glazing.back_absorptance_inner + glazing.back_absorptance_outer


def _surface_columns(
    surfaces: Sequence[Surface],
    faces: Sequence[Sequence[Face]],
    class_of: Sequence[int],
    pairs: dict[Pair, int],
    step_s: float,
    sunlit: _Rows,
) -> tuple[dict[str, Any], Nodes]:
    def column(name: str) -> Floats:
        return np.array([getattr(surface, name) for surface in surfaces], np.float64)

    walls = [wall(surface.layers, step_s) if surface.layers else None for surface in surfaces]
    glazed = np.array([surface.glazing is not None for surface in surfaces], np.bool_)
    normal = np.array([surface.normal for surface in surfaces], np.float64)
    # The front face looks against the normal; the back face looks along it when it meets outdoor air,
    # and back into the neighbouring zone in the same direction.
    outward, inward = buoyancy_factors(normal[:, 2]), buoyancy_factors(-normal[:, 2])
    wind = column("wind_factor")
    front_radiant, back_radiant = np.zeros(len(surfaces)), np.zeros(len(surfaces))
    front_scatter, back_scatter = np.zeros(len(surfaces)), np.zeros(len(surfaces))
    for own in faces:
        area = np.array([surfaces[row].area_m2 for row, _ in own])
        emissivity = np.array(
            [surfaces[row].back_emissivity if back else surfaces[row].front_emissivity for row, back in own]
        )
        kept = np.array([_kept_from_inside(surfaces[row], back) for row, back in own])
        pool = float(area @ kept)
        factors = mean_radiant_factors(area, emissivity)
        for (row, back), factor, share in zip(own, factors, kept, strict=True):
            (back_radiant if back else front_radiant)[row] = factor
            glazing = surfaces[row].glazing
            if glazing is not None:
                front_scatter[row] = glazing.back_absorptance_inner / pool
                back_scatter[row] = glazing.back_absorptance_outer / pool
            else:
                (back_scatter if back else front_scatter)[row] = share / pool
    view = column("sky_view")
    beta = np.sqrt(view)
    emissivity_out = column("outside_emissivity")
    fixed = np.array(
        [
            surface.glazing.conductance_w_m2k
            if surface.glazing is not None and np.isfinite(surface.glazing.conductance_w_m2k)
            else 0.0
            for surface in surfaces
        ]
    )

    def of_wall(name: str, of_glazing: Floats) -> Floats:
        return np.array(
            [
                other if own is None else getattr(own, name)
                for own, other in zip(walls, of_glazing.tolist(), strict=True)
            ]
        )

    zero = np.zeros(len(surfaces))
    gaps = [surface.glazing for surface in surfaces]
    gap_emissivity = [glazing.gap_emissivity if glazing is not None else 0.9 for glazing in gaps]
    columns: dict[str, Any] = {
        "area_m2": column("area_m2"),
        "zone": np.array([surface.zone for surface in surfaces], np.int64),
        "back": np.array([surface.back for surface in surfaces], np.int64),
        "back_row": np.array([surface.back_row for surface in surfaces], np.int64),
        "pair": np.array(
            [
                pairs.get(_pair(surface.zone, surface.back_row), -1) if surface.back is Back.ZONE else -1
                for surface in surfaces
            ],
            np.int64,
        ),
        "front_is_b": np.array([surface.zone > surface.back_row for surface in surfaces], np.bool_),
        "flow": np.array([surface.flow for surface in surfaces], np.int64),
        "glazed": glazed,
        "orientation": np.array([surface.orientation for surface in surfaces], np.int64),
        "solar_class": np.array(class_of, np.int64),
        "node_start": np.cumsum(
            [0, *(0 if own is None else own.node_count for own in walls)], dtype=np.int64
        ),
        "back_storage": of_wall("back_storage", zero),
        "front_storage": of_wall("front_storage", zero),
        "back_conductance": of_wall("back_conductance", zero),
        "front_conductance": of_wall("front_conductance", zero),
        "back_admittance": of_wall("back_admittance", fixed),
        "front_admittance": of_wall("front_admittance", fixed),
        "transfer": of_wall("transfer", fixed),
        "gap_m": np.array(
            [
                glazing.gap_m if glazing is not None and not np.isfinite(glazing.conductance_w_m2k) else 0.0
                for glazing in gaps
            ]
        ),
        "gap_emissivity": np.array([1 / (2 / emissivity - 1) for emissivity in gap_emissivity]),
        "pane_resistance": np.array(
            [glazing.pane_resistance_m2k_w if glazing is not None else 0.0 for glazing in gaps]
        ),
        "back_warm": np.ascontiguousarray(outward[:, 0]),
        "back_cold": np.ascontiguousarray(outward[:, 1]),
        "front_warm": np.ascontiguousarray(inward[:, 0]),
        "front_cold": np.ascontiguousarray(inward[:, 1]),
        "windward": WINDWARD[0] * wind ** WINDWARD[1],
        "leeward": LEEWARD[0] * wind ** LEEWARD[1],
        "roughness": column("roughness"),
        "normal_east": np.ascontiguousarray(normal[:, 0]),
        "normal_north": np.ascontiguousarray(normal[:, 1]),
        "always_windward": np.abs(normal[:, 2]) > 0.95,
        "sky_factor": emissivity_out * view * beta,
        "air_factor": emissivity_out * (view * (1 - beta) + 1 - view),
        "outside_absorptance": column("outside_absorptance"),
        "sky_visibility": column("sky_visibility"),
        "sunlit_row": np.array(
            [0 if surface.sunlit is None else sunlit.add(surface.sunlit) for surface in surfaces], np.int64
        ),
        "back_radiant": back_radiant,
        "front_radiant": front_radiant,
        "front_scatter": front_scatter,
        "back_scatter": back_scatter,
    }
    solid = [own for own in walls if own is not None]
    nodes = Nodes(
        *(np.concatenate([np.zeros(0), *(getattr(own, name) for own in solid)]) for name in Nodes._fields)
    )
    return columns, nodes


def _beam_targets(
    surfaces: Sequence[Surface], faces: Sequence[Sequence[Face]], sun_rows: int
) -> tuple[list[tuple[int, bool, float, int]], Ints, NDArray[np.float32]]:
    """(surface, back face, absorptance · share / area, row of the share table) of every window's beam."""
    shares = _Rows(sun_rows)
    targets: list[tuple[int, bool, float, int]] = []
    start = [0]
    for surface in surfaces:
        if surface.glazing is not None and surface.orientation >= 0:
            landing = list(surface.beam_targets) or _floor_targets(surfaces, faces[surface.zone])
            for target in landing:
                other = surfaces[target.surface]
                back = other.zone != surface.zone
                absorptance = other.back_absorptance if back else other.front_absorptance
                weight, row = absorptance / other.area_m2, 0
                if isinstance(target.share, np.ndarray):
                    row = shares.add(target.share)
                else:
                    weight *= target.share
                targets.append((target.surface, back, weight, row))
        start.append(len(targets))
    return targets, np.array(start, np.int64), shares.table()


def _floor_targets(surfaces: Sequence[Surface], own: Sequence[Face]) -> list[BeamTarget]:
    """The zone's floors by area; every opaque face of a zone without one."""
    opaque = [(row, back) for row, back in own if surfaces[row].glazing is None]
    floors = [
        row for row, back in opaque if (-1 if back else 1) * surfaces[row].normal[2] < FLOOR_COSINE
    ] or [row for row, _ in opaque]
    total = sum(surfaces[row].area_m2 for row in floors)
    return [BeamTarget(row, surfaces[row].area_m2 / total) for row in floors]


Pair = tuple[int, int]


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _pairs(surfaces: Sequence[Surface], links: Sequence[Link]) -> dict[Pair, int]:
    """Row of every pair of zones that share a surface or a link, in sorted order."""
    found = {_pair(s.zone, s.back_row) for s in surfaces if s.back is Back.ZONE and s.zone != s.back_row}
    found |= {_pair(link.zone_a, link.zone_b) for link in links}
    return {pair: row for row, pair in enumerate(sorted(found))}


def _couplings(zone_count: int, pairs: dict[Pair, int], links: Sequence[Link]) -> Couplings:
    shared: list[list[tuple[int, int, bool]]] = [[] for _ in range(zone_count)]
    for (a, b), row in pairs.items():
        shared[a].append((row, b, False))
        shared[b].append((row, a, True))
    air: list[list[tuple[int, int, float]]] = [[] for _ in range(zone_count)]
    for link in links:
        row = pairs[_pair(link.zone_a, link.zone_b)]
        air[link.zone_a].append((link.zone_b, row, link.flow_m3_s))
        air[link.zone_b].append((link.zone_a, row, link.flow_m3_s))
    first_zone = np.array([a for a, _ in pairs], np.int64)
    return Couplings(
        first_pair=np.searchsorted(first_zone, np.arange(zone_count + 1)).astype(np.int64),
        start=np.cumsum([0, *map(len, shared)], dtype=np.int64),
        pair=np.array([row for own in shared for row, _, _ in own], np.int64),
        other=np.array([zone for own in shared for _, zone, _ in own], np.int64),
        is_b=np.array([is_b for own in shared for _, _, is_b in own], np.bool_),
        link_start=np.cumsum([0, *map(len, air)], dtype=np.int64),
        link_zone=np.array([zone for own in air for zone, _, _ in own], np.int64),
        link_pair=np.array([row for own in air for _, row, _ in own], np.int64),
        link_flow_m3_s=np.array([flow for own in air for _, _, flow in own], np.float64),
    )
