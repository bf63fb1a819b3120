"""Ground covers that tile a piece of land: each layer keeps what no earlier one took, lawn is the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from sample_models.building import Building
from sample_models.plan import GRID, tidy_polygon
from sample_models.writer import Entity

COVER_SET = "GBT50378_Site"
THICKNESS = 0.2  # m
SINK = {"road": 0.12, "parking": 0.10, "sunken_green": 0.15, "water": 0.30}  # top below the ground, m
COLOURS = {
    "roof": (0.62, 0.60, 0.58),
    "green_roof": (0.42, 0.62, 0.35),
    "road": (0.30, 0.30, 0.32),
    "paving": (0.72, 0.68, 0.62),
    "permeable_paving": (0.80, 0.70, 0.58),
    "parking": (0.55, 0.65, 0.50),
    "green": (0.40, 0.65, 0.30),
    "sunken_green": (0.30, 0.55, 0.28),
    "water": (0.35, 0.55, 0.75),
    "tank": (0.50, 0.50, 0.70),
    "tree": (0.20, 0.45, 0.18),
}


MATERIALS = {
    "road": "沥青混凝土",
    "paving": "花岗岩铺装",
    "permeable_paving": "透水混凝土",
    "parking": "植草砖",
    "green": "种植土",
    "sunken_green": "种植土",
}


@dataclass(frozen=True)
class Layer:
    """A cover and where it is wanted; earlier layers go first."""

    name: str
    kind: str
    shape: BaseGeometry
    storage_depth: float = 0.0  # m
    facts: dict[str, object] = field(default_factory=dict)
    properties: dict[str, dict[str, object]] = field(default_factory=dict)


def lay_covers(
    scene: Building, layers: Sequence[Layer], boundary: Polygon, taken: BaseGeometry, ground: float
) -> None:
    """Cover ``boundary`` outside ``taken``, the ground at height ``ground``."""
    for layer in layers:
        wanted = shapely.intersection(layer.shape, boundary, grid_size=GRID)
        _lay(scene, layer, shapely.difference(wanted, taken, grid_size=GRID), ground)
        taken = shapely.union(taken, wanted, grid_size=GRID)
    _lay(
        scene,
        Layer("普通绿地", "green", boundary),
        shapely.difference(boundary, taken, grid_size=GRID),
        ground,
    )


def _lay(scene: Building, layer: Layer, free: BaseGeometry, ground: float) -> None:
    """One element for each part of a cover."""
    writer = scene.writer
    parts = [tidy_polygon(part) for part in getattr(free, "geoms", [free]) if part.area > 0.01]
    parts.sort(key=lambda part: (round(part.centroid.y, 3), round(part.centroid.x, 3)))
    soft = layer.kind in ("green", "sunken_green", "water")
    top = ground - SINK.get(layer.kind, 0.0)
    for number, part in enumerate(parts, 1):
        name = layer.name if len(parts) == 1 else f"{layer.name}{number:02}"
        ifc_class = "IfcGeographicElement" if soft else "IfcSlab"
        element = writer.entity(ifc_class, f"{layer.name}{number}", name)
        element.PredefinedType, element.ObjectType = "USERDEFINED", layer.name
        item = writer.extrusion(part, THICKNESS, (0.0, 0.0, top - THICKNESS))
        writer.style([item], layer.kind, COLOURS[layer.kind])
        writer.represent(element, writer.body_of([item]))
        writer.place(element, writer.placement(scene.site_placement))
        writer.contain(scene.site, element)
        if layer.kind in MATERIALS:
            scene.make_of(MATERIALS[layer.kind], element)
        values: dict[str, object] = {"CoverKind": layer.kind, "Area": round(part.area, 3)}
        if layer.storage_depth:
            values["StorageDepth"] = layer.storage_depth
        if layer.storage_depth and layer.kind == "water":
            values["StorageVolume"] = round(part.area * layer.storage_depth, 2)
        writer.properties(element, COVER_SET, {**values, **layer.facts})
        for set_name, own in layer.properties.items():
            writer.properties(element, set_name, own)


def describe_site(
    scene: Building, boundary: Polygon, ground: float, hole: Polygon | None, facts: Mapping[str, object]
) -> None:
    """The land: its surface (without the building in it), its edge, its area and facts."""
    writer, file, site = scene.writer, scene.writer.file, scene.site

    def bound(ring: Polygon, outer: bool) -> Entity:
        points = list(ring.exterior.coords)[:-1]
        loop = file.create_entity("IfcPolyLoop", [writer.point(x, y, ground) for x, y in points])
        return file.create_entity("IfcFaceOuterBound" if outer else "IfcFaceBound", loop, outer)

    bounds = [bound(boundary, True)] + ([bound(hole, False)] if hole is not None else [])
    shell = file.create_entity("IfcOpenShell", [file.create_entity("IfcFace", bounds)])
    surface = file.create_entity("IfcShellBasedSurfaceModel", [shell])
    edge = file.create_entity("IfcGeometricCurveSet", [writer.ring(list(boundary.exterior.coords)[:-1])])
    footprint = file.create_entity(
        "IfcShapeRepresentation", writer.footprint_context(), "FootPrint", "GeometricCurveSet", [edge]
    )
    writer.represent(site, footprint, writer.body_of([surface], "SurfaceModel"))
    writer.properties(site, "Pset_SiteCommon", {"TotalArea": round(boundary.area, 2), **facts})
    writer.quantities(
        site, "Qto_SiteBaseQuantities", {"GrossPerimeter": boundary.length, "GrossArea": boundary.area}
    )


def add_tank(scene: Building, outline: Polygon, depth: float, ground: float) -> None:
    """An underground rain tank with ``depth`` m of water."""
    writer = scene.writer
    tank = writer.entity("IfcTank", "雨水调蓄池", "雨水调蓄池", "BASIN")
    item = writer.extrusion(outline, depth + 0.4, (0.0, 0.0, ground - 1.5 - depth))
    writer.style([item], "tank", COLOURS["tank"])
    writer.represent(tank, writer.body_of([item]))
    writer.place(tank, writer.placement(scene.site_placement))
    writer.contain(scene.site, tank)
    writer.properties(
        tank,
        COVER_SET,
        {
            "CoverKind": "tank",
            "StorageVolume": round(outline.area * depth, 1),
            "StorageDepth": depth,
            "ReuseFor": "绿化灌溉、道路冲洗",
        },
    )


SPECIES = {  # trunk radius, crown radius, height, all in m
    "香樟": (0.15, 3.0, 8.0),
    "桂花": (0.08, 1.6, 4.5),
    "银杏": (0.12, 2.2, 9.0),
}


def plant_trees(scene: Building, places: Sequence[tuple[str, float, float]], ground: float) -> None:
    """Trees as trunk and crown, each species one shape."""
    writer = scene.writer
    for species in {species: None for species, _, _ in places}:
        trunk, radius, height = SPECIES[species]
        crown = shapely.Point(0, 0).buffer(radius, quad_segs=2)
        small = shapely.Point(0, 0).buffer(radius * 0.6, quad_segs=2)
        stem = shapely.Point(0, 0).buffer(trunk, quad_segs=1)
        items = [
            writer.extrusion(stem, height * 0.35),
            writer.extrusion(crown, height * 0.4, (0.0, 0.0, height * 0.35)),
            writer.extrusion(small, height * 0.25, (0.0, 0.0, height * 0.75)),
        ]
        writer.style(items[:1], "树干", (0.40, 0.30, 0.22))
        writer.style(items[1:], "tree", COLOURS["tree"])
        writer.shared_map(species, writer.body_of(items))
    for number, (species, x, y) in enumerate(places, 1):
        tree = writer.entity("IfcGeographicElement", f"树{number}", f"{species}{number:03}")
        tree.PredefinedType, tree.ObjectType = "USERDEFINED", "VEGETATION"
        writer.represent(tree, writer.mapped(species))
        writer.place(tree, writer.placement(scene.site_placement, (x, y, ground)))
        writer.contain(scene.site, tree)
        _, radius, height = SPECIES[species]
        writer.properties(
            tree,
            COVER_SET,
            {"CoverKind": "tree", "Species": species, "CrownDiameter": 2 * radius, "Height": height},
        )
