"""The grade of every space, and the findings that follow from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Neighbour, Severity, SpaceTable, SurfaceTable, Text
from ifc.surfaces.grading import Measures, SurfaceColumns, grade, shares
from ifc.surfaces.limits import STEEP
from ifc.surfaces.scene import Scene
from ifc.surfaces.solids import area_vectors, summed
from ifc.surfaces.space_check import SpaceSolids, reason_unusable, space_name

Ints = NDArray[np.int64]

EXTERNAL = Text(
    "An external space: it counts as outdoors and has no surfaces.", "室外空间：按室外处理，不生成围护表面。"
)
TOUCHING_M = 0.02  # spaces nearer than this share an open border: no element belongs there


def grade_spaces(
    model: BuildingModel, scene: Scene, table: SurfaceTable, solids: SpaceSolids, from_boundaries: Ints
) -> SpaceTable:
    """The spaces with their grades and reasons.

    Args:
        model: the building.
        scene: what stands around its rooms.
        table: the surfaces.
        solids: of all spaces.
        from_boundaries: (b,) spaces whose solid was made of the file's boundaries.
    """
    spaces = model.spaces
    count = len(spaces)
    solid_area = summed(scene.space_owner, np.linalg.norm(area_vectors(scene.space_corners), axis=1), count)
    measured = shares(
        SurfaceColumns(
            space=table.space.astype(np.int64),
            area=table.area_m2,
            steep=np.abs(table.normal[:, 2]) > STEEP,
            neighbour=table.neighbour,
            neighbour_space=table.neighbour_space.astype(np.int64),
            bare=(table.element < 0) & ~_open_between(table),
            evidence=table.evidence,
        ),
        solid_area,
    )
    letters, reasons = [], []
    for row in range(count):
        if not spaces.internal[row]:
            letters.append("A")
            reasons.append(EXTERNAL)
            continue
        if not solids.usable[row]:
            letters.append("D")
            reasons.append(reason_unusable(model, row, solids))
            continue
        other, share = solids.overlaps.of(row)
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
        letters.append(result.grade)
        reasons.append(result.reason)
    return replace(
        spaces,
        grade=np.array([*letters, None], object)[:-1],
        grade_reason_en=np.array([*(reason.en for reason in reasons), None], object)[:-1],
        grade_reason_zh=np.array([*(reason.zh for reason in reasons), None], object)[:-1],
    )


def _open_between(table: SurfaceTable) -> NDArray[np.bool_]:
    """Surfaces where two spaces touch, or a slit between two parts of one: no element belongs there."""
    touching = np.nan_to_num(table.thickness_m, nan=1.0) < TOUCHING_M
    between = (table.neighbour == Neighbour.SPACE) & touching
    slit = (table.neighbour == Neighbour.ADIABATIC) & np.isfinite(table.thickness_m)
    nothing_due: NDArray[np.bool_] = between | slit
    return nothing_due


def grade_diagnostics(spaces: SpaceTable) -> tuple[Diagnostic, ...]:
    """One diagnostic per space that is not grade A or B and is not external."""
    found = []
    for row in np.flatnonzero(np.isin(spaces.grade, ("C", "D")) & spaces.internal).tolist():
        severity = Severity.ERROR if spaces.grade[row] == "D" else Severity.WARNING
        label = space_name(spaces, row)
        found.append(
            Diagnostic(
                "space-not-usable" if spaces.grade[row] == "D" else "space-with-assumptions",
                severity,
                Text(
                    f"Space “{label}” is grade {spaces.grade[row]}: {spaces.grade_reason_en[row]}",
                    f"空间“{label}”的质量等级为 {spaces.grade[row]}：{spaces.grade_reason_zh[row]}",
                ),
                Text("Correct the model as the reason says.", "请按上述原因修正模型。"),
                global_id=str(spaces.global_id[row]),
            )
        )
    return tuple(found)
