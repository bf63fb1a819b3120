"""Anchors: what is remembered of a bound element, so that it is found again when GlobalIds change."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ifc.model import BuildingModel

# How much one agreement alone says that two elements are the same; agreements join as 1 - product(1 - share).
_TAG, _PLACE, _NAME, _TYPE, _SPACE, _STOREY = 0.9, 0.95, 0.6, 0.2, 0.3, 0.1
NEAR_M, FAR_M = 0.1, 1.0  # at 0.1 m the place agrees in full, at 1 m no more
RIVAL = 0.8  # a second candidate this close (as a share) makes the first ambiguous
CONFIDENT = 0.9


@dataclass(frozen=True, slots=True)
class Anchor:
    """An element as it was when it was bound. Coordinates in metres of the file's world, NaN unknown."""

    global_id: str
    ifc_class: str = ""
    predefined_type: str = ""
    name: str = ""
    tag: str = ""
    type_name: str = ""
    space: str = ""  # name of the room
    storey: str = ""
    x_m: float = math.nan
    y_m: float = math.nan
    z_m: float = math.nan


class Found(NamedTuple):
    """An element that an anchor may stand for now."""

    row: int
    confidence: float
    reason: str


class AnchorIndex:
    """The elements of a model by everything that an anchor remembers."""

    def __init__(self, model: BuildingModel) -> None:
        self.model = model
        self._places: dict[int, tuple[float, float, float]] = {}

    def anchor_of(self, row: int) -> Anchor:
        """What is to be remembered of an element."""
        model, elements = self.model, self.model.elements
        space, storey = int(elements.space[row]), int(elements.storey[row])
        x, y, z = self._place(row)
        return Anchor(
            global_id=str(elements.global_id[row]),
            ifc_class=str(elements.ifc_class[row]),
            predefined_type=str(elements.predefined_type[row]),
            name=str(elements.name[row]),
            tag=str(elements.tag[row]),
            type_name=str(elements.type_name[row]),
            space=str(model.spaces.name[space]) if space >= 0 else "",
            storey=str(model.storeys.name[storey]) if storey >= 0 else "",
            x_m=x,
            y_m=y,
            z_m=z,
        )

    def find(self, anchor: Anchor) -> list[Found]:
        """The elements that the anchor may stand for, the likeliest first, at most three.

        An element of the same GlobalId and class is it, with confidence 1. Else elements of its class are
        compared by tag, place, name, type, room and storey.
        """
        row = self.model.elements.row_of.get(anchor.global_id)
        if row is not None and (
            not anchor.ifc_class or str(self.model.elements.ifc_class[row]) == anchor.ifc_class
        ):
            return [Found(row, 1.0, "the same GlobalId")]
        found = [self._compared(anchor, row) for row in self._rows_of_class.get(anchor.ifc_class, ())]
        found = sorted((one for one in found if one.confidence > 0.3), key=lambda one: -one.confidence)[:3]
        if len(found) > 1 and found[1].confidence >= RIVAL * found[0].confidence:
            share = found[0].confidence / (found[0].confidence + found[1].confidence)
            best = found[0]
            found[0] = Found(best.row, best.confidence * share, f"{best.reason}; another is as likely")
        return found

    @cached_property
    def _rows_of_class(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(self.model.elements.ifc_class):
            rows.setdefault(str(name), []).append(row)
        return rows

    @cached_property
    def _name_counts(self) -> Counter[tuple[str, str]]:
        elements = self.model.elements
        return Counter(zip(map(str, elements.ifc_class), map(_bare, elements.name), strict=True))

    @cached_property
    def _tag_counts(self) -> Counter[str]:
        return Counter(map(str, self.model.elements.tag))

    def _compared(self, anchor: Anchor, row: int) -> Found:
        here = self.anchor_of(row)
        agreed: list[tuple[str, float]] = []
        if anchor.tag and anchor.tag == here.tag:
            agreed.append(("tag", _TAG / self._tag_counts[here.tag]))
        distance = math.dist((anchor.x_m, anchor.y_m, anchor.z_m), (here.x_m, here.y_m, here.z_m))
        if distance < FAR_M:
            nearness = min(1.0, (FAR_M - distance) / (FAR_M - NEAR_M))
            agreed.append(("place", _PLACE * nearness))
        bare, other = _bare(anchor.name), _bare(here.name)
        if bare and bare == other:
            agreed.append(("name", _NAME / self._name_counts[(here.ifc_class, other)]))
        for what, share in (("type_name", _TYPE), ("space", _SPACE), ("storey", _STOREY)):
            mine, its = getattr(anchor, what), getattr(here, what)
            if mine and mine == its:
                agreed.append((what.removesuffix("_name"), share))
        confidence = 1 - math.prod(1 - share for _, share in agreed)
        # What speaks against it counts too: a tag or a name that differs.
        if anchor.tag and here.tag and anchor.tag != here.tag:
            confidence *= 0.5
        if bare and other and bare != other:
            confidence *= 0.8
        if anchor.predefined_type and anchor.predefined_type != here.predefined_type:
            confidence *= 0.5
        return Found(row, confidence, f"the same {', '.join(what for what, _ in agreed)}" if agreed else "")

    def _place(self, row: int) -> tuple[float, float, float]:
        place = self._places.get(row)
        if place is None:
            vertices, _ = self.model.geometry.mesh(row)
            if len(vertices):
                middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2 + self.model.offset_m
                place = (float(middle[0]), float(middle[1]), float(middle[2]))
            else:
                place = (math.nan, math.nan, math.nan)
            self._places[row] = place
        return place


def _bare(name: object) -> str:
    """A name without the running number that some exporters append anew each time (``:123456``)."""
    return re.sub(r":\d+$", "", str(name))
