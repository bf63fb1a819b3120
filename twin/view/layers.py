"""What an evaluated model can be coloured by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.metrics.sunlight.facade import facade_points, sunny_points
from twin.report.words import COLUMNS
from viewer.layers import Category, Cells, Floats, Layer
from viewer.shown import space_rows

if TYPE_CHECKING:
    from twin.evaluate import Evaluation
    from twin.metrics.result import Field, MetricResult

FLOOD_TOP_M = 0.4
FLOOD_TOP_M_S = 1.0
DAYLIGHT_TOP_PCT = 5.0  # as in the report, so that pages compare
_FLOOR_GAP_M = 0.04
_CELL_SHARE = 0.5  # half a side of a square over its spacing: squares touch
# After Okabe and Ito (2008), which colour-blind people can tell apart.
_GRADES = {
    "A": (Text("A: closed, checked", "A：封闭且已核对"), "#009e73"),
    "B": (Text("B: closed with small gaps", "B：基本封闭"), "#56b4e9"),
    "C": (Text("C: from other evidence", "C：由其他依据得到"), "#e69f00"),
    "D": (Text("D: not usable", "D：不可用"), "#d55e00"),
}
_COVERS = {
    "roof": (Text("roof", "屋面"), "#999999"),
    "green_roof": (Text("green roof", "绿化屋面"), "#86c166"),
    "road": (Text("road", "道路"), "#5d5d5d"),
    "paving": (Text("paving", "硬质铺装"), "#c9b08b"),
    "permeable_paving": (Text("permeable paving", "透水铺装"), "#e69f00"),
    "green": (Text("green", "绿地"), "#009e73"),
    "sunken_green": (Text("sunken green", "下沉式绿地"), "#00614a"),
    "water": (Text("water", "水体"), "#0072b2"),
    "tank": (Text("tank", "调蓄池"), "#56b4e9"),
    "tree": (Text("tree", "乔木"), "#3f7d3a"),
    "parking": (Text("parking", "停车场"), "#cc79a7"),
}
_EVALUATED_BY_ROOM = (
    # metric, column, column of what is asked, low, high (None: from the values)
    ("daylight", "daylight_factor_mean_pct", "required_pct", 0.0, DAYLIGHT_TOP_PCT),
    ("daylight", "disturbing_glare_pct", None, 0.0, 50.0),
    ("energy", "heating_need_kwh_m2", None, 0.0, None),
    ("energy", "cooling_need_kwh_m2", None, 0.0, None),
    ("sunlight", "hours", "required_h", 0.0, None),
)
_RULES = {
    "daylight": Text(
        "Light on the working plane under the overcast sky, over that outdoors; held against the room's use.",
        "全阴天条件下工作面照度与室外照度之比，并与房间用途的标准值比较。",
    ),
    "daylight_hours": Text(
        "Hours of a usual day in which daylight alone gives the illuminance that the use asks for.",
        "典型日内仅靠天然光达到该用途要求照度的小时数。",
    ),
    "view_angle": Text(
        "Horizontal angle in which a standing person sees outdoors through the windows of the room.",
        "站立者透过本房间外窗可看到室外的水平视角。",
    ),
    "disturbing_glare_pct": Text(
        "Share of the hours from 8 to 18 with a glare probability DGP above 0.40, 1.5 m before the window.",
        "距窗 1.5 m 处 8～18 时天然光眩光概率 DGP 大于 0.40 的时数比例。",
    ),
    "energy": Text(
        "Heat to be supplied or removed in a year at ideal loads, over the floor area of the room.",
        "理想负荷下全年需供给或移除的热量，除以房间面积。",
    ),
    "facade_sky_view": Text(
        "Share of open sky in what the place looks at, by cosine; 0.5 where nothing stands before a wall.",
        "该处按余弦加权的半球视野中天空所占比例；墙前无遮挡时为 0.5。",
    ),
    "surface_irradiation": Text(
        "Energy of sun and sky in the typical year, shaded by everything opaque in the model.",
        "典型年太阳直射与散射辐照量，计入模型中一切不透明构件的遮挡。",
    ),
    "surface_pv_yield": Text(
        "Electricity of modules that lie along the face, by PVWatts and the shadows of each hour.",
        "沿该表面铺设的光伏组件年发电量，按 PVWatts 逐时计算并计入遮挡。",
    ),
    "sunlight": Text(
        "Time within the effective sun hours of the day in which the sun reaches the place unobstructed.",
        "日照有效时间带内太阳光无遮挡直射的累计时间。",
    ),
    "sponge": Text("Share of the rain that runs off the cover at once.", "该下垫面直接形成径流的雨量比例。"),
    "flood": Text(
        "The deepest and the fastest water of a rare storm; buildings block it, pipes take none.",
        "罕遇暴雨下各处最大积水深度与水流速度；建筑阻水，未计管网排水。",
    ),
    "covers": Text("What covers the ground, seen from above.", "俯视可见的下垫面类型。"),
    "grade": Text(
        "How well the geometry of the room is known; poor grades cost clauses their certainty.",
        "房间几何的可信程度；等级较低时相关条文可能无法判定。",
    ),
    "u_value": Text(
        "Heat that passes through a square metre per kelvin, from the layers or as the file states it.",
        "单位面积、单位温差的传热量，由构造层计算或取自模型。",
    ),
}


def layers_of(model: BuildingModel, evaluation: Evaluation | None = None) -> list[Layer]:
    """Every layer that a model, and its evaluation where there is one, can show."""
    found: list[Layer] = []
    if evaluation is not None:
        found += _heat_maps(model, evaluation)
        for name, column, asked, low, high in _EVALUATED_BY_ROOM:
            metric = evaluation.metrics.get(name)
            if metric is not None and column in metric.table:
                found.append(_by_room(model, metric, column, asked, low, high))
        found += _covers(model, evaluation.metrics.get("sponge"))
        found += _flood(model, evaluation.metrics.get("sponge"))
    found += _grades(model)
    found += _u_values(model)
    return found


def _heat_maps(model: BuildingModel, evaluation: Evaluation) -> Iterator[Layer]:
    daylight = evaluation.metrics.get("daylight")
    if daylight is not None:
        for name, top in (
            ("daylight_factor", DAYLIGHT_TOP_PCT), ("daylight_hours", 12.0), ("view_angle", 120.0),
        ):  # fmt: skip
            if _has_values(daylight, name):
                rule = _RULES["daylight" if name == "daylight_factor" else name]
                yield _floor_layer(model, daylight, name, top, rule)
    sunlight = evaluation.metrics.get("sunlight")
    for name in ("facade_sunlight", "facade_sky_view", "surface_irradiation", "surface_pv_yield"):
        if sunlight is not None and _has_values(sunlight, name):
            yield _facade_layer(model, sunlight, name)


def _has_values(metric: MetricResult, field: str) -> bool:
    return field in metric.fields and len(metric.fields[field].values) > 0


def _floor_layer(model: BuildingModel, metric: MetricResult, name: str, top: float, rule: Text) -> Layer:
    field = metric.fields[name]
    rows = _rows(model, metric)
    along, across = _axes(field)
    row = np.where(field.table_row >= 0, rows[field.table_row], -1).astype(np.int32)
    cells = Cells(_on_the_floor(model, field.points, row), along, across, row, field.values)
    key = {
        "daylight_factor": "daylight_factor_mean_pct",
        "daylight_hours": "hours_per_day",
        "view_angle": "view_angle_deg",
    }[name]
    means = metric.table[key].astype(np.float64) if key in metric.table else np.full(len(rows), np.nan)
    room, values, limit = _all_rooms(model, rows, means, metric.table.get("required_pct"))
    source = next(
        (one.source for key, one in metric.summary.items() if key.startswith(name)),
        next(iter(metric.summary.values())).source if metric.summary else "",
    )
    return Layer(
        id=f"daylight.{name}", label=field.label, unit=field.unit, group="daylight", row=room, values=values,
        low=0.0, high=top, rule=rule, source=source, cells=cells,
        limit=limit if name == "daylight_factor" else None, notes=_reasons(rows, metric),
    )  # fmt: skip


def _on_the_floor(model: BuildingModel, points: Floats, row: NDArray[np.int32]) -> Floats:
    """Points of a working plane, let down to a little above the floor of their room."""
    floor = dict(zip(space_rows(model).tolist(), model.spaces.floor_z_m.tolist(), strict=True))
    lowered = points.copy()
    for one in np.unique(row):
        mine = row == one
        lowered[mine, 2] -= points[mine, 2].min() - floor.get(int(one), np.nan) - _FLOOR_GAP_M
    return lowered


def _axes(field: Field) -> tuple[Floats, Floats]:
    """Half sides (n, 3) of the squares about grid points; each room has a direction of its own."""
    half = _CELL_SHARE * field.spacing_m
    along = np.tile([half, 0.0, 0.0], (len(field.points), 1))
    for row in np.unique(field.table_row):
        mine = np.flatnonzero(field.table_row == row)
        if len(mine) < 2:
            continue
        steps = field.points[mine[1:], :2] - field.points[mine[:-1], :2]
        length = np.hypot(steps[:, 0], steps[:, 1])
        beside = np.abs(length - field.spacing_m) < 0.05 * field.spacing_m
        if beside.any():
            first = steps[np.flatnonzero(beside)[0]]
            along[mine, :2] = first / np.hypot(*first) * half
    return along, np.column_stack([-along[:, 1], along[:, 0], np.zeros(len(along))])


def _facade_layer(model: BuildingModel, metric: MetricResult, name: str) -> Layer:
    field = metric.fields[name]
    outside = facade_points(model) if name.startswith("facade") else sunny_points(model)
    half = _CELL_SHARE * outside.spacing_m
    walls = model.surfaces.element[outside.surface]
    rooms = space_rows(model)
    row = np.where(walls >= 0, walls, rooms[model.surfaces.space[outside.surface]]).astype(np.int32)
    cells = Cells(
        field.points, half * outside.along, half * np.cross(outside.normals, outside.along), row, field.values
    )
    kept, group = np.unique(row, return_inverse=True)
    mean = np.bincount(group, field.values) / np.maximum(np.bincount(group), 1)
    told = {"facade_sunlight": "sunlight_units", "surface_pv_yield": "_pv_potential_kwh"}.get(name)
    sources = [one.source for key, one in metric.summary.items() if told is not None and key.endswith(told)]
    top = {"facade_sky_view": 0.5, "facade_sunlight": max(1.0, float(np.ceil(field.values.max())))}
    return Layer(
        id=f"sunlight.{name}", label=field.label, unit=field.unit, group="sunlight",
        row=kept.astype(np.int32), values=mean, low=0.0,
        high=top.get(name, _round_up(float(field.values.max()))),
        rule=_RULES["sunlight" if name == "facade_sunlight" else name],
        source=sources[0] if sources else "", cells=cells,
    )  # fmt: skip


def _by_room(
    model: BuildingModel,
    metric: MetricResult,
    column: str,
    asked: str | None,
    low: float,
    high: float | None,
) -> Layer:
    rows = _rows(model, metric)
    values = metric.table[column].astype(np.float64)
    room, known, limit = _all_rooms(model, rows, values, metric.table.get(asked) if asked else None)
    finite = known[np.isfinite(known)]
    top = high if high is not None else _round_up(float(finite.max()) if len(finite) else 1.0)
    quantity = metric.summary.get(column)
    label = COLUMNS.get(column, Text(column, column))
    return Layer(
        id=f"{metric.name}.{column}", unit=metric.table_units.get(column, ""), group=metric.name, row=room,
        label=Text(f"{label.en}, by room", f"{label.zh}（逐房间）"), values=known, low=low, high=top,
        rule=_RULES.get(column, _RULES[metric.name]), source=quantity.source if quantity else "", limit=limit,
        notes=_reasons(rows, metric),
    )  # fmt: skip


def _rows(model: BuildingModel, metric: MetricResult) -> NDArray[np.int32]:
    """Scene row of each row of a metric's table, -1 for what the model does not have."""
    of_space = dict(zip(map(str, model.spaces.global_id), space_rows(model).tolist(), strict=True))
    of_element = model.elements.row_of
    return np.array(
        [
            of_space.get(str(one), of_element.get(str(one), -1))
            for one in metric.table.get("global_id", np.zeros(0, object))
        ],
        np.int32,
    )


def _all_rooms(
    model: BuildingModel,
    rows: NDArray[np.int32],
    values: Floats,
    asked: NDArray[np.generic] | None,
) -> tuple[NDArray[np.int32], Floats, Floats | None]:
    """Values and limits of every room of the model: NaN where the metric does not tell."""
    rooms = space_rows(model)
    rooms = rooms[model.spaces.internal] if len(rooms) else rooms
    own = {int(row): index for index, row in enumerate(rows.tolist())}
    index = [own.get(int(row), -1) for row in rooms]
    known = np.array([values[one] if one >= 0 else np.nan for one in index], np.float64)
    if asked is None:
        return rooms, known, None
    numbers = asked.astype(np.float64)
    return rooms, known, np.array([numbers[one] if one >= 0 else np.nan for one in index], np.float64)


def _reasons(rows: NDArray[np.int32], metric: MetricResult) -> dict[int, Text]:
    english, chinese = metric.table.get("reason_en"), metric.table.get("reason_zh")
    if english is None or chinese is None:
        return {}
    return {
        int(row): Text(str(en), str(zh))
        for row, en, zh in zip(rows, english, chinese, strict=True)
        if row >= 0 and en
    }


def _covers(model: BuildingModel, metric: MetricResult | None) -> Iterator[Layer]:
    covers = model.ground_covers
    if not len(covers):
        return
    kinds = list(_COVERS)
    known = np.array([kinds.index(kind) if kind in kinds else np.nan for kind in covers.kind], np.float64)
    yield Layer(
        id="sponge.cover", label=Text("Ground cover", "下垫面"), unit="", group="sponge",
        row=covers.element.astype(np.int32), values=known, low=0.0, high=len(kinds) - 1.0,
        rule=_RULES["covers"], source="", categories=_categories(_COVERS),
    )  # fmt: skip
    if metric is not None and "runoff_coefficient" in metric.table:
        quantity = metric.summary.get("weighted_runoff_coefficient")
        yield Layer(
            id="sponge.runoff_coefficient", label=COLUMNS["runoff_coefficient"], unit="", group="sponge",
            row=_rows(model, metric), values=metric.table["runoff_coefficient"].astype(np.float64),
            low=0.0, high=1.0, rule=_RULES["sponge"], source=quantity.source if quantity else "",
        )  # fmt: skip


def _flood(model: BuildingModel, metric: MetricResult | None) -> Iterator[Layer]:
    """The deepest and the fastest water of a rare storm on the cells of the ground."""
    for name, most, top in (
        ("flood_depth", "flood_deepest_m", FLOOD_TOP_M),
        ("flood_speed", "flood_fastest_m_s", FLOOD_TOP_M_S),
    ):
        if metric is not None and _has_values(metric, name):
            yield _of_flood(model, metric, name, most, top)


def _of_flood(model: BuildingModel, metric: MetricResult, name: str, most: str, top: float) -> Layer:
    field = metric.fields[name]
    rows = _rows(model, metric)[field.table_row].astype(np.int32)
    half = _CELL_SHARE * field.spacing_m
    along = np.tile([half, 0.0, 0.0], (len(rows), 1))
    above = field.points + np.array([0.0, 0.0, _FLOOR_GAP_M])
    cells = Cells(above, along, along[:, [1, 0, 2]], rows, field.values)
    kept, group = np.unique(rows[rows >= 0], return_inverse=True)
    highest = np.zeros(len(kept))
    np.maximum.at(highest, group, field.values[rows >= 0])
    quantity = metric.summary.get(most)
    return Layer(
        id=f"sponge.{name}", label=field.label, unit=field.unit, group="sponge",
        row=kept.astype(np.int32),
        values=highest, low=0.0, high=top, rule=_RULES["flood"],
        source=quantity.source if quantity else "",
        cells=cells,
    )  # fmt: skip


def _grades(model: BuildingModel) -> Iterator[Layer]:
    if not len(model.spaces):
        return
    names = list(_GRADES)
    spaces = model.spaces
    rows = space_rows(model)
    values = np.array([names.index(g) if g in names else np.nan for g in spaces.grade], np.float64)
    yield Layer(
        id="model.grade", label=COLUMNS["grade"], unit="", group="model", row=rows, values=values, low=0.0,
        high=3.0, rule=_RULES["grade"], source="docs/surfaces.md", categories=_categories(_GRADES),
        notes={
            int(row): Text(str(en), str(zh))
            for row, en, zh in zip(rows, spaces.grade_reason_en, spaces.grade_reason_zh, strict=True)
            if en
        },
    )  # fmt: skip


def _u_values(model: BuildingModel) -> Iterator[Layer]:
    values = [
        float(one.u_value_w_m2k.value) if one.u_value_w_m2k is not None else np.nan
        for one in model.constructions
    ]
    built = model.elements.construction
    rows = np.flatnonzero(built >= 0).astype(np.int32)
    if not len(rows):
        return
    yield Layer(
        id="model.u_value", label=Text("U-value", "传热系数"), unit="W/(m²·K)", group="model", row=rows,
        values=np.array(values, np.float64)[built[rows]], low=0.0, high=3.0, rule=_RULES["u_value"],
        source="GB 50176-2016",
    )  # fmt: skip


def _categories(table: dict[str, tuple[Text, str]]) -> tuple[Category, ...]:
    return tuple(Category(label, colour) for label, colour in table.values())


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9)))
