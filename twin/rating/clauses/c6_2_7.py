"""6.2.7 Air-quality monitoring: PM10, PM2.5 and CO2 sensors in the main rooms.

The clause names no number of sensors. The local reading asks for every main room; where the model shows
sensors in all of them the answer is yes, where it shows fewer it stays open and names the rooms.
That readings are kept for a year, a year of readings shows (``twin measure``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.use_types import use_types

_ANNUAL = ("indoor_pm10_annual", "indoor_pm25_annual", "indoor_co2_annual")
_MONTHS = 12.0


def main_rooms(case: Case) -> list[int]:
    """Rows of the SpaceTable of the indoor main functional rooms."""
    categories = use_types()
    return [
        row
        for row, use in enumerate(case.model.spaces.use)
        if use in categories and categories[use].main_function and case.model.spaces.internal[row]
    ]


def monitors(case: Case, fact: str, kind: str, label: Text) -> Fact:
    """Whether every main room has a sensor of this kind."""
    watched = {point.space for point in case.points if point.kind == kind and point.space >= 0}
    rooms = main_rooms(case)
    if not watched or not rooms:
        return unknown(
            "bool", not_modelled(Text(f"{label.en} sensors in rooms", f"室内 {label.zh} 传感器"), fact)
        )
    findings = [
        Finding(case.space_id(room), True if room in watched else None, source="IfcSensor") for room in rooms
    ]
    reason = Text(
        f"{label.en} sensors in {len(watched & set(rooms))} of {len(rooms)} main rooms.",
        f"{len(rooms)} 个主要功能房间中 {len(watched & set(rooms))} 个设有 {label.zh} 传感器。",
    )
    what = Text(f"{label.en} sensors in these rooms.", f"这些房间的 {label.zh} 传感器。")
    return every(
        findings, symbol=f"main rooms with a {label.en} sensor", need=fact_missing(what, fact), reason=reason
    )


def iaq_data_retention(case: Case) -> Fact:
    """Months for which readings of all three are kept: those of the measured year, or not known yet."""
    measured = {} if "measured" not in case.metrics else case.metrics["measured"].summary
    told = [measured[name] for name in _ANNUAL if name in measured]
    if len(told) < len(_ANNUAL) or any(each.value is None for each in told):
        return unknown("months", *(need for each in told for need in each.needs))
    formula = f"12 months of readings of {', '.join(each.label.en for each in told)}"
    return Fact(_MONTHS, "months", Provenance.DERIVED, told[0].source, formula)


FACTS: Mapping[str, Evaluator] = {
    "iaq_data_retention": iaq_data_retention,
} | {
    f"monitors_{name}": partial(monitors, fact=f"monitors_{name}", kind=kind, label=Text(text, text))
    for name, kind, text in (("pm10", "pm10", "PM10"), ("pm25", "pm2_5", "PM2.5"), ("co2", "co2", "CO2"))
}
