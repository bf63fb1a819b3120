"""A small evaluation made by hand, for the tests of what is written from one."""

from __future__ import annotations

import numpy as np

from ifc.model import Diagnostic, Provenance, Severity, Text, Traced
from tests.building_blocks import Blocks
from twin.climate import Climate
from twin.evaluate import Evaluation
from twin.metrics.result import Assumption, Field, MetricResult, Need, Quantity, Table
from twin.project import Project
from twin.rating.result import ClauseResult, GroupScore, ItemResult, Scorecard, Verdict


def same(text: str) -> Text:
    return Text(text, text)


def example_model():
    blocks = Blocks(north_deg=15.0)
    blocks.storey("一层", 0.0)
    wall = blocks.box("IfcWall", (0, -0.2, 0), (6, 0, 3))
    blocks.opening(wall, (1, -0.2, 1), (3, 0, 2.2), filling="IfcWindow")
    blocks.space((0, 0, 0), (6, 4, 3), name="101", long_name="阅览室 <A&B>", use="library")
    return blocks.model()


def example_climate() -> Climate:
    hours = np.zeros(8760)
    names = (
        "dry_bulb_c", "dew_point_c", "relative_humidity_pct", "pressure_pa", "wind_speed_m_s",
        "wind_direction_deg", "global_horizontal_w_m2", "direct_normal_w_m2", "diffuse_horizontal_w_m2",
        "sky_infrared_w_m2",
    )  # fmt: skip
    return Climate(
        place="Nanchang", latitude_deg=28.6, longitude_deg=115.9, elevation_m=46.7, utc_offset_h=8,
        rain=None, source="test", note=same("none"), sha256="0" * 64, **dict.fromkeys(names, hours),
    )  # fmt: skip


def example_item(verdict: Verdict = Verdict.MET, points: float = 12.0) -> ItemResult:
    need = Need(
        Text("Annual daylight is missing.", "缺少全年动态采光结果。"), same("[facts.x]"), ("element000004",)
    )
    return ItemResult(
        id="5.2.8-P3", label=same("Daylight"), verdict=verdict,
        points=points if verdict is Verdict.MET else 0.0,
        attainable_points=0.0 if verdict is Verdict.NOT_MET else points, max_points=points,
        value=61.5 if verdict is not Verdict.CANNOT_TELL else None, limit=60.0, unit="%",
        formula="A_d / A × 100 %", provenance="derived" if verdict is not Verdict.CANNOT_TELL else "",
        source="greentwin daylight", reason=Text("61.5 % of the area.", "达标面积 61.5%。"),
        missing=(need,) if verdict is Verdict.CANNOT_TELL else (), elements=("element000004",),
    )  # fmt: skip


def example_clause(verdict: Verdict, id: str = "5.2.8", kind: str = "scoring") -> ClauseResult:
    points = 0.0 if kind == "control" else 12.0
    item = example_item(verdict, points)
    return ClauseResult(
        id=id, edition="2024", kind=kind, group="health_comfort", title=Text("Use of daylight", "充分利用天然光"),
        verdict=verdict, points=item.points, attainable_points=item.attainable_points, max_points=points,
        items=(item,), reason=item.reason, evaluator="model", confidence="medium",
    )  # fmt: skip


def example_scorecard(stars: int = 1) -> Scorecard:
    clauses = (
        example_clause(Verdict.MET),
        example_clause(Verdict.NOT_MET, "5.2.9"),
        example_clause(Verdict.CANNOT_TELL, "5.2.10"),
        example_clause(Verdict.CANNOT_TELL, "5.1.1", "control"),
    )
    group = GroupScore("health_comfort", Text("Health", "健康舒适"), 12, 24, 100, 30, Verdict.CANNOT_TELL)
    return Scorecard(
        standard="GB/T 50378-2019", edition="2024", stage="pre_evaluation", building_type="public",
        score_guaranteed=61.2, score_attainable=88.0, stars_guaranteed=stars, stars_attainable=3,
        control_items_met=Verdict.CANNOT_TELL, groups=(group,), clauses=clauses,
        star_requirements={2: (example_item(Verdict.CANNOT_TELL, 0.0),)},
    )  # fmt: skip


def example_metrics(model) -> dict[str, MetricResult]:
    x, y = np.meshgrid(np.arange(0.75, 5.5, 0.5), np.arange(0.75, 3.5, 0.5))
    points = np.c_[x.ravel(), y.ravel(), np.full(x.size, 0.75)]
    daylight = MetricResult(
        name="daylight", version="1",
        summary={
            "daylight_factor_mean_pct": Quantity(2.5, "%", Text("Mean DF", "采光系数平均值"), "E_i/E_o", "GB 50033"),
            "share": Quantity(None, "%", same("Share"), "", "", (Need(same("No rooms."), same("Add rooms.")),)),
        },
        table={
            "global_id": np.array([model.spaces.global_id[0]], object),
            "name": np.array(["101"], object),
            "daylight_factor_mean_pct": np.array([2.5]),
            "uniformity": np.array([np.nan]),
        },
        table_units={"daylight_factor_mean_pct": "%"},
        fields={
            "daylight_factor": Field(
                "%", same("DF"), points, 5.0 / points[:, 1], np.zeros(len(points), np.int32), 0.5
            )
        },
        assumptions=(
            Assumption(
                Text("Reflectance of ceilings", "顶棚反射比"),
                Traced(0.75, "1", Provenance.DEFAULT, "JGJ/T 449", "medium"),
                ("element000004",),
            ),
        ),
    )  # fmt: skip
    months = np.arange(12.0)
    energy = MetricResult(
        name="energy", version="1",
        summary={"heating_need_kwh_m2": Quantity(21.0, "kWh/m²", same("Heating"), "ΣΦ/A", "ISO 52016-1")},
        series={"heating_need_kwh": 5000 - 400 * months, "cooling_need_kwh": 300 * months,
                "infiltration_kwh": -100 * months},
    )  # fmt: skip
    wall = {"global_id": np.array(["wall01"], object), "azimuth_deg": np.array([np.nan]),
            "pv_yield_kwh": np.array([1234.0])}  # fmt: skip
    surfaces = Table(Text("Yield by surface", "各表面发电量"), wall, {"pv_yield_kwh": "kWh/a"})
    sunlight = MetricResult("sunlight", "4", {}, tables={"photovoltaic_surfaces": surfaces})
    return {"daylight": daylight, "sunlight": sunlight, "energy": energy}


def example_evaluation(stars: int = 1) -> Evaluation:
    model = example_model()
    finding = Diagnostic(
        "space-without-window", Severity.WARNING, Text("Room 101 has no window.", "房间 101 没有外窗。"),
        Text("Model its window.", "请建模外窗。"), "element000004",
    )  # fmt: skip
    return Evaluation(
        model=model,
        project=Project(),
        climate=example_climate(),
        metrics=example_metrics(model),
        scorecard=example_scorecard(stars),
        diagnostics=(finding,),
        seconds={"read": 0.5},
        peak_memory_mb=200.0,
    )
