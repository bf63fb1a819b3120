"""The block's plan. Metres, x east, y north, origin at the south-west corner of the land."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry import LineString, MultiLineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from sample_models.covers import Layer

BOUNDARY = Polygon([(0, 0), (205, 0), (220, 12), (220, 180), (0, 180)])
GROUND = 0.0
ROOF_DEPTH = 0.3

# (x, y) of the south-west axis corner, storeys
TOWERS = [
    *((x, 20.0, 11) for x in (17.0, 66.0, 115.0, 164.0)),
    *((x, 80.0, 18) for x in (17.0, 164.0)),
    *((x, 141.0, 18) for x in (17.0, 66.0, 115.0, 164.0)),
]
# name, outline, storeys, storey height, cover, use
LOW_BUILDINGS = [
    ("社区用房", box(62.0, 112.0, 98.0, 126.0), 2, 4.2, "green_roof", "社区服务"),
    (
        "幼儿园",
        Polygon([(112, 112), (152, 112), (152, 126), (134, 126), (134, 120), (112, 120)]),
        3,
        3.6,
        "green_roof",
        "教育",
    ),
    ("南门卫", box(116.5, 2.0, 122.5, 6.5), 1, 3.3, "roof", "门卫"),
    ("东门卫", box(216.4, 71.0, 219.4, 75.5), 1, 3.3, "roof", "门卫"),
]
SHEDS = [
    ("非机动车棚1", box(57.5, 22.0, 60.5, 42.0)),
    ("非机动车棚2", box(106.5, 22.0, 109.5, 42.0)),
    ("非机动车棚3", box(106.5, 143.0, 109.5, 163.0)),
    ("非机动车棚4", box(57.5, 143.0, 60.5, 163.0)),
    ("垃圾分类收集点", box(205.0, 118.0, 209.5, 124.0)),
]
WASTE_POINT = (205.2, 120.5)
TANK = (box(124.0, 48.0, 138.0, 56.0), 2.7)  # outline, water depth


def _band(width: float, *points: tuple[float, float]) -> BaseGeometry:
    """A strip of ``width`` along a line, with square ends and mitred bends."""
    return LineString(points).buffer(width / 2, cap_style="flat", join_style="mitre")


def _ring(outer: BaseGeometry, width: float) -> BaseGeometry:
    return outer.difference(outer.buffer(-width, join_style="mitre"))


RING_ROAD = _ring(box(4.0, 10.0, 216.0, 176.0).intersection(BOUNDARY.buffer(-3.0, join_style="mitre")), 6.0)
ROADS = unary_union(
    [
        RING_ROAD,
        _band(7.0, (110.0, 0.0), (110.0, 14.0)),  # south gate
        _band(7.0, (210.0, 66.0), (220.0, 66.0)),  # east gate
        _band(6.0, (8.0, 62.0), (212.0, 62.0)),
        _band(5.0, (8.0, 131.0), (212.0, 131.0)),
    ]
)


def _bays(x0: float, x1: float, y0: float, y1: float) -> tuple[BaseGeometry, int]:
    """A row of bays 2.5 m wide in a strip, and their number."""
    count = int((x1 - x0) / 2.5)
    return box(x0, y0, x0 + 2.5 * count, y1), count


_PARKING = [
    _bays(14.0, 52.0, 53.7, 59.0),
    _bays(66.0, 100.0, 53.7, 59.0),
    _bays(142.0, 200.0, 53.7, 59.0),
    _bays(14.0, 52.0, 133.5, 138.8),
    _bays(168.0, 202.0, 133.5, 138.8),
]
BAYS = sum(count for _, count in _PARKING)
POND = Point(110, 88).buffer(11.0, quad_segs=6).union(Point(124, 92).buffer(8.0, quad_segs=6))
_TRACK_AXIS = box(62.0, 70.0, 158.0, 106.0).buffer(-10.0).buffer(10.0, quad_segs=4).exterior
TRACK = _TRACK_AXIS.buffer(0.9, quad_segs=2)
TRACK_LENGTH = _TRACK_AXIS.length
_FOOTPATHS = MultiLineString(
    [
        *([(x + 19.2, 34.0), (x + 19.2, 50.0)] for x in (17.0, 66.0, 115.0, 164.0)),
        *([(x + 10.2, 36.0), (x + 10.2, 50.0)] for x in (17.0, 66.0, 115.0, 164.0)),
        *([(x + 10.2, 95.0), (x + 10.2, 110.0)] for x in (17.0, 164.0)),
        *([(x + 10.2, 156.0), (x + 10.2, 170.0)] for x in (17.0, 66.0, 115.0, 164.0)),
        [(10.0, 50.0), (210.0, 50.0)],
        [(10.0, 108.5), (210.0, 108.5)],
        [(58.0, 62.0), (58.0, 131.0)],
        [(160.0, 62.0), (160.0, 131.0)],
        [(110.0, 65.0), (110.0, 78.0)],
        [(104.5, 98.0), (104.5, 130.0)],
        [(10.0, 166.5), (210.0, 166.5)],
    ]
)
LAYERS = [
    Layer("车行道", "road", ROADS),
    Layer(
        "植草砖停车位",
        "parking",
        unary_union([shape for shape, _ in _PARKING]),
        facts={"Bays": BAYS, "BaysWithCharger": round(BAYS * 0.3), "AccessibleBays": 4},
    ),
    Layer("景观水池", "water", POND, storage_depth=0.30),
    Layer(
        "健身步道",
        "permeable_paving",
        TRACK,
        facts={"Use": "健身步道", "Width": 1.8, "Length": round(TRACK_LENGTH, 1)},
    ),
    Layer("健身场地", "permeable_paving", box(66.0, 74.0, 84.0, 96.0), facts={"Use": "健身场地"}),
    Layer("儿童游乐场", "permeable_paving", box(138.0, 76.0, 154.0, 96.0), facts={"Use": "儿童活动场地"}),
    Layer("入口广场", "paving", box(97.0, 0.0, 123.0, 10.0), facts={"Use": "广场"}),
    Layer("幼儿园活动场", "permeable_paving", box(112.0, 120.0, 134.0, 126.0), facts={"Use": "儿童活动场地"}),
    Layer(
        "非机动车棚与收集点铺装",
        "paving",
        unary_union([outline.buffer(0.5, join_style="mitre") for _, outline in SHEDS]),
    ),
    Layer("透水砖人行道", "permeable_paving", _FOOTPATHS.buffer(1.2, cap_style="flat", join_style="mitre")),
    Layer(
        "宅前硬质铺装",
        "paving",
        unary_union([box(x + 4.0, y + 13.4, x + 34.4, y + 16.4) for x, y, _ in TOWERS]),
    ),
    Layer(
        "下凹式绿地",
        "sunken_green",
        unary_union(
            [
                _band(3.0, (12.0, 17.2), (208.0, 17.2)),
                _band(5.0, (12.0, 45.0), (208.0, 45.0)),
                _band(6.0, (12.0, 70.0), (56.0, 70.0)),
                _band(6.0, (162.0, 70.0), (208.0, 70.0)),
                _band(8.0, (12.0, 102.0), (56.0, 102.0)),
                _band(8.0, (162.0, 102.0), (208.0, 102.0)),
                _band(8.0, (12.0, 120.0), (56.0, 120.0)),
                _band(8.0, (162.0, 120.0), (203.0, 120.0)),
                _band(4.0, (12.0, 161.5), (208.0, 161.5)),
                box(86.0, 72.0, 98.0, 104.0),
            ]
        ),
        storage_depth=0.15,
    ),
]


def trees() -> Iterator[tuple[str, float, float]]:
    """Species and place: street trees outside the kerbs, groups on the lawns."""
    crowded = unary_union(
        [
            LineString([(x, y - 2), (x + 38.4, y - 2), (x + 38.4, y + 16), (x, y + 16)]).convex_hull
            for x, y, _ in TOWERS
        ]
    )
    crowded = crowded.buffer(3.5)
    hard = unary_union(
        [ROADS, POND, *(shape for shape, _ in _PARKING), *(outline for _, outline, *_ in LOW_BUILDINGS)]
    )
    hard = unary_union([hard.buffer(0.7), LAYERS[4].shape, LAYERS[5].shape, LAYERS[6].shape, TANK[0]])
    hard = unary_union([hard, *(outline.buffer(1.0) for _, outline in SHEDS)])
    rows = [("香樟", float(x), y) for y in (8.6, 177.6) for x in range(14, 208, 8)]
    rows += [("香樟", x, float(y)) for x in (2.0, 218.0) for y in range(18, 172, 8)]
    rows += [("银杏", float(x), y) for y in (66.2, 127.2) for x in range(14, 208, 9)]
    rows += [("桂花", float(x), y) for y in (47.4, 103.5, 158.5, 116.0) for x in range(15, 206, 7)]
    rows += [
        ("香樟", float(x), float(y))
        for x, y in ((90, 80), (90, 98), (130, 75), (132, 101), (101, 75), (95, 69))
    ]
    for species, x, y in rows:
        place = Point(x, y)
        if BOUNDARY.contains(place) and not hard.contains(place) and not crowded.contains(place):
            yield species, x, y
