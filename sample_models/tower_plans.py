"""The tower's plans: two lifts, four flats. The western half is drawn, the eastern one is its mirror image.

Flat A (west and east end): three bedrooms, two halls, two bathrooms, north to south.
Flat B (middle): two bedrooms to the south, kitchen and bathroom on a notch in the façade.
Metres, x east, y north, origin at the south-west corner of the walls' axes.
"""

from __future__ import annotations

from dataclasses import replace

from sample_models.plan import Wall, WallKind
from sample_models.tower_types import (
    CELLAR_WALL,
    CONCRETE_WALL,
    FILLED_WALL,
    MASONRY,
    PARAPET,
    SHEAR,
    THIN,
)

WIDTH = 38.4
MIDDLE = WIDTH / 2
STOREYS = 18
STOREY_HEIGHT = 2.9
FLOOR_DEPTH = 0.18
ROOF_DEPTH = 0.29
TERRAIN = -0.30
CELLAR_LEVEL = -3.6
GARAGE_SOUTH = -16.8
PENTHOUSE_HEIGHT = 3.6

Opening = tuple[str, tuple[float, float]]
Sill = tuple[str, tuple[float, float], float]


def _wall(key: str, kind: WallKind, x0: float, y0: float, x1: float, y1: float) -> Wall:
    return Wall(key, kind, (x0, y0), (x1, y1))


def _flip(x: float) -> float:
    return round(WIDTH - x, 6)


def _mirrored(walls: list[Wall]) -> list[Wall]:
    """The walls and their mirror images, whose ends change places so that the outside stays outside."""
    result = []
    for wall in walls:
        result.append(replace(wall, key=f"{wall.key}1"))
        (x0, y0), (x1, y1) = wall.start, wall.end
        result.append(Wall(f"{wall.key}2", wall.kind, (_flip(x1), y1), (_flip(x0), y0)))
    return result


# walls of the western half: outer walls run with the outside on their right
_SHELL = [
    _wall("W-S", FILLED_WALL, 0.0, 0.0, 7.8, 0.0),
    _wall("W-N", FILLED_WALL, 7.8, 13.2, 0.0, 13.2),
    _wall("W-W", CONCRETE_WALL, 0.0, 13.2, 0.0, 0.0),
    _wall("W-R", FILLED_WALL, 7.8, 9.0, 7.8, 13.2),
    _wall("W-NA", FILLED_WALL, 7.8, 0.0, 7.8, 7.5),
    _wall("W-NC", FILLED_WALL, 7.8, 7.5, 9.6, 7.5),
    _wall("W-NB", FILLED_WALL, 9.6, 7.5, 9.6, 0.0),
    _wall("W-RC", FILLED_WALL, 12.6, 9.0, 7.8, 9.0),
]
_FLATS = [
    _wall("A-X3", SHEAR, 3.6, 0.0, 3.6, 8.4),
    _wall("A-Y4", THIN, 0.0, 4.5, 3.6, 4.5),
    _wall("A-X2", THIN, 2.4, 4.5, 2.4, 6.6),
    _wall("A-Y6", THIN, 0.0, 6.6, 3.6, 6.6),
    _wall("A-Y8", THIN, 0.0, 8.4, 3.6, 8.4),
    _wall("A-Y9", SHEAR, 0.0, 9.6, 7.8, 9.6),
    _wall("A-X3N", THIN, 3.0, 9.6, 3.0, 13.2),
    _wall("A-X5N", MASONRY, 5.7, 9.6, 5.7, 13.2),
    _wall("A-E", SHEAR, 7.8, 7.5, 7.8, 9.0),
    _wall("B-X12", SHEAR, 12.3, 0.0, 12.3, 7.5),
    _wall("B-X15", SHEAR, 15.9, 0.0, 15.9, 7.5),
    _wall("B-Y3", THIN, 9.6, 3.9, 12.3, 3.9),
    _wall("B-Y5", THIN, 9.6, 5.7, 12.3, 5.7),
    _wall("B-Y4", THIN, 15.9, 4.5, MIDDLE, 4.5),
    _wall("B-Y6", THIN, 15.9, 6.3, MIDDLE, 6.3),
]
_MIDDLE = [
    _wall("W-SB", FILLED_WALL, 9.6, 0.0, 28.8, 0.0),
    _wall("B-P", SHEAR, MIDDLE, 0.0, MIDDLE, 7.5),
    _wall("K-S", SHEAR, 9.6, 7.5, 28.8, 7.5),
    _wall("K-Y9", SHEAR, 12.6, 9.0, 25.8, 9.0),
]
_CORE_SHELL = [
    _wall("W-K4", CONCRETE_WALL, 12.6, 13.8, 12.6, 9.0),
    _wall("W-K3", CONCRETE_WALL, 21.3, 13.8, 12.6, 13.8),
    _wall("W-K2", CONCRETE_WALL, 21.3, 10.8, 21.3, 13.8),
]
_CORE_EAST = [
    _wall("W-K1", CONCRETE_WALL, 25.8, 10.8, 21.3, 10.8),
    _wall("W-K0", CONCRETE_WALL, 25.8, 9.0, 25.8, 10.8),
]
_CORE = [
    _wall("K-X15", SHEAR, 15.3, 9.0, 15.3, 13.8),
    _wall("K-Y11", SHEAR, 15.3, 11.1, 21.3, 11.1),
    _wall("K-X17", SHEAR, 17.1, 11.1, 17.1, 13.8),
    _wall("K-X19", SHEAR, 19.2, 11.1, 19.2, 13.8),
    _wall("K-X21", SHEAR, 21.3, 9.0, 21.3, 10.8),
    _wall("K-X22", THIN, 22.8, 9.0, 22.8, 10.8),
    _wall("K-X24", THIN, 24.0, 9.0, 24.0, 10.8),
]
TYPICAL = [*_mirrored(_SHELL), *_MIDDLE, *_CORE_SHELL, *_CORE_EAST, *_mirrored(_FLATS), *_CORE]
# the entrance hall fills the recess between flat A and the core on the ground floor
ENTRANCE = [_wall("W-H", FILLED_WALL, 12.6, 13.2, 7.8, 13.2)]
CELLAR = [
    _wall("C-S", CELLAR_WALL, 0.0, GARAGE_SOUTH, WIDTH, GARAGE_SOUTH),
    _wall("C-ES", CELLAR_WALL, WIDTH, GARAGE_SOUTH, WIDTH, 0.0),
    _wall("C-E", CELLAR_WALL, WIDTH, 0.0, WIDTH, 13.8),
    _wall("C-N", CELLAR_WALL, WIDTH, 13.8, 0.0, 13.8),
    _wall("C-W", CELLAR_WALL, 0.0, 13.8, 0.0, 0.0),
    _wall("C-WS", CELLAR_WALL, 0.0, 0.0, 0.0, GARAGE_SOUTH),
    _wall("C-G", SHEAR, 0.0, 0.0, WIDTH, 0.0),
    _wall("C-X12", SHEAR, 12.6, 0.0, 12.6, 13.8),
    _wall("C-X25", SHEAR, 25.8, 0.0, 25.8, 13.8),
    _wall("C-Y7", SHEAR, 12.6, 7.5, 25.8, 7.5),
    _wall("C-Y9", SHEAR, 12.6, 9.0, 25.8, 9.0),
    _wall("C-X17", MASONRY, 17.4, 0.0, 17.4, 7.5),
    _wall("C-X21", MASONRY, 21.0, 0.0, 21.0, 7.5),
    _wall("C-Y6", MASONRY, 25.8, 6.9, WIDTH, 6.9),
    *[wall for wall in _CORE if wall.key != "K-X21"],
    _wall("C-K2", SHEAR, 21.3, 9.0, 21.3, 13.8),
    _wall("C-K1", SHEAR, 21.3, 10.8, 25.8, 10.8),
]
PENTHOUSE = [
    _wall("R-S", CONCRETE_WALL, 12.6, 9.0, 21.3, 9.0),
    _wall("R-E1", CONCRETE_WALL, 21.3, 9.0, 21.3, 10.8),
    _wall("R-E2", CONCRETE_WALL, 21.3, 10.8, 21.3, 13.8),
    _wall("R-N", CONCRETE_WALL, 21.3, 13.8, 12.6, 13.8),
    _wall("R-W", CONCRETE_WALL, 12.6, 13.8, 12.6, 9.0),
    _wall("R-X15", SHEAR, 15.3, 9.0, 15.3, 13.8),
]


def _parapet(wall: Wall) -> Wall:
    return replace(wall, key=wall.key.replace("W-", "P-"), kind=PARAPET)


PARAPETS = [_parapet(wall) for wall in [*_mirrored(_SHELL), _MIDDLE[0], *_CORE_EAST]]

# name of a room -> a point inside; every flat has them with its own number
FLAT_A = {
    "客餐厅": (5.7, 3.0),
    "主卧室": (1.8, 2.0),
    "衣帽间": (3.0, 5.5),
    "主卫生间": (1.2, 5.5),
    "卫生间": (1.8, 7.5),
    "次卧室1": (1.5, 11.5),
    "次卧室2": (4.4, 11.5),
    "厨房": (6.8, 11.5),
}
FLAT_B = {
    "客餐厅": (14.1, 3.0),
    "次卧室": (11.0, 2.0),
    "厨房": (11.0, 4.8),
    "卫生间": (11.0, 6.6),
    "主卧室": (17.5, 2.0),
    "主卫生间": (17.5, 5.4),
    "储藏间": (17.5, 6.9),
}
CORE_ROOMS = {
    "公共走廊": (MIDDLE, 8.2),
    "防烟楼梯间": (14.0, 11.0),
    "合用前室": (18.0, 10.0),
    "加压送风井": (16.2, 12.5),
    "消防电梯井": (18.1, 12.5),
    "客梯井": (20.2, 12.5),
    "强电井": (22.0, 10.0),
    "弱电井": (23.4, 10.0),
    "水井": (24.9, 10.0),
}
CELLAR_ROOMS = {
    "汽车库": (MIDDLE, -8.0),
    "非机动车库": (5.0, 5.0),
    "储藏间1": (15.0, 3.0),
    "储藏间2": (23.4, 3.0),
    "配电间": (32.0, 3.0),
    "设备用房": (32.0, 10.0),
    "风机房": (23.4, 12.5),
    "过厅": (MIDDLE, 3.0),
    **CORE_ROOMS,
}
PENTHOUSE_ROOMS = {"防烟楼梯间": (14.0, 11.0), "电梯机房": (18.0, 11.0), "屋面": (MIDDLE, 3.0)}

FLAT_DOORS: list[Opening] = [
    ("FDM1021", (7.8, 8.2)),
    ("M0921", (3.6, 3.7)),
    ("M0821", (3.0, 4.5)),
    ("M0821", (2.4, 5.6)),
    ("M0821", (3.6, 7.5)),
    ("M0921", (2.2, 9.6)),
    ("M0921", (4.4, 9.6)),
    ("TM1221", (6.75, 9.6)),
    ("TLM3024", (5.7, 0.0)),
    ("FDM1021", (14.1, 7.5)),
    ("M0921", (12.3, 3.1)),
    ("M0821", (12.3, 4.8)),
    ("M0821", (12.3, 6.6)),
    ("M0921", (15.9, 3.7)),
    ("M0821", (17.0, 4.5)),
    ("M0721", (15.9, 6.9)),
    ("TLM2424", (14.1, 0.0)),
]
FLAT_WINDOWS: list[Sill] = [
    ("C1817", (1.8, 0.0), 0.9),
    ("C0612", (0.0, 5.55), 1.3),
    ("C0612", (0.0, 7.5), 1.3),
    ("C0917", (7.8, 5.6), 0.9),
    ("C1517", (1.5, 13.2), 0.9),
    ("C1517", (4.35, 13.2), 0.9),
    ("C0914", (6.75, 13.2), 1.1),
    ("C1517", (10.95, 0.0), 0.9),
    ("C0914", (9.6, 4.8), 1.1),
    ("C0612", (9.6, 6.6), 1.3),
    ("C1817", (17.55, 0.0), 0.9),
    ("C0917", (8.7, 7.5), 0.9),
    ("C1515", (10.2, 9.0), 0.9),
]
SHAFT_DOORS: list[Opening] = [
    ("FM0618丙", (16.2, 11.1)),
    ("TM1021", (18.15, 11.1)),
    ("TM1021", (20.25, 11.1)),
    ("FM0618丙", (22.05, 9.0)),
    ("FM0618丙", (23.4, 9.0)),
    ("FM0618丙", (24.9, 9.0)),
]
CORE_DOORS: list[Opening] = [("FM1221乙", (18.3, 9.0)), ("FM1021乙", (15.3, 9.8)), *SHAFT_DOORS]
CORE_WINDOWS: list[Sill] = [("C1209", (13.95, 13.8), 1.65)]
ENTRANCE_DOORS: list[Opening] = [("M1524", (10.2, 9.0)), ("LM1824", (10.2, 13.2))]
CELLAR_DOORS: list[Opening] = [
    *CORE_DOORS,
    ("FM1521甲", (MIDDLE, 0.0)),
    ("FM1521甲", (6.0, 0.0)),
    ("FM1021乙", (12.6, 8.2)),
    ("FM1021甲", (25.8, 8.2)),
    ("FM1021甲", (32.0, 6.9)),
    ("FM1521甲", (MIDDLE, 7.5)),
    ("M0921", (17.4, 3.6)),
    ("M0921", (21.0, 3.6)),
    ("FM1021甲", (25.8, 12.2)),
    ("JM6024", (0.0, -8.4)),
]
PENTHOUSE_DOORS: list[Opening] = [("FM1021乙", (13.95, 9.0)), ("FM1021甲", (15.3, 10.2))]
PENTHOUSE_WINDOWS: list[Sill] = [("C1515", (18.3, 9.0), 0.9), ("C1209", (13.95, 13.8), 1.75)]

# balconies before the living rooms: x range of the western ones, depth to the south
BALCONIES = {"A": (3.6, 7.8), "B": (12.3, 15.9)}
BALCONY_DEPTH = 1.5


def mirrored_openings(openings: list[Opening]) -> list[Opening]:
    """Doors of the western half and their mirror images."""
    return [*openings, *((name, (_flip(x), y)) for name, (x, y) in openings)]


def mirrored_windows(windows: list[Sill]) -> list[Sill]:
    """Windows of the western half and their mirror images."""
    return [*windows, *((name, (_flip(x), y), sill) for name, (x, y), sill in windows)]


def mirrored_rooms(rooms: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The same rooms on the eastern side."""
    return {name: (_flip(x), y) for name, (x, y) in rooms.items()}
