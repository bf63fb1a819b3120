"""Bindings from a Brick model (extra ``brick``): points that lead to a ``ref:ifcGlobalID``.

Sources: Brick 1.4 documentation, "Timeseries Storage" and "BIM integration"; namespace
https://brickschema.org/schema/Brick/ref#.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ifc.model import Text
from sensors.errors import missing_extra
from twin.binding.anchor import Anchor
from twin.binding.table import Binding
from twin.errors import TwinError

MAX_BYTES = 64 * 2**20
_BRICK = "https://brickschema.org/schema/Brick#"
_REF = "https://brickschema.org/schema/Brick/ref#"


def read_brick(path: Path | str) -> list[Binding]:
    """A binding of every Brick point that leads to a GlobalId.

    The point's id is its ``ref:hasTimeseriesId``, else the last part of its IRI. A GlobalId of the point
    itself has confidence 0.99; one of the equipment or place that it is a point of, 0.9; none is accepted.

    Raises:
        TwinError: the file is no Turtle.
        SensorError: rdflib is not installed.
    """
    try:
        import rdflib
    except ImportError:
        raise missing_extra("brick", "rdflib") from None
    path = Path(path)
    graph = rdflib.Graph()
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        graph.parse(data=path.read_text("utf-8-sig"), format="turtle")
    except Exception as error:  # noqa: BLE001 - the parser raises whatever its grammar runs into
        raise TwinError(
            "brick-unreadable",
            str(path),
            Text(f"This is no Turtle file: {str(error)[:200]}.", "不是有效的 Turtle 文件。"),
            Text("Export the Brick model as Turtle (.ttl).", "请将 Brick 模型导出为 Turtle（.ttl）。"),
        ) from None
    brick, ref = rdflib.Namespace(_BRICK), rdflib.Namespace(_REF)

    def external(subject: Any, name: str) -> str:
        for reference in (subject, *graph.objects(subject, ref.hasExternalReference)):
            for value in graph.objects(reference, ref[name]):
                return str(value)
        return ""

    owners: dict[Any, list[Any]] = {}
    for subject, target in graph.subject_objects(brick.isPointOf):
        owners.setdefault(subject, []).append(target)
    for target, subject in graph.subject_objects(brick.hasPoint):
        owners.setdefault(subject, []).append(target)
    bindings = []
    referring = {
        *owners,
        *graph.subjects(ref.hasExternalReference, None),
        *graph.subjects(ref.ifcGlobalID, None),
    }
    for subject in sorted(referring, key=str):
        series = external(subject, "hasTimeseriesId")
        if subject not in owners and not series:
            continue  # equipment or a place, or the reference itself
        point = series or str(subject).rsplit("#", 1)[-1].rsplit("/", 1)[-1]
        own = external(subject, "ifcGlobalID")
        if own:
            bindings.append(Binding(point, Anchor(own), False, 0.99, "Brick: the point's own GlobalId"))
            continue
        places = [*owners.get(subject, ()), *graph.objects(subject, brick.hasLocation)]
        for owner in places:
            its = external(owner, "ifcGlobalID")
            if its:
                name = str(owner).rsplit("#", 1)[-1]
                bindings.append(Binding(point, Anchor(its), False, 0.9, f"Brick: the GlobalId of {name}"))
                break
    return bindings
