"""Daylight at points against exact answers.

E is the illuminance for an unobstructed horizontal one of 1. For any opening seen by a horizontal sensor with
configuration factor F = (1/π) ∫ sin γ dω and J = ∫ sin² γ dω, a uniform sky gives F and the CIE overcast sky
(3/7) F + (6/(7π)) J. The closed forms of F and J for rectangles are those of the radiative heat transfer
literature (Howell, A Catalog of Radiation Heat Transfer Configuration Factors) and their integrals over sin γ.
"""

from __future__ import annotations

from collections.abc import Callable
from math import asin, atan, copysign, cos, pi, radians, sin, sqrt, tan

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.light_scenes import SceneParts, box, points, rectangle, wall_with_hole
from twin.kernels import daylight
from twin.kernels.daylight import DaylightFactors, Points, daylight_factors, path_traced_factors
from twin.kernels.light_scene import Scene
from twin.kernels.sky import CIE_OVERCAST, PATCHES, UNIFORM, patch_directions, patch_solid_angles

Engine = Callable[[Scene, Points, int], tuple[NDArray[np.float64], NDArray[np.float64]]]
SKIES = [CIE_OVERCAST, UNIFORM]


def by_radiosity(scene: Scene, at: Points, sky: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found = daylight_factors(scene, at, relative_error=0.004, absolute_error=1e-5, sky=sky)
    return found.value, found.standard_error


def by_paths(scene: Scene, at: Points, sky: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    value, error, _ = path_traced_factors(scene, at, 65536, sky)
    return value, error


ENGINES = pytest.mark.parametrize("engine", [by_radiosity, by_paths])


def check(
    engine: Engine, scene: Scene, at: Points, sky: int, exact: float, floor: float = 1e-3, most: float = 0.005
) -> None:
    """All sensors agree with ``exact`` within 4 standard errors or ``floor``, and these errors are small."""
    value, error = engine(scene, at, sky)
    assert np.all(np.abs(value - exact) <= np.maximum(4 * error, floor * exact)), (value / exact - 1, error)
    assert np.all(error <= most * exact), error / exact


def overcast(f: float, j: float) -> float:
    return 3 / 7 * f + 6 / (7 * pi) * j


def f_parallel(a: float, b: float, h: float) -> float:
    """F of a horizontal a x b rectangle at height h with a corner above the sensor."""
    x, y = a / h, b / h
    return (
        x / sqrt(1 + x * x) * atan(y / sqrt(1 + x * x)) + y / sqrt(1 + y * y) * atan(x / sqrt(1 + y * y))
    ) / (2 * pi)


def j_parallel(a: float, b: float, h: float) -> float:
    r = sqrt(a * a + b * b + h * h)
    u = a * b / (h * r)
    slope = -a * b * (r + h * h / r) / (h * h * r * r)
    return (atan(u) - h * slope / (1 + u * u)) / 3


def f_upright(w: float, h: float, d: float) -> float:
    """F of a vertical rectangle, width w from the foot of its normal, height h above the sensor, distance d."""
    q = sqrt(d * d + h * h)
    return (atan(w / d) - d / q * atan(w / q)) / (2 * pi)


def j_upright(w: float, h: float, d: float) -> float:
    return (
        asin(w * h / sqrt((w * w + d * d) * (h * h + d * d)))
        - w * d * h / ((d * d + h * h) * sqrt(w * w + d * d + h * h))
    ) / 3


def four_corners(
    f: Callable[[float, float, float], float], x: float, y: float, half: float, h: float
) -> float:
    """Sum over the four corners of a square of half-edge ``half`` about the origin, seen from (x, y)."""

    def signed(a: float, b: float) -> float:
        return 0.0 if a == 0 or b == 0 else copysign(1, a) * copysign(1, b) * f(abs(a), abs(b), h)

    return (
        signed(half - x, half - y) - signed(-half - x, half - y)
        - signed(half - x, -half - y) + signed(-half - x, -half - y)
    )  # fmt: skip


@ENGINES
@pytest.mark.parametrize("sky", SKIES)
def test_a_sensor_in_the_open_sees_the_whole_sky(engine: Engine, sky: int) -> None:
    check(engine, SceneParts().scene(), points((0, 0, 0), room=-1), sky, 1.0)


@ENGINES
@pytest.mark.parametrize(
    ("sky", "sky_part"), [(CIE_OVERCAST, 3 * (pi / 2 + 4 / 3) / (7 * pi)), (UNIFORM, 0.5)]
)
def test_a_vertical_sensor_sees_half_the_sky_and_the_ground(
    engine: Engine, sky: int, sky_part: float
) -> None:
    parts = SceneParts(ground_z=-1.0, ground_reflectance=0.2)
    check(engine, parts.scene(), points((0, 0, 0), (0, 1, 0), room=-1), sky, sky_part + 0.2 / 2)


def roof_light(edge: float) -> SceneParts:
    """A black room of 4 x 4 x 3 m with a square hole in the middle of its roof."""
    parts = SceneParts()
    parts.shell(box((-2, -2, 0), (2, 2, 3), skip="Z"))
    half = edge / 2
    if edge < 4:
        hole = (0.5 - edge / 8, 0.5 + edge / 8) * 2
        parts.shell(wall_with_hole((-2, -2, 3), (4, 0, 0), (0, 4, 0), hole))
    parts.portal(rectangle((-half, -half, 3), (edge, 0, 0), (0, edge, 0)))
    return parts


@ENGINES
@pytest.mark.parametrize("sky", SKIES)
@pytest.mark.parametrize("edge", [1.0, 4.0])
@pytest.mark.parametrize("place", [(0.0, 0.0), (1.5, 1.0)])
def test_sky_component_through_a_roof_opening(
    engine: Engine, sky: int, edge: float, place: tuple[float, float]
) -> None:
    f = four_corners(f_parallel, *place, edge / 2, 3.0)
    exact = overcast(f, four_corners(j_parallel, *place, edge / 2, 3.0)) if sky == CIE_OVERCAST else f
    check(engine, roof_light(edge).scene(), points((*place, 0.0)), sky, exact)


def test_openings_behind_a_wall_hardly_take_samples_from_those_in_sight() -> None:
    parts = SceneParts()
    parts.shell(box((-2, -2, 0), (42, 2, 3), skip="Z"))
    parts.solid(rectangle((2, -2, 0), (0, 4, 0), (0, 0, 3)))
    for x in range(-2, 42, 4):
        parts.shell(wall_with_hole((x, -2, 3), (4, 0, 0), (0, 4, 0), (0.375, 0.625, 0.375, 0.625)))
        parts.portal(rectangle((x + 1.5, -0.5, 3), (1, 0, 0), (0, 1, 0)))
    place = points((0, 0, 0.0))
    alone, alone_error, _ = path_traced_factors(roof_light(1.0).scene(), place, 8192, UNIFORM)
    value, error, _ = path_traced_factors(parts.scene(), place, 8192, UNIFORM)
    assert abs(value - alone) < 4 * np.hypot(error, alone_error) + 1e-3 * alone
    assert error < 4 * alone_error  # 12 times when all openings count alike


def test_the_published_values_of_the_roof_opening() -> None:
    """CIE 171:2006, section 5.9 geometry; the formulas give the same figures as the printed, corrected ones."""
    assert four_corners(f_parallel, 0, 0, 0.5, 3) == pytest.approx(0.034107, abs=1e-6)
    assert four_corners(f_parallel, 1.5, 1, 2, 3) == pytest.approx(0.265011, abs=1e-6)


@ENGINES
@pytest.mark.parametrize("sky", SKIES)
@pytest.mark.parametrize("distance", [1.0, 3.0])
def test_sky_component_through_a_window(engine: Engine, sky: int, distance: float) -> None:
    parts = SceneParts()
    parts.shell(box((-2, 0, 0), (2, 4, 3), skip="y"))
    parts.shell(wall_with_hole((-2, 0, 0), (4, 0, 0), (0, 0, 3), (0.25, 0.75, 1 / 3, 2 / 3)))
    parts.portal(rectangle((-1, 0, 1), (2, 0, 0), (0, 0, 1)))

    def window(f: Callable[[float, float, float], float]) -> float:
        return 2 * (f(1, 2, distance) - f(1, 1, distance))

    exact = overcast(window(f_upright), window(j_upright)) if sky == CIE_OVERCAST else window(f_upright)
    check(engine, parts.scene(), points((0, distance, 0.0)), sky, exact)


@ENGINES
@pytest.mark.parametrize("sky", SKIES)
def test_an_endless_black_wall_hides_the_sky_below_its_top(engine: Engine, sky: int) -> None:
    angle = radians(30)
    parts = SceneParts()
    parts.solid(rectangle((-2e4, 10, 0), (4e4, 0, 0), (0, 0, 10 * tan(angle))))
    f = (1 + cos(angle)) / 2
    exact = f if sky == UNIFORM else 3 / 7 * f + 8 / (7 * pi) * (pi / 2 - angle / 2 + sin(2 * angle) / 4)
    check(engine, parts.scene(), points((0, 0, 0), room=-1), sky, exact)


@ENGINES
@pytest.mark.parametrize(("sky", "exact"), [(UNIFORM, 0.619509), (CIE_OVERCAST, 0.639367)])
def test_an_endless_pane_of_70_percent(engine: Engine, sky: int, exact: float) -> None:
    parts = SceneParts()
    parts.portal(rectangle((-2000, -2000, 0.01), (4000, 0, 0), (0, 4000, 0)), transmittance=0.70)
    check(engine, parts.scene(), points((0, 0, 0)), sky, exact)


@ENGINES
def test_frame_and_dirt_are_factors(engine: Engine) -> None:
    parts = SceneParts()
    parts.portal(
        rectangle((-2000, -2000, 0.01), (4000, 0, 0), (0, 4000, 0)), transmittance=0.70, frame=0.2, dirt=0.75
    )
    check(engine, parts.scene(), points((0, 0, 0)), UNIFORM, 0.8 * 0.75 * 0.619509, most=0.01)


@ENGINES
def test_a_tree_lets_its_share_through(engine: Engine) -> None:
    parts = SceneParts()
    parts.solid(rectangle((-2000, -2000, 0.01), (4000, 0, 0), (0, 4000, 0)), passing=0.3)
    check(engine, parts.scene(), points((0, 0, 0), room=-1), UNIFORM, 0.3)


def sphere(bands: int = 48) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Triangles of a unit sphere with normals outward: the body, and a cap about the top for the opening."""
    polar = np.linspace(0, pi, bands + 1)
    azimuth = np.linspace(0, 2 * pi, 2 * bands + 1)
    grid = np.stack(
        [
            np.outer(np.sin(polar), np.cos(azimuth)),
            np.outer(np.sin(polar), np.sin(azimuth)),
            np.outer(np.cos(polar), np.ones_like(azimuth)),
        ],
        axis=2,
    )
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    lower, upper = np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)
    cut = bands // 8
    body = np.concatenate([lower[cut:-1].reshape(-1, 3, 3), upper[cut:].reshape(-1, 3, 3)])
    cap = np.concatenate([lower[:cut].reshape(-1, 3, 3), upper[1:cut].reshape(-1, 3, 3)])
    return body, cap


@ENGINES
@pytest.mark.parametrize("reflectance", [0.5, 0.9])
def test_the_wall_of_an_integrating_sphere_is_lit_evenly(engine: Engine, reflectance: float) -> None:
    """E = f / (1 - ρ (1 - f)) everywhere, f the share of the opening; cutting bounces off would show here."""
    body, cap = sphere()

    def area(t: NDArray[np.float64]) -> float:
        return float(np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum() / 2)

    f = area(cap) / (area(cap) + area(body))
    parts = SceneParts()
    parts.shell(body, reflectance)
    parts.portal(cap)
    middle = body[[200, 2000, 3000, -300]].mean(axis=1)
    inward = -middle / np.linalg.norm(middle, axis=1)[:, None]
    sensors = points(middle + inward * 1e-3, inward)
    check(engine, parts.scene(), sensors, UNIFORM, f / (1 - reflectance * (1 - f)), floor=0.01, most=0.01)


@ENGINES
def test_in_a_white_world_under_a_uniform_sky_every_sensor_gets_one(engine: Engine) -> None:
    """The furnace: perfect reflectors everywhere, so nothing that enters is lost and E = 1 in every direction."""
    parts = SceneParts(ground_z=0.0, ground_reflectance=1.0)
    parts.shell(box((0, 0, 0.5), (5, 4, 3), skip="y"), reflectance=1.0)
    parts.shell(wall_with_hole((0, 0, 0.5), (5, 0, 0), (0, 0, 2.5), (0.1, 0.9, 0.2, 0.9)), reflectance=1.0)
    parts.portal(rectangle((0.5, 0, 1.0), (4, 0, 0), (0, 0, 1.75)))
    parts.solid(box((2, 2, 1.0), (2.4, 2.4, 2.0)), reflectance=1.0)
    sensors = points(
        [(1, 1, 1.2), (4, 3, 1.2), (2.2, 3, 1.5), (2.2, 1, 2.5)],
        [(0, 0, 1), (1, 0, 0), (0, 1, 0), (0, 0, -1)],
    )
    check(engine, parts.scene(), sensors, UNIFORM, 1.0, floor=0.01, most=0.01)


@ENGINES
def test_a_lit_plate_below_a_sensor_that_looks_down(engine: Engine) -> None:
    """E = ρ F: the plate in the open gets E = 1 and the sensor sees it under the factor F."""
    parts = SceneParts()
    parts.solid(rectangle((-0.5, -0.5, 0), (1, 0, 0), (0, 1, 0)), reflectance=0.6)
    exact = 0.6 * four_corners(f_parallel, 0, 0, 0.5, 0.8)
    check(engine, parts.scene(), points((0, 0, 0.8), (0, 0, -1), room=-1), CIE_OVERCAST, exact, most=0.02)


def office(
    turn: float = 0.0, scale: float = 1.0, glass: float = 0.7
) -> tuple[SceneParts, NDArray[np.float64]]:
    """A grey room of 3.6 x 6 x 2.8 m with one window, a balcony slab above and a building opposite."""
    parts = SceneParts(ground_z=-0.3 * scale, ground_reflectance=0.2)
    rotation = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1]])

    def placed(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return scale * corners @ rotation.T

    hole = (0.2, 0.8, 0.3, 0.85)
    parts.shell(placed(box((0, 0, 0), (3.6, 6, 2.8), skip="yzZ")), 0.5)
    parts.shell(placed(box((0, 0, 0), (3.6, 6, 2.8), skip="xXyYZ")), 0.2)
    parts.shell(placed(box((0, 0, 0), (3.6, 6, 2.8), skip="xXyYz")), 0.7)
    wall = wall_with_hole((0, 0, 0), (3.6, 0, 0), (0, 0, 2.8), hole)
    parts.shell(placed(wall), 0.5)
    parts.solid(placed(wall - np.array([0, 0.24, 0])), 0.3)
    parts.solid(placed(box((-0.5, -1.6, 2.8), (4.1, -0.2, 2.9))), 0.3)
    parts.solid(placed(box((-5, -20, -0.3), (10, -12, 9))), 0.3)
    parts.portal(placed(rectangle((0.72, 0, 0.84), (2.16, 0, 0), (0, 0, 1.54))), transmittance=glass)
    grid = np.array([(x, y, 0.75) for x in (0.9, 1.8, 2.7) for y in (0.6, 1.5, 3.0, 4.5, 5.4)])
    return parts, scale * grid @ rotation.T


def test_both_engines_agree_in_a_room_with_everything() -> None:
    parts, grid = office()
    scene = parts.scene()
    value, error = by_radiosity(scene, points(grid), CIE_OVERCAST)
    truth, truth_error = by_paths(scene, points(grid, first_stream=99), CIE_OVERCAST)
    apart = np.sqrt(np.mean((value / truth - 1) ** 2))
    assert apart < 0.03
    assert abs(value.mean() / truth.mean() - 1) < 0.01
    assert np.all(np.abs(value - truth) < 5 * np.hypot(error, truth_error) + 0.02 * truth)


@pytest.mark.parametrize(("turn", "scale"), [(0.7, 1.0), (2.1, 1.0), (0.0, 10.0)])
def test_turning_or_scaling_the_scene_changes_nothing(turn: float, scale: float) -> None:
    parts, grid = office()
    plain, error = by_radiosity(parts.scene(), points(grid), CIE_OVERCAST)
    moved_parts, moved_grid = office(turn, scale)
    moved, moved_error = by_radiosity(moved_parts.scene(), points(moved_grid), CIE_OVERCAST)
    assert np.all(np.abs(plain - moved) < 5 * np.hypot(error, moved_error) + 0.02 * plain)


def test_duplicate_faces_change_nothing() -> None:
    parts, grid = office()
    plain, error = by_radiosity(parts.scene(), points(grid), CIE_OVERCAST)
    parts.solid(box((-0.5, -1.6, 2.8), (4.1, -0.2, 2.9)), 0.3)
    parts.shell(rectangle((0, 6, 0), (0, 0, 2.8), (3.6, 0, 0)), 0.5)
    twice, twice_error = by_radiosity(parts.scene(), points(grid), CIE_OVERCAST)
    assert np.all(np.abs(plain - twice) < 5 * np.hypot(error, twice_error) + 0.02 * plain)


def test_the_result_does_not_depend_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba import config

    parts, grid = office()
    scene, sensors = parts.scene(), points(grid)
    results = []
    for threads in (1, 2):
        monkeypatch.setattr(config, "NUMBA_NUM_THREADS", threads)
        results.append(daylight_factors(scene, sensors, relative_error=0.02).value)
        results.append(path_traced_factors(scene, sensors, 256)[0])
    np.testing.assert_array_equal(results[0], results[2])
    np.testing.assert_array_equal(results[1], results[3])


def test_standard_errors_say_how_far_off_the_values_are() -> None:
    parts, grid = office()
    scene = parts.scene()
    truth, _ = by_radiosity(scene, points(grid, first_stream=10_000), CIE_OVERCAST)
    ratios = []
    for trial in range(20):
        found = daylight_factors(scene, points(grid, first_stream=100 * trial))
        ratios.append((found.value - truth) / found.standard_error)
        assert found.zone_error[0] < 0.05 * found.zone_mean[0]
    # With four solutions the ratio follows Student's t with 3 degrees of freedom: its 90 % point is 2.35.
    assert 0.84 < np.mean(np.abs(ratios) < 2.35) < 0.96


def test_a_smaller_target_error_is_met_with_more_work() -> None:
    parts, grid = office()
    scene, sensors = parts.scene(), points(grid)
    coarse = daylight_factors(scene, sensors, relative_error=0.05)
    fine = daylight_factors(scene, sensors, relative_error=0.01, absolute_error=1e-4)
    assert fine.rays > 3 * coarse.rays
    assert np.sqrt(np.mean((fine.standard_error / fine.value) ** 2)) < 0.013


def test_coefficients_of_the_sky_patches_add_up_to_the_factor() -> None:
    parts, grid = office()
    wanted = np.ones(len(grid), bool)
    found = daylight_factors(parts.scene(), points(grid), coefficients=wanted, sky=UNIFORM)
    assert found.direct is not None
    assert found.reflected is not None
    np.testing.assert_allclose((found.direct + found.reflected).sum(axis=1) / pi, found.value, rtol=1e-4)


def test_light_by_one_reflection_in_a_sphere_is_known() -> None:
    """Of E = f / (1 - ρ (1 - f)) the sky itself gives f, the first reflection f ρ (1 - f)."""
    body, cap = sphere()
    areas = [
        np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum() for t in (cap, body)
    ]
    f, reflectance = areas[0] / sum(areas), 0.9
    parts = SceneParts()
    parts.shell(body, reflectance)
    parts.portal(cap)
    middle = body[[200, 2000, 3000, -300]].mean(axis=1)
    inward = -middle / np.linalg.norm(middle, axis=1)[:, None]
    sensors, wanted = points(middle + inward * 1e-3, inward), np.array([True, True, True, False])
    found = daylight_factors(
        parts.scene(), sensors, relative_error=0.004, sky=UNIFORM, coefficients=np.ones(4, bool), once=wanted
    )
    assert found.once is not None
    np.testing.assert_allclose(found.once[:3].sum(axis=1) / pi, f * reflectance * (1 - f), rtol=0.02)
    assert not found.once[3].any()


def test_all_that_an_outdoor_sensor_gets_from_the_ground_is_reflected_once() -> None:
    parts = SceneParts(ground_z=0.0, ground_reflectance=0.4)
    wanted = np.ones(1, bool)
    found = daylight_factors(
        parts.scene(), points((0, 0, 2), (0, 1, 0), room=-1), coefficients=wanted, once=wanted
    )
    assert found.reflected is not None
    assert found.reflected.sum() > 0.0
    np.testing.assert_array_equal(found.once, found.reflected)


def test_coefficients_by_set_of_windows_are_those_of_each_window() -> None:
    def two_windows(sets: tuple[int, int], first_dirt: float = 1.0) -> DaylightFactors:
        parts = SceneParts(ground_z=0.0, ground_reflectance=0.3)
        parts.shell(box((0, 0, 0), (4, 5, 3)), 0.6)
        for y, dirt, light_set in ((0.001, first_dirt, sets[0]), (4.999, 1.0, sets[1])):
            pane = rectangle((1, y, 1), (2, 0, 0), (0, 0, 1.5))
            parts.portal(pane if y < 1 else pane[:, ::-1], transmittance=0.7, dirt=dirt, light_set=light_set)
        at = points([(2, 1, 0.8), (2, 2.5, 0.8), (3, 4, 0.8)])
        wanted = np.ones(3, bool)
        return daylight_factors(parts.scene(), at, relative_error=0.005, coefficients=wanted)

    whole, apart = two_windows((0, 0)), two_windows((1, 0))
    assert whole.reflected is not None
    assert apart.reflected is not None
    assert apart.reflected.shape == (3, 2 * PATCHES)
    both = apart.reflected[:, :PATCHES] + apart.reflected[:, PATCHES:]
    np.testing.assert_allclose(both, whole.reflected, rtol=1e-4, atol=1e-7)
    assert np.array_equal(apart.value, whole.value)
    # Half the light through the first window: half of its set, and all of the other.
    darker = two_windows((0, 0), 0.5)
    assert darker.direct is not None
    assert darker.reflected is not None
    assert apart.direct is not None
    left = apart.reflected + apart.direct
    expected = (left[:, :PATCHES] + 0.5 * left[:, PATCHES:]).sum(axis=1)
    assert (darker.direct + darker.reflected).sum(axis=1) == pytest.approx(expected, rel=0.02)


def test_coefficients_in_the_open_are_the_projected_solid_angles() -> None:
    sensor = points(np.zeros((64, 3)), room=-1)
    found = daylight_factors(
        SceneParts().scene(), sensor, relative_error=1e-3, absolute_error=1e-9, coefficients=np.ones(64, bool)
    )
    assert found.direct is not None
    assert found.direct.sum(axis=1) == pytest.approx(pi, rel=1e-5)
    sine = patch_directions()[:, 2]
    np.testing.assert_allclose(found.direct.mean(axis=0), patch_solid_angles() * sine, rtol=0.05, atol=2e-3)


def test_light_does_not_leak_under_a_partition_or_through_gaps() -> None:
    """A dark room beside a bright one, with walls that end short of floor and ceiling."""
    parts = SceneParts(rooms=2)
    parts.shell(box((0, 0, 0), (4, 4, 3), skip="y"), 0.7, room=0)
    parts.portal(rectangle((0, 0, 0), (4, 0, 0), (0, 0, 3)), room=0)
    parts.shell(box((4.1, 0, 0), (8, 4, 3)), 0.7, room=1)
    parts.solid(box((4.0, 0, 0.1), (4.1, 4, 2.9)), 0.7)
    found = daylight_factors(parts.scene(), points([(2, 2, 0.75), (6, 2, 0.75)], room=[0, 1]))
    assert found.value[0] > 0.1
    assert found.value[1] == 0.0


def test_a_room_without_its_shell_is_dark_but_for_its_windows() -> None:
    """What escapes through missing walls finds no light, and is reported."""
    parts = SceneParts()
    parts.portal(rectangle((-1, 0, 1), (2, 0, 0), (0, 0, 1)))
    found = daylight_factors(parts.scene(), points((0, 1.0, 0.0)), sky=UNIFORM, relative_error=0.01)
    assert found.value[0] == pytest.approx(0.078667, rel=0.03)
    assert found.lost[0] > 0.4


def test_light_goes_on_through_an_open_passage() -> None:
    """Two halves of a room with an open passage are as light as the undivided room, grouped or not."""
    whole = SceneParts()
    whole.shell(box((0, 0, 0), (4, 8, 3), skip="y"), 0.5)
    whole.portal(rectangle((0, 0, 0), (4, 0, 0), (0, 0, 3)), transmittance=0.7)
    grid = np.array([(x, y, 0.75) for x in (1.0, 3.0) for y in (1.0, 3.0, 5.0, 7.0)])
    expected, error = by_radiosity(whole.scene(), points(grid), CIE_OVERCAST)
    for group in ([0, 0], [0, 1]):
        halves = SceneParts(rooms=2, group=group)
        halves.shell(box((0, 0, 0), (4, 4, 3), skip="yY"), 0.5, room=0)
        halves.shell(box((0, 4, 0), (4, 8, 3), skip="y"), 0.5, room=1)
        halves.portal(rectangle((0, 0, 0), (4, 0, 0), (0, 0, 3)), transmittance=0.7, room=0)
        halves.portal(rectangle((0, 3.999, 0), (0, 0, 3), (4, 0, 0)), room=0, outdoors=False)
        halves.portal(rectangle((0, 4.001, 0), (4, 0, 0), (0, 0, 3)), room=1, outdoors=False)
        room = (grid[:, 1] > 4).astype(np.int32)
        value, own = by_radiosity(halves.scene(), points(grid, room=room), CIE_OVERCAST)
        assert np.all(np.abs(value - expected) < 5 * np.hypot(error, own) + 0.03 * expected)


def test_a_hall_of_many_points_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, grid = office()
    scene, sensors = parts.scene(), points(np.repeat(grid, 4, axis=0))
    whole = daylight_factors(scene, sensors)
    monkeypatch.setattr(daylight, "_POINTS_AT_A_TIME", 16)
    divided = daylight_factors(scene, sensors)
    assert whole.zone_mean[0] == pytest.approx(whole.value.mean())
    assert divided.zone_mean[0] == pytest.approx(divided.value.mean())
    assert abs(divided.zone_mean[0] - whole.zone_mean[0]) < 5 * (whole.zone_error[0] + divided.zone_error[0])


def test_light_does_not_creep_under_a_wall_between_two_parts_of_a_room() -> None:
    """A thin wall without a gap stands between two parts; only one of them has a window."""
    lit = box((0, 0, 0), (4, 4, 3), skip="y")
    window = (0.2, 0.8, 0.3, 0.8)
    facade = wall_with_hole((0, 0, 0), (4, 0, 0), (0, 0, 3), window)
    dark = box((0, 4.05, 0), (4, 8, 3))

    def parts(dark_part: int) -> SceneParts:
        made = SceneParts()
        for corners in (lit, facade):
            made.shell(corners, 0.6)
        made.shell(dark, 0.6, part=dark_part)
        made.portal(rectangle((0.8, 0, 0.9), (2.4, 0, 0), (0, 0, 1.5)), transmittance=0.7)
        return made

    at = points(np.array([(2.0, 3.6, 0.8), (2.0, 4.4, 0.8)]))

    def factors(scene: Scene) -> NDArray[np.float64]:
        return daylight_factors(scene, at, relative_error=0.02, absolute_error=1e-6, max_repetitions=8).value

    apart = factors(parts(1).scene())
    assert apart[0] > 0.005
    assert apart[1] == 0.0
    # Without the parts, floor and ceiling on both sides of the wall would share their light.
    assert factors(parts(0).scene())[1] > 0.0


def test_the_numbers_of_the_parts_may_have_gaps() -> None:
    """Spaces without surfaces have no part: their numbers are missing among those of the others."""

    def factors(part: int) -> NDArray[np.float64]:
        made = SceneParts()
        made.shell(box((0, 0, 0), (4, 4, 3)), 0.5, part=part)
        made.portal(rectangle((1, 0, 1), (2, 0, 0), (0, 0, 1)))
        return daylight_factors(made.scene(), points((2, 2, 0.8))).value

    assert abs(factors(700)[0] / factors(0)[0] - 1) < 0.1
