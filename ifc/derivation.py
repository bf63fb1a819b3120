"""From what the file states to a model that metrics can stand on."""

from __future__ import annotations

from collections.abc import Callable

from ifc.constructions import resolve_constructions
from ifc.ground_cover import find_ground_covers
from ifc.model import BuildingModel
from ifc.room_use import recognise_room_uses
from ifc.surfaces import check_boundaries, derive_surfaces

# Stage and step, in this order. Constructions come last: which elements are external, and to what, is known
# from the surfaces.
STEPS: tuple[tuple[str, Callable[[BuildingModel], BuildingModel]], ...] = (
    ("uses", recognise_room_uses),
    ("covers", find_ground_covers),
    ("surfaces", derive_surfaces),
    ("boundaries", check_boundaries),
    ("constructions", resolve_constructions),
)
