"""A calibration as JSON and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ifc.model import Language, Text
from twin.measured.calibration import Calibration
from twin.measured.statistics import MONTHLY_LIMITS, Fit

TYPICAL_WEATHER = Text(
    "The weather is a typical year, not that of the measured months: give an EPW file of them (--weather).",
    "采用的是典型年气象数据，而非实测月份的气象：请用 --weather 提供实测年份的 EPW 文件。",
)


def calibration_to_dict(
    found: Calibration, measured: NDArray[np.float64], order: Sequence[int], *, own_weather: bool
) -> dict[str, Any]:
    """Everything that was found, as JSON values; months are 1 … 12."""
    warnings = [*([] if own_weather else [TYPICAL_WEATHER]), *found.warnings]
    return {
        "parameters": [
            {
                "name": each.name,
                "label": {"en": each.label.en, "zh": each.label.zh},
                "value": value,
                "standard_error": error,
                "unit": each.unit,
                "low": each.low,
                "high": each.high,
                "start": each.start,
            }
            for each, value, error in zip(found.parameters, found.values, found.error, strict=True)
        ],
        "correlation": found.correlation.tolist(),
        "months": [
            {
                "month": month + 1,
                "measured_kwh": float(measured[month]),
                "simulated_kwh": float(found.simulated[month]),
            }
            for month in order
        ],
        "before": _fit(found.before),
        "fitted": _fit(found.fitted),
        "held_out": _fit(found.held_out),
        "whole": _fit(found.whole),
        "limits_pct": {"nmbe": MONTHLY_LIMITS[0], "cv_rmse": MONTHLY_LIMITS[1]},
        "calibrated": found.whole.calibrated,
        "warnings": [{"en": each.en, "zh": each.zh} for each in warnings],
        "runs": found.runs,
    }


def print_calibration(data: Mapping[str, Any], lang: Language) -> None:
    """The parameters, the statistics, the verdict and what to doubt, on stdout."""
    chinese = lang == "zh"
    console = Console()
    table = Table()
    for title in (
        ("参数", "取值", "标准误差", "边界")
        if chinese
        else ("parameter", "value", "standard error", "bounds")
    ):
        table.add_column(title)
    for each in data["parameters"]:
        table.add_row(
            f"{each['name']} ({each['label'][lang]})",
            f"{each['value']:.3g} {each['unit']}".strip(),
            f"±{each['standard_error']:.2g}",
            f"{each['low']:g} … {each['high']:g}",
        )
    console.print(table)
    names = {
        "before": Text("before", "校准前"),
        "fitted": Text("fitted months", "拟合月份"),
        "held_out": Text("held-out months", "检验月份"),
        "whole": Text("all months", "全部月份"),
    }
    for key, name in names.items():
        fit = data[key]
        if fit["nmbe_pct"] is not None:
            console.print(
                f"{name.in_language(lang)} ({fit['count']}): NMBE {fit['nmbe_pct']:+.1f} %,"
                f" CV(RMSE) {fit['cv_rmse_pct']:.1f} %"
            )
    verdict = {
        True: Text("calibrated by ASHRAE Guideline 14 (±5 %, 15 %)", "满足 ASHRAE Guideline 14（±5%，15%）"),
        False: Text(
            "not calibrated by ASHRAE Guideline 14 (±5 %, 15 %)", "不满足 ASHRAE Guideline 14（±5%，15%）"
        ),
        None: Text("not enough data: a year of months is needed", "数据不足：需要一整年的月数据"),
    }[data["calibrated"]]
    console.print(verdict.in_language(lang))
    for warning in data["warnings"]:
        console.print(f"- {warning[lang]}")


def _fit(fit: Fit) -> dict[str, Any]:
    return {
        "count": fit.count,
        "nmbe_pct": fit.nmbe_pct if math.isfinite(fit.nmbe_pct) else None,
        "cv_rmse_pct": fit.cv_rmse_pct if math.isfinite(fit.cv_rmse_pct) else None,
    }


def print_operation(data: Mapping[str, Any], lang: Language) -> None:
    """The measured facts of a year, on stdout."""
    chinese = lang == "zh"
    table = Table(title=f"{data['begin'][:10]} … {data['end'][:10]}")
    for title in (
        ("数据", "取值", "月数", "有读数的小时", "测点")
        if chinese
        else ("fact", "value", "months", "hours with readings", "points")
    ):
        table.add_column(title)
    for each in data["facts"]:
        value = Text("not enough data yet", "数据不足").in_language(lang)
        if each["months"] == 12:
            value = Text("nothing counted", "计量为零").in_language(lang)
        if each["value"] is not None:
            value = f"{each['value']:.4g} {each['unit']}"
        table.add_row(
            each["label"][lang], value, f"{each['months']} / 12", f"{each['hours_pct']:.0f} %",
            str(len(each["points"])),
        )  # fmt: skip
    Console().print(table)
