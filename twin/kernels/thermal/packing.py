"""Zones and surfaces packed into the arrays that the balance runs over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.conduction import wall
from twin.kernels.thermal.convection import (
    LEEWARD,
    UPRIGHT_COSINE,
    WINDWARD,
    buoyancy_factors,
    pane_factor,
)
from twin.kernels.thermal.glazing import Glazing
from twin.kernels.thermal.grouping import Pair, grouped, pair_of, pairs_of
from twin.kernels.thermal.irradiance import Irradiance
from twin.kernels.thermal.longwave import mean_radiant_factors
from twin.kernels.thermal.network import (
    LINK_END,
    MODE,
    PAIR_END,
    SURFACE,
    TARGET,
    ZONE,
    Back,
    BeamTarget,
    Link,
    Network,
    Records,
    Solar,
    Surface,
    Zone,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FLOOR_COSINE = -0.7  # a surface whose outward normal looks this far down is a floor of its zone
FLAT_COSINE = 0.95  # flatter faces meet the wind from any direction


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
    zones, surfaces, links, zone_order, groups = grouped(zones, surfaces, links)
    for index, surface in enumerate(surfaces):
        if not surface.layers and surface.glazing is None:
            raise ValueError(f"surface {index} has neither layers nor a glazing")
    faces = _faces(len(zones), surfaces)
    bare = [index for index, own in enumerate(faces) if not own]
    if bare:
        raise ValueError(f"zones without a surface: {bare}")
    classes, class_of = _solar_classes(surfaces)
    sunlit = _Rows(sun_rows)
    pairs = pairs_of(surfaces, links)
    records, modes = _surface_records(surfaces, faces, class_of, pairs, step_s, sunlit)
    targets, share = _beam_targets(surfaces, records, faces, sun_rows)
    class_beam, class_diffuse = _class_tables(classes, irradiance)
    zone_records, pair_ends, link_ends = _zone_records(zones, surfaces, faces, pairs, links)
    return Network(
        zones=zone_records,
        surfaces=records,
        modes=modes,
        targets=targets,
        pair_ends=pair_ends,
        link_ends=link_ends,
        solar=Solar(
            beam=irradiance.beam,
            diffuse=irradiance.diffuse,
            ground=irradiance.ground,
            dark=~np.any(irradiance.beam + irradiance.diffuse + irradiance.ground, axis=0),
            class_beam=class_beam,
            class_diffuse=class_diffuse,
            sunlit=sunlit.table(),
            target_share=share,
        ),
        zone_order=zone_order,
        groups=groups,
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


def _class_tables(classes: Sequence[tuple[int, Glazing]], irradiance: Irradiance) -> tuple[Floats, Floats]:
    """Beam through and absorbed per class and hour (C, 8760, 3), and diffuse shares (C, 3)."""
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
    return beam, diffuse


def _kept_from_inside(surface: Surface, back: bool) -> float:
    """Share of the zone's diffuse light that a face does not send back."""
    glazing = surface.glazing
    if glazing is None:
        return surface.back_absorptance if back else surface.front_absorptance
    if surface.back is not Back.OUTDOORS:
        return glazing.back_absorptance_inner + glazing.back_absorptance_outer
    return glazing.back_transmittance + glazing.back_absorptance_inner + glazing.back_absorptance_outer


def _surface_records(
    surfaces: Sequence[Surface],
    faces: Sequence[Sequence[Face]],
    class_of: Sequence[int],
    pairs: dict[Pair, int],
    step_s: float,
    sunlit: _Rows,
) -> tuple[Records, Records]:
    """The surfaces (F,) SURFACE and the modes of their walls (N,) MODE."""
    records = np.zeros(len(surfaces), SURFACE)
    for name in ("area_m2", "zone", "back", "back_row", "flow", "orientation", "roughness",
                 "outside_absorptance", "sky_visibility"):  # fmt: skip
        records[name] = [getattr(surface, name) for surface in surfaces]
    records["solar_class"] = class_of
    records["front_is_b"] = records["zone"] > records["back_row"]
    records["pair"] = [
        pairs.get(pair_of(surface.zone, surface.back_row), -1) if surface.back is Back.ZONE else -1
        for surface in surfaces
    ]
    records["sunlit_row"] = [
        0 if surface.sunlit is None else sunlit.add(surface.sunlit) for surface in surfaces
    ]
    blinds = [surface.blind for surface in surfaces]
    records["blind_factor"] = [1.0 if blind is None else blind.factor for blind in blinds]
    records["blind_irradiance"] = [np.inf if blind is None else blind.irradiance_w_m2 for blind in blinds]
    _set_films(records, surfaces)
    _set_interior(records, surfaces, faces)
    _set_glazings(records, surfaces)
    return records, _set_walls(records, surfaces, step_s)


def _set_films(records: Records, surfaces: Sequence[Surface]) -> None:
    """Buoyancy, wind and long-wave exchange of the faces."""
    normal = np.array([surface.normal for surface in surfaces], np.float64).reshape(-1, 3)
    # The front face looks against the normal; the back face along it, to outdoors or into the other zone.
    records["back_warm"], records["back_cold"] = buoyancy_factors(normal[:, 2]).T
    records["front_warm"], records["front_cold"] = buoyancy_factors(-normal[:, 2]).T
    upright = np.abs(normal[:, 2]) < UPRIGHT_COSINE
    height = np.array([surface.pane_height_m or np.inf for surface in surfaces])
    records["pane"] = np.where(upright, pane_factor(height), 0.0)
    wind = np.array([surface.wind_factor for surface in surfaces])
    records["windward"] = WINDWARD[0] * wind ** WINDWARD[1]
    records["leeward"] = LEEWARD[0] * wind ** LEEWARD[1]
    records["normal_east"], records["normal_north"] = normal[:, 0], normal[:, 1]
    records["always_windward"] = np.abs(normal[:, 2]) > FLAT_COSINE
    view = np.array([surface.sky_view for surface in surfaces])
    emissivity = np.array([surface.outside_emissivity for surface in surfaces])
    beta = np.sqrt(view)  # Walton (1983): the part of the sky's view that is at sky temperature
    records["sky_factor"] = emissivity * view * beta
    records["air_factor"] = emissivity * (view * (1 - beta) + 1 - view)


def _set_interior(records: Records, surfaces: Sequence[Surface], faces: Sequence[Sequence[Face]]) -> None:
    """Exchange of each face with the star node and the light of its zone."""
    for own in faces:
        area = np.array([surfaces[row].area_m2 for row, _ in own])
        emissivity = np.array(
            [surfaces[row].back_emissivity if back else surfaces[row].front_emissivity for row, back in own]
        )
        kept = np.array([_kept_from_inside(surfaces[row], back) for row, back in own])
        pool = float(area @ kept)
        factors = mean_radiant_factors(area, emissivity)
        for (row, back), factor, share in zip(own, factors, kept, strict=True):
            records["back_radiant" if back else "front_radiant"][row] = factor
            glazing = surfaces[row].glazing
            if glazing is None:
                records["back_scatter" if back else "front_scatter"][row] = share / pool
            else:
                records["front_scatter"][row] = glazing.back_absorptance_inner / pool
                records["back_scatter"][row] = glazing.back_absorptance_outer / pool


def _set_glazings(records: Records, surfaces: Sequence[Surface]) -> None:
    for row, surface in enumerate(surfaces):
        if surface.glazing is None:
            continue
        record, glazing = records[row], surface.glazing
        record["glazed"] = True
        if np.isfinite(glazing.conductance_w_m2k):
            for name in ("back_admittance", "front_admittance", "transfer"):
                record[name] = glazing.conductance_w_m2k
        else:
            record["gap_m"] = glazing.gap_m
            record["gap_emissivity"] = 1 / (2 / glazing.gap_emissivity - 1)
            record["pane_resistance"] = glazing.pane_resistance_m2k_w


_TWO_PORT = ("back_admittance", "front_admittance", "transfer")


def _set_walls(records: Records, surfaces: Sequence[Surface], step_s: float) -> Records:
    """The two-ports of the opaque surfaces; returns their modes (N,) MODE."""
    walls = [wall(surface.layers, step_s) if surface.glazing is None else None for surface in surfaces]
    ends = np.cumsum([0, *(0 if own is None else own.mode_count for own in walls)])
    records["first_mode"], records["last_mode"] = ends[:-1], ends[1:]
    modes = np.zeros(int(ends[-1]), MODE)
    for row, own in enumerate(walls):
        if own is None:
            continue
        for name in _TWO_PORT:
            records[name][row] = getattr(own, name)
        for name in MODE.names or ():
            modes[name][ends[row] : ends[row + 1]] = getattr(own, name)
    return modes


def _zone_records(
    zones: Sequence[Zone],
    surfaces: Sequence[Surface],
    faces: Sequence[Sequence[Face]],
    pairs: dict[Pair, int],
    links: Sequence[Link],
) -> tuple[Records, Records, Records]:
    """The zones (Z,) ZONE, and by zone the ends of their pairs (2 P,) PAIR_END and links (2 L,) LINK_END."""
    records = np.zeros(len(zones), ZONE)
    for name in ("volume_m3", "floor_area_m2", "air_capacity_j_k", "operation", "heating_capacity_w",
                 "cooling_capacity_w", "opening_m2", "opening_height_m", "stack_leakage_m3_s",
                 "wind_leakage_m3_s"):  # fmt: skip
        records[name] = [getattr(zone, name) for zone in zones]
    records["enclosure_m2"] = [sum(surfaces[row].area_m2 for row, _ in own) for own in faces]
    first_of_pair = np.array([a for a, _ in pairs], np.int64)
    rows = np.arange(len(zones))
    records["first_pair"] = np.searchsorted(first_of_pair, rows)
    records["pair_end"] = np.searchsorted(first_of_pair, rows, side="right")
    shared: list[list[tuple[int, int, bool]]] = [[] for _ in zones]
    for (a, b), row in pairs.items():
        shared[a].append((row, b, False))
        shared[b].append((row, a, True))
    air: list[list[tuple[int, int, float]]] = [[] for _ in zones]
    for a, b, flow in links:
        air[a].append((b, pairs[pair_of(a, b)], flow))
        air[b].append((a, pairs[pair_of(a, b)], flow))
    for first, last, own in (("first_end", "last_end", shared), ("first_link", "last_link", air)):
        ends = np.cumsum([0, *map(len, own)])
        records[first], records[last] = ends[:-1], ends[1:]
    return (
        records,
        np.array([end for own in shared for end in own], PAIR_END),
        np.array([end for own in air for end in own], LINK_END),
    )


def _beam_targets(
    surfaces: Sequence[Surface], records: Records, faces: Sequence[Sequence[Face]], sun_rows: int
) -> tuple[Records, NDArray[np.float32]]:
    """Where every window's beam lands, (T,) TARGET, and the table of shares by row of the sun."""
    shares = _Rows(sun_rows)
    targets: list[tuple[int, bool, float, int]] = []
    for row, surface in enumerate(surfaces):
        records["first_target"][row] = len(targets)
        if surface.glazing is not None and surface.orientation >= 0:
            for target in surface.beam_targets or _floor_targets(surfaces, faces[surface.zone]):
                other = surfaces[target.surface]
                back = other.zone != surface.zone
                absorptance = other.back_absorptance if back else other.front_absorptance
                weight, share = absorptance / other.area_m2, 0
                if isinstance(target.share, np.ndarray):
                    share = shares.add(target.share)
                else:
                    weight *= target.share
                targets.append((target.surface, back, weight, share))
        records["last_target"][row] = len(targets)
    return np.array(targets, TARGET), shares.table()


def _floor_targets(surfaces: Sequence[Surface], own: Sequence[Face]) -> list[BeamTarget]:
    """The zone's floors by area; every opaque face of a zone without one."""
    opaque = [(row, back) for row, back in own if surfaces[row].glazing is None]
    floors = [
        row for row, back in opaque if (-1 if back else 1) * surfaces[row].normal[2] < FLOOR_COSINE
    ] or [row for row, _ in opaque]
    total = sum(surfaces[row].area_m2 for row in floors)
    return [BeamTarget(row, surfaces[row].area_m2 / total) for row in floors]
