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

from tests.twin.kernels.light_engines import Engine, by_paths, by_radiosity
from tests.twin.kernels.light_scenes import SceneParts, box, points, rectangle, sphere, wall_with_hole
from twin.kernels.daylight import Points, path_traced_factors
from twin.kernels.light_scene import Scene
from twin.kernels.sky import CIE_OVERCAST, UNIFORM

SKIES = [CIE_OVERCAST, UNIFORM]


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
