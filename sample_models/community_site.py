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
from sample_models.building import Building
from sample_models.covers import (
    COLOURS,
    COVER_SET,
    add_tank,
    describe_site,
    lay_covers,
    plant_trees,
)
from sample_models.location import Location, start_building
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
    lay_covers(scene, plan.LAYERS, plan.BOUNDARY, taken, plan.GROUND)
    _sheds(scene)
    add_tank(scene, *plan.TANK, plan.GROUND)
    plant_trees(scene, list(plan.trees()), plan.GROUND)
    scene.finish(path)
    return scene


def _site(scene: Building) -> None:
    """The land and its planning figures."""
    scene.site.Name, scene.site.LongName = "示范小区用地", "青山湖示范小区建设用地"
    tower = Plan(list(TYPICAL)).outline.area
    area = plan.BOUNDARY.area
    floor_area = sum(tower * storeys for *_, storeys in plan.TOWERS)
    floor_area += sum(outline.area * storeys for _, outline, storeys, *_ in plan.LOW_BUILDINGS)
    covered = tower * len(plan.TOWERS) + sum(outline.area for _, outline, *_ in plan.LOW_BUILDINGS)
    facts = {
        "FloorAreaRatio": round(floor_area / area, 3),
        "SiteCoverageRatio": round(covered / area, 4),
    }
    describe_site(scene, plan.BOUNDARY, plan.GROUND, None, facts)


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
        outline = [(round(a, 4), round(b, 4)) for a, b in local.exterior.coords]
        signature = f"{entity.is_a()} {cover} {outline} {depth}"
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
