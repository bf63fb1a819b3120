"""The chain from light to current, step by step and over a year, beside pvlib's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest

from twin.climate import typical_year
from twin.kernels.photovoltaics import (
    Cover,
    Mounting,
    alternating_current,
    cell_temperature_c,
    combined_loss,
    cover_modifier,
    diffuse_modifiers,
    direct_current,
)
from twin.metrics.energy.weather import irradiance, sun_of_year

BARE = Cover(1.526, 1.0, 4.0 * 0.002)
COATED = Cover(1.526, 1.3, 4.0 * 0.002)
GENERATOR = np.random.default_rng(3)
LIGHT, AIR, WIND = (GENERATOR.uniform(0, top, 8760) for top in (1200.0, 40.0, 15.0))
SAPM = pvlib.temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]


def mounting(name: str) -> tuple[Mounting, dict[str, float]]:
    given = SAPM[name]
    return Mounting(given["a"], given["b"], given["deltaT"]), given


@pytest.mark.parametrize(("cover", "coating"), [(BARE, None), (COATED, 1.3)])
def test_the_cover_is_that_of_pvlib(cover: Cover, coating: float | None) -> None:
    angle = np.linspace(0, 89.9, 400)
    expected = pvlib.iam.physical(angle, n=1.526, K=4.0, L=0.002, n_ar=coating)
    np.testing.assert_allclose(cover_modifier(np.cos(np.radians(angle)), cover), expected, rtol=1e-9)


def test_light_from_behind_reaches_no_cell() -> None:
    assert cover_modifier([-0.5, 0.0, 1.0], COATED).tolist() == [0.0, 0.0, 1.0]


def test_a_cover_takes_more_of_slant_light_and_a_coating_less() -> None:
    cosine = np.cos(np.radians([0, 30, 60, 80]))
    assert (np.diff(cover_modifier(cosine, BARE)) < 0).all()
    assert (cover_modifier(cosine, COATED)[1:] > cover_modifier(cosine, BARE)[1:]).all()


@pytest.mark.parametrize("tilt", [0.0, 20.0, 60.0, 90.0, 120.0])
def test_the_cover_takes_of_diffuse_light_what_marion_says(tilt: float) -> None:
    expected = pvlib.iam.marion_diffuse("physical", max(tilt, 1e-6), n_ar=1.3)
    sky, ground = diffuse_modifiers(np.array([np.cos(np.radians(tilt))]), COATED)
    assert sky[0] == pytest.approx(expected["sky"], abs=0.001)
    if tilt:
        assert ground[0] == pytest.approx(expected["ground"], abs=0.004)  # of a flat one it sees a sliver
    else:
        assert ground[0] == 1.0


@pytest.mark.parametrize(
    "name", ["open_rack_glass_polymer", "close_mount_glass_glass", "insulated_back_glass_polymer"]
)
def test_cells_are_as_warm_as_those_of_pvlib(name: str) -> None:
    ours, theirs = mounting(name)
    expected = pvlib.temperature.sapm_cell(LIGHT, AIR, WIND, **theirs)
    np.testing.assert_allclose(cell_temperature_c(LIGHT, AIR, WIND, ours), expected, rtol=1e-12)


def test_direct_current_is_that_of_pvlib() -> None:
    cell = AIR + LIGHT / 30
    expected = pvlib.pvsystem.pvwatts_dc(LIGHT, cell, 5000.0, -0.0035)
    np.testing.assert_allclose(5000.0 * direct_current(LIGHT, cell, -0.0035), expected, rtol=1e-12)


def test_the_inverter_is_that_of_pvlib_and_cuts_off() -> None:
    direct = np.concatenate([[0.0], GENERATOR.uniform(0, 7000.0, 2000)])
    expected = pvlib.inverter.pvwatts(direct, 5000.0 / 0.96, 0.96)
    ours = alternating_current(direct, 5000.0, 0.96)
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-9)
    assert ours.max() == 5000.0
    assert ours[0] == 0.0


def test_losses_multiply() -> None:
    assert 100 * combined_loss([0.02, 0.03, 0.0, 0.02, 0.02, 0.005, 0.015, 0.01, 0.0, 0.03]) == pytest.approx(
        pvlib.pvsystem.pvwatts_losses(), rel=1e-12
    )


@pytest.mark.parametrize("diffuse_loss", [False, True])
def test_a_year_of_a_roof_array_is_that_of_pvlibs_model_chain(diffuse_loss: bool) -> None:
    """A free array, 20° to the south: PVWatts itself, and PVWatts with what the cover takes of diffuse light."""
    climate = typical_year("Nanchang")
    tilt, peak, losses = 20.0, 8000.0, 0.14075
    plane = np.array([[0.0, -np.sin(np.radians(tilt)), np.cos(np.radians(tilt))]])
    sky, ground = diffuse_modifiers(plane[:, 2], COATED) if diffuse_loss else (np.ones(1), np.ones(1))
    on = irradiance(climate, sun_of_year(climate), plane)
    ours, theirs = mounting("open_rack_glass_polymer")
    effective = on.beam * cover_modifier(on.cos_incidence, COATED) + sky * on.diffuse + ground * on.ground
    cell = cell_temperature_c(
        on.beam + on.diffuse + on.ground, climate.dry_bulb_c, climate.wind_speed_m_s, ours
    )
    direct = peak * (1 - losses) * direct_current(effective, cell, -0.0035)
    power = alternating_current(direct[0], peak / 1.2, 0.96)

    module = {"pdc0": peak, "gamma_pdc": -0.0035, "n_ar": 1.3, "n": 1.526, "K": 4.0, "L": 0.002}
    if diffuse_loss:
        module["FD"] = float(
            (sky * on.diffuse.sum() + ground * on.ground.sum())[0] / (on.diffuse + on.ground).sum()
        )
    system = pvlib.pvsystem.PVSystem(
        arrays=[
            pvlib.pvsystem.Array(
                pvlib.pvsystem.FixedMount(tilt, 180.0), albedo=0.2, module_parameters=module,
                temperature_model_parameters=theirs,
            )
        ],
        inverter_parameters={"pdc0": peak / 1.2 / 0.96, "eta_inv_nom": 0.96},
    )  # fmt: skip
    chain = pvlib.modelchain.ModelChain(
        system, pvlib.location.Location(climate.latitude_deg, climate.longitude_deg),
        dc_model="pvwatts", ac_model="pvwatts", aoi_model="physical", spectral_model="no_loss",
        temperature_model="sapm", losses_model="pvwatts", transposition_model="perez",
    )  # fmt: skip
    years = np.full(8760, 2001) if climate.years is None else climate.years
    day_hours = pd.date_range("2001-01-01 00:30", periods=8760, freq="h")
    times = pd.DatetimeIndex(
        [time.replace(year=int(year)) for time, year in zip(day_hours, years, strict=True)], tz="Etc/GMT-8"
    )
    weather = pd.DataFrame(
        {
            "ghi": climate.global_horizontal_w_m2, "dni": climate.direct_normal_w_m2,
            "dhi": climate.diffuse_horizontal_w_m2, "temp_air": climate.dry_bulb_c,
            "wind_speed": climate.wind_speed_m_s, "pressure": climate.pressure_pa,
        },
        index=times,
    )  # fmt: skip
    chain.run_model(weather)
    expected = chain.results.ac.fillna(0.0).to_numpy()
    assert power.sum() == pytest.approx(expected.sum(), rel=0.01)
    assert np.sqrt(np.mean((power - expected) ** 2)) < 0.02 * peak
    assert power.max() <= peak / 1.2
