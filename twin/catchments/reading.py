"""Reading a file of catchments, whichever format it has."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ifc.model import Text, reason_of
from twin.catchments.catchment import Catchments, bad, understand
from twin.catchments.csv_table import csv_records
from twin.catchments.geojson import geojson_records
from twin.catchments.outlines import tell_overlaps
from twin.catchments.rules import CatchmentRules, catchment_rules
from twin.project import Project

SUFFIXES = (".geojson", ".json", ".csv")


def site_catchments(project: Project) -> Catchments | None:
    """The file that ``site.catchments`` names, read once as long as it stays the same; None without one.

    Raises:
        TwinError: as :func:`read_catchments`.
    """
    if project.site.catchments is None:
        return None
    path = project.resolve(project.site.catchments)
    try:
        state = path.stat()
    except OSError:
        return read_catchments(path)  # which says why
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int, _size: int) -> Catchments:
    return read_catchments(path)


def read_catchments(path: Path) -> Catchments:
    """Read the catchments of a site.

    ``.geojson`` and ``.json``: a FeatureCollection of polygons and multipolygons (RFC 7946), in longitude and
    latitude or in the projection that its member ``crs`` names; areas are those on the ellipsoid, or on
    the plane of the projection. ``.csv``: one row per catchment below a header. Names of properties and
    columns are in ``twin/data/catchments.yaml``.

    Raises:
        TwinError: the file cannot be read, is too large, is not of its format, or holds a value that cannot
            be used; with its line or feature.
    """
    rules = catchment_rules()
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise bad(
            str(path),
            f"Catchments in a {suffix or 'nameless'} file.",
            f"不支持 {suffix or '无后缀'} 格式的汇水区文件。",
            Text("Give a .geojson or .csv file.", "请提供 .geojson 或 .csv 文件。"),
        )
    text = _text(path, rules)
    if suffix == ".csv":
        records, diagnostics = csv_records(path, text, rules)
        epsg, middle = None, None
    else:
        records, epsg, middle, diagnostics = geojson_records(path, text, rules)
    if not records:
        raise bad(str(path), "It has no catchments.", "文件中没有汇水区。")
    rows, apart, more = understand(records, rules)
    diagnostics += [*more, *tell_overlaps(rows, path, rules)]
    return Catchments(path, rows, apart, epsg, middle, tuple(dict.fromkeys(diagnostics)))


def _text(path: Path, rules: CatchmentRules) -> str:
    try:
        if path.stat().st_size > rules.bytes:
            raise bad(
                str(path),
                f"The file is larger than {rules.bytes // 2**20} MB.",
                f"文件超过 {rules.bytes // 2**20} MB。",
                Text(
                    "Simplify the outlines, or leave out what is not of the site.",
                    "请简化多边形或删除场地以外的内容。",
                ),
            )
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error).within("It cannot be read: {}.", "无法读取：{}。")
        raise bad(
            str(path),
            reason.en,
            reason.zh,
            Text(
                "Save it as UTF-8 where site.catchments says.", "请以 UTF-8 保存至 site.catchments 所指位置。"
            ),
        ) from error
