"""What is wrong with a model, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ifc.model.text import Text


class Severity(StrEnum):
    """How far a finding reaches."""

    ERROR = "error"  # a part of the file is lost or unusable
    WARNING = "warning"  # a result rests on an assumption because of this
    NOTE = "note"  # worth knowing, costs nothing


@dataclass(frozen=True, slots=True)
class FaultPlace:
    """Where a fault of the model is: what a modeller needs to find it."""

    what: str  # of the fault, machine-readable, e.g. "no-element"
    size: float  # of the fault there
    unit: str  # of the size: "m²", "m" (a gap), "m³" (a shared volume)
    point_m: tuple[float, float, float]  # in the file's coordinates
    side: str = ""  # of the room: "wall", "floor", "ceiling"
    direction: str = ""  # that a wall of the room faces, from inside: "N", "NE", ...; by true north
    storey: str = ""  # name
    neighbour: str = ""  # GlobalId of the space on the other side
    elements: tuple[str, ...] = ()  # GlobalIds of at most two elements there


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``code`` is stable and machine-readable, e.g. ``"space-without-volume"``."""

    code: str
    severity: Severity
    message: Text
    remedy: Text
    global_id: str = ""  # the element concerned, "" when the whole file is
    count: int = 1  # how many elements share this finding, when findings are grouped
    places: tuple[FaultPlace, ...] = ()  # the largest first
