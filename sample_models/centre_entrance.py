"""The lobby's curtain wall, and what lies before the doors: platform, steps, ramp, canopy."""

from __future__ import annotations

import itertools

from shapely.geometry import Polygon, box

from sample_models.building import Building, Hole, Placed, Storey
from sample_models.centre_types import CURTAIN, CURTAIN_GLAZING, CURTAIN_PLATE, CURTAIN_PROPERTIES, DOOR_KINDS
from sample_models.openings import ALONG, GLASS_RGB, UP
from sample_models.solids import Prism
from sample_models.stairs import add_ramp

GRID_X = (16.45, 17.9, 19.35, 21.15, 22.6, 24.05)
GRID_Z = (0.0, 2.4, 4.02)
DOOR_BAY = 2  # the third bay holds the door
MULLION_WIDTH, MULLION_DEPTH = 0.06, 0.12
STEEL_RGB = (0.35, 0.37, 0.40)


def add_curtain_wall(building: Building, storey: Storey, footprint: Polygon) -> Placed:
    """Glass panes that touch, mullions on their inside, and the main entrance."""
    writer = building.writer
    wall = writer.entity("IfcCurtainWall", f"{storey.key}/CW-S", "门厅玻璃幕墙")
    placement = writer.placement(storey.placement)
    writer.place(wall, placement)
    writer.contain(storey.entity, wall)
    writer.properties(wall, "Pset_CurtainWallCommon", CURTAIN_PROPERTIES)
    writer.properties(wall, "Pset_DoorWindowGlazingType", CURTAIN_GLAZING)
    parts = []
    for row, (low, high) in enumerate(itertools.pairwise(GRID_Z)):
        for bay, (left, right) in enumerate(itertools.pairwise(GRID_X)):
            if row == 0 and bay == DOOR_BAY:
                continue
            pane = writer.entity(
                "IfcPlate", f"{storey.key}/CW-S/{bay}{row}", f"幕墙玻璃 {bay + 1}-{row + 1}", "CURTAIN_PANEL"
            )
            item = writer.extrusion(box(left, low, right, high), CURTAIN.outside, (0.0, 0.0, 0.0), UP, ALONG)
            writer.style([item], "玻璃", GLASS_RGB, 0.6)
            writer.represent(pane, writer.body_of([item]))
            writer.place(pane, writer.placement(placement))
            writer.properties(pane, "Pset_PlateCommon", CURTAIN_PLATE)
            writer.properties(pane, "Pset_DoorWindowGlazingType", CURTAIN_GLAZING)
            parts.append(pane)
    building.constructions.apply_material(parts, "中空玻璃")
    members = []
    top = GRID_Z[-1]
    bars = [
        (f"立柱{number + 1}", box(x - MULLION_WIDTH / 2, 0.0, x + MULLION_WIDTH / 2, MULLION_DEPTH), 0.0, top)
        for number, x in enumerate(GRID_X[1:-1])
    ]
    bars += [
        (f"横梁{number + 1}-{bay + 1}", box(left + 0.03, 0.0, right - 0.03, MULLION_DEPTH), z - 0.03, 0.06)
        for number, z in enumerate(GRID_Z[1:-1])
        for bay, (left, right) in enumerate(itertools.pairwise(GRID_X))
    ]
    for name, outline, base, height in bars:
        member = writer.entity("IfcMember", f"{storey.key}/CW-S/{name}", f"幕墙{name}", "MULLION")
        item = writer.extrusion(outline, height, (0.0, 0.0, base))
        writer.style([item], "窗框", STEEL_RGB)
        writer.represent(member, writer.body_of([item]))
        writer.place(member, writer.placement(placement))
        members.append(member)
    building.constructions.apply_material(members, "断桥铝合金")
    kind = DOOR_KINDS["LM1824"]
    door_type = building.catalogue.door_type(kind)
    door = writer.entity("IfcDoor", f"{storey.key}/主入口", f"{kind.name} 主入口", "DOOR")
    door.OverallWidth, door.OverallHeight, door.Tag = kind.width, kind.height, kind.name
    writer.type_of(door_type, door)
    writer.represent(door, writer.mapped(kind.name))
    writer.place(door, writer.placement(placement, (GRID_X[DOOR_BAY], -0.05, 0.0)))
    writer.quantities(
        door,
        "Qto_DoorBaseQuantities",
        {"Width": kind.width, "Height": kind.height, "Area": kind.width * kind.height},
    )
    writer.aggregate(wall, *parts, *members, door)
    placed = building.register(
        f"{storey.key}/CW-S", wall, Prism.upright(footprint, storey.level, storey.level + top), True
    )
    leaf = box(GRID_X[DOOR_BAY], -CURTAIN.outside, GRID_X[DOOR_BAY + 1], 0.0)
    building.holes.append(
        Hole(
            f"{storey.key}/主入口",
            placed,
            None,
            door,
            Prism.upright(leaf, storey.level, storey.level + kind.height),
            (0.0, 1.0, 0.0),
        )
    )
    return placed


def add_entrances(building: Building, storey: Storey, terrain: float) -> None:
    """Platforms, steps, the ramp and canopies before the outer doors."""
    writer = building.writer

    def slab(key: str, name: str, outline: Polygon, low: float, high: float, predefined: str) -> None:
        entity = writer.entity("IfcSlab", f"{storey.key}/{key}", name, predefined)
        item = writer.extrusion(outline, high - low, (0.0, 0.0, low))
        writer.style([item], "混凝土", (0.75, 0.75, 0.73))
        writer.represent(entity, writer.body_of([item]))
        writer.place(entity, writer.placement(storey.placement))
        writer.contain(storey.entity, entity)
        writer.properties(entity, "Pset_SlabCommon", {"IsExternal": True})
        building.constructions.apply_material([entity], "钢筋混凝土")

    slab("主入口平台", "主入口平台", box(17.0, -3.4, 23.5, -0.2), terrain, -0.015, "BASESLAB")
    slab("主入口台阶", "主入口台阶", box(18.5, -3.7, 23.5, -3.4), terrain, terrain / 2, "BASESLAB")
    slab("主入口雨篷", "主入口雨篷", box(16.4, -3.2, 24.1, -0.2), 3.35, 3.5, "FLOOR")
    for x in (17.2, 23.3):
        column = writer.entity("IfcColumn", f"{storey.key}/雨篷柱{x}", "雨篷钢柱", "COLUMN")
        item = writer.extrusion(box(x - 0.08, -2.98, x + 0.08, -2.82), 3.365, (0.0, 0.0, -0.015))
        writer.style([item], "窗框", STEEL_RGB)
        writer.represent(column, writer.body_of([item]))
        writer.place(column, writer.placement(storey.placement))
        writer.contain(storey.entity, column)
        building.constructions.apply_material([column], "不锈钢")
    add_ramp(building, storey, "无障碍坡道", "无障碍坡道", (13.4, -3.4, 17.0, -1.9), -terrain)
    for key, name, outline in (
        ("厨房出口", "厨房货物出口", box(11.3, 16.7, 13.3, 18.2)),
        ("厅出口", "多功能厅疏散出口", box(4.8, -1.8, 7.2, -0.2)),
        ("东出口", "东侧出口", box(56.9, 7.0, 58.4, 9.5)),
        ("卫生站出口", "卫生服务站出口", box(56.9, 1.95, 58.4, 4.45)),
    ):
        slab(f"{key}平台", f"{name}平台", outline, terrain, -0.015, "BASESLAB")
        slab(f"{key}雨篷", f"{name}雨篷", outline, 2.9, 3.0, "FLOOR")
