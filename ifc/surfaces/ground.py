"""Where the ground is: the terrain of the model, else a level found by a stated rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from ifc.surfaces.rays import Triangles, all_hits
from ifc.surfaces.scene import Scene

Floats = NDArray[np.float64]

EDGE_POINTS = 16
NEAR_DATUM_M = 0.6  # a storey this close to the project's ±0.000 is the ground floor
BASEMENT = re.compile(
    r"basement|cellar|keller|sous-?sol|kelder|souterrain|地下|负[一二三四1-4]|^\s*-\s*\d|^\s*b\d|\bug\b|^u\.?g",
    re.I,
)


@dataclass(frozen=True)
class Ground:
    """The height of the ground, in coordinates of the scene."""

    level_z: float  # where there is no terrain
    terrain: Triangles
    has_terrain: bool
    nearest: cKDTree | None  # of points along the terrain's edges, in plan
    nearest_z: Floats

    def height(self, points: Floats) -> Floats:
        """Height of the ground at points (n, 3), (n,): the terrain's top, its nearest edge beside it."""
        if not self.has_terrain or self.nearest is None or len(points) == 0:
            return np.full(len(points), self.level_z)
        top = float(self.terrain.corners[..., 2].max()) + 1.0
        above = np.column_stack([points[:, :2], np.full(len(points), top)])
        down = np.tile([0.0, 0.0, -1.0], (len(points), 1))
        depth = top - float(self.terrain.corners[..., 2].min()) + 1.0
        ray, distance, _, _ = all_hits(self.terrain, above, down, 0.0, depth)
        height = np.full(len(points), -np.inf)
        np.maximum.at(height, ray, top - distance)
        missing = ~np.isfinite(height)
        if missing.any():
            height[missing] = self.nearest_z[self.nearest.query(points[missing, :2])[1]]
        return height


def find_ground(model: BuildingModel, scene: Scene) -> tuple[Ground, Diagnostic]:
    """The ground of a model and the diagnostic that states where it comes from."""
    corners = scene.terrain.corners
    if len(corners):
        edges = _along_edges(corners)
        level = float(np.median(edges[:, 2]))
        world = level + scene.origin[2] + model.offset_m[2]
        ground = Ground(level, scene.terrain, True, cKDTree(edges[:, :2]), edges[:, 2].copy())
        return ground, Diagnostic(
            "ground-from-terrain",
            Severity.NOTE,
            Text(
                f"The ground is the terrain of the IfcSite; its median height is {world:.2f} m.",
                f"地面取自 IfcSite 的地形，高程中位数为 {world:.2f} m。",
            ),
            Text("Nothing to do.", "无需处理。"),
        )
    z, rule = _level(model, scene)
    ground = Ground(z - scene.origin[2], scene.terrain, False, None, np.zeros(0))
    world = z + model.offset_m[2]
    return ground, Diagnostic(
        "ground-by-level",
        Severity.WARNING,
        Text(
            f"The model has no terrain. The ground is assumed flat at z = {world:.2f} m ({rule.en}); "
            "surfaces below it count as ground contact.",
            f"模型没有地形。假定地面为 z = {world:.2f} m 的水平面（{rule.zh}），其下的表面按接触土壤计算。",
        ),
        Text(
            "Give IfcSite a terrain surface if the ground slopes or lies elsewhere.",
            "若场地有坡度或地面标高不同，请在 IfcSite 中建立地形面。",
        ),
    )


def _along_edges(corners: Floats) -> Floats:
    """Points on the edges of triangles (T, 3, 3), at most EDGE_POINTS per edge, (n, 3)."""
    share = np.linspace(0, 1, EDGE_POINTS, endpoint=False)[:, None, None, None]
    return ((1 - share) * corners + share * corners[:, [1, 2, 0]]).reshape(-1, 3)


def _level(model: BuildingModel, scene: Scene) -> tuple[float, Text]:
    """Height of the ground in model coordinates, and the rule that gave it."""
    storeys = model.storeys
    datum = storeys.elevation_m + model.offset_m[2]
    lowest = (
        float(scene.space_corners[..., 2].min()) + scene.origin[2] if len(scene.space_corners) else np.nan
    )
    above = np.array([not BASEMENT.search(str(name)) for name in storeys.name], np.bool_)
    if len(storeys):
        nearest = int(np.argmin(np.abs(datum)))
        if abs(datum[nearest]) <= NEAR_DATUM_M:
            name = storeys.name[nearest]
            return float(storeys.elevation_m[nearest]), Text(
                f"the storey “{name}” at the project's ±0.000", f"位于 ±0.000 的楼层“{name}”"
            )
        if above.any():
            first = int(np.flatnonzero(above)[np.argmin(storeys.elevation_m[above])])
            name = storeys.name[first]
            return float(storeys.elevation_m[first]), Text(
                f"the lowest storey that is no basement, “{name}”", f"最低的非地下楼层“{name}”"
            )
    if np.isfinite(lowest):
        return lowest, Text("the lowest floor of any space", "各空间楼面的最低标高")
    return 0.0, Text("zero", "零标高")
