"""Small models with properties, types, surfaces, zones and ground covers, for the tests of the evaluators."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ifc.model import (
    BuildingModel,
    Construction,
    GroundCoverTable,
    GroupTable,
    Layer,
    Neighbour,
    PolygonTable,
    PropertyTable,
    Provenance,
    SurfaceOpeningTable,
    SurfaceTable,
    Traced,
)
from tests.building_blocks import Blocks
from twin.metrics.result import MetricResult, Quantity
from twin.project import Project
from twin.rating.case import Case
from twin.rating.clauses import EVALUATORS
from twin.rating.declarations import read_declarations
from twin.rating.engine import rate
from twin.rating.facts import Fact
from twin.rating.result import ClauseResult, Scorecard
from twin.rating.standard_reader import load_standard


def stated(value: float, unit: str = "") -> Traced:
    return Traced(value, unit, Provenance.IFC, "test")


def assumed(value: float, unit: str = "") -> Traced:
    return Traced(value, unit, Provenance.DEFAULT, "test", "medium")


def material(name: str, thickness: float = 0.2, density: float = 2400.0) -> Construction:
    layer = Layer(name, thickness, stated(1.0), stated(density), stated(1000.0))
    return Construction(name, "wall", (layer,))


class House:
    """Collects a model; rows are those of the element, space and surface tables."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._properties: list[tuple[int, str, str, Any]] = []
        self._types: dict[int, str] = {}
        self._seats: dict[int, int] = {}
        self._space_elements: list[int] = []
        self._surfaces: list[dict[str, Any]] = []
        self._openings: list[tuple[int, int, str, float, int]] = []
        self._groups: list[tuple[str, str, str, int]] = []
        self._covers: list[tuple[str, float]] = []

    def storey(self, name: str, elevation: float) -> int:
        return self.blocks.storey(name, elevation)

    def element(
        self,
        ifc_class: str,
        low=None,
        high=None,
        *,
        type: str = "",
        room: int = -1,
        properties=None,
        **attributes,
    ) -> int:
        """An element, a box when corners are given; ``properties`` as {"Set.Name": value}."""
        made_of = attributes.pop("made_of", None)
        if made_of is not None:
            attributes["construction"] = self.construction(made_of)
        row = (
            self.blocks.add(ifc_class, None, **attributes)
            if low is None
            else self.blocks.box(ifc_class, low, high, **attributes)
        )
        if type:
            self._types[row] = type
        if room >= 0:
            self._seats[row] = room
        self.properties(row, properties or {})
        return row

    def properties(self, row: int, properties: Mapping[str, Any]) -> None:
        for name, value in properties.items():
            set_name, _, short = name.rpartition(".")
            self._properties.append((row, set_name, short, value))

    def construction(self, construction: Construction | str) -> int:
        if isinstance(construction, str):
            construction = material(construction)
        self.blocks.constructions.append(construction)
        return len(self.blocks.constructions) - 1

    def room(
        self,
        use: str,
        *,
        area: float = 20.0,
        height: float = 3.0,
        storey: int = 0,
        internal=True,
        properties=None,
    ) -> int:
        """A room of this area, beside the rooms before it; returns its row in the SpaceTable."""
        x = 30.0 * len(self._space_elements)
        z = self.blocks._storeys[storey][1] if self.blocks._storeys else 0.0
        row = self.blocks.space(
            (x, 0, z), (x + area / 4, 4, z + height), use=use, name=use, storey=storey, internal=internal
        )
        element = len(self.blocks._classes) - 1
        self._space_elements.append(element)
        self.properties(element, properties or {})
        return row

    def space_id(self, room: int) -> str:
        return f"element{self._space_elements[room]:06d}"

    def surface(
        self, room: int, *, tilt: float = 90.0, azimuth: float = 180.0, area: float = 12.0, neighbour=Neighbour.OUTDOORS,
        beyond: int = -1, element: int = -1, made_of: Construction | None = None,
    ) -> int:  # fmt: skip
        """A surface of a room; ``beyond`` is the neighbouring room of Neighbour.SPACE."""
        angle, slope = np.radians(azimuth), np.radians(tilt)
        normal = (np.sin(slope) * np.sin(angle), np.sin(slope) * np.cos(angle), np.cos(slope))
        self._surfaces.append(
            {
                "space": room, "normal": normal, "area_m2": area, "tilt_deg": tilt, "azimuth_deg": azimuth,
                "neighbour": int(neighbour), "neighbour_space": beyond, "element": element,
                "construction": -1 if made_of is None else self.construction(made_of),
            }
        )  # fmt: skip
        return len(self._surfaces) - 1

    def window(self, surface: int, area: float, *, kind: str = "window", made_of: Construction | None = None,
               sill: float | None = None, properties=None, low=None, high=None, **attributes) -> int:  # fmt: skip
        """A window or door in a surface; returns its element row."""
        ifc_class = "IfcWindow" if kind == "window" else "IfcDoor"
        stated_sill = {} if sill is None else {"GBT50378.SillHeight": sill}
        element = self.element(
            ifc_class, low, high, properties={**stated_sill, **(properties or {})}, **attributes
        )
        construction = -1 if made_of is None else self.construction(made_of)
        self._openings.append((surface, element, kind, area, construction))
        return element

    def zone(self, name: str, *rooms: int) -> None:
        self._groups += [("IfcZone", name, f"zone-{name}", self._space_elements[room]) for room in rooms]

    def cover(self, kind: str, area: float) -> None:
        self._covers.append((kind, area))

    def model(self) -> BuildingModel:
        plain = self.blocks.model()
        types = plain.elements.predefined_type.copy()
        seats = plain.elements.space.copy()
        for row, name in self._types.items():
            types[row] = name
        for row, room in self._seats.items():
            seats[row] = room
        return dataclasses.replace(
            plain,
            elements=dataclasses.replace(plain.elements, predefined_type=types, space=seats),
            properties=self._property_table(),
            constructions=tuple(self.blocks.constructions),
            surfaces=self._surface_table(),
            surface_openings=self._opening_table(),
            groups=GroupTable(
                *(np.array([group[column] for group in self._groups], object) for column in range(3)),
                np.array([group[3] for group in self._groups], np.int32),
            ),
            ground_covers=self._cover_table(),
        )

    def _property_table(self) -> PropertyTable:
        rows = sorted(self._properties, key=lambda entry: entry[0])

        def column(index: int) -> np.ndarray:
            values = np.empty(len(rows), object)
            values[:] = [row[index] for row in rows]
            return values

        flags = np.zeros(len(rows), np.bool_)
        return PropertyTable(
            np.array([row[0] for row in rows], np.int32), column(1), column(2), column(3),
            np.full(len(rows), "", object), flags, flags,
        )  # fmt: skip

    def _surface_table(self) -> SurfaceTable:
        rows = self._surfaces
        count = len(rows)

        def column(name: str, dtype) -> np.ndarray:
            return np.array([row[name] for row in rows], dtype)

        return SurfaceTable(
            space=column("space", np.int32),
            polygon=PolygonTable.pack([[]] * count, 3),
            normal=column("normal", np.float64).reshape(count, 3),
            area_m2=column("area_m2", np.float64),
            tilt_deg=column("tilt_deg", np.float64),
            azimuth_deg=column("azimuth_deg", np.float64),
            neighbour=column("neighbour", np.int8),
            neighbour_space=column("neighbour_space", np.int32),
            pair=np.full(count, -1, np.int32),
            element=column("element", np.int32),
            construction=column("construction", np.int32),
            thickness_m=np.full(count, np.nan),
            evidence=np.zeros(count, np.int8),
        )

    def _opening_table(self) -> SurfaceOpeningTable:
        rows = self._openings
        return SurfaceOpeningTable(
            surface=np.array([row[0] for row in rows], np.int32),
            element=np.array([row[1] for row in rows], np.int32),
            kind=np.array([row[2] for row in rows], object),
            polygon=PolygonTable.pack([[]] * len(rows), 3),
            area_m2=np.array([row[3] for row in rows], np.float64),
            construction=np.array([row[4] for row in rows], np.int32),
        )

    def _cover_table(self) -> GroundCoverTable:
        count = len(self._covers)
        return GroundCoverTable(
            np.full(count, -1, np.int32),
            np.array([kind for kind, _ in self._covers], object),
            PolygonTable.pack([[]] * count, 2),
            np.array([area for _, area in self._covers], np.float64),
            np.full(count, np.nan),
            np.full(count, np.nan),
            np.zeros(count, np.int8),
        )


def gid(row: int) -> str:
    return f"element{row:06d}"


def metric(name: str, **quantities: float | tuple[float | None, str]) -> dict[str, MetricResult]:
    """A metric's result with these summary quantities: value, or (value, unit)."""
    summary = {}
    for key, value in quantities.items():
        number, unit = value if isinstance(value, tuple) else (value, "%")
        from ifc.model import Text

        summary[key] = Quantity(number, unit, Text(key, key), f"formula of {key}", "test")
    return {name: MetricResult(name, "1", summary)}


def project(**sections: Any) -> Project:
    return Project.model_validate(sections)


RESIDENTIAL = project(project={"building_type": "residential"})
PUBLIC = project(project={"building_type": "public"})


def case_of(house: House, project: Project | None = None, metrics=None) -> Case:
    standard, project = load_standard(), project or Project()
    declarations = read_declarations(project, standard)
    return Case(house.model(), metrics or {}, project, standard, declarations, EVALUATORS)


def fact(house: House, name: str, project: Project | None = None, metrics=None) -> Fact:
    """One fact about a house."""
    return case_of(house, project, metrics).fact(name)


def card(house: House, project: Project | None = None, metrics=None) -> Scorecard:
    return rate(house.model(), metrics or {}, project or Project())


def clause(house: House, clause_id: str, project: Project | None = None, metrics=None) -> ClauseResult:
    """One clause of the scorecard of a house."""
    return next(one for one in card(house, project, metrics).clauses if one.id == clause_id)
