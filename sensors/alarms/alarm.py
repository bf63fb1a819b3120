"""One alarm and its life: raised, acknowledged, cleared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sensors.alarms.rules import Severity


class AlarmState(StrEnum):
    """Where an alarm stands (ISA-18.2 keeps one that cleared unseen on the list until it is acknowledged)."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    CLEARED_UNSEEN = "cleared_unseen"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One occurrence. Times are microseconds UTC, 0 for not yet; ``value`` is NaN where there is none."""

    id: str
    rule: str
    point: str  # "" for an expression
    severity: Severity
    value: float
    raised_us: int
    acknowledged_us: int = 0
    acknowledged_by: str = ""
    cleared_us: int = 0
    shelved: bool = False  # raised while shelved: on the list, announced to no one

    @property
    def state(self) -> AlarmState:
        """Where it stands."""
        if self.cleared_us:
            return AlarmState.CLEARED if self.acknowledged_us else AlarmState.CLEARED_UNSEEN
        return AlarmState.ACKNOWLEDGED if self.acknowledged_us else AlarmState.RAISED

    @property
    def open(self) -> bool:
        """Whether somebody still has to see or mend something."""
        return self.state is not AlarmState.CLEARED


Change = tuple[Alarm, int, str, str, str]  # (the alarm as it is now, time, what happened, who, note)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A rule (on one point, or on all with ``point`` "") that is kept quiet for a time."""

    rule: str
    point: str
    until_us: int
    by: str
    reason: str
