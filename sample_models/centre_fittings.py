"""What the community centre's rooms hold: lights, air conditioning, sensors, meters, sanitary ware."""

from __future__ import annotations

import math
from typing import Any

from shapely.geometry import Point

from sample_models.building import Building, Room
from sample_models.centre_equipment import (
    BASIN,
    INDOOR_UNIT,
    LIGHT,
    LIGHT_LUMENS,
    LIGHT_SENSOR,
    PAN,
    SENSORS,
    SINK,
    SQUAT,
    THERMOSTAT,
    URINAL,
)
from sample_models.centre_plant import add_meters, add_outdoor_units, add_solar_modules
from sample_models.centre_uses import USES, Use
from sample_models.equipment import Equipment, EquipmentKind
from sample_models.writer import Entity, Point3

KELVIN = 273.15
NORTH_AXIS: Point3 = (0.0, 1.0, 0.0)
# target lighting power densities in W/m² of the kind of GB/T 50034, by the illuminance in lx
LIGHTING_TARGETS = {300.0: 7.0, 200.0: 5.5, 150.0: 4.5, 100.0: 3.5, 75.0: 3.0, 50.0: 2.0}
UTILISATION, MAINTENANCE = 0.68, 0.80  # of the lumen method


def furnish_centre(building: Building, light_sensor: bool = False) -> None:
    """Fill the rooms; ``light_sensor`` adds one in the reading room."""
    equipment = Equipment(building)
    systems: dict[str, list[Entity]] = {"electrical": [], "water": [], "air": [], "monitoring": []}
    zones: dict[str, list[Entity]] = {}
    for room in building.rooms.values():
        use = USES[room.entity.LongName]
        zones.setdefault(use.zone, []).append(room.entity)
        _state_requirements(building, room, use)
        systems["electrical"] += _lights(equipment, room, use)
        systems["air"] += _air_conditioning(equipment, room, use)
        systems["monitoring"] += _sensors(equipment, room, use)
    if light_sensor:
        room = building.rooms["209"]
        place = _on_wall(room, 9, 0.8)
        systems["monitoring"].append(
            equipment.put(LIGHT_SENSOR, "209/照度", "阅览室照度传感器", room, place, NORTH_AXIS)
        )
    systems["water"] += _sanitary(equipment, building)
    meters = add_meters(equipment, building)
    systems["electrical"] += meters["电能表"]
    systems["water"] += meters["水表"]
    systems["air"] += add_outdoor_units(equipment, building)
    systems["electrical"] += add_solar_modules(building)
    for key, name, predefined in (
        ("electrical", "照明与配电系统", "ELECTRICAL"),
        ("water", "生活给水系统", "DOMESTICCOLDWATER"),
        ("air", "多联机空调系统", "AIRCONDITIONING"),
        ("monitoring", "环境与能耗监测系统", "MONITORINGSYSTEM"),
    ):
        system = building.writer.group("IfcDistributionSystem", key, name, systems[key])
        system.PredefinedType = "USERDEFINED" if predefined == "MONITORINGSYSTEM" else predefined
        if predefined == "MONITORINGSYSTEM":
            system.ObjectType = "监测系统"
    for name, rooms in zones.items():
        zone = building.writer.group("IfcZone", name, name, rooms)
        zone.LongName = f"{name}分区"


def _state_requirements(building: Building, room: Room, use: Use) -> None:
    """What the design asks of a room, as property sets."""
    area = room.solid.footprint.area
    sets: dict[str, dict[str, Any]] = {"GBT50378": {}}
    green = sets["GBT50378"]
    if use.conditioned:
        sets["Pset_SpaceThermalRequirements"] = {
            "SpaceTemperatureSummerMax": round(use.summer + KELVIN, 2),
            "SpaceTemperatureWinterMin": round(use.winter + KELVIN, 2),
            "SpaceHumiditySummer": 0.60,
            "NaturalVentilation": True,
            "AirConditioning": True,
            "AirConditioningCentral": False,
        }
    if use.area_per_person:
        sets["Pset_SpaceOccupancyRequirements"] = {
            "OccupancyNumber": max(1, round(area / use.area_per_person)),
            "AreaPerOccupant": use.area_per_person,
        }
        green |= {"AcousticZone": use.acoustic, "FreshAirPerPerson": use.fresh_air}
    if use.illuminance:
        sets["Pset_SpaceLightingRequirements"] = {"ArtificialLighting": True, "Illuminance": use.illuminance}
        green["LightingPowerTarget"] = LIGHTING_TARGETS[use.illuminance]
    if use.wet:
        green |= {"WaterproofLayer": True, "DampproofLayer": True}
    if room.entity.LongName.startswith("楼梯间"):
        sets["Pset_SpaceFireSafetyRequirements"] = {"FireExit": True}
    for set_name, values in sets.items():
        if values:
            building.writer.properties(room.entity, set_name, values)
    _floor_finish(building, room, use)


def _floor_finish(building: Building, room: Room, use: Use) -> None:
    """The floor covering by its qualities; its thickness is a layer of the slab."""
    if room.entity.LongName.endswith("井"):
        return
    writer = building.writer
    stair = room.entity.LongName.startswith("楼梯间")
    kinds = ["防滑地砖地面"] + (["聚合物水泥防水涂料"] if use.wet else [])
    for kind in kinds:
        covering = writer.entity("IfcCovering", f"{room.key}/{kind}", kind)
        covering.PredefinedType = "FLOORING" if kind == "防滑地砖地面" else "MEMBRANE"
        writer.contain(room.entity, covering)
        covers = writer.file.create_entity(
            "IfcRelCoversSpaces", GlobalId="", RelatingSpace=room.entity, RelatedCoverings=[covering]
        )
        writer.remember(covers, f"covers:{room.key}/{kind}")
        if covering.PredefinedType == "FLOORING":
            best = stair or use.active
            grades = {"SlipGradeDry": "Ad" if best else "Bd", "SlipGradeWet": "Aw" if best else "Bw"}
            writer.properties(covering, "Pset_CoveringFlooring", {"HasNonSkidSurface": True})
            writer.properties(
                covering,
                "GBT50378",
                {**grades, "GreenMaterialCertified": True, "IsIndustrialised": False},
            )
        else:
            writer.properties(covering, "GBT50378", {"GreenMaterialCertified": True})


def _on_wall(room: Room, index: int, height: float) -> Point3:
    """A place on the room's west wall, one pace from the next."""
    west, south, _, north = room.solid.footprint.bounds
    y = min(south + 1.0 + 0.25 * index, north - 0.3)
    return (west + 0.03, y, room.storey.level + height)


def _ceiling_grid(room: Room, count: int) -> list[tuple[float, float]]:
    """``count`` or a few more places spread evenly over the room."""
    west, south, east, north = room.solid.footprint.bounds
    width, depth = east - west, north - south
    rows = max(1, round(math.sqrt(count * depth / width)))
    columns = max(1, math.ceil(count / rows))
    places = [
        (west + (column + 0.5) * width / columns, south + (row + 0.5) * depth / rows)
        for row in range(rows)
        for column in range(columns)
    ]
    inside = room.solid.footprint.buffer(-0.7)
    return [place for place in places if inside.contains(Point(place))] or [
        (room.solid.footprint.representative_point().x, room.solid.footprint.representative_point().y)
    ]


def _under_ceiling(room: Room, x: float, y: float, drop: float) -> Point3:
    """Below the ceiling, at most 3.6 m above the floor so that lamps in tall rooms hang."""
    ceiling = min(room.solid.top.z(x, y), room.solid.bottom.level + 3.6 if room.key != "101" else 1e9)
    return (x, y, round(ceiling - drop, 3))


def _lights(equipment: Equipment, room: Room, use: Use) -> list[Entity]:
    """As many lamps as the lumen method asks for."""
    if not use.illuminance:
        return []
    area = room.solid.footprint.area
    count = max(1, round(use.illuminance * area / (LIGHT_LUMENS * UTILISATION * MAINTENANCE)))
    return [
        equipment.put(
            LIGHT,
            f"{room.key}/灯{number}",
            f"{room.entity.LongName}灯{number}",
            room,
            _under_ceiling(room, x, y, 0.05),
        )
        for number, (x, y) in enumerate(_ceiling_grid(room, count), 1)
    ]


def _air_conditioning(equipment: Equipment, room: Room, use: Use) -> list[Entity]:
    if not use.conditioned:
        return []
    count = max(1, round(room.solid.footprint.area / 35))
    units = [
        equipment.put(
            INDOOR_UNIT,
            f"{room.key}/内机{number}",
            f"{room.entity.LongName}室内机{number}",
            room,
            _under_ceiling(room, x + 0.75, y, 0.0),
        )
        for number, (x, y) in enumerate(_ceiling_grid(room, count), 1)
    ]
    panel = equipment.put(
        THERMOSTAT,
        f"{room.key}/温控",
        f"{room.entity.LongName}温控面板",
        room,
        _on_wall(room, 0, 1.3),
        NORTH_AXIS,
    )
    return [*units, panel]


def _sensors(equipment: Equipment, room: Room, use: Use) -> list[Entity]:
    if not use.conditioned:
        return []
    kinds = ["温度", "湿度"] + (["二氧化碳", "PM2.5", "PM10"] if use.area_per_person < 40 else [])
    return [
        equipment.put(
            SENSORS[kind],
            f"{room.key}/{kind}",
            f"{room.entity.LongName}{kind}传感器",
            room,
            _on_wall(room, number, 1.5),
            NORTH_AXIS,
        )
        for number, kind in enumerate(kinds, 1)
    ]


def _sanitary(equipment: Equipment, building: Building) -> list[Entity]:
    """Toilets on each storey, sinks in kitchen, clinic and cleaners' rooms."""
    placed = []

    def put(kind: EquipmentKind, room: Room, number: int, x: float, y: float) -> None:
        key = f"{room.key}/{kind.name}{number}"
        origin = (x, y, room.solid.bottom.level)
        placed.append(equipment.put(kind, key, f"{room.entity.LongName}{kind.name}{number}", room, origin))

    for storey in "123":
        women, men = building.rooms[f"{storey}C6"], building.rooms[f"{storey}C7"]
        accessible, cleaner = building.rooms[f"{storey}C8"], building.rooms[f"{storey}C9"]
        for number in range(4):
            put(SQUAT if number else PAN, women, number + 1, 33.1, 12.4 + 1.0 * number)
        for number in range(2):
            put(BASIN, women, number + 1, 34.9, 10.6 + 0.8 * number)
            put(BASIN, men, number + 1, 35.7, 10.6 + 0.8 * number)
            put(SQUAT if number else PAN, men, number + 1, 37.6, 13.4 + 1.0 * number)
        for number in range(3):
            put(URINAL, men, number + 1, 35.6, 13.2 + 0.8 * number)
        put(PAN, accessible, 1, 39.9, 11.7)
        put(BASIN, accessible, 1, 38.6, 11.9)
        put(SINK, cleaner, 1, 39.8, 15.9)
    for key, x, y in (
        ("112", 9.0, 15.9),
        ("112", 10.0, 15.9),
        ("113", 14.2, 10.2),
        ("106", 40.95, 0.5),
        ("107", 45.05, 0.5),
        ("116", 45.05, 16.0),
    ):
        room = building.rooms[key]
        number = 1 + sum(
            1 for entity in placed if entity.Name.startswith(f"{room.entity.LongName}{SINK.name}")
        )
        put(SINK, room, number, x, y)
    return placed
