"""Catchments from GeoJSON and CSV files, good ones and bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.catchments import Catchments, read_catchments
from twin.catchments.geodesy import (
    ECCENTRICITY_2,
    SEMI_MAJOR_M,
    _authalic,
    epsg_code,
    equal_area_plane,
    in_metres,
)
from twin.catchments.rules import catchment_rules
from twin.errors import TwinError

NANCHANG = (115.9, 28.6)


def square(x: float, y: float, size: float) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(rings: object, shape: str = "Polygon", **properties: object) -> dict[str, object]:
    geometry = None if rings is None else {"type": shape, "coordinates": rings}
    return {"type": "Feature", "properties": {"kind": "road", **properties}, "geometry": geometry}


def collection(*features: object, epsg: int | str | None = 4549) -> str:
    data: dict[str, object] = {"type": "FeatureCollection", "features": list(features)}
    if epsg is not None:
        data["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    return json.dumps(data, ensure_ascii=False)


def read(folder: Path, text: str | bytes, suffix: str = ".geojson") -> Catchments:
    path = folder / f"site{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_catchments(path)


def codes(found: Catchments) -> list[str]:
    return [diagnostic.code for diagnostic in found.diagnostics]


# Areas


def cell_area(south: float, north: float, width_rad: float) -> float:
    """Area of the ellipsoid between two latitudes, by its own integral in 20,000 strips."""
    edges = np.linspace(south, north, 20_001)
    middle = (edges[1:] + edges[:-1]) / 2.0
    root = 1.0 - ECCENTRICITY_2 * np.sin(middle) ** 2
    meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / root**1.5
    parallel = SEMI_MAJOR_M / np.sqrt(root) * np.cos(middle)
    return float((meridian * parallel * np.diff(edges)).sum() * width_rad)


def test_the_whole_ellipsoid_has_its_published_area() -> None:
    whole = 2.0 * np.pi * SEMI_MAJOR_M**2 * _authalic(np.array([np.pi / 2.0]))[0]
    assert whole == pytest.approx(510_065_621_724_088.44, rel=1e-12)


@pytest.mark.parametrize("latitude", [-43.5, 0.0, 18.2, 28.6, 53.3, 70.0])
def test_a_square_of_degrees_has_its_area_on_the_ellipsoid(tmp_path: Path, latitude: float) -> None:
    size = 0.01
    found = read(tmp_path, collection(feature([square(115.9, latitude, size)]), epsg=None))
    exact = cell_area(*np.radians([latitude, latitude + size]), np.radians(size))
    assert found.rows[0].area_m2 == pytest.approx(exact, rel=1e-9)
    # A sphere of the mean radius is off by up to some tenths of a percent, which this would show.
    assert found.epsg is None
    assert found.middle_deg == pytest.approx((115.905, latitude + size / 2.0))


def test_lengths_on_the_plane_are_those_of_the_ellipsoid() -> None:
    # Geodesics from 28.6 N 115.9 E: a hundredth of a degree north is 1108.2 m, east 978.1 m.
    points = equal_area_plane(np.array([115.9, 115.9, 115.91]), np.array([28.6, 28.61, 28.6]))
    assert points[1] - points[0] == pytest.approx([0.0, 1108.25], abs=0.2)
    assert points[2] - points[0] == pytest.approx([978.1, 0.0], abs=0.3)


def test_holes_parts_and_heights(tmp_path: Path) -> None:
    ring = [[x, y, 12.0] for x, y in square(500_000.0, 3_165_000.0, 40.0)]
    found = read(
        tmp_path,
        collection(
            feature([ring, square(500_010.0, 3_165_010.0, 10.0)], name="with a hole"),
            feature(
                [[square(500_100.0, 3_165_000.0, 10.0)], [square(500_200.0, 3_165_000.0, 20.0)[::-1]]],
                "MultiPolygon", name="two parts",
            ),
            feature([square(500_300.0, 3_165_000.0, 10.0)[:-1]], name="not closed"),
        ),
    )  # fmt: skip
    assert [row.area_m2 for row in found.rows] == pytest.approx([1500.0, 500.0, 100.0])
    assert found.epsg == 4549
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EPSG:4549", 4549), ("urn:ogc:def:crs:EPSG::4549", 4549), ("urn:ogc:def:crs:EPSG:9.8.2:32650", 32650),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", 4490), ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("OGC:CRS84", 4326), ("CGCS2000", None), ("EPSG:", None),
    ],
)  # fmt: skip
def test_the_names_of_coordinate_systems(name: str, code: int | None) -> None:
    assert epsg_code(name) == code


def test_mercator_and_feet_are_no_plane_for_areas() -> None:
    rules = catchment_rules()
    assert in_metres(4549, rules)
    assert in_metres(32650, rules)
    assert not any(in_metres(code, rules) for code in (3857, 2263, 4326))


# What is understood


def test_properties_in_chinese_and_english(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        collection(
            feature([square(0.0, 0.0, 20.0)], kind="下沉式绿地", 名称="雨水花园一", storage_depth_m="0.15"),
            {
                "type": "Feature",
                "id": 7,
                "properties": {
                    "类型": "透水铺装",
                    "坡度": 0.01,
                    "糙率": 0.02,
                    "排向": "雨水花园一",
                    "fid": 3,
                },
                "geometry": {"type": "Polygon", "coordinates": [square(20.0, 0.0, 20.0)]},
            },
            feature(None, kind="tank", storage_volume_m3=30, id="T1"),
        ),
    )
    garden, paving, tank = found.rows
    assert (garden.name, garden.kind, garden.storage_depth_m) == ("雨水花园一", "sunken_green", 0.15)
    assert (paving.name, paving.kind, paving.slope, paving.manning_n) == ("7", "permeable_paving", 0.01, 0.02)
    assert paving.drains_to == "雨水花园一"
    assert found.apart == {"7", "雨水花园一"}
    assert (tank.name, tank.area_m2, tank.storage_volume_m3, tank.outline) == ("T1", 0.0, 30.0, None)


def test_a_table(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "\ufeff名称,类型,面积,storage_depth_m,drains_to,remark\n"
        "# drawn on 3 May\n"
        "A,屋面,1200,,下沉式绿地,\n"
        "\n"
        'B,雨水花园,"300",0.2,,"north, by the gate"\n'
        ",road,500\n",
        ".csv",
    )
    assert [(row.name, row.kind, row.area_m2) for row in found.rows] == [
        ("A", "roof", 1200.0), ("B", "sunken_green", 300.0), ("catchment 3", "road", 500.0),
    ]  # fmt: skip
    assert found.rows[0].drains_to == "sunken_green"
    assert found.apart == {"A"}


def test_many_of_one_name_get_names_of_their_own(tmp_path: Path) -> None:
    found = read(
        tmp_path, "name,kind,area_m2\n绿地,绿地,10\n绿地,绿地,20\nroad,road,5\nA B,road,1\na_b,road,2", ".csv"
    )
    assert [row.name for row in found.rows] == ["绿地", "绿地 2", "road 3", "A B", "a_b 5"]


def test_a_way_by_a_name_that_several_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match="2 catchments have the name"):
        read(tmp_path, "name,kind,area_m2,drains_to\nG,green,10,\nG,green,20,\nR,road,5,g\n", ".csv")


def test_a_way_to_a_tank_is_to_the_joined_tanks(tmp_path: Path) -> None:
    found = read(tmp_path, "name,kind,area_m2,drains_to\nT,tank,0,\nR,roof,50,T\nP,paving,9,排口\n", ".csv")
    assert [row.drains_to for row in found.rows] == ["", "tank", "outlet"]


# What is told


def test_a_ring_that_crosses_itself_is_mended_and_told(tmp_path: Path) -> None:
    bow = [[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0], [0.0, 0.0]]
    found = read(tmp_path, collection(feature([bow])))
    assert codes(found) == ["catchment-outline-mended"]
    assert "Self-intersection" in found.diagnostics[0].message.en
    assert found.rows[0].area_m2 == pytest.approx(50.0)


def test_a_hole_outside_its_polygon_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, collection(feature([square(0.0, 0.0, 10.0), square(50.0, 0.0, 5.0)])))
    assert codes(found) == ["catchment-outline-mended"]
    assert found.rows[0].area_m2 == pytest.approx(100.0)


def test_a_hole_before_its_outside_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, collection(feature([square(2.0, 2.0, 5.0), square(0.0, 0.0, 10.0)])))
    assert codes(found) == ["catchment-outline-mended"]
    assert found.rows[0].area_m2 == pytest.approx(75.0)


def test_an_outline_without_area_is_left_out_and_told(tmp_path: Path) -> None:
    line = [[0.0, 0.0], [10.0, 0.0], [5.0, 0.0], [0.0, 0.0]]
    found = read(tmp_path, collection(feature([line]), feature([square(0.0, 0.0, 5.0)])))
    assert codes(found) == ["catchment-without-area"]
    assert len(found.rows) == 1


def test_the_same_twice_counts_once(tmp_path: Path) -> None:
    again = square(0.0, 0.0, 10.0)[1:4] + square(0.0, 0.0, 10.0)[:2]
    found = read(tmp_path, collection(feature([square(0.0, 0.0, 10.0)]), feature([again])))
    assert codes(found) == ["catchment-twice"]
    assert len(found.rows) == 1


def test_overlaps_are_told_with_their_size(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        collection(
            feature([square(0.0, 0.0, 10.0)], name="A"), feature([square(5.0, 0.0, 10.0)], name="B"),
            feature([square(40.0, 0.0, 10.0)], name="C"), feature([square(41.0, 1.0, 2.0)], kind="tank"),
        ),
    )  # fmt: skip
    assert codes(found) == ["catchments-overlap"]
    assert "50.0 m²" in found.diagnostics[0].message.en
    assert "A and B" in found.diagnostics[0].message.en


def test_neighbours_that_share_an_edge_do_not_overlap(tmp_path: Path) -> None:
    found = read(tmp_path, collection(feature([square(0.0, 0.0, 10.0)]), feature([square(10.0, 0.0, 10.0)])))
    assert found.diagnostics == ()


def test_a_stated_area_that_the_outline_has_not_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, collection(feature([square(0.0, 0.0, 10.0)], area_m2=90)))
    assert codes(found) == ["catchment-area-differs"]
    assert found.rows[0].area_m2 == pytest.approx(100.0)


def test_a_property_that_is_almost_one_of_ours_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, collection(feature([square(0.0, 0.0, 10.0)], storage_depth=0.1)))
    assert codes(found) == ["catchment-column-unused"]
    assert "storage_depth_m" in found.diagnostics[0].remedy.en


# What is refused

POLE = collection(feature([square(10.0, 89.0, 0.001)]), epsg=None)
BAD_GEOJSON = {
    "no JSON": ('{"type": ', r"geojson:1: It is no JSON"),
    "another JSON": ('{"type": "Topology"}', "no FeatureCollection"),
    "a list": ("[]", "no FeatureCollection"),
    "no features": ('{"type": "FeatureCollection"}', "no list of features"),
    "none of them": (collection(), "no catchments"),
    "a feature that is none": (collection({"type": "Point"}), r"features\[0\]: It is no Feature"),
    "properties that are none": (collection({"type": "Feature", "properties": 3}), "are no object"),
    "deep": ('{"a":' + "[" * 200_000 + "]" * 200_000 + "}", "nested too deeply"),
    "NaN": (collection(feature([square(0.0, 0.0, float("nan"))])), "NaN is no number"),
    "huge": (collection(feature([square(0.0, 0.0, 10.0)])).replace("10.0", "1e999"), "too large"),
    "long": (collection(feature([square(0.0, 0.0, 10.0)])).replace("10.0", "1" * 5000), "too large"),
    "a text for a number": (collection(feature([[["0", "1"]] * 4])), "no rings"),
    "true for a number": (collection(feature([[[True, False]] * 4])), "no rings"),
    "two corners": (collection(feature([[[0.0, 0.0], [1.0, 1.0]]])), "no rings"),
    "no coordinates": (collection(feature("x")), "no rings"),
    "an empty polygon": (collection(feature([])), "no rings"),
    "a line": (collection(feature([[0.0, 0.0], [9.0, 9.0]], "LineString")), "'LineString'"),
    "neither outline nor area": (collection(feature(None)), "neither an outline nor area_m2"),
    "no kind": (collection(feature([square(0.0, 0.0, 10.0)], kind=None)), "no kind"),
    "an unknown kind": (collection(feature([square(0.0, 0.0, 10.0)], kind="qwx")), "kind 'qwx'"),
    "a depth in millimetres": (
        collection(feature([square(0.0, 0.0, 10.0)], storage_depth_m=150)), "storage_depth_m = 150"),
    "a slope in percent": (collection(feature([square(0.0, 0.0, 10.0)], slope=2)), "slope = 2"),
    "a negative": (collection(feature([square(0.0, 0.0, 10.0)], storage_volume_m3=-1)), "needs 0 to"),
    "two that mean the same": (collection(feature([square(0.0, 0.0, 1.0)], roughness=0.1, 糙率=0.1)), "once more"),
    "a circle": (
        collection(
            feature([square(0.0, 0.0, 9.0)], name="A", drains_to="B"),
            feature([square(9.0, 0.0, 9.0)], name="B", drains_to="A"),
        ), "in a circle: A > B > A"),
    "onto itself": (collection(feature([square(0.0, 0.0, 9.0)], name="A", drains_to="A")), "circle: A > A"),
    "into nowhere": (collection(feature([square(0.0, 0.0, 9.0)], drains_to="X9")), "'X9'"),
    "a tank with a way": (collection(feature(None, kind="tank", drains_to="outlet")), r"site\.drainage"),
    "metres without a projection": (collection(feature([square(5e5, 3e6, 9.0)]), epsg=None), "no degrees"),
    "latitude first": (collection(feature([square(28.6, 115.9, 0.01)]), epsg=None), "longitude comes first"),
    "Web Mercator": (collection(feature([square(1.2e7, 3.3e6, 9.0)]), epsg=3857), "no areas can be taken"),
    "feet": (collection(feature([square(9e5, 2e5, 9.0)]), epsg=2263), "we do not know"),
    "a crs without a name": (
        '{"type":"FeatureCollection","features":[],"crs":{"type":"link"}}', "we do not know"),
    "a continent": (collection(feature([square(100.0, 20.0, 20.0)]), epsg=None), "km wide"),
    "a pole": (POLE, "at a pole"),
    "not UTF-8": (collection(feature([square(0.0, 0.0, 9.0)], name="绿地")).encode("gb18030"), "not UTF-8"),
    "a long name": (collection(feature([square(0.0, 0.0, 9.0)], name="x" * 100)), "more than 80 letters"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_GEOJSON)
def test_bad_geojson_is_one_clear_error(tmp_path: Path, what: str) -> None:
    text, match = BAD_GEOJSON[what]
    with pytest.raises(TwinError, match=match) as caught:
        read(tmp_path, text)
    assert caught.value.code == "bad-catchments"
    assert caught.value.message.zh != caught.value.message.en
    assert caught.value.remedy.en


BAD_TABLES = {
    "empty": ("", "no catchments"),
    "a header only": ("kind,area_m2\n", "no catchments"),
    "no area": ("name,kind\nA,road\n", r"csv:1: No column area_m2"),
    "semicolons": ("name;kind;area_m2\nA;road;5\n", "semicolons"),
    "too many cells": ("kind,area_m2\nroad,5,6\n", r"csv:2: 3 cells below 2 columns"),
    "a thousands comma": ('kind,area_m2\nroad,"1,200"\n', r"area_m2 = 1,200"),
    "nan": ("kind,area_m2\nroad,nan\n", "area_m2 = nan"),
    "infinity": ("kind,area_m2\nroad,1e400\n", "area_m2 = inf"),
    "an underscore": ("kind,area_m2\nroad,1_0\n", "area_m2 = 1_0"),
    "no area in a row": ("kind,area_m2\nroad,\n", r"csv:2: It has neither"),
    "an open quote": ('kind,area_m2\nroad,"5\n', "no CSV table"),
    "a long cell": ("kind,area_m2\n" + "x" * 200_000 + ",5\n", "no CSV table"),
    "UTF-16": ("kind,area_m2\nroad,5\n".encode("utf-16"), "not UTF-8"),
}


@pytest.mark.parametrize("what", BAD_TABLES)
def test_a_bad_table_is_one_clear_error(tmp_path: Path, what: str) -> None:
    text, match = BAD_TABLES[what]
    with pytest.raises(TwinError, match=match) as caught:
        read(tmp_path, text, ".csv")
    assert caught.value.code == "bad-catchments"


def test_files_that_are_missing_too_large_or_of_another_format(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match="cannot be read"):
        read_catchments(tmp_path / "none.geojson")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TwinError, match="cannot be read"):
        read_catchments(tmp_path / "folder.csv")
    with pytest.raises(TwinError, match=r"\.shp"):
        read_catchments(tmp_path / "site.shp")
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(catchment_rules().bytes + 1)
    with pytest.raises(TwinError, match="larger than 32 MB"):
        read_catchments(tmp_path / "large.csv")


def test_too_many_catchments_and_corners(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match="More than 10000 catchments"):
        read(tmp_path, "kind,area_m2\n" + "road,1\n" * 10_001, ".csv")
    ring = [[float(step % 7), float(step)] for step in range(catchment_rules().vertices + 1)]
    with pytest.raises(TwinError, match="More than 200000 corners"):
        read(tmp_path, collection(feature([ring])))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.sampled_from(["kind", "name", "id", "area_m2", "drains_to", "slope", "storage_depth_m", "排向"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.just("Feature")},
            optional={
                "properties": st.dictionaries(KEYS, st.sampled_from(["road", "tank", "A"]) | ANYTHING) | ANYTHING,
                "geometry": st.fixed_dictionaries(
                    {"type": st.sampled_from(["Polygon", "MultiPolygon", "Point"])},
                    optional={"coordinates": st.just([square(0.0, 0.0, 9.0)]) | ANYTHING},
                ) | ANYTHING,
                "id": ANYTHING,
            },
        ) | ANYTHING,
        max_size=3,
    ),
    ANYTHING,
)  # fmt: skip
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory, features, crs) -> None:
    data = {"type": "FeatureCollection", "features": features, **({"crs": crs} if crs else {})}
    try:
        found = read(tmp_path_factory.getbasetemp(), json.dumps(data))
    except TwinError:
        return
    assert all(np.isfinite(row.area_m2) for row in found.rows)
