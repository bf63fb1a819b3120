"""A two-room house written with ifcopenshell.api, and its parts, for tests that need an IFC file.

    house = House(schema="IFC4")
    house.write(tmp_path / "house.ifc")

The house stands with its south-west outer corner at the origin. Outer walls are 0.2 m thick, the rooms 2.8 m high:

    living room 4.0 x 3.0 m, window in the south wall, door to the bedroom
    bedroom     3.0 x 3.0 m, window in the south wall

Lengths are in the file's unit, millimetres unless said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.feature
import ifcopenshell.api.geometry
import ifcopenshell.api.owner.settings
import ifcopenshell.api.project
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.unit
import numpy as np

Point = Sequence[float]

LIVING = (0.2, 0.2, 0.0)
BEDROOM = (4.3, 0.2, 0.0)
HEIGHT = 2.8
LIVING_SIZE = (4.0, 3.0, HEIGHT)
BEDROOM_SIZE = (3.0, 3.0, HEIGHT)


@dataclass
class House:
    """The two-room house. ``metre`` is one metre in the file's unit; ``origin`` moves the site's placement."""

    schema: str = "IFC4"
    metre: float = 1000.0
    origin: Point = (0.0, 0.0, 0.0)
    furnished: bool = True  # rooms, windows, materials and the rest; False: project, site and storey only
    file: Any = field(init=False)
    body: Any = field(init=False)
    storey: Any = field(init=False)
    element: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.file = ifcopenshell.api.project.create_file(version=self.schema)
        if self.schema == "IFC2X3":
            self._user()
        project = self.create("IfcProject", "Two-room house")
        self._units()
        model = ifcopenshell.api.context.add_context(self.file, context_type="Model")
        self.body = ifcopenshell.api.context.add_context(
            self.file, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=model
        )
        site = self.create("IfcSite", "Site", at=self.origin)
        building = self.create("IfcBuilding", "House", at=self.origin)
        self.storey = self.create("IfcBuildingStorey", "Ground floor", at=self.origin)
        for whole, part in ((project, site), (site, building), (building, self.storey)):
            ifcopenshell.api.aggregate.assign_object(self.file, products=[part], relating_object=whole)
        site.RefLatitude, site.RefLongitude = (28, 40, 58, 800000), (115, 51, 36, 0)
        site.RefElevation = 22.0 * self.metre
        if self.furnished:
            self._rooms()
            self._shell()

    def write(self, path: Path) -> Path:
        """Write the file and return its path."""
        self.file.write(str(path))
        return path

    def create(self, ifc_class: str, name: str, at: Point = (0.0, 0.0, 0.0), **attributes: Any) -> Any:
        """An entity with a placement at ``at`` (metres); remembered in ``element`` by its name."""
        entity = ifcopenshell.api.root.create_entity(self.file, ifc_class=ifc_class, name=name)
        for attribute, value in attributes.items():
            setattr(entity, attribute, value)
        if entity.is_a("IfcProduct"):
            matrix = np.eye(4)
            matrix[:3, 3] = at
            ifcopenshell.api.geometry.edit_object_placement(self.file, product=entity, matrix=matrix)
        self.element[name] = entity
        return entity

    def box(self, ifc_class: str, name: str, at: Point, size: Point, **attributes: Any) -> Any:
        """An element whose body is a box with its lowest corner at ``at``, contained in the storey."""
        place = np.add(self.origin, at)
        entity = self.create(ifc_class, name, at=place, **attributes)
        self.shape(entity, self.extrusion(size))
        if entity.is_a("IfcElement") and not entity.is_a("IfcFeatureElement"):
            ifcopenshell.api.spatial.assign_container(
                self.file, products=[entity], relating_structure=self.storey
            )
        return entity

    def extrusion(self, size: Point) -> Any:
        """A box from the local origin."""
        width, depth, height = (side * self.metre for side in size)
        corners = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth), (0.0, 0.0)]
        outline = self.file.createIfcPolyline([self.file.createIfcCartesianPoint(point) for point in corners])
        profile = self.file.createIfcArbitraryClosedProfileDef("AREA", None, outline)
        return self.file.createIfcExtrudedAreaSolid(
            profile, self.axes(), self.file.createIfcDirection((0.0, 0.0, 1.0)), height
        )

    def axes(self, at: Point = (0.0, 0.0, 0.0)) -> Any:
        """An IfcAxis2Placement3D."""
        point = self.file.createIfcCartesianPoint(tuple(float(x) * self.metre for x in at))
        return self.file.createIfcAxis2Placement3D(point, None, None)

    def shape(self, entity: Any, item: Any, kind: str = "SweptSolid") -> None:
        """Give an entity one body."""
        representation = self.file.createIfcShapeRepresentation(self.body, "Body", kind, [item])
        ifcopenshell.api.geometry.assign_representation(
            self.file, product=entity, representation=representation
        )

    def pset(self, entity: Any, name: str, values: Mapping[str, Any]) -> None:
        """A property set with the templates' measure types."""
        pset = ifcopenshell.api.pset.add_pset(self.file, product=entity, name=name)
        ifcopenshell.api.pset.edit_pset(self.file, pset=pset, properties=dict(values))

    def space(self, name: str, long_name: str, at: Point, size: Point) -> Any:
        """A space in the storey."""
        space = self.box("IfcSpace", name, at, size, LongName=long_name)
        ifcopenshell.api.aggregate.assign_object(self.file, products=[space], relating_object=self.storey)
        return space

    def opening(self, wall: Any, name: str, at: Point, size: Point) -> Any:
        """A hole in a wall."""
        opening = self.box("IfcOpeningElement", name, at, size)
        ifcopenshell.api.feature.add_feature(self.file, feature=opening, element=wall)
        return opening

    def _user(self) -> None:
        """IFC2X3 wants an owner history on everything; the api asks these settings for its user."""
        person = self.file.createIfcPerson(FamilyName="Nobody")
        organisation = self.file.createIfcOrganization(Name="Nowhere")
        user = self.file.createIfcPersonAndOrganization(person, organisation)
        application = self.file.createIfcApplication(organisation, "1", "greentwin tests", "tests")
        # The settings are global: other files keep the answers that they had.
        settings = ifcopenshell.api.owner.settings
        get_user, get_application = settings.get_user, settings.get_application
        settings.get_user = lambda file: user if file is self.file else get_user(file)
        settings.get_application = lambda file: application if file is self.file else get_application(file)

    def _units(self) -> None:
        prefix = {1000.0: "MILLI", 100.0: "CENTI", 1.0: None}[self.metre]
        units = [
            ifcopenshell.api.unit.add_si_unit(self.file, unit_type="LENGTHUNIT", prefix=prefix),
            ifcopenshell.api.unit.add_si_unit(self.file, unit_type="AREAUNIT"),
            ifcopenshell.api.unit.add_si_unit(self.file, unit_type="VOLUMEUNIT"),
            ifcopenshell.api.unit.add_conversion_based_unit(self.file, name="degree"),
        ]
        ifcopenshell.api.unit.assign_unit(self.file, units=units)

    def _rooms(self) -> None:
        living = self.space("101", "Living room", LIVING, LIVING_SIZE)
        bedroom = self.space("102", "卧室", BEDROOM, BEDROOM_SIZE)
        for space, area in ((living, 12.0), (bedroom, 9.0)):
            qto = ifcopenshell.api.pset.add_qto(self.file, product=space, name="Qto_SpaceBaseQuantities")
            ifcopenshell.api.pset.edit_qto(
                self.file, qto=qto, properties={"NetFloorArea": area, "NetVolume": area * HEIGHT}
            )

    def _shell(self) -> None:
        south = self.box("IfcWall", "South wall", (0, 0, 0), (7.5, 0.2, HEIGHT))
        self.box("IfcWall", "North wall", (0, 3.2, 0), (7.5, 0.2, HEIGHT))
        self.box("IfcWall", "West wall", (0, 0.2, 0), (0.2, 3.0, HEIGHT))
        self.box("IfcWall", "East wall", (7.3, 0.2, 0), (0.2, 3.0, HEIGHT))
        inner = self.box("IfcWall", "Inner wall", (4.2, 0.2, 0), (0.1, 3.0, HEIGHT))
        self.box("IfcSlab", "Floor", (0, 0, -0.3), (7.5, 3.4, 0.3), PredefinedType="BASESLAB")
        self.box("IfcSlab", "Roof", (0, 0, HEIGHT), (7.5, 3.4, 0.3), PredefinedType="ROOF")
        for name, x in (("Window 1", 1.2), ("Window 2", 5.0)):
            opening = self.opening(south, f"Hole of {name}", (x, 0, 0.9), (1.5, 0.2, 1.4))
            window = self.box(
                "IfcWindow", name, (x, 0.05, 0.9), (1.5, 0.1, 1.4),
                OverallWidth=1.5 * self.metre, OverallHeight=1.4 * self.metre,
            )  # fmt: skip
            ifcopenshell.api.feature.add_filling(self.file, opening=opening, element=window)
        opening = self.opening(inner, "Hole of Door", (4.2, 1.0, 0), (0.1, 0.9, 2.1))
        door = self.box("IfcDoor", "Door", (4.23, 1.0, 0), (0.04, 0.9, 2.1), OverallHeight=2.1 * self.metre)
        ifcopenshell.api.feature.add_filling(self.file, opening=opening, element=door)
