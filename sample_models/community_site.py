"""The site of a community block: towers as masses, and everything that covers the ground between them.

The covers are laid one over the other in order of :data:`site_plan.LAYERS`; each keeps what no earlier one
took, and the lawn is the rest, so that their areas add up to the site's. Trees and the rain tank lie over
and under other covers and do not count.
"""

from __future__ import annotations

from pathlib import Path

import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from sample_models import site_plan as plan
from sample_models.building import Building, Location, start_building
from sample_models.plan import GRID, Plan, tidy_polygon
from sample_models.tower_plans import STOREY_HEIGHT, TYPICAL
from sample_models.writer import Entity, IfcWriter

# grid values from the Krüger series of the transverse Mercator projection, CGCS2000, 117° E
LOCATION = Location(
    latitude=28.6793,
    longitude=115.8571,
    elevation=21.2,
    azimuth=-8.0,
    easting=388291.048,
    northing=3174259.874,
    convergence=-0.548541,
)
COVER_SET = "GBT50378_Site"
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


def write_site(path: Path) -> Building:
    """Write the community site to ``path``."""
    writer = IfcWriter("site", "青山湖示范小区总平面", "居住小区场地：十栋住宅体量、道路、绿地与海绵设施")
    scene = start_building(writer, "1号住宅楼", LOCATION, ["青山湖区示范社区"])
    scene.share = True
    _site(scene)
    tower = Plan(list(TYPICAL)).outline
    buildings: list[BaseGeometry] = []
    for number, (x, y, storeys) in enumerate(plan.TOWERS, 1):
        footprint = tidy_polygon(translate(tower, x, y))
        buildings.append(footprint)
        height = storeys * STOREY_HEIGHT
        entity = scene.entity if number == 1 else _building(scene, f"{number}号住宅楼")
        _mass(scene, entity, f"{number}号住宅楼", footprint, height, storeys, "roof", "住宅", 4 * storeys)
    for name, outline, storeys, storey_height, cover, use in plan.LOW_BUILDINGS:
        buildings.append(outline)
        entity = _building(scene, name)
        _mass(scene, entity, name, outline, storeys * storey_height, storeys, cover, use, 0)

    taken = shapely.union_all(buildings, grid_size=GRID)
    for layer in plan.LAYERS:
        wanted = shapely.intersection(layer.shape, plan.BOUNDARY, grid_size=GRID)
        free = shapely.difference(wanted, taken, grid_size=GRID)
        taken = shapely.union(taken, wanted, grid_size=GRID)
        _cover(scene, layer, free)
    lawn = shapely.difference(plan.BOUNDARY, taken, grid_size=GRID)
    _cover(scene, plan.Layer("普通绿地", "green", plan.BOUNDARY), lawn)
    _sheds(scene)
    _tank(scene)
    _trees(scene, taken)
    scene.finish(path)
    return scene


def _site(scene: Building) -> None:
    """The boundary: a face for the ground and its edge as a curve."""
    writer, file, site = scene.writer, scene.writer.file, scene.site
    points = [(x, y) for x, y in list(plan.BOUNDARY.exterior.coords)[:-1]]
    site.Name, site.LongName = "示范小区用地", "青山湖示范小区建设用地"
    loop = file.create_entity("IfcPolyLoop", [writer.point(x, y, plan.GROUND) for x, y in points])
    face = file.create_entity("IfcFace", [file.create_entity("IfcFaceOuterBound", loop, True)])
    shell = file.create_entity("IfcOpenShell", [face])
    surface = file.create_entity("IfcShellBasedSurfaceModel", [shell])
    edge = file.create_entity("IfcGeometricCurveSet", [writer.ring(points)])
    footprint = file.create_entity(
        "IfcShapeRepresentation", writer.footprint_context(), "FootPrint", "GeometricCurveSet", [edge]
    )
    writer.represent(site, footprint, writer.body_of([surface], "SurfaceModel"))
    area = plan.BOUNDARY.area
    floor_area = sum(Plan(list(TYPICAL)).outline.area * storeys for *_, storeys in plan.TOWERS)
    floor_area += sum(outline.area * storeys for _, outline, storeys, *_ in plan.LOW_BUILDINGS)
    covered = Plan(list(TYPICAL)).outline.area * len(plan.TOWERS)
    covered += sum(outline.area for _, outline, *_ in plan.LOW_BUILDINGS)
    writer.properties(
        site,
        "Pset_SiteCommon",
        {
            "TotalArea": round(area, 2),
            "FloorAreaRatio": round(floor_area / area, 3),
            "SiteCoverageRatio": round(covered / area, 4),
        },
    )
    writer.quantities(
        site, "Qto_SiteBaseQuantities", {"GrossPerimeter": plan.BOUNDARY.length, "GrossArea": area}
    )


def _building(scene: Building, name: str) -> Entity:
    entity = scene.writer.entity("IfcBuilding", name, name)
    entity.CompositionType = "ELEMENT"
    scene.writer.place(entity, scene.writer.placement(scene.site_placement))
    scene.writer.aggregate(scene.site, entity)
    return entity


def _mass(
    scene: Building,
    building: Entity,
    name: str,
    footprint: Polygon,
    height: float,
    storeys: int,
    cover: str,
    use: str,
    dwellings: int,
) -> None:
    """A building as a block under a roof that is a cover of the site."""
    writer = scene.writer
    building.Name = name
    writer.properties(building, "Pset_BuildingCommon", {"NumberOfStoreys": storeys, "OccupancyType": use})
    writer.properties(building, "GBT50378", {"DwellingCount": dwellings, "Height": round(height, 2)})
    writer.quantities(
        building,
        "Qto_BuildingBaseQuantities",
        {
            "Height": height,
            "FootprintArea": footprint.area,
            "GrossFloorArea": footprint.area * storeys,
        },
    )
    placement = writer.placement(scene.site_placement)
    x, y = footprint.bounds[:2]
    block = writer.entity("IfcBuildingElementProxy", f"{name}/体量", f"{name}体量", "ELEMENT")
    roof = writer.entity(
        "IfcSlab", f"{name}/屋面", f"{name}{'绿色屋顶' if cover == 'green_roof' else '屋面'}", "ROOF"
    )
    local = tidy_polygon(translate(footprint, -x, -y))
    for entity, low, depth, colour in (
        (block, 0.0, height - plan.ROOF_DEPTH, (0.88, 0.86, 0.82)),
        (roof, height - plan.ROOF_DEPTH, plan.ROOF_DEPTH, COLOURS[cover]),
    ):
        signature = f"{entity.is_a()} {cover} {[(round(a, 4), round(b, 4)) for a, b in local.exterior.coords]} {depth}"
        if not writer.has_map(signature):
            item = writer.extrusion(local, depth)
            writer.style([item], cover if entity == roof else "体量", colour)
            writer.shared_map(signature, writer.body_of([item]))
        writer.represent(entity, writer.mapped(signature))
        writer.place(entity, writer.placement(placement, (x, y, low)))
    writer.contain(building, block, roof)
    writer.properties(roof, COVER_SET, {"CoverKind": cover})
    writer.quantities(
        roof, "Qto_SlabBaseQuantities", {"GrossArea": footprint.area, "NetArea": footprint.area}
    )
    writer.place(building, placement)


def _cover(scene: Building, layer: plan.Layer, free: BaseGeometry) -> None:
    """One element for each part of a cover."""
    writer = scene.writer
    parts = [tidy_polygon(part) for part in getattr(free, "geoms", [free]) if part.area > 0.01]
    parts.sort(key=lambda part: (round(part.centroid.y, 3), round(part.centroid.x, 3)))
    soft = layer.kind in ("green", "sunken_green", "water")
    for number, part in enumerate(parts, 1):
        name = layer.name if len(parts) == 1 else f"{layer.name}{number:02}"
        if soft:
            element = writer.entity("IfcGeographicElement", f"{layer.name}{number}", name)
            element.PredefinedType, element.ObjectType = "USERDEFINED", layer.name
        else:
            element = writer.entity("IfcSlab", f"{layer.name}{number}", name)
            element.PredefinedType, element.ObjectType = "USERDEFINED", layer.name
        top = plan.TOPS.get(layer.kind, plan.GROUND)
        item = writer.extrusion(part, plan.THICKNESS, (0.0, 0.0, top - plan.THICKNESS))
        writer.style([item], layer.kind, COLOURS[layer.kind])
        writer.represent(element, writer.body_of([item]))
        writer.place(element, writer.placement(scene.site_placement))
        writer.contain(scene.site, element)
        values: dict[str, object] = {"CoverKind": layer.kind, "Area": round(part.area, 3)}
        if layer.storage_depth:
            values["StorageDepth"] = layer.storage_depth
        if layer.storage_depth and layer.kind == "water":
            values["StorageVolume"] = round(part.area * layer.storage_depth, 2)
        writer.properties(element, COVER_SET, {**values, **layer.facts})


def _sheds(scene: Building) -> None:
    """Light roofs over bicycles and over the waste collection point stand on paving, and are not covers."""
    writer = scene.writer
    for name, outline in plan.SHEDS:
        shed = writer.entity("IfcRoof", name, name, "FLAT_ROOF")
        item = writer.extrusion(outline, 0.08, (0.0, 0.0, 2.4))
        writer.style([item], "雨棚", (0.55, 0.60, 0.65))
        writer.represent(shed, writer.body_of([item]))
        writer.place(shed, writer.placement(scene.site_placement))
        writer.contain(scene.site, shed)
    bins = writer.entity("IfcBuildingElementProxy", "分类垃圾桶", "四分类垃圾收集容器", "ELEMENT")
    x, y = plan.WASTE_POINT
    items = [
        writer.extrusion(box(x + 1.2 * bin_, y, x + 1.2 * bin_ + 0.8, y + 0.8), 1.1) for bin_ in range(4)
    ]
    writer.represent(bins, writer.body_of(items))
    writer.place(bins, writer.placement(scene.site_placement))
    writer.contain(scene.site, bins)


def _tank(scene: Building) -> None:
    """The underground rain tank."""
    writer = scene.writer
    tank = writer.entity("IfcTank", "雨水调蓄池", "雨水调蓄池", "BASIN")
    outline, depth = plan.TANK
    item = writer.extrusion(outline, depth + 0.4, (0.0, 0.0, -1.5 - depth))
    writer.style([item], "tank", COLOURS["tank"])
    writer.represent(tank, writer.body_of([item]))
    writer.place(tank, writer.placement(scene.site_placement))
    writer.contain(scene.site, tank)
    volume = round(outline.area * depth, 1)
    writer.properties(
        tank,
        COVER_SET,
        {
            "CoverKind": "tank",
            "StorageVolume": volume,
            "StorageDepth": depth,
            "ReuseFor": "绿化灌溉、道路冲洗",
        },
    )


def _trees(scene: Building, taken: BaseGeometry) -> None:
    """Street trees along the roads and groups on the lawn, as trunk and crown."""
    writer = scene.writer
    shapely.prepare(taken)
    for species, (trunk, radius, height) in plan.SPECIES.items():
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
    for number, (species, x, y) in enumerate(plan.trees(), 1):
        tree = writer.entity("IfcGeographicElement", f"树{number}", f"{species}{number:03}")
        tree.PredefinedType, tree.ObjectType = "USERDEFINED", "VEGETATION"
        writer.represent(tree, writer.mapped(species))
        writer.place(tree, writer.placement(scene.site_placement, (x, y, plan.GROUND)))
        writer.contain(scene.site, tree)
        _, radius, height = plan.SPECIES[species]
        writer.properties(
            tree,
            COVER_SET,
            {"CoverKind": "tree", "Species": species, "CrownDiameter": 2 * radius, "Height": height},
        )
