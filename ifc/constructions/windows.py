"""Windows, glazed doors and glass panels: what the file states, what its words say, what is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.constructions.glazing import (
    Glazing,
    frame_of_text,
    glazing_of_parts,
    parse_glazing,
    window_values,
)
from ifc.constructions.kinds import GLASS
from ifc.model import BuildingModel, Construction, Provenance, Traced

_DESCRIPTIONS = (
    "Analytic Construction",
    "分析构造",
    "GlazingType",
    "Glazing Type",
    "玻璃类型",
    "玻璃配置",
    "玻璃",
    "Glazing",
    "Glass",
)
# A panel of a curtain wall states its glass as a window does, but is read as any plate.
_SHGC = ("SolarHeatGainTransmittance", "Solar Heat Gain Coefficient", "太阳得热系数")
_VISIBLE = ("VisibleLightTransmittance", "Visual Light Transmittance", "可见光透射比")
_GLAZING_SET = "Pset_DoorWindowGlazingType"
_USUAL_PANE_MM = 6.0
_TRANSPARENT_ALPHA = 0.8
_FRAME_RATIO = (0.02, 0.7)  # what the mesh may show; beyond, the styles do not tell glass from frame
_MOST_TRIANGLES = 3000


def complete_window(
    model: BuildingModel, row: int, raw: Construction, default: Construction
) -> tuple[Construction, Glazing | None]:
    """A window's construction with every value: the file's, else from its description, else the default.

    Args:
        model: the model.
        row: the window's element row.
        raw: what the file states.
        default: what the code's limits imply.

    Returns:
        The construction, and the glazing unit that the file describes, if any.
    """
    frame_ratio = raw.frame_ratio or frame_ratio_of_mesh(model, row)
    raw = replace(
        raw,
        shgc=raw.shgc or _stated_fraction(model, row, _SHGC),
        visible_transmittance=raw.visible_transmittance or _stated_fraction(model, row, _VISIBLE),
    )
    glazing = _glazing(model, row, raw)
    known = default if glazing is None else window_values(glazing, frame_ratio)
    done = replace(
        raw,
        layers=(),
        u_value_w_m2k=raw.u_value_w_m2k or known.u_value_w_m2k,
        shgc=raw.shgc or known.shgc,
        visible_transmittance=raw.visible_transmittance or known.visible_transmittance,
        frame_ratio=frame_ratio or known.frame_ratio,
    )
    return done, glazing


def _glazing(model: BuildingModel, row: int, raw: Construction) -> Glazing | None:
    """The glazing unit that the file's texts describe, else that of Pset_DoorWindowGlazingType."""
    texts = list(descriptions(model, row, raw))
    for text in texts:
        glazing = parse_glazing(text)
        if glazing is not None:
            return glazing
    number = model.properties.get(row, _GLAZING_SET, "GlassLayers")
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 1 <= number <= 3:
        return None
    panes = []
    for pane in range(1, int(number) + 1):
        thickness = model.properties.get(row, _GLAZING_SET, f"GlassThickness{pane}")
        stated = isinstance(thickness, (int, float)) and 0.002 <= thickness <= 0.025
        panes.append(float(thickness) * 1000.0 if stated and thickness is not None else _USUAL_PANE_MM)
    frames = [frame for frame in map(frame_of_text, texts) if frame != "unknown"]
    return glazing_of_parts(
        panes,
        str(model.properties.get(row, _GLAZING_SET, "FillGas") or ""),
        coated=model.properties.get(row, _GLAZING_SET, "IsCoated") is True,
        frame=frames[0] if frames else "unknown",
        text=_GLAZING_SET,
    )


def _stated_fraction(model: BuildingModel, row: int, names: tuple[str, ...]) -> Traced | None:
    found = model.properties.find(row, *names)
    if found is None or isinstance(found[1], bool) or not isinstance(found[1], (int, float)):
        return None
    value = float(found[1])
    return Traced(value, "1", Provenance.IFC, found[0]) if 0.0 < value <= 1.0 else None


def descriptions(model: BuildingModel, row: int, raw: Construction) -> Iterator[str]:
    """Texts of the file that may describe the glazing, the most specific first."""
    for name in _DESCRIPTIONS:
        found = model.properties.find(row, name)
        if found is not None and isinstance(found[1], str):
            yield found[1]
    yield from (layer.material for layer in raw.layers)
    yield raw.name
    yield str(model.elements.type_name[row])
    yield str(model.elements.name[row])


def frame_ratio_of_mesh(model: BuildingModel, row: int) -> Traced | None:
    """Frame area / whole area as the window's mesh shows it, seen square on; None when styles do not tell."""
    vertices, triangles = model.geometry.mesh(row)
    if not 4 <= len(triangles) <= _MOST_TRIANGLES:
        return None
    is_glass = _glass_styles(model)
    styles = model.geometry.triangle_styles(row)
    glass = (styles >= 0) & is_glass[np.maximum(styles, 0)] if len(is_glass) else np.zeros(len(styles), bool)
    if not glass.any() or glass.all():
        return None
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(normals, axis=1)
    largest = int(np.argmax(np.where(glass, areas, 0.0)))
    if areas[largest] <= 0.0:
        return None
    plan = corners @ _plane_axes(normals[largest] / areas[largest]).T  # (m, 3, 2)
    facing = areas > 1e-10
    glass_area = _covered(plan[glass & facing])
    whole = np.ptp(plan.reshape(-1, 2), axis=0)
    ratio = 1.0 - glass_area / float(whole[0] * whole[1])
    if not _FRAME_RATIO[0] <= ratio <= _FRAME_RATIO[1]:
        return None
    return Traced(
        round(ratio, 3), "1", Provenance.DERIVED, "areas of glass and frame in the window's geometry"
    )


def _glass_styles(model: BuildingModel) -> NDArray[np.bool_]:
    geometry = model.geometry
    named = np.array([bool(GLASS.search(str(name))) for name in geometry.style_name], bool)
    return named | (geometry.style_rgba[:, 3] < _TRANSPARENT_ALPHA)


def _plane_axes(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two unit axes (2, 3) in the plane of a window: along its sill and up."""
    sill = np.cross((0.0, 0.0, 1.0), normal)
    length = float(np.linalg.norm(sill))
    sill = sill / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
    return np.stack([sill, np.cross(normal, sill)])


def _covered(triangles: NDArray[np.float64]) -> float:
    """Area of the union of 2-D triangles (m, 3, 2)."""
    polygons = np.atleast_1d(np.asarray(shapely.polygons(triangles), object))
    polygons = polygons[shapely.area(polygons) > 1e-9]
    return float(shapely.union_all(polygons, grid_size=1e-5).area)
