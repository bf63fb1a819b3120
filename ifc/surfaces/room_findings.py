"""What the derivation of rooms tells: how many there are, what is open above, which gaps keep rooms open."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from ifc.surfaces.places import place_at, storey_name
from ifc.surfaces.wall_plan import CLOSED_GAP_M, WallGap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def summary(rooms: int) -> Diagnostic:
    """How many rooms were derived."""
    if rooms:
        return Diagnostic(
            "rooms-derived",
            Severity.WARNING,
            Text(
                f"The file has no usable IfcSpace; {rooms} rooms were derived from walls and slabs.",
                f"文件中没有可用的 IfcSpace，已由墙和楼板推导出 {rooms} 个房间。",
            ),
            Text("Model the rooms as IfcSpaces with their use.", "请建立 IfcSpace 并注明用途。"),
            count=rooms,
        )
    return Diagnostic(
        "no-rooms",
        Severity.WARNING,
        Text(
            "The file has no usable IfcSpace, and no rooms could be derived from its walls.",
            "文件中没有可用的 IfcSpace，也无法由墙体推导出房间。",
        ),
        Text("Model the rooms as IfcSpaces with their volume.", "请建立带体积的 IfcSpace。"),
    )


def open_above(
    model: BuildingModel, storey: int, z: float, outline: shapely.Polygon, origin: Floats
) -> Diagnostic:
    """An area between walls with nothing above it.

    Args:
        model: the building.
        storey: its row, -1 for none.
        z: height of the plan, about ``origin``.
        outline: of the area, about ``origin``.
        origin: (3,) in model coordinates.
    """
    level = storey_name(model, storey)
    centre = outline.representative_point()
    x, y = (float(v + origin[k] + model.offset_m[k]) for k, v in enumerate((centre.x, centre.y)))
    return Diagnostic(
        "room-without-roof",
        Severity.WARNING,
        Text(
            f"Storey “{level}”: {outline.area:.1f} m² between walls at ({x:.2f}, {y:.2f}) have no slab or "
            "roof above and are taken as a courtyard.",
            f"楼层“{level}”：({x:.2f}, {y:.2f}) 处墙体围合的 {outline.area:.1f} m² 上方没有楼板或屋面，"
            "按庭院处理。",
        ),
        Text(
            "Model the slab or roof above, or the room as an IfcSpace, if it is a room.",
            "若为房间，请补建上方楼板或屋面，或建立 IfcSpace。",
        ),
        places=(
            place_at(
                model, "no-roof", storey, np.array([centre.x, centre.y, z]) + origin, outline.area, "m²"
            ),
        ),
    )


def gap_between_walls(
    model: BuildingModel, storey: int, z: float, gap: WallGap, origin: Floats, whole: Ints
) -> Diagnostic:
    """A gap that keeps a room from being found: its place, its width, and the walls on both sides.

    Args:
        model: the building.
        storey: its row, -1 for none.
        z: height of the plan, about ``origin``.
        gap: about ``origin``.
        origin: (3,) in model coordinates.
        whole: (E,) the element that each element acts as.
    """
    elements = model.elements
    walls = [int(whole[row]) for row in gap.walls]
    names = [f"{elements.name[row] or elements.ifc_class[row]} ({elements.global_id[row]})" for row in walls]
    x, y = (float(gap.place[axis] + origin[axis] + model.offset_m[axis]) for axis in range(2))
    level = storey_name(model, storey)
    one = len(names) == 1
    return Diagnostic(
        "room-not-closed",
        Severity.WARNING,
        Text(
            f"Storey “{level}”: no room of {gap.room_area_m2:.1f} m² could be derived because of a gap of "
            f"{gap.width_m:.2f} m at ({x:.2f}, {y:.2f}) "
            + (f"in {names[0]}." if one else f"between {names[0]} and {names[1]}." if names else "."),
            f"楼层“{level}”：在 ({x:.2f}, {y:.2f}) 处有 {gap.width_m:.2f} m 的缺口"
            + (f"（{'、'.join(names)}）" if names else "")
            + f"，约 {gap.room_area_m2:.1f} m² 的房间无法推导。",
        ),
        Text(
            "Close the gap with a wall, or model the room as an IfcSpace; "
            f"gaps up to {CLOSED_GAP_M:.1f} m are closed without asking.",
            f"请用墙体封闭缺口，或为该房间建立 IfcSpace；不大于 {CLOSED_GAP_M:.1f} m 的缺口会自动封闭。",
        ),
        global_id=str(elements.global_id[walls[0]]) if walls else "",
        places=(
            place_at(model, "gap", storey, np.array([*gap.place, z]) + origin, gap.width_m, "m", -1, walls),
        ),
    )
