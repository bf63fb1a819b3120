"""The list of every fact by clause, for docs/rating_facts.md: ``python -m twin.rating.fact_list``."""

from __future__ import annotations

from collections.abc import Iterator

from twin.rating.clauses import EVALUATORS
from twin.rating.reading import how_to_state, property_names
from twin.rating.standard import Metric, Standard, criteria_metrics
from twin.rating.standard_reader import load_standard

_HEAD = """# Facts of the rating

Every name that `[facts.NAME]` in twin.toml may carry, by the clause that asks for it. Written by
`python -m twin.rating.fact_list`; edit the data files under twin/rating/data/gbt50378, not this page.

*found*: greentwin looks for it in the model or its metrics. *property*: also read from the IfcBuilding or
IfcSite under that name. *data*: project data, which needs no evidence file.
"""


def fact_list(standard: Standard) -> Iterator[str]:
    """The lines of the page."""
    yield _HEAD
    listed: set[str] = set()
    for clause in standard.clauses:
        names = [name for name in dict.fromkeys(clause.metrics()) if name not in listed]
        if names:
            yield f"## {clause.id} {clause.title.zh} ({clause.title.en})\n"
            yield from _table(names, standard)
            listed.update(names)
    stars = [
        name
        for row in standard.star_requirements
        for c in row.levels.values()
        for name in criteria_metrics(c.criteria)
    ]
    rest = [name for name in dict.fromkeys(stars) if name not in listed]
    yield "## Table 3.2.8\n"
    yield from _table(rest, standard)
    listed.update(rest)
    yield "## Inputs and kinds of project\n"
    yield from _table([name for name in standard.metrics if name not in listed], standard)


def _table(names: list[str], standard: Standard) -> Iterator[str]:
    yield "| name | unit | 中文 | English | |"
    yield "|---|---|---|---|---|"
    for name in names:
        metric = standard.metrics[name]
        yield f"| `{name}` | {_unit(metric)} | {metric.label.zh} | {metric.label.en} | {_marks(metric)} |"
    yield ""


def _unit(metric: Metric) -> str:
    if metric.unit == "bool":
        return "true, false"
    return ", ".join(metric.values or metric.order) or metric.unit


def _marks(metric: Metric) -> str:
    marks = ["found"] if metric.name in EVALUATORS else []
    if metric.name in property_names():
        marks.append(f"property {how_to_state(metric.name)}")
    if metric.project:
        marks.append("data")
    return ", ".join(marks)


if __name__ == "__main__":
    print("\n".join(fact_list(load_standard())))
