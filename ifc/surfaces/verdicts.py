"""The grade of every space, and the findings that follow from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import (
    BuildingModel,
    Diagnostic,
    Evidence,
    FaultPlace,
    Neighbour,
    Severity,
    SpaceTable,
    SurfaceTable,
    Text,
)
from ifc.surfaces.grading import SOUND, Measures, SurfaceColumns, displaced, grade, shares
from ifc.surfaces.limits import STEEP
from ifc.surfaces.open_borders import open_borders
from ifc.surfaces.places import Stretch, fault_places, in_words, place_at
from ifc.surfaces.scene import Scene
from ifc.surfaces.solids import area_vectors, longest_open_edge, summed
from ifc.surfaces.space_check import SpaceSolids, reason_unusable, space_name

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Faults = dict[int, tuple[FaultPlace, ...]]

EXTERNAL = Text(
    "An external space: it counts as outdoors and has no surfaces.", "室外空间：按室外处理，不生成围护表面。"
)
FINDINGS = {
    "B": ("space-with-small-faults", Severity.NOTE),
    "C": ("space-with-assumptions", Severity.WARNING),
    "D": ("space-not-usable", Severity.ERROR),
}


def grade_spaces(
    model: BuildingModel,
    scene: Scene,
    table: SurfaceTable,
    stand_off: Floats,
    solids: SpaceSolids,
    from_boundaries: Ints,
) -> tuple[SpaceTable, Faults]:
    """The spaces with their grades and reasons, and where the faults of each lie that is not grade A.

    Args:
        model: the building.
        scene: what stands around its rooms.
        table: the surfaces.
        stand_off: (F,) from each surface to the first element, negative where it lies in it, NaN for none.
        solids: of all spaces.
        from_boundaries: (b,) spaces whose solid was made of the file's boundaries.
    """
    spaces = model.spaces
    count = len(spaces)
    solid_area = summed(scene.space_owner, np.linalg.norm(area_vectors(scene.space_corners), axis=1), count)
    columns = SurfaceColumns(
        space=table.space.astype(np.int64),
        area=table.area_m2,
        steep=np.abs(table.normal[:, 2]) > STEEP,
        neighbour=table.neighbour,
        neighbour_space=table.neighbour_space.astype(np.int64),
        bare=(table.element < 0) & ~open_borders(table),
        evidence=table.evidence,
        stand_off=stand_off,
    )
    measured = shares(columns, solid_area)
    letters = np.full(count, "A", object)
    reasons: list[Text] = []
    faults: Faults = {}
    for row in range(count):
        if not spaces.internal[row]:
            reasons.append(EXTERNAL)
            continue
        if not solids.usable[row]:
            letters[row] = "D"
            faults[row] = _why_unusable(model, row, solids)
            reasons.append(_told(model, reason_unusable(model, row, solids), faults[row]))
            continue
        other, share, point = solids.overlaps.of(row)
        if other >= 0 and not solids.usable[other]:
            other, share = -1, 0.0
        result = grade(
            Measures(
                area_m2=float(solid_area[row]),
                **{name: float(values[row]) for name, values in measured.items()},
                closed=bool(solids.closed[row]),
                volume_m3=float(solids.volume[row]),
                declared_volume_m3=float(spaces.declared_volume_m3[row]),
                overlap=share,
                overlap_name=space_name(spaces, other) if other >= 0 else "",
                derived=bool(spaces.derived[row]),
                from_boundaries=row in from_boundaries,
            )
        )
        letters[row] = result.grade
        told: list[Text] = []
        places: list[FaultPlace] = []
        for finding in result.findings:
            if finding.criterion == "overlap":
                shared_m3 = share * float(solids.volume[row])
                storey = int(spaces.storey[row])
                found: tuple[FaultPlace, ...] = (
                    place_at(model, "overlap", storey, point, shared_m3, "m³", other),
                )
            else:
                found = fault_places(model, table, row, _stretch(finding.criterion, columns, table.pair, row))
            told.append(_told(model, finding.reason, found))
            places += found
        if result.grade == "A":
            told = [SOUND]
        else:
            faults[row] = tuple(places)
        reasons.append(Text(" ".join(text.en for text in told), "".join(text.zh for text in told)))
    graded = replace(
        spaces,
        grade=letters,
        grade_reason_en=np.array([*(reason.en for reason in reasons), None], object)[:-1],
        grade_reason_zh=np.array([*(reason.zh for reason in reasons), None], object)[:-1],
    )
    return graded, faults


def _told(model: BuildingModel, reason: Text, places: tuple[FaultPlace, ...]) -> Text:
    """A reason with its places."""
    where = in_words(model, places)
    return Text(f"{reason.en} {where.en}".strip(), f"{reason.zh}{where.zh}")


def _stretch(criterion: str, columns: SurfaceColumns, pair: NDArray[np.int32], row: int) -> Stretch:
    """The surfaces that a criterion is about; none where it is about the whole space."""
    mine = columns.space == row
    if criterion == "asymmetry":
        return _lopsided(columns, pair, row)
    masks = {
        "unresolved": columns.neighbour == Neighbour.UNKNOWN,
        "no-element": columns.bare,
        "sampled": columns.evidence == Evidence.SAMPLE,
        "displaced": displaced(columns),
    }
    rows = np.flatnonzero(mine & masks[criterion]) if criterion in masks else np.zeros(0, np.int64)
    return Stretch(criterion, rows, columns.area[rows], columns.neighbour_space[rows])


def _lopsided(columns: SurfaceColumns, pair: NDArray[np.int32], row: int) -> Stretch:
    """The surfaces without a partner towards the neighbour whose areas differ most, on the side with more."""
    inner = columns.neighbour == Neighbour.SPACE
    out, back = inner & (columns.space == row), inner & (columns.neighbour_space == row)
    count = int(max(columns.space.max(initial=0), columns.neighbour_space.max(initial=0))) + 1
    difference = summed(columns.neighbour_space[out], columns.area[out], count)
    difference -= summed(columns.space[back], columns.area[back], count)
    other = int(np.argmax(np.abs(difference)))
    side = (
        out & (columns.neighbour_space == other) if difference[other] > 0 else back & (columns.space == other)
    )
    alone = np.flatnonzero(side & (pair < 0))
    rows = alone if len(alone) else np.flatnonzero(side)
    # The surfaces without a partner make up the difference, apart from partners that are not quite parallel.
    size = columns.area[rows] * abs(difference[other]) / max(float(columns.area[rows].sum()), 1e-9)
    return Stretch("asymmetry", rows, size, np.full(len(rows), other))


def _why_unusable(model: BuildingModel, row: int, solids: SpaceSolids) -> tuple[FaultPlace, ...]:
    """Where a space without surfaces is at fault: the largest hole in its solid, or a space that it holds."""
    storey = int(model.spaces.storey[row])
    mine = solids.corners[solids.owner == row]
    if row in solids.holders:
        held = solids.holders[row][0]
        middle = solids.corners[solids.owner == held].mean(axis=(0, 1))
        return (place_at(model, "holds-spaces", storey, middle, solids.volume[held], "m³", held),)
    if len(mine) and not solids.closed[row]:
        length, middle = longest_open_edge(mine)
        return (place_at(model, "open-edge", storey, middle, length, "m"),)
    return ()


def grade_diagnostics(spaces: SpaceTable, faults: Faults) -> tuple[Diagnostic, ...]:
    """One diagnostic per space that is not grade A, with its places."""
    found = []
    for row in np.flatnonzero((spaces.grade != "A") & spaces.internal).tolist():
        code, severity = FINDINGS[spaces.grade[row]]
        label = space_name(spaces, row)
        found.append(
            Diagnostic(
                code,
                severity,
                Text(
                    f"Space “{label}” is grade {spaces.grade[row]}: {spaces.grade_reason_en[row]}",
                    f"空间“{label}”的质量等级为 {spaces.grade[row]}：{spaces.grade_reason_zh[row]}",
                ),
                Text("Correct the model as the reason says.", "请按上述原因修正模型。"),
                global_id=str(spaces.global_id[row]),
                places=faults.get(row, ()),
            )
        )
    return tuple(found)
