"""8.2.5 Green stormwater infrastructure: storing green and permeable paving, from the sponge metric."""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact


def rain_storage_green_share(case: Case) -> Fact:
    """Green and water that store rain over all green, %."""
    return case.quantity("sponge", "sunken_green_share_pct", "%")


def permeable_paving_share(case: Case) -> Fact:
    """Permeable paving over all hard paving, %."""
    return case.quantity("sponge", "permeable_paving_share_pct", "%")


FACTS: Mapping[str, Evaluator] = {
    function.__name__: function for function in (rain_storage_green_share, permeable_paving_share)
}
