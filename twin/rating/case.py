"""One model under rating: its facts, each found once, and what the evaluators need to find them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text
from twin.binding import BoundPoint, bind
from twin.metrics.result import MetricResult, Need
from twin.project import Project
from twin.rating.declarations import Declarations, DeclaredFact
from twin.rating.explain import Checked, joined
from twin.rating.facts import Fact, Value, unknown
from twin.rating.logic import Truth, compare
from twin.rating.needs import fact_missing
from twin.rating.openings import Opening, read_openings
from twin.rating.reading import Found, PropertyReader, as_bool, as_number, property_names
from twin.rating.standard import Criterion, Metric, Standard
from twin.rating.storeys import Storeys, read_storeys
from twin.rating.units import behind_number

Evaluator = Callable[["Case"], Fact]

# Units that a metric and the standard may write differently: (from, to) -> factor.
_CONVERSIONS = {("1", "%"): 100.0, ("-", "%"): 100.0, ("m²", "ha"): 1e-4, ("1", "-"): 1.0, ("-", "1"): 1.0}


class Case:
    """A model, its metrics and its project before the standard.

    :meth:`fact` answers for every name of the standard's registry: what twin.toml declares with evidence,
    else a property of that name of the building or the site, else what an evaluator finds or, without one, a
    quantity of that name in a metric; else a fact that cannot be told and what would supply it. A finding of
    low confidence is told as an indication and decides nothing.
    """

    def __init__(
        self,
        model: BuildingModel,
        metrics: Mapping[str, MetricResult],
        project: Project,
        standard: Standard,
        declarations: Declarations,
        evaluators: Mapping[str, Evaluator],
    ) -> None:
        self.model = model
        self.metrics = metrics
        self.project = project
        self.standard = standard
        self.declarations = declarations
        self.evaluators = evaluators
        self.diagnostics: list[Diagnostic] = []
        self._facts: dict[str, Fact] = {}
        self._open: set[str] = set()

    # --- facts -------------------------------------------------------------------------------------------

    def fact(self, name: str) -> Fact:
        """The fact of this name, in the unit of the registry."""
        if name not in self._facts:
            if name in self._open:
                raise RuntimeError(f"the fact {name} asks for itself")
            self._open.add(name)
            self._facts[name] = self._resolve(name)
            self._open.remove(name)
        return self._facts[name]

    def number(self, name: str) -> float | None:
        """The value of a numeric fact, None while it cannot be told."""
        value = self.fact(name).value
        return None if value is None else float(value)

    def truth(self, criterion: Criterion, given: Mapping[str, Value] | None = None) -> Truth:
        """Whether a criterion holds; ``given`` values stand in for facts."""
        fact = self.fact(criterion.metric)
        if given is not None and criterion.metric in given:
            fact = Fact(given[criterion.metric], fact.unit)
        match criterion.comparator:
            case "is":
                return None if fact.value is None else bool(fact.value) == criterion.threshold
            case "in":
                assert isinstance(criterion.threshold, tuple)
                return None if fact.value is None else str(fact.value) in criterion.threshold
            case comparator:
                return compare(self._bounds(fact, criterion.metric), comparator, self._limit(criterion))

    def _limit(self, criterion: Criterion) -> tuple[float, float]:
        if criterion.reference:
            return self.fact(str(criterion.threshold)).interval
        order = self.standard.metrics[criterion.metric].order
        limit = order.index(str(criterion.threshold)) if order else float(criterion.threshold)  # type: ignore[arg-type]
        return (float(limit), float(limit))

    def _bounds(self, fact: Fact, name: str) -> tuple[float, float]:
        order = self.standard.metrics[name].order
        if order and fact.value is not None:
            grade = float(order.index(str(fact.value)))
            return (grade, grade)
        return fact.interval

    def _resolve(self, name: str) -> Fact:
        metric = self.standard.metrics[name]
        found = self._from_properties(name)
        if found is None and name in self.evaluators:
            found = self._evaluate(name)
        if found is None:
            found = self._from_metrics(name) or unknown(metric.unit)
        stated = self.declarations.facts.get(name)
        if stated is not None and stated.problem is None:
            return self._declared(name, stated, found)
        if found.confidence == "low":
            found = self._indication(name, found)
        if found.known:
            return found
        needs = found.needs or (self._default_need(name),)
        if stated is not None and stated.problem is not None:
            needs = (stated.problem, *found.needs)
        return replace(found, needs=needs)

    def _evaluate(self, name: str) -> Fact:
        """What an evaluator finds. One that breaks costs its fact, never the whole rating."""
        try:
            return self.evaluators[name](self)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            label = self.standard.metrics[name].label
            told = f"{name}: {type(error).__name__}: {error}"
            broken = Text(
                f"greentwin failed to find this fact ({told}).", f"greentwin 未能求得该数据（{told}）。"
            )
            remedy = Text(
                f"Please report it; state [facts.{name}] in the meantime.",
                f"请报告此问题；可先填写 [facts.{name}]。",
            )
            self.diagnostics.append(
                Diagnostic(
                    "evaluator-failed",
                    Severity.ERROR,
                    Text(f"{label.en}: {broken.en}", f"{label.zh}：{broken.zh}"),
                    remedy,
                )
            )
            return unknown(self.standard.metrics[name].unit, Need(broken, remedy))

    def _indication(self, name: str, found: Fact) -> Fact:
        """A finding of low confidence decides nothing: it is shown, and a person confirms it."""
        if not found.known and found.bounds is None:
            return found
        text = Checked(None, self.standard.metrics[name], None, found).statement()
        said = Text(
            f"The model suggests: {text.en} Low confidence, so it must be confirmed.",
            f"模型提示：{text.zh}可信度低，须由人工确认。",
        )
        need = fact_missing(self.standard.metrics[name].label, name, found.elements)
        return replace(
            found, value=None, bounds=None, reason=joined(said, found.reason), needs=(*found.needs, need)
        )

    def _declared(self, name: str, stated: DeclaredFact, found: Fact) -> Fact:
        metric = self.standard.metrics[name]
        reason = Text(
            f"Declared{f': {stated.note}' if stated.note else ''}.",
            f"由项目声明{f'：{stated.note}' if stated.note else ''}。",
        )
        if found.known and not _same(found.value, stated.value):
            differs = _difference(metric, found)
            reason = Text(f"{reason.en} {differs.en}", f"{reason.zh}{differs.zh}")
            self.diagnostics.append(_disagreement(metric, stated, found, differs))
        return Fact(
            stated.value,
            metric.unit,
            Provenance.DECLARED,
            stated.source,
            reason=reason,
            evidence=stated.evidence,
        )

    def _default_need(self, name: str) -> Need:
        metric = self.standard.metrics[name]
        documents = self._documents.get(name, ())
        titles = [self.standard.documents[document] for document in documents]
        evidence = Text(
            f" ({', '.join(title.en for title in titles)})" if titles else "",
            f"（如{'、'.join(title.zh for title in titles)}）" if titles else "",
        )
        if metric.project:
            how = Text(
                f"State [facts.{name}] value in twin.toml.", f"在 twin.toml 中填写 [facts.{name}] 的 value。"
            )
        else:
            how = Text(
                f"State [facts.{name}] value and evidence{evidence.en} in twin.toml.",
                f"在 twin.toml 中填写 [facts.{name}] 的 value 和 evidence{evidence.zh}。",
            )
        return Need(metric.label, how)

    @cached_property
    def _documents(self) -> dict[str, tuple[str, ...]]:
        """Metric -> documents that a reviewer asks for in the clauses that use it."""
        documents: dict[str, tuple[str, ...]] = {}
        for clause in self.standard.clauses:
            for name in clause.metrics():
                documents[name] = tuple(dict.fromkeys((*documents.get(name, ()), *clause.evidence)))
        return documents

    # --- facts out of metrics and properties ---------------------------------------------------------------

    def quantity(self, metric: str, key: str, unit: str, *, confidence: str = "high") -> Fact:
        """A quantity of a metric's summary as a fact in ``unit``; cannot tell when there is none."""
        result = self.metrics.get(metric)
        if result is None:
            return unknown(
                unit,
                Need(
                    Text(f"The metric {metric} has no result.", f"指标 {metric} 没有结果。"),
                    Text("See the diagnostics of this metric.", "请查看该指标的诊断信息。"),
                ),
            )
        found = result.summary.get(key)
        if found is None:
            return unknown(
                unit,
                Need(
                    Text(
                        f"The metric {metric} {result.version} does not give {key}.",
                        f"指标 {metric} {result.version} 不提供 {key}。",
                    ),
                    Text(
                        f"State [facts.{key}] with evidence, if the standard knows it.",
                        f"如标准采用该值，请填写 [facts.{key}] 及证明文件。",
                    )
                    if key in self.standard.metrics
                    else Text("Declare the clause with evidence.", "请声明该条文并附证明文件。"),
                ),
            )
        if found.value is None or not math.isfinite(found.value):
            return unknown(unit, *found.needs)
        factor = 1.0 if found.unit == unit else _CONVERSIONS.get((found.unit, unit))
        if factor is None:
            return unknown(
                unit,
                Need(
                    Text(
                        f"{key} is given in {found.unit}, not in {unit}.",
                        f"{key} 的单位为 {found.unit}，而非 {unit}。",
                    ),
                    Text("Report this fault of greentwin.", "请报告 greentwin 的这一缺陷。"),
                ),
            )
        value = found.value * factor
        defaults = sum(1 for item in result.assumptions if item.value.provenance is Provenance.DEFAULT)
        reason = (
            Text(f"The result rests on {defaults} default values.", f"该结果采用了 {defaults} 个默认值。")
            if defaults
            else Text("", "")
        )
        formula = f"{found.formula or key} {'≥' if found.at_least else '='} {value:.4g} {unit}"
        source = f"{result.name} {result.version}" + (f", {found.source}" if found.source else "")
        return Fact(
            value, unit, Provenance.DERIVED, source, formula, reason, confidence=confidence,
            at_least=found.at_least,
        )  # fmt: skip

    def _from_metrics(self, name: str) -> Fact | None:
        unit = self.standard.metrics[name].unit
        for metric, result in self.metrics.items():
            if name in result.summary:
                return self.quantity(metric, name, unit)
        return None

    def _from_properties(self, name: str) -> Fact | None:
        """A property of the building or the site under the name of the fact itself."""
        if name not in property_names():
            return None
        found = {row: self.properties.get(row, name) for row in self.rows("IfcBuilding", "IfcSite")}
        stated = {row: item for row, item in found.items() if item is not None}
        metric = self.standard.metrics[name]
        values = {row: _as_value(item.value, metric.unit, metric.values) for row, item in stated.items()}
        usable = {row: value for row, value in values.items() if value is not None}
        if not usable or len(set(usable.values())) > 1:
            return None
        row, value = next(iter(usable.items()))
        source = stated[row].source
        return Fact(
            value, metric.unit, Provenance.IFC, source, f"{source} = {value}{behind_number(metric.unit).en}"
        )

    # --- the model -----------------------------------------------------------------------------------------

    @cached_property
    def properties(self) -> PropertyReader:
        """The model's properties by the keys of ``property_names.yaml``."""
        return PropertyReader(self.model)

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """The windows and doors."""
        return read_openings(self.model, self.properties)

    @cached_property
    def storeys(self) -> Storeys:
        """The storeys, above and below ground, with their areas."""
        return read_storeys(self.model, self.properties)

    @cached_property
    def points(self) -> tuple[BoundPoint, ...]:
        """The sensors and meters."""
        return bind(self.model)

    def rows(self, *ifc_classes: str) -> list[int]:
        """Element rows of these exact classes."""
        return [int(row) for row in self.model.elements.rows_of_class(*ifc_classes)]

    def get(self, element: int, key: str) -> Found | None:
        """A property of one element by its key."""
        return self.properties.get(element, key)

    def global_id(self, element: int) -> str:
        """The GlobalId of an element row."""
        return str(self.model.elements.global_id[element])

    def global_ids(self, elements: Iterable[int]) -> tuple[str, ...]:
        """The GlobalIds of element rows."""
        return tuple(self.global_id(element) for element in elements)

    def text(self, element: int) -> str:
        """Name, long name and type name of an element, for words that say what it is."""
        table = self.model.elements
        return f"{table.name[element]} {table.long_name[element]} {table.type_name[element]}"

    def space_id(self, space: int) -> str:
        """The GlobalId of a row of the SpaceTable."""
        return str(self.model.spaces.global_id[space])

    def spaces(self, *uses: str) -> list[int]:
        """Rows of the SpaceTable with one of these uses, outdoor spaces included."""
        return [int(row) for row in np.flatnonzero(np.isin(self.model.spaces.use, uses))]


def _same(left: Value | None, right: Value) -> bool:
    if isinstance(left, float | int) and isinstance(right, float | int):
        return math.isclose(left, right, rel_tol=1e-3, abs_tol=1e-9)
    return left == right


def _as_value(value: object, unit: str, values: tuple[str, ...]) -> Value | None:
    if unit == "bool":
        return as_bool(value)
    if values:
        return str(value) if str(value) in values else None
    return as_number(value)


def _difference(metric: Metric, found: Fact) -> Text:
    """What the model says against a declaration; a finding of low confidence only suggests."""
    shown = f"{found.value:.4g}" if isinstance(found.value, float) else str(found.value)
    if found.confidence == "low":
        return Text(
            f"The model suggests {shown} {metric.unit} with low confidence ({found.source}).",
            f"模型提示 {shown} {metric.unit}，可信度低（{found.source}）。",
        )
    return Text(
        f"The model itself gives {shown} {metric.unit} ({found.source}).",
        f"模型本身给出 {shown} {metric.unit}（{found.source}）。",
    )


def _disagreement(metric: Metric, stated: DeclaredFact, found: Fact, differs: Text) -> Diagnostic:
    """A finding of low confidence is no reason to call a declaration wrong: it is a note."""
    sure = found.confidence != "low"
    return Diagnostic(
        "declared-fact-differs",
        Severity.WARNING if sure else Severity.NOTE,
        Text(
            f"{stated.source} states {stated.value} for {metric.label.en}. {differs.en}",
            f"{stated.source} 声明“{metric.label.zh}”为 {stated.value}。{differs.zh}",
        ),
        Text(
            "Correct the model or the declaration; the declared value is used.",
            "请更正模型或声明；评价采用声明值。",
        )
        if sure
        else Text(
            "Check the declaration against its evidence; the declared value is used.",
            "请对照证明文件核实声明；评价采用声明值。",
        ),
    )
