"""8.2.2 Annual runoff volume capture of the site, from the sponge metric."""

from __future__ import annotations

from collections.abc import Mapping

from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact


def annual_runoff_control_rate(case: Case) -> Fact:
    """The control rate α, %."""
    return case.quantity("sponge", "annual_runoff_control_rate", "%", confidence="medium")


FACTS: Mapping[str, Evaluator] = {"annual_runoff_control_rate": annual_runoff_control_rate}
