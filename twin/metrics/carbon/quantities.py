"""What a building is made of: volumes and masses of materials, element by element."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.constructions.materials_library import match_material
from ifc.cutting import cut_openings
from ifc.meshes import closure, signed_volume
from ifc.model import BuildingModel, Construction, GeometryTable, Layer
from twin.calculation_sections import CarbonSection
from twin.metrics.carbon.factors import (
    AreaFactor,
    Factor,
    area_factor,
    group_of,
    material_factor,
    reinforcement_kg_m3,
    steel_bars,
    transport_km,
)

Floats = NDArray[np.float64]

_BY_AREA = ("windows", "doors", "panes")
_STEEL_KG_M3 = 7850.0


@dataclass(frozen=True, slots=True)
class Portion:
    """One material of one element."""

    element: int  # row in ElementTable
    group: str
    material: str  # as the model names it
    material_id: str  # of the library, "" for what counts by area and for declared materials; "bars" for bars
    volume_m3: float
    mass_kg: float
    production_kg: float  # kgCO2e
    transport_km: float
    factor: Factor | AreaFactor


@dataclass(frozen=True)
class Bill:
    """The bill of materials of a model, and what is not in it. ``row``s are those of ElementTable."""

    portions: tuple[Portion, ...]
    counted_m3: float  # volume of the elements that have a material and a factor
    uncounted: dict[int, float]  # row -> volume of elements without material or factor; NaN without a volume
    unknown_materials: dict[str, list[int]]  # materials without a factor -> rows
    window_m2: float  # of all windows
    uncounted_window_m2: float  # of the windows without a known frame
    has_bars: bool
    stated_volumes: int  # elements whose volume is a quantity of the file


def bill_of_materials(model: BuildingModel, section: CarbonSection) -> Bill:
    """Every element of the building with its materials.

    The volume of an element is its quantity NetVolume, else that of its closed mesh less its openings. Layers
    share it by thickness. Windows, doors and glass panes count by area. Without bars in the model reinforced
    concrete gets the usual content.
    """
    rows = _bodies(model)
    volumes, stated = _volumes(model, rows)
    has_bars = any(group_of(str(model.elements.ifc_class[row])) == "bars" for row in rows)
    portions: list[Portion] = []
    counted = 0.0
    uncounted: dict[int, float] = {}
    unknown: dict[str, list[int]] = {}
    windows = silent_windows = 0.0
    for row in rows:
        group = group_of(str(model.elements.ifc_class[row])) or ""
        volume = volumes[row]
        if group in _BY_AREA:
            area = _quantity(model, row, "Area", "GrossArea") or _face_area(model.geometry, row)
            portion = _by_area(model, row, group, area, section)
            if group == "windows":
                windows += area
                silent_windows += area if portion is None else 0.0
            if portion is not None:
                portions.append(portion)
                continue
            if group != "panes":
                uncounted[row] = float("nan")
                continue
        if group == "bars":
            bars = _bars(model, row, volume, section)
            if bars is None:
                uncounted[row] = volume
            else:
                portions.append(bars)
            continue
        layers = _layers(_construction(model, row))
        if not layers or not np.isfinite(volume):
            uncounted[row] = volume
            continue
        own, missing = _of_layers(row, group, volume, layers, section, has_bars)
        for name in missing:
            unknown.setdefault(name, []).append(row)
        lost = volume * sum(missing.values())
        if lost > 0:
            uncounted[row] = lost
        counted += max(volume - lost, 0.0)
        portions += own
    return Bill(
        tuple(portions), counted, uncounted, unknown, windows, silent_windows, has_bars, stated
    )  # fmt: skip


def _bodies(model: BuildingModel) -> list[int]:
    """Elements of the building that have a shape; a whole whose parts have shapes is left to them.

    What covers the ground beside the building, roads and paving, is not the building; a slab under a room is.
    """
    elements, geometry = model.elements, model.geometry
    covers = model.ground_covers
    roofs = np.isin(covers.kind, ("roof", "green_roof"))
    of_building = {*covers.element[roofs].tolist(), *model.surfaces.element.tolist()}
    outside = set(covers.element[~roofs].tolist()) - of_building
    counted = {
        row
        for row, name in enumerate(elements.ifc_class.tolist())
        if group_of(name) and geometry.has(row) and row not in outside
    }
    wholes = {
        int(elements.parent[row])
        for row in counted
        if elements.parent[row] in counted and group_of(str(elements.ifc_class[row])) != "bars"
    }
    return sorted(counted - wholes)


def _volumes(model: BuildingModel, rows: Iterable[int]) -> tuple[dict[int, float], int]:
    """Net volume of each element, m³, NaN where neither quantity nor a closed mesh tells it."""
    geometry = cut_openings(model)
    of_shape: dict[int, float] = {}
    found: dict[int, float] = {}
    stated = 0
    for row in rows:
        quantity = _quantity(model, row, "NetVolume")
        if quantity is not None:
            found[row] = quantity
            stated += 1
        else:
            found[row] = _mesh_volume(geometry, row, of_shape)
            if np.isnan(found[row]):
                found[row] = _quantity(model, row, "GrossVolume") or float("nan")
    return found, stated


def _quantity(model: BuildingModel, row: int, *names: str) -> float | None:
    found = model.properties.find(row, *names)
    if found is None or not isinstance(found[1], int | float) or not found[1] > 0:
        return None
    return float(found[1])


def _mesh_volume(geometry: GeometryTable, row: int, of_shape: dict[int, float]) -> float:
    """Sum over the instances of an element; NaN as soon as one mesh is open."""
    total = 0.0
    first, last = np.searchsorted(geometry.instance_element, [row, row + 1])
    for instance in range(int(first), int(last)):
        shape = int(geometry.instance_shape[instance])
        if shape not in of_shape:
            vertices = geometry.vertices[geometry.vertex_start[shape] : geometry.vertex_start[shape + 1]]
            faces = geometry.triangles[geometry.triangle_start[shape] : geometry.triangle_start[shape + 1]]
            whole = len(faces) > 0 and closure(vertices, faces).closed
            of_shape[shape] = abs(signed_volume(vertices, faces)) if whole else float("nan")
        total += of_shape[shape] * abs(float(np.linalg.det(geometry.transform[instance][:, :3])))
    return total if total > 0 else float("nan")


def _construction(model: BuildingModel, row: int) -> Construction | None:
    index = int(model.elements.construction[row])
    return model.constructions[index] if index >= 0 else None


def _layers(construction: Construction | None) -> list[tuple[str, float, float | None]]:
    """(material, share of the volume, density that the model states) of the layers that the file states."""
    if construction is None:
        return []
    layers = (construction.stated or construction).layers
    thickness = sum(layer.thickness_m for layer in layers)
    if not layers or not all(layer.material for layer in layers):
        return []
    if thickness <= 0:
        return [(layers[0].material, 1.0, _density(layers[0]))] if len(layers) == 1 else []
    return [(layer.material, layer.thickness_m / thickness, _density(layer)) for layer in layers]


def _density(layer: Layer) -> float | None:
    return float(layer.density_kg_m3.value) if layer.density_kg_m3 is not None else None


def _of_layers(
    row: int,
    group: str,
    volume: float,
    layers: list[tuple[str, float, float | None]],
    section: CarbonSection,
    has_bars: bool,
) -> tuple[list[Portion], dict[str, float]]:
    """Portions of an element, and the materials without a factor with their shares of the volume."""
    portions: list[Portion] = []
    missing: dict[str, float] = {}
    for name, share, density in layers:
        match = match_material(name)
        factor = material_factor(name, density, section)
        if factor is None:
            if match is None or not match.is_air_gap:
                missing[name] = missing.get(name, 0.0) + share
            continue
        material_id = match.material.material_id if match is not None and match.material is not None else ""
        own = volume * share
        km = float(transport_km(material_id, section).value)
        portions.append(
            Portion(
                row,
                group,
                name,
                material_id,
                own,
                own * factor.density_kg_m3,
                own * factor.per_m3,
                km,
                factor,
            )
        )
        if material_id == "reinforced_concrete" and not has_bars:
            mass = own * float(reinforcement_kg_m3(group, section).value)
            portions.append(_steel(row, group, mass, section))
    return portions, missing


def _steel(row: int, group: str, mass_kg: float, section: CarbonSection) -> Portion:
    factor = steel_bars(section)
    volume = mass_kg / _STEEL_KG_M3
    km = float(transport_km("bars", section).value)
    return Portion(row, group, "reinforcement", "bars", 0.0, mass_kg, volume * factor.per_m3, km, factor)


def _bars(model: BuildingModel, row: int, volume: float, section: CarbonSection) -> Portion | None:
    weight = _quantity(model, row, "NetWeight", "GrossWeight", "Weight")
    mass = weight if weight is not None else volume * _STEEL_KG_M3
    return _steel(row, "bars", mass, section) if np.isfinite(mass) else None


def _by_area(
    model: BuildingModel, row: int, group: str, area: float, section: CarbonSection
) -> Portion | None:
    construction = _construction(model, row)
    stated = (
        [layer.material for layer in (construction.stated or construction).layers] if construction else []
    )
    elements = model.elements
    names: list[Any] = [*stated, elements.type_name[row], elements.name[row]]
    factor = area_factor([str(name) for name in names if name], group, section)
    if factor is None or not area > 0:
        return None
    km = float(transport_km("", section).value)
    name = next((str(name) for name in stated if name), str(elements.ifc_class[row]).removeprefix("Ifc"))
    return Portion(row, group, name, "", 0.0, area * factor.mass_kg_m2, area * factor.per_m2, km, factor)


def _face_area(geometry: GeometryTable, row: int) -> float:
    """The two larger sides of an element's box along its own axes, m²; 0 without a shape."""
    first, last = np.searchsorted(geometry.instance_element, [row, row + 1])
    if first == last:
        return 0.0
    frame = geometry.transform[int(first)]
    vertices, triangles = geometry.mesh(row)
    local = (vertices[np.unique(triangles)] - frame[:, 3]) @ frame[:, :3]
    sides = np.sort(np.ptp(local, axis=0))
    return float(sides[1] * sides[2])
