"""The grade of every space, and the findings that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
CORRECT = Text("Correct the model as the reason says.", "请按上述原因修正模型。")
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
    at_fault = _at_fault(columns, table.pair)
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
            reasons.append(reason_unusable(model, row, solids))
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
                found = fault_places(model, table, row, at_fault.stretch(finding.criterion, row))
            told.append(finding.reason)
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


@dataclass(frozen=True)
class _AtFault:
    """Which surfaces each criterion is about."""

    columns: SurfaceColumns
    pair: NDArray[np.int32]
    rows: dict[str, Ints]  # criterion -> rows of the surfaces, sorted by space
    inner: Ints  # rows towards other spaces, sorted by the other space

    def stretch(self, criterion: str, space: int) -> Stretch:
        """The surfaces of a space that a criterion is about; none where it is about the whole space."""
        columns = self.columns
        if criterion == "asymmetry":
            return self._lopsided(space)
        rows = self.rows.get(criterion, np.zeros(0, np.int64))
        rows = _of(space, rows, columns.space)
        return Stretch(criterion, rows, columns.area[rows], columns.neighbour_space[rows])

    def _lopsided(self, space: int) -> Stretch:
        """The surfaces without a partner towards the neighbour that differs most, on the larger side."""
        columns = self.columns
        out = _of(space, self.rows["asymmetry"], columns.space)
        back = _of(space, self.inner, columns.neighbour_space)
        others = np.unique(np.concatenate([columns.neighbour_space[out], columns.space[back]]))
        difference = summed(
            np.searchsorted(others, columns.neighbour_space[out]), columns.area[out], len(others)
        )
        difference -= summed(np.searchsorted(others, columns.space[back]), columns.area[back], len(others))
        most = int(np.argmax(np.abs(difference)))
        other = int(others[most])
        if difference[most] > 0:
            side = out[columns.neighbour_space[out] == other]
        else:
            side = back[columns.space[back] == other]
        alone = side[self.pair[side] < 0]
        rows = alone if len(alone) else side
        # The surfaces without a partner make up the difference, but for partners that are not quite parallel.
        size = columns.area[rows] * abs(difference[most]) / max(float(columns.area[rows].sum()), 1e-9)
        return Stretch("asymmetry", rows, size, np.full(len(rows), other))


def _at_fault(columns: SurfaceColumns, pair: NDArray[np.int32]) -> _AtFault:
    inner = columns.neighbour == Neighbour.SPACE
    masks = {
        "unresolved": columns.neighbour == Neighbour.UNKNOWN,
        "no-element": columns.bare,
        "sampled": columns.evidence == Evidence.SAMPLE,
        "displaced": displaced(columns),
        "asymmetry": inner,
    }
    towards = np.flatnonzero(inner)
    return _AtFault(
        columns,
        pair,
        {criterion: np.flatnonzero(mask) for criterion, mask in masks.items()},
        towards[np.argsort(columns.neighbour_space[towards], kind="stable")],
    )


def _of(space: int, rows: Ints, column: Ints) -> Ints:
    """The rows whose value in a column is ``space``; rows sorted by that column."""
    begin, end = np.searchsorted(column[rows], [space, space + 1])
    return rows[begin:end]


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


def grade_diagnostics(model: BuildingModel, faults: Faults) -> tuple[Diagnostic, ...]:
    """One diagnostic per space of a graded model that is not grade A, with its places in data and words."""
    spaces = model.spaces
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
                in_words(model, faults.get(row, ())) or CORRECT,
                global_id=str(spaces.global_id[row]),
                places=faults.get(row, ()),
            )
        )
    return tuple(found)
