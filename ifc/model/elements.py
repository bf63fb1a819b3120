"""Elements of a building model and their properties, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Strings = NDArray[np.object_]
Index = NDArray[np.int32]


@dataclass(frozen=True)
class ElementTable:
    """Every IfcProduct of the file, spatial and physical, one row each, in order of STEP id.

    All columns have shape (E,) but where said. Index columns hold a row of the table named, -1 for none.
    """

    global_id: Strings
    ifc_class: Strings  # "IfcWall"; the exact class, IfcWallStandardCase kept as written
    predefined_type: Strings  # "" when not set; USERDEFINED replaced by ObjectType
    name: Strings
    long_name: Strings
    tag: Strings
    type_name: Strings
    parent: Index  # element that aggregates, nests, voids (for openings) or contains this one
    storey: Index  # row in StoreyTable
    space: Index  # row in SpaceTable that contains or references the element
    construction: Index  # row in BuildingModel.constructions
    # (E, 3) unit, from the first material layer to the last as the file states it; NaN where it does not
    layer_direction: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.global_id)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """GlobalId -> row; of several elements with one GlobalId, the first."""
        rows: dict[str, int] = {}
        for row, global_id in enumerate(self.global_id):
            rows.setdefault(global_id, row)
        return rows

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = {}
        for row, parent in enumerate(self.parent.tolist()):
            rows.setdefault(parent, []).append(row)
        return rows

    def parts_of(self, row: int) -> list[int]:
        """Rows whose parent is ``row``, in order."""
        return self._children.get(row, [])

    def rows_of_class(self, *ifc_classes: str) -> NDArray[np.intp]:
        """Rows whose exact class is one of ``ifc_classes``."""
        return np.flatnonzero(np.isin(self.ifc_class, ifc_classes))


@dataclass(frozen=True)
class PropertyTable:
    """Properties and quantities, one row each, sorted by element. All columns have shape (P,).

    Values are SI (m, m², m³, kg, K, W) where the file states a measure with a unit; ``unit`` is the
    SI symbol, "" for none. A property of the element hides the same one of its type.
    """

    element: Index
    set_name: Strings  # "" when the file gives none
    name: Strings
    value: Strings  # float | int | bool | str | tuple of these (lists, enumerations)
    unit: Strings
    inherited: NDArray[np.bool_]  # from the element's type
    quantity: NDArray[np.bool_]  # from an IfcElementQuantity

    @cached_property
    def _known(self) -> dict[int, dict[tuple[str, str], int]]:
        return {}

    def _rows_of(self, element: int) -> dict[tuple[str, str], int]:
        """(set, name) -> row of one element, gathered when it is first asked for."""
        own = self._known.get(element)
        if own is None:
            start, stop = np.searchsorted(
                self.element, np.array((element, element + 1), self.element.dtype)
            ).tolist()
            own = {}
            for row in range(start, stop):
                own.setdefault((self.set_name[row], self.name[row]), row)
            self._known[element] = own
        return own

    def of(self, element: int) -> dict[tuple[str, str], Any]:
        """(set, name) -> value of one element."""
        return {key: self.value[row] for key, row in self._rows_of(element).items()}

    def get(self, element: int, set_name: str, name: str) -> Any | None:
        """The value of ``set_name.name`` of an element, or None."""
        row = self._rows_of(element).get((set_name, name))
        return None if row is None else self.value[row]

    def find(self, element: int, *names: str) -> tuple[str, Any] | None:
        """The first of ``names`` that the element has in any set, as ("Set.Name", value)."""
        own = self._rows_of(element)
        for wanted in names:
            for (set_name, name), row in own.items():
                if name == wanted:
                    return (f"{set_name}.{name}" if set_name else name, self.value[row])
        return None


@dataclass(frozen=True)
class StoreyTable:
    """Storeys from the lowest to the highest. All columns have shape (S,)."""

    element: Index
    name: Strings
    elevation_m: NDArray[np.float64]  # in model coordinates (see BuildingModel.offset_m)
    building: Index  # element row of the IfcBuilding

    def __len__(self) -> int:
        return len(self.element)


@dataclass(frozen=True)
class OpeningTable:
    """Openings and what they fill. All columns have shape (O,).

    A window or door that fills no opening has a row with ``opening`` and ``host`` = -1.
    """

    opening: Index  # element row of the IfcOpeningElement
    host: Index  # element row of the wall, slab or roof that is voided
    filling: Index  # element row of the window or door, -1 for an unfilled opening


@dataclass(frozen=True)
class GroupTable:
    """Systems, zones and other groups: one row per membership. All columns have shape (G,)."""

    group_class: Strings  # "IfcSystem", "IfcZone", ...
    group_name: Strings
    group_global_id: Strings
    element: Index
