"""6.2.7 Air-quality monitoring: PM10, PM2.5 and CO2 sensors in the main rooms.

The clause names no number of sensors. The local reading asks for every main room; where the model shows
sensors in all of them the answer is yes, where it shows fewer it stays open and names the rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ifc.model import Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, every, unknown
from twin.rating.needs import fact_missing, not_modelled
from twin.use_types import use_types


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


FACTS: Mapping[str, Evaluator] = {
    f"monitors_{name}": partial(monitors, fact=f"monitors_{name}", kind=kind, label=Text(text, text))
    for name, kind, text in (("pm10", "pm10", "PM10"), ("pm25", "pm2_5", "PM2.5"), ("co2", "co2", "CO2"))
}
