"""The residential tower: 18 storeys, two lifts, four flats a storey, a cellar with a garage."""

from __future__ import annotations

from pathlib import Path

from shapely.geometry import box

from sample_models import tower_plans as plans
from sample_models.building import Building, Placed, Storey
from sample_models.covers import describe_site
from sample_models.location import Location, start_building
from sample_models.placing import add_door, add_slab_hole, add_window
from sample_models.plan import Plan, tidy_polygon
from sample_models.solids import Plane, Prism
from sample_models.stairs import HalfTurn, add_half_turn, add_lift
from sample_models.tower_fittings import add_balconies, add_dwellings, add_outdoor_platform, add_parking
from sample_models.tower_types import (
    CELLAR_CEILING,
    CELLAR_FLOOR,
    DOOR_KINDS,
    FLAT_ROOF,
    FLOOR,
    GARAGE_ROOF,
    WALL_CONCRETE,
    WALL_LAYERS,
    WALL_PREDEFINED,
    WALL_PROPERTIES,
    WINDOW_KINDS,
)
from sample_models.writer import IfcWriter

# grid values from the Krüger series of the transverse Mercator projection, CGCS2000, 117° E
LOCATION = Location(
    latitude=28.6812,
    longitude=115.8624,
    elevation=21.8,
    azimuth=-8.0,
    easting=388811.123,
    northing=3174465.526,
    convergence=-0.54603,
)
TOP = plans.STOREYS * plans.STOREY_HEIGHT
FLIGHTS = HalfTurn((12.72, 13.87), (14.03, 15.18), 10.36, 1, 13.68, 9, 0.26)
CELLAR_FLIGHTS = HalfTurn((12.72, 13.87), (14.03, 15.18), 10.2, 1, 13.68, 11, 0.25)
COLUMNS = {
    f"Z{column + 1}{'AB'[row]}": box(x - 0.3, y - 0.3, x + 0.3, y + 0.3)
    for column, x in enumerate((7.8, 15.4, 23.0, 30.6))
    for row, y in enumerate((-11.4, -5.4))
}


def write_tower(path: Path) -> Building:
    """Write the residential tower to ``path``."""
    writer = IfcWriter("tower", "示范小区1号住宅楼", "十八层住宅楼，两梯四户，地下一层为汽车库与设备用房")
    building = start_building(writer, "1号住宅楼", LOCATION, ["青山湖区示范社区2号"])
    building.share = True
    storeys = [building.add_storey("B1", "地下一层", plans.CELLAR_LEVEL)]
    for number in range(1, plans.STOREYS + 1):
        level = round((number - 1) * plans.STOREY_HEIGHT, 3)
        storeys.append(building.add_storey(f"F{number}", f"{number}层", level))
    storeys.append(building.add_storey("RF", "屋顶层", round(TOP, 3)))

    typical = Plan(list(plans.TYPICAL))
    ground = Plan([*plans.TYPICAL, *plans.ENTRANCE])
    cellar = Plan(list(plans.CELLAR), COLUMNS)
    roof = Plan([*plans.PENTHOUSE, *plans.PARAPETS])
    _cellar(building, storeys[0], cellar)
    for number, storey in enumerate(storeys[1:-1], 1):
        _storey(building, storey, number, ground if number == 1 else typical)
    floor_area = _describe(building, typical, ground, cellar)
    _roof(building, storeys[-1], roof)
    _floors(building, typical, ground, cellar)
    add_outdoor_platform(building, storeys[1])
    outline = box(-0.2, -0.17, plans.WIDTH + 0.2, 14.0)
    land = box(-12.0, -24.0, 50.0, 27.0)
    describe_site(
        building, land, plans.TERRAIN, outline, {"FloorAreaRatio": round(floor_area / land.area, 3)}
    )
    building.finish(path)
    return building


def _describe(building: Building, typical: Plan, ground: Plan, cellar: Plan) -> float:
    """Facts of the building and of its storeys; returns the floor area above ground in m²."""
    writer = building.writer
    above = 0.0
    for key, storey in building.storeys.items():
        plan = {"B1": cellar, "F1": ground}.get(key, typical)
        if key == "RF":
            continue
        area = plan.outline.area
        above += 0.0 if key == "B1" else area
        writer.properties(storey.entity, "Pset_BuildingStoreyCommon", {"EntranceLevel": key == "F1"})
        writer.quantities(storey.entity, "Qto_BuildingStoreyBaseQuantities", {"GrossFloorArea": area})
    below = cellar.outline.area
    writer.properties(
        building.entity,
        "Pset_BuildingCommon",
        {
            "OccupancyType": "住宅",
            "NumberOfStoreys": plans.STOREYS,
            "FireProtectionClass": "二级",
            "ConstructionMethod": "现浇钢筋混凝土剪力墙结构",
        },
    )
    writer.properties(
        building.entity,
        "GBT50378",
        {
            "DesignDurabilityYears": 50,
            "StructureType": "concrete",
            "HVACKind": "decentral",
            "DwellingCount": 4 * plans.STOREYS,
            "FloorAreaAboveGround": round(above, 2),
            "FloorAreaBelowGround": round(below, 2),
        },
    )
    writer.quantities(building.entity, "Qto_BuildingBaseQuantities", {"GrossFloorArea": above + below})
    return above


def _walls(
    building: Building, storey: Storey, plan: Plan, low: float, high: float, outer_low: float
) -> dict[str, Placed]:
    """All walls of a plan; the outer ones start at ``outer_low``."""
    placed = {}
    concrete = ("剪力墙外墙", "剪力墙内墙", "地下室外墙")
    for wall in plan.walls:
        name = wall.kind.name
        base = outer_low if wall.kind.external else low
        solid = Prism.upright(plan.footprints[wall.key], base, high)
        one = building.add_wall(storey, wall, solid, WALL_PROPERTIES[name], WALL_PREDEFINED[name])
        building.layer(one.entity, WALL_LAYERS[name], "AXIS2", -wall.kind.outside)
        if name in concrete:
            building.writer.properties(one.entity, "Pset_ConcreteElementGeneral", WALL_CONCRETE)
        placed[wall.key] = one
    return placed


def _openings(
    building: Building,
    storey: Storey,
    plan: Plan,
    walls: dict[str, Placed],
    doors: list[plans.Opening],
    windows: list[plans.Sill],
) -> None:
    for number, (name, middle) in enumerate(doors, 1):
        wall = plan.wall_at(*middle)
        add_door(building, storey, walls[wall.key], wall, DOOR_KINDS[name], middle, f"门{number:02}", {})
    for number, (name, middle, sill) in enumerate(windows, 1):
        wall = plan.wall_at(*middle)
        kind = WINDOW_KINDS[name]
        green = {"GBT50378": {"SillHeight": sill}}
        add_window(building, storey, walls[wall.key], wall, kind, middle, sill, f"窗{number:02}", green)


def _storey(building: Building, storey: Storey, number: int, plan: Plan) -> None:
    """One storey of flats."""
    low = storey.level
    depth = plans.ROOF_DEPTH if number == plans.STOREYS else plans.FLOOR_DEPTH
    high = round(low + plans.STOREY_HEIGHT - depth, 4)
    base = low if number == 1 else round(low - plans.FLOOR_DEPTH, 4)
    walls = _walls(building, storey, plan, low, high, base)
    doors = plans.mirrored_openings(plans.FLAT_DOORS) + plans.CORE_DOORS
    windows = plans.mirrored_windows(plans.FLAT_WINDOWS) + plans.CORE_WINDOWS
    if number == 1:
        windows = [window for window in windows if window[1] != (10.2, 9.0)]
        doors = doors + plans.ENTRANCE_DOORS
    _openings(building, storey, plan, walls, doors, windows)
    for label, outline in plan.rooms(_labels(number)).items():
        key, name = label.split("|")
        top = round(low + plans.STOREY_HEIGHT - plans.ROOF_DEPTH, 4) if name == "门厅" else high
        common = {"IsExternal": False, "PubliclyAccessible": "C" in key}
        solid = Prism.upright(outline, low, top)
        building.add_room(storey, key, name, solid, {"Pset_SpaceCommon": common})
    add_balconies(building, storey, number)
    add_dwellings(building, number)
    add_half_turn(building, storey, "楼梯", "防烟楼梯", FLIGHTS, plans.STOREY_HEIGHT)


def _labels(number: int) -> dict[str, tuple[float, float]]:
    """Every room of a storey as "key|name" -> a point inside it."""
    labels: dict[str, tuple[float, float]] = {}
    for flat, (rooms, mirror) in enumerate(
        ((plans.FLAT_A, False), (plans.FLAT_B, False), (plans.FLAT_B, True), (plans.FLAT_A, True)), 1
    ):
        points = plans.mirrored_rooms(rooms) if mirror else rooms
        for index, (name, point) in enumerate(points.items(), 1):
            labels[f"{number}{flat:02}-{index}|{name}"] = point
    for index, (name, point) in enumerate(plans.CORE_ROOMS.items(), 1):
        labels[f"{number}C{index}|{name}"] = point
    if number == 1:
        labels["1C10|门厅"] = (10.2, 11.0)
    return labels


def _cellar(building: Building, storey: Storey, plan: Plan) -> None:
    """The cellar: plant, bicycles and stores under the tower, the garage before it."""
    low = storey.level
    ceiling, garage_ceiling = -CELLAR_CEILING.thickness, plans.TERRAIN - GARAGE_ROOF.thickness
    placed = {}
    for wall in plan.walls:
        name, outer = wall.kind.name, wall.kind.external
        before_tower = wall.key in ("C-S", "C-ES", "C-WS")
        top = (plans.TERRAIN if before_tower else 0.0) if outer else ceiling
        base = low - CELLAR_FLOOR.thickness if outer else low
        solid = Prism.upright(plan.footprints[wall.key], base, top)
        one = building.add_wall(storey, wall, solid, WALL_PROPERTIES[name], WALL_PREDEFINED[name])
        building.layer(one.entity, WALL_LAYERS[name], "AXIS2", -wall.kind.outside)
        placed[wall.key] = one
    columns = building.add_columns(
        storey,
        plan.columns,
        low,
        lambda _: Plane(garage_ceiling),
        {"Pset_ConcreteElementGeneral": {"StrengthClass": "C40", "ConcreteCover": 0.025}},
    )
    building.constructions.apply_material(columns, "钢筋混凝土")
    _openings(building, storey, plan, placed, plans.CELLAR_DOORS, [])
    labels = {f"B{index}|{name}": point for index, (name, point) in enumerate(plans.CELLAR_ROOMS.items(), 1)}
    for label, outline in plan.rooms(labels).items():
        key, name = label.split("|")
        garage = name == "汽车库"
        room = building.add_room(
            storey,
            key,
            name,
            Prism.upright(outline, low, garage_ceiling if garage else ceiling),
            {"Pset_SpaceCommon": {"IsExternal": False, "PubliclyAccessible": garage}},
            "PARKING" if garage else "INTERNAL",
        )
        if garage:
            add_parking(building, storey, room)
    add_half_turn(building, storey, "楼梯", "防烟楼梯", CELLAR_FLIGHTS, -low)
    for key, name, x in (("消防电梯", "消防电梯（担架电梯）", 18.15), ("客梯", "客梯", 20.25)):
        cabin = box(x - 0.8, 11.45, x + 0.8, 13.1)
        add_lift(
            building,
            storey,
            key,
            name,
            cabin,
            {
                "Pset_TransportElementElevator": {"ClearWidth": 1.5, "ClearDepth": 1.6, "ClearHeight": 2.3},
                "GBT50378": {"LiftEnergySaving": True},
            },
        )


def _roof(building: Building, storey: Storey, plan: Plan) -> None:
    """Parapets, and the machine room above the core."""
    level = storey.level
    ceiling = round(level + plans.PENTHOUSE_HEIGHT - plans.ROOF_DEPTH, 4)
    under = round(level - plans.ROOF_DEPTH, 4)
    placed = {}
    for wall in plan.walls:
        name = wall.kind.name
        over_edge = wall.kind.external and wall.key not in ("R-S", "R-E1")
        top = round(level + 1.4, 4) if name == "女儿墙" else ceiling
        solid = Prism.upright(plan.footprints[wall.key], under if over_edge else level, top)
        one = building.add_wall(storey, wall, solid, WALL_PROPERTIES[name], WALL_PREDEFINED[name])
        building.layer(one.entity, WALL_LAYERS[name], "AXIS2", -wall.kind.outside)
        placed[wall.key] = one
    _openings(building, storey, plan, placed, plans.PENTHOUSE_DOORS, plans.PENTHOUSE_WINDOWS)
    labels = {
        f"R{index}|{name}": point for index, (name, point) in enumerate(plans.PENTHOUSE_ROOMS.items(), 1)
    }
    for label, outline in plan.rooms(labels).items():
        key, name = label.split("|")
        if name != "屋面":
            building.add_room(
                storey,
                key,
                name,
                Prism.upright(outline, level, ceiling),
                {"Pset_SpaceCommon": {"IsExternal": False, "PubliclyAccessible": False}},
            )


def _floors(building: Building, typical: Plan, ground: Plan, cellar: Plan) -> None:
    """All slabs, and the holes for stairs, lifts and air shafts in them."""
    inner, hall = typical.inner()[0], ground.inner()[1]
    below = cellar.inner()[0]
    under_tower = below.intersection(box(-1, -0.17, plans.WIDTH + 1, 14))
    before_tower = below.intersection(box(-1, plans.GARAGE_SOUTH - 1, plans.WIDTH + 1, -0.12))
    cellar_level = plans.CELLAR_LEVEL
    slabs = [
        ("B1", "底板", "地下室底板", below, CELLAR_FLOOR, "BASESLAB", cellar_level, False),
        ("B1", "车库顶板", "车库顶板", before_tower, GARAGE_ROOF, "ROOF", plans.TERRAIN, True),
        ("F1", "楼板", "首层楼板", under_tower, CELLAR_CEILING, "FLOOR", 0.0, False),
        ("F2", "门厅屋面", "门厅屋面", hall, FLAT_ROOF, "ROOF", plans.STOREY_HEIGHT, True),
    ]
    for number in range(2, plans.STOREYS + 1):
        level = building.storeys[f"F{number}"].level
        slabs.append((f"F{number}", "楼板", f"{number}层楼板", inner, FLOOR, "FLOOR", level, False))
    top = building.storeys["RF"].level
    machine_top = round(top + plans.PENTHOUSE_HEIGHT, 4)
    shell = box(12.72, 9.12, 21.18, 13.68)
    slabs.append(("RF", "屋面板", "屋面板", inner, FLAT_ROOF, "ROOF", top, True))
    slabs.append(("RF", "机房屋面板", "机房屋面板", shell, FLAT_ROOF, "ROOF", machine_top, True))
    for storey, key, name, outline, layers, predefined, level, external in slabs:
        slab = building.add_slab(
            building.storeys[storey],
            key,
            name,
            tidy_polygon(outline),
            round(level - layers.thickness, 4),
            level,
            predefined,
            {"IsExternal": external, "LoadBearing": True, "FireRating": "1.50h"},
            external,
        )
        building.layer(slab.entity, layers, "AXIS3", 0.0)
        if key not in ("楼板", "屋面板"):
            continue
        start = CELLAR_FLIGHTS.start if storey == "F1" else FLIGHTS.start
        well = box(12.72, start, 15.18, 13.68)
        add_slab_hole(building, building.storeys[storey], slab, "楼梯洞口", well)
        if storey == "RF":
            continue
        for index in (4, 5, 6):
            shaft = building.rooms[f"{storey[1:]}C{index}"]
            name = shaft.entity.LongName
            add_slab_hole(building, building.storeys[storey], slab, f"{name}洞口", shaft.solid.footprint)
