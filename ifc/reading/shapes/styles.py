"""Surface styles of representation items, as IfcOpenShell's geometry names and colours them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ifc.reading.entities import get, items, ref
from ifc.reading.shapes.body import NotOwn

Style = tuple[str, tuple[float, float, float, float]]  # name, RGBA

# What the engine gives to products without a style, so that both ways lead to one model.
DEFAULT: Style = ("DefaultMaterial", (0.7, 0.7, 0.7, 1.0))
_DEFAULTS: dict[str, tuple[float, float, float, float]] = {
    "IfcBeam": (0.75, 0.7, 0.7, 1.0),
    "IfcDoor": (0.55, 0.3, 0.15, 1.0),
    "IfcMember": (0.65, 0.6, 0.6, 1.0),
    "IfcPlate": (0.8, 0.8, 0.8, 1.0),
    "IfcRailing": (0.65, 0.6, 0.6, 1.0),
    "IfcSite": (0.75, 0.8, 0.65, 1.0),
    "IfcSlab": (0.4, 0.4, 0.4, 1.0),
    "IfcSpace": (0.65, 0.75, 0.8, 0.2),
    "IfcWall": (0.9, 0.9, 0.9, 1.0),
    "IfcWallStandardCase": (0.9, 0.9, 0.9, 1.0),
    "IfcWindow": (0.75, 0.8, 0.75, 0.7),
}


class Styles:
    """The styles of one file."""

    def __init__(self, file: Any) -> None:
        self._styled: dict[int, Any] = {}
        for styled in file.by_type("IfcStyledItem"):
            item = ref(styled, "Item")
            if item is not None:
                self._styled.setdefault(item.id(), styled)
        self._of_material: dict[int, list[Any]] = {}
        for definition in file.by_type("IfcMaterialDefinitionRepresentation"):
            material = ref(definition, "RepresentedMaterial")
            if material is not None:
                found = self._of_material.setdefault(material.id(), [])
                for representation in items(definition, "Representations"):
                    found += items(representation, "Items")
        self._materials_of: dict[int, list[Any]] = {}
        if self._of_material:
            for relation in file.by_type("IfcRelAssociatesMaterial"):
                for entity in items(relation, "RelatedObjects"):
                    self._materials_of.setdefault(entity.id(), []).append(ref(relation, "RelatingMaterial"))
        self._known: dict[int, Style] = {}

    def of_item(self, item: Any) -> Style | None:
        """The style of a representation item itself, None where it has none.

        Raises:
            NotOwn: it is styled in a way that is not understood here.
        """
        styled = self._styled.get(item.id())
        return None if styled is None else self._style(styled)

    def _style(self, styled: Any) -> Style:
        known = self._known.get(styled.id())
        if known is None:
            known = self._known[styled.id()] = _read(styled)
        return known

    def of_product(self, product: Any) -> Style:
        """The style of a product's items that have none of their own: its one material's, else its class's.

        Raises:
            NotOwn: its material is styled in a way that is not understood here.
        """
        materials = self._materials_of.get(product.id(), ())
        styled = self._of_one_material(materials[0]) if len(materials) == 1 else []
        if styled:
            if len(styled) != 1 or not styled[0].is_a("IfcStyledItem"):
                raise NotOwn
            return self._style(styled[0])
        ifc_class = product.is_a()
        rgba = _DEFAULTS.get(ifc_class)
        return DEFAULT if rgba is None else (ifc_class, rgba)

    def _of_one_material(self, material: Any) -> list[Any]:
        """What styles a material, or the one layer of a set."""
        if material is not None and material.is_a("IfcMaterialLayerSetUsage"):
            material = ref(material, "ForLayerSet")
        if material is not None and material.is_a("IfcMaterialLayerSet"):
            layers = list(items(material, "MaterialLayers"))
            material = ref(layers[0], "Material") if len(layers) == 1 else None
        return [] if material is None else self._of_material.get(material.id(), [])


def _read(styled: Any) -> Style:
    for style in _surface_styles(styled):
        for shading in items(style, "Styles"):
            if shading.is_a() in ("IfcSurfaceStyleRendering", "IfcSurfaceStyleShading"):
                return _name(style, shading), _rgba(shading)
    raise NotOwn


def _surface_styles(styled: Any) -> Iterator[Any]:
    for style in items(styled, "Styles"):
        if style.is_a("IfcSurfaceStyle"):
            yield style
        elif style.is_a("IfcPresentationStyleAssignment"):
            yield from (inner for inner in items(style, "Styles") if inner.is_a("IfcSurfaceStyle"))


def _name(style: Any, shading: Any) -> str:
    name = get(style, "Name")
    return name if isinstance(name, str) and name else f"{shading.is_a()}-{shading.id()}"


def _rgba(shading: Any) -> tuple[float, float, float, float]:
    surface = _rgb(ref(shading, "SurfaceColour"))
    diffuse = get(shading, "DiffuseColour")
    if surface is None:
        raise NotOwn
    if diffuse is not None:
        if diffuse.is_a("IfcColourRgb"):
            own = _rgb(diffuse)
            if own is None:
                raise NotOwn
            surface = own
        else:
            factor = diffuse[0]
            if not isinstance(factor, (int, float)):
                raise NotOwn
            surface = tuple(part * factor for part in surface)  # type: ignore[assignment]
    transparency = get(shading, "Transparency")
    alpha = 1.0 - transparency if isinstance(transparency, (int, float)) else 1.0
    red, green, blue = surface
    return _part(red), _part(green), _part(blue), _part(alpha)


def _rgb(colour: Any) -> tuple[float, float, float] | None:
    parts = [get(colour, name) for name in ("Red", "Green", "Blue")]
    if not all(isinstance(part, (int, float)) for part in parts):
        return None
    return parts[0], parts[1], parts[2]


def _part(value: float) -> float:
    return 1.0 if math.isnan(value) else min(max(value, 0.0), 1.0)
