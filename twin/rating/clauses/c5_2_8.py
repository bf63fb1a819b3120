"""5.2.8 Use of daylight, from the daylight metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled

_SHARES = (
    "daylight_area_share_300lx_8h",
    "daylight_area_share_required_4h",
    "inner_zone_daylight_factor_area_share",
    "underground_daylit_area_ratio",
)


def daylight_share(case: Case, fact: str) -> Fact:
    """A share of the daylight metric's summary under the same name, %, and the rooms that fall short."""
    found = case.quantity("daylight", fact, "%", confidence="medium")
    table = case.metrics["daylight"].table if "daylight" in case.metrics else {}
    if not found.known or "meets" not in table:
        return found
    short = tuple(str(name) for name, met in zip(table["global_id"], table["meets"], strict=True) if met == 0)
    return replace(found, elements=short)


def inner_zone_present(case: Case) -> Fact:
    """Whether main rooms lie more than 5 m from the facade, where the daylight metric tells their area."""
    result = case.metrics.get("daylight")
    found = result.summary.get("inner_zone_area_m2") if result else None
    if found is None or found.value is None:
        return unknown(
            "bool",
            not_modelled(Text("inner zone of the daylight metric", "采光内区面积"), "inner_zone_present"),
        )
    formula = f"A(beyond 5 m from the facade) = {found.value:.1f} m²"
    return Fact(found.value > 0, "bool", Provenance.DERIVED, "daylight", formula, confidence="medium")


FACTS: Mapping[str, Evaluator] = {
    **{name: partial(daylight_share, fact=name) for name in _SHARES},
    "inner_zone_present": inner_zone_present,
}
