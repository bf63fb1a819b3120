"""The massing study: hours of sunlight of every room while a building stands here or there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ifc.cutting import cut_openings
from ifc.model import BuildingModel, GeometryTable, Text
from twin.climate import Climate
from twin.dwellings import dwellings
from twin.errors import TwinError
from twin.kernels.refit import WORN, build_refittable, refit
from twin.kernels.sun import in_model
from twin.metrics.daylight.annual import north_of
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.windows import find_windows
from twin.metrics.result import Quantity
from twin.metrics.sunlight.compute import latitude_of
from twin.metrics.sunlight.rooms import Case, case_of, opaque_triangles, rooms_in_sun
from twin.metrics.sunlight.rules import counting, requirements
from twin.metrics.sunlight.summary import NO_ROOMS, Room, summary
from twin.project import Project

Floats = NDArray[np.float64]

MOST_OFFSET_M = 5_000.0  # what float32 coordinates stand about one origin


@dataclass(frozen=True)
class Massing:
    """Hours of sunlight of R rooms in K alternatives.

    ``offsets_m`` (K, 3) is where the moved elements stand, against the model. ``rooms`` has K lists of the
    same R rooms; ``units``, ``units_meeting`` and ``standard`` (K,) are the metric's ``sunlight_…`` of
    that name. ``moved`` are the rows of the ElementTable that move, ``moved_spaces`` (N,) the spaces that do.
    """

    offsets_m: Floats
    rooms: tuple[tuple[Room, ...], ...]
    units: tuple[Quantity, ...]
    units_meeting: tuple[Quantity, ...]
    standard: tuple[Quantity, ...]
    moved: tuple[int, ...]
    moved_spaces: NDArray[np.bool_]

    @property
    def space(self) -> NDArray[np.int64]:
        """Rows (R,) of the rooms in the SpaceTable."""
        return np.array([room.space for room in self.rooms[0]], np.int64)

    @property
    def hours(self) -> Floats:
        """Hours (K, R) of the sunniest window of each room, NaN where they are not known."""
        found = [[room.hours if room.known else np.nan for room in each] for each in self.rooms]
        return np.array(found, np.float64).reshape(len(self.rooms), -1)

    @property
    def meets(self) -> Floats:
        """Whether each room gets what its rule asks (K, R): 1, 0, or NaN where it is not known."""
        found = [[np.nan if room.meets is None else room.meets for room in each] for each in self.rooms]
        return np.array(found, np.float64).reshape(len(self.rooms), -1)


def moved_sunlight(
    model: BuildingModel, climate: Climate, project: Project, elements: Sequence[str], offsets_m: Floats
) -> Massing:
    """Hours of sunlight of every room that must get some, with elements of the model moved.

    Each alternative has the answers that :func:`twin.metrics.sunlight.compute` gives for a model in which the
    elements really stand there, their rooms with the surfaces that they have now. With an element move its
    parts, what fills its openings, and the rooms of a storey or a building. The hierarchy of all that casts
    shadows is built once and follows what moves.

    Args:
        model: with surfaces and their openings.
        climate: its place is taken where the model's own is unknown or far from it.
        project: city, true north, and the ``[sunlight]`` section.
        elements: names or GlobalIds of what moves, with ``*`` and ``?`` as wildcards.
        offsets_m: (K, 3) along x, y and z of the model, m, one alternative each.

    Raises:
        TwinError: no element has such a name, none casts shadows, nothing must get sun, a room would be
            torn from its windows, or an offset is no number or too large.
    """
    offsets = _checked(offsets_m)
    moved, moved_spaces = _what_moves(model, elements)
    count = counting()
    place = float(latitude_of(model, climate, project).value), climate.longitude_deg
    windows = find_windows(model, project.daylight, daylight_rules())
    north = north_of(model, project)
    cases = [
        case_of(model, windows, one, in_model(one.day.suns(*place, count.step_min), north), count)
        for one in requirements(project.project.city, project.sunlight)
    ]
    _refuse_what_says_nothing(model, cases, moved, moved_spaces)
    cut = cut_openings(model)
    mine = np.isin(cut.instance_element, list(moved))
    fixed, moving = (opaque_triangles(model, _only(cut, part), windows) for part in (~mine, mine))
    if not len(moving) and not moved_spaces.any():
        raise TwinError(
            "nothing-moves",
            model.source.path,
            Text(
                "Nothing of what is named casts shadows or has rooms.",
                "所指定的构件既不产生遮挡，也不含房间。",
            ),
            Text("Name walls, masses, a storey or a building.", "请指定墙体、体量、楼层或建筑。"),
        )
    every = np.concatenate([fixed, moving])
    origin = np.round(every.mean(axis=(0, 1))) if len(every) else np.zeros(3)
    tree = build_refittable(every - origin)
    rows = np.arange(len(fixed), len(every))
    home = dwellings(model)
    rooms: list[tuple[Room, ...]] = []
    for offset in offsets:
        if refit(tree, rows, moving + (offset - origin)) > WORN:
            tree = build_refittable(tree.corners)
        found: list[Room] = []
        for case in cases:
            here = _shifted(case, moved_spaces, offset)
            found += rooms_in_sun(here, tree.bvh, tree.corners, origin, home, count)
        rooms.append(tuple(found))
    figures = [summary(model, each, project) for each in rooms]
    return Massing(
        offsets,
        tuple(rooms),
        tuple(one["sunlight_units"] for one in figures),
        tuple(one["sunlight_units_meeting"] for one in figures),
        tuple(one["sunlight_standard"] for one in figures),
        tuple(sorted(moved)),
        moved_spaces,
    )


def _checked(offsets_m: Floats) -> Floats:
    """The offsets as an array (K, 3)."""
    offsets = np.atleast_2d(np.asarray(offsets_m, np.float64))
    if offsets.ndim != 2 or offsets.shape[1] != 3 or len(offsets) == 0:
        raise ValueError(f"offsets of shape {offsets.shape}, not (K, 3)")
    if not (np.abs(offsets) <= MOST_OFFSET_M).all():
        raise TwinError(
            "offset-too-large",
            "offsets",
            Text(
                f"An offset is no number, or larger than {MOST_OFFSET_M:g} m.",
                f"偏移量不是数字，或超过 {MOST_OFFSET_M:g} m。",
            ),
            Text("Give x, y and z in metres.", "请以米为单位给出 x、y、z。"),
        )
    return offsets


def _what_moves(model: BuildingModel, names: Sequence[str]) -> tuple[set[int], NDArray[np.bool_]]:
    """Element rows that move with those named, and which spaces (N,) do."""
    elements, spaces, openings = model.elements, model.spaces, model.openings
    waiting: list[int] = []
    for pattern in names:
        found = [
            row
            for row, known in enumerate(zip(elements.name, elements.global_id, strict=True))
            if any(fnmatchcase(str(name), pattern) for name in known)
        ]
        if not found:
            raise TwinError(
                "no-such-element",
                model.source.path,
                Text(f"No element is named {pattern}.", f"没有名为 {pattern} 的构件。"),
                Text(
                    "Give a name or GlobalId of the model, with * and ? as wildcards.",
                    "请填写模型中的名称或 GlobalId，可用 * 与 ? 作通配符。",
                ),
            )
        waiting += found
    hosted: dict[int, list[int]] = {}
    for part in zip(
        openings.opening.tolist(), openings.host.tolist(), openings.filling.tolist(), strict=True
    ):
        opening, host, filling = part
        hosted.setdefault(host, []).extend(row for row in (opening, filling) if row >= 0)
    moved: set[int] = set()
    while waiting:
        row = waiting.pop()
        if row not in moved:
            moved.add(row)
            waiting += [*elements.parts_of(row), *hosted.get(row, ())]
    whole = np.isin(spaces.element, list(moved))
    derived = (spaces.element < 0) & (spaces.storey >= 0)  # these are parts of nothing but their storey
    whole[derived] = np.isin(model.storeys.element[spaces.storey[derived]], list(moved))
    return moved, whole


def _only(geometry: GeometryTable, kept: NDArray[np.bool_]) -> GeometryTable:
    """The table with some of its instances (I,)."""
    return replace(
        geometry,
        instance_element=geometry.instance_element[kept],
        instance_shape=geometry.instance_shape[kept],
        transform=geometry.transform[kept],
    )


def _shifted(case: Case, moved_spaces: NDArray[np.bool_], offset: Floats) -> Case:
    """The case with the sills of the rooms that move."""
    sills = [
        replace(sill, points=sill.points + offset) if moved_spaces[sill.window.space] else sill
        for sill in case.sills
    ]
    return replace(case, sills=tuple(sills))


def _refuse_what_says_nothing(
    model: BuildingModel, cases: Sequence[Case], moved: set[int], moved_spaces: NDArray[np.bool_]
) -> None:
    """Raise TwinError where no room must get sun, or where one would be torn from its windows."""
    if len(model.surfaces) == 0:
        raise TwinError("no-rooms-for-sunlight", model.source.path, NO_ROOMS.what, NO_ROOMS.how)
    if not any(len(case.members) for case in cases):
        raise TwinError(
            "no-rooms-for-sunlight",
            model.source.path,
            Text("No room of the model must get sunlight.", "模型中没有要求日照的房间。"),
            Text(
                "State the uses of its rooms under [uses] in twin.toml, and sunlight.day and sunlight.hours "
                "for a city that is not listed.",
                "请在 twin.toml 的 [uses] 中填写房间用途；"
                "未收录的城市还应填写 sunlight.day 与 sunlight.hours。",
            ),
        )
    for sill in (sill for case in cases for sill in case.sills):
        space, window = sill.window.space, sill.window.element
        if (window in moved) != moved_spaces[space]:
            room = f"{model.spaces.name[space]} ({model.spaces.global_id[space]})"
            pane = str(model.elements.global_id[window])
            raise TwinError(
                "room-torn-from-window",
                model.source.path,
                Text(
                    f"The room {room} and its window {pane} do not move together.",
                    f"房间 {room} 与其窗 {pane} 没有一同移动。",
                ),
                Text(
                    "Name the whole building or storey, with its rooms and windows.",
                    "请指定整栋建筑或整个楼层，包括其房间与窗。",
                ),
            )
