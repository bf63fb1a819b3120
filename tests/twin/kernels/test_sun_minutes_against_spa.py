"""Hours of sunlight against a check with nothing of ours in it.

The sun stands where NREL's solar position algorithm (Reda and Andreas 2004, doi:10.1016/j.solener.2003.12.003)
has it at that moment of the date, and every point, minute and triangle is tried, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from pvlib.spa import solar_position

from tests.twin.kernels.light_scenes import box
from twin.kernels.bvh import build
from twin.kernels.sun import directions_at_solar_time, in_model
from twin.kernels.sun_minutes import solar_times, sunlit_steps

DAHAN, SOLSTICE = "2001-01-20", "2001-12-22"  # of the base year
BANDS_H = {DAHAN: (8.0, 16.0), SOLSTICE: (9.0, 15.0)}
PLACES = [(18.3, 109.5), (28.6, 115.9), (39.9, 116.4), (50.2, 127.5)]  # latitude, longitude
DAYS = pytest.mark.parametrize("date", BANDS_H, ids=["Dahan", "winter solstice"])


def times(date: str) -> np.ndarray:
    return solar_times(*BANDS_H[date], 1.0)


def ours(date: str, place: tuple[float, float]) -> np.ndarray:
    return directions_at_solar_time(*place, np.datetime64(date), times(date))


def spa(date: str, place: tuple[float, float], solar_time_h: np.ndarray) -> np.ndarray:
    """Directions (H, 3) at the moments of a date when the clock and the equation of time show these times."""

    def at(unix_time_s: np.ndarray) -> np.ndarray:
        return solar_position(unix_time_s, *place, 0.0, 1013.25, 12.0, 64.1, 0.0, numthreads=1)

    mean = np.datetime64(date, "s").astype(np.float64) + (solar_time_h - place[1] / 15.0) * 3600.0
    moment = mean
    for _ in range(3):
        moment = mean - at(moment)[5] * 60.0  # the equation of time, minutes
    elevation, azimuth = np.radians(at(moment)[[3, 4]])  # without refraction
    flat = np.cos(elevation)
    return np.column_stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)])


def plainly_lit(
    triangles: np.ndarray, points: np.ndarray, normals: np.ndarray, suns: np.ndarray
) -> np.ndarray:
    """Every point, minute and triangle, by the signed volumes that a ray and the edges span."""
    a, b, c = (triangles[:, corner] for corner in range(3))
    plane = np.cross(b - a, c - a)
    found = np.zeros((len(points), len(suns)), np.bool_)
    for i, (point, normal) in enumerate(zip(points, normals, strict=True)):
        start = point + 1e-4 * normal
        sides = [suns @ np.cross(p - start, q - start).T for p, q in ((a, b), (b, c), (c, a))]
        through = np.all([side >= 0.0 for side in sides], axis=0) | np.all(
            [side <= 0.0 for side in sides], axis=0
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.einsum("ij,ij->i", a - start, plane) / (suns @ plane.T)
        found[i] = ~(through & (reach > 0.0)).any(axis=1) & (suns @ normal > 0.0) & (suns[:, 2] > 0.0)
    return found


def boxes(lows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    parts = [np.asarray(box(low, low + size)) for low, size in zip(lows, sizes, strict=True)]
    return np.concatenate(parts)


def towers(rng: np.random.Generator) -> np.ndarray:
    low = np.column_stack([rng.uniform(-80, 80, 24), rng.uniform(-90, -12, 24), np.zeros(24)])
    return boxes(low, np.column_stack([np.full(24, 14.0), np.full(24, 10.0), rng.uniform(9, 54, 24)]))


def rows(rng: np.random.Generator) -> np.ndarray:
    """Two rows of slabs with gaps between them."""
    x, y = (part.ravel() for part in np.meshgrid([-90.0, -45, 0, 45], [-30.0, -70]))
    return boxes(
        np.column_stack([x, y, np.zeros(8)]),
        np.column_stack([np.full(8, 40.0), np.full(8, 11.0), rng.uniform(12, 33, 8)]),
    )


def court(rng: np.random.Generator) -> np.ndarray:
    """A court with wings, and balconies on the facade."""
    wings = np.array([[-30.0, -40, 0], [-30, -28, 0], [20, -28, 0]])
    sizes = np.array([[60.0, 12, 0], [10, 28, 0], [10, 28, 0]]) + rng.uniform(12, 27, 3)[:, None] * [0, 0, 1]
    x, z = (part.ravel() for part in np.meshgrid([-15.0, -8, 0, 9], [3.0, 6, 9, 12]))
    balconies = np.column_stack([x, np.full(16, -1.5), z])
    return boxes(
        np.concatenate([wings, balconies]), np.concatenate([sizes, np.tile([3.0, 1.5, 0.15], (16, 1))])
    )


@dataclass(frozen=True)
class Case:
    """A scene, points on the plane y = 0 that look towards -y, and how the model lies."""

    triangles: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    place: tuple[float, float]
    north_deg: float

    def found(self, suns: np.ndarray) -> np.ndarray:
        """Minutes of the kernel (N,) with suns by east and north."""
        turned = in_model(suns, self.north_deg)
        lit = sunlit_steps(build(self.triangles), self.triangles, self.points, self.normals, turned)
        return lit.sum(axis=1)

    def expected(self, suns: np.ndarray) -> np.ndarray:
        """Minutes of the plain rays (N,)."""
        turned = in_model(suns, self.north_deg)
        return plainly_lit(self.triangles, self.points, self.normals, turned).sum(axis=1)


def cases(scene: Callable[[np.random.Generator], np.ndarray], seed: int, count: int) -> Iterator[Case]:
    """``count`` random points at each of four places, each with a scene and a north of its own."""
    rng = np.random.default_rng(seed)
    for place in PLACES:
        points = np.column_stack([rng.uniform(-18, 18, count), np.zeros(count), rng.uniform(0.9, 30, count)])
        normals = np.repeat([[0.0, -1.0, 0.0]], count, axis=0)
        yield Case(scene(rng), points, normals, place, rng.uniform(-40, 40))


SCENES = pytest.mark.parametrize("scene", [towers, rows, court])


@DAYS
def test_the_sun_of_the_day_is_that_of_the_almanac(date: str) -> None:
    """Over the whole band and the breadth of China: 0.002° is half a second of sun."""
    for place in PLACES:
        cosine = np.einsum("ij,ij->i", ours(date, place), spa(date, place, times(date)))
        assert np.degrees(np.arccos(np.minimum(cosine, 1.0))).max() < 0.002


@DAYS
@SCENES
def test_hours_agree_with_the_almanac_and_plain_rays_within_one_step(
    scene: Callable[[np.random.Generator], np.ndarray], date: str
) -> None:
    """Every one of 320 points a scene and day, by the clock of the very date."""
    shares = []
    for case in cases(scene, 11, 80):
        expected = case.expected(spa(date, case.place, times(date)))
        found = case.found(ours(date, case.place))
        assert np.abs(found - expected).max() <= 1
        shares.append(expected / len(times(date)))
    assert 0.2 < np.mean(shares) < 0.9
    assert np.mean((np.array(shares) > 0.0) & (np.array(shares) < 1.0)) > 0.2


@pytest.mark.slow
def test_hours_of_many_points_agree_but_where_the_sun_runs_along_an_edge() -> None:
    """24,000 points. The two suns are up to 0.0015° apart, which along an edge may be more than a minute."""
    off = []
    for date in BANDS_H:
        for scene in (towers, rows, court):
            for case in cases(scene, 12, 1000):
                expected = case.expected(spa(date, case.place, times(date)))
                off.append(case.found(ours(date, case.place)) - expected)
    apart = np.abs(np.concatenate(off))
    print(f"{len(apart)} points: {(apart > 0).sum()} differ, {(apart > 1).sum()} by more than a minute, "
          f"at most {apart.max()} min")  # fmt: skip
    assert (apart > 1).mean() < 3e-4
    assert apart.max() <= 5


@pytest.mark.parametrize(
    ("date", "other", "declinations_deg", "least_share"),
    [
        (DAHAN, "2026-01-20", 0.02, 0.98),
        (DAHAN, "2028-01-20", 0.12, 0.85),
        (SOLSTICE, "2026-12-22", 0.003, 0.99),
        (SOLSTICE, "2028-12-21", 0.004, 0.99),
    ],
)
def test_the_same_day_of_another_year_differs_by_the_declination_alone(
    date: str, other: str, declinations_deg: float, least_share: float
) -> None:
    """The term falls at another time of the day: a shift of the sun, equal at all minutes, and nothing else.

    With the sun of the other year the kernel agrees with the plain rays at every point; with that of the base
    year at those whose edges the sun does not run along.
    """
    off = []
    for scene in (towers, rows, court):
        for case in cases(scene, 13, 80):
            theirs = spa(other, case.place, times(date))
            latitude = np.radians(case.place[0])
            pole = np.array([0.0, np.cos(latitude), np.sin(latitude)])
            shift = np.degrees(np.arcsin(theirs @ pole) - np.arcsin(ours(date, case.place) @ pole))
            assert np.abs(shift).max() < declinations_deg
            assert np.ptp(shift) < 0.0015
            expected = case.expected(theirs)
            assert np.abs(case.found(theirs) - expected).max() <= 1
            off.append(case.found(ours(date, case.place)) - expected)
    apart = np.abs(np.concatenate(off))
    print(f"{date} for {other}: {(apart <= 1).mean():.2%} of {len(apart)} points within a minute, "
          f"at most {apart.max()} min, mean {np.concatenate(off).mean():.2f}")  # fmt: skip
    assert (apart <= 1).mean() >= least_share
