"""The JSON of one evaluation: ``evaluation.schema.json`` beside this module documents it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from ifc.model import Diagnostic, FaultPlace, Language

if TYPE_CHECKING:
    from twin.evaluate import Evaluation
    from twin.metrics.result import MetricResult, Need
    from twin.rating.result import ClauseResult, GroupScore, ItemResult

SCHEMA_VERSION = "1.3"


@cache
def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that :func:`evaluation_to_dict` obeys."""
    import json

    text = files("twin.report").joinpath("evaluation.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def evaluation_to_dict(evaluation: Evaluation, language: Language = "en") -> dict[str, Any]:
    """An evaluation as plain JSON data: finite numbers, null for what is not known."""
    source = evaluation.model.source
    card = evaluation.scorecard
    return {
        "schema_version": SCHEMA_VERSION,
        "generator": {"name": "greentwin", "version": _version()},
        "language": language,
        "model": {
            "path": source.path,
            "sha256": source.sha256,
            "schema": source.schema,
            "application": source.application,
            "project_name": source.project_name,
            "counts": {
                "elements": len(evaluation.model.elements),
                "storeys": len(evaluation.model.storeys),
                "spaces": len(evaluation.model.spaces),
                "surfaces": len(evaluation.model.surfaces),
                "by_class": dict(sorted(source.entity_counts.items())),
            },
        },
        "project": {
            "file": str(evaluation.project.file) if evaluation.project.file else None,
            "stage": card.stage,
            "building_type": card.building_type,
        },
        "climate": {
            "place": evaluation.climate.place,
            "source": evaluation.climate.source,
            "sha256": evaluation.climate.sha256,
            "note": evaluation.climate.note.in_language(language),
        },
        "standard": {"name": card.standard, "edition": card.edition},
        "score": {"guaranteed": card.score_guaranteed, "attainable": card.score_attainable},
        "stars": {"guaranteed": card.stars_guaranteed, "attainable": card.stars_attainable},
        "control_items_met": card.control_items_met.value,
        "groups": [_group(group, language) for group in card.groups],
        "star_requirements": {
            str(star): [_item(item, language) for item in items]
            for star, items in sorted(card.star_requirements.items())
        },
        "clauses": [_clause(clause, language) for clause in card.clauses],
        "metrics": {name: _metric(metric, language) for name, metric in evaluation.metrics.items()},
        "diagnostics": [diagnostic_to_dict(found, language) for found in evaluation.diagnostics],
        "seconds": {name: round(seconds, 3) for name, seconds in evaluation.seconds.items()},
        "peak_memory_mb": plain(round(evaluation.peak_memory_mb, 1)),
    }


def diagnostic_to_dict(diagnostic: Diagnostic, language: Language) -> dict[str, Any]:
    """One diagnostic as plain JSON data."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "global_id": diagnostic.global_id or None,
        "count": diagnostic.count,
        "message": diagnostic.message.in_language(language),
        "remedy": diagnostic.remedy.in_language(language),
        "places": [_place(place) for place in diagnostic.places],
    }


def _place(place: FaultPlace) -> dict[str, Any]:
    return {
        "what": place.what,
        "size": place.size,
        "unit": place.unit,
        "point_m": list(place.point_m),
        "side": place.side or None,
        "direction": place.direction or None,
        "storey": place.storey or None,
        "neighbour": place.neighbour or None,
        "elements": list(place.elements),
    }


def _version() -> str:
    from twin import __version__

    return __version__


def _group(group: GroupScore, language: Language) -> dict[str, Any]:
    return {
        "id": group.id,
        "title": group.title.in_language(language),
        "points": group.points,
        "attainable_points": group.attainable_points,
        "max_points": group.max_points,
        "minimum": group.minimum,
        "minimum_met": group.minimum_met.value,
    }


def _needs(needs: Sequence[Need], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "what": need.what.in_language(language),
            "how": need.how.in_language(language),
            "elements": list(need.global_ids),
        }
        for need in needs
    ]


def _item(item: ItemResult, language: Language) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.label.in_language(language),
        "verdict": item.verdict.value,
        "points": item.points,
        "attainable_points": item.attainable_points,
        "max_points": item.max_points,
        "value": plain(item.value),
        "at_least": item.at_least,
        "limit": plain(item.limit),
        "unit": item.unit,
        "formula": item.formula,
        "provenance": item.provenance or None,
        "source": item.source,
        "reason": item.reason.in_language(language),
        "missing": _needs(item.missing, language),
        "elements": list(item.elements),
        "evidence": item.evidence or None,
    }


def _clause(clause: ClauseResult, language: Language) -> dict[str, Any]:
    """A clause; its value, limit, unit and formula are those of the item that decides it."""
    items = [_item(item, language) for item in clause.items]
    deciding = next((item for item in items if item["value"] is not None), items[0] if items else {})
    return {
        "id": clause.id,
        "edition": clause.edition,
        "kind": clause.kind,
        "group": clause.group,
        "title": clause.title.in_language(language),
        "verdict": clause.verdict.value,
        "points": clause.points,
        "attainable_points": clause.attainable_points,
        "max_points": clause.max_points,
        **{key: deciding.get(key) for key in ("value", "limit", "unit", "formula", "provenance")},
        "at_least": deciding.get("at_least", False),
        "reason": clause.reason.in_language(language),
        "missing": [need for item in items for need in item["missing"]],
        "elements": list(dict.fromkeys(gid for item in items for gid in item["elements"])),
        "evaluator": clause.evaluator,
        "confidence": clause.confidence,
        "items": items,
    }


def _metric(metric: MetricResult, language: Language) -> dict[str, Any]:
    return {
        "version": metric.version,
        "input_sha256": metric.input_sha256,
        "summary": {
            name: {
                "value": plain(quantity.value),
                "at_least": quantity.at_least,
                "unit": quantity.unit,
                "label": quantity.label.in_language(language),
                "formula": quantity.formula,
                "source": quantity.source,
                "missing": _needs(quantity.needs, language),
            }
            for name, quantity in metric.summary.items()
        },
        "assumptions": [
            {
                "what": assumption.what.in_language(language),
                "value": plain(assumption.value.value),
                "unit": assumption.value.unit,
                "provenance": assumption.value.provenance.value,
                "source": assumption.value.source,
                "confidence": assumption.value.confidence or None,
                "elements": list(assumption.global_ids),
            }
            for assumption in metric.assumptions
        ],
        "table": _columns(metric.table),
        "table_units": dict(metric.table_units),
        "tables": {
            name: {
                "label": table.label.in_language(language),
                "columns": _columns(table.columns),
                "units": dict(table.units),
            }
            for name, table in metric.tables.items()
        },
        "series": _columns({name: values for name, values in metric.series.items() if len(values) <= 12}),
        "series_units": dict(metric.series_units),
    }


def _columns(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [plain(value) for value in values] for name, values in columns.items()}


def plain(value: Any) -> Any:
    """A NumPy or Python scalar as JSON data; NaN and infinities become None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else None
    return value
