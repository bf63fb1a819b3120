"""Hours of sunlight on points: geometry that can be drawn on paper, and a plain reference."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kernels.light_scenes import box, rectangle
from twin.kernels.bvh import build
from twin.kernels.ray_streams import any_hits
from twin.kernels.rays import surface_offset
from twin.kernels.sun import directions_at_solar_time, elevation_azimuth_deg
from twin.kernels.sun_minutes import lit_periods, solar_times, sunlit_steps

NANCHANG_DEG = 28.6, 115.9  # latitude, longitude
SOUTH = np.array([[0.0, -1.0, 0.0]])
BAND = solar_times(8.0, 16.0, 1.0)
DAHAN = directions_at_solar_time(*NANCHANG_DEG, np.datetime64("2001-01-20"), BAND)


def lit(
    triangles: np.ndarray, points: np.ndarray, normals: np.ndarray, suns: np.ndarray = DAHAN
) -> np.ndarray:
    return sunlit_steps(build(triangles), triangles, points, normals, suns)


def far_away() -> np.ndarray:
    return np.asarray(rectangle((500, 500, 0), (1, 0, 0), (0, 1, 0)))


@pytest.mark.parametrize(
    ("date", "declination_deg"), [("2001-12-22", -23.439), ("2001-01-20", -20.11)], ids=["solstice", "Dahan"]
)
def test_the_sun_stands_in_the_south_at_solar_noon_at_the_height_of_the_almanac(
    date: str, declination_deg: float
) -> None:
    noon = directions_at_solar_time(*NANCHANG_DEG, np.datetime64(date), np.array([12.0]))
    elevation, azimuth = elevation_azimuth_deg(noon)
    assert elevation == pytest.approx(90 - NANCHANG_DEG[0] + declination_deg, abs=0.005)
    assert azimuth == pytest.approx(180)


def test_the_declination_moves_with_the_day() -> None:
    """At Dahan by 0.2167° a day (Astronomical Almanac)."""
    latitude = np.radians(NANCHANG_DEG[0])
    first, last = np.degrees(np.arcsin(DAHAN[[0, -1]] @ [0.0, np.cos(latitude), np.sin(latitude)]))
    assert last - first == pytest.approx(0.2167 * np.ptp(BAND) / 24.0, rel=0.01)


def test_an_open_south_facade_has_the_whole_band() -> None:
    steps = lit(far_away(), np.array([[0.0, 0, 1]]), SOUTH)
    total, longest, begin = lit_periods(steps, 5)
    assert (total[0], longest[0], begin[0]) == (480, 480, 0)


def test_a_north_facade_has_none_in_winter() -> None:
    assert not lit(far_away(), np.array([[0.0, 0, 1]]), -SOUTH).any()


def test_east_and_west_facades_share_the_day_to_the_minute() -> None:
    places, facing = np.array([[0.0, 0, 1], [0, 0, 1]]), np.array([[1.0, 0, 0], [-1, 0, 0]])
    east, west = lit(far_away(), places, facing)
    assert east.tolist() == [True] * 240 + [False] * 240
    assert west.tolist() == [False] * 240 + [True] * 240


def test_a_wall_is_lit_once_the_sun_has_passed_its_plane() -> None:
    """By 0.01°, two seconds, also at points on the wall itself."""
    wall = np.asarray(rectangle((-300, -7, 0), (600, 0, 0), (0, 0, 40)))
    passed = np.radians([-0.01, 0.01])
    suns = np.column_stack([np.cos(passed), -np.sin(passed), np.full(2, 0.3)])
    points = np.column_stack([np.linspace(-290, 290, 50), np.full(50, -7.0), np.linspace(1, 39, 50)])
    assert (lit(wall, points, np.repeat(SOUTH, 50, axis=0), suns) == [False, True]).all()


def test_the_minutes_behind_a_slit_are_those_of_its_angle() -> None:
    """Suns that turn by 15° an hour at one height: a slit of width w at distance d is lit for 2 atan(w / 2 d).

    A period of T minutes has T steps, rounded up or down, and on the mean neither more nor less: no step is
    counted twice or lost at its ends. Those under five minutes do not count.
    """
    rng = np.random.default_rng(5)
    turned = np.radians(15.0 * (BAND - 12.0))
    suns = np.column_stack([-np.sin(turned), -np.cos(turned), np.full(len(BAND), 0.4)])
    suns /= np.linalg.norm(suns, axis=1, keepdims=True)
    distance = 10.0
    minutes = rng.uniform(2.0, 12.0, 300)
    total = np.zeros(300)
    for i, length in enumerate(minutes):
        middle = rng.uniform(-0.6, 0.6)
        edges = distance * np.tan(middle + np.radians(length * 0.25) * np.array([-0.5, 0.5]))
        wall = np.concatenate(
            [
                np.asarray(rectangle((-90, -distance, 0), (90 + edges[0], 0, 0), (0, 0, 90))),
                np.asarray(rectangle((edges[1], -distance, 0), (90 - edges[1], 0, 0), (0, 0, 90))),
            ]
        )
        steps = lit(wall, np.zeros((1, 3)), SOUTH, suns)
        total[i] = steps.sum()
        assert lit_periods(steps, 5)[0][0] == (total[i] if total[i] >= 5 else 0)
    assert np.abs(total - minutes).max() < 1.0
    assert abs((total - minutes).mean()) < 0.07  # three standard errors of the mean


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
    facing = normals @ DAHAN.T > 0.0
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
