"""Which solids of spaces can be used, and why the others cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, SpaceTable, Text
from ifc.surfaces.overlaps import Overlaps, containers, find_overlaps
from ifc.surfaces.scene import space_solids
from ifc.surfaces.solids import open_length, oriented, signed_volumes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST_VOLUME_M3 = 0.01
ROOM_SHARE = 0.05  # an external space that holds more than this of a room is no balcony
OPEN_LENGTH_M = 0.5  # a space with longer open edges is not closed


@dataclass(frozen=True)
class SpaceSolids:
    """The solids of all spaces, and which of them can be used."""

    corners: Floats  # (T, 3, 3)
    owner: Ints  # (T,) space row, sorted
    closed: NDArray[np.bool_]  # (N,)
    volume: Floats  # (N,) m³
    usable: NDArray[np.bool_]  # (N,) closed, not empty, no container of others
    overlaps: Overlaps
    holders: dict[int, list[int]]  # containers and the spaces that they hold


def check_solids(corners: Floats, owner: Ints, count: int) -> SpaceSolids:
    """Turn the solids of ``count`` spaces outward and check them.

    Args:
        corners: (T, 3, 3) triangles.
        owner: (T,) space row of each, sorted.
        count: how many rows the SpaceTable has.
    """
    corners, closed = oriented(corners, owner, count)
    # Missing parts whose area vectors cancel show only at their edges.
    closed &= open_length(corners, owner, count) < OPEN_LENGTH_M
    volume = signed_volumes(corners, owner, count)
    usable = closed & (volume > SMALLEST_VOLUME_M3)
    mine = usable[owner]
    overlaps = find_overlaps(corners[mine], owner[mine])
    holders = containers(overlaps, volume)
    usable[list(holders)] = False
    return SpaceSolids(corners, owner, closed, volume, usable, overlaps, holders)


def open_air(model: BuildingModel, corners: Floats, owner: Ints) -> Floats:
    """Triangles (A, 3, 3) of the external spaces (balconies, terraces) that share no volume with rooms.

    Args:
        model: its SpaceTable says which spaces are external.
        corners: (T, 3, 3) triangles of the usable internal spaces.
        owner: (T,) space row of each, sorted.
    """
    outside, outside_owner = space_solids(model, np.flatnonzero(~model.spaces.internal))
    count = len(model.spaces)
    outside, closed = oriented(outside, outside_owner, count)
    sound = closed[outside_owner]
    outside, outside_owner = outside[sound], outside_owner[sound]
    if len(outside) == 0:
        return outside
    every, every_owner = np.concatenate([corners, outside]), np.concatenate([owner, outside_owner])
    order = np.argsort(every_owner, kind="stable")
    overlaps = find_overlaps(every[order], every_owner[order])
    # Gross areas and zones are external too, and hold rooms.
    holds_rooms = model.spaces.internal[overlaps.space] & (overlaps.share > ROOM_SHARE)
    mixed = np.isin(outside_owner, overlaps.other[holds_rooms])
    return outside[~mixed]


def space_name(spaces: SpaceTable, row: int) -> str:
    """What a message calls a space."""
    return str(spaces.long_name[row] or spaces.name[row] or spaces.global_id[row])


def reason_unusable(model: BuildingModel, row: int, solids: SpaceSolids) -> Text:
    """Why a space has no surfaces."""
    reason = _reason(model, row, solids)
    if row not in solids.holders and (model.boundaries.space == model.spaces.element[row]).any():
        return Text(
            f"{reason.en} The file gives it no substitute: its space boundaries do not enclose a room.",
            f"{reason.zh}其空间边界也未能围合成房间。",
        )
    return reason


def _reason(model: BuildingModel, row: int, solids: SpaceSolids) -> Text:
    spaces = model.spaces
    element = int(spaces.element[row])
    if not spaces.derived[row] and not model.geometry.has(element):
        return Text(
            "The space has no geometry; export it with its volume.", "空间没有几何体；导出时请包含空间体。"
        )
    if row in solids.holders:
        names = ", ".join(f"“{space_name(spaces, held)}”" for held in solids.holders[row][:3])
        number = len(solids.holders[row])
        return Text(
            f"It contains {number} other space(s) ({names}): a zone or gross area, or a duplicate; "
            "export it as IfcSpatialZone or remove it.",
            f"它包含另外 {number} 个空间（{names}），应为分区、建筑面积或重复空间；"
            "请改为 IfcSpatialZone 导出或删除。",
        )
    if not solids.closed[row]:
        return Text(
            "The space's solid is not closed; export it as a closed volume.",
            "空间实体不封闭，请导出封闭的体。",
        )
    return Text(
        f"The space's solid has a volume of only {solids.volume[row]:.3f} m³; give it its height.",
        f"空间实体体积仅 {solids.volume[row]:.3f} m³；请为其设置高度。",
    )
