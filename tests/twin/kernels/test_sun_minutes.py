"""Hours of sunlight on points: geometry that can be drawn on paper, and a plain reference."""

from __future__ import annotations

import numpy as np
import pytest
from pvlib.spa import solar_position

from tests.twin.kernels.light_scenes import box, rectangle
from twin.kernels.bvh import build
from twin.kernels.ray_streams import any_hits
from twin.kernels.rays import surface_offset
from twin.kernels.sun import declination_rad, directions_at_solar_time, elevation_azimuth_deg
from twin.kernels.sun_minutes import lit_periods, solar_times, sunlit_steps

NANCHANG_DEG = 28.6
SOUTH = np.array([[0.0, -1.0, 0.0]])
BAND = solar_times(8.0, 16.0, 1.0)
DAHAN = directions_at_solar_time(NANCHANG_DEG, declination_rad(300.0), BAND)


def lit(
    triangles: np.ndarray, points: np.ndarray, normals: np.ndarray, suns: np.ndarray = DAHAN
) -> np.ndarray:
    return sunlit_steps(build(triangles), triangles, points, normals, suns)


def far_away() -> np.ndarray:
    return np.asarray(rectangle((500, 500, 0), (1, 0, 0), (0, 1, 0)))


def test_the_sun_stands_in_the_south_at_solar_noon_at_the_height_of_the_almanac() -> None:
    noon = directions_at_solar_time(NANCHANG_DEG, declination_rad(270.0), np.array([12.0]))
    elevation, azimuth = elevation_azimuth_deg(noon)
    assert elevation == pytest.approx(90 - NANCHANG_DEG - 23.44, abs=0.01)
    assert azimuth == pytest.approx(180)


DAYS = pytest.mark.parametrize(
    ("ecliptic_deg", "day"), [(270.0, "2026-12-21"), (300.0, "2026-01-20")], ids=["winter solstice", "Dahan"]
)


def almanac(day: str) -> np.ndarray:
    """Elevation and azimuth (2, 480) in degrees over the band of a day, by NREL's algorithm at 116° E."""

    def at(unix_time_s: np.ndarray) -> np.ndarray:
        return solar_position(unix_time_s, NANCHANG_DEG, 116.0, 0.0, 1013.25, 12.0, 69.2, 0.0, numthreads=1)[
            [3, 4]
        ]

    around = np.datetime64(f"{day}T04:20:00", "s").astype(np.float64) + np.arange(-1200.0, 1200.0)
    noon = around[np.argmin(np.abs(at(around)[1] - 180.0))]
    return at(noon + (BAND - 12.0) * 3600.0)


@DAYS
def test_the_sun_of_the_solar_terms_is_that_of_the_almanac(ecliptic_deg: float, day: str) -> None:
    """Over the whole band: 0.15° is half a minute of sun."""
    suns = directions_at_solar_time(NANCHANG_DEG, declination_rad(ecliptic_deg), BAND)
    assert np.abs(np.array(elevation_azimuth_deg(suns)) - almanac(day)).max() < 0.15


def plainly_lit(
    triangles: np.ndarray, points: np.ndarray, normals: np.ndarray, suns: np.ndarray
) -> np.ndarray:
    """Every point, minute and triangle, by the signed volumes that a ray and the edges span; float64."""
    a, b, c = (triangles[:, corner] for corner in range(3))
    found = np.zeros((len(points), len(suns)), np.bool_)
    for i, (point, normal) in enumerate(zip(points, normals, strict=True)):
        start = point + 1e-4 * normal
        sides = [
            suns @ np.cross(p - start, q - start).T for p, q in ((a, b), (b, c), (c, a))
        ]  # (480, T) each
        through = np.all([side >= 0.0 for side in sides], axis=0) | np.all(
            [side <= 0.0 for side in sides], axis=0
        )
        plane = np.cross(b - a, c - a)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.einsum("ij,ij->i", a - start, plane) / (suns @ plane.T)
        found[i] = ~(through & (reach > 0.0)).any(axis=1) & (suns @ normal > 0.0)
    return found


@DAYS
def test_hours_among_towers_agree_with_the_almanac_and_plain_rays(ecliptic_deg: float, day: str) -> None:
    """Nothing of ours in the check: NREL's positions by the clock, every triangle tried.

    Our sun keeps the declination of its solar term all day. Where it passes along an edge of a tower, a
    tenth of a degree moves more than a minute: there the days before and after must lie on both sides.
    """
    rng = np.random.default_rng(11)
    low = np.column_stack([rng.uniform(-80, 80, 24), rng.uniform(-90, -12, 24), np.zeros(24)])
    towers = [box(a, a + np.array([14, 10, h])) for a, h in zip(low, rng.uniform(9, 54, 24), strict=True)]
    triangles = np.concatenate([np.asarray(one) for one in towers])
    points = np.column_stack([rng.uniform(-30, 30, 80), np.zeros(80), rng.uniform(0.9, 30, 80)])
    normals = np.repeat(SOUTH, 80, axis=0)
    expected = np.array(
        [
            plainly_lit(
                triangles, points, normals, vectors(*np.radians(almanac(str(np.datetime64(day) + shift))))
            )
            for shift in (-1, 0, 1)
        ]
    ).sum(axis=2)
    suns = directions_at_solar_time(NANCHANG_DEG, declination_rad(ecliptic_deg), BAND)
    found = lit(triangles, points, normals, suns).sum(axis=1)
    assert 0.2 < expected.mean() / len(BAND) < 0.9
    assert (np.abs(found - expected[1]) <= 1).mean() >= 0.95
    assert (found >= expected.min(axis=0) - 1).all()
    assert (found <= expected.max(axis=0) + 1).all()


def vectors(elevation: np.ndarray, azimuth: np.ndarray) -> np.ndarray:
    flat = np.cos(elevation)
    return np.column_stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)])


def test_an_open_south_facade_has_the_whole_band() -> None:
    steps = lit(far_away(), np.array([[0.0, 0, 1]]), SOUTH)
    total, longest, begin = lit_periods(steps, 5)
    assert (total[0], longest[0], begin[0]) == (480, 480, 0)


def test_a_north_facade_has_none_in_winter() -> None:
    assert not lit(far_away(), np.array([[0.0, 0, 1]]), -SOUTH).any()


def test_an_east_facade_has_the_morning() -> None:
    steps = lit(far_away(), np.array([[0.0, 0, 1]]), np.array([[1.0, 0, 0]]))
    assert steps[0, :239].all()
    assert not steps[0, 241:].any()


def test_a_row_house_shades_below_its_shadow_line() -> None:
    """An endless house of height H at distance D in the south: the sun clears it when tan h / cos A > H / D."""
    height, distance = 20.0, 24.0
    row = np.asarray(box((-5000, -distance - 10, 0), (5000, -distance, height)))
    heights = np.linspace(0.5, 19.5, 39)
    points = np.column_stack([np.zeros(39), np.zeros(39), heights])
    steps = lit(row, points, np.repeat(SOUTH, 39, axis=0))
    profile = DAHAN[:, 2] / -DAHAN[:, 1]
    expected = profile[None, :] > ((height - heights) / distance)[:, None]
    assert np.abs(steps.sum(axis=1) - expected.sum(axis=1)).max() <= 1


def test_the_memory_of_the_last_occluder_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    low = np.column_stack([rng.uniform(-60, 60, 40), rng.uniform(-60, -5, 40), np.zeros(40)])
    boxes = [box(a, a + np.array([6, 4, h])) for a, h in zip(low, rng.uniform(3, 50, 40), strict=True)]
    triangles = np.concatenate([np.asarray(one) for one in boxes])
    points = np.column_stack([rng.uniform(-20, 20, 200), np.zeros(200), rng.uniform(0, 20, 200)])
    normals = np.repeat(SOUTH, 200, axis=0)
    found = lit(triangles, points, normals)
    lift = np.array([surface_offset(*point) for point in points])[:, None] * normals
    expected = ~any_hits(
        build(triangles), np.repeat(points + lift, len(DAHAN), axis=0), np.tile(DAHAN, (200, 1))
    ).reshape(200, -1)
    facing = normals @ DAHAN.T > 1e-3
    assert (found != (expected & facing)).mean() < 2e-5
    assert 0.2 < found.mean() < 0.9


def test_short_glimpses_do_not_count() -> None:
    steps = np.zeros((2, 60), np.bool_)
    steps[0, [*range(3, 7), *range(10, 15), *range(20, 50)]] = True
    total, longest, begin = lit_periods(steps, 5)
    assert total.tolist() == [35, 0]
    assert longest.tolist() == [30, 0]
    assert begin.tolist() == [20, -1]


def test_a_band_is_a_whole_number_of_steps() -> None:
    assert solar_times(9.0, 15.0, 1.0)[[0, -1]] == pytest.approx([9 + 0.5 / 60, 15 - 0.5 / 60])
    with pytest.raises(ValueError, match="no whole number of steps"):
        solar_times(8.0, 16.0, 7.0)
