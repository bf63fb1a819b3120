"""The community centre's plans: axis lines, walls, rooms, doors and windows. Metres, x east, y north."""

from __future__ import annotations

from shapely.geometry import Polygon, box

from sample_models.centre_types import CLERESTORY, CURTAIN, EXTERNAL, PARAPET, PARTITION, THIN
from sample_models.plan import Wall, WallKind
from sample_models.solids import Plane

AXES_X = tuple(round(8.1 * bay, 1) for bay in range(8))  # ① … ⑧
AXES_Y = (0.0, 6.9, 9.6, 16.5)  # Ⓐ … Ⓓ
EAST, NORTH = AXES_X[-1], AXES_Y[-1]
WEST_WING = 16.2  # the two-storey part lies west of this axis

LEVELS = {"F1": 0.0, "F2": 4.2, "F3": 8.1, "RF": 12.0}
TERRAIN = -0.30
FLOOR_DEPTH = 0.18
ROOF_DEPTH = 0.29
GREEN_ROOF_DEPTH = 0.405

# soffit of the shed roof over the southern rooms of the third storey: 1:3, rising to the north
SHED = Plane(11.1 - 0.12 / 3, 0.0, 1 / 3)
SHED_WEST, SHED_NORTH = 32.52, 7.07
SHED_WALL_TOP = 13.9


def _wall(key: str, kind: WallKind, x0: float, y0: float, x1: float, y1: float) -> Wall:
    return Wall(key, kind, (x0, y0), (x1, y1))


def _core(prefix: str) -> list[Wall]:
    """Stairs, lift, shafts and toilets, alike on all storeys."""
    return [
        _wall(f"{prefix}-N-W", PARTITION, WEST_WING, 9.6, 28.2, 9.6),
        _wall(f"{prefix}-N-E", PARTITION, 30.9, 9.6, EAST, 9.6),
        _wall(f"{prefix}-X16", PARTITION, 16.2, 9.6, 16.2, NORTH),
        _wall(f"{prefix}-X24", PARTITION, 24.3, 9.6, 24.3, NORTH),
        _wall(f"{prefix}-X28", PARTITION, 28.2, 9.6, 28.2, NORTH),
        _wall(f"{prefix}-X30", PARTITION, 30.9, 9.6, 30.9, NORTH),
        _wall(f"{prefix}-LIFT", PARTITION, 28.2, 14.1, 30.9, 14.1),
        _wall(f"{prefix}-X32N", PARTITION, 32.4, 9.6, 32.4, NORTH),
        _wall(f"{prefix}-S1", THIN, 30.9, 12.0, 32.4, 12.0),
        _wall(f"{prefix}-S2", THIN, 30.9, 14.1, 32.4, 14.1),
        _wall(f"{prefix}-X35", THIN, 35.25, 9.6, 35.25, NORTH),
        _wall(f"{prefix}-X38", THIN, 38.1, 9.6, 38.1, NORTH),
        _wall(f"{prefix}-WC", THIN, 38.1, 12.3, 40.5, 12.3),
        _wall(f"{prefix}-X40N", PARTITION, 40.5, 9.6, 40.5, NORTH),
        _wall(f"{prefix}-X48N", PARTITION, 48.6, 9.6, 48.6, NORTH),
        _wall(f"{prefix}-X52", PARTITION, 52.8, 9.6, 52.8, NORTH),
    ]


def _across(prefix: str, *axes: float) -> list[Wall]:
    """Cross walls of the southern rooms."""
    return [_wall(f"{prefix}-X{int(axis)}S", PARTITION, axis, 0.0, axis, 6.9) for axis in axes]


WALLS: dict[str, list[Wall]] = {
    "F1": [
        _wall("W-S1", EXTERNAL, 0.0, 0.0, 16.45, 0.0),
        _wall("CW-S", CURTAIN, 16.45, 0.0, 24.05, 0.0),
        _wall("W-S2", EXTERNAL, 24.05, 0.0, EAST, 0.0),
        _wall("W-E", EXTERNAL, EAST, 0.0, EAST, NORTH),
        _wall("W-N", EXTERNAL, EAST, NORTH, 0.0, NORTH),
        _wall("W-W", EXTERNAL, 0.0, NORTH, 0.0, 0.0),
        _wall("I-HN", PARTITION, 0.0, 9.6, 16.2, 9.6),
        _wall("I-HE", PARTITION, 16.2, 0.0, 16.2, 9.6),
        _wall("I-C", PARTITION, 24.3, 6.9, EAST, 6.9),
        _wall("I-LE", PARTITION, 24.3, 0.0, 24.3, 9.6),
        *_core("I"),
        *_across("I", 32.4, 36.45, 40.5, 44.55, 48.6),
        _wall("I-X4", THIN, 4.05, 9.6, 4.05, NORTH),
        _wall("I-X8", PARTITION, 8.1, 9.6, 8.1, NORTH),
        _wall("I-X13", PARTITION, 13.5, 9.6, 13.5, NORTH),
        _wall("I-X44N", PARTITION, 44.55, 9.6, 44.55, NORTH),
    ],
    "F2": [
        _wall("W-S", EXTERNAL, 0.0, 0.0, EAST, 0.0),
        _wall("W-E", EXTERNAL, EAST, 0.0, EAST, NORTH),
        _wall("W-N", EXTERNAL, EAST, NORTH, 0.0, NORTH),
        _wall("W-W", EXTERNAL, 0.0, NORTH, 0.0, 0.0),
        _wall("I-HN", PARTITION, 0.0, 9.6, 16.2, 9.6),
        _wall("I-HE", PARTITION, 16.2, 0.0, 16.2, 9.6),
        _wall("I-C", PARTITION, 16.2, 6.9, EAST, 6.9),
        *_core("I"),
        *_across("I", 24.3, 32.4, 40.5, 44.55, 48.6),
    ],
    "F3": [
        _wall("W-S", EXTERNAL, WEST_WING, 0.0, SHED_WEST, 0.0),
        _wall("W-SS", EXTERNAL, SHED_WEST, 0.0, EAST, 0.0),
        _wall("W-ES", EXTERNAL, EAST, 0.0, EAST, SHED_NORTH),
        _wall("W-E", EXTERNAL, EAST, SHED_NORTH, EAST, NORTH),
        _wall("W-N", EXTERNAL, EAST, NORTH, WEST_WING, NORTH),
        _wall("W-W", EXTERNAL, WEST_WING, NORTH, WEST_WING, 0.0),
        _wall("W-X32", CLERESTORY, 32.4, 6.9, 32.4, 0.0),
        _wall("W-CN", CLERESTORY, EAST, 6.9, 32.4, 6.9),
        _wall("I-C", PARTITION, 16.2, 6.9, 32.4, 6.9),
        *[wall for wall in _core("I") if wall.key != "I-X16"],
        *_across("I", 40.5, 48.6),
    ],
}
SHED_WALLS = ("W-SS", "W-ES", "W-CN", "I-X40S", "I-X48S")

# low parapets round the terrace, high ones round the flat roof
PARAPETS = {
    "F3": [
        _wall("P-S", PARAPET, 0.0, 0.0, WEST_WING - 0.17, 0.0),
        _wall("P-N", PARAPET, WEST_WING - 0.17, NORTH, 0.0, NORTH),
        _wall("P-W", PARAPET, 0.0, NORTH, 0.0, 0.0),
    ],
    "RF": [
        _wall("P-S", PARAPET, WEST_WING, 0.0, 32.23, 0.0),
        _wall("P-E", PARAPET, EAST, SHED_NORTH, EAST, NORTH),
        _wall("P-N", PARAPET, EAST, NORTH, WEST_WING, NORTH),
        _wall("P-W", PARAPET, WEST_WING, NORTH, WEST_WING, 0.0),
    ],
}


def _column(x: float, y: float) -> Polygon:
    """500 × 500, flush with the structural face of the outer walls and with the corridor."""
    low_x = -0.1 if x == 0.0 else EAST - 0.4 if x == EAST else x - 0.25
    low_y = {0.0: -0.1, 6.9: 6.5, 9.6: 9.5, NORTH: NORTH - 0.4}[y]
    return box(low_x, low_y, low_x + 0.5, low_y + 0.5)


def _columns(west: float, without: set[tuple[float, float]]) -> dict[str, Polygon]:
    return {
        f"Z{column + 1}{'ABCD'[row]}": _column(x, y)
        for column, x in enumerate(AXES_X)
        for row, y in enumerate(AXES_Y)
        if x >= west and (x, y) not in without
    }


COLUMNS = {
    "F1": _columns(0.0, {(8.1, 6.9)}),
    "F2": _columns(0.0, {(8.1, 6.9)}),
    "F3": _columns(WEST_WING, {(32.4, 0.0), (32.4, 6.9)}),
}
HALL_COLUMNS = ("Z1A", "Z2A", "Z1B")  # stand free in the hall, where no floor slab meets them

# number -> (name, a point inside)
_CORE_ROOMS = {
    "楼梯间1": (26.2, 13.0),
    "电井": (31.6, 11.0),
    "水井": (31.6, 13.0),
    "排风井": (31.6, 15.0),
    "电梯井": (29.5, 15.0),
    "女卫生间": (33.8, 13.0),
    "男卫生间": (36.7, 13.0),
    "无障碍卫生间": (39.3, 11.0),
    "清洁间": (39.3, 14.0),
    "楼梯间2": (54.8, 13.0),
}
ROOMS: dict[str, dict[str, tuple[str, tuple[float, float]]]] = {
    "F1": {
        "101": ("多功能厅", (5.0, 3.0)),
        "102": ("门厅", (20.0, 3.0)),
        "103": ("日间照料活动室", (28.0, 3.0)),
        "104": ("老年人休息室（男）", (34.0, 3.0)),
        "105": ("老年人休息室（女）", (38.5, 3.0)),
        "106": ("全科诊室", (42.5, 3.0)),
        "107": ("中医诊室", (46.5, 3.0)),
        "108": ("候诊厅", (52.0, 3.0)),
        "109": ("走廊", (35.0, 8.2)),
        "110": ("演员休息室", (2.0, 13.0)),
        "111": ("储藏室", (6.0, 13.0)),
        "112": ("厨房", (10.5, 13.0)),
        "113": ("备餐间", (15.0, 13.0)),
        "114": ("老年食堂", (20.0, 13.0)),
        "115": ("康复训练室", (42.5, 13.0)),
        "116": ("治疗室", (46.5, 13.0)),
        "117": ("输液观察室", (50.5, 13.0)),
        **{f"1C{index}": room for index, room in enumerate(_CORE_ROOMS.items(), 1)},
    },
    "F2": {
        "101": ("", (5.0, 3.0)),  # the upper half of the hall
        "201": ("亲子活动室", (20.0, 3.0)),
        "202": ("书画室", (28.0, 3.0)),
        "203": ("棋牌室", (36.0, 3.0)),
        "204": ("心理咨询室", (42.5, 3.0)),
        "205": ("社工办公室", (46.5, 3.0)),
        "206": ("社区办公室", (52.0, 3.0)),
        "207": ("走廊", (35.0, 8.2)),
        "208": ("开架阅览区", (8.0, 13.0)),
        "209": ("阅览室", (20.0, 13.0)),
        "210": ("会议室", (44.5, 13.0)),
        "211": ("档案室", (50.5, 13.0)),
        **{f"2C{index}": room for index, room in enumerate(_CORE_ROOMS.items(), 1)},
    },
    "F3": {
        "301": ("健身房", (24.0, 3.0)),
        "302": ("舞蹈排练室", (36.0, 3.0)),
        "303": ("老年大学教室", (44.5, 3.0)),
        "304": ("手工教室", (52.0, 3.0)),
        "305": ("走廊", (35.0, 8.2)),
        "306": ("乒乓球室", (20.0, 13.0)),
        "307": ("培训教室", (44.5, 13.0)),
        "308": ("物业办公室", (50.5, 13.0)),
        **{f"3C{index}": room for index, room in enumerate(_CORE_ROOMS.items(), 1)},
    },
}

# (kind, middle of the opening on the wall's axis[, sill])
_CORE_DOORS = [
    ("FM1521乙", (26.25, 9.6)),
    ("FM0618丙", (30.9, 11.0)),
    ("FM0618丙", (30.9, 13.1)),
    ("FM0618丙", (32.4, 15.2)),
    ("DM1021", (29.55, 14.1)),
    ("M0921", (33.9, 9.6)),
    ("M0921", (36.6, 9.6)),
    ("TM1021", (39.3, 9.6)),
    ("M0921", (38.1, 13.4)),
    ("FM1521乙", (54.6, 9.6)),
]
DOORS: dict[str, list[tuple[str, tuple[float, float]]]] = {
    "F1": [
        ("M1824", (16.2, 8.2)),
        ("FM1521乙", (24.3, 8.25)),
        ("LM1824", (6.0, 0.0)),
        ("M1021", (2.0, 9.6)),
        ("M1521", (6.1, 9.6)),
        ("LM1524", (12.3, NORTH)),
        ("FM1021乙", (13.5, 12.0)),
        ("M1021", (16.2, 12.5)),
        ("M1521", (20.2, 9.6)),
        ("M1521", (28.4, 6.9)),
        ("M1221", (34.4, 6.9)),
        ("M1221", (38.5, 6.9)),
        ("M1021", (42.5, 6.9)),
        ("M1021", (46.5, 6.9)),
        ("M1521", (52.6, 6.9)),
        ("M1221", (42.5, 9.6)),
        ("M1221", (46.5, 9.6)),
        ("M1221", (50.7, 9.6)),
        ("LM1524", (EAST, 8.25)),
        ("LM1524", (EAST, 3.2)),
        *_CORE_DOORS,
    ],
    "F2": [
        ("M1521", (20.2, 9.6)),
        ("M1521", (16.2, 13.0)),
        ("M1521", (20.2, 6.9)),
        ("M1521", (28.4, 6.9)),
        ("M1521", (36.4, 6.9)),
        ("M1021", (42.5, 6.9)),
        ("M1021", (46.5, 6.9)),
        ("M1521", (52.6, 6.9)),
        ("M1521", (44.5, 9.6)),
        ("M1021", (50.7, 9.6)),
        *_CORE_DOORS,
    ],
    "F3": [
        ("LM1524", (16.2, 8.25)),
        ("M1521", (20.2, 9.6)),
        ("M1521", (20.2, 6.9)),
        ("M1521", (28.4, 6.9)),
        ("M1521", (36.4, 6.9)),
        ("M1521", (44.5, 6.9)),
        ("M1521", (52.6, 6.9)),
        ("M1521", (44.5, 9.6)),
        ("M1021", (50.7, 9.6)),
        *_CORE_DOORS,
    ],
}


def _north(
    *middles: float, kind: str = "C2421", sill: float = 0.9
) -> list[tuple[str, tuple[float, float], float]]:
    return [(kind, (x, NORTH), sill) for x in middles]


def _south(
    *middles: float, kind: str = "C2421", sill: float = 0.9
) -> list[tuple[str, tuple[float, float], float]]:
    return [(kind, (x, 0.0), sill) for x in middles]


_CORE_WINDOWS = [
    *_north(26.25, kind="C1815", sill=1.2),
    *_north(33.85, 36.7, kind="C0912", sill=1.8),
    *_north(39.3, kind="C0912", sill=1.8),
    *_north(54.75, kind="C1815", sill=1.2),
]
WINDOWS: dict[str, list[tuple[str, tuple[float, float], float]]] = {
    "F1": [
        *_south(2.2, 9.9, 13.5, kind="C2430"),
        ("C2430", (0.0, 2.2), 0.9),
        ("C2430", (0.0, 5.0), 0.9),
        ("C1830", (0.0, 8.2), 0.9),
        *_south(26.6, 30.1, 50.6, 54.6),
        *_south(34.4, 38.5, 42.5, 46.6),
        ("C1821", (0.0, 13.1), 0.9),
        *_north(2.0, 6.2, kind="C1821"),
        *_north(10.0, kind="C1821"),
        *_north(14.85, kind="C1221"),
        *_north(18.4, 22.0, 42.5, 46.6),
        *_north(50.7, kind="C1821"),
        *_CORE_WINDOWS,
    ],
    "F2": [
        *_south(2.2, 6.0, 9.9, 13.5, kind="C2415", sill=1.2),
        ("C2415", (0.0, 2.2), 1.2),
        ("C2415", (0.0, 5.0), 1.2),
        *_south(18.4, 22.1, 26.6, 30.1, 34.6, 38.3, 50.6, 54.6),
        *_south(42.5, 46.6),
        *_north(2.2, 5.9, 10.3, 14.0, 18.4, 22.0),
        ("C2421", (0.0, 13.1), 0.9),
        *_north(42.6, 46.4),
        *_north(50.7, kind="C1821"),
        *_CORE_WINDOWS,
    ],
    "F3": [
        *_south(18.4, 22.1, 26.6, 30.1),
        *_south(34.6, 38.3, 42.7, 46.4, 50.8, 54.5, kind="C2718"),
        *[("C3008", (x, 6.9), 4.25) for x in (34.6, 38.3, 42.7, 46.4, 50.8, 54.5)],
        *_north(18.4, 22.0, 42.6, 46.4),
        *_north(50.7, kind="C1821"),
        ("C1821", (WEST_WING, 13.0), 0.9),
        ("C1821", (WEST_WING, 3.5), 0.9),
        *_CORE_WINDOWS,
    ],
}
SKYLIGHTS = [(28.4, 8.25), (36.4, 8.25), (44.5, 8.25), (52.6, 8.25)]  # middles, over the upper corridor
