"""The two revisions of the community centre. B differs from A by a handful of elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sample_models.centre_plans import DOORS, ROOMS, WALLS, WINDOWS
from sample_models.centre_types import WINDOW_KINDS
from sample_models.openings import WindowKind
from sample_models.plan import Wall

Point2 = tuple[float, float]


@dataclass(frozen=True)
class Revision:
    """What a revision may change; all by storey but for the window types."""

    name: str
    walls: Mapping[str, list[Wall]]
    rooms: Mapping[str, Mapping[str, tuple[str, Point2]]]
    doors: Mapping[str, list[tuple[str, Point2]]]
    windows: Mapping[str, list[tuple[str, Point2, float]]]
    window_kinds: Mapping[str, WindowKind]
    light_sensor: bool = False  # one in the reading room


REVISION_A = Revision("A版", WALLS, ROOMS, DOORS, WINDOWS, WINDOW_KINDS)

MOVED_PARTITION = "I-X44S"  # between the counselling room and the social workers' office
WIDER_WINDOW = 8  # row in the list of the second storey: the first window of the calligraphy room
BETTER_TYPE = "C1821"
RENAMED_ROOM = "203"


def _revision_b() -> Revision:
    def moved(wall: Wall) -> Wall:
        if wall.key != MOVED_PARTITION:
            return wall
        return replace(wall, start=(45.0, wall.start[1]), end=(45.0, wall.end[1]))

    usual = WINDOW_KINDS["C2421"]
    wide = replace(usual, name="C3021", width=3.0)
    better = WINDOW_KINDS[BETTER_TYPE]
    better = replace(better, common={**better.common, "ThermalTransmittance": 1.8})
    windows = list(WINDOWS["F2"])
    _, middle, sill = windows[WIDER_WINDOW]
    windows[WIDER_WINDOW] = (wide.name, middle, sill)
    _, inside = ROOMS["F2"][RENAMED_ROOM]
    return Revision(
        "B版",
        {**WALLS, "F2": [moved(wall) for wall in WALLS["F2"]]},
        {**ROOMS, "F2": {**ROOMS["F2"], RENAMED_ROOM: ("棋牌活动室", inside)}},
        DOORS,
        {**WINDOWS, "F2": windows},
        {**WINDOW_KINDS, wide.name: wide, BETTER_TYPE: better},
        light_sensor=True,
    )


REVISION_B = _revision_b()
