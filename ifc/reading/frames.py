"""Right-handed frames as plain tuples: a file has thousands, each too small for an array.

A frame is the upper three rows of a homogeneous matrix, row by row:
(x.x, y.x, z.x, origin.x, x.y, y.y, z.y, origin.y, x.z, y.z, z.z, origin.z), lengths in metres.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.reading.entities import get, ref

Frame = tuple[float, float, float, float, float, float, float, float, float, float, float, float]
Point = tuple[float, float, float]

IDENTITY: Frame = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def product(outer: Frame, inner: Frame) -> Frame:
    """``inner``, which is stated in ``outer``, in what ``outer`` is stated in."""
    a, b, c, d, e, f, g, h, i, j, k, m = outer
    p, q, r, s, t, u, v, w, x, y, z, o = inner
    return (
        a * p + b * t + c * x, a * q + b * u + c * y, a * r + b * v + c * z, a * s + b * w + c * o + d,
        e * p + f * t + g * x, e * q + f * u + g * y, e * r + f * v + g * z, e * s + f * w + g * o + h,
        i * p + j * t + k * x, i * q + j * u + k * y, i * r + j * v + k * z, i * s + j * w + k * o + m,
    )  # fmt: skip


def placed(frame: Frame, points: Iterable[Point]) -> list[Point]:
    """Points that are stated in ``frame``."""
    a, b, c, d, e, f, g, h, i, j, k, m = frame
    return [
        (a * x + b * y + c * z + d, e * x + f * y + g * z + h, i * x + j * y + k * z + m)
        for x, y, z in points
    ]


def matrix(frame: Frame) -> NDArray[np.float64]:
    """The frame as a (4, 4) matrix."""
    return np.array([*frame, 0.0, 0.0, 0.0, 1.0]).reshape(4, 4)


def axis_placement(axes: Any, length_m: float) -> Frame | None:
    """An IfcAxis2Placement2D or 3D; None where its axes span no frame or a part of it cannot be read.

    Args:
        axes: the entity.
        length_m: one length unit of the file in metres.
    """
    origin = coordinates(ref(axes, "Location"), "Coordinates")
    if origin is None:
        return None
    z = _direction(axes, "Axis", (0.0, 0.0, 1.0))
    x = _direction(axes, "RefDirection", (1.0, 0.0, 0.0))
    if z is None or x is None:
        return None
    y = unit(cross(z, x))
    z = unit(z)
    if y is None or z is None:
        return None
    x = cross(y, z)
    px, py, pz = origin
    return (
        x[0], y[0], z[0], px * length_m, x[1], y[1], z[1], py * length_m, x[2], y[2], z[2], pz * length_m,
    )  # fmt: skip


def coordinates(entity: Any, attribute: str) -> Point | None:
    """A point or a direction, z = 0 where it is two-dimensional; None where it cannot be read."""
    values = get(entity, attribute)
    if not isinstance(values, tuple) or not 2 <= len(values) <= 3:
        return None
    if not all(isinstance(value, (int, float)) for value in values):
        return None
    return float(values[0]), float(values[1]), float(values[2]) if len(values) == 3 else 0.0


def cross(a: Point, b: Point) -> Point:
    """The vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def unit(vector: Point) -> Point | None:
    """The vector at length 1; None where it has none."""
    length = math.hypot(*vector)
    if not 0.0 < length < math.inf:
        return None
    return vector[0] / length, vector[1] / length, vector[2] / length


def _direction(axes: Any, attribute: str, default: Point) -> Point | None:
    entity = ref(axes, attribute)
    return default if entity is None else coordinates(entity, "DirectionRatios")
