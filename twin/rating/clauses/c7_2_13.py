"""7.2.13 Non-traditional water: shares of what irrigation and washing, flushing and cooling draw.

A building in use is held by a year of its meters (``twin measure``), before that by the sponge metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import fact_missing


def irrigation_and_washing(case: Case) -> Fact:
    """Share of non-traditional water of irrigation and washing, %; the design counts no garages and cars."""
    return _share(case, "nontraditional_share_irrigation_washing")


def flushing(case: Case) -> Fact:
    """Share of non-traditional water of the toilets, %."""
    return _share(case, "nontraditional_share_flushing")


def cooling(case: Case) -> Fact:
    """Share of non-traditional water of the cooling make-up, %, which only meters tell."""
    name = "nontraditional_share_cooling"
    measured = _measured(case, name)
    return (
        unknown("%", fact_missing(case.standard.metrics[name].label, name)) if measured is None else measured
    )


def _share(case: Case, name: str) -> Fact:
    designed = case.quantity("sponge", name, "%", confidence="medium")
    measured = _measured(case, name)
    if measured is None:
        return designed
    if not measured.known:
        return replace(designed, needs=(*measured.needs, *designed.needs))
    if not designed.known:
        return measured
    said = Text(f"Design: {designed.value:.1f} %.", f"设计值：{designed.value:.1f}%。")
    return replace(measured, reason=said)


def _measured(case: Case, name: str) -> Fact | None:
    """What a year of meters tells; None where no meters are named."""
    if "measured" not in case.metrics or name not in case.metrics["measured"].summary:
        return None
    return case.quantity("measured", name, "%")


FACTS: Mapping[str, Evaluator] = {
    "nontraditional_share_irrigation_washing": irrigation_and_washing,
    "nontraditional_share_flushing": flushing,
    "nontraditional_share_cooling": cooling,
}
