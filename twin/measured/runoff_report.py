"""Measured beside simulated runoff as JSON and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ifc.model import Language, Text
from sensors.readings import MICROSECONDS
from twin.measured.hours import Floats
from twin.measured.level_sensors import MEANS, STORES
from twin.measured.rain_events import rules
from twin.measured.runoff import Course, MeasuredRunoff, Rate

DIGITS = 5  # significant, of the columns


def runoff_to_dict(found: MeasuredRunoff) -> dict[str, Any]:
    """Everything that was found, as JSON values; columns have the steps of the gauge from ``begin`` on."""
    gauge, rule = found.gauge, rules()

    def time(step: int) -> str:
        moment_s = (gauge.begin_us + step * gauge.step_us) // MICROSECONDS
        return datetime.fromtimestamp(moment_s, UTC).isoformat().replace("+00:00", "Z")

    return {
        "begin": time(0),
        "end": time(len(gauge.record.depth_mm)),
        "step_s": gauge.record.step_s,
        "gauge": {
            "point": gauge.record.source,
            "known_pct": round(100.0 * gauge.known, 2),
            "silent_pct": round(gauge.silent_pct, 2),
            "rain_mm": round(float(np.nansum(gauge.record.depth_mm)), 3),
            "depth_mm": _column(gauge.record.depth_mm),
        },
        "events": [
            {
                "begin": time(event.first),
                "end": time(event.last),
                "drained": time(event.end),
                "rain_mm": round(event.depth_mm, 3),
                "peak_mm_h": round(event.peak_mm_h, 3),
                "control_rate": _rate(rate),
            }
            for event, rate in found.events
        ],
        "small_rain_mm": round(found.small_mm, 3),
        "control_rate": _rate(found.period),
        "outflow": None if found.outflow is None else _course(found.outflow),
        "levels": [
            {
                "point": level.sensor.point.id,
                "store": level.sensor.store,
                "empty": level.sensor.empty,
                "full": level.sensor.full,
                **_course(level.course),
                "state": level.state.value,
                "state_h": round(level.state_h, 2),
                "meaning": _text(MEANS.get((level.sensor.store, level.state))),
            }
            for level in found.levels
        ],
        "follows": found.follows,
        "rules": {
            "events": rule["events"],
            "fit": rule["fit"],
            "coverage": rule["coverage"],
            "event_coverage": rule["event_coverage"],
            "parting": rule["parting"],
        },
        "assumptions": [_text(each) for each in found.assumptions],
    }


def print_runoff(data: Mapping[str, Any], lang: Language) -> None:
    """The rain, the control rates, the courses and the verdict, on stdout."""
    chinese, console = lang == "zh", Console()
    gauge = data["gauge"]
    console.print(
        f"{data['begin']} … {data['end']}: {gauge['rain_mm']:.1f} mm ({gauge['point']}, "
        + (f"有效 {gauge['known_pct']:.0f}%）" if chinese else f"{gauge['known_pct']:.0f} % known)")
    )
    table = Table()
    for title in (
        ("降雨场次", "mm", "最大 mm/h", "实测控制率", "模拟控制率")
        if chinese
        else ("rain event", "mm", "peak mm/h", "control rate measured", "simulated")
    ):
        table.add_column(title)
    for event in data["events"]:
        table.add_row(
            event["begin"][:16], f"{event['rain_mm']:.1f}", f"{event['peak_mm_h']:.0f}",
            *_cells(event["control_rate"]),
        )  # fmt: skip
    table.add_row(
        "全时段" if chinese else "period", f"{gauge['rain_mm']:.1f}", "", *_cells(data["control_rate"])
    )
    console.print(table)
    reasons = [each["control_rate"] for each in data["events"]] + [data["control_rate"]]
    cannot = "无法判断，因为" if chinese else "cannot tell, because"
    for why in dict.fromkeys(each["why"][lang] for each in reasons if each["why"]):
        console.print(f"- {'控制率' if chinese else 'control rate'}: {cannot} {why}")
    named = [("外排水量" if chinese else "outflow", data["outflow"])] if data["outflow"] else []
    named += [(f"{STORES[each['store']].in_language(lang)} {each['point']}", each) for each in data["levels"]]
    for name, each in named:
        line = f"- {name}: "
        if each["bias"] is not None:
            line += f"bias {each['bias']:+.3g} {each['unit']}, RMSE {each['rmse']:.3g} {each['unit']}"
            line += f", NSE {each['efficiency']:.2f}; " if each["efficiency"] is not None else "; "
        line += f"{cannot} {each['why'][lang]}" if each["why"] else _followed(each["follows"], lang)
        console.print(line)
        if each.get("meaning"):
            console.print(f"  {each['meaning'][lang]} ({each['state_h']:.1f} h)")
    for assumption in data["assumptions"]:
        console.print(f"- {assumption[lang]}")
    console.print(_verdict(data["follows"], lang))


def _verdict(follows: bool | None, lang: Language) -> str:
    least = rules()["fit"]
    return {
        True: Text(
            f"the model follows what was measured (NSE >= {least['least_efficiency']})",
            f"模型与实测相符（NSE ≥ {least['least_efficiency']}）",
        ),
        False: Text(
            f"the model does not follow what was measured (NSE >= {least['least_efficiency']} wanted)",
            f"模型与实测不符（要求 NSE ≥ {least['least_efficiency']}）",
        ),
        None: Text(
            f"not enough data: {least['least_events']} rain events and one course that can be told are "
            "needed",
            f"数据不足：至少需要 {least['least_events']} 场降雨和一条可判断的过程线",
        ),
    }[follows].in_language(lang)


def _followed(follows: bool | None, lang: Language) -> str:
    words = Text("followed", "相符") if follows else Text("not followed", "不符")
    return words.in_language(lang)


def _cells(rate: Mapping[str, Any]) -> tuple[str, str]:
    """Measured and simulated rate."""
    measured, simulated = (
        "–" if value is None else f"{value:.1f} %" for value in (rate["measured_pct"], rate["simulated_pct"])
    )
    return measured, simulated


def _course(course: Course) -> dict[str, Any]:
    fit = course.fit
    return {
        "points": list(course.points),
        "unit": course.unit,
        "measured": _column(course.measured),
        "simulated": _column(course.simulated),
        "count": fit.count,
        "known_pct": round(course.known_pct, 2),
        "bias": _finite(fit.bias),
        "rmse": _finite(fit.rmse),
        "efficiency": _finite(fit.efficiency),
        "follows": course.follows,
        "why": _text(course.why),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "measured_pct": _finite(rate.measured_pct),
        "simulated_pct": _finite(rate.simulated_pct),
        "why": _text(rate.why),
    }


def _column(values: Floats) -> list[float | None]:
    """Numbers of few digits, None for NaN."""
    return [float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None for value in values.tolist()]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "zh": text.zh}
