"""An IFC file in memory that grows by one body at a time, in metres and radians."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid
import numpy as np
from numpy.typing import NDArray

from ifc.meshes import closure, signed_volume
from ifc.reading.geometry import build_geometry
from ifc.reading.shapes.build import build_own
from ifc.reading.units import read_units

Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]


class Bodies:
    """A file of proxies, each with one body."""

    def __init__(self, schema: str = "IFC4") -> None:
        self.file = ifcopenshell.file(schema=schema)
        make = self.file.create_entity
        self._context = make(
            "IfcGeometricRepresentationContext",
            ContextType="Model",
            CoordinateSpaceDimension=3,
            Precision=1e-5,
            WorldCoordinateSystem=self.axes(),
        )
        units = [
            make("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE"),
            make("IfcSIUnit", UnitType="PLANEANGLEUNIT", Name="RADIAN"),
        ]
        make(
            "IfcProject",
            GlobalId=ifcopenshell.guid.new(),
            RepresentationContexts=[self._context],
            UnitsInContext=make("IfcUnitAssignment", Units=units),
        )

    def make(self, ifc_class: str, *attributes: Any) -> Any:
        """An entity by its attributes in order."""
        return self.file.create_entity(ifc_class, *attributes)

    def point(self, *values: float) -> Any:
        return self.make("IfcCartesianPoint", tuple(map(float, values)))

    def direction(self, *values: float) -> Any:
        return self.make("IfcDirection", tuple(map(float, values)))

    def axes(
        self,
        at: Sequence[float] = (0, 0, 0),
        z: Sequence[float] | None = None,
        x: Sequence[float] | None = None,
    ) -> Any:
        return self.make(
            "IfcAxis2Placement3D",
            self.point(*at),
            None if z is None else self.direction(*z),
            None if x is None else self.direction(*x),
        )

    def polyline(self, *points: Sequence[float]) -> Any:
        """A closed one."""
        return self.make("IfcPolyline", [self.point(*point) for point in (*points, points[0])])

    def area(self, curve: Any, *holes: Any) -> Any:
        if holes:
            return self.make("IfcArbitraryProfileDefWithVoids", "AREA", None, curve, holes)
        return self.make("IfcArbitraryClosedProfileDef", "AREA", None, curve)

    def extruded(
        self, profile: Any, depth: float = 2.0, direction: Sequence[float] = (0, 0, 1), axes: Any = None
    ) -> Any:
        return self.make(
            "IfcExtrudedAreaSolid", profile, axes or self.axes(), self.direction(*direction), depth
        )

    def box(self, x: float, y: float, z: float) -> Any:
        """From (0, 0, 0) to (x, y, z)."""
        return self.extruded(self.area(self.polyline((0, 0), (x, 0), (x, y), (0, y))), z)

    def plane(self, at: Sequence[float], normal: Sequence[float]) -> Any:
        across = np.cross(normal, (0.3, 0.5, 0.8)).tolist()
        return self.make("IfcPlane", self.axes(at, normal, across))

    def clipped(self, body: Any, half_space: Any) -> Any:
        return self.make("IfcBooleanClippingResult", "DIFFERENCE", body, half_space)

    def add(self, *items: Any, at: Sequence[float] = (0, 0, 0), turned: Sequence[float] = (1, 0, 0)) -> Any:
        """A proxy with these items, placed."""
        shape = self.make("IfcShapeRepresentation", self._context, "Body", "SweptSolid", items)
        placement = self.make("IfcLocalPlacement", None, self.axes(at, (0, 0, 1), turned))
        return self.file.create_entity(
            "IfcBuildingElementProxy",
            GlobalId=ifcopenshell.guid.new(),
            ObjectPlacement=placement,
            Representation=self.make("IfcProductDefinitionShape", None, None, [shape]),
        )

    def own(self, product: Any) -> Mesh | None:
        """The product as it is built here, in world coordinates; None where it is left to the engine."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "bodies.ifc")
            self.file.write(str(path))
            return _mesh(build_own(self.file, path, [product.id()], read_units(self.file)), product.id())

    def engine(self, product: Any) -> Mesh:
        """The product as opencascade builds it."""
        mesh = _mesh(build_geometry(self.file, [product.id()], "opencascade"), product.id())
        assert mesh is not None
        return mesh


def assert_as_the_engine(bodies: Bodies, product: Any, tolerance: float = 1e-5) -> float:
    """That our body is opencascade's: closed, of its volume and in its box. Returns the volume."""
    mine, theirs = bodies.own(product), bodies.engine(product)
    assert mine is not None, "it was left to the engine"
    assert closure(*mine).closed
    volume = signed_volume(*mine)
    assert abs(volume - signed_volume(*theirs)) < tolerance * volume
    np.testing.assert_allclose(mine[0].min(axis=0), theirs[0].min(axis=0), atol=1e-6)
    np.testing.assert_allclose(mine[0].max(axis=0), theirs[0].max(axis=0), atol=1e-6)
    return volume


def _mesh(parts: Any, step_id: int) -> Mesh | None:
    points: list[NDArray[np.float64]] = []
    triangles: list[NDArray[np.int32]] = []
    count = 0
    for part in parts:
        for row in np.flatnonzero(part["product"] == step_id).tolist():
            shape, matrix = part["shape"][row], part["matrix"][row]
            own = part["vertices"][part["vertex_start"][shape] : part["vertex_start"][shape + 1]]
            faces = part["triangles"][part["triangle_start"][shape] : part["triangle_start"][shape + 1]]
            points.append(own.astype(np.float64) @ matrix[:, :3].T + matrix[:, 3])
            triangles.append(faces + np.int32(count))
            count += len(own)
    return (np.concatenate(points), np.concatenate(triangles)) if points else None
