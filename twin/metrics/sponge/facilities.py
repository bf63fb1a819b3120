"""The layers of green roofs, permeable paving and green: from twin.toml, the model, or named defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.kernels import lid
from twin.metrics.result import Assumption
from twin.metrics.sponge.covers import SiteCovers
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.storm import OverlandFlow
from twin.project import Project

Floats = NDArray[np.float64]

LAYERED = ("green_roof", "permeable_paving", "green", "sunken_green")
MM_H = 1.0 / 3.6e6
THICKEST_M = 5.0  # a thickness above this is in mm
_NAMES = {
    "green_roof": Text("Layers of green roofs", "绿色屋顶构造层参数"),
    "permeable_paving": Text("Layers of permeable paving", "透水铺装构造层参数"),
    "green": Text("Soil of green", "绿地土壤参数"),
    "sunken_green": Text("Layers of sunken green", "下沉式绿地构造层参数"),
}
_LABELS = {
    "surface_m": Text("ponding", "蓄水深度"),
    "soil_m": Text("soil", "种植土厚度"),
    "porosity": Text("porosity", "孔隙率"),
    "field_capacity": Text("field capacity", "田间持水率"),
    "wilting_point": Text("wilting point", "凋萎点"),
    "conductivity_mm_h": Text("conductivity", "土壤渗透系数"),
    "conductivity_slope": Text("slope of the conductivity", "渗透系数衰减指数"),
    "suction_mm": Text("suction", "吸力水头"),
    "storage_m": Text("storage layer", "蓄排水层厚度"),
    "storage_void": Text("its voids", "蓄排水层孔隙率"),
    "mat_roughness": Text("Manning's n of the mat", "排水层糙率"),
    "pavement_m": Text("pavement", "面层厚度"),
    "pavement_void": Text("its voids", "面层孔隙率"),
    "permeability_mm_h": Text("permeability", "面层渗透系数"),
    "seepage_mm_h": Text("seepage into the ground", "原土下渗速率"),
    "drain_mm_h": Text("underdrain", "盲管排水能力"),
}
_UNITS = {"_m": " m", "_mm_h": " mm/h", "_mm": " mm"}
_COLUMNS = {  # column of a unit, factor
    "surface_m": (lid.SURFACE_M, 1.0),
    "soil_m": (lid.SOIL_M, 1.0),
    "porosity": (lid.POROSITY, 1.0),
    "field_capacity": (lid.FIELD_CAPACITY, 1.0),
    "wilting_point": (lid.WILTING_POINT, 1.0),
    "conductivity_mm_h": (lid.SOIL_CONDUCTIVITY_M_S, MM_H),
    "conductivity_slope": (lid.SOIL_SLOPE, 1.0),
    "suction_mm": (lid.SUCTION_M, 1e-3),
    "storage_m": (lid.STORAGE_M, 1.0),
    "storage_void": (lid.STORAGE_VOID, 1.0),
    "pavement_m": (lid.PAVEMENT_M, 1.0),
    "pavement_void": (lid.PAVEMENT_VOID, 1.0),
    "permeability_mm_h": (lid.PAVEMENT_PERMEABILITY_M_S, MM_H),
    "seepage_mm_h": (lid.STORAGE_SEEPAGE_M_S, MM_H),
    "drain_mm_h": (lid.DRAIN_COEFFICIENT, 1.0),
}


@dataclass(frozen=True)
class Facility:
    """One kind of layered cover: what its layers are and where each value comes from."""

    kind: str
    layers: Mapping[str, Traced]

    def unit(self, area_m2: float, flow: OverlandFlow, *, surface_m: float | None = None) -> Floats:
        """The unit of :mod:`twin.kernels.lid`, (UNIT_COLUMNS,), which covers its catchment.

        Args:
            area_m2: of the unit.
            flow: over its surface, and in the mat of a green roof.
            surface_m: depth to the overflow where the covers state it; it then leaves over a weir at once.
        """
        values = {name: float(value.value) for name, value in self.layers.items()}
        row = np.zeros(lid.UNIT_COLUMNS)
        row[lid.KIND] = {
            "green_roof": lid.GREEN_ROOF,
            "permeable_paving": lid.PERMEABLE_PAVEMENT,
        }.get(self.kind, lid.BIORETENTION if values.get("storage_m") else lid.RAIN_GARDEN)
        row[lid.AREA_M2], row[lid.SURFACE_VOID], row[lid.STORAGE_VOID] = area_m2, 1.0, 1.0
        for name, value in values.items():
            if name in _COLUMNS:
                column, factor = _COLUMNS[name]
                row[column] = value * factor
        if row[lid.STORAGE_M] == 0.0:
            row[lid.STORAGE_VOID], row[lid.DRAIN_COEFFICIENT] = 1.0, 0.0
        if row[lid.SOIL_M] > 0.0:  # from field capacity on
            span = row[lid.POROSITY] - row[lid.WILTING_POINT]
            row[lid.INITIAL_SATURATION] = (row[lid.FIELD_CAPACITY] - row[lid.WILTING_POINT]) / span
        if surface_m is None:
            row[lid.SURFACE_CONVEYANCE] = flow.outflow_coefficient
        else:
            row[lid.SURFACE_M] = surface_m
        if self.kind == "green_roof":
            row[lid.MAT_CONVEYANCE] = flow.outflow_coefficient * flow.manning_n / values["mat_roughness"]
        return row


def facilities(
    model: BuildingModel, project: Project, covers: SiteCovers, rules: SpongeRules
) -> dict[str, Facility]:
    """The layers of each kind: [site.facilities.KIND] of twin.toml, properties of the elements, defaults."""
    return {kind: Facility(kind, _layers(kind, model, project, covers, rules)) for kind in LAYERED}


def _layers(
    kind: str, model: BuildingModel, project: Project, covers: SiteCovers, rules: SpongeRules
) -> dict[str, Traced]:
    stated = {str(name): layers for name, layers in project.site.facilities.items()}.get(kind)
    found = {}
    for name, default in rules.facility_layers[kind].items():
        unit = next((unit.strip() for ending, unit in _UNITS.items() if name.endswith(ending)), "")
        value = None if stated is None else getattr(stated, name)
        if value is not None:
            where = f"site.facilities.{kind}.{name} in twin.toml"
            found[name] = Traced(value, unit, Provenance.DECLARED, where)
            continue
        found[name] = _property(name, unit, kind, model, covers, rules) or Traced(
            default, unit, Provenance.DEFAULT, rules.facility_source, rules.facility_confidence
        )
    return found


def _property(
    name: str, unit: str, kind: str, model: BuildingModel, covers: SiteCovers, rules: SpongeRules
) -> Traced | None:
    """The mean over the elements of a kind that state a value, weighted with their areas."""
    names = rules.facility_properties.get(name, ())
    rows = {global_id: row for row, global_id in enumerate(model.elements.global_id)} if names else {}
    total, area, source = 0.0, 0.0, ""
    for index in np.flatnonzero(covers.kind == kind).tolist():
        row = rows.get(covers.global_id[index])
        stated = None if row is None else model.properties.find(row, *names)
        if stated is None or isinstance(stated[1], bool) or not isinstance(stated[1], int | float):
            continue
        value = float(stated[1])
        if name.endswith("_m") and value > THICKEST_M:
            value /= 1000.0
        if not 0.0 < value < (1.0 if name.endswith("_void") else 1e4):
            continue
        weight = max(float(covers.area_m2[index]), 1e-9)
        total, area, source = total + value * weight, area + weight, str(stated[0])
    return Traced(round(total / area, 6), unit, Provenance.IFC, source) if area > 0.0 else None


def layer_assumptions(
    found: Mapping[str, Facility], kinds: set[str], covers: SiteCovers
) -> tuple[Assumption, ...]:
    """What the layers of the kinds that occur rest on, one line for each origin."""
    assumptions = []
    for kind, facility in found.items():
        if kind not in kinds:
            continue
        groups: dict[tuple[Provenance, str], list[str]] = {}
        for name, value in facility.layers.items():
            if kind == "sunken_green" and name == "surface_m":
                continue  # told with the storage
            groups.setdefault((value.provenance, value.source), []).append(name)
        for names in groups.values():
            first = facility.layers[names[0]]
            label = _NAMES[kind]
            parts = [(_LABELS[name], facility.layers[name]) for name in names]
            english = ", ".join(f"{text.en} {value.value:g} {value.unit}".strip() for text, value in parts)
            chinese = "，".join(f"{text.zh} {value.value:g} {value.unit}".strip() for text, value in parts)
            assumptions.append(
                Assumption(
                    Text(f"{label.en}: {english}", f"{label.zh}：{chinese}"),
                    Traced(len(names), "", first.provenance, first.source, first.confidence),
                    tuple(covers.global_id[covers.kind == kind]),
                )
            )
    return tuple(assumptions)
