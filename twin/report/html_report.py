"""One self-contained HTML page of an evaluation, in Chinese and English, without network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape
from numpy.typing import NDArray

from ifc.cutting import cut_openings
from ifc.model import BuildingModel, Language, Provenance, Text
from twin.rating.units import unit_label
from twin.report.cells import value_label, worded
from twin.report.charts import Layer, curve, lines, monthly_bars
from twin.report.console import SEVERITIES, VERDICTS, stars_text
from twin.report.elevations import elevations
from twin.report.json_report import plain
from twin.report.phrases import in_chinese
from twin.report.progress import STAGES
from twin.report.words import BALANCE_LAYERS, COLUMNS, WORDS, number_text
from viewer.plan import HeatMap, field_map, legend, storey_plan

if TYPE_CHECKING:
    from twin.evaluate import Evaluation
    from twin.metrics.result import MetricResult
    from twin.rating.result import ClauseResult, Scorecard

TABLE_ROWS = 400  # rooms or covers listed in the page; the JSON holds all
SHOWN_NEEDS = 10  # of each list, the others unfold
FLOOD_FRAMES = ("flood_depth_before", "flood_depth_most", "flood_depth_after_rain", "flood_depth_last")
FLOOD_FRAME_PX = 220.0
FLOOD_SCALE_TOPS = {"flood_depth": 0.4, "flood_speed": 1.0}  # m, m/s
DAYLIGHT_SCALE_TOP_PCT = 5.0  # one scale for every model, so that pages compare


def write_html(evaluation: Evaluation, path: Path, language: Language = "en") -> Path:
    """Write the page to ``path`` and return it; ``language`` is the one shown first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_html(evaluation, language), "utf-8")
    return path


def render_html(evaluation: Evaluation, language: Language = "en") -> str:
    """The page as a string."""
    metrics = evaluation.metrics
    return (
        _environment()
        .from_string(_template())
        .render(
            evaluation=evaluation,
            model=evaluation.model,
            card=evaluation.scorecard,
            clauses_of=_clauses_by_group(evaluation.scorecard),
            needs=_open_points(evaluation.scorecard),
            shown_needs=SHOWN_NEEDS,
            plans=_plans(evaluation),
            daylight_legend=Markup(legend(0, DAYLIGHT_SCALE_TOP_PCT, "%", steps=11)),
            charts={name: _balance_chart(metrics[name], name) for name in BALANCE_LAYERS if name in metrics},
            storm=_storm(metrics.get("sponge")),
            tank=_tank(metrics.get("sponge")),
            mixes=_mixes(metrics.get("sponge")),
            elevations=elevations(evaluation.model, evaluation.project, metrics.get("sunlight")),
            flood=_flood(metrics.get("sponge")),
            flood_frames=_flood_frames(metrics.get("sponge")),
            tables={name: _table(metric.table, metric.table_units) for name, metric in metrics.items()},
            further={
                name: [(one.label, _table(one.columns, one.units)) for one in metric.tables.values()]
                for name, metric in metrics.items()
            },
            assumptions=_assumptions(evaluation),
            language=language,
            w=WORDS,
            verdict_text=VERDICTS,
            stars=stars_text,
            severities=SEVERITIES,
            stages=STAGES,
            is_declared=_is_declared,
            Provenance=Provenance,
        )
    )


@cache
def _template() -> str:
    return files("twin.report").joinpath("report.html.jinja").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["t"] = _both
    environment.filters["number"] = _number
    environment.filters["unit"] = lambda unit: _both(unit_label(unit))
    environment.filters["worded"] = value_label
    environment.filters["phrase"] = lambda text: _both(Text(text, in_chinese(text)))
    return environment


def _both(text: Text) -> Markup:
    """Both languages; the page's style shows one of them."""
    if text.en == text.zh:
        return escape(text.en)
    return Markup('<span class="en">{}</span><span class="zh" lang="zh">{}</span>').format(text.en, text.zh)


def _number(value: Any) -> str | Markup:
    if isinstance(value, Text):
        return _both(value)
    value = plain(value)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, float | int):
        return number_text(value)
    return str(value)


def _clauses_by_group(card: Scorecard) -> dict[str, list[ClauseResult]]:
    return {
        group.id: [clause for clause in card.clauses if clause.group == group.id] for group in card.groups
    }


def _open_points(card: Scorecard) -> list[tuple[Text, list[ClauseResult]]]:
    """Clauses that cannot be told: those with points by the points that are open, and control items."""
    undecided = [clause for clause in card.clauses if clause.verdict == "cannot_tell"]
    scoring = [clause for clause in undecided if clause.kind != "control"]
    return [
        (WORDS["control_needs"], [clause for clause in undecided if clause.kind == "control"]),
        (
            WORDS["scoring_needs"],
            sorted(scoring, key=lambda clause: clause.points - clause.attainable_points),
        ),
    ]


def _is_declared(clause: ClauseResult) -> bool:
    """Whether a clause has a verdict that rests on a declaration."""
    return any(
        item.provenance == Provenance.DECLARED.value and item.verdict in ("met", "not_met")
        for item in clause.items
    )


def _plans(evaluation: Evaluation) -> list[tuple[str, Markup]]:
    """A plan per storey that has rooms; storeys that look the same share one."""
    model, metric = evaluation.model, evaluation.metrics.get("daylight")
    geometry = cut_openings(model)
    field = metric.fields.get("daylight_factor") if metric else None
    heat_map = None
    if metric is not None and field is not None:
        row_of = {global_id: row for row, global_id in enumerate(model.spaces.global_id)}
        spaces = np.array([row_of[global_id] for global_id in metric.table["global_id"]], np.int32)
        values = (field.points, field.values, spaces[field.table_row], field.spacing_m)
        heat_map = HeatMap(*values, low=0.0, high=DAYLIGHT_SCALE_TOP_PCT)
    labels = _daylight_labels(metric)
    shown: dict[str, tuple[list[str], str]] = {}
    for storey, key in _storey_pictures(model, heat_map).items():
        if key in shown:
            shown[key][0].append(str(model.storeys.name[storey]))
            continue
        plan = storey_plan(model, geometry, storey, heat_map, labels)
        if plan is not None:
            shown[key] = ([str(model.storeys.name[storey])], plan)
    return [(", ".join(names), Markup(plan)) for names, plan in shown.values()]


def _storey_pictures(model: BuildingModel, heat_map: HeatMap | None) -> dict[int, str]:
    """Storey -> a key that is equal for storeys whose rooms and values look the same in a plan."""
    keys = {}
    for storey in range(len(model.storeys)):
        spaces = np.flatnonzero(model.spaces.storey == storey)
        rooms = []
        for space in spaces:
            ring = model.spaces.footprint.rings(int(space))
            values = heat_map.values[heat_map.space == space] if heat_map is not None else np.zeros(0)
            outline = np.round(ring[0], 2) if ring else np.zeros((0, 2))
            rooms.append(outline.tobytes() + np.round(values, 1).tobytes())
        keys[storey] = hashlib.sha256(b"|".join(sorted(rooms))).hexdigest()
    return keys


def _daylight_labels(metric: MetricResult | None) -> dict[str, str]:
    if metric is None or "daylight_factor_mean_pct" not in metric.table:
        return {}
    columns = metric.table["global_id"], metric.table["daylight_factor_mean_pct"]
    return {
        str(global_id): f"{float(value):.1f} %"
        for global_id, value in zip(*columns, strict=True)
        if np.isfinite(float(value))
    }


def _balance_chart(metric: MetricResult, name: str) -> tuple[Markup, list[tuple[Text, str]]] | None:
    """The monthly balance of a metric as bars, and its legend; None without series."""
    layers = [
        (Layer(text.en, colour, sign * metric.series[key] / divisor), text)
        for key, text, colour, sign, divisor in BALANCE_LAYERS[name].layers
        if key in metric.series
    ]
    if not layers:
        return None
    chart = monthly_bars([layer for layer, _ in layers], BALANCE_LAYERS[name].unit)
    return Markup(chart), [(text, layer.colour) for layer, text in layers]


def _storm(metric: MetricResult | None) -> dict[str, Any] | None:
    """The hydrograph of the design storm and the table of return periods."""
    if metric is None or "hydrograph_l_s" not in metric.series:
        return None
    series = metric.series
    shown = [
        (WORDS[word], colour, series[key])
        for word, colour, key in (
            ("before", "#009e73", "hydrograph_before_l_s"),
            ("after", "#d55e00", "hydrograph_l_s"),
            ("with_pipes", "#0072b2", "hydrograph_pipes_l_s"),
        )
        if key in series
    ]

    def rows(*columns: str) -> list[list[float]]:
        table = np.column_stack([series[f"storm_{column}"] for column in columns])
        return [[float(f"{cell:.4g}") for cell in row] for row in table.tolist()]

    pipes = ("return_period_a", "pipe_peak_l_s", "pipe_surcharged_count", "pipe_flooded_m3")
    chart = lines([Layer(word.en, colour, values) for word, colour, values in shown], "L/s", 1.0, "min")
    return {
        "chart": Markup(chart),
        "key": [(word, colour) for word, colour, _ in shown],
        "rows": rows("return_period_a", "rain_mm", "peak_before_l_s", "peak_l_s", "attenuation_pct"),
        "pipes": rows(*pipes) if "storm_pipe_peak_l_s" in series else [],
    }


def _tank(metric: MetricResult | None) -> dict[str, Any] | None:
    """The curve of the rain tank by size, and its table."""
    if metric is None or "tank_volume_m3" not in metric.series:
        return None
    names = ("tank_volume_m3", "tank_supply_m3", "tank_reliability_pct", "tank_overflow_m3")
    volume, supply, reliability, overflow = (metric.series[name] for name in names)
    designed = float(metric.table["storage_m3"][metric.table["kind"] == "tank"].sum())
    met = float(np.interp(designed, volume, reliability))
    rows = np.column_stack([volume, supply, reliability, overflow])
    return {
        "chart": Markup(curve(volume, reliability, "m³", "%", [(designed, met, f"{designed:,.0f} m³")])),
        "rows": [[float(f"{cell:.4g}") for cell in row] for row in rows.tolist()],
    }


def _mixes(metric: MetricResult | None) -> dict[str, Any] | None:
    """The cost–rate front of mixes of facilities, the cheapest of each target and the design itself."""
    if metric is None or "mix_front_rate_pct" not in metric.series:
        return None
    series = metric.series
    names = ("rate_pct", "cost_cny", "green_roof_m2", "permeable_m2", "sunken_m2", "tank_m3")

    def row(first: Any, kind: str, place: int) -> list[Any]:
        values = [float(series[f"mix_{kind}_{name}"][place]) for name in names]
        values[1] /= 1e4
        return [first, *(None if np.isnan(value) else float(f"{value:.4g}") for value in values)]

    targets = [row(target, "target", place) for place, target in enumerate(series["mix_target_pct"].tolist())]
    cost, rate = series["mix_front_cost_cny"] / 1e4, series["mix_front_rate_pct"]
    at = (float(series["mix_design_cost_cny"][0]) / 1e4, float(series["mix_design_rate_pct"][0]))
    return {
        "chart": Markup(curve(cost, rate, "10⁴ CNY", "%", [(*at, f"{at[1]:.1f} %")])),
        "rows": [*targets, row(WORDS["mix_design"], "design", 0)],
    }


def _flood(metric: MetricResult | None) -> list[dict[str, Any]]:
    """The maps of the deepest and of the fastest water, each with its name and legend."""
    found = []
    for name, top in FLOOD_SCALE_TOPS.items():
        field = None if metric is None else metric.fields.get(name)
        if field is not None and len(field.values):
            picture = field_map(field.points, field.values, field.spacing_m, top)
            found.append(
                {
                    "label": field.label,
                    "map": Markup(picture),
                    "legend": Markup(legend(0, top, field.unit)),
                }
            )
    return found


def _flood_frames(metric: MetricResult | None) -> list[tuple[Text, Markup]]:
    """The depth of the water at a few instants, on the scale of the deepest."""
    fields = {} if metric is None else metric.fields
    top = FLOOD_SCALE_TOPS["flood_depth"]
    return [
        (one.label, Markup(field_map(one.points, one.values, one.spacing_m, top, FLOOD_FRAME_PX)))
        for one in (fields[name] for name in FLOOD_FRAMES if name in fields)
        if len(one.values)
    ]


def _table(table: Mapping[str, NDArray[np.generic]], units: Mapping[str, str]) -> dict[str, Any]:
    """Headings and rows of a table, GlobalIds last; reasons in two languages are one column."""
    apart = {"global_id", "reason_en", "reason_zh"}
    columns = {name: worded(name, cells) for name, cells in table.items() if name not in apart}
    if "reason_en" in table:
        columns["reason"] = [Text(*both) for both in zip(table["reason_en"], table["reason_zh"], strict=True)]
    if table:
        columns["global_id"] = worded("global_id", table["global_id"])
    rows = list(zip(*columns.values(), strict=True))
    words = {**COLUMNS, "reason": WORDS["reason"]}
    headings = [(words.get(name, Text(name, name)), units.get(name, "")) for name in columns]
    return {"headings": headings, "rows": rows[:TABLE_ROWS], "left_out": max(0, len(rows) - TABLE_ROWS)}


def _assumptions(evaluation: Evaluation) -> list[tuple[str, Any]]:
    """(metric, assumption) of all metrics, defaults first."""
    order: Sequence[Provenance] = (
        Provenance.DEFAULT, Provenance.DECLARED, Provenance.DERIVED, Provenance.IFC,
    )  # fmt: skip
    found = [
        (name, assumption) for name, metric in evaluation.metrics.items() for assumption in metric.assumptions
    ]
    return sorted(found, key=lambda pair: order.index(pair[1].value.provenance))
