"""Representations as bodies: items of every kind that is built here, clippings and mapped items."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ifc.reading.entities import get, items, ref
from ifc.reading.frames import IDENTITY, Frame, axis_placement, coordinates, cross, unit
from ifc.reading.shapes.body import LARGEST_M, Body, NotOwn
from ifc.reading.shapes.clipping import HalfSpaces
from ifc.reading.shapes.curves import Curves
from ifc.reading.shapes.facets import LISTED, Facets
from ifc.reading.shapes.profiles import Profiles
from ifc.reading.shapes.solids import bend, extruded
from ifc.reading.shapes.styles import Style, Styles
from ifc.reading.units import Units

_NESTING_LIMIT = 12
_UNSCALED = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """A body of a representation and its style, None for the product's."""

    body: Body
    style: Style | None
    listed: bool  # its faces are the file's: if they do not close, nobody closes them


class Representations:
    """Builds the representations of one file; mapped ones once.

    Args:
        path: the file's text.
        styles: the file's.
        units: the file's.
    """

    def __init__(self, path: Path, styles: Styles, units: Units) -> None:
        self._length_m = units.length_m
        self._angle_rad = units.angle_rad
        curves = Curves(units.length_m, units.angle_rad)
        self._profiles = Profiles(curves, units.length_m)
        self._half_spaces = HalfSpaces(curves, units.length_m)
        self._facets = Facets(path, units.length_m)
        self._styles = styles
        self._mapped: dict[int, list[Part] | None] = {}

    def placed_map(self, representation: Any) -> tuple[Any, Frame, Style | None] | None:
        """What a representation of one mapped item maps, where to, and its own style; None for others.

        Raises:
            NotOwn: it is mapped in a way that is not understood here.
        """
        own = list(items(representation, "Items"))
        if len(own) != 1 or own[0].is_a() != "IfcMappedItem":
            return None
        return self._map(own[0])

    def only_lines(self, representation: Any, depth: int = 0) -> bool:
        """Whether a representation has nothing but sets of curves and points, which have no surface."""
        return depth < _NESTING_LIMIT and all(
            item.is_a() == "IfcGeometricCurveSet"
            or (
                item.is_a() == "IfcMappedItem"
                and (mapped := ref(ref(item, "MappingSource"), "MappedRepresentation")) is not None
                and self.only_lines(mapped, depth + 1)
            )
            for item in items(representation, "Items")
        )

    def parts(self, representation: Any, depth: int = 0) -> list[Part]:
        """The bodies of a representation, in its own coordinates.

        Raises:
            NotOwn: one of its items is not built here.
        """
        if depth > _NESTING_LIMIT:
            raise NotOwn
        return [part for item in items(representation, "Items") for part in self._parts(item, depth)]

    def mapped_parts(self, representation: Any, depth: int = 0) -> list[Part]:
        """The same, kept for the next time."""
        step_id = representation.id()
        if step_id not in self._mapped:
            self._mapped[step_id] = None
            self._mapped[step_id] = self.parts(representation, depth)
        found = self._mapped[step_id]
        if found is None:
            raise NotOwn
        return found

    def _parts(self, item: Any, depth: int) -> list[Part]:
        if item.is_a() == "IfcMappedItem":
            mapped, frame, style = self._map(item)
            return [
                Part(part.body.moved(frame), part.style or style, part.listed)
                for part in self.mapped_parts(mapped, depth + 1)
            ]
        if item.is_a() == "IfcGeometricCurveSet":
            return []
        style = self._styles.of_item(item)
        operand = item
        for _ in range(_NESTING_LIMIT):  # a clipping may carry its style on what is clipped
            operand = ref(operand, "FirstOperand")
            if style is not None or operand is None:
                break
            style = self._styles.of_item(operand)
        return [Part(body, style, item.is_a() in LISTED) for body in self._bodies(item, 0)]

    def _bodies(self, item: Any, depth: int) -> list[Body]:
        kind = item.is_a()
        if kind == "IfcExtrudedAreaSolid":
            return self._extrusion(item)
        if kind == "IfcRevolvedAreaSolid":
            return [self._revolution(item)]
        if kind in LISTED:
            return [self._facets.body(item)]
        if kind in ("IfcBooleanClippingResult", "IfcBooleanResult") and depth < _NESTING_LIMIT:
            first, second = ref(item, "FirstOperand"), ref(item, "SecondOperand")
            if get(item, "Operator") != "DIFFERENCE" or first is None or second is None:
                raise NotOwn
            bodies = self._bodies(first, depth + 1)
            if len(bodies) != 1:
                raise NotOwn
            return [self._half_spaces.without(bodies[0], second)]
        raise NotOwn

    def _extrusion(self, item: Any) -> list[Body]:
        direction = coordinates(ref(item, "ExtrudedDirection"), "DirectionRatios")
        along = None if direction is None else unit(direction)
        depth = get(item, "Depth")
        if along is None or not isinstance(depth, (int, float)):
            raise NotOwn
        height = float(depth) * self._length_m
        if not (1e-6 < abs(height) < LARGEST_M and abs(along[2]) > 1e-3):
            raise NotOwn
        sweep = (along[0] * height, along[1] * height, along[2] * height)
        position = ref(item, "Position")
        frame = IDENTITY if position is None else axis_placement(position, self._length_m)
        if frame is None:
            raise NotOwn
        areas = self._profiles.areas(ref(item, "SweptArea"))
        return [extruded(area, sweep).moved(frame) for area in areas]

    def _revolution(self, item: Any) -> Body:
        profile, axis = ref(item, "SweptArea"), ref(item, "Axis")
        origin = coordinates(ref(axis, "Location"), "Coordinates")
        stated = coordinates(ref(axis, "Axis"), "DirectionRatios")
        direction = None if stated is None else unit(stated)
        angle = get(item, "Angle")
        frame = axis_placement(ref(item, "Position"), self._length_m)
        if profile is None or profile.is_a() != "IfcCircleProfileDef" or origin is None or direction is None:
            raise NotOwn
        if frame is None or not isinstance(angle, float) or abs(direction[2]) > 1e-9 or origin[2] != 0.0:
            raise NotOwn
        sweep = angle * self._angle_rad
        if not 1e-3 < sweep < math.tau - 1e-3:
            raise NotOwn
        (area,) = self._profiles.areas(profile)
        x, y, z = (value * self._length_m for value in origin)
        return bend(area.outline, (x, y, z), direction, sweep).moved(frame)

    def _map(self, item: Any) -> tuple[Any, Frame, Style | None]:
        """The mapped representation, the frame that it is placed in, and the item's own style."""
        source, target = ref(item, "MappingSource"), ref(item, "MappingTarget")
        mapped = ref(source, "MappedRepresentation")
        origin = axis_placement(ref(source, "MappingOrigin"), self._length_m)
        if mapped is None or target is None or origin != IDENTITY:
            raise NotOwn
        return mapped, self._operator(target), self._styles.of_item(item)

    def _operator(self, target: Any) -> Frame:
        """A transformation without scale, by the rules of ISO 10303-42."""
        if target.is_a() not in (
            "IfcCartesianTransformationOperator3D",
            "IfcCartesianTransformationOperator3DnonUniform",
        ):
            raise NotOwn
        for attribute in ("Scale", "Scale2", "Scale3"):
            scale = get(target, attribute)
            if scale is not None and not (isinstance(scale, float) and abs(scale - 1.0) < _UNSCALED):
                raise NotOwn
        origin = coordinates(ref(target, "LocalOrigin"), "Coordinates")
        axes = []
        for attribute, default in (
            ("Axis1", (1.0, 0.0, 0.0)),
            ("Axis2", (0.0, 1.0, 0.0)),
            ("Axis3", (0.0, 0.0, 1.0)),
        ):
            entity = ref(target, attribute)
            stated = default if entity is None else coordinates(entity, "DirectionRatios")
            axis = None if stated is None else unit(stated)
            if axis is None:
                raise NotOwn
            axes.append(axis)
        x, y, z = axes
        across = cross(x, y)
        if origin is None or max(abs(across[k] - z[k]) for k in range(3)) > 1e-6:
            raise NotOwn  # skew or mirrored
        ox, oy, oz = (value * self._length_m for value in origin)
        return (x[0], y[0], z[0], ox, x[1], y[1], z[1], oy, x[2], y[2], z[2], oz)
