"""Where the points of a live twin stand in the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ifc.model import BuildingModel
from twin.binding.model_points import room_around
from twin.binding.table import Binding


@dataclass(frozen=True, slots=True)
class Place:
    """One element of the model. GlobalIds are "" where there is none."""

    element: str
    ifc_class: str = ""
    name: str = ""
    storey: str = ""  # GlobalId
    storey_name: str = ""
    room: str = ""  # GlobalId
    room_name: str = ""


@dataclass(frozen=True)
class Places:
    """The elements of a model by GlobalId, and the element of each bound point."""

    elements: dict[str, Place] = field(default_factory=dict)
    element_of: dict[str, str] = field(default_factory=dict)  # point id -> GlobalId

    def of(self, point: str) -> Place | None:
        """The place of a point, None when it is not bound."""
        return self.elements.get(self.element_of.get(point, ""))

    def points_of(self, element: str) -> list[str]:
        """Points bound to an element, or to anything in a room or on a storey of this GlobalId."""
        return [
            point
            for point in self.element_of
            if (place := self.of(point)) is not None and element in (place.element, place.room, place.storey)
        ]


def places_in(model: BuildingModel, bindings: Iterable[Binding]) -> Places:
    """The places of a model, and the bindings that hold on it."""
    elements, spaces, storeys = model.elements, model.spaces, model.storeys
    storey_ids = [str(elements.global_id[row]) for row in storeys.element.tolist()]
    storey_at = dict(zip(storeys.element.tolist(), range(len(storey_ids)), strict=True))
    space_at = {element: space for space, element in enumerate(spaces.element.tolist()) if element >= 0}
    spaces_of: dict[int, list[int]] = {}
    for space, storey in enumerate(spaces.storey.tolist()):
        spaces_of.setdefault(storey, []).append(space)
    element_of = {one.point: one.anchor.global_id for one in bindings if one.accepted}
    bound = set(element_of.values())
    found = {}
    for row, global_id in enumerate(map(str, elements.global_id)):
        space = space_at.get(row, int(elements.space[row]))
        if space < 0 and global_id in bound:
            space = room_around(model, row, spaces_of)
        storey = storey_at.get(row, int(elements.storey[row]))
        if storey < 0 <= space:
            storey = int(spaces.storey[space])
        found[global_id] = Place(
            element=global_id,
            ifc_class=str(elements.ifc_class[row]),
            name=str(elements.long_name[row] or elements.name[row]),
            storey=storey_ids[storey] if storey >= 0 else "",
            storey_name=str(storeys.name[storey]) if storey >= 0 else "",
            room=str(spaces.global_id[space]) if space >= 0 else "",
            room_name=str(spaces.long_name[space] or spaces.name[space]) if space >= 0 else "",
        )
    return Places(found, element_of)


def places_of_bindings(bindings: Iterable[Binding]) -> Places:
    """The places that the table of bindings itself remembers, while no model has been read."""
    accepted = [one for one in bindings if one.accepted]
    return Places(
        {
            one.anchor.global_id: Place(
                element=one.anchor.global_id,
                ifc_class=one.anchor.ifc_class,
                name=one.anchor.name,
                storey_name=one.anchor.storey,
                room_name=one.anchor.space,
            )
            for one in accepted
        },
        {one.point: one.anchor.global_id for one in accepted},
    )
