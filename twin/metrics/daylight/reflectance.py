"""The reflectance of each face of the model: which material shows there, and who says what it reflects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ifc.constructions.materials_library import order_of_layers
from ifc.model import BuildingModel, Construction, Layer, Neighbour, Provenance, Traced
from twin.daylight_sections import FinishSection
from twin.metrics.daylight.finishes import Face, finish_reflectance
from twin.metrics.daylight.rules import DaylightRules

Floats = NDArray[np.float64]

_FLAT = 0.5  # vertical part of the normal, above which a face shows its finish as a floor or ceiling does
_ALONG = 0.7  # cosine to the direction of the layers, above which a face shows the first or last of them
_UPRIGHT = ("wall", "curtain_wall", "window", "door")
_FROM_BELOW = ("floor", "ground_floor")


def surface_reflectance(model: BuildingModel, row: int, rules: DaylightRules) -> Traced:
    """Diffuse reflectance of the inner face of a surface: as something tells, else by the way it faces."""
    element, normal = int(model.surfaces.element[row]), model.surfaces.normal[row]
    told = told_reflectance(model, rules, element, normal, outside=False)
    if told is not None:
        return told
    tilt = float(model.surfaces.tilt_deg[row])  # of the normal out of the room: 0 at the ceiling
    kind = "wall"
    if tilt < rules.floor_below_tilt_deg:
        kind = "ceiling"
    elif tilt > 180.0 - rules.floor_below_tilt_deg:
        kind = "floor"
    return rules.reflectance[kind]


def outer_reflectance(model: BuildingModel, row: int, rules: DaylightRules) -> Traced | None:
    """What is told of the outer face of the element behind a surface; None for surfaces that have none."""
    if model.surfaces.neighbour[row] != Neighbour.OUTDOORS:
        return None
    element, normal = int(model.surfaces.element[row]), model.surfaces.normal[row]
    return told_reflectance(model, rules, element, -normal, outside=True)


def solid_reflectances(
    model: BuildingModel, corners: Floats, owner: NDArray[np.intp], rules: DaylightRules
) -> tuple[Floats, Floats]:
    """Diffuse reflectance of triangles (T,) inside rooms and outside.

    Args:
        model: whose elements ``owner`` are.
        corners: (T, 3, 3) m, wound about their outward normal.
        owner: (T,) element rows in rising order.
        rules: with the reflectances of what nothing is told of.
    """
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal = cross / np.maximum(np.linalg.norm(cross, axis=1), 1e-30)[:, None]
    flat = np.cos(np.radians(rules.floor_below_tilt_deg))
    inside = np.full(len(corners), float(rules.reflectance["wall"].value))
    inside[normal[:, 2] > flat] = float(rules.reflectance["floor"].value)
    inside[normal[:, 2] < -flat] = float(rules.reflectance["ceiling"].value)
    outside = np.full(len(corners), float(rules.reflectance["outside"].value))
    outside[model.elements.ifc_class[owner] == "IfcSite"] = float(rules.reflectance["ground"].value)
    elements, starts = np.unique(owner, return_index=True)
    for element, start, stop in zip(elements.tolist(), starts, [*starts[1:], len(owner)], strict=True):
        if model.elements.construction[element] < 0:
            continue
        mine = slice(start, stop)
        side = _sides(normal[mine], model.elements.layer_direction[element])
        for one in np.unique(side).tolist():
            where = np.flatnonzero(side == one) + start
            for values, outdoors in ((inside, False), (outside, True)):
                told = told_reflectance(model, rules, element, -normal[where[0]], outside=outdoors)
                if told is not None:
                    values[where] = float(told.value)
    return inside, outside


def _sides(normal: Floats, direction: Floats) -> NDArray[np.intp]:
    """A number (n,) for the way that each face looks, alike for faces that show the same material."""
    upward = (normal[:, 2] > _FLAT).astype(np.intp) - (normal[:, 2] < -_FLAT)
    along = normal @ np.nan_to_num(direction)
    return 3 * upward + (along > _ALONG) - (along < -_ALONG)


def told_reflectance(
    model: BuildingModel,
    rules: DaylightRules,
    element: int,
    into: Floats,
    *,
    outside: bool,
) -> Traced | None:
    """Diffuse reflectance of one face of an element; None where nothing tells it.

    In this order: twin.toml for the material that shows, the property of the element, the property of that
    material, its name (:func:`twin.metrics.daylight.finishes.finish_reflectance`).

    Args:
        model: with constructions, as the file states them or resolved.
        rules: with the finishes that twin.toml declares.
        element: row, -1 for none.
        into: (3,) unit vector into the element, against the outward normal of the face.
        outside: whether it is looked at from outdoors.
    """
    construction = int(model.elements.construction[element]) if element >= 0 else -1
    if construction < 0:
        return None
    whole = model.constructions[construction]
    stated = whole.stated or whole  # the layers of a usual build-up are nobody's finish
    face: Face = "ceiling" if into[2] > _FLAT else "floor" if into[2] < -_FLAT else "wall"
    showing = _showing(stated, model.elements.layer_direction[element], into, face)
    return (
        _agreed(showing, lambda layer: _declared(layer.material, face, outside, rules.declared_finishes))
        or (stated.reflectance_outside if outside else stated.reflectance_inside)
        or _agreed(showing, lambda layer: layer.visible_reflectance)
        or _agreed(showing, lambda layer: finish_reflectance(layer.material, face, outside))
    )


def _showing(stated: Construction, direction: Floats, into: Floats, face: Face) -> tuple[Layer, ...]:
    """The layers that may show: one, both outermost ones of a slab, or none where it is not known.

    A coat shows in place of the layer that it is on.
    The direction of the layers is believed of walls. Of slabs it is not, since common exports have them
    upside down; there the materials themselves tell what is above, as carpet and screed are, or below.
    """
    layers = stated.layers
    if not layers:
        return ()
    if len(layers) > 1 and any(layer.thickness_m <= 0 for layer in layers):
        return ()  # a list of materials, in no order
    first, last = stated.coats[0] or layers[0], stated.coats[1] or layers[-1]
    if (first.material, first.visible_reflectance) == (last.material, last.visible_reflectance):
        return (first,)
    if abs(float(direction[2])) < _FLAT:
        along = float(direction @ into)
        return () if abs(along) < _ALONG else (first,) if along > 0.0 else (last,)
    if face == "wall" or stated.kind in _UPRIGHT:
        return ()
    order = order_of_layers([layer.material for layer in layers], stated.kind)
    order = order or order_of_layers([first.material, last.material], stated.kind)
    if order == 0:
        return first, last
    first_below = order > 0 if stated.kind in _FROM_BELOW else order < 0  # others begin outside: above
    return (first,) if first_below == (face == "ceiling") else (last,)


def _agreed(layers: Iterable[Layer], told: Callable[[Layer], Traced | None]) -> Traced | None:
    """What is told of the layers, None where of several it is not the same."""
    found = [value for layer in layers if (value := told(layer)) is not None]
    return found[0] if len({float(value.value) for value in found}) == 1 else None


def names_material(pattern: str, material: str) -> bool:
    """Whether a name of twin.toml, with * and ?, is that of a material; capital or small letters alike."""
    return fnmatchcase(material.casefold(), pattern.casefold())


def _declared(material: str, face: Face, outside: bool, finishes: tuple[FinishSection, ...]) -> Traced | None:
    for number, finish in enumerate(finishes):
        where = "outside" if outside else face
        if names_material(finish.material, material) and (not finish.surfaces or where in finish.surfaces):
            source = f"daylight.finishes.{number} in twin.toml, material {material!r}"
            return Traced(finish.reflectance, "", Provenance.DECLARED, source)
    return None
