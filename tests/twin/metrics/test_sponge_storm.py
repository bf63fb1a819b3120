from __future__ import annotations

import numpy as np
import pytest

from tests.building_blocks import Blocks
from twin.metrics.sponge.covers import site_covers
from twin.metrics.sponge.drainage import SiteDrainage, site_drainage
from twin.metrics.sponge.peak_flow import peak_flows, storm_outflows
from twin.metrics.sponge.rules import sponge_rules
from twin.metrics.sponge.storm import IntensityFormula, chicago_storm, formula_of, storm_rules
from twin.project import GroundCover, Project, SiteSection, StormFormula


@pytest.mark.parametrize(
    ("city", "years", "minutes", "l_s_ha"),
    [
        ("南昌", 2, 10, 352.6), ("nanchang", 5, 60, 147.3), ("nanchang", 20, 120, 121.9),
        ("ganzhou", 2, 60, 129.3), ("赣州", 20, 10, 514.5), ("jian", 5, 120, 76.0),
    ],
)  # fmt: skip
def test_the_city_formulas_give_their_intensities(city: str, years: int, minutes: int, l_s_ha: float) -> None:
    # Worked from the printed formulas, Nanchang: 1386 (1 + 0.69 lg P) / (t + 1.4)^0.64.
    assert storm_rules().formulas[city].intensity_l_s_ha(minutes, years) == pytest.approx(l_s_ha, abs=0.1)


@pytest.mark.parametrize("peak_position", [0.3, 0.4, 0.5])
@pytest.mark.parametrize("step", [1, 5])
def test_a_chicago_storm_holds_the_rain_of_its_formula(peak_position: float, step: int) -> None:
    formula = storm_rules().formulas["nanchang"]
    rain = chicago_storm(formula, 3.0, 120, peak_position, step)
    assert len(rain) == 120 // step
    assert rain.sum() == pytest.approx(formula.depth_mm(120, 3.0), rel=1e-12)
    assert (rain > 0).all()
    assert rain.argmax() in (int(peak_position * 120 / step) - 1, int(peak_position * 120 / step))


def test_its_intensity_is_that_of_keifer_and_chu() -> None:
    formula, r, years = IntensityFormula(2806.0, 0.67, 10.0, 0.79), 0.4, 5.0
    rain = chicago_storm(formula, years, 120, r, 1)
    a = 0.006 * 2806.0 * (1 + 0.67 * np.log10(years))
    before, after = 48 - 20.5, 90.5 - 48  # minutes from the peak to the middle of two steps
    for index, away in ((20, before / r), (90, after / (1 - r))):
        intensity = a * ((1 - 0.79) * away + 10.0) / (away + 10.0) ** 1.79
        assert rain[index] == pytest.approx(intensity, rel=1e-3)


def site(kind: str, tank_m3: float = 0.0) -> SiteDrainage:
    """One hectare under one cover, with a tank."""
    covers = [GroundCover(kind=kind, area_m2=10000.0)]
    if tank_m3 > 0.0:
        covers.append(GroundCover(kind="tank", area_m2=0.0, storage_volume_m3=tank_m3))
    project, model = Project(site=SiteSection(covers=tuple(covers))), Blocks().model()
    known = site_covers(model, project, sponge_rules())
    return site_drainage(model, project, known, sponge_rules(), storm_rules())


def storms_of(of: SiteDrainage):  # type: ignore[no-untyped-def]
    formula = storm_rules().formulas["nanchang"]
    outflows = storm_outflows(of, formula, storm_rules())
    return peak_flows(of, "Nanchang", formula, storm_rules(), outflows)


def test_the_table_of_return_periods_grows_with_them() -> None:
    quantities, series, _ = storms_of(site("roof"))
    formula = storm_rules().formulas["nanchang"]
    years = series["storm_return_period_a"]
    assert years.tolist() == [1, 2, 3, 5, 10, 20, 50, 100]
    assert series["storm_rain_mm"] == pytest.approx([formula.depth_mm(120, year) for year in years])
    assert (np.diff(series["storm_peak_l_s"]) > 0).all()
    assert series["storm_peak_l_s"][2] == pytest.approx(quantities["peak_flow_l_s"].value)
    assert series["hydrograph_l_s"].max() == pytest.approx(quantities["peak_flow_l_s"].value)
    # A roof without storage keeps no more than its depression of 1.5 mm on 1 ha, and what still flows off.
    lost = series["storm_rain_mm"] * 10.0 - series["storm_runoff_m3"]
    assert lost == pytest.approx(np.full(8, 15.0), abs=1.0)
    assert (series["storm_attenuation_pct"] < 0).all()  # sealed ground raises the peak


def test_a_formula_of_twin_toml_goes_before_the_city() -> None:
    stated = StormFormula(coefficient=2000.0, c=0.5, b=5.0, n=0.7)
    project = Project(site=SiteSection(storm_formula=stated))
    assert formula_of(project, storm_rules()) == IntensityFormula(2000.0, 0.5, 5.0, 0.7)
    assert formula_of(Project(), storm_rules()) == storm_rules().formulas["nanchang"]


def test_sealing_raises_the_peak_and_a_tank_lowers_it() -> None:
    def peak(of: SiteDrainage) -> float:
        return storms_of(of)[0]["peak_flow_l_s"].value

    green = storms_of(site("green"))[0]
    assert green["peak_flow_l_s"].value == green["peak_flow_before_l_s"].value
    assert peak(site("roof")) > 2 * peak(site("green"))
    assert peak(site("roof", tank_m3=800.0)) == pytest.approx(0.0, abs=1e-9)
    # The rational method with ψ = 0.9 for the concentration time of some 5 minutes bounds the roof's peak.
    assert peak(site("roof")) < 0.95 * storm_rules().formulas["nanchang"].intensity_l_s_ha(5, 3.0)


def test_a_city_without_formula_is_told() -> None:
    peaks, series, _ = peak_flows(site("roof"), "Atlantis", None, storm_rules(), {})
    assert series == {}
    assert peaks["peak_flow_l_s"].value is None
    assert "Atlantis" in peaks["peak_flow_l_s"].needs[0].what.en
