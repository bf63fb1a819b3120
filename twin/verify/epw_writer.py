"""A climate as an EPW file."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from twin.climate import HOURS, NOMINAL_YEAR, Climate

_UNCERTAIN = "?9?9?9?9E0?9?9?9?9?9?9?9?9?9?9?9?9?9?9?9*9*9?9?9?9"


def write_epw(climate: Climate, path: Path) -> Path:
    """Write the hours of a climate; illuminances, clouds and snow, which it lacks, are marked as missing."""
    place = climate.place.replace(",", " ")
    lines = [
        f"LOCATION,{place},-,-,greentwin,999999,{climate.latitude_deg:.4f},{climate.longitude_deg:.4f},"
        f"{climate.utc_offset_h:.2f},{climate.elevation_m:.1f}",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
        "COMMENTS 1,greentwin",
        "COMMENTS 2,",
        "DATA PERIODS,1,1,Data,Monday,1/1,12/31",
    ]
    columns = zip(
        climate.dry_bulb_c, climate.dew_point_c, climate.relative_humidity_pct, climate.pressure_pa,
        climate.sky_infrared_w_m2, climate.global_horizontal_w_m2, climate.direct_normal_w_m2,
        climate.diffuse_horizontal_w_m2, climate.wind_direction_deg, climate.wind_speed_m_s, strict=True,
    )  # fmt: skip
    start = datetime(NOMINAL_YEAR, 1, 1)
    for hour, (dry, dew, humid, pressure, sky, whole, direct, diffuse, bearing, wind) in enumerate(columns):
        day = start + timedelta(hours=hour)
        sun = ",".join(f"{max(value, 0):.3f}" for value in (whole, direct, diffuse))
        lines.append(
            f"{day.year},{day.month},{day.day},{day.hour + 1},60,{_UNCERTAIN},{dry:.3f},{min(dew, dry):.3f},"
            f"{min(humid, 100):.2f},{pressure:.0f},9999,9999,{sky:.3f},{sun},999999,999999,999999,9999,"
            f"{bearing:.1f},{wind:.3f},5,5,9999,99999,9,999999999,999,0.999,0,88,0.2,0,0"
        )
    assert len(lines) == HOURS + 8
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
