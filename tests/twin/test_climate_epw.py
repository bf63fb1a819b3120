from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from twin.climate import DAYS_IN_MONTH, HOURS, read_epw
from twin.climate.moist_air import dew_point_c, relative_humidity_pct
from twin.climate.sky import sun_hours
from twin.errors import TwinError

HEADER = [
    "LOCATION,Testville,JX,CHN,TEST,586060,28.60,115.92,8.0,46.7",
    "DESIGN CONDITIONS,0",
    "TYPICAL/EXTREME PERIODS,0",
    "GROUND TEMPERATURES,0",
    "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
    "COMMENTS 1,none",
    "COMMENTS 2,none",
    "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
]
FIELD = {
    "temp_air": 6, "temp_dew": 7, "relative_humidity": 8, "pressure": 9, "infrared": 12, "ghi": 13, "dni": 14,
    "dhi": 15, "wind_direction": 20, "wind_speed": 21, "opaque_cloud": 23, "rain": 33,
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    """A year of clear days at the header's place: 35 fields per row."""
    sun = sun_hours(28.60, 115.92, 8.0)
    hours = np.arange(HOURS)
    dry_bulb = 17.0 - 11.0 * np.cos(2 * np.pi * hours / HOURS) - 4.0 * np.cos(2 * np.pi * (hours - 3) / 24)
    dew_point = dry_bulb - 5.0
    humidity = relative_humidity_pct(dry_bulb, dew_point)
    direct = np.round(700.0 * (sun.sin_elevation > 0.1))
    diffuse = np.round(100.0 * np.sqrt(sun.sin_elevation))
    ghi = diffuse + direct * sun.sin_elevation
    month = np.repeat(np.arange(1, 13), DAYS_IN_MONTH * 24)
    day = np.concatenate([np.repeat(np.arange(1, n + 1), 24) for n in DAYS_IN_MONTH])
    return [
        (
            f"2007,{month[i]},{day[i]},{i % 24 + 1},0,?9?9,{dry_bulb[i]:.4f},{dew_point[i]:.4f},"
            f"{humidity[i]:.3f},100800,0,0,350,{ghi[i]:.3f},{direct[i]},{diffuse[i]},0,0,0,0,90,2.3,5,5,9999,77777,9,999999999,0,0,"
            f"0,88,0.2,{0.5 if i % 50 == 0 else 0.0},1"
        ).split(",")
        for i in range(HOURS)
    ]


def write(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    path.write_text("\n".join([*header, *(",".join(row) for row in rows)]) + "\n", "utf-8")
    return path


def changed(rows: list[list[str]], field: str, hours: slice, value: str) -> list[list[str]]:
    copy = [list(row) for row in rows]
    for row in copy[hours]:
        row[FIELD[field]] = value
    return copy


def test_a_sound_file_keeps_every_value(tmp_path: Path, rows: list[list[str]]) -> None:
    climate = read_epw(write(tmp_path / "a.epw", rows))
    assert climate.place == "Testville"
    assert (climate.latitude_deg, climate.longitude_deg, climate.utc_offset_h) == (28.60, 115.92, 8.0)
    assert climate.dry_bulb_c.shape == (HOURS,)
    assert climate.dry_bulb_c[4321] == float(rows[4321][6])
    assert climate.rain is not None
    assert climate.rain.depth_mm.sum() == 0.5 * 176
    assert climate.note.en == "Weather file a.epw."


def test_equal_data_have_an_equal_hash(tmp_path: Path, rows: list[list[str]]) -> None:
    one = read_epw(write(tmp_path / "a.epw", rows))
    same = read_epw(write(tmp_path / "b.epw", rows))
    other = read_epw(write(tmp_path / "c.epw", changed(rows, "temp_air", slice(5, 6), "9.9")))
    assert one.sha256 == same.sha256 != other.sha256


def test_missing_codes_are_filled_and_counted(tmp_path: Path, rows: list[list[str]]) -> None:
    file = changed(rows, "temp_air", slice(100, 103), "99.9")
    file = changed(file, "wind_speed", slice(240, 264), "999")
    file = changed(file, "dhi", slice(0, HOURS), "9999")
    file = changed(file, "temp_dew", slice(1000, 1010), "99.9")
    file = changed(file, "infrared", slice(0, HOURS), "9999")
    file = changed(file, "pressure", slice(0, HOURS), "999999")
    climate = read_epw(write(tmp_path / "gaps.epw", file))
    before, after = float(rows[99][6]), float(rows[103][6])
    assert climate.dry_bulb_c[101] == pytest.approx(before + (after - before) / 2)
    assert (climate.wind_speed_m_s[240:264] == 2.3).all()
    sun = sun_hours(28.60, 115.92, 8.0)
    closure = climate.diffuse_horizontal_w_m2 + climate.direct_normal_w_m2 * sun.sin_elevation
    assert closure == pytest.approx(climate.global_horizontal_w_m2, abs=1e-3)
    assert climate.dew_point_c[1000:1010] == pytest.approx(climate.dry_bulb_c[1000:1010] - 5.0, abs=0.01)
    assert 150 < climate.sky_infrared_w_m2.min() < climate.sky_infrared_w_m2.max() < 500
    assert climate.pressure_pa[0] == pytest.approx(100765, abs=10)
    assert "dry bulb: 3 missing hours interpolated" in climate.note.en
    assert "wind speed: 24 missing hours" in climate.note.en
    assert "干球温度" in climate.note.zh


def test_only_global_irradiance_is_split_by_erbs(tmp_path: Path, rows: list[list[str]]) -> None:
    file = changed(changed(rows, "dhi", slice(0, HOURS), "9999"), "dni", slice(0, HOURS), "9999")
    climate = read_epw(write(tmp_path / "ghi.epw", file))
    sun = sun_hours(28.60, 115.92, 8.0)
    high = sun.elevation_deg > 10
    closure = climate.diffuse_horizontal_w_m2 + climate.direct_normal_w_m2 * sun.sin_elevation
    assert closure[high] == pytest.approx(climate.global_horizontal_w_m2[high], abs=1e-6)


def test_a_leap_year_loses_29_february(tmp_path: Path, rows: list[list[str]]) -> None:
    leap = [["2008", "2", "29", str(hour), *rows[0][4:]] for hour in range(1, 25)]
    file = [*rows[: 59 * 24], *leap, *rows[59 * 24 :]]
    assert read_epw(write(tmp_path / "leap.epw", file)).dry_bulb_c[-1] == float(rows[-1][6])


def test_the_older_layout_without_albedo_and_rain_is_read(tmp_path: Path, rows: list[list[str]]) -> None:
    climate = read_epw(write(tmp_path / "old.epw", [row[:32] for row in rows]))
    assert climate.rain is None
    assert "no usable rain" in climate.note.en


def test_latin_1_place_names_are_read(tmp_path: Path, rows: list[list[str]]) -> None:
    path = write(tmp_path / "latin.epw", rows)
    path.write_bytes(path.read_bytes().replace(b"Testville", "Zürich".encode("latin-1")))
    assert read_epw(path).dry_bulb_c.shape == (HOURS,)


@pytest.mark.parametrize(
    ("code", "line", "damage"),
    [
        ("epw-value", 108, lambda rows: changed(rows, "temp_air", slice(99, 100), "NaN")),
        ("epw-value", 19, lambda rows: changed(rows, "ghi", slice(10, 11), "-40")),
        ("epw-value", 19, lambda rows: changed(rows, "pressure", slice(10, 11), "")),
        ("epw-value", 19, lambda rows: changed(rows, "wind_speed", slice(10, 11), "fresh")),
        ("epw-rows", None, lambda rows: rows[:5000]),
        ("epw-row", 5008, lambda rows: [*rows[:4999], rows[4999][:12]]),
        ("epw-sequence", 24, lambda rows: [*rows[:15], *rows[16:], rows[15]]),
        ("epw-column-missing", None, lambda rows: changed(rows, "temp_air", slice(0, 2000), "99.9")),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(
    tmp_path: Path, rows: list[list[str]], code, line, damage
) -> None:  # type: ignore[no-untyped-def]
    path = write(tmp_path / "bad.epw", damage(rows))
    with pytest.raises(TwinError) as caught:
        read_epw(path)
    assert caught.value.code == code
    assert caught.value.where == (f"{path}:{line}" if line else str(path))
    assert caught.value.message.zh
    assert caught.value.remedy.zh


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("not-an-epw", b"%PDF-1.7\n"),
        ("not-an-epw", b""),
        ("not-an-epw", b"\xff\xfe\x00\x01" * 99),
        ("epw-header", b"LOCATION,x,y,z\nDATA\n"),
        ("epw-header", "\n".join(["LOCATION,x,y,z,a,b,north,1,2,3", *HEADER[1:], "1"]).encode()),
    ],
)
def test_what_is_no_epw_is_refused(tmp_path: Path, code: str, content: bytes) -> None:
    (tmp_path / "x.epw").write_bytes(content)
    with pytest.raises(TwinError) as caught:
        read_epw(tmp_path / "x.epw")
    assert caught.value.code == code


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match="does not exist"):
        read_epw(tmp_path / "none.epw")
    with pytest.raises(TwinError, match="it is a folder"):
        read_epw(tmp_path)


def test_importing_the_climate_loads_no_pandas() -> None:
    code = "import sys, twin.climate; sys.exit('pandas' in sys.modules or 'pvlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_humidity_and_dew_point_are_inverse() -> None:
    t = np.linspace(-20.0, 40.0, 7)
    humidity = np.linspace(20.0, 100.0, 7)
    assert relative_humidity_pct(t, dew_point_c(t, humidity)) == pytest.approx(humidity)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "mean_c", "ghi_kwh_m2"),
    [
        ("CHN_HN_Changsha.576870_TMYx.2007-2021.epw", 18.4, 1383),
        ("CHN_Zhejiang.Hangzhou.584570_CSWD.epw", 17.0, 1202),
        ("DRYCOLDTMY.epw", 9.7, 1832),
        ("725650TYCST.epw", 10.9, 1670),
        ("USA_FL_Tampa.Intl.AP.722110_TMY3.epw", 22.3, 1811),
    ],
)
def test_real_files_keep_their_published_means(shared_data: Path, file, mean_c, ghi_kwh_m2) -> None:  # type: ignore[no-untyped-def]
    climate = read_epw(shared_data / "weather" / file)
    assert climate.dry_bulb_c.mean() == pytest.approx(mean_c, abs=0.06)
    assert climate.global_horizontal_w_m2.sum() / 1000 == pytest.approx(ghi_kwh_m2, abs=1)
