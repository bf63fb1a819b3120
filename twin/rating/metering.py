"""Meters as the clauses see them: what they meter, and whether they read out remotely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ifc.model import Text
from twin.binding import BoundPoint
from twin.rating.case import Case
from twin.rating.facts import Fact, Finding, every
from twin.rating.needs import property_missing
from twin.rating.reading import as_bool, says

# End uses of the energy of a building and the words by which a meter's name shows them; Chinese name first.
END_USES: dict[str, tuple[str, ...]] = {
    "lighting": ("照明", "lighting", "lights"),
    "sockets": ("插座", "socket", "sockets", "outlets"),
    "cooling and heating source": (
        "冷热源",
        "冷源",
        "热源",
        "空调",
        "制冷",
        "锅炉",
        "chiller",
        "boiler",
        "hvac",
        "cooling",
    ),
    "distribution": ("输配", "水泵", "循环泵", "风机", "pump", "pumps", "fan", "fans"),
    "lifts": ("电梯", "elevator", "lift", "lifts"),
    "hot water": ("热水", "hot water"),
    "chargers": ("充电", "charger", "charging"),
    "dwellings": ("户用", "住户", "分户", "household", "apartment"),
    "solar": ("光伏", "太阳能", "pv", "solar"),
}


def end_uses_metered(meters: Iterable[BoundPoint]) -> list[str]:
    """The end uses that the names of the meters show."""
    found: dict[str, None] = {}
    for meter in meters:
        for use, words in END_USES.items():
            if says(meter.name, words):
                found[use] = None
    return list(found)


def remote(case: Case, meters: Sequence[BoundPoint], fact: str, symbol: str) -> Fact:
    """Whether all of these meters state that they read out remotely."""
    findings = []
    for meter in meters:
        found = case.get(meter.element, "remote_reading")
        answer = as_bool(found.value) if found else None
        findings.append(Finding(meter.global_id, answer, source=found.source if found else ""))
    what = Text("Remote reading of the meters.", "表具的远传功能。")
    return every(
        findings, symbol=symbol, need=property_missing(what, "remote_reading", fact), confidence="medium"
    )
