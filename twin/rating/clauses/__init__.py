"""The evaluators: one module per clause, each with ``FACTS``, fact name -> function that finds it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from twin.rating.case import Evaluator

# Facts about the project and the building that several clauses share, then the clauses.
SHARED = ("twin.rating.building", "twin.rating.site", "twin.rating.equipment")
CLAUSES: tuple[str, ...] = (
    "3.2.8", "4.1.6", "4.1.7", "4.2.2", "4.2.3", "4.2.4", "4.2.8",
    "5.1.3", "5.1.8", "5.1.9", "5.2.7", "5.2.8", "5.2.9", "5.2.10", "5.2.11",
    "6.1.3", "6.1.4", "6.2.2", "6.2.3", "6.2.5", "6.2.6", "6.2.7", "6.2.8",
    "7.1.1", "7.1.5", "7.1.6", "7.2.1", "7.2.2", "7.2.3", "7.2.4", "7.2.5", "7.2.6", "7.2.7",
    "7.2.8", "7.2.9", "7.2.10", "7.2.13", "7.2.15", "7.2.16", "7.2.17", "7.2.18",
    "8.1.1", "8.2.2", "8.2.3", "8.2.5", "8.2.9", "9.2.1", "9.2.5", "9.2.7A",
)  # fmt: skip


def _collect() -> Mapping[str, Evaluator]:
    evaluators: dict[str, Evaluator] = {}
    modules = (*SHARED, *(f"twin.rating.clauses.c{clause.lower().replace('.', '_')}" for clause in CLAUSES))
    for name in modules:
        facts: Mapping[str, Evaluator] = import_module(name).FACTS
        doubles = evaluators.keys() & facts.keys()
        if doubles:
            raise ImportError(f"{name} finds facts that another module finds already: {sorted(doubles)}")
        evaluators |= facts
    return evaluators


EVALUATORS: Mapping[str, Evaluator] = _collect()
