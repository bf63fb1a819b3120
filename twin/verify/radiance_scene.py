"""A room of a model as a Radiance scene: what our kernel sees, written for ``oconv``.

Our rays know which room they travel in, and meet the inner faces of that room only. Radiance does not, so a
scene is written for the rooms that pass light to each other: their inner faces with the windows cut out of
them, a hair inside the walls so that nothing coincides, and all solids of the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.cutting import cut_openings
from ifc.model import BuildingModel
from twin.kernels.glazing import transmissivity_of
from twin.kernels.light_scene import Solids
from twin.metrics.daylight.floors import within_room
from twin.metrics.daylight.plane_polygons import plane_axes, polygon_triangles
from twin.metrics.daylight.reflectance import surface_reflectance
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.scene import RoomScene, light_solids
from twin.metrics.daylight.windows import Window, Windows, open_boundaries
from twin.verify.radiance import OVERCAST_SKY

Floats = NDArray[np.float64]

_FACE_LIFT_M = 5e-4  # of the inner faces off the walls behind them
_GROUND_M = 600.0
_OVERCAST = """void brightfunc overcast
2 sky overcast.cal
0
0

overcast glow skyglow
0
0
4 1 1 1 0

skyglow source dome
0
0
4 0 0 1 180
"""
# CIE overcast sky, scaled to a horizontal irradiance of 1.
_OVERCAST_CAL = "{ CIE overcast }\nsky = if(Dz, 9/(7*PI)*(1+2*Dz)/3, 0);\n"


@dataclass(frozen=True)
class Parts:
    """What the scenes of all rooms share: the solids, and the windows by light room."""

    model: BuildingModel
    solids: Solids
    windows: Windows
    rules: DaylightRules
    rooms: RoomScene


def parts_of(model: BuildingModel, windows: Windows, rooms: RoomScene, rules: DaylightRules) -> Parts:
    """Collect the parts once for all rooms."""
    return Parts(model, light_solids(model, cut_openings(model), windows, rules), windows, rules, rooms)


def write_scene(folder: Path, parts: Parts, light_rooms: NDArray[np.intp]) -> Path:
    """Write ``scene.rad`` of some light rooms, and the overcast sky beside it; returns the scene's path.

    Coordinates are about the origin of our scene, so that both programs round alike.
    """
    model, origin = parts.model, parts.rooms.scene.origin_m
    spaces = np.flatnonzero(np.isin(parts.rooms.light_room, light_rooms))
    mine = [window for window in parts.windows.windows if window.space in set(spaces.tolist())]
    materials: dict[str, str] = {}
    lines = _solids(parts, spaces, materials)
    for space in spaces.tolist():
        for row in np.flatnonzero((model.surfaces.space == space) & ~open_boundaries(model)).tolist():
            here = [window for window in mine if window.surface == row]
            rho = _plastic(materials, float(surface_reflectance(model, row, parts.rules).value))
            faces = _without_windows(model, row, here) - _FACE_LIFT_M * model.surfaces.normal[row]
            lines += _polygons(rho, f"s{row}", faces - origin)
    for number, window in enumerate(mine):
        # A pane between two rooms stands in the faces of both, each with the root of its transmittance.
        if window.transmittance is not None:
            pane = _glass(materials, float(window.transmittance.value))
            corners = window.corners - 2 * _FACE_LIFT_M * window.normal
            lines += _polygons(pane, f"w{number}", corners - origin)
    ground = _plastic(materials, float(parts.rules.reflectance["ground"].value))
    z = parts.rooms.ground_z - origin[2]
    a = _GROUND_M
    plane = np.array([[[-a, -a, z], [a, -a, z], [a, a, z]], [[-a, -a, z], [a, a, z], [-a, a, z]]])
    lines += _polygons(ground, "ground", plane)
    path = folder / "scene.rad"
    path.write_text("\n".join([*materials.values(), *lines]), "ascii")
    (folder / OVERCAST_SKY).write_text(_OVERCAST, "ascii")
    (folder / "overcast.cal").write_text(_OVERCAST_CAL, "ascii")
    return path


def _solids(parts: Parts, spaces: NDArray[np.intp], materials: dict[str, str]) -> list[str]:
    """The solids, those within the rooms with their reflectance there."""
    solids, origin = parts.solids, parts.rooms.scene.origin_m
    middle = solids.corners.mean(axis=1)
    inside = np.zeros(len(middle), np.bool_)
    for space in spaces.tolist():
        inside |= within_room(parts.model, space, middle)
    reflectance = np.where(inside, solids.reflectance_room, solids.reflectance_outside)
    lines: list[str] = []
    kinds, which = np.unique(
        np.round(np.column_stack([reflectance, solids.passing]), 4), axis=0, return_inverse=True
    )
    for kind, (rho, passing) in enumerate(kinds.tolist()):
        name = _plastic(materials, rho) if passing == 0.0 else _trans(materials, rho, passing)
        lines += _polygons(name, f"b{kind}", solids.corners[which.reshape(-1) == kind] - origin)
    return lines


def _without_windows(model: BuildingModel, row: int, windows: list[Window]) -> Floats:
    """Triangles (n, 3, 3) of a surface without its windows."""
    rings, normal = model.surfaces.polygon.rings(row), model.surfaces.normal[row]
    if not windows:
        return polygon_triangles(rings, normal)
    u, v = plane_axes(normal)
    depth = float(rings[0][0] @ normal)

    def flat(points: Floats) -> Floats:
        return np.column_stack([points @ u, points @ v])

    face = shapely.make_valid(shapely.Polygon(flat(rings[0]), [flat(ring) for ring in rings[1:]]))
    panes = [shapely.Polygon(flat(corners)) for window in windows for corners in window.corners]
    left = shapely.difference(face, shapely.union_all(panes, grid_size=1e-5))
    found = [np.zeros((0, 3, 3))]
    for part in shapely.get_parts(left):
        if isinstance(part, shapely.Polygon) and part.area > 1e-6:
            loops = [np.asarray(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)]
            placed = [loop[:, :1] * u + loop[:, 1:] * v + depth * normal for loop in loops]
            found.append(polygon_triangles(placed, normal))
    return np.concatenate(found)


def _polygons(material: str, name: str, corners: Floats) -> Iterable[str]:
    """Radiance polygons of triangles (n, 3, 3), those without area left out."""
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sound = np.linalg.norm(cross, axis=1) > 1e-9
    for number, triangle in enumerate(corners[sound]):
        places = " ".join(f"{value:.6f}" for value in triangle.ravel().tolist())
        yield f"{material} polygon {name}_{number}\n0\n0\n9 {places}\n"


def _plastic(materials: dict[str, str], rho: float) -> str:
    name = f"rho{round(rho * 1e4)}"
    materials[name] = f"void plastic {name}\n0\n0\n5 {rho:.4f} {rho:.4f} {rho:.4f} 0 0\n"
    return name


def _glass(materials: dict[str, str], transmittance: float) -> str:
    name = f"glass{round(transmittance * 1e4)}"
    tn = float(transmissivity_of(np.array([transmittance]))[0])
    materials[name] = f"void glass {name}\n0\n0\n3 {tn:.6f} {tn:.6f} {tn:.6f}\n"
    return name


def _trans(materials: dict[str, str], rho: float, passing: float) -> str:
    """A face that lets ``passing`` straight through and reflects ``rho`` of the rest."""
    name = f"trans{round(rho * 1e4)}_{round(passing * 1e4)}"
    colour = passing + rho * (1.0 - passing)
    share = passing / colour
    materials[name] = f"void trans {name}\n0\n0\n7 {colour:.4f} {colour:.4f} {colour:.4f} 0 0 {share:.6f} 1\n"
    return name
