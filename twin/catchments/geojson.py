"""Catchments as the features of a GeoJSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import Diagnostic, Text
from twin.catchments.catchment import Record, bad, fields_of, unused
from twin.catchments.geodesy import epsg_code, equal_area_plane, in_metres
from twin.catchments.outlines import outline_of, without_repeated
from twin.catchments.rules import CatchmentRules
from twin.errors import TwinError

Rings = list[NDArray[np.float64]]  # of a polygon, (n, 2) each, the outside first

_DEGREES = Text(
    "Save the layer as GeoJSON after RFC 7946 (longitude, latitude in degrees), or name its projection in "
    "the member crs, for instance EPSG:4549.",
    "请将图层另存为 RFC 7946 GeoJSON（经度、纬度，单位为度），或在 crs 成员中注明投影，如 EPSG:4549。",
)


def geojson_records(
    path: Path, text: str, rules: CatchmentRules
) -> tuple[list[Record], int | None, tuple[float, float] | None, list[Diagnostic]]:
    """The features of a FeatureCollection, the EPSG code of a projection, and the middle of degrees.

    Rings that are not closed are closed, whichever way they run; heights are passed over.

    Raises:
        TwinError: it is no GeoJSON, too deep or too long, or has a geometry that cannot be used.
    """
    data = _parsed(path, text)
    features = _features(path, data, rules)
    epsg = _projection(path, data, rules)
    places, properties, polygons, vertices = [], [], [], 0
    for number, feature in enumerate(features):
        where = f"{path}, features[{number}]"
        places.append(where)
        properties.append(_properties(feature, where))
        polygons.append(_polygons(feature.get("geometry"), where, rules))
        vertices += sum(len(ring) for rings in polygons[-1] for ring in rings)
        if vertices > rules.vertices:
            raise bad(
                where,
                f"More than {rules.vertices} corners.",
                f"多边形顶点超过 {rules.vertices} 个。",
                Text("Simplify the outlines.", "请简化多边形。"),
            )
    polygons, middle = _on_plane(path, polygons, epsg, rules)
    found = unused(dict.fromkeys(name for one in properties for name in one), str(path), rules)
    records = []
    for where, stated, rings in zip(places, properties, polygons, strict=True):
        fields = fields_of(stated, where, rules)
        outline, mended = outline_of(rings, where)
        found += mended
        if outline is not None or not rings:
            records.append(Record(where, {field: stated[name] for name, field in fields.items()}, outline))
    records, repeated = without_repeated(records)
    return records, epsg, middle, [*found, *repeated]


def _parsed(path: Path, text: str) -> dict[str, Any]:
    def no_number(word: str) -> float:
        raise ValueError(word)

    try:
        data = json.loads(text, parse_int=float, parse_constant=no_number)
    except RecursionError:
        raise bad(str(path), "It is nested too deeply.", "嵌套过深。", _DEGREES) from None
    except json.JSONDecodeError as error:
        raise bad(
            f"{path}:{error.lineno}", f"It is no JSON: {error.msg}.", "不符合 JSON 语法。", _DEGREES
        ) from None
    except ValueError as error:
        raise bad(str(path), f"{error} is no number of JSON.", f"{error} 不是有效的 JSON 数值。") from None
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise bad(str(path), "It is no FeatureCollection.", "不是 FeatureCollection。", _DEGREES)
    return data


def _features(path: Path, data: dict[str, Any], rules: CatchmentRules) -> list[dict[str, Any]]:
    features = data.get("features")
    if not isinstance(features, list):
        raise bad(str(path), "It has no list of features.", "缺少 features 列表。", _DEGREES)
    if len(features) > rules.catchments:
        raise bad(
            str(path), f"More than {rules.catchments} catchments.", f"汇水区超过 {rules.catchments} 个。"
        )
    for number, feature in enumerate(features):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise bad(f"{path}, features[{number}]", "It is no Feature.", "不是 Feature 对象。", _DEGREES)
    return features


def _properties(feature: dict[str, Any], where: str) -> dict[str, Any]:
    """Properties of a feature and its id."""
    stated = feature.get("properties")
    if stated is not None and not isinstance(stated, dict):
        raise bad(where, "Its properties are no object.", "properties 不是对象。", _DEGREES)
    return {**({"id": feature["id"]} if feature.get("id") is not None else {}), **(stated or {})}


def _projection(path: Path, data: dict[str, Any], rules: CatchmentRules) -> int | None:
    """The EPSG code of a projection in metres, None for degrees.

    RFC 7946 knows degrees only; the member crs is of GeoJSON 2008, and what GIS writes for a projected layer.
    """
    if data.get("crs") is None:
        return None
    stated = data["crs"]
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    code = epsg_code(name[:200]) if isinstance(name, str) else None
    if code in rules.degrees:
        return None
    if code is None or not in_metres(code, rules):
        shown = str(name)[:60]
        areas = "no areas can be taken in" if code in rules.stretched else "we do not know"
        zh = "投影的面积变形过大" if code in rules.stretched else "未知坐标系"
        raise bad(
            f"{path}, crs",
            f"A coordinate reference system that {areas}: {shown}.",
            f"{zh}：{shown}。",
            Text(
                "Save the layer in longitude and latitude (WGS 84, EPSG:4326), or in a CGCS2000 Gauss-Krüger "
                "or UTM zone.",
                "请将图层另存为经纬度（WGS 84 或 CGCS2000），或 CGCS2000 高斯-克吕格投影、UTM 投影。",
            ),
        )
    return code


def _polygons(geometry: Any, where: str, rules: CatchmentRules) -> list[Rings]:
    """The polygons of a geometry; none for a point or where there is none, which are tanks and trees."""
    if geometry is None:
        return []
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "Point":
        return []
    if kind not in ("Polygon", "MultiPolygon"):
        raise bad(
            where,
            f"A geometry {str(kind)[:40]!r}; catchments are Polygon or MultiPolygon.",
            f"几何类型“{str(kind)[:40]}”不可用，应为 Polygon 或 MultiPolygon。",
            _DEGREES,
        )
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not all(isinstance(one, list) and one for one in polygons):
        raise _no_coordinates(where)
    return [[_ring(ring, where, rules) for ring in rings] for rings in polygons]


def _ring(raw: Any, where: str, rules: CatchmentRules) -> NDArray[np.float64]:
    if not isinstance(raw, list) or len(raw) < 3:
        raise _no_coordinates(where)
    for position in raw:
        if not isinstance(position, list) or not 2 <= len(position) <= 4:
            raise _no_coordinates(where)
        if not all(isinstance(one, float) for one in position[:2]):
            raise _no_coordinates(where)
    ring = np.array([position[:2] for position in raw], np.float64)
    if not (np.abs(ring) <= rules.coordinate).all():  # nor infinite
        raise bad(where, "A coordinate is too large.", "坐标值过大。", _DEGREES)
    return ring


def _no_coordinates(where: str) -> TwinError:
    return bad(
        where,
        "Its coordinates are no rings of at least three positions of two numbers.",
        "coordinates 不是由至少三个坐标点组成的环。",
        _DEGREES,
    )


def _on_plane(
    path: Path, polygons: list[list[Rings]], epsg: int | None, rules: CatchmentRules
) -> tuple[list[list[Rings]], tuple[float, float] | None]:
    """The rings in metres, and longitude and latitude of their middle where they were degrees."""
    rings = [ring for one in polygons for each in one for ring in each]
    if not rings:
        return polygons, None
    points = np.concatenate(rings)
    middle = None
    if epsg is None:
        if (np.abs(points[:, 0]) > 180.0).any():
            raise bad(
                str(path),
                "Its coordinates are no degrees, and it names no projection.",
                "坐标不是经纬度，且未注明投影。",
                _DEGREES,
            )
        if (np.abs(points[:, 1]) > 90.0).any():
            raise bad(
                str(path),
                "A latitude above 90°: the longitude comes first in GeoJSON.",
                "纬度大于 90°：GeoJSON 中应先写经度、后写纬度。",
                _DEGREES,
            )
        if (np.abs(points[:, 1]) > 85.0).any():
            raise bad(str(path), "It lies at a pole.", "场地位于极点附近。", _DEGREES)
        low, high = points.min(axis=0), points.max(axis=0)
        middle = (float(low[0] + high[0]) / 2.0, float(low[1] + high[1]) / 2.0)
        points = equal_area_plane(points[:, 0], points[:, 1])
    size = float(np.ptp(points, axis=0).max())
    if size > rules.widest_m:
        raise bad(
            str(path),
            f"It is {size / 1e3:,.0f} km wide, a site is at most {rules.widest_m / 1e3:.0f} km.",
            f"范围达 {size / 1e3:,.0f} km，场地最大为 {rules.widest_m / 1e3:.0f} km。",
            Text(
                "Leave out what is not of the site; see whether its coordinates are in one system.",
                "请删除场地以外的内容，并检查坐标是否属于同一坐标系。",
            ),
        )
    pieces = iter(np.split(points, np.cumsum([len(ring) for ring in rings])[:-1]))
    return [[[next(pieces) for _ in each] for each in one] for one in polygons], middle
