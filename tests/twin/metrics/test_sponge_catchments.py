"""The sponge metric on catchments from a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ifc.model import MapConversion
from tests.twin.metrics.test_sponge import declared, model
from twin.climate import Climate, typical_year
from twin.errors import TwinError
from twin.evaluate import evaluate
from twin.metrics.sponge import compute
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.drainage import site_drainage, storm_case
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.runoff_case import run_case
from twin.metrics.sponge.storm import storm_rules
from twin.project import Project, SiteSection

RULES, STORMS = sponge_rules(), storm_rules()
FORMULA = STORMS.formulas["nanchang"]
HEADER = "name,kind,area_m2,storage_depth_m,storage_volume_m3,drains_to,slope,roughness,flow_length_m\n"


@pytest.fixture(scope="module")
def climate() -> Climate:
    whole = typical_year("Nanchang")
    return replace(whole, rain=replace(whole.rain, depth_mm=whole.rain.depth_mm[:8760]))


def project(folder: Path, rows: str, **site: object) -> Project:
    (folder / "site.csv").write_text(HEADER + rows, "utf-8")
    return Project(folder=folder, site=SiteSection(catchments=Path("site.csv"), **site))


def drained(given: Project, areas: dict[str, float] | None = None):  # type: ignore[no-untyped-def]
    built = model(areas or {"roof": 2000.0})
    covers = site_covers(built, given, RULES)
    return site_drainage(built, given, covers, RULES, STORMS)


def storm(site):  # type: ignore[no-untyped-def]
    return run_case(storm_case(site, STORMS, FORMULA, 3.0), keep_flow=True)


def test_a_file_says_the_same_as_the_covers_of_twin_toml(tmp_path: Path, climate: Climate) -> None:
    rows = "a,road,900\nb,绿地,1500\nc,下沉式绿地,600,0.15\nd,road,100\ne,tank,,,25\n"
    from_file = compute(model({"roof": 2000.0, "paving": 9e4}), climate, project(tmp_path, rows))
    listed = declared(
        {"kind": "road", "area_m2": 1000.0}, {"kind": "green", "area_m2": 1500.0},
        {"kind": "sunken_green", "area_m2": 600.0, "storage_depth_m": 0.15},
        {"kind": "tank", "area_m2": 0.0, "storage_volume_m3": 25.0},
    )  # fmt: skip
    from_toml = compute(model({"roof": 2000.0}), climate, listed)
    names = [name for name in from_toml.summary if from_toml.summary[name].value is not None]
    assert "annual_runoff_control_rate_simulated" in names
    for name in names:
        assert from_file.summary[name].value == pytest.approx(from_toml.summary[name].value), name
    assert from_file.input_sha256 != from_toml.input_sha256
    told = [one for one in from_file.assumptions if one.value.source == "site.csv"]
    assert len(told) == 1
    assert told[0].value.value == "ground, tank: 5"
    assert told[0].global_ids[0] == "site.csv a"


def test_a_catchment_with_a_slope_of_its_own_drains_as_that(tmp_path: Path) -> None:
    site = drained(
        project(tmp_path, "steep,road,3000,,,outlet,0.08,0.02,60\nflat,road,3000\nflat too,road,1000\n")
    )
    assert site.names == ("roof", "road", "steep")
    assert site.kinds == ("roof", "road", "road")
    area, width, slope, n = site.catchments[2, [0, 2, 3, 4]]
    assert (area, width, slope, n) == (3000.0, 50.0, 0.08, 0.02)
    assert site.catchments[1, 0] == 4000.0


def test_a_steeper_catchment_has_the_higher_peak(tmp_path: Path) -> None:
    flat = storm(drained(project(tmp_path, "A,road,3000,,,outlet,0.002,,\n")))
    steep = storm(drained(project(tmp_path, "A,road,3000,,,outlet,0.05,,\n")))
    assert steep.peak_m3_s[1] > 1.05 * flat.peak_m3_s[1]
    assert steep.runoff_mm[1] == pytest.approx(flat.runoff_mm[1], rel=0.02)


def test_water_runs_the_way_that_the_file_says(tmp_path: Path) -> None:
    rows = (
        "west yard,paving,2000,,,west garden\nwest garden,雨水花园,300,0.2,,pond\neast yard,paving,1000,,,outlet\n"
        "pond,water,400,0.3,,outlet\nrest,road,500,,,sunken_green\nlow,sunken_green,200,0.1,,\n"
    )
    site = drained(project(tmp_path, rows))
    to = {
        name: site.names[row] if row >= 0 else "out"
        for name, row in zip(site.names, site.outlet, strict=True)
    }
    assert to == {
        "roof": "sunken_green", "sunken_green": "out", "west_yard": "west_garden", "west_garden": "pond",
        "east_yard": "out", "pond": "out", "rest": "sunken_green",
    }  # fmt: skip
    result = storm(site)
    row = site.names.index("west_garden")
    yard = site.names.index("west_yard")
    assert result.run_on_mm[row] * 300.0 == pytest.approx(result.runoff_mm[yard] * 2000.0, rel=1e-6)
    assert result.stored_mm[site.names.index("pond")] > 0.0


def test_a_garden_that_stands_apart_counts_its_storage_once(tmp_path: Path) -> None:
    together = compute_storage(tmp_path, "G,sunken_green,300,0.2\nroad,road,3000\n")
    apart = compute_storage(tmp_path, "G,sunken_green,300,0.2,,outlet\nroad,road,3000,,,G\n")
    assert together == pytest.approx(60.0)
    assert apart == pytest.approx(60.0)


def compute_storage(folder: Path, rows: str) -> float:
    given = project(folder, rows)
    covers = site_covers(model({"roof": 1000.0}), given, RULES)
    return covers.storage_of("sunken_green")


def test_the_whole_metric_runs_on_catchments_that_stand_apart(tmp_path: Path, climate: Climate) -> None:
    rows = (
        "G,sunken_green,300,0.2,,outlet\nH,sunken_green,200,0.4,,\nroad,road,3000,,,G\nlawn,green,2000,,,,0.02,,\n"
        "green roof,green_roof,500,,,H\nT,tank,,,20\nroof,roof,900\n"
    )
    result = compute(model({"roof": 2000.0}), climate, project(tmp_path, rows))
    value = {name: quantity.value for name, quantity in result.summary.items()}
    assert value["site_area_m2"] == pytest.approx(6900.0)
    assert value["rain_storage_m3"] == pytest.approx(60.0 + 80.0 + 20.0)
    assert 0.0 < value["annual_runoff_control_rate_simulated"] < 100.0
    assert value["peak_flow_l_s"] > 0.0
    # The slowest of the gardens counts, which is the deeper one.
    alone = compute(
        model({"roof": 2000.0}), climate, project(tmp_path, "G,sunken_green,300,0.2\nr,road,3000\n")
    )
    assert value["sunken_green_drawdown_h"] > 1.5 * alone.summary["sunken_green_drawdown_h"].value
    assert "mix_front_rate_pct" not in result.series
    assert "mix_front_rate_pct" in alone.series
    ways = next(one for one in result.assumptions if one.what.en == "Way of the water")
    assert "road_3 > G" in ways.value.value
    assert ways.value.source == "drains_to in site.csv"


def test_outlines_of_the_models_projection_are_flooded(tmp_path: Path) -> None:
    from twin.metrics.sponge.flood import flood_map

    east, north = 412_000.0, 3_165_000.0

    def cover(
        kind: str, x0: float, y0: float, x1: float, y1: float, **properties: object
    ) -> dict[str, object]:
        corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
        ring = [[east + x, north + y] for x, y in corners]
        return {
            "type": "Feature", "properties": {"kind": kind, **properties},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }  # fmt: skip

    data = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:4549"}},
        "features": [
            cover("road", 0, 0, 40, 10), cover("green", 0, 10, 20, 30), cover("sunken_green", 20, 10, 40, 30),
            cover("roof", 0, 30, 40, 40),
        ],
    }  # fmt: skip
    (tmp_path / "site.geojson").write_text(json.dumps(data), "utf-8")
    given = Project(folder=tmp_path, site=SiteSection(catchments=Path("site.geojson")))
    built = model({"roof": 2000.0})
    conversion = MapConversion("EPSG:4549", east, north, 0.0, 1.0, 0.0, 1.0)
    built = replace(built, site=replace(built.site, map_conversion=conversion))
    covers = site_covers(built, given, RULES)
    site = site_drainage(built, given, covers, RULES, STORMS)
    summary, fields, _ = flood_map(built, covers, site, FORMULA, RULES, STORMS)
    field = fields["flood_depth"]
    assert set(covers.kind[field.table_row]) == {"road", "green", "sunken_green"}
    assert len(field.values) * field.spacing_m**2 == pytest.approx(1200.0)
    assert summary["flood_deepest_m"].value > 0.0
    nowhere = site_covers(replace(built, site=replace(built.site, map_conversion=None)), given, RULES)
    assert flood_map(built, nowhere, site, FORMULA, RULES, STORMS)[1] == {}


def test_a_wrong_file_is_told_before_the_model_is_read(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match=r"site\.csv:2: area_m2 = many"):
        evaluate(tmp_path / "no.ifc", project(tmp_path, "A,road,many\n"))


def test_covers_of_the_file_need_no_outline_of_the_site(tmp_path: Path) -> None:
    covers = site_covers(model({"roof": 500.0}), project(tmp_path, "A,road,3000\n"), RULES)
    assert covers.needs == ()
    assert covers.site_area_m2.value == pytest.approx(3500.0)
    assert np.isfinite(covers.runoff_coefficient).all()


def test_catchments_that_stand_apart_run_off_as_in_swmm(tmp_path: Path) -> None:
    from twin.verify.sponge import compare, comparison_to_dict

    rows = (
        "花园一,sunken_green,300,0.2,,outlet\nroad,road,3000,,,花园一\nlawn,green,2000,,,,0.02,,\n"
        "绿化 屋面,green_roof,500,,,outlet\nroof,roof,900\npond,water,200,0.2,,\nsteep,paving,400,,,pond,0.05\n"
    )
    site = drained(project(tmp_path, rows))
    assert site.names == ("roof", "花园一", "road_2", "lawn", "绿化_屋面", "pond", "steep")
    found = compare({"storm": storm_case(site, STORMS, FORMULA, 3.0)})
    worst = comparison_to_dict(model({"roof": 1.0}), found)["cases"][0]["largest_difference_pct"]
    assert worst["runoff"] < 0.02
    assert worst["peak"] < 0.1
    assert worst["infiltration"] < 0.02
