"""Annual runoff volume capture ratio of a site (年径流总量控制率) and what goes with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from twin.climate import Climate, RainRecord
from twin.metrics.result import Assumption, Field, MetricResult, Need, Quantity, Table
from twin.metrics.sponge.continuous import ContinuousResult, simulate
from twin.metrics.sponge.control_rate import CaptureCurve, DesignRainfallTable, capture_curve
from twin.metrics.sponge.covers import COUNTED, SiteCovers, site_covers
from twin.metrics.sponge.design import design_series, mixes
from twin.metrics.sponge.drainage import site_drainage
from twin.metrics.sponge.drawdown import drawdown
from twin.metrics.sponge.flood import flood_map
from twin.metrics.sponge.peak_flow import peak_flows, storm_outflows
from twin.metrics.sponge.rules import SpongeRules, sponge_rules
from twin.metrics.sponge.shares import area_shares
from twin.metrics.sponge.site_pipes import site_pipes
from twin.metrics.sponge.solids import solids_removal
from twin.metrics.sponge.storm import formula_of, storm_rules
from twin.metrics.sponge.tank import non_traditional_shares, rain_tank
from twin.metrics.sponge.water_use import water_use
from twin.project import Project

NAME, VERSION = "sponge", "4"

GUIDE = "Sponge City Construction Technical Guide (2014) 4.8"
EVALUATION = "GB/T 51345-2018"
RATING = "GB/T 50378-2019 (2024) 8.2.2"
DIFFERENCE_TOLD_PCT = 10.0
RATE_FORMULA = "H = V / (10 ψ F), α = α(H)"
CURVE_RATES_PCT = np.array([50.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0, 95.0])
SERIES_UNITS = {"_l_s": "L/s", "_m3": "m³", "_m2": "m²", "_pct": "%", "_a": "a", "_cny": "CNY", "_count": ""}


@dataclass(frozen=True)
class _Rate:
    """The control rate of a design rainfall, and what it rests on."""

    value: float | None
    source: str
    notes: tuple[Diagnostic, ...] = ()
    needs: tuple[Need, ...] = ()
    at_least: bool = False
    most: float | None = None  # below the table: what it can be at most


def compute(model: BuildingModel, climate: Climate, project: Project) -> MetricResult:
    """How much of the year's rain the site holds back.

    Two answers: the volumetric method of the guide, V = 10 H ψ F, whose design rainfall H is turned into
    the control rate α by the city's published table or by a measured record of 30 years or more (this one
    decides the clause), and a continuous simulation on the rain record, which gives the monthly balance. When
    the model and twin.toml do not say what covers the site, every quantity of the site is None with the need.

    Args:
        model: its ``ground_covers``, the properties of its IfcSite, the GlobalIds.
        climate: its rain record and, for evaporation, its hours.
        project: city, site area and ``[[site.covers]]``.
    """
    rules = sponge_rules()
    covers = site_covers(model, project, rules)
    diagnostics = list(covers.diagnostics)
    assumptions = list(covers.assumptions)
    summary = area_shares(covers)
    series: dict[str, np.ndarray] = {}
    fields: dict[str, Field] = {}
    tables: dict[str, Table] = {}
    if covers.needs:
        summary |= _site_unknown(covers.needs)
    else:
        curve = capture_curve(climate.rain, rules.least_daily_rain_mm) if climate.rain else None
        volumetric, notes = _volumetric(covers, curve, climate, project, rules)
        summary |= volumetric
        diagnostics += notes
        storms = storm_rules()
        site = site_drainage(model, project, covers, rules, storms)
        assumptions += site.assumptions
        city = project.project.city if project.site.storm_formula is None else "twin.toml"
        formula = formula_of(project, storms)
        outflows = {} if formula is None else storm_outflows(site, formula, storms)
        peaks, peak_series, peak_assumptions = peak_flows(site, city, formula, storms, outflows)
        if formula is not None:
            depths, fields, flood_assumptions = flood_map(model, covers, site, formula, rules, storms)
            summary |= depths
            assumptions += flood_assumptions
        sewers = site_pipes(site, project, city, outflows, storms, rules.pipes)
        series |= sewers.series
        tables |= sewers.tables
        assumptions += sewers.assumptions
        diagnostics += sewers.diagnostics
        emptying, slow = drawdown(site, rules)
        summary |= peaks | sewers.summary | emptying
        summary |= solids_removal(covers, summary["annual_runoff_control_rate"], rules)
        diagnostics += slow
        series |= peak_series
        if curve is not None:
            series |= {
                "curve_rate_pct": CURVE_RATES_PCT,
                "curve_rainfall_mm": np.array([curve.rainfall_mm(rate) for rate in CURVE_RATES_PCT]),
            }
        assumptions += peak_assumptions
        if climate.rain is not None:
            use = water_use(model, project, covers, climate.rain, rules)
            continuous = simulate(site, use, climate.rain, climate)
            series |= continuous.series
            summary |= use.greywater
            if site.tank_m3 > 0.0:
                supply, curve_of_sizes = rain_tank(continuous.tank_inflow_m3, use, site.tank_m3, rules)
                summary |= supply
                series |= curve_of_sizes
                assumptions += use.assumptions
            elif use.reclaimed_m3_a > 0.0:
                summary |= non_traditional_shares(0.0, use)
                assumptions += use.assumptions
            diagnostics += continuous.diagnostics
            tried = mixes(site, covers, project, use, climate.rain, climate, rules, storms)
            if tried is not None:
                mix_series, mix_assumptions = design_series(tried, rules)
                series |= mix_series
                assumptions += mix_assumptions
            simulated = _simulated(continuous, climate.rain)
            summary["annual_runoff_control_rate_simulated"] = simulated
            diagnostics += _methods_differ(summary["annual_runoff_control_rate"], simulated.value)
    return MetricResult(
        name=NAME,
        version=VERSION,
        summary=summary,
        table={
            "global_id": covers.global_id,
            "kind": covers.kind,
            "area_m2": covers.area_m2,
            "runoff_coefficient": covers.runoff_coefficient,
            "storage_m3": covers.storage_m3,
            "required_storage_m3": _required_m3(covers, summary),
            "provenance": covers.provenance,
        },
        table_units={
            "area_m2": "m²",
            "runoff_coefficient": "",
            "storage_m3": "m³",
            "required_storage_m3": "m³",
        },
        tables=tables,
        series=series,
        fields=fields,
        series_units={name: _series_unit(name) for name in series},
        assumptions=tuple(assumptions),
        diagnostics=tuple(diagnostics),
        input_sha256=_input_hash(covers, climate, project, rules, assumptions),
    )


def _series_unit(name: str) -> str:
    """The unit that the name ends with; mm else."""
    return next((unit for ending, unit in SERIES_UNITS.items() if name.endswith(ending)), "mm")


def _site_unknown(needs: tuple[Need, ...]) -> dict[str, Quantity]:
    """The quantities of the site as a whole, each with what it needs."""
    return {
        key: Quantity(None, unit, label, formula, source, needs)
        for key, (unit, label, formula, source) in _WORDS.items()
    }


def _required_m3(covers: SiteCovers, summary: dict[str, Quantity]) -> np.ndarray:
    """Storage that the rain of 70 % on each cover needs, m³; NaN where it is not known."""
    rainfall = summary["design_rainfall_mm_70pct"].value if "design_rainfall_mm_70pct" in summary else None
    if rainfall is None:
        return np.full(len(covers.kind), np.nan)
    return np.asarray(rainfall / 1000.0 * covers.runoff_coefficient * covers.area_m2)


_WORDS = {
    "annual_runoff_control_rate": (
        "%", Text("Annual runoff control rate", "年径流总量控制率"), RATE_FORMULA, RATING,
    ),
    "design_rainfall_mm": (
        "mm", Text("Design rainfall that the storage holds", "调蓄容积对应的设计降雨量"),
        "H = V / (10 ψ F)", GUIDE,
    ),
    "weighted_runoff_coefficient": (
        "", Text("Weighted volumetric runoff coefficient", "综合雨量径流系数"),
        "ψ = Σ φ_i A_i / Σ A_i", GUIDE,
    ),
    "rain_storage_m3": ("m³", Text("Storage provided", "实际调蓄容积"), "V = Σ V_i", GUIDE),
    "required_storage_m3_70pct": (
        "m³", Text("Storage required for 70 %", "70% 控制率所需调蓄容积"), "V = 10 H_70 ψ F", GUIDE,
    ),
}  # fmt: skip


def _volumetric(
    covers: SiteCovers,
    curve: CaptureCurve | None,
    climate: Climate,
    project: Project,
    rules: SpongeRules,
) -> tuple[dict[str, Quantity], list[Diagnostic]]:
    """The guide's volumetric method, and the same rainfall on the record's own curve."""
    counted = np.isin(covers.kind, COUNTED)
    area_m2 = float(covers.area_m2[counted].sum()) + covers.unnamed_m2
    runoff_m2 = float((covers.area_m2 * covers.runoff_coefficient)[counted].sum())
    runoff_m2 += covers.unnamed_m2 * rules.covers["unknown"].runoff_coefficient
    coefficient = runoff_m2 / area_m2
    storage = float(covers.storage_m3.sum())
    rainfall = storage / (10.0 * coefficient * area_m2 / 1e4)

    rate, rainfall_70 = _control_rate(rainfall, curve, climate, project, rules)
    unit, label, formula, source = _WORDS["annual_runoff_control_rate"]
    result = {
        "annual_runoff_control_rate": Quantity(
            rate.value, unit, label, formula, f"{source}; {rate.source}", rate.needs, rate.at_least
        )
    }
    if rate.most is not None:
        result["annual_runoff_control_rate_most"] = Quantity(
            rate.most,
            "%",
            Text("What that rate can be at most", "该控制率的上限"),
            "α(H) is concave",
            rate.source,
        )
    values: dict[str, float | None] = {
        "design_rainfall_mm": rainfall,
        "weighted_runoff_coefficient": coefficient,
        "rain_storage_m3": storage,
        "required_storage_m3_70pct": None
        if rainfall_70 is None
        else 10.0 * rainfall_70 * coefficient * area_m2 / 1e4,
    }
    for key, value in values.items():
        unit, label, formula, source = _WORDS[key]
        result[key] = Quantity(value, unit, label, formula, source, rate.needs if value is None else ())
    if rainfall_70 is not None:
        result["design_rainfall_mm_70pct"] = Quantity(
            rainfall_70,
            "mm",
            Text("Design rainfall of 70 %", "70% 控制率对应的设计降雨量"),
            "α(H) = 70 %",
            rate.source,
        )
    if curve is not None and climate.rain is not None:
        result["annual_runoff_control_rate_record"] = Quantity(
            curve.rate_pct(rainfall),
            "%",
            Text("The same rainfall on the rain record's curve", "同一设计降雨量在降雨记录曲线上的控制率"),
            "α(H) = Σ min(p_i, H) / Σ p_i, p_i > 2 mm",
            f"{EVALUATION}; {climate.rain.source}, {curve.years:.1f} years",
        )
    return result, list(rate.notes)


def _control_rate(
    rainfall: float, curve: CaptureCurve | None, climate: Climate, project: Project, rules: SpongeRules
) -> tuple[_Rate, float | None]:
    """The rate that decides and the design rainfall of 70 %.

    A measured record of 30 years or more goes before the published table, which was made of one.
    """
    record = climate.rain
    if (
        record is not None
        and curve is not None
        and not record.synthetic
        and curve.years >= rules.least_years - 0.5
    ):
        source = f"{EVALUATION}, {curve.years:.0f} measured years of {record.source}"
        return _Rate(curve.rate_pct(rainfall), source), curve.rainfall_mm(70.0)
    city = project.project.city
    row = rules.city_rainfall_mm.get(city.strip().casefold())
    if row is not None:
        table = DesignRainfallTable(rules.rates_pct, row)
        value, remark = table.rate_pct(rainfall)
        notes: tuple[Diagnostic, ...] = ()
        if remark is not None:
            notes = (
                Diagnostic(
                    "design-rainfall-outside-table",
                    Severity.NOTE,
                    remark,
                    Text(
                        "A measured rain record of 30 years (weather.rain) gives the exact rate.",
                        "提供 30 年实测降雨记录（weather.rain）可得到准确控制率。",
                    ),
                ),
            )
        beyond = remark is not None and rainfall > 0.0
        rate = _Rate(
            value,
            f"{rules.design_rainfall_source}, {city}",
            notes,
            at_least=beyond,
            most=table.most_pct(rainfall) if beyond and rainfall < table.rainfall_mm[0] else None,
        )
        return rate, table.rainfall(70.0)
    need = Need(
        Text(
            f"The design rainfall of {city}: there is no published row for it.",
            f"缺少{city}的设计降雨量资料。",
        ),
        Text(
            "Give a measured rain record of 30 years or more in weather.rain of twin.toml, or set "
            "project.city to a city of the guide's table.",
            "请在 twin.toml 的 weather.rain 中提供不少于 30 年的实测降雨记录，或将 project.city 设为技术指南"
            "附录中的城市。",
        ),
    )
    return _Rate(None, "", needs=(need,)), None


def _simulated(continuous: ContinuousResult, record: RainRecord) -> Quantity:
    return Quantity(
        continuous.capture_rate_pct,
        "%",
        Text("Share of the rain kept back, continuous simulation", "连续模拟得到的降雨控制比例"),
        "1 - Σ discharged / Σ rain",
        f"greentwin continuous simulation; {record.source}",
    )


def _methods_differ(rate: Quantity, simulated: float | None) -> list[Diagnostic]:
    """Says so when the simulation keeps back much more than the volumetric method credits."""
    volumetric = rate.value
    if volumetric is None or simulated is None or simulated < volumetric + DIFFERENCE_TOLD_PCT:
        return []
    least = Text("at least ", "至少") if rate.at_least else Text("", "")
    return [
        Diagnostic(
            "runoff-methods-differ",
            Severity.NOTE,
            Text(
                f"The volumetric method credits {least.en}{volumetric:.0f} % and decides the clause; the "
                "continuous simulation, which counts infiltration and evaporation too, keeps back "
                f"{simulated:.0f} %.",
                f"条文按容积法判定，控制率为{least.zh} {volumetric:.0f}%；连续模拟另计入下渗与蒸发，控制率为 "
                f"{simulated:.0f}%。",
            ),
            Text(
                "GB/T 51345 accepts a model that is calibrated against monitoring; declare clause 8.2.2 with "
                "that report.",
                "GB/T 51345 允许采用经监测数据率定的模型；如有该报告，可在 twin.toml 中对 8.2.2 作声明。",
            ),
        )
    ]


def _input_hash(
    covers: SiteCovers,
    climate: Climate,
    project: Project,
    rules: SpongeRules,
    assumptions: list[Assumption],
) -> str:
    digest = hashlib.sha256(f"{NAME} {VERSION} {rules}".encode())
    digest.update(climate.sha256.encode())
    digest.update(project.project.city.encode())
    digest.update(repr((project.site, project.water, assumptions)).encode())
    digest.update(repr(covers.site_area_m2).encode())
    for row in covers.rows:
        if row.catchment is not None:
            digest.update(repr(replace(row.catchment, outline=None)).encode())
            digest.update(b"" if row.outline is None else row.outline.wkb)
    for column in (covers.global_id, covers.kind, covers.provenance):
        digest.update("\0".join(column).encode())
    for numbers in (covers.area_m2, covers.storage_m3):
        digest.update(numbers.tobytes())
    return digest.hexdigest()
