"""Whether bindings still hold on a model: bound, found again, to be reviewed, dead, unbound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ifc.model import BuildingModel
from sensors.points import Point
from twin.binding.anchor import CONFIDENT, AnchorIndex
from twin.binding.table import Binding


@dataclass(frozen=True, slots=True)
class BindingCheck:
    """The bindings of some points on one model.

    ``bound`` hold as they are. ``moved`` were found again under another GlobalId with at least the wanted
    confidence; their anchors are those of the new model. ``review`` have a candidate below it (not
    accepted), ``dead`` have none. ``unbound`` are points without an accepted binding; ``strangers``
    are bindings of points that the table does not list.
    """

    bound: tuple[Binding, ...]
    moved: tuple[Binding, ...]
    review: tuple[Binding, ...]
    dead: tuple[Binding, ...]
    unbound: tuple[str, ...]
    strangers: tuple[Binding, ...]

    @property
    def usable(self) -> tuple[Binding, ...]:
        """The bindings that can be used now."""
        return (*self.bound, *self.moved)


def check_bindings(
    model: BuildingModel, bindings: Sequence[Binding], points: Iterable[Point], confidence: float = CONFIDENT
) -> BindingCheck:
    """Look up every accepted binding on a model.

    A binding that is found again below ``confidence``, or whose element is claimed by two bindings that were
    of different elements, is never used until somebody accepts it.
    """
    index = AnchorIndex(model)
    known = {point.id for point in points}
    accepted = [binding for binding in bindings if binding.accepted]
    bound: list[Binding] = []
    moved: list[Binding] = []
    review: list[Binding] = []
    dead: list[Binding] = []
    claimed: dict[int, set[str]] = {}
    found = []
    for binding in accepted:
        candidates = index.find(binding.anchor)
        found.append((binding, candidates))
        if candidates:
            claimed.setdefault(candidates[0].row, set()).add(binding.anchor.global_id)
    for binding, candidates in found:
        if not candidates:
            dead.append(binding)
            continue
        best = candidates[0]
        now = replace(binding, anchor=index.anchor_of(best.row))
        if best.confidence == 1.0:
            bound.append(now)
        elif best.confidence >= confidence and len(claimed[best.row]) == 1:
            moved.append(replace(now, confidence=best.confidence, reason=f"re-anchored: {best.reason}"))
        else:
            review.extend(
                replace(
                    binding,
                    anchor=index.anchor_of(one.row),
                    accepted=False,
                    confidence=one.confidence,
                    reason=f"was {binding.anchor.global_id}: {one.reason}",
                )
                for one in candidates
            )
    usable = {binding.point for binding in (*bound, *moved)}
    return BindingCheck(
        bound=tuple(bound),
        moved=tuple(moved),
        review=tuple(review),
        dead=tuple(dead),
        unbound=tuple(sorted(known - usable)),
        strangers=tuple(binding for binding in accepted if binding.point not in known),
    )
