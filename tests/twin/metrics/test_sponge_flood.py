"""Water on the ground of a site in a rare storm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ifc import read
from ifc.model import PROVENANCE_CODES, BuildingModel, GroundCoverTable, PolygonTable, Provenance
from tests.building_blocks import Blocks
from twin.metrics.result import MetricResult
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.drainage import site_drainage
from twin.metrics.sponge.flood import flood_map, site_grid
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.storm import storm_rules
from twin.project import FacilityLayers, Project, SiteSection
from twin.view.layers import _flood

RULES, STORMS = sponge_rules(), storm_rules()
FORMULA = STORMS.formulas["nanchang"]
SITE = Path(__file__).parents[3] / "sample_models" / "community_site.ifc"


def square(x0: float, y0: float, x1: float, y1: float) -> list[np.ndarray]:
    return [np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])]


def block(*covers: tuple[str, tuple[float, float, float, float], float]) -> BuildingModel:
    """Covers as slabs: kind, outline, height of the top."""
    blocks = Blocks()
    rows = [
        blocks.box("IfcSlab", (x0, y0, top - 0.2), (x1, y1, top), name=kind)
        for kind, (x0, y0, x1, y1), top in covers
    ]
    areas = np.array([(x1 - x0) * (y1 - y0) for _, (x0, y0, x1, y1), _ in covers])
    none = np.full(len(rows), np.nan)
    table = GroundCoverTable(
        np.array(rows, np.int32), np.array([kind for kind, *_ in covers], object),
        PolygonTable.pack([square(*outline) for _, outline, _ in covers], 2), areas, none, none,
        np.full(len(rows), PROVENANCE_CODES.index(Provenance.IFC), np.int8),
    )  # fmt: skip
    return replace(blocks.model(), ground_covers=table)


def flooded(model: BuildingModel, project: Project | None = None):  # type: ignore[no-untyped-def]
    project = project or Project()
    covers = site_covers(model, project, RULES)
    site = site_drainage(model, project, covers, RULES, STORMS)
    return covers, *flood_map(model, covers, site, FORMULA, RULES, STORMS)


YARD = (
    ("paving", (0.0, 0.0, 60.0, 28.0), 0.0),
    ("green", (0.0, 28.0, 60.0, 60.0), 0.05),
    ("roof", (20.0, 32.0, 40.0, 50.0), 9.0),
    ("sunken_green", (10.0, 10.0, 20.0, 20.0), -0.4),
)


def test_water_stands_in_the_hollow_and_nowhere_on_a_roof() -> None:
    covers, summary, fields, assumptions = flooded(block(*YARD))
    field = fields["flood_depth"]
    kinds = covers.kind[field.table_row]
    assert "roof" not in kinds
    hollow = kinds == "sunken_green"
    assert field.values[hollow].mean() > 0.2
    assert np.ptp((field.points[:, 2] + field.values)[hollow]) < 1e-3  # it stands level
    assert field.values[kinds == "paving"].mean() < 0.1
    assert summary["flood_deepest_m"].value < field.values.max()
    assert field.unit == "m"
    assert len(field.points) == len(field.values) == len(field.table_row)
    assert any("Fall of the ground" in assumption.what.en for assumption in assumptions)


def test_the_water_is_shown_as_it_comes_and_goes() -> None:
    covers, _, fields, _ = flooded(block(*YARD))
    names = ("flood_depth_before", "flood_depth_most", "flood_depth_after_rain", "flood_depth_last")
    deepest, kinds = fields["flood_depth"], covers.kind[fields["flood_depth"].table_row]
    frames = [fields[name] for name in names]
    assert [frame.label.en for frame in frames][2:] == ["Depth after 120 min", "Depth after 150 min"]
    assert all((frame.values <= deepest.values + 1e-12).all() for frame in frames)
    assert all((frame.points == deepest.points).all() for frame in frames)
    before, most, after, last = (frame.values[kinds == "paving"].sum() for frame in frames)
    assert most > max(before, after)
    assert last < after
    hollow = [frame.values[kinds == "sunken_green"].mean() for frame in frames]
    assert hollow[0] < hollow[1] < hollow[2]


def test_the_grid_knows_covers_and_heights() -> None:
    model = block(*YARD)
    grid = site_grid(model, site_covers(model, Project(), RULES), RULES.flood)
    x, y = grid.centres()
    at = np.argmin((x - 15.0) ** 2 + (y - 15.0) ** 2)
    assert grid.row.ravel()[at] == 3
    assert grid.level_m.ravel()[at] == pytest.approx(-0.4)
    assert grid.row.size * grid.cell_m**2 == pytest.approx(3600.0, rel=0.05)


def test_a_cell_whose_centre_lies_on_the_edge_of_two_covers_is_no_wall() -> None:
    model = block(("paving", (0.0, 0.0, 40.0, 20.5), 0.0), ("road", (0.0, 20.5, 40.0, 40.0), 0.0))
    grid = site_grid(model, site_covers(model, Project(), RULES), RULES.flood)
    assert 20.5 in grid.centres()[1]
    assert (grid.row >= 0).all()


def test_ground_with_a_fall_of_its_own_gets_none_added() -> None:
    steps = tuple(("paving", (0.0, 10.0 * i, 40.0, 10.0 * i + 10.0), 0.4 * i) for i in range(5))
    _, _, fields, assumptions = flooded(block(*steps))
    assert not any("Fall of the ground" in assumption.what.en for assumption in assumptions)
    assert fields["flood_depth"].points[:, 2].max() == pytest.approx(1.6)


def test_water_is_fast_on_the_way_out_and_unsafe_where_a_limit_is_passed() -> None:
    _, summary, fields, _ = flooded(block(*YARD))
    depth, speed = fields["flood_depth"].values, fields["flood_speed"].values
    assert (speed[depth <= 1e-3] == 0.0).all()
    assert 0.1 < summary["flood_fastest_m_s"].value <= speed.max()
    assert summary["flood_unsafe_area_m2"].value == 0.0
    shy = replace(RULES, flood=replace(RULES.flood, unsafe_depth_m=0.05, unsafe_speed_m_s=0.2))
    model = block(*YARD)
    covers = site_covers(model, Project(), shy)
    site = site_drainage(model, Project(), covers, shy, STORMS)
    summary, fields, _ = flood_map(model, covers, site, FORMULA, shy, STORMS)
    passable = covers.kind[fields["flood_depth"].table_row] != "sunken_green"
    deep, fast = (
        passable & (fields["flood_depth"].values > 0.05),
        passable & (fields["flood_speed"].values > 0.2),
    )
    assert (deep & ~fast).any()
    assert (fast & ~deep).any()
    assert summary["flood_unsafe_area_m2"].value == (deep | fast).sum() * fields["flood_depth"].spacing_m ** 2


def test_green_that_takes_in_more_floods_less() -> None:
    model = block(("green", (0.0, 0.0, 50.0, 50.0), 0.0), ("road", (50.0, 0.0, 60.0, 50.0), -0.1))
    tight, open_ = (
        flooded(
            model,
            Project(site=SiteSection(facilities={"green": FacilityLayers(conductivity_mm_h=conductivity)})),
        )[2]["flood_depth"].values.mean()
        for conductivity in (1.0, 60.0)
    )
    assert open_ < 0.8 * tight


def test_covers_without_outlines_give_no_map() -> None:
    project = Project(site=SiteSection(covers=()))
    bare = Blocks().model()
    covers = site_covers(bare, project, RULES)
    assert site_grid(bare, covers, RULES.flood) is None


def test_the_pilot_site_keeps_its_roads_passable_and_fills_its_hollows() -> None:
    model = read(SITE)
    covers, summary, fields, _ = flooded(model)
    field = fields["flood_depth"]
    kinds = covers.kind[field.table_row]
    assert field.values[kinds == "sunken_green"].mean() > 2 * field.values[kinds == "road"].mean()
    assert summary["flood_deepest_m"].value == pytest.approx(
        field.values[~np.isin(kinds, ["sunken_green", "water"])].max()
    )
    assert summary["flood_deep_area_m2"].value < 0.05 * 39510


def test_the_depths_are_a_layer_of_the_scene() -> None:
    model = block(*YARD)
    covers, summary, fields, _ = flooded(model)
    table = {"global_id": covers.global_id}
    layers = list(_flood(model, MetricResult("sponge", "2", summary, table=table, fields=fields)))
    assert [layer.id for layer in layers] == ["sponge.flood_depth", "sponge.flood_speed"]
    layer, speed = layers
    assert speed.unit == "m/s"
    assert (speed.row == layer.row).all()
    assert layer.cells is not None
    assert len(layer.cells.values) == len(fields["flood_depth"].values)
    sunken = int(model.ground_covers.element[3])
    assert layer.values[layer.row == sunken] == pytest.approx(layer.values.max())
    assert list(_flood(model, MetricResult("sponge", "2", {}))) == []
