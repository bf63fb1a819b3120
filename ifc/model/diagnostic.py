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
class Diagnostic:
    """One finding. ``code`` is stable and machine-readable, e.g. ``"space-without-volume"``."""

    code: str
    severity: Severity
    message: Text
    remedy: Text
    global_id: str = ""  # the element concerned, "" when the whole file is
    count: int = 1  # how many elements share this finding, when findings are grouped
