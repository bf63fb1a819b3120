"""The photovoltaic modules of a model: where they look, what they state, how much room is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.kernels.ray_streams import closest_hits
from twin.metrics.energy.shading import SAMPLES, Obstacles, sample_points

Floats = NDArray[np.float64]

_SAME_PLANE = 0.999  # cosine between the normals of one face
_FLAT_M = 0.05  # how far the parts of one face may lie before each other
_LEAST_UP = 0.05  # upward part of a normal: less looks aside
_OTHER_SIDE = 0.8  # of the area: a plane that is as large as the one opposite is a side of a sheet
_THERMAL = ("SOLARCOLLECTOR",)


@dataclass(frozen=True)
class Face:
    """A plane of an element in model coordinates: unit normal, area and a convex outline (n, 3)."""

    normal: Floats
    area_m2: float
    outline: Floats
    triangles: Floats  # (T, 3, 3) that lie in it
    thickness_m: float  # of the element behind it

    @property
    def is_flat(self) -> bool:
        """Whether its parts lie in one plane rather than in rows behind each other."""
        return float(np.ptp(self.triangles.reshape(-1, 3) @ self.normal)) < _FLAT_M


@dataclass(frozen=True)
class SolarDevice:
    """One module, or several that the model holds as one element."""

    element: int
    face: Face
    peak_w: float | None  # as stated, None for nothing
    coefficient_1_k: float | None  # of the power


def solar_devices(model: BuildingModel, obstacles: Obstacles) -> list[SolarDevice]:
    """Every IfcSolarDevice but for collectors of heat and those without a face that looks up or aside."""
    found = []
    for row in model.elements.rows_of_class("IfcSolarDevice").tolist():
        if str(model.elements.predefined_type[row]).upper() in _THERMAL:
            continue
        vertices, triangles = model.geometry.mesh(row)
        face = _front(vertices, vertices[triangles], obstacles)
        if face is not None:
            found.append(
                SolarDevice(row, face, _peak_w(model, row, face.area_m2), _coefficient_1_k(model, row))
            )
    return found


def _front(vertices: Floats, corners: Floats, obstacles: Obstacles) -> Face | None:
    """The largest plane of a mesh that does not look down; the freer side of an upright sheet."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    doubled = np.linalg.norm(normals, axis=-1)
    keep = doubled > 1e-9
    normals, doubled, corners = normals[keep] / doubled[keep, None], doubled[keep], corners[keep]
    best: tuple[Floats, float] | None = None
    for normal in normals[normals[:, 2] > -_LEAST_UP]:
        area = float(doubled[normals @ normal > _SAME_PLANE].sum()) / 2
        if best is None or area > best[1] + 1e-9:
            best = normal, area
    if best is None:
        return None
    front = _face(vertices, corners, normals, *best)
    if abs(best[0][2]) <= _LEAST_UP:
        area = float(doubled[normals @ -best[0] > _SAME_PLANE].sum()) / 2
        if area > _OTHER_SIDE * best[1]:
            back = _face(vertices, corners, normals, -best[0], area)
            free, behind = (_distances(obstacles, [one], +1.0)[0] for one in (front, back))
            return back if behind > free else front
    return front


def _face(vertices: Floats, corners: Floats, normals: Floats, normal: Floats, area_m2: float) -> Face:
    mine = corners[normals @ normal > _SAME_PLANE]
    thickness = float(np.median(mine.reshape(-1, 3) @ normal) - (vertices @ normal).min())
    return Face(normal, area_m2, _outline(mine, normal), mine, thickness)


def _outline(corners: Floats, normal: Floats) -> Floats:
    """The convex outline (n, 3) of triangles in one plane."""
    along = np.linalg.svd(normal[None])[2][1]
    across = np.cross(normal, along)
    points = corners.reshape(-1, 3)
    flat = np.column_stack([points @ along, points @ across])
    ring = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(flat)))[:-1]
    depth = float(np.median(points @ normal))
    outline: Floats = ring[:, :1] * along + ring[:, 1:] * across + depth * normal
    return outline


def gaps_m(faces: Sequence[Face], obstacles: Obstacles) -> Floats:
    """Room (F,) between the back of each element and the building behind it; infinite for nothing."""
    return np.maximum(_distances(obstacles, faces, -1.0) - [face.thickness_m for face in faces], 0.0)


def _distances(obstacles: Obstacles, faces: Sequence[Face], side: float) -> Floats:
    """How far (F,) the building is before (``side`` 1) or behind (-1) the planes of faces."""
    if not faces:
        return np.zeros(0)
    points = np.concatenate([sample_points(face.outline, face.normal) for face in faces]) - obstacles.origin
    towards = side * np.repeat([face.normal for face in faces], SAMPLES**2, axis=0)
    distance, _ = closest_hits(obstacles.solid, points, towards)
    found: Floats = np.median(distance.reshape(len(faces), -1), axis=1).astype(np.float64)
    return found


def _stated(model: BuildingModel, row: int, *names: str) -> float | None:
    """The first of some properties that is a number other than 0."""
    found = model.properties.find(row, *names)
    if found is None or isinstance(found[1], bool) or not isinstance(found[1], int | float) or not found[1]:
        return None
    return float(found[1])


def _peak_w(model: BuildingModel, row: int, area_m2: float) -> float | None:
    """Peak power that the model states for a module, W.

    GBT50378.PeakPower, else CellEfficiency of Pset_SolarDeviceTypeCommon (IFC4) times its
    ActiveCellSurfaceAreaFraction, else EnergyConversionEfficiency of Pset_EnergyRequirements (IFC4X3, whose
    Pset_SolarDeviceTypeCommon has no efficiency).
    """
    peak = _stated(model, row, "PeakPower")
    if peak is not None and peak > 0:
        return peak
    cells = _stated(model, row, "CellEfficiency")
    share = cells if cells is not None else _stated(model, row, "EnergyConversionEfficiency")
    if share is None or not 0 < share <= 100:
        return None
    active = _stated(model, row, "ActiveCellSurfaceAreaFraction") if cells is not None else None
    return 1000 * (share / 100 if share > 1 else share) * (active or 1.0) * area_m2


def _coefficient_1_k(model: BuildingModel, row: int) -> float | None:
    """GBT50378.TemperatureCoefficient of the power, 1/K; data sheets give %/K, some models copy it."""
    stated = _stated(model, row, "TemperatureCoefficient")
    if stated is None or not -2 < stated < 0:
        return None
    return stated if stated > -0.02 else stated / 100


def inverters_w(model: BuildingModel) -> tuple[float | None, tuple[int, ...]]:
    """What the inverters of the model can give together, W, and their rows.

    Pset_TransformerTypeCommon.MaximumApparentPower of each IfcTransformer that is an INVERTER; None where
    there are none or one does not state it.
    """
    rows = tuple(
        row
        for row in model.elements.rows_of_class("IfcTransformer").tolist()
        if str(model.elements.predefined_type[row]).upper() == "INVERTER"
    )
    stated = [_stated(model, row, "MaximumApparentPower") for row in rows]
    known = [power for power in stated if power is not None and power > 0]
    return (sum(known) if rows and len(known) == len(rows) else None), rows
