"""5.2.11 Adjustable shading: area of shaded glass over all glass of the external windows.

A window is shaded adjustably when it says so, or when a movable shading device stands in front of it. The
weights of the kinds of shading in the commentary are not known here; every adjustable device counts fully.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, Finding, share
from twin.rating.needs import not_modelled, property_missing
from twin.rating.openings import Opening
from twin.rating.reading import SHADINGS, as_bool, as_number, box

_FACT = "adjustable_shading_ratio"
_REACH_M = 1.0  # a device belongs to a window when their boxes come this close


def adjustable_shading_ratio(case: Case) -> Fact:
    """Share of the transparent area of the external windows with adjustable shading, %."""
    windows = [opening for opening in case.openings if opening.window and opening.external]
    if not windows:
        windows = [opening for opening in case.openings if opening.window and opening.external is None]
    windows = [opening for opening in windows if np.isfinite(opening.area_m2)]
    devices = [
        (corners, _movable(case, row)) for row in case.rows(*SHADINGS) if (corners := box(case.model, row))
    ]
    findings = [_finding(case, window, devices) for window in windows]
    what = Text("Adjustable shading of the windows.", "外窗可调节遮阳。")
    need = (
        property_missing(what, "adjustable_shading", _FACT)
        if windows
        else not_modelled(Text("external windows", "外窗"), _FACT)
    )
    return share(
        findings, symbol="ΣA(shaded glass)", weight_unit="m²", need=need, provenance=Provenance.DERIVED,
        confidence="medium",
    )  # fmt: skip


def _movable(case: Case, device: int) -> bool | None:
    found = case.get(device, "shading_movable")
    return as_bool(found.value) if found else None


def _finding(
    case: Case, window: Opening, devices: list[tuple[tuple[np.ndarray, np.ndarray], bool | None]]
) -> Finding:
    glass = window.area_m2 * _glazed_fraction(case, window.element)
    global_id = case.global_id(window.element)
    found = case.get(window.element, "adjustable_shading")
    if found is not None and (answer := as_bool(found.value)) is not None:
        return Finding(global_id, answer, glass, found.source)
    corners = box(case.model, window.element)
    if corners is None:
        return Finding(global_id, None, glass)
    near = [movable for other, movable in devices if _close(corners, other)]
    if True in near:
        return Finding(global_id, True, glass, "IfcShadingDevice")
    if None not in near and any(movable for _, movable in devices):
        # A model that shows the adjustable shading of some windows shows the lack of it on others.
        return Finding(global_id, False, glass, "IfcShadingDevice")
    return Finding(global_id, None, glass)


def _glazed_fraction(case: Case, window: int) -> float:
    construction = int(case.model.elements.construction[window])
    if construction >= 0:
        frame = case.model.constructions[construction].frame_ratio
        number = as_number(frame.value) if frame else None
        if number is not None and 0 <= number < 1:
            return 1 - number
    return 1.0


def _close(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> bool:
    gap = np.maximum(first[0] - second[1], second[0] - first[1])
    return bool(gap.max() <= _REACH_M and (gap <= 0).sum() >= 2)


FACTS: Mapping[str, Evaluator] = {_FACT: adjustable_shading_ratio}
