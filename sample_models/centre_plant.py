"""Meters, outdoor units and photovoltaic modules of the community centre."""

from __future__ import annotations

import math

import shapely
from shapely.geometry import box

from sample_models.building import Building
from sample_models.centre_equipment import METERS, OUTDOOR_UNIT
from sample_models.centre_plans import EAST, NORTH, SHED_NORTH, WEST_WING
from sample_models.equipment import Equipment
from sample_models.writer import Entity

PANEL = (1.134, 2.278)  # photovoltaic module, m
PANEL_TILT = 20.0


def add_meters(equipment: Equipment, building: Building) -> dict[str, list[Entity]]:
    """A meter for each use on each storey, those of the whole building on the ground floor."""
    wanted = [("电能表", storey, use) for storey in "123" for use in ("照明", "插座", "空调")]
    wanted += [("电能表", "1", use) for use in ("总表", "厨房动力", "电梯", "水泵风机")] + [
        ("电能表", "3", "光伏发电")
    ]
    wanted += [("水表", "1", use) for use in ("总表", "厨房", "绿化灌溉")]
    wanted += [("水表", storey, "卫生间") for storey in "123"]
    placed: dict[str, list[Entity]] = {"电能表": [], "水表": []}
    for kind, storey, use in wanted:
        room = building.rooms[f"{storey}C{2 if kind == '电能表' else 3}"]
        index = sum(
            1 for key, at, _ in wanted[: wanted.index((kind, storey, use))] if (key, at) == (kind, storey)
        )
        west, south, _, _ = room.solid.footprint.bounds
        origin = (
            west + 0.2 + 0.3 * (index % 4),
            south + 0.08,
            room.solid.bottom.level + 0.9 + 0.4 * (index // 4),
        )
        name = f"{storey}层{use}{kind}"
        placed[kind].append(
            equipment.put(
                METERS[kind], name, name, room, origin, properties={"GBT50378": {"MeteredUse": use}}
            )
        )
    kitchen = building.rooms["112"]
    equipment.put(METERS["燃气表"], "厨房燃气表", "厨房燃气表", kitchen, (8.5, 9.9, 1.4))
    return placed


def add_outdoor_units(equipment: Equipment, building: Building) -> list[Entity]:
    """A row of outdoor units at the north edge of the flat roof."""
    storey = building.storeys["RF"]
    return [
        equipment.put(
            OUTDOOR_UNIT, f"外机{number}", f"多联机室外机{number}", storey, (34.0 + 2.2 * number, 15.2, 12.0)
        )
        for number in range(1, 7)
    ]


def add_solar_modules(building: Building) -> list[Entity]:
    """Rows of photovoltaic modules on the flat roof, tilted to the south, clear of lights and parapets."""
    writer, storey = building.writer, building.storeys["RF"]
    tilt = math.radians(PANEL_TILT)
    width, length = PANEL
    normal = (0.0, -math.sin(tilt), math.cos(tilt))
    item = writer.extrusion(box(0.0, 0.0, width, length), 0.035, (0.0, 0.0, 0.35), normal, (1.0, 0.0, 0.0))
    writer.style([item], "光伏组件", (0.08, 0.12, 0.30))
    writer.shared_map("光伏组件", writer.body_of([item]))
    module = writer.entity("IfcSolarDeviceType", "光伏组件", "单晶硅光伏组件550W", "SOLARPANEL")
    writer.properties(
        module,
        "Pset_SolarDeviceTypeCommon",
        {"ActiveCellSurfaceAreaFraction": 0.96, "CellEfficiency": 0.213},
    )
    writer.properties(module, "GBT50378", {"PeakPower": 550.0, "Tilt": PANEL_TILT})
    module.RepresentationMaps = [writer.shared_map("光伏组件")]
    free = box(WEST_WING + 1.0, 0.8, 31.6, 6.2).union(box(WEST_WING + 1.0, 9.6, EAST - 1.0, NORTH - 2.0))
    free = free.difference(box(31.6, 0.0, EAST, SHED_NORTH + 1.5))
    rows = [1.0, 3.6, 9.9, 12.4]
    panels = []
    for row, y in enumerate(rows, 1):
        x = WEST_WING + 1.2
        column = 1
        while x + width < EAST - 1.0:
            shadow = box(x, y, x + width, y + length * math.cos(tilt))
            if shapely.contains(free, shadow):
                key = f"光伏{row}-{column:02}"
                panel = writer.entity("IfcSolarDevice", key, f"光伏组件{row}-{column:02}", "SOLARPANEL")
                writer.type_of(module, panel)
                writer.represent(panel, writer.mapped("光伏组件"))
                writer.place(panel, writer.placement(storey.placement, (round(x, 3), y, 0.0)))
                writer.contain(storey.entity, panel)
                panels.append(panel)
            x += width + 0.02
            column += 1
    return panels
