"""What a daylight result rests on, and what should be told about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.daylight_sections import DaylightSection
from twin.kernels.light_scene import Scene
from twin.kernels.ray_streams import any_hits
from twin.metrics.daylight.plane_polygons import triangle_areas
from twin.metrics.daylight.reflectance_notes import reflectance_assumptions, reflectance_diagnostics
from twin.metrics.daylight.rooms import GridPoints, Room
from twin.metrics.daylight.rules import DaylightRules, LightClimate
from twin.metrics.daylight.scene import RoomScene
from twin.metrics.daylight.windows import NO_LOUVRE, Window, Windows
from twin.metrics.result import Assumption

_NAMES_SHOWN = 5
# Where a triangle is looked at: its middle, and half-way from there to its corners.
_PROBES = np.array([(1, 1, 1), (4, 1, 1), (1, 4, 1), (1, 1, 4)]) / np.array([[3], [6], [6], [6]])


def assumptions(
    model: BuildingModel,
    windows: Windows,
    options: DaylightSection,
    rules: DaylightRules,
    climate: LightClimate | None,
) -> tuple[Assumption, ...]:
    """Every value that the model does not hold, with the elements it was applied to."""
    found = reflectance_assumptions(model, rules)
    panes = [window for window in windows.windows if window.transmittance is not None]
    if panes:
        found.append(
            Assumption(Text("Reflectance of window frames", "窗框反射比"), rules.reflectance["frame"])
        )
        found += [
            Assumption(Text("Height of the eye for glare", "眩光计算视点高度"), rules.glare_eye_height_m),
            Assumption(
                Text("Distance of the eye for glare from the window", "眩光计算视点距窗距离"),
                rules.glare_eye_from_window_m,
            ),
            Assumption(
                Text("Height of the eye for the view out", "视野计算视点高度"), rules.view_eye_height_m
            ),
        ]
    found += _of_curtains(model, windows)
    for what, values in (
        (
            Text("Visible transmittance of the panes", "窗玻璃可见光透射比"),
            [(window, window.transmittance) for window in panes],
        ),
        (
            Text("Share of the frame in the window", "窗框面积比"),
            [(window, window.frame_ratio) for window in panes],
        ),
        (Text("Dirt factor of the panes", "窗玻璃污染折减系数"), [(one, one.dirt) for one in panes]),
    ):
        found += _grouped(model, what, values)
    declared = "working_plane_m" in options.model_fields_set
    plane = Traced(
        options.working_plane_m,
        "m",
        Provenance.DECLARED if declared else Provenance.DEFAULT,
        "daylight.working_plane_m in twin.toml" if declared else "GB 50033-2013 3.0.3, civil buildings",
        "" if declared else "medium",
    )
    found.append(Assumption(Text("Height of the working plane", "参考平面高度"), plane))
    if climate is not None:
        found.append(Assumption(Text("Light climate coefficient K", "光气候系数 K"), climate.k))
    return tuple(found)


def _of_curtains(model: BuildingModel, windows: Windows) -> list[Assumption]:
    """What is known of the curtains, and which figures leave them open."""
    movable = [
        (one, windows.curtains[one.curtain].transmittance) for one in windows.windows if one.curtain >= 0
    ]
    fixed: list[tuple[Window, Traced | None]] = [
        (one, one.louvre) for one in windows.windows if one.louvre is not NO_LOUVRE
    ]
    found = _grouped(model, Text("Share of the light past a fixed louvre", "固定遮阳的透光比例"), fixed)
    if movable:
        what = Text("Share of the light past a closed curtain", "窗帘（活动遮阳）关闭时的透光比例")
        found += [
            *_grouped(model, what, movable),
            Assumption(
                Text("Curtains in the hours of 5.2.8", "5.2.8 采光时数中的窗帘"),
                Traced(
                    "open", "", Provenance.DEFAULT,
                    "local reading: the clause asks what the design admits, not how it is used", "low",
                ),
            ),
        ]  # fmt: skip
    return found


def _grouped(
    model: BuildingModel, what: Text, values: Iterable[tuple[Window, Traced | None]]
) -> list[Assumption]:
    """One assumption per value that does not come from the file."""
    elements: dict[Traced, list[str]] = {}
    for window, value in values:
        if value is not None and value.provenance in (Provenance.DEFAULT, Provenance.DECLARED):
            ids = elements.setdefault(value, [])
            ids.append(str(model.elements.global_id[window.element]))
    return [Assumption(what, value, tuple(dict.fromkeys(ids))) for value, ids in elements.items()]


def diagnostics(
    model: BuildingModel,
    rooms: Sequence[Room],
    windows: Windows,
    scene: RoomScene,
    points: GridPoints,
    lost: NDArray[np.float64],
    rules: DaylightRules,
) -> tuple[Diagnostic, ...]:
    """What a reader of the result should know, grouped: one finding per cause."""
    return (
        *_ungraded(model, rooms),
        *_without_light(model, rooms),
        *_narrow(model, rooms, points),
        *_blocked(model, windows, scene.scene, rules),
        *_unglazed(model, windows),
        *_leaking(model, rooms, points, lost, rules),
        *reflectance_diagnostics(model, rules),
    )


def _about_rooms(
    model: BuildingModel, rooms: Sequence[Room], code: str, severity: Severity, message: Text, remedy: Text
) -> tuple[Diagnostic, ...]:
    """One finding about rooms, none when there are none; ``{n}`` and ``{names}`` are filled in."""
    if not rooms:
        return ()
    spaces = model.spaces
    shown = [str(spaces.name[room.space] or spaces.long_name[room.space]) for room in rooms[:_NAMES_SHOWN]]
    more = len(rooms) > _NAMES_SHOWN
    text = Text(
        message.en.format(n=len(rooms), names=", ".join(shown) + (", …" if more else "")),
        message.zh.format(n=len(rooms), names="、".join(shown) + (" 等" if more else "")),
    )
    return (Diagnostic(code, severity, text, remedy, str(spaces.global_id[rooms[0].space]), len(rooms)),)


def _ungraded(model: BuildingModel, rooms: Sequence[Room]) -> tuple[Diagnostic, ...]:
    return _about_rooms(
        model,
        [room for room in rooms if not room.graded],
        "daylight-room-unusable",
        Severity.WARNING,
        Text(
            "Daylight of {n} rooms cannot be told, as their surfaces are unusable (grade D): {names}.",
            "{n} 个房间的围护面不可用（D 级），无法计算采光：{names}。",
        ),
        Text(
            "See the grade of these spaces and correct their geometry.",
            "请查看这些空间的等级说明并修正几何。",
        ),
    )


def _without_light(model: BuildingModel, rooms: Sequence[Room]) -> tuple[Diagnostic, ...]:
    return _about_rooms(
        model,
        [room for room in rooms if room.graded and not room.reachable and room.use.main_function],
        "daylight-room-without-window",
        Severity.WARNING,
        Text(
            "{n} main rooms have no window and no opening to a room with one; their daylight factor is 0: "
            "{names}.",
            "{n} 个主要功能房间没有外窗，也不与有窗房间相通，采光系数为 0：{names}。",
        ),
        Text(
            "If they have windows, check that these fill openings in the walls of the room.",
            "如实际有窗，请检查窗是否填充在该房间墙体的洞口中。",
        ),
    )


def _narrow(model: BuildingModel, rooms: Sequence[Room], points: GridPoints) -> tuple[Diagnostic, ...]:
    return _about_rooms(
        model,
        [rooms[row] for row in points.narrow],
        "daylight-narrow-room",
        Severity.NOTE,
        Text(
            "{n} rooms are too narrow for the usual distance of grid points to the walls; a third of their "
            "width carries points: {names}.",
            "{n} 个房间过窄，测点至墙面的距离相应减小，布置在中部三分之一宽度内：{names}。",
        ),
        Text("Nothing to do.", "无需处理。"),
    )


def _leaking(
    model: BuildingModel,
    rooms: Sequence[Room],
    points: GridPoints,
    lost: NDArray[np.float64],
    rules: DaylightRules,
) -> tuple[Diagnostic, ...]:
    """Rooms whose surfaces have gaps: what leaves through them is taken as dark."""
    number = np.bincount(points.room, minlength=len(rooms))
    share = np.bincount(points.room, lost, len(rooms)) / np.maximum(number, 1)
    return _about_rooms(
        model,
        [rooms[row] for row in np.flatnonzero(share > rules.light_lost_share).tolist()],
        "daylight-room-open",
        Severity.WARNING,
        Text(
            "The surfaces of {n} rooms have gaps; no light was counted through them, so the daylight factor "
            "may be too low: {names}.",
            "{n} 个房间的围护面有缺口，缺口按无光处理，采光系数可能偏低：{names}。",
        ),
        Text("Close the gaps between the elements around these rooms.", "请修补这些房间四周构件间的缝隙。"),
    )


def _blocked(
    model: BuildingModel, windows: Windows, scene: Scene, rules: DaylightRules
) -> tuple[Diagnostic, ...]:
    """Windows whose light is stopped right behind the pane: an uncut wall, a second leaf, a shutter."""
    outer = [window for window in windows.windows if window.outdoors]
    if not outer:
        return ()
    corners = np.concatenate([window.corners for window in outer])
    owner = np.repeat(np.arange(len(outer)), [len(window.corners) for window in outer])
    normal = np.array([window.normal for window in outer])[owner]
    reach = np.array([window.thickness_m for window in outer])[owner] + rules.window_blocked_within_m
    stopped = np.zeros(len(corners))
    for weights in _PROBES:
        start = weights @ corners - scene.origin_m + 2e-3 * normal
        stopped += any_hits(scene.light.bvh, start, normal, reach) / len(_PROBES)
    area = triangle_areas(corners)
    elements, number = np.unique([window.element for window in outer], return_inverse=True)
    share = np.bincount(number[owner], stopped * area) / np.bincount(number[owner], area)
    ids = [str(global_id) for global_id in model.elements.global_id[elements[share > 0.5]]]
    if not ids:
        return ()
    shown = ", ".join(ids[:_NAMES_SHOWN]) + (", …" if len(ids) > _NAMES_SHOWN else "")
    message = Text(
        f"{len(ids)} windows let no light in: something solid stands right behind the pane ({shown}).",
        f"{len(ids)} 樘窗的外侧紧贴有实体遮挡，无光进入（{shown}）。",
    )
    remedy = Text(
        "Check that every leaf of the wall has its opening and that no shutter is modelled closed.",
        "请检查墙体各层是否都开洞，以及是否建有关闭的百叶或卷帘。",
    )
    return (Diagnostic("daylight-window-blocked", Severity.WARNING, message, remedy, ids[0], len(ids)),)


def _unglazed(model: BuildingModel, windows: Windows) -> tuple[Diagnostic, ...]:
    """Holes in the facade: openings that no window or door fills."""
    holes = [window for window in windows.windows if window.outdoors and window.transmittance is None]
    ids = sorted({str(model.elements.global_id[window.element]) for window in holes})
    if not ids:
        return ()
    area = sum(window.area_m2 for window in holes)
    message = Text(
        f"{len(ids)} openings to the outside ({area:.1f} m²) hold no window or door; light comes in as "
        "through no glass.",
        f"{len(ids)} 个通向室外的洞口（{area:.1f} m²）未填充门窗，按无玻璃计算进光。",
    )
    remedy = Text(
        "Fill them with their windows (IfcRelFillsElement), unless they are open.",
        "如非敞开洞口，请以窗填充（IfcRelFillsElement）。",
    )
    return (Diagnostic("daylight-opening-unfilled", Severity.WARNING, message, remedy, ids[0], len(ids)),)
