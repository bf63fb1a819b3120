"""Floor plans as SVG: rooms, cut walls, windows, and a field of values as a heat map."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, GeometryTable
from viewer.colours import hex_colour, scale_rgb

SMALLEST_TEXT_PX = 5.0  # a label that must be smaller is left out
CUT_HEIGHT_M = 1.2  # above the storey's floor, as plans are cut by habit
_WALLS = (
    "IfcWall", "IfcWallStandardCase", "IfcWallElementedCase", "IfcColumn", "IfcColumnStandardCase",
    "IfcBuildingElementProxy", "IfcBuildingElementPart",
)  # fmt: skip
_FINE = (
    "IfcWindow", "IfcWindowStandardCase", "IfcDoor", "IfcDoorStandardCase", "IfcCurtainWall", "IfcMember",
    "IfcMemberStandardCase", "IfcPlate", "IfcPlateStandardCase", "IfcRailing", "IfcStair", "IfcStairFlight",
    "IfcRamp", "IfcRampFlight",
)  # fmt: skip
Array = NDArray[np.float64]


@dataclass(frozen=True)
class HeatMap:
    """Values at grid points, coloured from ``low`` to ``high``. ``points`` (n, 3), the other arrays (n,)."""

    points: Array
    values: Array
    space: NDArray[np.int32]  # row of the space that a point lies in
    spacing_m: float
    low: float
    high: float


@dataclass(frozen=True)
class _Frame:
    """From model coordinates in metres to picture coordinates, y down."""

    low: Array  # (2,) model coordinates of the picture's lower left corner
    scale: float  # pixels per metre
    size: Array  # (2,) pixels

    def place(self, points: Array) -> Array:
        """Picture coordinates (n, 2) of points (n, 2)."""
        moved = (points - self.low) * self.scale
        moved[:, 1] = self.size[1] - moved[:, 1]
        return moved


def section_segments(vertices: Array, triangles: NDArray[np.int32], height: float) -> Array:
    """Segments (k, 2, 2) in which the plane z = ``height`` cuts triangles (m, 3) of vertices (n, 3)."""
    if not len(triangles):
        return np.zeros((0, 2, 2))
    z = vertices[:, 2] - height
    z = np.where(np.abs(z) < 1e-6, 1e-6, z)  # a vertex on the plane counts as above: no double edges
    above = z[triangles] > 0
    cut = triangles[(above.any(axis=1)) & (~above.all(axis=1))]
    if not len(cut):
        return np.zeros((0, 2, 2))
    side = z[cut] > 0
    odd = np.where(side.sum(axis=1) == 1, side.argmax(axis=1), (~side).argmax(axis=1))
    rows = np.arange(len(cut))
    apex = cut[rows, odd]
    ends = []
    for step in (1, 2):
        other = cut[rows, (odd + step) % 3]
        share = z[apex] / (z[apex] - z[other])
        ends.append(vertices[apex, :2] + share[:, None] * (vertices[other, :2] - vertices[apex, :2]))
    return np.stack(ends, axis=1)


def storey_plan(
    model: BuildingModel,
    geometry: GeometryTable,
    storey: int,
    heat_map: HeatMap | None = None,
    labels: Mapping[str, str] | None = None,
    width_px: int = 760,
) -> str | None:
    """The plan of one storey as an SVG element, north arrow and scale bar included.

    Args:
        model: the building.
        geometry: its shapes, best with openings cut, so that windows show as gaps in the walls.
        storey: row of the storey.
        heat_map: values to colour the rooms with, or None.
        labels: text under the name of a room, by its GlobalId.
        width_px: width of the picture; its height follows.

    Returns:
        None for a storey without rooms.
    """
    spaces = np.flatnonzero((model.spaces.storey == storey) & (model.spaces.area_m2 > 0))
    outlines = {
        int(space): [ring for ring in model.spaces.footprint.rings(int(space)) if len(ring) > 2]
        for space in spaces
    }
    outlines = {space: rings for space, rings in outlines.items() if rings}
    if not outlines:
        return None
    corners = np.concatenate([ring for rings in outlines.values() for ring in rings])
    low, high = corners.min(axis=0) - 1.0, corners.max(axis=0) + 1.0
    scale = width_px / max(high[0] - low[0], 1e-6)
    scale = min(scale, 900 / max(high[1] - low[1], 1e-6))
    size = (high - low) * scale
    margin = np.array([44.0, 22.0])  # for the north arrow on the right, the scale bar below
    frame = _Frame(low, scale, size)

    floor = float(np.median(model.spaces.floor_z_m[list(outlines)]))
    parts = [
        f'<svg class="plan" viewBox="0 0 {size[0] + margin[0]:.0f} {size[1] + margin[1]:.0f}" '
        f'width="{size[0] + margin[0]:.0f}" height="{size[1] + margin[1]:.0f}" role="img">'
    ]
    for space, rings in outlines.items():
        kind = "room" if model.spaces.internal[space] else "room outside"
        parts.append(f'<path class="{kind}" d="{_outline(rings, frame)}"/>')
    if heat_map is not None:
        parts += [_heat_image(heat_map, space, frame) for space in outlines]
    for classes, name in ((_WALLS, "cut"), (_FINE, "fine")):
        segments = _cut(model, geometry, classes, floor + CUT_HEIGHT_M, low, high)
        if len(segments):
            parts.append(f'<path class="{name}" d="{_strokes(segments, frame)}"/>')
    for space, rings in outlines.items():
        parts.append(_label(model, space, rings[0], frame, labels or {}))
    parts.append(_north_arrow(model.site.north_deg, size + margin))
    parts.append(_scale_bar(scale, size + margin))
    parts.append("</svg>")
    return "".join(parts)


def _outline(rings: list[Array], frame: _Frame) -> str:
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in frame.place(ring)) + "Z" for ring in rings)


def _cut(
    model: BuildingModel,
    geometry: GeometryTable,
    classes: tuple[str, ...],
    height: float,
    low: Array,
    high: Array,
) -> Array:
    """Segments in which elements of some classes are cut at a height, within a rectangle."""
    found = [np.zeros((0, 2, 2))]
    for element in model.elements.rows_of_class(*classes):
        vertices, triangles = geometry.mesh(int(element))
        if (
            not len(vertices)
            or vertices[:, 2].min() > height
            or vertices[:, 2].max() < height
            or (vertices[:, :2].max(axis=0) < low).any()
            or (vertices[:, :2].min(axis=0) > high).any()
        ):
            continue
        found.append(section_segments(vertices, triangles, height))
    return np.concatenate(found)


def _strokes(segments: Array, frame: _Frame) -> str:
    """SVG path of segments, without doubles and without what is too short to see."""
    ends = np.round(frame.place(segments.reshape(-1, 2)).reshape(-1, 4), 1)
    ends = ends[(np.abs(ends[:, :2] - ends[:, 2:]) > 0.3).any(axis=1)]
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    return "".join(f"M{a:g} {b:g}L{c:g} {d:g}" for a, b, c, d in np.unique(ends, axis=0))


def _heat_image(heat_map: HeatMap, space: int, frame: _Frame) -> str:
    """One room's values as a small picture, a pixel per grid point."""
    mine = heat_map.space == space
    if not mine.any():
        return ""
    points, spacing = heat_map.points[mine, :2], heat_map.spacing_m
    corner = points.min(axis=0)
    column, row = np.rint((points - corner) / spacing).astype(np.intp).T
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    pixels = np.zeros((*shape, 4), np.uint8)
    pixels[shape[0] - 1 - row, column, :3] = scale_rgb(heat_map.values[mine], heat_map.low, heat_map.high)
    pixels[shape[0] - 1 - row, column, 3] = 255
    top_left = np.array([corner[0] - spacing / 2, corner[1] + (shape[0] - 0.5) * spacing])
    x, y = frame.place(top_left[None, :])[0]
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{shape[1] * spacing * frame.scale:.1f}" '
        f'height="{shape[0] * spacing * frame.scale:.1f}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{_png(pixels)}"/>'
    )


def _png(rgba: NDArray[np.uint8]) -> str:
    """A picture (rows, columns, 4) as base64 PNG (ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows, columns = rgba.shape[:2]
    lines = b"".join(b"\0" + rgba[row].tobytes() for row in range(rows))
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines, 9))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(data).decode("ascii")


def _label(
    model: BuildingModel,
    space: int,
    outline: Array,
    frame: _Frame,
    labels: Mapping[str, str],
) -> str:
    """A room's name and the text given for it, where the room is wide enough to hold them."""
    extent = (outline.max(axis=0) - outline.min(axis=0)) * frame.scale
    name = str(model.spaces.long_name[space] or model.spaces.name[space])
    lines = [line for line in (name, labels.get(str(model.spaces.global_id[space]), "")) if line]
    widest = max(map(_ems, lines), default=0.0)
    size = min(12.0, extent[0] * 0.96 / max(widest, 1e-6), extent[1] * 0.8 / max(len(lines), 1))
    if size < SMALLEST_TEXT_PX or not lines:
        return ""
    x, y = frame.place(_inner_point(outline)[None, :])[0]
    return "".join(
        f'<text x="{x:.1f}" y="{y + size * 1.15 * row:.1f}" font-size="{size:.1f}">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )


def _ems(text: str) -> float:
    """Rough width of a text in units of its size: a Chinese character is as wide as it is high."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)


def _inner_point(outline: Array) -> Array:
    """A point well inside a ring (n, 2): its centroid, or the middle of its widest level chord."""
    x, y = outline[:, 0], outline[:, 1]
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    cross = x * next_y - next_x * y
    area = cross.sum() / 2
    if abs(area) < 1e-9:
        return outline.mean(axis=0)  # type: ignore[no-any-return]
    centre_y = float(((y + next_y) * cross).sum() / (6 * area))
    spans = (y > centre_y) != (next_y > centre_y)
    crossings = np.sort(
        x[spans] + (centre_y - y[spans]) / (next_y[spans] - y[spans]) * (next_x[spans] - x[spans])
    )
    if len(crossings) < 2:
        return outline.mean(axis=0)  # type: ignore[no-any-return]
    widths = crossings[1::2] - crossings[: len(crossings) // 2 * 2 : 2]
    widest = int(widths.argmax())
    return np.array([(crossings[2 * widest] + crossings[2 * widest + 1]) / 2, centre_y])


def _north_arrow(north_deg: float, size: Array) -> str:
    """An arrow to true north; the picture's up is the model's +Y, whose azimuth is ``north_deg``."""
    return (
        f'<g class="north" transform="translate({size[0] - 22:.0f} 30) rotate({-north_deg:.1f})">'
        '<path d="M0 -16L5 10L0 5L-5 10Z"/><text y="-18" font-size="10">N</text></g>'
    )


def _scale_bar(scale: float, size: Array) -> str:
    length = next((m for m in (1, 2, 5, 10, 20, 50, 100) if m * scale > 50), 200)
    return (
        f'<g class="scale" transform="translate(12 {size[1] - 10:.0f})">'
        f'<path d="M0 -4V0H{length * scale:.1f}V-4"/>'
        f'<text x="{length * scale / 2:.1f}" y="-6" font-size="10">{length} m</text></g>'
    )


def field_map(points: Array, values: Array, spacing_m: float, high: float, width_px: float = 560.0) -> str:
    """Values from 0 to ``high`` on the cells of a grid on the ground, seen from above, as an SVG element."""
    low, top = points[:, :2].min(axis=0) - spacing_m / 2, points[:, :2].max(axis=0) + spacing_m / 2
    scale = min(width_px / max(top[0] - low[0], 1e-6), 700.0 / max(top[1] - low[1], 1e-6))
    size = (top - low) * scale
    cells = HeatMap(points, values, np.zeros(len(values), np.int32), spacing_m, 0.0, high)
    image = _heat_image(cells, 0, _Frame(low, scale, size))
    width, height = size[0], size[1] + 22.0
    return (
        f'<svg class="plan" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img">{image}{_scale_bar(scale, np.array([width, height]))}</svg>'
    )


def legend(low: float, high: float, unit: str, steps: int = 9) -> str:
    """A colour legend with its unit as an SVG element."""
    values = np.linspace(low, high, steps)
    colours = scale_rgb(values, low, high)
    boxes = "".join(
        f'<rect x="{index * 36}" y="0" width="36" height="12" fill="{hex_colour(colour)}"/>'
        f'<text x="{index * 36 + 18}" y="25" font-size="10">{value:.4g}</text>'
        for index, (value, colour) in enumerate(zip(values, colours, strict=True))
    )
    width = 36 * steps + 24 + 8 * max(len(unit), 5)
    return (
        f'<svg class="legend" viewBox="0 0 {width} 30" width="{width}" height="30" role="img">'
        f'{boxes}<text x="{36 * steps + 12}" y="11" font-size="11" style="text-anchor:start">{escape(unit)}'
        "</text></svg>"
    )
