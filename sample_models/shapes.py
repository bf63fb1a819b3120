"""Points, placements, solids and representations of an IFC file, each shared where it recurs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ifcopenshell
import ifcopenshell.api.context
import ifcopenshell.api.style
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

Entity = Any  # an ifcopenshell.entity_instance, whose attributes only the schema knows
Point3 = tuple[float, float, float]
ORIGIN: Point3 = (0.0, 0.0, 0.0)


def tidy(value: float) -> float:
    """A coordinate without floating-point dust (1 µm)."""
    return round(float(value), 6) + 0.0


class ShapeWriter:
    """The geometric half of an IFC4 file in the making. Lengths in metres."""

    def __init__(self, file: ifcopenshell.file) -> None:
        self.file = file
        self._points: dict[tuple[float, ...], Entity] = {}
        self._directions: dict[tuple[float, ...], Entity] = {}
        self._axes: dict[tuple[Any, ...], Entity] = {}
        self._styles: dict[str, Entity] = {}
        self._maps: dict[str, Entity] = {}
        self._identity: Entity | None = None
        self._placements: dict[int, tuple[Entity, Entity]] = {}

    def add_contexts(self) -> None:
        """The representation contexts. The project must exist before."""
        self.model_context = ifcopenshell.api.context.add_context(self.file, context_type="Model")
        self.body = self._subcontext("Body", "MODEL_VIEW")
        self.axis = self._subcontext("Axis", "GRAPH_VIEW")

    def _subcontext(self, identifier: str, view: str) -> Entity:
        return ifcopenshell.api.context.add_context(
            self.file,
            context_type="Model",
            context_identifier=identifier,
            target_view=view,
            parent=self.model_context,
        )

    def footprint_context(self) -> Entity:
        """The subcontext of plan outlines."""
        return self._subcontext("FootPrint", "PLAN_VIEW")

    def point(self, *coordinates: float) -> Entity:
        """An IfcCartesianPoint, each one written once."""
        key = tuple(tidy(value) for value in coordinates)
        if key not in self._points:
            self._points[key] = self.file.create_entity("IfcCartesianPoint", key)
        return self._points[key]

    def direction(self, *ratios: float) -> Entity:
        """An IfcDirection, each one written once."""
        key = tuple(round(float(value), 12) + 0.0 for value in ratios)
        if key not in self._directions:
            self._directions[key] = self.file.create_entity("IfcDirection", key)
        return self._directions[key]

    def axes(self, origin: Point3 = ORIGIN, z: Point3 | None = None, x: Point3 | None = None) -> Entity:
        """An IfcAxis2Placement3D."""
        key = (tuple(tidy(value) for value in origin), z, x)
        if key not in self._axes:
            if z is None and x is not None:
                z = (0.0, 0.0, 1.0)
            self._axes[key] = self.file.create_entity(
                "IfcAxis2Placement3D",
                self.point(*origin),
                self.direction(*z) if z is not None else None,
                self.direction(*x) if x is not None else None,
            )
        return self._axes[key]

    def placement(
        self,
        parent: Entity | None,
        origin: Point3 = ORIGIN,
        z: Point3 | None = None,
        x: Point3 | None = None,
    ) -> Entity:
        """A local placement relative to the placement ``parent``."""
        return self.file.create_entity("IfcLocalPlacement", parent, self.axes(origin, z, x))

    def place(self, product: Entity, placement: Entity) -> None:
        """Give a product its placement once the API has sorted it into the tree."""
        self._placements[product.id()] = (product, placement)

    def placement_of(self, product: Entity) -> Entity:
        """The placement that a product was given."""
        return self._placements[product.id()][1]

    def ring(self, coordinates: Iterable[Sequence[float]]) -> Entity:
        """A closed IfcPolyline through 2-D points, the first one not repeated."""
        points = [self.point(x, y) for x, y in coordinates]
        return self.file.create_entity("IfcPolyline", [*points, points[0]])

    def profile(self, polygon: Polygon) -> Entity:
        """An arbitrary profile, with voids where the polygon has holes."""
        polygon = orient(polygon)
        outside = self.ring(polygon.exterior.coords[:-1])
        if not polygon.interiors:
            return self.file.create_entity("IfcArbitraryClosedProfileDef", "AREA", None, outside)
        holes = [self.ring(hole.coords[:-1]) for hole in polygon.interiors]
        return self.file.create_entity("IfcArbitraryProfileDefWithVoids", "AREA", None, outside, holes)

    def extrusion(
        self,
        polygon: Polygon,
        depth: float,
        origin: Point3 = ORIGIN,
        z: Point3 | None = None,
        x: Point3 | None = None,
    ) -> Entity:
        """``polygon`` in the XY plane of the axes given, swept along their Z."""
        return self.file.create_entity(
            "IfcExtrudedAreaSolid",
            self.profile(polygon),
            self.axes(origin, z, x),
            self.direction(0.0, 0.0, 1.0),
            tidy(depth),
        )

    def clip(self, solid: Entity, origin: Point3, normal: Point3) -> Entity:
        """``solid`` without the part on the side that ``normal`` points to."""
        plane = self.file.create_entity("IfcPlane", self.axes(origin, normal, _perpendicular(normal)))
        half_space = self.file.create_entity("IfcHalfSpaceSolid", plane, False)
        return self.file.create_entity("IfcBooleanClippingResult", "DIFFERENCE", solid, half_space)

    def body_of(self, items: Sequence[Entity], kind: str = "SweptSolid") -> Entity:
        """A Body representation of items."""
        return self.file.create_entity("IfcShapeRepresentation", self.body, "Body", kind, list(items))

    def axis_of(self, start: Sequence[float], end: Sequence[float]) -> Entity:
        """An Axis representation: a straight line."""
        line = self.file.create_entity("IfcPolyline", [self.point(*start), self.point(*end)])
        return self.file.create_entity("IfcShapeRepresentation", self.axis, "Axis", "Curve2D", [line])

    def represent(self, product: Entity, *representations: Entity) -> None:
        """Give a product its representations."""
        product.Representation = self.file.create_entity(
            "IfcProductDefinitionShape", None, None, list(representations)
        )

    def shared_map(self, key: str, representation: Entity | None = None) -> Entity:
        """The IfcRepresentationMap called ``key``; ``representation`` defines it at its first use."""
        if key not in self._maps:
            if representation is None:
                raise KeyError(key)
            self._maps[key] = self.file.create_entity("IfcRepresentationMap", self.axes(), representation)
        return self._maps[key]

    def has_map(self, key: str) -> bool:
        """Whether :meth:`shared_map` knows ``key``."""
        return key in self._maps

    def mapped(self, key: str) -> Entity:
        """A representation that places the shared shape ``key``."""
        if self._identity is None:
            self._identity = self.file.create_entity(
                "IfcCartesianTransformationOperator3D", None, None, self.point(*ORIGIN), None, None
            )
        item = self.file.create_entity("IfcMappedItem", self._maps[key], self._identity)
        return self.file.create_entity(
            "IfcShapeRepresentation", self.body, "Body", "MappedRepresentation", [item]
        )

    def style(
        self, items: Iterable[Entity], name: str, rgb: tuple[float, float, float], transparency: float = 0.0
    ) -> None:
        """Colour representation items."""
        if name not in self._styles:
            style = ifcopenshell.api.style.add_style(self.file, name=name)
            ifcopenshell.api.style.add_surface_style(
                self.file,
                style=style,
                ifc_class="IfcSurfaceStyleShading",
                attributes={
                    "SurfaceColour": {"Name": None, "Red": rgb[0], "Green": rgb[1], "Blue": rgb[2]},
                    "Transparency": transparency,
                },
            )
            self._styles[name] = style
        for item in items:
            self.file.create_entity("IfcStyledItem", item, [self._styles[name]], None)


def _perpendicular(normal: Point3) -> Point3:
    """A unit vector across ``normal``, in the horizontal plane where there is one."""
    x, y, _ = normal
    length = (x * x + y * y) ** 0.5
    return (1.0, 0.0, 0.0) if length < 1e-9 else (-y / length, x / length, 0.0)
