"""Reads the data files of the standard into the dataclasses of :mod:`.standard`, and checks them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ifc.model import Text
from twin.rating.standard import (
    CHAPTERS,
    CONFIDENCES,
    STAGES,
    Clause,
    Count,
    Criteria,
    Criterion,
    DataTable,
    Group,
    Item,
    Level,
    Linear,
    Logic,
    Metric,
    Rule,
    Standard,
    StarRequirement,
    Steps,
    Table,
    Tier,
    Tiers,
)


class StandardDataError(ValueError):
    """A data file of the standard contradicts itself; the message names the place."""


@cache
def load_standard() -> Standard:
    """GB/T 50378-2019 with the 2024 revision, from the package's data files (read once)."""
    folder = resources.files("twin").joinpath("rating", "data", "gbt50378")
    names = ["standard", "metrics", *(f"chapter_{number}" for number in CHAPTERS)]
    return parse_standard(
        {
            name: yaml.load(folder.joinpath(f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)
            for name in names
        }
    )


def parse_standard(documents: Mapping[str, Any]) -> Standard:
    """Read the parsed YAML documents (``"standard"``, ``"metrics"``, ``"chapter_4"`` ...).

    Raises:
        StandardDataError: an unknown or missing key, a metric that the registry lacks, a threshold that does
            not fit its metric, or points that do not add up.
    """
    chapters = [documents[f"chapter_{number}"] for number in CHAPTERS]
    reader = _Reader(documents["metrics"]["metrics"], _item_labels(documents["standard"], chapters))
    clauses = tuple(
        reader.clause(raw, str(chapter["group"])) for chapter in chapters for raw in chapter["clauses"]
    )
    standard = reader.standard(documents["standard"], clauses)
    _check(standard)
    return standard


_NAME = r"[A-Za-z][A-Za-z0-9_]*"
_COMPARISON = re.compile(rf"({_NAME}) (>=|>|<=|<) (@?)(\S+)")
_MEMBERSHIP = re.compile(rf"({_NAME}) in (.+)")
_TRUTH = re.compile(rf"(not )?({_NAME})")


class _Reader:
    """Turns raw mappings into dataclasses; every error names the clause or item."""

    def __init__(self, raw_metrics: Mapping[str, Any], labels: Mapping[str, Text]) -> None:
        self.metrics = {name: _metric(name, raw, labels.get(name)) for name, raw in raw_metrics.items()}

    def criterion(self, expression: str, where: str) -> Criterion:
        if match := _COMPARISON.fullmatch(expression):
            name, comparator, reference, text = match.groups()
            metric = self._metric(name, where)
            if reference:
                self._metric(text, where)
                return Criterion(name, comparator, text, reference=True)  # type: ignore[arg-type]
            if metric.order:
                if text not in metric.order:
                    raise StandardDataError(f"{where}: {text!r} is not a grade of {name}")
                return Criterion(name, comparator, text)  # type: ignore[arg-type]
            if metric.unit in ("bool", "enum"):
                raise StandardDataError(f"{where}: {name} cannot be compared with {comparator}")
            return Criterion(name, comparator, float(text))  # type: ignore[arg-type]
        if match := _MEMBERSHIP.fullmatch(expression):
            metric = self._metric(match[1], where)
            words = tuple(match[2].split(", "))
            if not set(words) <= set(metric.values):
                raise StandardDataError(f"{where}: {words} are not all values of {metric.name}")
            return Criterion(metric.name, "in", words)
        if match := _TRUTH.fullmatch(expression):
            metric = self._metric(match[2], where)
            if metric.unit != "bool":
                raise StandardDataError(f"{where}: {metric.name} is not a yes/no metric")
            return Criterion(metric.name, "is", match[1] is None)
        raise StandardDataError(f"{where}: cannot read the criterion {expression!r}")

    def criteria(self, raw: Iterable[str], where: str) -> tuple[Criterion, ...]:
        return tuple(self.criterion(expression, where) for expression in raw)

    def joined(self, raw: Mapping[str, Any], where: str) -> Criteria:
        """The ``all`` or ``any`` of a mapping."""
        logics: list[Logic] = [logic for logic in ("all", "any") if logic in raw]
        if len(logics) != 1:
            raise StandardDataError(f"{where}: needs either 'all' or 'any'")
        return Criteria(logics[0], self.criteria(raw[logics[0]], where))

    def tiers(self, raw: Iterable[Mapping[str, Any]], where: str) -> Tiers:
        tiers = []
        for tier in raw:
            _keys(tier, where, {"points"}, {"all", "any"})
            tiers.append(Tier(float(tier["points"]), self.joined(tier, where)))
        return Tiers(tuple(tiers))

    def rule(self, raw: Mapping[str, Any], points: float, where: str) -> Rule:
        kinds = [key for key in ("all", "any", "tiers", "steps", "linear", "count", "table") if key in raw]
        if len(kinds) != 1:
            raise StandardDataError(f"{where}: needs exactly one rule, has {kinds}")
        body = raw[kinds[0]]
        match kinds[0]:
            case "tiers":
                return self.tiers(body, where)
            case "steps":
                return self._steps(body, where)
            case "linear":
                _keys(body, where, {"metric", "x", "points"})
                self._metric(body["metric"], where)
                x, y = body["x"], body["points"]
                return Linear(body["metric"], (float(x[0]), float(x[1])), (float(y[0]), float(y[1])))
            case "count":
                tiers = tuple((int(tier["at_least"]), float(tier["points"])) for tier in body)
                return Count(self.criteria(raw["options"], where), tiers)
            case "table":
                rows = []
                for row in body:
                    _keys(row, where, {"when", "tiers"})
                    when = Criteria("all", self.criteria(row["when"], where))
                    rows.append((when, self.tiers(row["tiers"], where)))
                return Table(tuple(rows))
            case _:
                return Tiers((Tier(points, self.joined(raw, where)),))

    def _steps(self, raw: Mapping[str, Any], where: str) -> Steps:
        _keys(raw, where, {"metric", "points_at_start", "step", "points_per_step"}, {"from", "from_by"})
        self._metric(raw["metric"], where)
        start: float | Mapping[str, float]
        start_by = ""
        if "from_by" in raw:
            ((start_by, numbers),) = raw["from_by"].items()
            unknown = set(numbers) - set(self._metric(start_by, where).values)
            if unknown:
                raise StandardDataError(f"{where}: {unknown} are not values of {start_by}")
            start = {str(word): float(number) for word, number in numbers.items()}
        else:
            start = float(raw["from"])
        return Steps(
            raw["metric"],
            start,
            start_by,
            float(raw["points_at_start"]),
            float(raw["step"]),
            float(raw["points_per_step"]),
        )

    def item(self, raw: Mapping[str, Any]) -> Item:
        where = str(raw.get("id"))
        rules = {"all", "any", "tiers", "steps", "linear", "count", "options", "table"}
        _keys(raw, where, {"id", "zh", "en"}, rules | {"points", "for", "credit_if", "not_applicable_if"})
        points = float(raw.get("points", 0))
        return Item(
            id=where,
            label=Text(raw["en"], raw["zh"]),
            applies_to=raw.get("for", ""),
            points=points,
            rule=self.rule(raw, points, where),
            credit_if=self.criteria(raw.get("credit_if", ()), where),
            not_applicable_if=self.criteria(raw.get("not_applicable_if", ()), where),
        )

    def clause(self, raw: Mapping[str, Any], group: str) -> Clause:
        where = str(raw.get("id"))
        optional = {
            "points", "section", "score", "stages", "revision", "confidence", "caveat_zh", "caveat_en",
            "evidence", "codes", "credit_if", "not_applicable_if", "tables",
        }  # fmt: skip
        _keys(raw, where, {"id", "zh", "en", "kind", "source", "items"}, optional)
        return Clause(
            id=where,
            title=Text(raw["en"], raw["zh"]),
            kind=raw["kind"],
            group=group,
            section=raw.get("section", ""),
            points=float(raw.get("points", 0)),
            score=raw.get("score", "sum"),
            stages=tuple(raw.get("stages", STAGES)),
            revision=raw.get("revision", "unchanged"),
            confidence=raw.get("confidence", "high"),
            caveat=_caveat(raw),
            evidence=tuple(raw.get("evidence", ())),
            codes=tuple(raw.get("codes", ())),
            source=tuple(raw["source"]),
            credit_if=self.criteria(raw.get("credit_if", ()), where),
            not_applicable_if=self.criteria(raw.get("not_applicable_if", ()), where),
            items=tuple(self.item(item) for item in raw["items"]),
            tables=tuple(_data_table(table) for table in raw.get("tables", ())),
        )

    def star_requirement(self, raw: Mapping[str, Any]) -> StarRequirement:
        where = str(raw.get("id"))
        stars = {"one_star": 1, "two_star": 2, "three_star": 3}
        optional = {"for", "when", "confidence", "caveat_zh", "caveat_en", *stars}
        _keys(raw, where, {"id", "zh", "en", "source", "logic"}, optional)
        return StarRequirement(
            id=where,
            label=Text(raw["en"], raw["zh"]),
            applies_to=raw.get("for", ""),
            when=self.criteria(raw.get("when", ()), where),
            confidence=raw.get("confidence", "high"),
            caveat=_caveat(raw),
            source=tuple(raw["source"]),
            levels={
                number: Criteria(raw["logic"], self.criteria(raw[key], where))
                for key, number in stars.items()
                if key in raw
            },
        )

    def standard(self, raw: Mapping[str, Any], clauses: tuple[Clause, ...]) -> Standard:
        keys = {
            "standard", "edition", "in_force", "control_points", "divisor", "group_minimum_share",
            "groups", "levels", "applicability", "claims", "star_requirements", "deleted_clauses",
            "sources", "documents",
        }  # fmt: skip
        _keys(raw, "standard.yaml", keys)
        return Standard(
            name=raw["standard"],
            edition=raw["edition"],
            control_points=float(raw["control_points"]),
            divisor=float(raw["divisor"]),
            group_minimum_share=float(raw["group_minimum_share"]),
            groups=tuple(
                Group(
                    group["id"],
                    Text(group["en"], group["zh"]),
                    group["symbol"],
                    group["bonus"],
                    {stage: float(group["full"][stage]) for stage in STAGES},
                )
                for group in raw["groups"]
            ),
            levels=tuple(
                Level(level["stars"], Text(level["en"], level["zh"]), float(level["total"]))
                for level in raw["levels"]
            ),
            applicability={name: self.joined(rule, name) for name, rule in raw["applicability"].items()},
            claims=frozenset(self._metric(name, "claims").name for name in raw["claims"]),
            star_requirements=tuple(self.star_requirement(row) for row in raw["star_requirements"]),
            deleted_clauses=raw["deleted_clauses"],
            sources={name: source["what"] for name, source in raw["sources"].items()},
            documents={name: Text(text["en"], text["zh"]) for name, text in raw["documents"].items()},
            metrics=self.metrics,
            clauses=clauses,
        )

    def _metric(self, name: str, where: str) -> Metric:
        try:
            return self.metrics[name]
        except KeyError:
            raise StandardDataError(f"{where}: metric {name} is not in metrics.yaml") from None


def _metric(name: str, raw: Mapping[str, Any], item_label: Text | None) -> Metric:
    _keys(raw, name, {"unit"}, {"zh", "en", "values", "order", "project"})
    label = Text(raw["en"], raw["zh"]) if "zh" in raw else item_label
    if label is None:
        raise StandardDataError(f"{name}: no label, and no item to take it from")
    return Metric(
        name=name,
        unit=raw["unit"],
        label=label,
        values=tuple(raw.get("values", ())),
        order=tuple(raw.get("order", ())),
        project=raw.get("project", False),
    )


def _item_labels(standard: Mapping[str, Any], chapters: Iterable[Mapping[str, Any]]) -> dict[str, Text]:
    """Metric -> label of the first item whose rule names it; the registry's own labels come before these."""
    labels: dict[str, Text] = {}
    items = [item for chapter in chapters for clause in chapter["clauses"] for item in clause["items"]]
    for item in (*items, *standard["star_requirements"]):
        for expression in _expressions(item):
            if match := re.match(rf"(?:not )?({_NAME})", expression):
                labels.setdefault(match[1], Text(item["en"], item["zh"]))
    return labels


def _expressions(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in ("all", "any", "options", "one_star", "two_star", "three_star"):
        yield from raw.get(key, ())
    for tier in raw.get("tiers", ()):
        yield from _expressions(tier)
    for key in ("steps", "linear"):
        if key in raw:
            yield raw[key]["metric"]


def _data_table(raw: Mapping[str, Any]) -> DataTable:
    _keys(raw, str(raw.get("id")), {"id", "zh", "en", "unit", "columns", "rows"})
    return DataTable(
        raw["id"],
        Text(raw["en"], raw["zh"]),
        raw["unit"],
        tuple(raw["columns"]),
        tuple(tuple(row) for row in raw["rows"]),
    )


def _caveat(raw: Mapping[str, Any]) -> Text | None:
    return Text(raw["caveat_en"], raw["caveat_zh"]) if "caveat_zh" in raw else None


def _keys(
    raw: Mapping[str, Any], where: str, required: set[str], optional: set[str] | frozenset[str] = frozenset()
) -> None:
    missing, unknown = required - raw.keys(), raw.keys() - required - optional
    if missing or unknown:
        raise StandardDataError(f"{where}: missing keys {sorted(missing)}, unknown keys {sorted(unknown)}")


def _check(standard: Standard) -> None:
    """Names that must exist, and points that must add up as in table 3.2.4."""
    ids = [clause.id for clause in standard.clauses]
    ids += [item.id for clause in standard.clauses for item in clause.items]
    if len(set(ids)) < len(ids):
        raise StandardDataError(f"ids used twice: {[name for name, n in Counter(ids).items() if n > 1]}")
    for clause in standard.clauses:
        if clause.confidence not in CONFIDENCES or not set(clause.stages) <= set(STAGES):
            raise StandardDataError(f"{clause.id}: confidence or stages")
        unknown = set(clause.evidence) - standard.documents.keys()
        unknown |= set(clause.source) - standard.sources.keys()
        if unknown:
            raise StandardDataError(f"{clause.id}: no such document or source: {sorted(unknown)}")
        for item in clause.items:
            if item.applies_to and item.applies_to not in standard.applicability:
                raise StandardDataError(f"{item.id}: no applicability {item.applies_to!r}")
            if item.points > clause.points or _most_points(item.rule, item.points) > item.points:
                raise StandardDataError(f"{item.id}: more points than the clause or the item has")
    for group in standard.groups:
        for stage in STAGES:
            total = sum(
                clause.points
                for clause in standard.clauses
                if clause.group == group.id and stage in clause.stages
            )
            full = group.full_points[stage]
            if total < full or (total > full and not group.bonus):
                raise StandardDataError(f"{group.id}: {total:g} points at {stage}, table 3.2.4 has {full:g}")


def _most_points(rule: Rule, points: float) -> float:
    match rule:
        case Tiers(tiers):
            return max(tier.points for tier in tiers)
        case Steps():
            return rule.points_at_start
        case Linear():
            return max(rule.points)
        case Count(_, tiers):
            return max(tier[1] for tier in tiers)
        case Table(rows):
            return max(_most_points(tiers, points) for _, tiers in rows)
