"""What a model holds and what it lacks, for ``twin inspect``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ifc.model import BuildingModel, Construction, Language, Neighbour, Provenance, Text, Traced

_OPAQUE_KINDS = frozenset(["wall", "roof", "floor", "ground_floor"])
_GLAZED_KINDS = frozenset(["window", "curtain_wall"])
# Columns and beams stand in facades, but nobody models their layers.
_STRUCTURAL_CLASSES = frozenset(["IfcColumn", "IfcColumnStandardCase", "IfcBeam", "IfcBeamStandardCase"])
_SENSOR_CLASSES = ("IfcSensor", "IfcFlowMeter")


def inspect(model: BuildingModel, language: Language = "en") -> dict[str, Any]:
    """Describe a model as data that JSON can hold.

    Keys:

    - ``schema``, ``application``, ``project``, ``path``, ``sha256``, ``length_unit_m``: of the file.
    - ``counts``: class -> number of elements.
    - ``site``: ``name``, ``latitude_deg``, ``longitude_deg``, ``elevation_m``, ``north_deg``,
      ``north_stated``, ``crs``, ``address``; None for what the file does not state.
    - ``storeys``: ``global_id``, ``name``, ``elevation_m`` in world coordinates, ``elements``; from below.
    - ``spaces``: ``global_id``, ``name``, ``long_name``, ``storey``, ``area_m2``, ``volume_m3``,
      ``height_m``, ``use``, ``internal``, ``grade``, ``reason``.
    - ``missing``: what the model lacks: ``id``, ``what``, ``how`` to supply it, ``for`` (what wants it:
      "daylight", "energy", "sponge", "rating", "monitoring"), ``elements`` (GlobalIds), ``count``.
    - ``diagnostics``: ``code``, ``severity``, ``global_id``, ``message``, ``remedy``, ``count``,
      ``places`` (the fields of :class:`ifc.model.FaultPlace`).

    Args:
        model: a model as :func:`ifc.read` returns it.
        language: of messages, ``"en"`` or ``"zh"``.
    """
    source, site = model.source, model.site
    return {
        "schema": source.schema,
        "application": source.application,
        "project": source.project_name,
        "path": source.path,
        "sha256": source.sha256,
        "length_unit_m": source.length_unit_m,
        "counts": dict(Counter(sorted(model.elements.ifc_class))),
        "site": {
            "name": site.name,
            "latitude_deg": site.latitude_deg,
            "longitude_deg": site.longitude_deg,
            "elevation_m": site.elevation_m,
            "north_deg": site.north_deg,
            "north_stated": site.north_stated,
            "crs": site.map_conversion.crs_name if site.map_conversion else None,
            "address": site.address,
        },
        "storeys": _storeys(model),
        "spaces": [_space(model, row, language) for row in range(len(model.spaces))],
        "missing": [_as_json(need, model, language) for need in find_missing(model)],
        "diagnostics": [
            {
                "code": found.code,
                "severity": found.severity.value,
                "global_id": found.global_id,
                "message": found.message.in_language(language),
                "remedy": found.remedy.in_language(language),
                "count": found.count,
                "places": [asdict(place) for place in found.places],
            }
            for found in model.diagnostics
        ],
    }


@dataclass(frozen=True, slots=True)
class Missing:
    """Data that a model lacks."""

    id: str
    what: Text
    how: Text
    wanted_for: tuple[str, ...]
    elements: tuple[int, ...] = ()  # element rows, () when the whole file is concerned


def find_missing(model: BuildingModel) -> list[Missing]:
    """What the model lacks for the metrics, the most consequential first."""
    return [need for find in _CHECKS for need in find(model)]


def _storeys(model: BuildingModel) -> list[dict[str, Any]]:
    held = Counter(model.elements.storey.tolist())
    return [
        {
            "global_id": model.elements.global_id[element],
            "name": model.storeys.name[row],
            "elevation_m": float(model.storeys.elevation_m[row] + model.offset_m[2]),
            "elements": held[row],
        }
        for row, element in enumerate(model.storeys.element.tolist())
    ]


def _space(model: BuildingModel, row: int, language: Language) -> dict[str, Any]:
    spaces = model.spaces
    storey = int(spaces.storey[row])
    reason = spaces.grade_reason_zh if language == "zh" else spaces.grade_reason_en
    return {
        "global_id": spaces.global_id[row],
        "name": spaces.name[row],
        "long_name": spaces.long_name[row],
        "storey": model.storeys.name[storey] if storey >= 0 else None,
        "area_m2": _number(spaces.area_m2[row]),
        "volume_m3": _number(spaces.volume_m3[row]),
        "height_m": _number(spaces.height_m[row]),
        "use": spaces.use[row],
        "internal": bool(spaces.internal[row]),
        "grade": spaces.grade[row],
        "reason": reason[row],
    }


def _as_json(need: Missing, model: BuildingModel, language: Language) -> dict[str, Any]:
    return {
        "id": need.id,
        "what": need.what.in_language(language),
        "how": need.how.in_language(language),
        "for": list(need.wanted_for),
        "elements": [model.elements.global_id[row] for row in need.elements],
        "count": len(need.elements),
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _spaces_missing(model: BuildingModel) -> Iterable[Missing]:
    spaces = model.spaces
    if not spaces.internal.any():
        yield Missing(
            "spaces",
            Text("The model has no indoor space.", "模型中没有室内空间。"),
            Text(
                "Place rooms in the authoring tool and export IfcSpace with their geometry.",
                "请在建模软件中布置房间，并导出带几何的 IfcSpace。",
            ),
            ("daylight", "energy", "rating"),
        )
        return
    inside = np.flatnonzero(spaces.internal & ~spaces.derived)
    without = inside[~(spaces.volume_m3[inside] > 0)]
    if len(without):
        yield Missing(
            "space_geometry",
            Text(f"{len(without)} spaces have no solid.", f"{len(without)} 个空间没有实体几何。"),
            Text("Export spaces with their geometry.", "导出时请包含空间几何。"),
            ("daylight", "energy"),
            tuple(spaces.element[without].tolist()),
        )
    unknown = inside[spaces.use[inside] == "unknown"]
    if len(unknown):
        yield Missing(
            "space_use",
            Text(f"The use of {len(unknown)} spaces is not clear.", f"{len(unknown)} 个空间的用途不明确。"),
            Text(
                "Name the rooms by their use (LongName), or state their uses in twin.toml.",
                "请按用途命名房间（LongName），或在 twin.toml 中声明。",
            ),
            ("daylight", "energy", "rating"),
            tuple(spaces.element[unknown].tolist()),
        )
    silent = inside[np.isnan(spaces.declared_area_m2[inside]) | np.isnan(spaces.declared_volume_m3[inside])]
    if len(silent):
        yield Missing(
            "space_quantities",
            Text(
                f"{len(silent)} spaces state no area or no volume to check the geometry against.",
                f"{len(silent)} 个空间未给出面积或体积，无法核对几何。",
            ),
            Text(
                "Export base quantities (Qto_SpaceBaseQuantities).",
                "导出时请包含基本工程量（Qto_SpaceBaseQuantities）。",
            ),
            ("rating",),
            tuple(spaces.element[silent].tolist()),
        )


def _windows_missing(model: BuildingModel) -> Iterable[Missing]:
    if not any(name.startswith(("IfcWindow", "IfcCurtainWall")) for name in model.elements.ifc_class):
        yield Missing(
            "windows",
            Text("The model has no window.", "模型中没有窗。"),
            Text("Model the windows as IfcWindow and export them.", "请以 IfcWindow 建模并导出外窗。"),
            ("daylight", "energy", "rating"),
        )


def _fabric_missing(model: BuildingModel) -> Iterable[Missing]:
    opaque: list[int] = []
    layerless: list[int] = []
    glazed: list[int] = []
    unlit: list[int] = []
    for row in _envelope(model):
        construction = _stated(model, row)
        kind = construction.kind
        if model.elements.ifc_class[row] in _STRUCTURAL_CLASSES:
            continue
        if kind in _OPAQUE_KINDS or kind == "door":
            if not _u_value_known(construction):
                opaque.append(row)
            if kind in _OPAQUE_KINDS and not any(layer.thickness_m > 0 for layer in construction.layers):
                layerless.append(row)
        elif kind in _GLAZED_KINDS:
            if not _from_file(construction.u_value_w_m2k):
                glazed.append(row)
            if not (_from_file(construction.shgc) and _from_file(construction.visible_transmittance)):
                unlit.append(row)
    if opaque:
        yield Missing(
            "u_values",
            Text(
                f"{len(opaque)} walls, slabs, roofs and doors of the envelope state neither a U-value "
                "nor layers with conductivities.",
                f"{len(opaque)} 个围护结构构件（墙、板、屋面、门）既无传热系数，也无带导热系数的材料层。",
            ),
            Text(
                "Export ThermalTransmittance in Pset_WallCommon, Pset_SlabCommon, Pset_RoofCommon and "
                "Pset_DoorCommon, or layers whose materials have Pset_MaterialThermal.ThermalConductivity.",
                "请在 Pset_WallCommon、Pset_SlabCommon、Pset_RoofCommon、Pset_DoorCommon 中导出 "
                "ThermalTransmittance，或为各层材料提供 Pset_MaterialThermal.ThermalConductivity。",
            ),
            ("energy", "rating"),
            tuple(opaque),
        )
    if layerless:
        yield Missing(
            "layers",
            Text(
                f"{len(layerless)} walls, slabs and roofs of the envelope have no material layers.",
                f"{len(layerless)} 个围护结构构件（墙、板、屋面）没有材料层。",
            ),
            Text(
                "Give them layers and export IfcMaterialLayerSet.",
                "请为其设置构造层，并导出 IfcMaterialLayerSet。",
            ),
            ("energy", "rating"),
            tuple(layerless),
        )
    if glazed:
        yield Missing(
            "window_u_values",
            Text(
                f"{len(glazed)} windows or glazed panels state no U-value.",
                f"{len(glazed)} 个外窗或玻璃板块未给出传热系数。",
            ),
            Text(
                "Export Pset_WindowCommon.ThermalTransmittance.",
                "请导出 Pset_WindowCommon.ThermalTransmittance。",
            ),
            ("energy", "rating"),
            tuple(glazed),
        )
    if unlit:
        yield Missing(
            "glazing",
            Text(
                f"{len(unlit)} windows or glazed panels state no solar heat gain coefficient "
                "or no visible transmittance.",
                f"{len(unlit)} 个外窗或玻璃板块未给出太阳得热系数或可见光透射比。",
            ),
            Text(
                "Export SolarHeatGainTransmittance and VisibleLightTransmittance "
                "(Pset_DoorWindowGlazingType) on the windows or their types.",
                "请在窗或窗类型上导出 Pset_DoorWindowGlazingType 的 SolarHeatGainTransmittance 与 "
                "VisibleLightTransmittance。",
            ),
            ("daylight", "energy", "rating"),
            tuple(unlit),
        )


def _place_missing(model: BuildingModel) -> Iterable[Missing]:
    site = model.site
    if site.latitude_deg is None or site.longitude_deg is None:
        yield Missing(
            "location",
            Text("The site has no latitude and longitude.", "场地没有经纬度。"),
            Text(
                "Set the location and export IfcSite.RefLatitude and RefLongitude, or state it in twin.toml.",
                "请设置项目位置并导出 IfcSite.RefLatitude、RefLongitude，或在 twin.toml 中声明。",
            ),
            ("daylight", "energy", "sponge", "rating"),
        )
    if not site.north_stated:
        yield Missing(
            "true_north",
            Text(
                "The model does not say where true north is; +Y is assumed.",
                "模型未给出正北方向，按 +Y 处理。",
            ),
            Text(
                "Set true north and export it (IfcGeometricRepresentationContext.TrueNorth), "
                "or state it in twin.toml.",
                "请设置正北并导出 IfcGeometricRepresentationContext.TrueNorth，或在 twin.toml 中声明。",
            ),
            ("daylight", "energy", "rating"),
        )
    if not len(model.ground_covers):
        yield Missing(
            "site_surface",
            Text(
                "The model shows no ground: no site surface, roads, paving or green.",
                "模型中没有场地表面、道路、铺装或绿地。",
            ),
            Text(
                "Model the ground (IfcSite, IfcGeographicElement, IfcSlab) or state the covers in twin.toml.",
                "请建模场地（IfcSite、IfcGeographicElement、IfcSlab），或在 twin.toml 中声明下垫面。",
            ),
            ("sponge", "rating"),
        )


def _sensors_missing(model: BuildingModel) -> Iterable[Missing]:
    rows = model.elements.rows_of_class(*_SENSOR_CLASSES)
    loose = rows[model.elements.space[rows] < 0]
    how = Text(
        "Place IfcSensor elements in their spaces (IfcRelContainedInSpatialStructure).",
        "请将 IfcSensor 布置到所属空间（IfcRelContainedInSpatialStructure）。",
    )
    if not len(rows):
        yield Missing(
            "sensors", Text("The model has no sensor.", "模型中没有传感器。"), how, ("monitoring", "rating")
        )
    elif len(loose):
        yield Missing(
            "sensor_spaces",
            Text(f"{len(loose)} sensors belong to no space.", f"{len(loose)} 个传感器不属于任何空间。"),
            how,
            ("monitoring",),
            tuple(loose.tolist()),
        )


_CHECKS: tuple[Callable[[BuildingModel], Iterable[Missing]], ...] = (
    _spaces_missing,
    _windows_missing,
    _fabric_missing,
    _place_missing,
    _sensors_missing,
)


def _envelope(model: BuildingModel) -> list[int]:
    """Elements between a room and outdoors or ground; without surfaces, all that have a construction."""
    surfaces, openings = model.surfaces, model.surface_openings
    if not len(surfaces):
        return np.flatnonzero(model.elements.construction >= 0).tolist()
    outer = np.isin(surfaces.neighbour, (Neighbour.OUTDOORS, Neighbour.GROUND))
    elements = {*surfaces.element[outer].tolist(), *openings.element[outer[openings.surface]].tolist()}
    return sorted(row for row in elements if row >= 0 and model.elements.construction[row] >= 0)


def _stated(model: BuildingModel, row: int) -> Construction:
    """The construction as the file states it, before anything was assumed."""
    construction = model.constructions[int(model.elements.construction[row])]
    return construction.stated or construction


def _u_value_known(construction: Construction) -> bool:
    layers = [layer for layer in construction.layers if not layer.is_air_gap]
    by_layers = bool(layers) and all(
        layer.thickness_m > 0 and _from_file(layer.conductivity_w_mk) for layer in layers
    )
    return by_layers or _from_file(construction.u_value_w_m2k)


def _from_file(traced: Traced | None) -> bool:
    return traced is not None and traced.provenance is Provenance.IFC
