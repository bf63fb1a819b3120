"""The pieces of the envelope and the partitions, as the model shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ifc.constructions.defaults import default_construction
from ifc.constructions.surface_resistances import gb50176_surfaces
from ifc.model import BuildingModel, Construction, Neighbour
from twin.kernels.thermal.network import Back, Flow, Link
from twin.metrics.energy import fabric
from twin.metrics.energy.data import data, number
from twin.metrics.energy.zoning import ThermalZone, open_surfaces
from twin.project import EnergySection

OUTDOOR_AIR, SLAB_GROUND, WALL_GROUND = 0, 1, 2  # rows of the given temperatures

TRANSPARENT = ("window", "skylight")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of surface with one construction, seen from its zone.

    ``layers`` run from the back to the zone. ``component`` is "wall", "roof", "floor_over_air", "window",
    "skylight", "door", "attic_floor", "ground_floor", "ground_wall", "partition", "mass" or "closed".
    """

    zone: int
    component: str
    back: Back
    back_row: int
    flow: Flow
    area_m2: float
    tilt_deg: float
    azimuth_deg: float  # from true north; 0 for horizontal parts
    surface: int  # row of the SurfaceTable
    element: int  # row of the ElementTable, -1 for none
    construction: int  # row of the model's constructions, -1: the default of its kind
    layers: fabric.Layers = ()
    u_value_w_m2k: float = 0.0  # of a window: the whole one
    shgc: float = 0.0  # of a window: the whole one
    opening: int = -1  # row of the SurfaceOpeningTable

    @property
    def outdoors(self) -> bool:
        """Whether sun, wind and sky reach it."""
        return self.back is Back.OUTDOORS


@dataclass
class Envelope:
    """All parts, and what had to be assumed on the way: element or space rows by kind of assumption."""

    parts: list[Part] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    unknown_neighbour: list[int] = field(default_factory=list)  # space rows
    attic: list[int] = field(default_factory=list)  # space rows
    shaft: list[int] = field(default_factory=list)  # space rows
    no_construction: list[int] = field(default_factory=list)  # space rows
    passages: list[int] = field(default_factory=list)  # space rows
    outer_holes: list[int] = field(default_factory=list)  # element rows
    layers_without_conductivity: list[int] = field(default_factory=list)  # construction rows


def envelope(
    model: BuildingModel, zones: Sequence[ThermalZone], energy: EnergySection, north_shift_deg: float
) -> Envelope:
    """Every surface of the zones as parts.

    A wall between two zones appears once, from the zone of the surface that comes first; a partition inside
    one zone becomes internal mass. Unpaired surfaces between the same two rooms, seen from both, count half
    each.
    """
    return _Reader(model, zones, energy, north_shift_deg).read()


class _Reader:
    """Walks over the surfaces once."""

    def __init__(
        self,
        model: BuildingModel,
        zones: Sequence[ThermalZone],
        energy: EnergySection,
        north_shift_deg: float,
    ) -> None:
        self.model = model
        self.energy = energy
        self.north_shift_deg = north_shift_deg
        self.found = Envelope()
        self.zone_of = np.full(len(model.spaces), -1)
        for zone, thermal_zone in enumerate(zones):
            self.zone_of[list(thermal_zone.spaces)] = zone
        self.openings_of: dict[int, list[int]] = {}
        for row, surface in enumerate(model.surface_openings.surface.tolist()):
            self.openings_of.setdefault(surface, []).append(row)
        self.unpaired = self._unpaired()
        self.open = set(open_surfaces(model).tolist())
        self.layers_cache: dict[tuple[int, str, bool], fabric.Layers] = {}

    def read(self) -> Envelope:
        surfaces = self.model.surfaces
        for row in range(len(surfaces)):
            zone = int(self.zone_of[surfaces.space[row]])
            if zone < 0 or surfaces.area_m2[row] <= 0:
                continue
            neighbour = Neighbour(int(surfaces.neighbour[row]))
            if neighbour is Neighbour.SPACE:
                self._between(row, zone)
            elif neighbour is Neighbour.OUTDOORS:
                self._outdoors(row, zone)
            elif neighbour is Neighbour.GROUND:
                self._ground(row, zone)
            elif neighbour is Neighbour.VOID and self._tilt(row) < float(data()["skylight_tilt_max"]):
                self._attic(row, zone)
            else:
                if neighbour is Neighbour.VOID:
                    self.found.shaft.append(int(surfaces.space[row]))
                elif neighbour is Neighbour.UNKNOWN:
                    self.found.unknown_neighbour.append(int(surfaces.space[row]))
                self._closed(row, zone)
        flows: dict[tuple[int, int], float] = {}
        for a, b, flow in self.found.links:
            pair = (min(a, b), max(a, b))
            flows[pair] = flows.get(pair, 0.0) + flow
        self.found.links = [Link(a, b, flow) for (a, b), flow in flows.items()]
        return self.found

    def _unpaired(self) -> set[tuple[int, int]]:
        """(space, neighbour) of surfaces between spaces that know no partner."""
        surfaces = self.model.surfaces
        rows = np.flatnonzero((surfaces.neighbour == Neighbour.SPACE) & (surfaces.pair < 0))
        return set(zip(surfaces.space[rows].tolist(), surfaces.neighbour_space[rows].tolist(), strict=True))

    def _tilt(self, row: int) -> float:
        return float(self.model.surfaces.tilt_deg[row])

    def _net_area(self, row: int, openings: Sequence[int]) -> float:
        cut = sum(float(self.model.surface_openings.area_m2[opening]) for opening in openings)
        return max(float(self.model.surfaces.area_m2[row]) - cut, 0.0)

    def _between(self, row: int, zone: int) -> None:
        """A surface that looks at another room."""
        surfaces = self.model.surfaces
        other_space = int(surfaces.neighbour_space[row])
        other = int(self.zone_of[other_space]) if other_space >= 0 else -1
        if other < 0:
            if other_space >= 0 and not self.model.spaces.internal[other_space]:
                self._outdoors(row, zone)  # a balcony or terrace
            else:
                self._closed(row, zone)
            return
        pair = int(surfaces.pair[row])
        if 0 <= pair < row:
            return
        share = 1.0
        if pair < 0 and (other_space, int(surfaces.space[row])) in self.unpaired:
            share = 0.5
        openings = self.openings_of.get(row, [])
        if row in self.open:
            self._passage(row, zone, other, share * float(surfaces.area_m2[row]))
            return
        self._wall(row, zone, other, share * self._net_area(row, openings))
        for opening in openings:
            area = share * float(self.model.surface_openings.area_m2[opening])
            kind = str(self.model.surface_openings.kind[opening])
            if kind == "air":
                self._passage(row, zone, other, area)
            else:
                self._inner_opening(row, opening, zone, other, area)

    def _passage(self, row: int, zone: int, other: int, area: float) -> None:
        self.found.passages.append(int(self.model.surfaces.space[row]))
        if other != zone:
            self.found.links.append(Link(zone, other, area * number("open_passage_velocity")))

    def _wall(self, row: int, zone: int, other: int, area: float) -> None:
        """A partition; one inside a zone is its internal mass."""
        component = "mass" if other == zone else "partition"
        layers = self._layers(row, external=False)
        self._add(row, zone, component, Back.ZONE, other, Flow.INTERNAL, area, layers)

    def _inner_opening(self, row: int, opening: int, zone: int, other: int, area: float) -> None:
        """Doors and windows between rooms: opaque, the sun that passes them is neglected."""
        construction = self._opening_construction(opening)
        if fabric.is_glazed(construction):
            u, _ = fabric.window_values(construction, None, None)
            glass = fabric.pure_resistance(fabric.layer_resistance(u, external=False))
            layers: fabric.Layers = (glass,)
        else:
            layers = fabric.opaque(construction, None, external=False)
        self._add(row, zone, "partition", Back.ZONE, other, Flow.INTERNAL, area, layers, opening=opening)

    def _outdoors(self, row: int, zone: int) -> None:
        """An outer surface, its windows and doors."""
        surfaces = self.model.surfaces
        tilt = self._tilt(row)
        openings = [
            opening
            for opening in self.openings_of.get(row, [])
            if str(self.model.surface_openings.kind[opening]) != "air"
        ]
        for opening in self.openings_of.get(row, []):
            if opening not in openings:
                self.found.outer_holes.append(int(self.model.surface_openings.element[opening]))
        area = self._net_area(row, openings)
        construction = self._surface_construction(row, external=True)
        if fabric.is_glazed(construction):
            self._window(row, zone, construction, area, int(surfaces.construction[row]))
        else:
            self._add(
                row,
                zone,
                _outer_component(tilt),
                Back.OUTDOORS,
                -1,
                Flow.OPAQUE,
                area,
                self._layers(row, external=True),
            )
        for opening in openings:
            own = self._opening_construction(opening)
            part_area = float(self.model.surface_openings.area_m2[opening])
            if fabric.is_glazed(own) or str(self.model.surface_openings.kind[opening]) == "window":
                index = int(self.model.surface_openings.construction[opening])
                self._window(row, zone, own, part_area, index, opening)
            else:
                layers = fabric.opaque(own, self.energy.u_value_w_m2k.get("door"), external=True)
                self._add(
                    row, zone, "door", Back.OUTDOORS, -1, Flow.OPAQUE, part_area, layers, opening=opening
                )

    def _window(
        self, row: int, zone: int, construction: Construction, area: float, index: int, opening: int = -1
    ) -> None:
        u, shgc = fabric.window_values(
            construction, self.energy.u_value_w_m2k.get("window"), self.energy.shgc
        )
        component = "skylight" if self._tilt(row) < float(data()["skylight_tilt_max"]) else "window"
        self._add(
            row, zone, component, Back.OUTDOORS, -1, Flow.WINDOW, area,
            u=u, shgc=shgc, opening=opening, construction=index,
        )  # fmt: skip

    def _ground(self, row: int, zone: int) -> None:
        floor = self._tilt(row) > float(data()["floor_tilt_min"])
        self._add(
            row,
            zone,
            "ground_floor" if floor else "ground_wall",
            Back.TEMPERATURE,
            SLAB_GROUND if floor else WALL_GROUND,
            Flow.GROUND,
            float(self.model.surfaces.area_m2[row]),
            self._layers(row, external=True),
        )

    def _attic(self, row: int, zone: int) -> None:
        """A ceiling under an unmodelled void: outdoor air behind the resistance of a roof space."""
        self.found.attic.append(int(self.model.surfaces.space[row]))
        openings = self.openings_of.get(row, [])
        space = fabric.pure_resistance(number("attic_resistance") + gb50176_surfaces().inside)
        layers = (space, *self._layers(row, external=True))
        self._add(
            row, zone, "attic_floor", Back.TEMPERATURE, OUTDOOR_AIR, Flow.OPAQUE,
            self._net_area(row, openings), layers,
        )  # fmt: skip

    def _closed(self, row: int, zone: int) -> None:
        """No heat flow through, but the half of the wall that faces the room stores heat."""
        self._add(
            row, zone, "closed", Back.ADIABATIC, -1, Flow.INTERNAL,
            float(self.model.surfaces.area_m2[row]), fabric.half(self._layers(row, external=False)),
        )  # fmt: skip

    def _add(
        self,
        row: int,
        zone: int,
        component: str,
        back: Back,
        back_row: int,
        flow: Flow,
        area: float,
        layers: fabric.Layers = (),
        *,
        u: float = 0.0,
        shgc: float = 0.0,
        opening: int = -1,
        construction: int | None = None,
    ) -> None:
        if area <= 1e-4:
            return
        surfaces, openings = self.model.surfaces, self.model.surface_openings
        azimuth, tilt = float(surfaces.azimuth_deg[row]), self._tilt(row)
        if back is Back.ZONE and back_row < zone:
            # The lower zone is the front, so that equal walls can merge.
            zone, back_row, layers, tilt, azimuth = back_row, zone, layers[::-1], 180 - tilt, azimuth + 180
        if construction is None:
            own = openings.construction[opening] if opening >= 0 else surfaces.construction[row]
            construction = int(own)
        self.found.parts.append(
            Part(
                zone=zone,
                component=component,
                back=back,
                back_row=back_row,
                flow=flow,
                area_m2=area,
                tilt_deg=tilt,
                azimuth_deg=0.0 if np.isnan(azimuth) else (azimuth + self.north_shift_deg) % 360,
                surface=row,
                element=int(openings.element[opening] if opening >= 0 else surfaces.element[row]),
                construction=construction,
                layers=layers,
                u_value_w_m2k=u,
                shgc=shgc,
                opening=opening,
            )
        )

    def _surface_construction(self, row: int, *, external: bool) -> Construction:
        index = int(self.model.surfaces.construction[row])
        if index >= 0:
            return self.model.constructions[index]
        return default_construction(self._kind(row), external=external)

    def _opening_construction(self, opening: int) -> Construction:
        index = int(self.model.surface_openings.construction[opening])
        if index >= 0:
            return self.model.constructions[index]
        return default_construction(str(self.model.surface_openings.kind[opening]))

    def _kind(self, row: int) -> str:
        """Kind of the default construction of a surface."""
        tilt, neighbour = self._tilt(row), int(self.model.surfaces.neighbour[row])
        if tilt < float(data()["skylight_tilt_max"]):
            return "roof" if neighbour in (Neighbour.OUTDOORS, Neighbour.VOID) else "floor"
        if tilt > float(data()["floor_tilt_min"]):
            return "ground_floor" if neighbour == Neighbour.GROUND else "floor"
        return "wall"

    def _layers(self, row: int, *, external: bool) -> fabric.Layers:
        """Layers from behind the surface to the room."""
        index = int(self.model.surfaces.construction[row])
        kind = self._kind(row)
        if index < 0:
            self.found.no_construction.append(int(self.model.surfaces.space[row]))
        key = (index, kind, external)
        if key not in self.layers_cache:
            construction = self._surface_construction(row, external=external)
            if any(layer.conductivity_w_mk is None for layer in construction.layers):
                self.found.layers_without_conductivity.append(index)
            declared = self.energy.u_value_w_m2k.get(construction.kind) if external else None  # type: ignore[call-overload]
            self.layers_cache[key] = fabric.opaque(construction, declared, external=external)
        layers = self.layers_cache[key]
        return layers[::-1] if self._reversed(row) else layers

    def _reversed(self, row: int) -> bool:
        """Whether the room looks at the outside of its construction.

        The outside of a roof is its top, that of a floor its underside; so a ceiling under a floor slab and a
        floor on a roof slab look at the outside.
        """
        index = int(self.model.surfaces.construction[row])
        kind = self.model.constructions[index].kind if index >= 0 else self._kind(row)
        tilt = self._tilt(row)
        if kind in ("floor", "ground_floor"):
            return tilt < float(data()["skylight_tilt_max"])
        if kind == "roof":
            return tilt > float(data()["floor_tilt_min"])
        return False


def _outer_component(tilt_deg: float) -> str:
    if tilt_deg < float(data()["skylight_tilt_max"]):
        return "roof"
    return "floor_over_air" if tilt_deg > float(data()["floor_tilt_min"]) else "wall"
