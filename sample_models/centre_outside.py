"""Outside the community centre: shading devices, corridor handrails, and the land with its covers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from sample_models.building import Building, Hole
from sample_models.centre_plans import EAST, NORTH, TERRAIN
from sample_models.covers import COVER_SET, Layer, add_tank, describe_site, lay_covers, plant_trees
from sample_models.equipment import Equipment, EquipmentKind
from sample_models.writer import Entity, Point3

LAND = box(-9.0, -16.0, 67.0, 31.0)
FITNESS = box(-8.0, 3.0, -2.5, 15.0)
BICYCLES = box(49.5, 26.0, 60.0, 30.0)
CHARGER = EquipmentKind(
    "交流充电桩7kW",
    "IfcElectricAppliance",
    "USERDEFINED",
    ((-0.15, -0.1, 0.0, 0.15, 0.1, 1.4),),
    (0.90, 0.92, 0.95),
    object_type="充电桩",
)
BICYCLE_RACK = EquipmentKind(
    "自行车停车架",
    "IfcFurniture",
    "USERDEFINED",
    tuple((0.6 * number, 0.0, 0.0, 0.6 * number + 0.05, 1.2, 0.7) for number in range(16)),
    (0.55, 0.58, 0.60),
    {"GBT50378": {"IsIndustrialised": False}},
    "自行车停车架",
)
STEEL_RGB = (0.55, 0.58, 0.60)
SLAT_DEPTH, SLAT_PITCH = 0.15, 0.25
ROLLER = 0.12  # m, size of the box of a rolled-up external blind, which hangs in the reveal


def add_shading(building: Building, west: Sequence[Hole], south: Sequence[Hole]) -> list[Entity]:
    """Adjustable louvres before the western windows, external roller blinds over southern ones."""
    devices = [_device(building, hole, "louvre") for hole in west]
    devices += [_device(building, hole, "roller") for hole in south]
    building.constructions.apply_material(devices, "铝合金百叶")
    return devices


def _device(building: Building, hole: Hole, kind: str) -> Entity:
    writer = building.writer
    minx, miny, maxx, maxy = hole.solid.footprint.bounds
    low, high = hole.solid.bottom.level, hole.solid.top.level
    width = round(maxy - miny if kind == "louvre" else maxx - minx, 3)
    height = round(high - low, 3)
    name = f"{'可调外遮阳百叶' if kind == 'louvre' else '电动外遮阳卷帘'} {hole.key}"
    device = writer.entity("IfcShadingDevice", hole.key, name, "JALOUSIE" if kind == "louvre" else "SHUTTER")
    shape = f"{kind} {width} {height}"
    if not writer.has_map(shape):
        # the device's x runs along the window, its y away from the wall
        if kind == "louvre":
            items = [
                writer.extrusion(
                    box(0.0, 0.05, width, 0.05 + SLAT_DEPTH), 0.02, (0.0, 0.0, 0.1 + number * SLAT_PITCH)
                )
                for number in range(int((height - 0.1) / SLAT_PITCH) + 1)
            ]
        else:
            items = [writer.extrusion(box(0.0, -ROLLER, width, -0.01), ROLLER, (0.0, 0.0, height - ROLLER))]
        writer.style(items, "外遮阳", (0.78, 0.78, 0.76))
        writer.shared_map(shape, writer.body_of(items))
    writer.represent(device, writer.mapped(shape))
    storey = next(storey for storey in building.storeys.values() if hole.key.startswith(f"{storey.key}/"))
    z = low - storey.level
    west: Point3 = (minx, miny, z)
    if kind == "louvre":
        placement = writer.placement(storey.placement, west, x=(0.0, 1.0, 0.0))
    else:
        placement = writer.placement(storey.placement, (maxx, miny, z), x=(-1.0, 0.0, 0.0))
    writer.place(device, placement)
    writer.contain(storey.entity, device)
    writer.properties(
        device,
        "Pset_ShadingDeviceCommon",
        {
            "IsExternal": True,
            "MechanicalOperated": True,
            "SolarTransmittance": 0.15,
            "SolarReflectance": 0.60,
            "VisibleLightTransmittance": 0.10,
        },
    )
    area = round(width * height, 3)
    writer.properties(device, "GBT50378", {"Adjustable": True, "ShadedWindowArea": area})
    return device


def add_handrails(building: Building) -> None:
    """Handrails along both sides of the corridors, broken where doors are."""
    writer = building.writer
    for number in ("109", "207", "305"):
        room = building.rooms[number]
        low_x, _, high_x, _ = room.solid.footprint.bounds
        floor = room.solid.bottom.level
        for side, y, depth in (("南", 7.1, 0.05), ("北", 9.43, 0.05)):
            line = LineString([(low_x, y), (high_x, y)]).intersection(room.solid.footprint.buffer(-0.02))
            doors = [
                hole.solid.footprint.buffer(0.25)
                for hole in building.holes
                if abs(hole.solid.bottom.level - floor) < 0.01
            ]
            beside_wall = _wall_side(room.solid.footprint, y)
            free = line.intersection(beside_wall).difference(unary_union(doors))
            parts = [part for part in getattr(free, "geoms", [free]) if part.length > 0.6]
            for index, part in enumerate(sorted(parts, key=lambda part: part.bounds[0]), 1):
                x0, _, x1, _ = part.bounds
                key = f"{number}/扶手{side}{index}"
                rail = writer.entity("IfcRailing", key, f"走廊{side}侧扶手{index}", "HANDRAIL")
                item = writer.extrusion(
                    box(x0, y - depth / 2, x1, y + depth / 2),
                    0.05,
                    (0.0, 0.0, floor + 0.85 - room.storey.level),
                )
                writer.style([item], "扶手", (0.62, 0.45, 0.30))
                writer.represent(rail, writer.body_of([item]))
                writer.place(rail, writer.placement(room.storey.placement))
                writer.contain(room.entity, rail)
                writer.properties(rail, "Pset_RailingCommon", {"Height": 0.9, "IsExternal": False})


def _wall_side(footprint: Polygon, y: float) -> BaseGeometry:
    """Where the room ends within 0.2 m of the line at ``y``, so that a wall is behind a rail there."""
    edges = []
    points = list(footprint.exterior.coords)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if abs(y0 - y1) < 1e-6 and abs(y0 - y) < 0.2:
            edges.append(box(min(x0, x1), y - 0.01, max(x0, x1), y + 0.01))
    return unary_union(edges)


def add_land(building: Building, outline: Polygon, floor_area: float) -> None:
    """The plot with its covers, rain garden, tank and trees."""
    facts = {
        "FloorAreaRatio": round(floor_area / LAND.area, 3),
        "SiteCoverageRatio": round(outline.area / LAND.area, 4),
    }
    describe_site(building, LAND, TERRAIN, outline, facts)
    building.writer.properties(
        building.site,
        "GBT50378",
        {
            "SitePerimeter": round(LAND.length, 2),
            "OutdoorFitnessArea": round(FITNESS.area, 2),
            "ParkingBays": 20,
            "PlannedGreenRatio": 30.0,
            "GreenOpenToPublic": True,
        },
    )
    lay_covers(building, _layers(), LAND, outline, TERRAIN)
    add_tank(building, box(36.0, -13.0, 44.0, -9.0), 2.0, TERRAIN)
    plant_trees(building, _trees(), TERRAIN)
    equipment, storey = Equipment(building), building.storeys["F1"]
    for number in range(1, 7):
        place = (-2.0 + 2.5 * (number - 0.5), 30.5, TERRAIN)
        equipment.put(CHARGER, f"充电桩{number}", f"充电桩{number}", storey, place)
    equipment.put(BICYCLE_RACK, "自行车停车架", "自行车停车架", storey, (50.0, 27.0, TERRAIN))


def _layers() -> list[Layer]:
    platforms = [
        box(17.0, -3.4, 23.5, -0.2),
        box(18.5, -3.7, 23.5, -3.4),
        box(13.4, -3.4, 17.0, -1.9),
        box(11.3, 16.7, 13.3, 18.2),
        box(4.8, -1.8, 7.2, -0.2),
        box(56.9, 7.0, 58.4, 9.5),
        box(56.9, 1.95, 58.4, 4.45),
    ]
    return [
        Layer("入口平台与坡道", "paving", unary_union(platforms)),
        Layer("车行道", "road", box(61.0, -16.0, 66.0, 25.5).union(box(-3.0, 20.0, 61.0, 25.5))),
        *(
            Layer(
                name,
                "parking",
                box(-2.0 + 2.5 * first, 25.5, -2.0 + 2.5 * last, 30.8),
                properties={
                    "Pset_SpaceParking": {"ParkingUse": "CAR", "ParkingUnits": last - first},
                    "GBT50378": {"EVCharger": charged},
                },
            )
            for name, first, last, charged in (("充电停车位", 0, 6, True), ("植草砖停车位", 6, 20, False))
        ),
        Layer("非机动车停车铺装", "permeable_paving", BICYCLES, facts={"Use": "自行车停车"}),
        Layer("入口广场", "permeable_paving", box(14.0, -16.0, 28.0, -3.4), facts={"Use": "广场"}),
        Layer("室外健身场地", "permeable_paving", FITNESS, facts={"Use": "健身场地"}),
        Layer("散水与步道", "permeable_paving", box(-1.8, -1.8, EAST + 1.8, NORTH + 1.8)),
        Layer("宅旁步道", "permeable_paving", box(58.0, -9.0, 59.5, 20.0).union(box(30.0, -9.0, 59.5, -7.5))),
        Layer(
            "雨水花园",
            "sunken_green",
            unary_union(
                [
                    box(31.5, -7.0, 56.0, -3.0),
                    box(31.5, -15.6, 56.0, -9.6),
                    box(-8.0, -12.0, 10.0, -3.5),
                    box(2.0, 18.6, 56.0, 20.0),
                ]
            ),
            storage_depth=0.20,
        ),
    ]


def _trees() -> list[tuple[str, float, float]]:
    places = [("香樟", float(x), -13.5) for x in (-5, 3, 33, 48, 56)]
    places += [("桂花", float(x), -5.5) for x in (-5, 1, 8)]
    places += [("银杏", -6.5, float(y)) for y in (-1, 18, 24, 28)]
    places += [("桂花", 60.2, float(y)) for y in (-13, 0, 13)]
    return [place for place in places if LAND.contains(Point(place[1:]))]


def mark_roof(building: Building, slab: Entity, kind: str) -> None:
    """State that a roof slab is a cover of the site."""
    building.writer.properties(slab, COVER_SET, {"CoverKind": kind})
