"""Constructions as the file states them: layers, U-values, glazing. Nothing is assumed here."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import Construction, ElementTable, Layer, PropertyTable, Provenance, Traced
from ifc.reading.entities import get, items, ref, text
from ifc.reading.placements import Placements
from ifc.reading.products import Products
from ifc.reading.properties import set_values
from ifc.reading.units import Units

_KINDS = {
    "IfcWall": "wall", "IfcWallStandardCase": "wall", "IfcWallElementedCase": "wall",
    "IfcCurtainWall": "curtain_wall", "IfcRoof": "roof", "IfcWindow": "window",
    "IfcWindowStandardCase": "window", "IfcDoor": "door", "IfcDoorStandardCase": "door", "IfcSlab": "floor",
    "IfcSlabStandardCase": "floor", "IfcSlabElementedCase": "floor",
}  # fmt: skip
_SLAB_KINDS = {"ROOF": "roof", "BASESLAB": "ground_floor"}
# Classes that can separate a room from something: those whose material says how heat gets through.
_ENVELOPE_CLASSES = frozenset(
    [*_KINDS, "IfcPlate", "IfcCovering", "IfcBuildingElementProxy", "IfcColumn", "IfcBeam", "IfcMember",
     "IfcBuildingElementPart", "IfcFooting", "IfcPlateStandardCase", "IfcMemberStandardCase", "IfcStair",
     "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcPavement", "IfcGeographicElement"]
)  # fmt: skip

# Names that authoring tools use for one quantity, best first. Compared without case, spaces and punctuation.
_U_VALUE = ("thermaltransmittance", "heattransfercoefficientu", "uvalue", "传热系数", "传热系数u")
_SHGC = ("solarheatgaintransmittance", "solarheatgaincoefficient", "shgc", "gvalue", "太阳得热系数")
_VISIBLE = (
    "visiblelighttransmittance",
    "visuallighttransmittance",
    "visibletransmittance",
    "vlt",
    "可见光透射比",
)
_GLAZED_FRACTION = ("glazingareafraction",)
_REFLECTANCE_INSIDE = ("visiblelightreflectance", "lightreflectance", "可见光反射比")
_REFLECTANCE_OF_MATERIAL = ("visiblereflectancefront", "visiblereflectance", "visiblereflectanceback")
_WANTED = frozenset((*_U_VALUE, *_SHGC, *_VISIBLE, *_GLAZED_FRACTION, *_REFLECTANCE_INSIDE))
_CONDUCTIVITY = ("thermalconductivity", "conductivity", "lambda", "导热系数")
_DENSITY = ("massdensity", "density", "密度")
_SPECIFIC_HEAT = ("specificheatcapacity", "specificheat", "比热容", "比热")
_AXES = {"AXIS1": 0, "AXIS2": 1, "AXIS3": 2}  # IfcLayerSetDirectionEnum -> column of the element's frame
_SENSES = {"POSITIVE": 1.0, "NEGATIVE": -1.0}

_Coats = tuple[Layer | None, Layer | None]
_Named = tuple[str, tuple[Layer, ...], _Coats]  # name, layers, coats of the first and the last of them
_NO_COATS: _Coats = (None, None)
_NO_LAYERS: _Named = ("", (), _NO_COATS)

_AIR_WORDS = (
    "air gap",
    "air layer",
    "air space",
    "airspace",
    "cavity",
    "luftschicht",
    "空气层",
    "空气间层",
    "空腔",
)


def read_constructions(
    file: Any, products: Products, elements: ElementTable, properties: PropertyTable, units: Units
) -> tuple[tuple[Construction, ...], NDArray[np.int32], NDArray[np.float64]]:
    """Constructions of the envelope's elements, and what each element has of them.

    Elements of one kind with equal layers and values share a construction. Returned with them: each element's
    row (E,), -1 where the file says nothing, and the direction (E, 3) in which its layers follow each other,
    NaN where it is not told.
    """
    materials = _Materials(file, units)
    associated = _associated_materials(file, products)
    placements = Placements(units.length_m)
    directions = np.full((len(elements), 3), np.nan)
    constructions: dict[Construction, int] = {}
    row_of_element = np.full(len(elements), -1, np.int32)
    for row, ifc_class in enumerate(elements.ifc_class):
        if ifc_class not in _ENVELOPE_CLASSES:
            continue
        material = associated.get(row)
        name, layers, coats = materials.layers(material) if material is not None else _NO_LAYERS
        if material is not None and material.is_a() == "IfcMaterialLayerSetUsage":
            directions[row] = _layer_direction(material, products.entities[row], placements)
        kind = element_kind(ifc_class, elements.predefined_type[row])
        values = _named_values(properties, row)
        u_value = _positive(_traced(values, _U_VALUE, "W/(m²·K)"))
        glazed = kind in ("window", "door", "curtain_wall")
        construction = Construction(
            name=name or elements.type_name[row] or elements.name[row],
            kind=kind,
            layers=layers,
            u_value_w_m2k=u_value,
            shgc=_fraction(_traced(values, _SHGC, "1")) if glazed else None,
            visible_transmittance=_fraction(_traced(values, _VISIBLE, "1")) if glazed else None,
            frame_ratio=_frame_ratio(values) if glazed else None,
            reflectance_inside=_fraction(_traced(values, _REFLECTANCE_INSIDE, "1")),
            coats=coats,
        )
        known = (
            layers,
            u_value,
            construction.shgc,
            construction.visible_transmittance,
            construction.frame_ratio,
            construction.reflectance_inside,
        )
        if any(known):
            row_of_element[row] = constructions.setdefault(construction, len(constructions))
    return tuple(constructions), row_of_element, directions


def element_kind(ifc_class: str, predefined_type: str) -> str:
    """The construction kind of an element class."""
    if ifc_class.startswith("IfcSlab"):
        return _SLAB_KINDS.get(predefined_type, "floor")
    return _KINDS.get(ifc_class, "other")


def _layer_direction(usage: Any, entity: Any, placements: Placements) -> tuple[float, float, float]:
    """The unit vector from the first layer to the last in world coordinates; NaN where it is not told."""
    axis, sense = _AXES.get(get(usage, "LayerSetDirection")), _SENSES.get(get(usage, "DirectionSense"))
    if axis is None or sense is None:
        return math.nan, math.nan, math.nan
    frame = placements.world(ref(entity, "ObjectPlacement"))
    return sense * frame[axis], sense * frame[4 + axis], sense * frame[8 + axis]


def _without_coats(layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], _Coats]:
    """The layers that have a thickness, and the outermost ones without it at either end.

    IfcMaterialLayer.LayerThickness is 0 "for material thicknesses very close to zero, such as for a membrane"
    (IFC4). Between layers such a one shows nowhere, and air without a thickness is nothing at all. Where no
    layer has a thickness, there is no build-up that could be coated.
    """
    rows = [row for row, layer in enumerate(layers) if layer.thickness_m > 0]
    if not rows:
        return (), _NO_COATS
    before = [layer for layer in layers[: rows[0]] if not layer.is_air_gap]
    after = [layer for layer in layers[rows[-1] + 1 :] if not layer.is_air_gap]
    coats = (before[0] if before else None, after[-1] if after else None)
    return tuple(layers[row] for row in rows), coats


class _Materials:
    """Layers and coats of IfcMaterialSelects, read once each."""

    def __init__(self, file: Any, units: Units) -> None:
        self._units = units
        self._layers: dict[int, _Named] = {}
        self._values: dict[int, dict[str, tuple[str, Any]]] = {}
        for entity in sorted(file.by_type("IfcMaterialProperties"), key=lambda item: item.id()):
            material = ref(entity, "Material")
            if material is not None:
                self._values.setdefault(material.id(), {}).update(self._material_values(entity))

    def layers(self, material: Any) -> _Named:
        """Name, layers in the order of the file, and coats of a material definition."""
        found = self._layers.get(material.id())
        if found is None:
            found = self._layers[material.id()] = self._read(material)
        return found

    def _read(self, material: Any) -> _Named:
        kind = material.is_a()
        if kind == "IfcMaterialLayerSetUsage":
            layer_set = ref(material, "ForLayerSet")
            return self._read(layer_set) if layer_set is not None else _NO_LAYERS
        if kind == "IfcMaterialLayerSet":
            layers = tuple(self._layer(layer) for layer in items(material, "MaterialLayers"))
            name = text(material, "LayerSetName") or " + ".join(layer.material for layer in layers)
            return name, *_without_coats(layers)
        if kind == "IfcMaterial":
            return text(material, "Name"), (self._single(material),), _NO_COATS
        if kind == "IfcMaterialList":
            parts = tuple(self._single(part) for part in items(material, "Materials"))
            return " + ".join(part.material for part in parts), parts, _NO_COATS
        if kind == "IfcMaterialConstituentSet":
            parts = tuple(
                self._single(ref(part, "Material")) for part in items(material, "MaterialConstituents")
            )
            return text(material, "Name") or " + ".join(part.material for part in parts), parts, _NO_COATS
        return _NO_LAYERS

    def _layer(self, layer: Any) -> Layer:
        thickness = get(layer, "LayerThickness")
        metres = float(thickness) * self._units.length_m if isinstance(thickness, (int, float)) else 0.0
        material = ref(layer, "Material")
        single = self._single(material)
        # IfcMaterialLayer without a material is an air gap by definition.
        ventilated = get(layer, "IsVentilated")
        is_air = material is None or single.is_air_gap or ventilated is True
        return Layer(
            material=single.material or text(layer, "Name"),
            thickness_m=metres if math.isfinite(metres) and metres > 0 else 0.0,
            conductivity_w_mk=single.conductivity_w_mk,
            density_kg_m3=single.density_kg_m3,
            specific_heat_j_kgk=single.specific_heat_j_kgk,
            is_air_gap=is_air,
            visible_reflectance=single.visible_reflectance,
        )

    def _single(self, material: Any) -> Layer:
        """A material as a layer of unknown thickness (0)."""
        values = {} if material is None else self._values.get(material.id(), {})
        name = text(material, "Name")
        return Layer(
            material=name,
            thickness_m=0.0,
            conductivity_w_mk=_positive(_traced(values, _CONDUCTIVITY, "W/(m·K)")),
            density_kg_m3=_positive(_traced(values, _DENSITY, "kg/m³")),
            specific_heat_j_kgk=_positive(_traced(values, _SPECIFIC_HEAT, "J/(kg·K)")),
            is_air_gap=name.casefold() in ("air", "luft", "空气")
            or any(word in name.casefold() for word in _AIR_WORDS),
            visible_reflectance=_fraction(_traced(values, _REFLECTANCE_OF_MATERIAL, "1")),
        )

    def _material_values(self, entity: Any) -> dict[str, tuple[str, Any]]:
        """Simplified name -> ("Set.Name", value) of one IfcMaterialProperties in any schema."""
        set_name = text(entity, "Name") or entity.is_a()
        found = {
            _simplified(name): (f"{set_name}.{name}", value)
            for name, (value, _) in set_values(entity, self._units).items()
        }
        for attribute, unit_type in (  # IFC2X3 has them as attributes of subclasses
            ("ThermalConductivity", "THERMALCONDUCTANCEUNIT"),
            ("SpecificHeatCapacity", "SPECIFICHEATCAPACITYUNIT"),
            ("MassDensity", "MASSDENSITYUNIT"),
        ):
            value = get(entity, attribute)
            if isinstance(value, (int, float)):
                found[attribute.casefold()] = (
                    f"{entity.is_a()}.{attribute}",
                    float(value) * self._units.of(unit_type)[1],
                )
        for attribute in ("VisibleReflectanceFront", "VisibleReflectanceBack"):
            value = get(entity, attribute)
            if isinstance(value, (int, float)):
                found[attribute.casefold()] = (f"{entity.is_a()}.{attribute}", float(value))
        return found


def _associated_materials(file: Any, products: Products) -> dict[int, Any]:
    """Row -> material of the element, else of its type."""
    own: dict[int, Any] = {}
    by_type: dict[int, Any] = {}
    for relation in sorted(file.by_type("IfcRelAssociatesMaterial"), key=lambda entity: entity.id()):
        material = ref(relation, "RelatingMaterial")
        if material is None:
            continue
        for entity in items(relation, "RelatedObjects"):
            row = products.row_of.get(entity.id())
            if row is None:
                by_type.setdefault(entity.id(), material)
            else:
                own.setdefault(row, material)
    for row, relating_type in enumerate(products.type_of):
        if row not in own and relating_type is not None and relating_type.id() in by_type:
            own[row] = by_type[relating_type.id()]
    return own


def _named_values(properties: PropertyTable, row: int) -> dict[str, tuple[str, Any]]:
    """Simplified name -> ("Set.Name", value); the Pset_*Common of the standard first."""
    found: dict[str, tuple[str, Any]] = {}
    of_standard: set[str] = set()
    for (set_name, name), value in properties.of(row).items():
        key = _simplified(name)
        standard = set_name.startswith("Pset_")
        if key in _WANTED and (key not in found or (standard and key not in of_standard)):
            found[key] = (f"{set_name}.{name}", value)
            if standard:
                of_standard.add(key)
    return found


@functools.cache
def _simplified(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _traced(values: dict[str, tuple[str, Any]], names: Iterable[str], unit: str) -> Traced | None:
    for name in names:
        source, value = values.get(name, ("", None))
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return Traced(float(value), unit, Provenance.IFC, source)
    return None


def _positive(traced: Traced | None) -> Traced | None:
    """None for the zero and negative numbers that tools write for "not set"."""
    return traced if traced is not None and float(traced.value) > 0 else None


def _fraction(traced: Traced | None) -> Traced | None:
    return traced if traced is not None and 0 < float(traced.value) <= 1 else None


def _frame_ratio(values: dict[str, tuple[str, Any]]) -> Traced | None:
    glazed = _fraction(_traced(values, _GLAZED_FRACTION, "1"))
    if glazed is None:
        return None
    return Traced(1.0 - float(glazed.value), "1", Provenance.IFC, f"1 - {glazed.source}")
