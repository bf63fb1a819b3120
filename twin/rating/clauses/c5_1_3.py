"""5.1.3 Water hygiene: toilets with a built-in trap of at least 50 mm, from the stated depth of the seals."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.equipment import sanitary_fixtures
from twin.rating.facts import Fact, unknown
from twin.rating.needs import not_modelled, property_missing
from twin.rating.reading import as_number


def toilet_water_seal_depth(case: Case) -> Fact:
    """Least water seal of the toilets and urinals, mm."""
    toilets = [row for row, kind in sanitary_fixtures(case).items() if kind in ("toilet", "urinal")]
    if not toilets:
        return unknown("mm", not_modelled(Text("toilets", "便器"), "toilet_water_seal_depth"))
    depths: dict[int, float] = {}
    sources: dict[str, None] = {}
    for row in toilets:
        found = case.get(row, "water_seal_depth")
        number = as_number(found.value) if found else None
        if found and number is not None:
            depths[row] = number * 1000 if number < 1 else number  # a length measure comes in metres
            sources[found.source] = None
    silent = [row for row in toilets if row not in depths]
    least = min(depths.values(), default=float("inf"))
    short = case.global_ids(row for row, depth in depths.items() if depth == least)
    formula = f"min h(seal) of {len(depths)} toilets = {least:g} mm" if depths else ""
    if silent:
        what = Text("Depth of the water seals.", "便器水封深度。")
        need = property_missing(what, "water_seal_depth", "toilet_water_seal_depth", case.global_ids(silent))
        bounds = (float("-inf"), least)
        return Fact(None, "mm", formula=formula, elements=short, needs=(need,), bounds=bounds)
    return Fact(least, "mm", Provenance.IFC, ", ".join(sources), formula, elements=short)


FACTS: Mapping[str, Evaluator] = {"toilet_water_seal_depth": toilet_water_seal_depth}
