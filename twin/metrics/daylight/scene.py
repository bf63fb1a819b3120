"""The model as light sees it: solids, the inner faces of the rooms, and the windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.cutting import cut_openings
from ifc.model import BuildingModel, GeometryTable, Neighbour
from twin.kernels.light_scene import Portals, Scene, Shells, Solids, build_scene
from twin.metrics.daylight.curtains import Bundles, bundles
from twin.metrics.daylight.plane_polygons import polygon_triangles
from twin.metrics.daylight.reflectance import solid_reflectances, surface_reflectance
from twin.metrics.daylight.rules import DaylightRules
from twin.metrics.daylight.windows import Window, Windows, open_boundaries
from twin.metrics.trees import Trees, in_leaf, leaf_reflectance

Floats = NDArray[np.float64]

# Windows lie this far inside the faces of their rooms, so that light meets them first.
_PORTAL_LIFT_M = 1e-3
_TERRAIN_EDGE_M = 1.0
_LONGEST_CHAIN = 32  # rooms; bounds the memory of a solution
_LINK_WEIGHT = 0.25  # samples per area on openings to other rooms, against windows


@dataclass(frozen=True)
class RoomScene:
    """The scene of a model. Open boundaries make one *light room* of several spaces.

    ``light_room`` (N,) of each space, -1 for spaces without surfaces; ``ground_z`` model coordinates;
    ``portals`` the windows of ``scene``, in the order of its portals, and ``bundles`` their curtains.
    """

    scene: Scene
    portals: tuple[Window, ...]
    bundles: Bundles
    light_room: NDArray[np.int32]
    reachable: NDArray[np.bool_]
    ground_z: float


def room_scene(
    model: BuildingModel, windows: Windows, rules: DaylightRules, trees: Trees | None = None
) -> RoomScene:
    """Build the scene of a model.

    Solids are the meshes of the classes that stop light, with their openings cut out, but for the windows and
    doors that stand in ``windows``. Every room is closed by its own surfaces besides, so that gaps between
    elements let no light in. ``trees`` let their share through. Below everything lies an endless ground.
    """
    light_room = _light_rooms(model)
    count = int(light_room.max(initial=-1)) + 1
    ground_z = _ground_level(model)
    solids = light_solids(model, cut_openings(model), windows, rules, trees)
    shells = _shells(model, light_room, rules)
    linked = _linked(model, windows, light_room, count)
    solved_together = _solved_together(linked)
    portals = tuple(one for one in windows.windows if light_room[one.space] >= 0)
    room = np.array([light_room[one.space] for one in portals], np.int32)
    curtained = bundles(portals, windows.curtains, solved_together, room)
    with_window = np.zeros(count, np.bool_)
    for window in windows.windows:
        if window.outdoors and light_room[window.space] >= 0:
            with_window[light_room[window.space]] = True
    return RoomScene(
        scene=build_scene(
            solids,
            shells,
            window_portals(portals, light_room, curtained.light_set, rules),
            solved_together,
            ground_z,
            float(rules.reflectance["ground"].value),
        ),
        portals=portals,
        bundles=curtained,
        light_room=light_room,
        reachable=np.isin(linked, linked[with_window]),
        ground_z=ground_z,
    )


def _light_rooms(model: BuildingModel) -> NDArray[np.int32]:
    """Number of the light room of each space (N,): spaces with an open boundary between them share one."""
    spaces = np.unique(model.surfaces.space)
    parent = np.arange(len(model.spaces))

    def root(space: int) -> int:
        while parent[space] != space:
            parent[space] = parent[parent[space]]
            space = int(parent[space])
        return space

    for surface in np.flatnonzero(open_boundaries(model)).tolist():
        a, b = int(model.surfaces.space[surface]), int(model.surfaces.neighbour_space[surface])
        parent[root(a)] = root(b)
    rooms = np.full(len(model.spaces), -1, np.int32)
    roots = [root(int(space)) for space in spaces]
    _, number = np.unique(roots, return_inverse=True)
    rooms[spaces] = number
    return rooms


def _linked(
    model: BuildingModel, windows: Windows, light_room: NDArray[np.int32], count: int
) -> NDArray[np.int32]:
    """Number (R,) of the chain of rooms that pass light to each other through openings."""
    group = np.arange(count, dtype=np.int32)
    for window in windows.windows:
        neighbour = int(model.surfaces.neighbour_space[window.surface])
        if window.outdoors or neighbour < 0:
            continue
        a, b = light_room[window.space], light_room[neighbour]
        if a >= 0 and b >= 0 and group[a] != group[b]:
            group[group == group[b]] = group[a]
    return group


def _solved_together(linked: NDArray[np.int32]) -> NDArray[np.int32]:
    """Groups (R,) of rooms that share one solution: the chains, but the rooms of a very long one alone."""
    size = np.bincount(linked, minlength=len(linked))
    alone = size[linked] > _LONGEST_CHAIN
    return np.where(alone, np.arange(len(linked)), linked).astype(np.int32)


def _ground_level(model: BuildingModel) -> float:
    """Height of the ground: a little under the terrain's edge, else where the outer walls begin."""
    terrain = _terrain(model)
    if len(terrain):
        vertices = terrain.reshape(-1, 3)
        low, high = vertices[:, :2].min(axis=0), vertices[:, :2].max(axis=0)
        from_edge = np.minimum(vertices[:, :2] - low, high - vertices[:, :2]).min(axis=1)
        return float(np.median(vertices[from_edge < _TERRAIN_EDGE_M, 2])) - 0.01
    surfaces = model.surfaces
    walls = np.flatnonzero(
        (np.abs(surfaces.tilt_deg - 90.0) < 30.0) & (surfaces.neighbour == Neighbour.OUTDOORS)
    )
    feet = [
        float(ring[:, 2].min())
        for row in walls.tolist()
        for ring in surfaces.polygon.rings(row)[:1]
        if len(ring)
    ]
    return min(feet, default=0.0)


def _terrain(model: BuildingModel) -> Floats:
    """The upward faces (n, 3, 3) of the sites."""
    found = [np.zeros((0, 3, 3))]
    for row in model.elements.rows_of_class("IfcSite").tolist():
        vertices, triangles = model.geometry.mesh(row)
        corners = vertices[triangles]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        found.append(corners[normal[:, 2] > 0.3 * np.linalg.norm(normal, axis=1)])
    return np.concatenate(found)


def light_solids(
    model: BuildingModel,
    geometry: GeometryTable,
    windows: Windows,
    rules: DaylightRules,
    trees: Trees | None = None,
) -> Solids:
    """What stops light: meshes of the solid classes, but for ``windows`` and plants, and ``trees`` in leaf.

    ``geometry`` is the model's with its openings cut out. Shading devices let through the share that the
    model states (Pset_ShadingDeviceCommon.VisibleLightTransmittance).
    """
    elements = model.elements
    left_out = _with_parts(model, {window.element for window in windows.windows})
    glass = geometry.style_rgba[:, 3] < rules.glass_opacity_below
    pane = float(np.sqrt(float(rules.clear_glass_transmittance.value)))  # a pane has two faces
    planted = set() if trees is None else set(trees.elements.tolist())
    corners, styles, owners = [], [], []
    for element in np.unique(geometry.instance_element).tolist():
        ifc_class = elements.ifc_class[element]
        passes = ifc_class not in rules.solid_classes or (
            ifc_class == "IfcBuildingElementProxy"
            and rules.passing_proxy_names.search(f"{elements.name[element]} {elements.type_name[element]}")
        )
        if element in left_out or (passes and element not in planted):
            continue
        vertices, triangles = geometry.mesh(element)
        corners.append(vertices[triangles])
        styles.append(geometry.triangle_styles(element))
        owners.append(np.full(len(triangles), element))
    if not corners:
        nothing = np.zeros(0)
        return Solids(np.zeros((0, 3, 3)), nothing, nothing, nothing, np.zeros(0, np.bool_))
    every, style, owner = np.concatenate(corners), np.concatenate(styles), np.concatenate(owners)
    inside, outside = solid_reflectances(model, every, owner, rules)
    passing = np.zeros(len(every))
    if len(glass):
        passing[(style >= 0) & glass[style]] = pane
    for element in elements.rows_of_class("IfcShadingDevice").tolist():
        stated = model.properties.find(element, "VisibleLightTransmittance")
        if stated is not None and isinstance(stated[1], int | float) and 0.0 <= stated[1] <= 1.0:
            passing[owner == element] = np.sqrt(stated[1])  # light meets two faces of it
    leafy = np.zeros(len(every), np.bool_)
    if trees is not None:
        for tree, deciduous in zip(trees.elements.tolist(), trees.deciduous.tolist(), strict=True):
            mine = owner == tree
            passing[mine] = np.sqrt(in_leaf(deciduous))  # light meets two faces of a crown
            inside[mine] = outside[mine] = leaf_reflectance()
            leafy[mine] = deciduous
    return Solids(every, inside, outside, passing, leafy)


def _with_parts(model: BuildingModel, rows: set[int]) -> set[int]:
    """Rows and everything that is part of them."""
    found, waiting = set(rows), list(rows)
    while waiting:
        for part in model.elements.parts_of(waiting.pop()):
            if part not in found:
                found.add(part)
                waiting.append(part)
    return found


def _shells(model: BuildingModel, light_room: NDArray[np.int32], rules: DaylightRules) -> Shells:
    surfaces = model.surfaces
    merged = open_boundaries(model)
    corners: list[Floats] = [np.zeros((0, 3, 3))]
    rooms: list[int] = []
    spaces: list[int] = []
    reflectances: list[float] = []
    for row in np.flatnonzero(~merged).tolist():
        faces = polygon_triangles(surfaces.polygon.rings(row), surfaces.normal[row])
        corners.append(faces)
        rooms += [int(light_room[surfaces.space[row]])] * len(faces)
        spaces += [int(surfaces.space[row])] * len(faces)
        reflectances += [float(surface_reflectance(model, row, rules).value)] * len(faces)
    return Shells(
        np.concatenate(corners),
        np.array(rooms, np.int32),
        np.array(spaces, np.int32),
        np.array(reflectances, np.float64),
    )


def window_portals(
    windows: Sequence[Window],
    light_room: NDArray[np.int32],
    light_set: NDArray[np.int32],
    rules: DaylightRules,
) -> Portals:
    """The windows as portals of their light rooms, a hair inside the faces of these."""

    def column(values: list[float]) -> Floats:
        return np.array(values, np.float64)

    lifted = [window.corners - _PORTAL_LIFT_M * window.normal for window in windows]
    hole = [window.transmittance is None for window in windows]
    return Portals(
        corners=np.concatenate([np.zeros((0, 3, 3)), *lifted]),
        portal=np.repeat(np.arange(len(windows)), [len(one.corners) for one in windows]).astype(np.int32),
        room=np.array([light_room[window.space] for window in windows], np.int32),
        transmittance=column(
            [np.nan if one.transmittance is None else float(one.transmittance.value) for one in windows]
        ),
        frame=column([float(window.frame_ratio.value) for window in windows]),
        dirt=column([float(one.dirt.value) * float(one.louvre.value) for one in windows]),
        frame_reflectance=np.where(hole, 0.0, float(rules.reflectance["frame"].value)),
        weight=column([1.0 if window.outdoors else _LINK_WEIGHT for window in windows]),
        outdoors=np.array([window.outdoors for window in windows], np.bool_),
        light_set=light_set,
    )
