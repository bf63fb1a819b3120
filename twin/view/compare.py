"""What changed between two revisions of a model and their evaluations, for the page."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ifc.model import BuildingModel
from viewer.scene import HIDDEN_CLASSES

if TYPE_CHECKING:
    from twin.evaluate import Evaluation

_STEP_M = 0.001  # corners are rounded to it; one that lies halfway may count as moved by less


def compare(before: Evaluation, after: Evaluation) -> dict[str, Any]:
    """Elements added, removed and changed (by GlobalId), and the clauses whose verdict or points differ.

    ``added`` and ``changed`` are scene rows of the model after; ``changed`` says what: ``name``, ``type``,
    ``properties``, ``storey``, ``shape``, ``construction``.
    """
    old, new = _elements(before.model), _elements(after.model)
    changed = []
    for global_id in new.keys() & old.keys():
        what = [name for name, value in new[global_id][1].items() if old[global_id][1][name] != value]
        if what:
            changed.append({"row": new[global_id][0], "what": what})
    return {
        "before": _about(before),
        "after": _about(after),
        "added": sorted(new[one][0] for one in new.keys() - old.keys()),
        "removed": [
            {
                "global_id": one,
                "name": str(before.model.elements.name[old[one][0]]),
                "class": str(before.model.elements.ifc_class[old[one][0]]),
            }
            for one in sorted(old.keys() - new.keys(), key=lambda one: old[one][0])
        ],
        "changed": sorted(changed, key=lambda one: one["row"]),
        "unchanged": len(new.keys() & old.keys()) - len(changed),
        "clauses": _clauses(before, after),
    }


def _about(evaluation: Evaluation) -> dict[str, Any]:
    card = evaluation.scorecard
    return {
        "file": evaluation.model.source.path.replace("\\", "/").rsplit("/", 1)[-1],
        "guaranteed": card.score_guaranteed,
        "attainable": card.score_attainable,
        "stars": card.stars_guaranteed,
    }


def _elements(model: BuildingModel) -> dict[str, tuple[int, dict[str, Any]]]:
    """GlobalId -> row and what is compared of it."""
    elements = model.elements
    shapes = _shapes(model)
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for row, global_id in enumerate(elements.global_id.tolist()):
        if elements.ifc_class[row] in HIDDEN_CLASSES and elements.ifc_class[row] != "IfcSpace":
            continue
        storey, construction = int(elements.storey[row]), int(elements.construction[row])
        found.setdefault(
            str(global_id),
            (
                row,
                {
                    "name": (str(elements.name[row]), str(elements.long_name[row])),
                    "type": (str(elements.ifc_class[row]), str(elements.type_name[row])),
                    "properties": {key: str(value) for key, value in model.properties.of(row).items()},
                    "storey": str(model.storeys.name[storey]) if storey >= 0 else "",
                    "shape": shapes.get(row, ""),
                    "construction": repr(model.constructions[construction]) if construction >= 0 else "",
                },
            ),
        )
    return found


def _shapes(model: BuildingModel) -> dict[int, str]:
    """Element row -> hash of its vertices in world coordinates, to the millimetre."""
    found = {}
    for row in np.unique(model.geometry.instance_element).tolist():
        vertices, triangles = model.geometry.mesh(row)
        corners = np.rint((vertices + model.offset_m)[triangles].reshape(-1, 3) / _STEP_M).astype(np.int64)
        ordered = np.unique(corners, axis=0)
        found[row] = hashlib.sha256(ordered.tobytes()).hexdigest()
    return found


def _clauses(before: Evaluation, after: Evaluation) -> list[dict[str, Any]]:
    old = {clause.id: clause for clause in before.scorecard.clauses}
    return [
        {
            "id": clause.id,
            "title": {"en": clause.title.en, "zh": clause.title.zh},
            "before": {"verdict": old[clause.id].verdict.value, "points": old[clause.id].points},
            "after": {"verdict": clause.verdict.value, "points": clause.points},
        }
        for clause in after.scorecard.clauses
        if clause.id in old
        and (clause.verdict, clause.points) != (old[clause.id].verdict, old[clause.id].points)
    ]
