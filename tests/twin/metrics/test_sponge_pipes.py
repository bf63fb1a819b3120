"""Storm sewers of twin.toml in the design storms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.twin.metrics.test_sponge_storm import site, storms_of
from twin.errors import TwinError
from twin.metrics.result import MetricResult
from twin.metrics.sponge.peak_flow import storm_outflows
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.site_pipes import PipesResult, site_pipes
from twin.metrics.sponge.storm import storm_rules
from twin.project import Project, SiteSection, read_project
from twin.report.html_report import _storm
from twin.storm_sewers import StormSewer

SLOPE, LENGTH_M = 0.004, 60.0


def pipe(name: str, diameter_m: float, area_m2: float = 0.0, **more: float) -> StormSewer:
    """A pipe "A-B" from manhole A to B."""
    upper, lower = name.split("-")
    return StormSewer(
        name=name, upper=upper, lower=lower, length_m=LENGTH_M, slope=SLOPE, diameter_m=diameter_m,
        area_m2=area_m2, **more,
    )  # fmt: skip


def of_pipes(*pipes: StormSewer, kind: str = "paving", city: str = "nanchang") -> PipesResult:
    """A hectare under one cover, drained by pipes."""
    project, of, storms = Project(site=SiteSection(pipes=pipes)), site(kind), storm_rules()
    formula = storms.formulas.get(city)
    outflows = {} if formula is None else storm_outflows(of, formula, storms)
    return site_pipes(of, project, city, outflows, storms, sponge_rules().pipes)


def full_flow_m3_s(diameter_m: float, manning_n: float = 0.013) -> float:
    return np.pi * diameter_m**2 / 4 * (diameter_m / 4) ** (2 / 3) * SLOPE**0.5 / manning_n


def test_wide_pipes_bring_the_site_s_outflow_to_the_outfall() -> None:
    found = of_pipes(pipe("A-B", 1.2, 4000.0), pipe("B-C", 1.2, 6000.0))
    _, without_pipes, _ = storms_of(site("paving"))
    whole = without_pipes["hydrograph_l_s"]
    flow = found.series["hydrograph_pipes_l_s"]
    assert flow.sum() == pytest.approx(whole.sum(), rel=2e-3)  # the last drops are still on their way
    assert 0.85 * whole.max() < flow.max() <= whole.max()
    assert flow.argmax() >= whole.argmax()
    assert found.summary["pipe_outfall_peak_l_s"].value == pytest.approx(flow.max())
    assert found.summary["pipe_surcharged_count"].value == 0
    assert found.summary["pipe_flooded_m3"].value == 0.0
    assert found.diagnostics == ()
    table = found.tables["pipes"].columns
    assert table["full_flow_l_s"] == pytest.approx([1e3 * full_flow_m3_s(1.2)] * 2)
    assert table["full_speed_m_s"] == pytest.approx(full_flow_m3_s(1.2) / (np.pi * 0.36), rel=1e-6)
    assert table["peak_flow_l_s"][0] == pytest.approx(0.4 * whole.max(), rel=0.01)
    assert table["manning_n_from"].tolist() == ["default", "default"]


def test_a_pipe_is_as_full_as_its_flow_is_deep() -> None:
    found = of_pipes(pipe("A-B", 0.9, 10000.0))
    flow = 1e-3 * found.tables["pipes"].columns["peak_flow_l_s"][0]
    depth = found.tables["pipes"].columns["fullness_pct"][0] / 100.0
    angle = 2 * np.arccos(1 - 2 * depth)
    area, wetted = 0.9**2 / 8 * (angle - np.sin(angle)), 0.45 * angle
    assert area * (area / wetted) ** (2 / 3) * SLOPE**0.5 / 0.013 == pytest.approx(flow, rel=2e-3)


def test_narrow_pipes_are_surcharged_and_flood() -> None:
    found = of_pipes(pipe("A-B", 0.3, 5000.0), pipe("B-C", 1.0, 5000.0), pipe("D-E", 1.0))
    table = found.tables["pipes"].columns
    assert table["fullness_pct"][0] == 100.0
    assert 0.0 < table["fullness_pct"][1] < 100.0
    assert table["fullness_pct"][2] == 0.0  # nothing drains to it
    assert 1.0 < table["surcharged_min"][0] < 60.0
    assert table["surcharged_from_a"][0] == 1.0
    assert np.isnan(table["surcharged_from_a"][2])
    assert found.summary["pipe_surcharged_count"].value == 1
    assert found.series["storm_pipe_surcharged_count"].tolist() == sorted(
        found.series["storm_pipe_surcharged_count"].tolist()
    )
    flooded = found.series["storm_pipe_flooded_m3"]
    assert (np.diff(flooded) > 0.0).all()
    half = np.maximum(table["peak_flow_l_s"][0] - 1e3 * full_flow_m3_s(0.3), 0.0)
    assert 0.0 < found.summary["pipe_flooded_m3"].value < half * 60 * table["surcharged_min"][0] / 1e3
    (told,) = found.diagnostics
    assert told.code == "storm-sewers-surcharged"
    assert "1 of 3 storm sewers: A-B." in told.message.en


def test_areas_below_the_site_s_leave_the_rest_beside_the_pipes() -> None:
    part = of_pipes(pipe("A-B", 1.2, 2500.0))
    whole = of_pipes(pipe("A-B", 1.2, 10000.0))
    assert part.series["hydrograph_pipes_l_s"].sum() == pytest.approx(
        0.25 * whole.series["hydrograph_pipes_l_s"].sum(), rel=5e-3
    )
    assert part.assumptions[0].value.value == 25.0


def test_a_culvert_takes_what_its_section_takes() -> None:
    culvert = StormSewer(
        name="K", upper="A", lower="B", length_m=50.0, slope=0.002, height_m=0.5, width_m=0.8, manning_n=0.015,
        area_m2=10000.0,
    )  # fmt: skip
    found = of_pipes(culvert)
    table = found.tables["pipes"].columns
    assert table["section_mm"].tolist() == ["800×500"]
    full = 0.4 * (0.4 / 2.6) ** (2 / 3) * 0.002**0.5 / 0.015
    assert table["full_flow_l_s"][0] == pytest.approx(1e3 * full, rel=1e-3)
    assert table["manning_n_from"].tolist() == ["declared"]
    assert not any("Manning" in one.what.en for one in found.assumptions)


@pytest.mark.parametrize(
    ("pipes", "city", "what"),
    [
        ((), "nanchang", "no pipes are stated"),
        ((pipe("A-B", 0.5, 1000.0),), "nowhere", "storm intensity formula"),
        ((pipe("A-B", 0.5, 6000.0), pipe("B-C", 0.6, 9000.0)), "nanchang", "add up to 15,000 m²"),
    ],
)
def test_what_cannot_be_told_of_the_pipes_is_said(
    pipes: tuple[StormSewer, ...], city: str, what: str
) -> None:
    found = of_pipes(*pipes, city=city)
    assert len(found.summary) == 3
    for quantity in found.summary.values():
        assert quantity.value is None
        assert what in quantity.needs[0].what.en
        assert "twin.toml" in quantity.needs[0].how.zh or "area_m2" in quantity.needs[0].how.zh
    assert not found.series
    assert not found.tables


def pipe_text(name: str, upper: str, lower: str, more: str = "diameter_m = 0.4\narea_m2 = 100") -> str:
    return f'[[site.pipes]]\nname = "{name}"\nupper = "{upper}"\nlower = "{lower}"\nlength_m = 9\nslope = 0.01\n{more}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (pipe_text("1", "A", "B") + pipe_text("2", "A", "C"), "two pipes leave manhole 'A'"),
        (pipe_text("1", "A", "B") + pipe_text("2", "B", "A"), "pipe '1' leads in a circle"),
        (pipe_text("1", "A", "A"), "pipe '1' leads in a circle"),
        (pipe_text("0", "Z", "A") + pipe_text("1", "A", "B") + pipe_text("2", "B", "A"), "leads in a circle"),
        (pipe_text("1", "A", "B") + pipe_text("1", "B", "C"), "two pipes have the same name"),
        (pipe_text("1", "A", "B", "diameter_m = 0.4"), "no pipe states the area"),
        (
            pipe_text("1", "A", "B", "height_m = 0.4\narea_m2 = 5"),
            "states diameter_m, or height_m and width_m",
        ),
        (pipe_text("1", "A", "B", "diameter_m = -1\narea_m2 = 5"), "-1 is out of range, needs > 0"),
    ],
)
def test_pipes_that_cannot_be_are_one_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "twin.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(TwinError) as refused:
        read_project(path)
    assert message in str(refused.value)
    assert "pipes" in str(refused.value)


def test_the_report_draws_the_outfall_and_lists_the_storms() -> None:
    pipes = of_pipes(pipe("A-B", 0.3, 10000.0))
    _, series, _ = storms_of(site("paving"))
    shown = _storm(MetricResult("sponge", "2", {}, series=series | pipes.series))
    assert shown is not None
    assert len(shown["key"]) == 3
    assert len(shown["pipes"]) == len(shown["rows"])
    assert shown["pipes"][-1][2] == 1.0
    without = _storm(MetricResult("sponge", "2", {}, series=series))
    assert without is not None
    assert len(without["key"]) == 2
    assert without["pipes"] == []
