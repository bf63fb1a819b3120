"""Small building models out of boxes and prisms, for tests that need no IFC file.

blocks = Blocks()
wall = blocks.box("IfcWall", (0, 0, 0), (5, 0.2, 3))
blocks.opening(wall, (1, 0, 1), (2, 0.2, 2), filling="IfcWindow")
room = blocks.space((0, 0.2, 0), (5, 4, 3), name="Room")
model = blocks.model()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from ifc.model import (
    BuildingModel,
    Construction,
    ElementTable,
    GeometryTable,
    GroundCoverTable,
    GroupTable,
    OpeningTable,
    PolygonTable,
    PropertyTable,
    Site,
    Source,
    SpaceBoundaryTable,
    SpaceTable,
    StoreyTable,
    SurfaceOpeningTable,
    SurfaceTable,
)
from ifc.model.empty import empty_table

Point = Sequence[float]
Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]


def prism_mesh(
    outline: Sequence[Point], bottom_z: float, top_z: float, holes: Sequence[Sequence[Point]] = ()
) -> Mesh:
    """A vertical prism over a 2-D outline with holes; normals point outward."""
    polygon = shapely.geometry.polygon.orient(shapely.Polygon(outline, holes))
    rings = [np.asarray(ring.coords)[:-1] for ring in (polygon.exterior, *polygon.interiors)]
    plan = np.concatenate(rings)
    count = len(plan)
    vertices = np.concatenate([np.c_[plan, np.full(count, bottom_z)], np.c_[plan, np.full(count, top_z)]])
    row_of = {tuple(point): row for row, point in enumerate(plan.tolist())}
    triangles = []
    start = 0
    for ring in rings:
        for here in range(len(ring)):
            a, b = start + here, start + (here + 1) % len(ring)
            triangles += [(a, b, b + count), (a, b + count, a + count)]
        start += len(ring)
    for part in shapely.constrained_delaunay_triangles(polygon).geoms:
        corners = np.asarray(shapely.geometry.polygon.orient(part).exterior.coords)[:3]
        a, b, c = (row_of[tuple(corner)] for corner in corners.tolist())
        triangles += [(a, c, b), (a + count, b + count, c + count)]
    return vertices, np.array(triangles, np.int32)


def box_mesh(low: Point, high: Point) -> Mesh:
    """An axis-aligned box."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    return prism_mesh([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], z0, z1)


def extruded_profile(profile_xz: Sequence[Point], start_y: float, end_y: float) -> Mesh:
    """A profile in the x-z plane, extruded along y: gables, sloped roofs, stairs."""
    vertices, triangles = prism_mesh(profile_xz, start_y, end_y)
    # (x, z, y) -> (x, y, z) swaps two axes, which mirrors: turn the triangles around.
    return vertices[:, [0, 2, 1]], triangles[:, ::-1].copy()


@dataclass
class Blocks:
    """Collects elements and spaces; :meth:`model` turns them into a BuildingModel."""

    north_deg: float = 0.0
    constructions: list[Construction] = field(default_factory=list)
    _classes: list[str] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    _parents: list[int] = field(default_factory=list)
    _storey_of: list[int] = field(default_factory=list)
    _construction_of: list[int] = field(default_factory=list)
    _meshes: dict[int, Mesh] = field(default_factory=dict)
    _openings: list[tuple[int, int, int]] = field(default_factory=list)
    _spaces: list[dict[str, object]] = field(default_factory=list)
    _storeys: list[tuple[str, float]] = field(default_factory=list)

    def storey(self, name: str, elevation_m: float) -> int:
        """A storey; returns its row. Add storeys from the lowest to the highest."""
        self._storeys.append((name, elevation_m))
        return len(self._storeys) - 1

    def add(
        self,
        ifc_class: str,
        mesh: Mesh | None,
        *,
        name: str = "",
        parent: int = -1,
        storey: int = 0,
        construction: int = -1,
    ) -> int:
        """An element with a mesh (None for none); returns its row."""
        row = len(self._classes)
        self._classes.append(ifc_class)
        self._names.append(name)
        self._parents.append(parent)
        self._storey_of.append(storey)
        self._construction_of.append(construction)
        if mesh is not None:
            self._meshes[row] = mesh
        return row

    def box(self, ifc_class: str, low: Point, high: Point, **attributes: object) -> int:
        """An element that is an axis-aligned box; ``attributes`` as in :meth:`add`."""
        return self.add(ifc_class, box_mesh(low, high), **attributes)  # type: ignore[arg-type]

    def prism(
        self, ifc_class: str, outline: Sequence[Point], bottom_z: float, top_z: float, **attributes: object
    ) -> int:
        """An element that is a vertical prism; ``attributes`` as in :meth:`add`."""
        return self.add(ifc_class, prism_mesh(outline, bottom_z, top_z), **attributes)  # type: ignore[arg-type]

    def opening(
        self, host: int, low: Point, high: Point, *, filling: str | None = None, **attributes: object
    ) -> int:
        """An opening box in a host, filled by an element of class ``filling``; returns the filling's row.

        For an unfilled opening returns the row of the IfcOpeningElement.
        """
        return self.opening_mesh(host, box_mesh(low, high), filling=filling, **attributes)

    def opening_mesh(self, host: int, mesh: Mesh, *, filling: str | None = None, **attributes: object) -> int:
        """Like :meth:`opening`, with any mesh."""
        opening = self.add("IfcOpeningElement", mesh, parent=host)
        filled = -1
        if filling is not None:
            filled = self.add(filling, mesh, **attributes)  # type: ignore[arg-type]
        self._openings.append((opening, host, filled))
        return opening if filling is None else filled

    def loose(self, ifc_class: str, low: Point, high: Point) -> int:
        """A window or door that fills no opening."""
        row = self.box(ifc_class, low, high)
        self._openings.append((-1, -1, row))
        return row

    def space(self, low: Point, high: Point, **attributes: object) -> int:
        """A space that is a box; returns its row in the SpaceTable. ``attributes`` as in space_mesh."""
        return self.space_mesh(box_mesh(low, high), **attributes)  # type: ignore[arg-type]

    def space_mesh(
        self,
        mesh: Mesh | None,
        *,
        name: str = "",
        long_name: str = "",
        use: str = "unknown",
        internal: bool = True,
        storey: int = 0,
        declared_volume_m3: float = np.nan,
    ) -> int:
        """A space with any mesh (None for a space without geometry); returns its row."""
        row = len(self._spaces)
        element = self.add("IfcSpace", mesh, name=name or f"Space {row}", storey=storey)
        self._spaces.append(
            {
                "element": element,
                "name": name or f"Space {row}",
                "long_name": long_name,
                "use": use,
                "internal": internal,
                "storey": storey,
                "declared_volume_m3": declared_volume_m3,
            }
        )
        return row

    def model(self) -> BuildingModel:
        """The BuildingModel, without surfaces."""
        if not self._storeys:
            self._storeys.append(("Ground floor", 0.0))
        count = len(self._classes)
        elements = ElementTable(
            global_id=np.array([f"element{row:06d}" for row in range(count)], object),
            ifc_class=np.array(self._classes, object),
            predefined_type=np.full(count, "", object),
            name=np.array(self._names, object),
            long_name=np.full(count, "", object),
            tag=np.full(count, "", object),
            type_name=np.full(count, "", object),
            parent=np.array(self._parents, np.int32),
            storey=np.array(self._storey_of, np.int32),
            space=np.full(count, -1, np.int32),
            construction=np.array(self._construction_of, np.int32),
            layer_direction=np.full((count, 3), np.nan),
        )
        openings = np.array(self._openings, np.int32).reshape(-1, 3)
        return BuildingModel(
            source=Source("blocks.ifc", "0" * 64, 0, "IFC4", "tests", "Blocks", 1.0, {}),
            offset_m=np.zeros(3),
            site=Site("", "", None, None, None, self.north_deg, True, None, ""),
            elements=elements,
            properties=empty_properties(),
            storeys=StoreyTable(
                element=np.full(len(self._storeys), -1, np.int32),
                name=np.array([name for name, _ in self._storeys], object),
                elevation_m=np.array([elevation for _, elevation in self._storeys]),
                building=np.full(len(self._storeys), -1, np.int32),
            ),
            openings=OpeningTable(*(openings[:, column].copy() for column in range(3))),
            groups=GroupTable(*(np.zeros(0, object) for _ in range(3)), np.zeros(0, np.int32)),
            geometry=self._geometry(),
            constructions=tuple(self.constructions),
            spaces=self._space_table(),
            surfaces=empty_surfaces(),
            surface_openings=empty_surface_openings(),
            boundaries=empty_table(SpaceBoundaryTable),
            ground_covers=GroundCoverTable(
                np.zeros(0, np.int32),
                np.zeros(0, object),
                PolygonTable.pack([], 2),
                *(np.zeros(0) for _ in range(3)),
                np.zeros(0, np.int8),
            ),
            diagnostics=(),
            seconds={},
        )

    def _geometry(self) -> GeometryTable:
        rows = sorted(self._meshes)
        meshes = [self._meshes[row] for row in rows]
        vertices = [mesh[0] for mesh in meshes]
        triangles = [mesh[1] for mesh in meshes]
        # Vertices are kept as float32 about the first vertex, as the reader does.
        origins = [points[0] for points in vertices]
        transform = np.zeros((len(rows), 3, 4))
        transform[:, :, :3] = np.eye(3)
        for row, origin in enumerate(origins):
            transform[row, :, 3] = origin
        return GeometryTable(
            vertices=np.concatenate(
                [np.zeros((0, 3)), *(p - o for p, o in zip(vertices, origins, strict=True))]
            ).astype(np.float32),
            triangles=np.concatenate([np.zeros((0, 3), np.int32), *triangles]).astype(np.int32),
            triangle_style=np.full(sum(map(len, triangles)), -1, np.int32),
            vertex_start=np.cumsum([0, *map(len, vertices)]),
            triangle_start=np.cumsum([0, *map(len, triangles)]),
            instance_element=np.array(rows, np.int32),
            instance_shape=np.arange(len(rows), dtype=np.int32),
            transform=transform,
            style_rgba=np.zeros((0, 4), np.float32),
            style_name=np.zeros(0, object),
        )

    def _space_table(self) -> SpaceTable:
        spaces = self._spaces
        count = len(spaces)
        footprints, floor, height, area, volume = [], [], [], [], []
        for space in spaces:
            mesh = self._meshes.get(space["element"])  # type: ignore[call-overload]
            if mesh is None or not np.isfinite(mesh[0]).all():
                footprints.append([])
                for column in (floor, height, area, volume):
                    column.append(np.nan)
                continue
            corners = mesh[0][mesh[1]]
            plan = shapely.union_all(shapely.polygons(corners[:, :, :2]), grid_size=1e-6)
            footprints.append([np.asarray(plan.convex_hull.exterior.coords)[:-1]])
            solid = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
            floor.append(mesh[0][:, 2].min())
            area.append(plan.area)
            volume.append(solid)
            height.append(solid / plan.area)

        def column(name: str) -> NDArray[np.object_]:
            return np.array([space[name] for space in spaces] + [None], object)[:-1]

        return SpaceTable(
            element=column("element").astype(np.int32),
            global_id=np.array([f"element{space['element']:06d}" for space in spaces] + [None], object)[:-1],
            name=column("name"),
            long_name=column("long_name"),
            storey=column("storey").astype(np.int32),
            use=column("use"),
            use_provenance=np.full(count, -1, np.int8),
            footprint=PolygonTable.pack(footprints, 2),
            floor_z_m=np.array(floor),
            height_m=np.array(height),
            area_m2=np.array(area),
            volume_m3=np.array(volume),
            declared_area_m2=np.full(count, np.nan),
            declared_volume_m3=column("declared_volume_m3").astype(np.float64),
            internal=column("internal").astype(np.bool_),
            derived=np.zeros(count, np.bool_),
            grade=np.full(count, "", object),
            grade_reason_en=np.full(count, "", object),
            grade_reason_zh=np.full(count, "", object),
        )


def empty_properties() -> PropertyTable:
    """A PropertyTable without rows."""
    return PropertyTable(
        np.zeros(0, np.int32),
        *(np.zeros(0, object) for _ in range(4)),
        np.zeros(0, np.bool_),
        np.zeros(0, np.bool_),
    )


def empty_surfaces() -> SurfaceTable:
    """A SurfaceTable without rows."""
    return SurfaceTable(
        space=np.zeros(0, np.int32),
        polygon=PolygonTable.pack([], 3),
        normal=np.zeros((0, 3)),
        area_m2=np.zeros(0),
        tilt_deg=np.zeros(0),
        azimuth_deg=np.zeros(0),
        neighbour=np.zeros(0, np.int8),
        neighbour_space=np.zeros(0, np.int32),
        pair=np.zeros(0, np.int32),
        element=np.zeros(0, np.int32),
        construction=np.zeros(0, np.int32),
        thickness_m=np.zeros(0),
        evidence=np.zeros(0, np.int8),
    )


def empty_surface_openings() -> SurfaceOpeningTable:
    """A SurfaceOpeningTable without rows."""
    return SurfaceOpeningTable(
        surface=np.zeros(0, np.int32),
        element=np.zeros(0, np.int32),
        kind=np.zeros(0, object),
        polygon=PolygonTable.pack([], 3),
        area_m2=np.zeros(0),
        construction=np.zeros(0, np.int32),
    )
