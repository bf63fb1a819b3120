"""4.1.7 Evacuation routes. Widths that follow from the number of people are beyond a model; the least is not.

An exit door whose whole width is below the least clear width fails for certain. Nothing passes for certain.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.limits import limit
from twin.rating.needs import fact_missing
from twin.rating.reading import DOORS, as_bool, as_number, box


def egress_widths_compliant(case: Case) -> Fact:
    """False when an exit door is narrower than the least clear width of GB 55037."""
    least = limit("egress_door_width")
    exits = [row for row in case.rows(*DOORS) if _is_exit(case, row)]
    narrow = [row for row in exits if (width := door_width_m(case, row)) is not None and width < least.value]
    if narrow:
        shown = ", ".join(f"{door_width_m(case, row):.2f} m" for row in narrow[:5])
        return Fact(
            False,
            "bool",
            Provenance.IFC,
            f"width of the exit doors; {least.source}",
            f"w(exit doors) = {shown} < {least.value} m",
            Text(
                f"{len(narrow)} exit doors are narrower than {least.value} m.",
                f"{len(narrow)} 樘疏散门宽度小于 {least.value} m。",
            ),
            case.global_ids(narrow),
            confidence=least.confidence,
        )
    return unknown(
        "bool",
        fact_missing(
            Text("A check of the egress widths for the number of people.", "按疏散人数核算的疏散宽度。"),
            "egress_widths_compliant",
        ),
        reason=Text(
            f"None of {len(exits)} exit doors is narrower than {least.value} m.",
            f"{len(exits)} 樘疏散门均不小于 {least.value} m。",
        ),
    )


def _is_exit(case: Case, door: int) -> bool:
    found = case.get(door, "fire_exit")
    return found is not None and as_bool(found.value) is True


def door_width_m(case: Case, door: int) -> float | None:
    """Clear width if stated, else the width of the door's shape; None for neither."""
    found = case.get(door, "door_clear_width")
    number = as_number(found.value) if found else None
    if number is not None:
        return number
    corners = box(case.model, door)
    return float(np.max((corners[1] - corners[0])[:2])) if corners is not None else None


FACTS: Mapping[str, Evaluator] = {"egress_widths_compliant": egress_widths_compliant}
