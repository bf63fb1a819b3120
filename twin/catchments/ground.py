"""Every cover of a site in one list: those of the model, of the file of catchments, and of twin.toml."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ifc.cover_kind import OVERLAYS
from ifc.model import PROVENANCE_CODES, BuildingModel, Diagnostic, MapConversion, Provenance, Severity, Text
from twin.catchments.catchment import Catchment, Catchments, bad
from twin.catchments.geodesy import epsg_code
from twin.catchments.reading import site_catchments
from twin.catchments.rules import catchment_rules
from twin.climate.place import distance_km
from twin.project import Project

Floats = NDArray[np.float64]

ROOFS = ("roof", "green_roof")


@dataclass(frozen=True)
class GroundCover:
    """One cover, whoever states it. Depth and volume are NaN where none is stated."""

    global_id: str  # of the element; "site.csv NAME", "twin.toml site.covers[0]" or "derived"
    kind: str
    area_m2: float
    storage_depth_m: float
    storage_volume_m3: float
    provenance: Provenance  # of the kind
    model_row: int = -1  # of BuildingModel.ground_covers
    catchment: Catchment | None = None
    outline: BaseGeometry | None = None  # of a catchment that can be placed, model coordinates


@dataclass(frozen=True)
class SiteGround:
    """All covers of a site, and what is doubtful about them."""

    covers: tuple[GroundCover, ...]
    catchments: Catchments | None
    from_file: tuple[str, ...]  # groups that the file states: roofs, ground, tank, tree
    diagnostics: tuple[Diagnostic, ...]


def site_ground(model: BuildingModel, project: Project) -> SiteGround:
    """The covers of the model, of ``site.catchments`` and of ``[[site.covers]]``.

    Of roofs, ground, tanks and trees, each that the file has replaces that of the model; ``[[site.covers]]``
    are added to both.

    Raises:
        TwinError: the file of catchments cannot be used.
    """
    file = site_catchments(project)
    groups = tuple(dict.fromkeys(_group(row.kind) for row in file.rows)) if file else ()
    covers, diagnostics = _of_model(model, groups)
    if file is not None:
        outlines, more = _placed(file, model, project)
        diagnostics += [*file.diagnostics, *more]
        covers += [
            GroundCover(
                f"{file.path.name} {row.name}", row.kind, row.area_m2, row.storage_depth_m,
                row.storage_volume_m3, Provenance.DECLARED, catchment=row, outline=outline,
            )
            for row, outline in zip(file.rows, outlines, strict=True)
        ]  # fmt: skip
    for index, cover in enumerate(project.site.covers):
        depth, volume = cover.storage_depth_m, cover.storage_volume_m3
        covers.append(
            GroundCover(
                f"twin.toml site.covers[{index}]", cover.kind, cover.area_m2,
                math.nan if depth is None else depth, math.nan if volume is None else volume,
                Provenance.DECLARED,
            )
        )  # fmt: skip
    return SiteGround(tuple(covers), file, groups, tuple(diagnostics))


def _group(kind: str) -> str:
    if kind in OVERLAYS:
        return kind
    return "roofs" if kind in ROOFS else "ground"


def _of_model(model: BuildingModel, replaced: tuple[str, ...]) -> tuple[list[GroundCover], list[Diagnostic]]:
    table = model.ground_covers
    covers: list[GroundCover] = []
    unusable: list[str] = []
    for row in range(len(table)):
        kind, area = str(table.kind[row]), float(table.area_m2[row])
        if _group(kind) in replaced:
            continue
        element = int(table.element[row])
        global_id = str(model.elements.global_id[element]) if element >= 0 else "derived"
        if not (np.isfinite(area) and area >= 0.0):
            unusable.append(global_id)
            continue
        code = int(table.provenance[row])
        covers.append(
            GroundCover(
                global_id, kind, area, float(table.storage_depth_m[row]), float(table.storage_volume_m3[row]),
                PROVENANCE_CODES[code] if code >= 0 else Provenance.DERIVED, row,
            )
        )  # fmt: skip
    if not unusable:
        return covers, []
    return covers, [
        Diagnostic(
            "ground-cover-without-area",
            Severity.WARNING,
            Text("A ground cover has no area and is left out.", "有下垫面缺少面积，未计入。"),
            Text(
                "Give the element a closed shape, or declare the cover in [[site.covers]] of twin.toml.",
                "请补全该构件的几何形体，或在 twin.toml 的 [[site.covers]] 中填写该下垫面。",
            ),
            unusable[0],
            len(unusable),
        )
    ]


def _placed(
    file: Catchments, model: BuildingModel, project: Project
) -> tuple[list[BaseGeometry | None], list[Diagnostic]]:
    """The outlines in model coordinates, None for all that cannot be placed, and whether they lie elsewhere.

    Outlines are placed where file and IfcMapConversion name the same projection.

    Raises:
        TwinError: latitudes and longitudes have changed places.
    """
    nowhere: list[BaseGeometry | None] = [None] * len(file.rows)
    if file.middle_deg is not None:
        return nowhere, _elsewhere(file, file.middle_deg, model, project)
    conversion = model.site.map_conversion
    if file.epsg is None or conversion is None or epsg_code(conversion.crs_name) != file.epsg:
        return nowhere, []
    outlines: list[BaseGeometry | None] = [
        None
        if row.outline is None
        else shapely.transform(row.outline, lambda points: _from_map(points, conversion, model.offset_m))
        for row in file.rows
    ]
    corners = shapely.total_bounds(np.array(outlines, object)).reshape(2, 2)
    away = float(np.hypot(*corners.mean(axis=0)))
    if away > catchment_rules().far_m:
        return nowhere, [_far(file, away)]
    return outlines, _over_roofs(file, outlines, model)


def _from_map(points: Floats, conversion: MapConversion, offset_m: Floats) -> Floats:
    """Eastings and northings (n, 2) in model coordinates: IfcMapConversion turned round.

    E = E0 + s (x cos θ - y sin θ), N = N0 + s (x sin θ + y cos θ), with (cos θ, sin θ) the x axis on the map.
    """
    axis = np.array([conversion.x_axis_abscissa, conversion.x_axis_ordinate])
    length = float(np.hypot(*axis))
    cosine, sine = axis / length if length > 0.0 else (1.0, 0.0)
    east, north = points[:, 0] - conversion.eastings_m, points[:, 1] - conversion.northings_m
    x, y = east * cosine + north * sine, north * cosine - east * sine
    scale = conversion.scale or 1.0
    return np.column_stack([x / scale - offset_m[0], y / scale - offset_m[1]])


def _elsewhere(
    file: Catchments, middle_deg: tuple[float, float], model: BuildingModel, project: Project
) -> list[Diagnostic]:
    latitude, longitude = project.site.latitude_deg, project.site.longitude_deg
    latitude = model.site.latitude_deg if latitude is None else latitude
    longitude = model.site.longitude_deg if longitude is None else longitude
    if latitude is None or longitude is None:
        return []
    far_m = catchment_rules().far_m
    away = 1e3 * distance_km(latitude, longitude, middle_deg[1], middle_deg[0])
    if away <= far_m:
        return []
    if abs(middle_deg[0]) <= 90.0 and 1e3 * distance_km(latitude, longitude, *middle_deg) <= far_m:
        raise bad(
            str(file.path),
            "Latitude and longitude have changed places: the longitude comes first in GeoJSON.",
            "经纬度顺序颠倒：GeoJSON 中应先写经度、后写纬度。",
        )
    return [_far(file, away)]


def _far(file: Catchments, away_m: float) -> Diagnostic:
    return Diagnostic(
        "catchments-elsewhere",
        Severity.WARNING,
        Text(
            f"{file.path} lies {away_m / 1e3:,.0f} km from the place of the model.",
            f"{file.path} 距模型所在地 {away_m / 1e3:,.0f} km。",
        ),
        Text(
            "See whether it is the file of this site, and correct the location of the model or of twin.toml.",
            "请检查是否为本项目的文件，并改正模型或 twin.toml 中的地理位置。",
        ),
    )


def _over_roofs(
    file: Catchments, outlines: list[BaseGeometry | None], model: BuildingModel
) -> list[Diagnostic]:
    """A warning where ground of the file lies below roofs of the model, so that both count."""
    if any(row.kind in ROOFS for row in file.rows):
        return []
    table = model.ground_covers
    roofs = shapely.union_all(
        [
            # Roofs of a bad model cross themselves, which no overlay can bear.
            shapely.make_valid(shapely.Polygon(rings[0][:, :2], [ring[:, :2] for ring in rings[1:]]))
            for row in np.flatnonzero(np.isin(table.kind, ROOFS)).tolist()
            if (rings := table.polygon.rings(row))
        ]
    )
    ground = [
        outline
        for row, outline in zip(file.rows, outlines, strict=True)
        if outline is not None and row.kind not in OVERLAYS
    ]
    twice = float(shapely.intersection(shapely.union_all(ground), roofs).area)
    if twice <= catchment_rules().area_tolerance * sum(outline.area for outline in ground):
        return []
    return [
        Diagnostic(
            "catchments-under-roofs",
            Severity.WARNING,
            Text(
                f"{file.path}: {twice:,.0f} m² of its ground lie below roofs of the model and count twice.",
                f"{file.path}：有 {twice:,.0f} m² 场地位于模型屋面之下，面积被重复计算。",
            ),
            Text(
                "Cut the buildings out of the outlines, or put the roofs into the file.",
                "请从多边形中扣除建筑，或在文件中加入屋面。",
            ),
        )
    ]
