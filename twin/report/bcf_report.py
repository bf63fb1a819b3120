"""What is to be mended for an evaluation, as BCF topics for the modeller's own tool.

A topic for every finding that has places in the model, each seen from inside the room, and for every
warning and error about an element; and one for every item of a clause that elements keep from its points.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from ifc.model import Diagnostic, FaultPlace, Language, Severity, Text
from twin.bcf import Camera, Topic, Vector, Viewpoint, stable_id, write_topics
from twin.evaluate import Evaluation
from twin.rating.result import ClauseResult, ItemResult, Verdict
from twin.report.console import VERDICTS

_DISTANCE_M = {"wall": 3.0, "floor": 2.0, "ceiling": 1.5}  # of the camera from a place, inside a room
_FROM_ABOVE_M = 6.0  # where no side of a room is told
_BEARING_DEG = {name: 45.0 * step for step, name in enumerate(("N", "NE", "E", "SE", "S", "SW", "W", "NW"))}


def write_bcf(evaluation: Evaluation, path: Path, language: Language) -> Path:
    """Write the topics of an evaluation to ``path`` (.bcf) in one language and return it.

    Raises:
        OSError: the file cannot be written.
    """
    topics = [*_findings(evaluation), *_clauses(evaluation)]
    return write_topics(topics, Path(evaluation.model.source.path).name, path, language)


def _findings(evaluation: Evaluation) -> list[Topic]:
    topics = []
    seen: Counter[tuple[str, str]] = Counter()
    project = evaluation.model.source.project_name
    north = evaluation.model.site.north_deg
    for finding in evaluation.diagnostics:
        grave = finding.severity is not Severity.NOTE
        if not (finding.places or (grave and finding.global_id)):
            continue
        key = (finding.code, finding.global_id)
        number, seen[key] = seen[key], seen[key] + 1
        topics.append(
            Topic(
                id=stable_id(project, *key, str(number)),
                title=finding.message,
                description=(finding.message, finding.remedy),
                label=finding.code,
                viewpoints=_views(finding, north),
            )
        )
    return topics


def _views(finding: Diagnostic, north_deg: float) -> tuple[Viewpoint, ...]:
    own = (finding.global_id,) if finding.global_id else ()
    if not finding.places:
        return (Viewpoint(own),)
    return tuple(
        Viewpoint(tuple(dict.fromkeys((*place.elements, *own))), _camera(place, north_deg))
        for place in finding.places
    )


def _camera(place: FaultPlace, north_deg: float) -> Camera:
    """Straight at the place from inside the room; obliquely from above where no side is told."""
    up: Vector = (0.0, 0.0, 1.0)
    direction: Vector
    if place.side == "wall" and place.direction in _BEARING_DEG:
        bearing = math.radians(_BEARING_DEG[place.direction] - north_deg)
        direction = (math.sin(bearing), math.cos(bearing), 0.0)
    elif place.side in ("floor", "ceiling"):
        direction, up = (0.0, 0.0, -1.0 if place.side == "floor" else 1.0), (0.0, 1.0, 0.0)
    else:
        half = math.sqrt(0.5)
        direction, up = (0.0, half, -half), (0.0, half, half)
    distance = _DISTANCE_M.get(place.side, _FROM_ABOVE_M)
    x, y, z = (at - distance * toward for at, toward in zip(place.point_m, direction, strict=True))
    return Camera((x, y, z), direction, up)


def _clauses(evaluation: Evaluation) -> list[Topic]:
    return [
        _clause_topic(evaluation.model.source.project_name, clause, item)
        for clause in evaluation.scorecard.clauses
        for item in clause.items
        if item.verdict in (Verdict.NOT_MET, Verdict.CANNOT_TELL) and item.elements
    ]


def _clause_topic(project: str, clause: ClauseResult, item: ItemResult) -> Topic:
    needs = [text for need in item.missing for text in (need.what, need.how)]
    return Topic(
        id=stable_id(project, clause.edition, clause.id, item.id),
        title=Text(
            f"{clause.id} {item.label.en}: {VERDICTS[item.verdict].en}",
            f"{clause.id} {item.label.zh}：{VERDICTS[item.verdict].zh}",
        ),
        description=(clause.title, item.reason, *needs),
        label="GB/T 50378",
        viewpoints=(Viewpoint(item.elements),),
    )
