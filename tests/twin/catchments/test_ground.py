"""The covers of model, file and twin.toml together, and where outlines lie in the model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ifc.model import (
    PROVENANCE_CODES,
    BuildingModel,
    GroundCoverTable,
    MapConversion,
    PolygonTable,
    Provenance,
)
from tests.building_blocks import Blocks
from twin.catchments.ground import SiteGround, site_ground
from twin.errors import TwinError
from twin.project import GroundCover, Project, SiteSection

Box = tuple[float, float, float, float]
MODEL: tuple[tuple[str, Box], ...] = (
    ("roof", (0.0, 0.0, 20.0, 10.0)),
    ("road", (0.0, 10.0, 20.0, 20.0)),
    ("unknown", (0.0, 20.0, 20.0, 30.0)),
    ("tank", (1.0, 21.0, 3.0, 23.0)),
)


def ring(box: Box) -> list[list[float]]:
    x0, y0, x1, y1 = box
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]


def model(
    conversion: MapConversion | None = None, *, offset_m: tuple[float, float] = (0.0, 0.0)
) -> BuildingModel:
    blocks = Blocks()
    rows = [blocks.box("IfcSlab", (*box[:2], 0.0), (*box[2:], 0.1), name=kind) for kind, box in MODEL]
    count = len(rows)
    table = GroundCoverTable(
        np.array(rows, np.int32), np.array([kind for kind, _ in MODEL], object),
        PolygonTable.pack([[np.array(ring(box)[:-1])] for _, box in MODEL], 2),
        np.array([(x1 - x0) * (y1 - y0) for _, (x0, y0, x1, y1) in MODEL]), np.full(count, np.nan),
        np.array([np.nan, np.nan, np.nan, 12.0]),
        np.full(count, PROVENANCE_CODES.index(Provenance.IFC), np.int8),
    )  # fmt: skip
    found = blocks.model()
    return replace(
        found, ground_covers=table, offset_m=np.array([*offset_m, 0.0]),
        site=replace(found.site, map_conversion=conversion),
    )  # fmt: skip


def project(folder: Path, text: str, name: str = "site.csv", **site: object) -> Project:
    (folder / name).write_text(text, "utf-8")
    return Project(folder=folder, site=SiteSection(catchments=Path(name), **site))


def areas(ground: SiteGround) -> dict[str, float]:
    return {
        cover.global_id: cover.area_m2
        for cover in ground.covers
        if cover.catchment or "site" in cover.global_id
    }


def kinds(ground: SiteGround) -> list[str]:
    return [cover.kind for cover in ground.covers]


# What replaces what


def test_ground_of_the_file_replaces_the_models_and_its_roofs_and_tanks_stay(tmp_path: Path) -> None:
    ground = site_ground(model(), project(tmp_path, "name,kind,area_m2\nlawn,green,150\nyard,paving,250\n"))
    assert kinds(ground) == ["roof", "tank", "green", "paving"]
    assert [cover.provenance for cover in ground.covers[2:]] == [Provenance.DECLARED] * 2
    assert [cover.global_id for cover in ground.covers[2:]] == ["site.csv lawn", "site.csv yard"]
    assert ground.from_file == ("ground",)


def test_roofs_and_tanks_of_the_file_replace_those_of_the_model(tmp_path: Path) -> None:
    text = "name,kind,area_m2,storage_volume_m3\nR,绿色屋顶,150,\nT,tank,,40\n"
    ground = site_ground(model(), project(tmp_path, text))
    assert kinds(ground) == ["road", "unknown", "green_roof", "tank"]
    assert ground.covers[-1].storage_volume_m3 == 40.0


def test_covers_of_twin_toml_are_added(tmp_path: Path) -> None:
    more = (GroundCover(kind="water", area_m2=30.0, storage_depth_m=0.5),)
    ground = site_ground(model(), project(tmp_path, "kind,area_m2\ngreen,150\n", covers=more))
    assert kinds(ground) == ["roof", "tank", "green", "water"]
    assert ground.covers[-1].storage_depth_m == 0.5


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    one = project(tmp_path, "kind,area_m2\ngreen,150\n")
    assert areas(site_ground(model(), one)) == {"site.csv catchment 1": 150.0}
    again = project(tmp_path, "kind,area_m2\ngreen,1500\n")
    assert areas(site_ground(model(), again)) == {"site.csv catchment 1": 1500.0}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match=r"none\.csv: It cannot be read"):
        site_ground(model(), Project(folder=tmp_path, site=SiteSection(catchments=Path("none.csv"))))


# Where the outlines lie

EAST, NORTH, ANGLE = 412_000.0, 3_165_000.0, np.radians(30.0)
CONVERSION = MapConversion("EPSG:4549", EAST, NORTH, 0.0, np.cos(ANGLE), np.sin(ANGLE), 1.0)


def on_map(box: Box) -> list[list[float]]:
    """A box of the model as eastings and northings."""
    return [
        [EAST + x * np.cos(ANGLE) - y * np.sin(ANGLE), NORTH + x * np.sin(ANGLE) + y * np.cos(ANGLE)]
        for x, y in ring(box)
    ]


def geojson(*covers: tuple[str, list[list[float]]], crs: str | None = "EPSG:4549") -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "Polygon", "coordinates": [points]},
        }
        for kind, points in covers
    ]
    member = {} if crs is None else {"crs": {"type": "name", "properties": {"name": crs}}}
    return json.dumps({"type": "FeatureCollection", "features": features, **member})


@pytest.mark.parametrize("offset_m", [(0.0, 0.0), (100.0, -40.0)])
def test_outlines_of_the_models_projection_are_placed_in_it(
    tmp_path: Path, offset_m: tuple[float, float]
) -> None:
    box = (0.0, 10.0, 20.0, 30.0)
    text = geojson(("green", on_map(box)))
    ground = site_ground(model(CONVERSION, offset_m=offset_m), project(tmp_path, text, "site.geojson"))
    low, high = np.array(box).reshape(2, 2) - offset_m
    assert ground.covers[-1].outline.bounds == pytest.approx((*low, *high), abs=1e-6)
    assert ground.covers[-1].area_m2 == pytest.approx(400.0)
    assert ground.diagnostics == ()


def test_outlines_of_another_projection_have_areas_but_no_place(tmp_path: Path) -> None:
    text = geojson(("green", on_map((0.0, 10.0, 20.0, 30.0))), crs="EPSG:32650")
    ground = site_ground(model(CONVERSION), project(tmp_path, text, "site.geojson"))
    assert ground.covers[-1].outline is None
    assert ground.covers[-1].area_m2 == pytest.approx(400.0)


def test_roofs_that_cross_themselves_are_no_obstacle(tmp_path: Path) -> None:
    built = model(CONVERSION)
    corners = built.ground_covers.polygon.vertices.copy()
    corners[[1, 2]] = corners[[2, 1]]  # of the roof: a bow tie of half its area
    table = replace(built.ground_covers, polygon=replace(built.ground_covers.polygon, vertices=corners))
    text = geojson(("green", on_map((0.0, 0.0, 20.0, 30.0))))
    ground = site_ground(replace(built, ground_covers=table), project(tmp_path, text, "site.geojson"))
    (found,) = ground.diagnostics
    assert "100 m²" in found.message.en


def test_ground_below_the_models_roofs_is_told(tmp_path: Path) -> None:
    text = geojson(("green", on_map((0.0, 0.0, 20.0, 30.0))))
    ground = site_ground(model(CONVERSION), project(tmp_path, text, "site.geojson"))
    assert [found.code for found in ground.diagnostics] == ["catchments-under-roofs"]
    assert "200 m²" in ground.diagnostics[0].message.en


def test_a_site_far_from_the_model_is_told(tmp_path: Path) -> None:
    far = [[x + 50_000.0, y] for x, y in on_map((0.0, 10.0, 20.0, 30.0))]
    ground = site_ground(model(CONVERSION), project(tmp_path, geojson(("green", far)), "site.geojson"))
    assert [found.code for found in ground.diagnostics] == ["catchments-elsewhere"]
    assert "50 km" in ground.diagnostics[0].message.en
    assert ground.covers[-1].outline is None


def test_degrees_far_from_the_models_place_are_told(tmp_path: Path) -> None:
    text = geojson(("green", ring((116.4, 39.9, 116.401, 39.901))), crs=None)
    here = project(tmp_path, text, "site.geojson", latitude_deg=28.6, longitude_deg=115.9)
    assert [found.code for found in site_ground(model(), here).diagnostics] == ["catchments-elsewhere"]
    near = project(tmp_path, text, "site.geojson", latitude_deg=39.95, longitude_deg=116.4)
    assert site_ground(model(), near).diagnostics == ()


def test_latitudes_before_longitudes_are_refused_where_the_place_tells(tmp_path: Path) -> None:
    text = geojson(("green", ring((48.85, 2.35, 48.851, 2.351))), crs=None)
    paris = project(tmp_path, text, "site.geojson", latitude_deg=48.85, longitude_deg=2.35)
    with pytest.raises(TwinError, match="changed places"):
        site_ground(model(), paris)
