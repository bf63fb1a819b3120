"""Which rooms make one dwelling."""

from __future__ import annotations

from ifc.model import BuildingModel
from twin.use_types import use_types


def dwellings(model: BuildingModel) -> dict[int, str]:
    """Row of the SpaceTable -> GlobalId of the IfcZone that is its dwelling; rooms of dwelling uses only."""
    row_of = {int(element): row for row, element in enumerate(model.spaces.element)}
    categories, groups = use_types(), model.groups
    found: dict[int, str] = {}
    for kind, zone, element in zip(
        groups.group_class, groups.group_global_id, groups.element.tolist(), strict=True
    ):
        row = row_of.get(element)
        if kind == "IfcZone" and row is not None:
            use = str(model.spaces.use[row])
            if use in categories and categories[use].category == "dwelling":
                found[row] = str(zone)
    return found
