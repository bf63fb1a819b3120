from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest

from twin.climate import HOURS, MONTH_OF_DAY, Climate, read_epw, synthetic_rain, typical_year
from twin.climate.built_in import _generate
from twin.climate.city import CityClimate, city_climate
from twin.climate.moist_air import relative_humidity_pct, wet_bulb_c
from twin.climate.monthly import hours_from_days, month_means, month_sums, smooth_course
from twin.climate.sky import sky_infrared_w_m2, sun_hours
from twin.errors import TwinError


@pytest.fixture(scope="module")
def city() -> CityClimate:
    return city_climate("Nanchang")


@pytest.fixture(scope="module")
def year() -> Climate:
    return typical_year("Nanchang")


def daily_means(climate: Climate) -> np.ndarray:
    return climate.dry_bulb_c.reshape(365, 24).mean(axis=1)


def test_every_column_is_a_whole_year_of_sound_numbers(year: Climate) -> None:
    for column in (
        year.dry_bulb_c, year.dew_point_c, year.relative_humidity_pct, year.pressure_pa, year.wind_speed_m_s,
        year.wind_direction_deg, year.global_horizontal_w_m2, year.direct_normal_w_m2,
        year.diffuse_horizontal_w_m2, year.sky_infrared_w_m2,
    ):  # fmt: skip
        assert column.shape == (HOURS,)
        assert np.isfinite(column).all()


def test_the_year_is_the_same_every_time(year: Climate) -> None:
    again = _generate.__wrapped__("Nanchang")
    assert again.sha256 == year.sha256
    assert typical_year("南昌市") is year


def test_monthly_means_equal_the_normals(year: Climate, city: CityClimate) -> None:
    assert month_means(year.dry_bulb_c) == pytest.approx(city.monthly["dry_bulb_mean_c"], abs=1e-9)
    assert month_means(year.wind_speed_m_s) == pytest.approx(city.monthly["wind_speed_m_s"], abs=1e-9)
    assert month_sums(year.global_horizontal_w_m2) / 1000 == pytest.approx(
        city.monthly["global_horizontal_kwh_m2"], abs=1e-9
    )
    assert month_means(year.relative_humidity_pct) == pytest.approx(
        city.monthly["relative_humidity_pct"], abs=0.01
    )
    by_day = year.dry_bulb_c.reshape(365, 24)
    daily_range = month_means(by_day.max(axis=1) - by_day.min(axis=1))
    assert daily_range == pytest.approx(city.monthly["dry_bulb_daily_range_k"], abs=0.1)


def test_humidity_is_consistent(year: Climate) -> None:
    assert (year.dew_point_c < year.dry_bulb_c).all()
    assert year.relative_humidity_pct == pytest.approx(
        relative_humidity_pct(year.dry_bulb_c, year.dew_point_c), abs=1e-9
    )
    assert year.relative_humidity_pct.min() > 20


def test_irradiances_close_at_mid_hour(year: Climate) -> None:
    sun = sun_hours(year.latitude_deg, year.longitude_deg, year.utc_offset_h)
    closed = year.diffuse_horizontal_w_m2 + year.direct_normal_w_m2 * sun.sin_elevation
    assert closed == pytest.approx(year.global_horizontal_w_m2, abs=1e-9)
    assert (year.diffuse_horizontal_w_m2 >= 0).all()
    assert (year.direct_normal_w_m2 >= 0).all()
    assert (year.global_horizontal_w_m2[sun.elevation_deg <= 0] == 0).all()
    outside = sun.extraterrestrial_normal_w_m2 * sun.sin_elevation
    assert (year.global_horizontal_w_m2 <= 0.85 * outside).all()


@pytest.mark.parametrize(
    ("latitude", "longitude", "offset"), [(28.7, 115.9, 8.0), (-35.0, -70.0, -4.0), (69.6, 19.0, 1.0)]
)
def test_the_sun_stands_where_the_hourly_algorithm_puts_it(
    latitude: float, longitude: float, offset: float
) -> None:
    zone = timezone(timedelta(hours=offset))
    times = pd.date_range("2001-01-01 00:30", periods=HOURS, freq="h", tz=zone)
    expected = pvlib.solarposition.get_solarposition(times, latitude, longitude, method="nrel_numpy")
    hour_angle = pvlib.solarposition.hour_angle(times, longitude, expected["equation_of_time"])
    sun = sun_hours(latitude, longitude, offset)
    np.testing.assert_allclose(sun.elevation_deg, expected["elevation"], atol=1e-4)
    turned = (sun.azimuth_deg - expected["azimuth"] + 180.0) % 360.0 - 180.0
    assert np.abs(turned * np.cos(np.radians(sun.elevation_deg))).max() < 1e-4
    assert np.abs((sun.hour_angle_deg - hour_angle + 180.0) % 360.0 - 180.0).max() < 2e-3
    np.testing.assert_allclose(sun.sin_elevation, np.maximum(np.sin(np.radians(sun.elevation_deg)), 0.0))


def test_hot_and_cold_hours_are_those_of_the_design_code(year: Climate) -> None:
    # GB 50736 lets 50 h, 5 days or 1 day of a year go beyond its outdoor design values.
    daily = np.sort(daily_means(year))
    wet_bulb = wet_bulb_c(year.dry_bulb_c, year.relative_humidity_pct)
    assert np.sort(year.dry_bulb_c)[-51] == pytest.approx(35.5, abs=0.6)
    assert np.sort(wet_bulb)[-51] == pytest.approx(28.2, abs=0.6)
    assert daily[-6] == pytest.approx(32.1, abs=0.6)
    assert daily[5] == pytest.approx(0.7, abs=1.0)
    assert daily[1] == pytest.approx(-1.5, abs=0.6)
    assert year.dry_bulb_c.max() < 40.6  # the highest ever measured


def test_degree_days_lie_near_the_published_ones(year: Climate) -> None:
    # GB 50176 states 1326 and 250; the normals used here are those of the cooler years 1971-2000.
    daily = daily_means(year)
    assert np.maximum(18.0 - daily, 0.0).sum() == pytest.approx(1326, rel=0.10)
    assert np.maximum(daily - 26.0, 0.0).sum() == pytest.approx(250, rel=0.12)


def test_days_remember_the_day_before(year: Climate) -> None:
    daily = daily_means(year)
    anomaly = daily - smooth_course(month_means(daily), 365)
    assert 0.5 < np.corrcoef(anomaly[1:], anomaly[:-1])[0, 1] < 0.85


def test_clear_summer_days_are_hotter_and_drier(year: Climate) -> None:
    summer = np.isin(MONTH_OF_DAY, [5, 6, 7])
    sun = year.global_horizontal_w_m2.reshape(365, 24).sum(axis=1)[summer]
    assert np.corrcoef(sun, daily_means(year)[summer])[0, 1] > 0.3
    humidity = year.relative_humidity_pct.reshape(365, 24).mean(axis=1)[summer]
    assert np.corrcoef(sun, humidity)[0, 1] < -0.6


def test_the_warmest_hour_comes_in_the_early_afternoon(year: Climate) -> None:
    mean_day = year.dry_bulb_c.reshape(365, 24).mean(axis=0)
    assert mean_day.argmax() in (14, 15)
    assert mean_day.argmin() in (5, 6)


def test_the_sky_radiates_less_than_a_black_body(year: Climate) -> None:
    black = 5.670374419e-8 * (year.dry_bulb_c + 273.15) ** 4
    share = year.sky_infrared_w_m2 / black
    assert 0.7 < share.min() < share.max() <= 1.0
    assert 370 < year.sky_infrared_w_m2.mean() < 400


def test_sky_infrared_against_the_formula_by_hand() -> None:
    # 20 °C, dew point 10 °C: ε = 0.787 + 0.764 ln(283.15 / 273) = 0.81489; clear and overcast sky.
    assert sky_infrared_w_m2(20.0, 10.0, 0.0) == pytest.approx(0.81489 * 418.74, rel=1e-4)
    assert sky_infrared_w_m2(20.0, 10.0, 10.0) == pytest.approx(0.81489 * 1.154 * 418.74, rel=1e-4)


def test_wet_bulb_against_the_published_example() -> None:
    assert wet_bulb_c(20.0, 50.0) == pytest.approx(13.7, abs=0.05)  # Stull 2011, section 2


def test_smooth_courses_keep_monthly_means() -> None:
    monthly = np.array([5.0, 7, 11, 17, 22, 26, 29, 29, 25, 19, 13, 8])
    for steps in (365, HOURS):
        course = smooth_course(monthly, steps)
        assert month_means(course) == pytest.approx(monthly, abs=1e-9)
    assert np.abs(np.diff(smooth_course(monthly, 365))).max() < 0.35  # no step between two months
    assert hours_from_days(np.full(365, 3.0)) == pytest.approx(np.full(HOURS, 3.0))


def test_rain_has_the_normals_as_its_mean(year: Climate, city: CityClimate) -> None:
    rain = year.rain
    assert rain is not None
    assert rain is synthetic_rain("nanchang")
    assert rain.synthetic
    times = rain.start + np.arange(len(rain.depth_mm)) * np.timedelta64(rain.step_s, "s")
    month = times.astype("datetime64[M]").astype(int) % 12
    assert np.bincount(month, rain.depth_mm) / 30 == pytest.approx(city.monthly["rain_mm"])
    daily = rain.depth_mm.reshape(-1, 24).sum(axis=1)
    assert len(daily) == 10957
    assert (daily >= 0.1).sum() / 30 == pytest.approx(150, abs=3)
    assert (daily >= 50).sum() / 30 == pytest.approx(
        5.6, abs=0.5
    )  # rainstorm days of the city's climate text
    assert 150 < daily.max() < 300
    assert rain.depth_mm.max() < 90


def test_wet_days_cluster(year: Climate) -> None:
    assert year.rain is not None
    wet = year.rain.depth_mm.reshape(-1, 24).sum(axis=1) >= 0.1
    assert wet[1:][wet[:-1]].mean() > wet.mean() + 0.15


def test_an_unknown_city_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TwinError, match="Nanchang") as caught:
        typical_year("Atlantis")
    assert caught.value.code == "unknown-city"
    assert "weather.epw" in caught.value.remedy.zh


@pytest.mark.shared
def test_shapes_resemble_the_real_typical_year_of_changsha(year: Climate, shared_data: Path) -> None:
    real = read_epw(shared_data / "weather" / "CHN_HN_Changsha.576870_TMYx.2007-2021.epw")
    ours = year.dry_bulb_c.reshape(365, 24).mean(axis=0)
    theirs = real.dry_bulb_c.reshape(365, 24).mean(axis=0)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.97  # the mean day
    assert np.corrcoef(month_means(year.dry_bulb_c), month_means(real.dry_bulb_c))[0, 1] > 0.99
    assert month_means(year.sky_infrared_w_m2) == pytest.approx(month_means(real.sky_infrared_w_m2), abs=25)
    anomaly = [np.std(c - smooth_course(month_means(c), 365)) for c in map(daily_means, (year, real))]
    assert anomaly[0] == pytest.approx(anomaly[1], rel=0.3)
    day = [c.global_horizontal_w_m2.reshape(365, 24).mean(axis=0) for c in (year, real)]
    assert np.corrcoef(day[0], day[1])[0, 1] > 0.97
    sun = [sun_hours(c.latitude_deg, c.longitude_deg, 8.0) for c in (year, real)]
    clearness = [
        c.global_horizontal_w_m2.reshape(365, 24).sum(axis=1)
        / (s.extraterrestrial_normal_w_m2 * s.sin_elevation).reshape(365, 24).sum(axis=1)
        for c, s in zip((year, real), sun, strict=True)
    ]
    assert clearness[0].std() == pytest.approx(clearness[1].std(), abs=0.04)
