"""Which construction kind an element has, whether it is external, and how thick it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Neighbour

_KINDS = {
    "IfcWall": "wall", "IfcCurtainWall": "curtain_wall", "IfcRoof": "roof", "IfcWindow": "window",
    "IfcDoor": "door", "IfcSlab": "floor",
}  # fmt: skip
# Elements that separate rooms now and then: they get a construction where the file or a surface asks for it.
_OCCASIONAL = frozenset(
    ["IfcPlate", "IfcCovering", "IfcBuildingElementProxy", "IfcColumn", "IfcBeam", "IfcMember", "IfcFooting",
     "IfcBuildingElementPart", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcChimney"]
)  # fmt: skip
_SLAB_KINDS = {"ROOF": "roof", "BASESLAB": "ground_floor"}
GLASS = re.compile(r"glass|glaz|玻璃|verglas|vitr|glas\b", re.IGNORECASE)
_THICKNESS_NAMES = ("Width", "NominalThickness", "Thickness", "NominalWidth", "Depth", "厚度")
_PLATE_KINDS = ("wall", "floor", "roof", "ground_floor")
_DOOR_LEAF_M = 0.045
_THICKNESS_M = (0.001, 3.0)
_PARALLEL = 0.995
_EXTERNAL_SHARE = 0.05  # of an element's surfaces that make it an external one


@dataclass(frozen=True, slots=True)
class Part:
    """What an element is to the envelope. ``external`` None: not known."""

    kind: str
    external: bool | None


def envelope_parts(model: BuildingModel) -> dict[int, Part]:
    """Element row -> what it is to the envelope, for every element that may have a construction."""
    seen = _seen_by_surfaces(model)
    parts: dict[int, Part] = {}
    for row in range(len(model.elements)):
        kind = _kind(model, row)
        if kind is None:
            continue
        areas = seen.get(row)
        if areas is not None:
            # What lies behind its faces says more than IsExternal, which tools seldom set on slabs.
            kind = areas.kind(kind) if kind in ("floor", "other") else kind
            external: bool | None = areas.outdoors + areas.ground > _EXTERNAL_SHARE * areas.total
        else:
            external = _stated_external(model, row)
        if external is None and kind in ("roof", "ground_floor", "curtain_wall"):
            external = True
        parts[row] = Part(kind, external)
    return parts


def element_thickness(model: BuildingModel, row: int, kind: str) -> float | None:
    """Thickness of an element in metres: the quantity of a wall or slab, else volume / face area of the mesh.

    A door has 45 mm: its width and its mesh with frame and handle say nothing about the leaf. None when
    nothing is known or the number is no thickness of a building element.
    """
    if kind == "door":
        return _DOOR_LEAF_M
    found = model.properties.find(row, *_THICKNESS_NAMES) if kind in _PLATE_KINDS else None
    if found is not None and isinstance(found[1], (int, float)) and not isinstance(found[1], bool):
        stated = float(found[1])
        if _THICKNESS_M[0] <= stated <= _THICKNESS_M[1]:
            return stated
    vertices, triangles = model.geometry.mesh(row)
    return mesh_thickness(vertices, triangles)


def mesh_thickness(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> float | None:
    """Volume divided by half of the two largest opposite faces of a mesh; None when that is no plate.

    ``vertices`` (n, 3) in metres, ``triangles`` (m, 3).
    """
    if len(triangles) < 4:
        return None
    corners = (vertices - vertices.mean(axis=0))[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    doubled = np.linalg.norm(normals, axis=1)
    volume = abs(float(np.einsum("ij,ij->", corners[:, 0], normals))) / 6.0
    solid = doubled > 1e-12
    if volume <= 0.0 or not solid.any():
        return None
    units = normals[solid] / doubled[solid, None]
    areas = doubled[solid] / 2.0
    main = units[int(np.argmax(areas))]
    facing = float(areas[np.abs(units @ main) > _PARALLEL].sum()) / 2.0
    thickness = volume / facing if facing > 0.0 else 0.0
    return thickness if _THICKNESS_M[0] <= thickness <= _THICKNESS_M[1] else None


def _kind(model: BuildingModel, row: int) -> str | None:
    elements = model.elements
    ifc_class = _base(elements.ifc_class[row])
    parent = int(elements.parent[row])
    parent_class = _base(elements.ifc_class[parent]) if parent >= 0 else ""
    if ifc_class == "IfcSlab":
        return (
            "roof" if parent_class == "IfcRoof" else _SLAB_KINDS.get(elements.predefined_type[row], "floor")
        )
    if ifc_class == "IfcPlate" and parent_class == "IfcCurtainWall":
        return "curtain_wall" if is_glass(model, row) else "wall"
    return _KINDS.get(ifc_class) or ("other" if ifc_class in _OCCASIONAL else None)


def is_glass(model: BuildingModel, row: int) -> bool:
    """Whether an element's names or materials say glass."""
    elements = model.elements
    texts = [elements.name[row], elements.type_name[row], elements.predefined_type[row]]
    raw = int(elements.construction[row])
    if raw >= 0:
        texts += [
            model.constructions[raw].name,
            *(layer.material for layer in model.constructions[raw].layers),
        ]
    return any(GLASS.search(str(text)) for text in texts)


def _base(ifc_class: str) -> str:
    return ifc_class.removesuffix("StandardCase").removesuffix("ElementedCase")


def _stated_external(model: BuildingModel, row: int) -> bool | None:
    for one in (row, int(model.elements.parent[row])):
        found = model.properties.find(one, "IsExternal") if one >= 0 else None
        if found is not None and isinstance(found[1], bool):
            return found[1]
    return None


@dataclass(slots=True)
class _Areas:
    """m² of an element's surfaces by what they face."""

    outdoors: float = 0.0
    ground: float = 0.0
    ground_below: float = 0.0
    sky: float = 0.0  # facing up, outdoors
    total: float = 0.0
    vertical: float = 0.0

    def kind(self, kind: str) -> str:
        """The kind that the surfaces show, for a slab or an element of no particular kind."""
        if self.vertical > self.total / 2.0:
            return "wall" if kind == "other" else kind
        if self.ground_below > self.total / 2.0:
            return "ground_floor"
        return "roof" if self.sky > self.total / 2.0 else "floor"


def _seen_by_surfaces(model: BuildingModel) -> dict[int, _Areas]:
    surfaces = model.surfaces
    seen: dict[int, _Areas] = {}
    for element, area, tilt, neighbour in zip(
        surfaces.element.tolist(),
        surfaces.area_m2.tolist(),
        surfaces.tilt_deg.tolist(),
        surfaces.neighbour.tolist(),
        strict=True,
    ):
        if element < 0:
            continue
        areas = seen.setdefault(element, _Areas())
        areas.total += area
        areas.vertical += area if 45.0 <= tilt <= 135.0 else 0.0
        if neighbour == Neighbour.OUTDOORS:
            areas.outdoors += area
            areas.sky += area if tilt < 45.0 else 0.0
        elif neighbour == Neighbour.GROUND:
            areas.ground += area
            areas.ground_below += area if tilt > 135.0 else 0.0
    return seen
