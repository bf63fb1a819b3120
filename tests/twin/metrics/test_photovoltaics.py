"""Modules of a model and of twin.toml: where they look, what shades and warms them, what they give."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pvlib
import pytest

import twin.metrics.energy.photovoltaics as module_under_test
import twin.metrics.energy.thermal_model as thermal_model
from ifc.model import BuildingModel, Provenance
from tests.building_blocks import Blocks
from tests.twin.metrics.energy_house import nanchang, row_house
from tests.twin.metrics.test_curtains import stating
from twin.calculation_sections import SystemsSection
from twin.kernels.photovoltaics import combined_loss, cover_modifier, diffuse_modifiers
from twin.metrics import energy
from twin.metrics.energy.photovoltaics import Photovoltaics, photovoltaics
from twin.metrics.energy.shading import OBSTACLES, obstacles_of
from twin.metrics.energy.solar_devices import solar_devices
from twin.metrics.energy.weather import Sun, irradiance, sun_of_year
from twin.metrics.solar_modules import module_cover, mounting_of_gap, solar_data
from twin.metrics.trees import NO_TREES
from twin.project import Project, SiteSection

EMPTY = Blocks().model()


@cache
def the_sun() -> Sun:
    return sun_of_year(nanchang())


def of(model: BuildingModel, north_deg: float = 0.0, **systems: object) -> Photovoltaics:
    section = SystemsSection(**systems)  # type: ignore[arg-type]
    shadows = obstacles_of(model, OBSTACLES, NO_TREES)
    return photovoltaics(model, section, nanchang(), the_sun(), north_deg, shadows)


def sheet(blocks: Blocks, *corners: tuple[float, float, float]) -> int:
    """A module of no thickness over four corners, anticlockwise as seen from the sun."""
    return blocks.add(
        "IfcSolarDevice", (np.array(corners, float), np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    )


def lying(blocks: Blocks, z: float = 0.0, side: float = 1.0) -> int:
    return sheet(blocks, (0, 0, z), (side, 0, z), (side, side, z), (0, side, z))


def predefined(model: BuildingModel, row: int, kind: str) -> BuildingModel:
    kinds = model.elements.predefined_type.copy()
    kinds[row] = kind
    return replace(model, elements=replace(model.elements, predefined_type=kinds))


def noted(found: Photovoltaics, words: str) -> list[float | int | str | bool]:
    return [note.value.value for note in found.assumptions if words in note.what.en]


def test_a_declared_area_gives_what_pvlibs_functions_give_hour_by_hour() -> None:
    climate = nanchang()
    found = of(
        EMPTY, pv_area_m2=10, pv_tilt_deg=25, pv_azimuth_deg=200, pv_efficiency=0.2, pv_mounting="open_rack"
    )
    tilt, azimuth = np.radians([25, 200])
    plane = np.array([[np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)]])
    on = irradiance(climate, the_sun(), plane)
    angle = np.degrees(np.arccos(np.clip(on.cos_incidence[0], 1e-9, 1)))
    beam = on.beam[0] * pvlib.iam.physical(angle, n=1.526, K=4.0, L=0.002, n_ar=1.3)
    share = pvlib.iam.marion_diffuse("physical", 25.0, n_ar=1.3)
    effective = beam + share["sky"] * on.diffuse[0] + share["ground"] * on.ground[0]
    cell = pvlib.temperature.sapm_cell(
        (on.beam + on.diffuse + on.ground)[0], climate.dry_bulb_c, climate.wind_speed_m_s,
        **pvlib.temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]["open_rack_glass_polymer"],
    )  # fmt: skip
    kept = 1 - pvlib.pvsystem.pvwatts_losses(shading=0) / 100
    direct = kept * 0.97 * pvlib.pvsystem.pvwatts_dc(effective, cell, 2000.0, -0.0035)
    expected = pvlib.inverter.pvwatts(direct, 2000.0 / 1.1 / 0.96, 0.96)
    assert found.peak_w == pytest.approx(2000)
    np.testing.assert_allclose(found.power_w, expected, atol=0.3)  # 0.015 % of the peak power
    assert found.power_w.sum() == pytest.approx(expected.sum(), rel=2e-4)


def test_a_module_of_the_model_faces_where_true_north_turns_it() -> None:
    blocks = Blocks()
    sheet(blocks, (0, 0, 0), (2, 0, 0), (2, 1, 1), (0, 1, 1))  # looks to -y
    declared = {"pv_area_m2": 2 * np.sqrt(2), "pv_tilt_deg": 45, "pv_azimuth_deg": 210}
    found, other = of(blocks.model(), 30.0), of(EMPTY, **declared)
    assert found.area_m2 == pytest.approx(2 * np.sqrt(2))
    np.testing.assert_allclose(found.light_w, other.light_w, rtol=4e-3, atol=1e-3)  # rounded normals


def test_a_wall_before_a_module_takes_its_sun_and_half_its_sky() -> None:
    """A wall that is far longer and higher than its distance: no sun from the south, half of the sky."""

    def light(with_wall: bool) -> np.ndarray:
        blocks = Blocks()
        lying(blocks)
        if with_wall:
            blocks.box("IfcWall", (-5000, -2, 0), (5000, -1, 5000))
        return of(blocks.model()).light_w

    free, shaded = light(False), light(True)
    # At noon the sun stands in the south all year in Nanchang, so only diffuse light is left.
    noon = np.arange(12, 8760, 24)
    on = irradiance(nanchang(), the_sun(), np.array([(0.0, 0.0, 1.0)]))
    half, whole = (0.5 * on.diffuse + on.ground)[0, noon], (on.beam + on.diffuse + on.ground)[0, noon]
    assert half.sum() < 0.5 * whole.sum()
    assert shaded[noon] / free[noon] == pytest.approx(half / whole, abs=0.02)


@pytest.mark.parametrize("gap", [0.3, 1.0])
def test_a_module_on_a_wall_looks_away_from_it(gap: float) -> None:
    """The larger plane counts, not the upper edge, and of front and back the one that is free."""
    blocks = Blocks()
    blocks.box("IfcWall", (-20, 0, -20), (20, 1, 20))
    blocks.box("IfcSolarDevice", (0, -gap - 0.04, 0), (1, -gap, 2))
    model = blocks.model()
    (device,) = solar_devices(model, obstacles_of(model, OBSTACLES, NO_TREES))
    assert device.face.area_m2 == pytest.approx(2.0)
    np.testing.assert_allclose(device.face.normal, [0, -1, 0], atol=1e-9)
    on = irradiance(nanchang(), the_sun(), np.array([(0.0, -1.0, 0.0)]))
    expected = 400.0 * (on.beam + on.diffuse + on.ground)[0] / 1000
    np.testing.assert_allclose(of(model).light_w, expected, rtol=1e-6, atol=1e-6)


def rows_of_modules(spacing: float, as_one: bool = False) -> BuildingModel:
    """Two long rows of modules, 1 m deep and 0.5 m high, that look to the south, one ``spacing`` behind the other."""
    corners = np.array([(-200, 0, 0), (200, 0, 0), (200, 1, 0.5), (-200, 1, 0.5)], float)
    rows = [corners + np.array([0.0, behind, 0.0]) for behind in (0.0, spacing)]
    blocks = Blocks()
    if as_one:
        faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], np.int32)
        blocks.add("IfcSolarDevice", (np.concatenate(rows), faces))
    else:
        for row in rows:
            sheet(blocks, *map(tuple, row))
    return blocks.model()


def test_the_row_in_front_takes_the_low_sun_from_the_row_behind() -> None:
    """The front row's upper edge stands, from the middles of thirds of the row behind, 32, 14 and 4° high."""
    near, far = of(rows_of_modules(1.5)), of(rows_of_modules(1000.0))
    sun = the_sun().hourly
    on = irradiance(nanchang(), the_sun(), np.array([(0.0, -1.0, 2.0)]) / np.sqrt(5))
    beam, all_light = on.beam[0], (on.beam + on.diffuse + on.ground)[0]
    sunny = (beam > 150.0) & (sun[:, 1] < 0.0) & (sun[:, 2] > 0.0)
    profile = np.degrees(np.arctan2(sun[:, 2], -sun[:, 1]))
    lost = (far.light_w - near.light_w) / (far.peak_w / 2) * 1000
    of_sky = 0.06 * all_light
    low, high = sunny & (profile > 18) & (profile < 28), sunny & (profile > 40)
    assert low.any()
    assert (lost[low] > beam[low] / 3 - 1e-6).all()
    assert (lost[low] < beam[low] / 3 + of_sky[low]).all()
    assert (lost[high] < of_sky[high]).all()


def test_rows_that_are_one_element_do_not_hide_it() -> None:
    whole, apart = of(rows_of_modules(1.5, as_one=True)), of(rows_of_modules(1000.0))
    assert whole.peak_w == pytest.approx(apart.peak_w)
    np.testing.assert_allclose(whole.light_w, apart.light_w, rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize(
    ("gap", "mounting"),
    [(0.0, "insulated_back"), (0.05, "close_mount"), (0.3, "open_rack"), (None, "open_rack")],
)
def test_the_gap_behind_a_module_says_how_air_comes_to_its_back(gap: float | None, mounting: str) -> None:
    blocks = Blocks()
    if gap is not None:
        blocks.box("IfcSlab", (-5, -5, -1), (5, 5, 0))
    blocks.box("IfcSolarDevice", (0, 0, gap or 0.0), (1, 1, (gap or 0.0) + 0.04))
    found = of(blocks.model())
    assert noted(found, "modules mounted") == [mounting]
    declared = of(blocks.model(), pv_mounting="close_mount")
    assert noted(declared, "modules mounted") == ["close_mount"]
    (note,) = (note for note in declared.assumptions if "modules mounted" in note.what.en)
    assert note.value.provenance is Provenance.DECLARED


def test_less_air_behind_gives_less_electricity() -> None:
    blocks = Blocks()
    lying(blocks)
    given = [
        of(blocks.model(), pv_mounting=kind).power_w.sum()
        for kind in ("open_rack", "close_mount", "insulated_back")
    ]
    assert given[0] > given[1] > given[2] > 0.9 * given[0]
    assert [mounting_of_gap(gap) for gap in (0.01, 0.02, 0.08, 0.1, np.inf)] == [
        "insulated_back", "close_mount", "close_mount", "open_rack", "open_rack",
    ]  # fmt: skip


def test_what_modules_state_comes_first() -> None:
    blocks = Blocks()
    row = lying(blocks)
    model = blocks.model()

    def peak(set_name: str, name: str, value: object) -> float:
        return of(stating(model, set_name, name, {row: value}), pv_efficiency=0.1).peak_w

    assert peak("GBT50378", "PeakPower", 210.0) == 210.0
    assert peak("Pset_SolarDeviceTypeCommon", "CellEfficiency", 0.22) == pytest.approx(220)
    assert peak("Pset_SolarDeviceTypeCommon", "CellEfficiency", 22.0) == pytest.approx(220)
    assert peak("Pset_EnergyRequirements", "EnergyConversionEfficiency", 0.23) == pytest.approx(230)
    assert peak("GBT50378", "PeakPower", "much") == pytest.approx(100)
    assert of(model).peak_w == pytest.approx(200)


@pytest.mark.parametrize("stated", [-0.003, -0.3])
def test_a_stated_temperature_coefficient_counts_per_kelvin_or_per_cent(stated: float) -> None:
    blocks = Blocks()
    row = lying(blocks)
    found = of(stating(blocks.model(), "GBT50378", "TemperatureCoefficient", {row: stated}))
    same = of(blocks.model(), pv_temperature_coefficient=-0.003)
    np.testing.assert_allclose(found.power_w, same.power_w, rtol=1e-12)
    assert found.power_w.sum() > of(blocks.model()).power_w.sum()


def test_the_inverters_of_the_model_cut_off() -> None:
    blocks = Blocks()
    lying(blocks, side=3.0)
    inverter = blocks.box("IfcTransformer", (50, 50, 0), (51, 51, 1))
    model = predefined(blocks.model(), inverter, "INVERTER")
    found = of(stating(model, "Pset_TransformerTypeCommon", "MaximumApparentPower", {inverter: 900.0}))
    assert found.power_w.max() == 900.0
    assert noted(found, "inverters can give") == [900.0]
    unstated = of(model)
    assert unstated.power_w.max() > 900.0
    assert noted(unstated, "inverters can give") == []
    assert of(model, pv_dc_ac_ratio=2.0).power_w.max() == pytest.approx(900.0)  # of 1,800 W


def test_without_losses_and_warmth_only_the_cover_takes_its_part() -> None:
    blocks = Blocks()
    lying(blocks)
    found = of(
        blocks.model(),
        pv_losses=0.0,
        pv_temperature_coefficient=0.0,
        pv_inverter_efficiency=1.0,
        pv_dc_ac_ratio=0.2,
    )
    on = irradiance(nanchang(), the_sun(), np.array([(0.0, 0.0, 1.0)]))
    sky, _ = diffuse_modifiers(np.ones(1), module_cover())
    cells = on.beam[0] * cover_modifier(on.cos_incidence[0], module_cover()) + sky * on.diffuse[0]
    load = cells / 1000 / 5
    curve = np.maximum((-0.0162 * load**2 - 0.0059 * (load > 0) + 0.9858 * load) / 0.9637, 0.0) * 1000
    np.testing.assert_allclose(found.power_w, curve, rtol=1e-9, atol=1e-9)


def test_the_losses_of_the_data_are_those_of_pvwatts() -> None:
    shares = [part["share"] for part in solar_data()["losses"]["shares"]]
    assert 100 * combined_loss(shares) == pytest.approx(pvlib.pvsystem.pvwatts_losses(shading=0), rel=1e-9)
    assert solar_data()["losses"]["shading"] == 0.03


def test_collectors_of_heat_and_empty_models_give_nothing() -> None:
    blocks = Blocks()
    row = lying(blocks)
    assert of(predefined(blocks.model(), row, "SOLARCOLLECTOR")).power_w.sum() == 0.0
    assert of(EMPTY).assumptions == ()


def test_what_is_assumed_is_listed_with_its_origin() -> None:
    found = of(EMPTY, pv_area_m2=5.0, pv_losses=0.1)
    notes = {note.what.en.split(":")[0]: note.value for note in found.assumptions}
    assert notes["Losses of photovoltaic systems but for shadows"].provenance is Provenance.DECLARED
    assert notes["Temperature coefficient of photovoltaic power"].source.startswith("Dobos 2014")
    assert notes["Shadows on photovoltaic modules not in the model"].value == 0.03
    assert all(note.what.zh and note.value.source for note in found.assumptions)


def test_shadows_are_prepared_once_and_trees_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For walls, windows and modules together; the reference building's windows have their own obstacles."""
    asked, built, handed = [], [], []

    def noting(name: str, where: object, into: list[object], place: int) -> None:
        plain = getattr(where, name)

        def wrapped(*given: object) -> object:
            into.append(given[place])
            return plain(*given)

        monkeypatch.setattr(where, name, wrapped)

    noting("trees_in_the_light", thermal_model, asked, 0)
    noting("obstacles_of", thermal_model, built, 1)
    noting("self_shading", thermal_model, handed, 0)
    noting("self_shading", module_under_test, handed, 0)
    model = row_house(tree=True, module=True)
    result = energy.compute(model, nanchang(), Project(site=SiteSection(trees_shade=True)))
    assert len(asked) == 1
    assert built == [thermal_model.OBSTACLES, thermal_model.MASSING]
    walls, massing, modules = handed
    assert modules is walls
    assert massing is not walls
    assert result.summary["pv_performance_ratio"].value == pytest.approx(78.0, abs=4.0)
    specific = result.summary["pv_specific_yield_kwh_kwp"].value
    assert specific == pytest.approx(result.summary["pv_kwh"].value / 0.4, rel=1e-9)
