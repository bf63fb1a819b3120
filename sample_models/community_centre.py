"""The community centre: three storeys along a corridor, a hall over two of them, a shed roof, a terrace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from sample_models.boundaries import BoundarySet
from sample_models.building import Building, Placed, Storey
from sample_models.centre_entrance import add_curtain_wall, add_entrances
from sample_models.centre_fittings import furnish_centre
from sample_models.centre_outside import add_handrails, add_land, add_shading, mark_roof
from sample_models.centre_plans import (
    AXES_Y,
    COLUMNS,
    EAST,
    FLOOR_DEPTH,
    GREEN_ROOF_DEPTH,
    HALL_COLUMNS,
    LEVELS,
    PARAPETS,
    ROOF_DEPTH,
    SHED,
    SHED_NORTH,
    SHED_WALL_TOP,
    SHED_WALLS,
    SHED_WEST,
    SKYLIGHTS,
    TERRAIN,
    WEST_WING,
)
from sample_models.centre_revisions import REVISION_A, Revision
from sample_models.centre_types import (
    DOOR_KINDS,
    FLAT_ROOF,
    FLOOR,
    GREEN_ROOF,
    GROUND_FLOOR,
    SHED_ROOF,
    SLAB_GREEN,
    SLAB_PROPERTIES,
    WALL_GREEN,
    WALL_LAYERS,
    WALL_PREDEFINED,
    WALL_PROPERTIES,
    WINDOW_KINDS,
)
from sample_models.location import Location, start_building
from sample_models.placing import add_door, add_skylight, add_slab_hole, add_window
from sample_models.plan import Plan, Wall, tidy_polygon
from sample_models.solids import Plane, Prism
from sample_models.stairs import HalfTurn, add_half_turn, add_lift
from sample_models.writer import IfcWriter

# grid values from the Krüger series of the transverse Mercator projection, CGCS2000, 117° E
LOCATION = Location(
    latitude=28.68,
    longitude=115.86,
    elevation=21.5,
    azimuth=-6.0,
    easting=388575.26,
    northing=3174334.753,
    convergence=-0.547161,
)
STOREY_NAMES = {"F1": "一层", "F2": "二层", "F3": "三层", "RF": "屋顶层"}
COLUMN_PROPERTIES = {
    "Pset_ColumnCommon": {"IsExternal": False, "LoadBearing": True, "FireRating": "2.50h"},
    "Pset_ConcreteElementGeneral": {"StrengthClass": "C40", "ConcreteCover": 0.030},
    "GBT50378": {"RoundedCorner": True, "GreenMaterialCertified": True, "CoverRaised": True},
}
LIFT_PROPERTIES: dict[str, dict[str, Any]] = {
    "Pset_TransportElementElevator": {"ClearWidth": 1.5, "ClearDepth": 1.6, "ClearHeight": 2.3},
    "GBT50378": {"LiftEnergySaving": True},
}
STAIR_START = 11.24  # y where the flights begin, 1.52 m behind the stair's door
SPACE_COMMON = {"IsExternal": False, "PubliclyAccessible": True, "HandicapAccessible": True}


def write_centre(path: Path, revision: Revision = REVISION_A) -> Building:
    """Write a revision of the community centre to ``path``."""
    writer = IfcWriter(
        "centre", "青山湖社区服务中心", "三层社区服务中心，含日间照料、卫生服务站、图书阅览与多功能厅"
    )
    writer.project.Phase = f"施工图设计 {revision.name}"
    building = start_building(writer, "青山湖社区服务中心", LOCATION, ["青山湖区示范社区1号"])
    plans = {key: Plan(walls, COLUMNS[key]) for key, walls in revision.walls.items()}
    for key, level in LEVELS.items():
        building.add_storey(key, STOREY_NAMES[key], level)
    walls = {key: _walls(building, building.storeys[key], plan) for key, plan in plans.items()}
    for key in plans:
        _columns(building, building.storeys[key])
    _parapets(building)
    slabs = _slabs(building, plans, revision)
    _rooms(building, plans, revision)
    for key, plan in plans.items():
        _openings(building, building.storeys[key], plan, walls[key], revision)
    _skylights(building, slabs["flat roof"])
    add_curtain_wall(building, building.storeys["F1"], plans["F1"].footprints["CW-S"])
    add_entrances(building, building.storeys["F1"], TERRAIN)
    _circulation(building, slabs)
    floor_area = _describe(building, plans)
    _outside(building, plans["F1"], slabs, floor_area)
    furnish_centre(building, revision.light_sensor)
    BoundarySet(building, TERRAIN).write()
    building.finish(path)
    return building


def _ceiling(storey: str, x: float) -> float:
    """Height of the soffit over a point, but for the shed roof."""
    if storey == "F1":
        return LEVELS["F2"] - FLOOR_DEPTH
    if storey == "F2":
        return LEVELS["F3"] - (GREEN_ROOF_DEPTH if x < WEST_WING + 0.12 else FLOOR_DEPTH)
    return LEVELS["RF"] - ROOF_DEPTH


def _wall_span(storey: str, wall: Wall) -> tuple[float, Plane]:
    """Bottom and top of a wall. External walls start under the floor slab, whose edge they cover."""
    level, key = LEVELS[storey], wall.key.split(".")[0]
    external_base = TERRAIN if storey == "F1" else level - FLOOR_DEPTH
    if storey == "F3" and key in SHED_WALLS:
        return (external_base if wall.kind.external else level), SHED
    if key == "W-X32":
        return level, Plane(SHED_WALL_TOP)
    if not wall.kind.external:
        return level, Plane(_ceiling(storey, max(wall.start[0], wall.end[0])))
    if storey == "F2":
        return external_base, Plane(LEVELS["F3"] - FLOOR_DEPTH)
    on_roof = storey == "F3" and key == "W-W"
    return (level if on_roof else external_base), Plane(_ceiling(storey, wall.start[0]))


def _walls(building: Building, storey: Storey, plan: Plan) -> dict[str, Placed]:
    placed: dict[str, Placed] = {}
    for wall in plan.walls:
        name = wall.kind.name
        if name == "幕墙":
            continue
        base, top = _wall_span(storey.key, wall)
        solid = Prism(plan.footprints[wall.key], Plane(base), top)
        one = building.add_wall(storey, wall, solid, WALL_PROPERTIES[name], WALL_PREDEFINED[name])
        building.layer(one.entity, WALL_LAYERS[name], "AXIS2", -wall.kind.outside)
        building.writer.properties(one.entity, "GBT50378", WALL_GREEN[name])
        placed[wall.key] = one
    return placed


def _parapets(building: Building) -> None:
    for key, parapets in PARAPETS.items():
        storey = building.storeys[key]
        plan = Plan(list(parapets))
        for wall in plan.walls:
            base = storey.level - (FLOOR_DEPTH if key == "F3" else ROOF_DEPTH)
            solid = Prism.upright(plan.footprints[wall.key], base, storey.level + 1.2)
            one = building.add_wall(storey, wall, solid, WALL_PROPERTIES["女儿墙"], "PARAPET")
            building.layer(one.entity, WALL_LAYERS["女儿墙"], "AXIS2", -wall.kind.outside)
            building.writer.properties(one.entity, "GBT50378", WALL_GREEN["女儿墙"])


def _columns(building: Building, storey: Storey) -> None:
    def top(footprint: Polygon) -> Plane:
        x, y = footprint.centroid.x, footprint.centroid.y
        if storey.key == "F3" and x > SHED_WEST and y < SHED_NORTH:
            return SHED
        return Plane(_ceiling(storey.key, x - 0.2))

    own = COLUMNS[storey.key]
    free = HALL_COLUMNS if storey.key == "F1" else ()
    entities = building.add_columns(
        storey, {name: own[name] for name in own if name not in free}, storey.level, top, COLUMN_PROPERTIES
    )
    entities += building.add_columns(
        storey,
        {name: own[name] for name in free},
        storey.level,
        lambda _: Plane(LEVELS["F2"]),
        COLUMN_PROPERTIES,
    )
    building.constructions.apply_material(entities, "钢筋混凝土")


def _slabs(building: Building, plans: dict[str, Plan], revision: Revision) -> dict[str, Placed]:
    inner = {key: plan.inner()[0] for key, plan in plans.items()}
    hall = plans["F1"].rooms({key: point for key, (_, point) in revision.rooms["F1"].items()})["101"]
    hall_columns = unary_union([COLUMNS["F1"][name] for name in HALL_COLUMNS])
    west_edge = box(-1, -1, WEST_WING + 0.12, AXES_Y[-1] + 1)
    west = unary_union(
        [inner["F2"].intersection(west_edge)]
        + [column for column in COLUMNS["F2"].values() if abs(column.centroid.x - WEST_WING) < 0.01]
    )
    shed = box(SHED_WEST - 0.29, -1, EAST + 1, SHED_NORTH)
    outlines = (
        ("F1", "ground floor", "首层地面", inner["F1"], GROUND_FLOOR, "BASESLAB", "地面", LEVELS["F1"]),
        (
            "F2",
            "floor",
            "二层楼板",
            inner["F2"].difference(unary_union([hall, hall_columns])),
            FLOOR,
            "FLOOR",
            "楼面",
            LEVELS["F2"],
        ),
        ("F3", "floor", "三层楼板", inner["F2"].difference(west), FLOOR, "FLOOR", "楼面", LEVELS["F3"]),
        ("F3", "west roof", "西侧种植屋面", west, GREEN_ROOF, "ROOF", "种植屋面", LEVELS["F3"]),
        ("RF", "flat roof", "平屋面", inner["F3"].difference(shed), FLAT_ROOF, "ROOF", "屋面", LEVELS["RF"]),
    )
    slabs = {}
    for storey, key, name, outline, layers, predefined, use, top in outlines:
        outline = tidy_polygon(outline)
        slabs[key if key != "floor" else f"{storey} floor"] = slab = building.add_slab(
            building.storeys[storey],
            key,
            name,
            outline,
            top - layers.thickness,
            top,
            predefined,
            SLAB_PROPERTIES[use],
            external=predefined == "ROOF",
        )
        building.layer(slab.entity, layers, "AXIS3", 0.0)
        building.writer.properties(slab.entity, "GBT50378", SLAB_GREEN)
    slabs["shed roof"] = _shed_roof(building)
    return slabs


def _shed_roof(building: Building) -> Placed:
    """The sloped roof: its section swept from west to east."""
    writer = building.writer
    south, north = -0.17 - 0.6, SHED_NORTH + 0.4
    west, east = SHED_WEST, EAST + 0.17 + 0.5
    rise = SHED_ROOF.thickness * (1 + SHED.slope_y**2) ** 0.5  # vertical thickness
    storey = building.storeys["F3"]
    section = Polygon(
        [
            (y, SHED.z(0, y) + lift - storey.level)
            for y, lift in ((south, 0.0), (north, 0.0), (north, rise), (south, rise))
        ]
    )
    roof = writer.entity("IfcRoof", "shed roof", "三层坡屋面", "SHED_ROOF")
    writer.place(roof, writer.placement(storey.placement))
    writer.contain(storey.entity, roof)
    writer.properties(roof, "Pset_RoofCommon", SLAB_PROPERTIES["坡屋面"])
    slab = writer.entity("IfcSlab", "shed roof", "坡屋面板", "ROOF")
    item = writer.extrusion(section, east - west, (west, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    writer.style([item], "瓦屋面", (0.45, 0.25, 0.22))
    writer.represent(slab, writer.body_of([item]))
    writer.place(slab, writer.placement(storey.placement))
    writer.aggregate(roof, slab)
    writer.properties(slab, "Pset_SlabCommon", SLAB_PROPERTIES["坡屋面"])
    building.layer(slab, SHED_ROOF, "AXIS3", 0.0)
    writer.properties(slab, "GBT50378", SLAB_GREEN)
    solid = Prism(box(west, south, east, north), SHED, SHED.shifted(rise))
    return building.register("F3/shed roof", slab, solid, True)


def _rooms(building: Building, plans: dict[str, Plan], revision: Revision) -> None:
    for key, plan in plans.items():
        storey = building.storeys[key]
        outlines = plan.rooms({number: point for number, (_, point) in revision.rooms[key].items()})
        for number, (name, (x, y)) in revision.rooms[key].items():
            if not name:  # the upper part of a higher room
                continue
            shed = key == "F3" and x > SHED_WEST and y < SHED_NORTH - 0.3
            top = SHED if shed else Plane(_ceiling("F2" if number == "101" else key, x))
            solid = Prism(outlines[number], Plane(storey.level), top)
            building.add_room(storey, number, name, solid, {"Pset_SpaceCommon": SPACE_COMMON})


def _openings(
    building: Building, storey: Storey, plan: Plan, walls: dict[str, Placed], revision: Revision
) -> None:
    for number, (name, middle) in enumerate(revision.doors[storey.key], 1):
        wall = plan.wall_at(*middle)
        add_door(building, storey, walls[wall.key], wall, DOOR_KINDS[name], middle, f"门{number:02}", {})
    for number, (name, middle, sill) in enumerate(revision.windows[storey.key], 1):
        wall = plan.wall_at(*middle)
        kind = revision.window_kinds[name]
        green = {"GBT50378": {"SillHeight": sill}}
        add_window(building, storey, walls[wall.key], wall, kind, middle, sill, f"窗{number:02}", green)


def _outside(building: Building, ground: Plan, slabs: dict[str, Placed], floor_area: float) -> None:
    """Shading, handrails, roofs as covers, and the land."""
    outer = [hole for hole in building.holes if hole.filling is not None and hole.filling.is_a("IfcWindow")]
    west = [hole for hole in outer if hole.solid.footprint.bounds[0] < -0.1 and hole.through[0]]
    south = [
        hole
        for hole in outer
        if hole.solid.footprint.bounds[1] < -0.1
        and hole.through[1]
        and hole.key.split("/")[0] in ("F2", "F3")
    ]
    add_shading(building, west, south)
    add_handrails(building)
    for key, kind in (("west roof", "green_roof"), ("flat roof", "roof"), ("shed roof", "roof")):
        mark_roof(building, slabs[key].entity, kind)
    add_land(building, ground.outline, floor_area)


def _describe(building: Building, plans: dict[str, Plan]) -> float:
    """Facts of the building and of its storeys; returns the gross floor area in m²."""
    writer = building.writer
    areas = {key: plan.outline.area for key, plan in plans.items()}
    for key, area in areas.items():
        storey = building.storeys[key].entity
        writer.properties(storey, "Pset_BuildingStoreyCommon", {"EntranceLevel": key == "F1"})
        writer.quantities(storey, "Qto_BuildingStoreyBaseQuantities", {"GrossFloorArea": area})
    hall = building.rooms["101"].solid.footprint.area
    floor_area = sum(areas.values()) - hall
    writer.properties(
        building.entity,
        "Pset_BuildingCommon",
        {
            "OccupancyType": "社区服务设施（公共建筑）",
            "NumberOfStoreys": 3,
            "GrossPlannedArea": round(floor_area, 2),
            "FireProtectionClass": "二级",
            "ConstructionMethod": "现浇钢筋混凝土框架结构",
        },
    )
    writer.properties(
        building.entity,
        "GBT50378",
        {
            "DesignDurabilityYears": 50,
            "SeismicPerformanceTarget": "C",
            "StructureType": "concrete",
            "HVACKind": "decentral",
            "FloorAreaAboveGround": round(floor_area, 2),
            "FloorAreaBelowGround": 0.0,
        },
    )
    writer.quantities(building.entity, "Qto_BuildingBaseQuantities", {"GrossFloorArea": floor_area})
    return floor_area


def _circulation(building: Building, slabs: dict[str, Placed]) -> None:
    """Stairs, lift, and the holes that they need in the floors."""
    for number, low in ((1, "F1"), (1, "F2"), (10, "F1"), (10, "F2")):
        high = "F2" if low == "F1" else "F3"
        storey = building.storeys[low]
        room = building.rooms[f"{low[1]}C{number}"]
        west, _, east, north = room.solid.footprint.bounds
        rise = LEVELS[high] - LEVELS[low]
        flights = HalfTurn(
            first=(west, west + 1.73),
            second=(east - 1.73, east),
            start=STAIR_START,
            sense=1,
            landing_end=north,
            risers=14 if low == "F1" else 13,
        )
        name = room.entity.LongName
        add_half_turn(building, storey, name, name, flights, rise)
        well = tidy_polygon(room.solid.footprint.intersection(box(west, STAIR_START, east, north)))
        add_slab_hole(building, building.storeys[high], slabs[f"{high} floor"], f"{name}洞口", well)
    for high in ("F2", "F3"):
        shaft = building.rooms[f"{high[1]}C5"].solid.footprint
        add_slab_hole(building, building.storeys[high], slabs[f"{high} floor"], "电梯井洞口", shaft)
    west, south, _, _ = building.rooms["1C5"].solid.footprint.bounds
    cabin = box(west + 0.40, south + 0.20, west + 2.00, south + 1.90)
    add_lift(building, building.storeys["F1"], "电梯1", "无障碍担架电梯", cabin, LIFT_PROPERTIES)


def _skylights(building: Building, roof: Placed) -> None:
    """Top-hung roof lights over the corridor of the third storey, lying in the flat roof."""
    kind = WINDOW_KINDS["TC1515"]
    for number, middle in enumerate(SKYLIGHTS, 1):
        add_skylight(building, building.storeys["RF"], roof, kind, middle, f"天窗{number}")
