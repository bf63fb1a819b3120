"""The one-room house that ``twin warmup`` evaluates: small, and complete enough to reach every kernel."""

from __future__ import annotations

import uuid
from pathlib import Path

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.feature
import ifcopenshell.api.geometry
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.unit
import ifcopenshell.guid
from ifcopenshell.util.shape_builder import ShapeBuilder

PATH = Path(__file__).parents[1] / "twin" / "data" / "one_room.ifc"
Point = tuple[float, float, float]


def write(path: Path = PATH) -> Path:
    file = ifcopenshell.file(schema="IFC4")
    builder = ShapeBuilder(file)

    def entity(ifc_class: str, name: str, **attributes: object) -> ifcopenshell.entity_instance:
        made = ifcopenshell.api.root.create_entity(file, ifc_class=ifc_class, name=name)
        made.GlobalId = ifcopenshell.guid.compress(uuid.uuid5(uuid.NAMESPACE_URL, f"one_room/{name}").hex)
        for key, value in attributes.items():
            setattr(made, key, value)
        return made

    project = entity("IfcProject", "One room")
    ifcopenshell.api.unit.assign_unit(file, length={"is_metric": True, "raw": "METERS"})
    model = ifcopenshell.api.context.add_context(file, context_type="Model")
    body = ifcopenshell.api.context.add_context(
        file, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=model
    )
    site = entity("IfcSite", "Site", RefLatitude=(28, 41, 0), RefLongitude=(115, 52, 0))
    building = entity("IfcBuilding", "House")
    storey = entity("IfcBuildingStorey", "Ground floor", Elevation=0.0)
    for parent, child in ((project, site), (site, building), (building, storey)):
        ifcopenshell.api.aggregate.assign_object(file, products=[child], relating_object=parent)

    def box(ifc_class: str, name: str, low: Point, high: Point) -> ifcopenshell.entity_instance:
        made = entity(ifc_class, name)
        width, depth, height = (float(b - a) for a, b in zip(low, high, strict=True))
        profile = builder.rectangle(size=(width, depth), position=(float(low[0]), float(low[1])))
        solid = builder.extrude(profile, height, position=(0.0, 0.0, float(low[2])))
        ifcopenshell.api.geometry.assign_representation(
            file, product=made, representation=builder.get_representation(body, [solid])
        )
        ifcopenshell.api.geometry.edit_object_placement(file, product=made)
        return made

    walls = [
        box("IfcWall", "South wall", (-0.2, -0.2, 0), (5.2, 0, 3)),
        box("IfcWall", "North wall", (-0.2, 4, 0), (5.2, 4.2, 3)),
        box("IfcWall", "West wall", (-0.2, 0, 0), (0, 4, 3)),
        box("IfcWall", "East wall", (5, 0, 0), (5.2, 4, 3)),
    ]
    slabs = [
        box("IfcSlab", "Floor", (-0.2, -0.2, -0.3), (5.2, 4.2, 0)),
        box("IfcSlab", "Roof", (-0.2, -0.2, 3), (5.2, 4.2, 3.25)),
    ]
    slabs[0].PredefinedType, slabs[1].PredefinedType = "BASESLAB", "ROOF"
    opening = box("IfcOpeningElement", "Opening", (1, -0.2, 0.9), (4, 0, 2.4))
    window = box("IfcWindow", "Window", (1, -0.14, 0.9), (4, -0.08, 2.4))
    ifcopenshell.api.feature.add_feature(file, feature=opening, element=walls[0])
    ifcopenshell.api.feature.add_filling(file, opening=opening, element=window)
    room = box("IfcSpace", "Office", (0, 0, 0), (5, 4, 3))
    room.LongName = "办公室"
    lawn = box("IfcGeographicElement", "绿地", (-10, -10, -0.05), (15, -1, 0))
    ifcopenshell.api.aggregate.assign_object(file, products=[room], relating_object=storey)
    ifcopenshell.api.spatial.assign_container(
        file, products=[*walls, *slabs, window], relating_structure=storey
    )
    ifcopenshell.api.spatial.assign_container(file, products=[lawn], relating_structure=site)
    for element in file.by_type("IfcRelationship"):
        name = f"one_room/{element.id()}"
        element.GlobalId = ifcopenshell.guid.compress(uuid.uuid5(uuid.NAMESPACE_URL, name).hex)
    file.header.file_name.time_stamp = "2026-01-01T00:00:00"
    file.write(str(path))
    return path


if __name__ == "__main__":
    print(write())
