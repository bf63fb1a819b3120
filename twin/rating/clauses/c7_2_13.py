"""7.2.13 Non-traditional water: shares of irrigation and washing and of flushing, from the sponge metric."""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact


def irrigation_and_washing(case: Case) -> Fact:
    """Share of non-traditional water of irrigation and washing, %; garages and cars are not counted."""
    return case.quantity("sponge", "nontraditional_share_irrigation_washing", "%", confidence="medium")


def flushing(case: Case) -> Fact:
    """Share of non-traditional water of the toilets, %."""
    return case.quantity("sponge", "nontraditional_share_flushing", "%", confidence="medium")


FACTS: Mapping[str, Evaluator] = {
    "nontraditional_share_irrigation_washing": irrigation_and_washing,
    "nontraditional_share_flushing": flushing,
}
