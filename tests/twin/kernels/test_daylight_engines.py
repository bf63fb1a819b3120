"""What both ways to a daylight factor must keep: invariance, honest errors, coefficients, no leaks."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.light_engines import by_paths, by_radiosity
from tests.twin.kernels.light_scenes import SceneParts, box, points, rectangle, wall_with_hole
from twin.kernels import daylight
from twin.kernels.daylight import DaylightFactors, daylight_factors, path_traced_factors
from twin.kernels.light_scene import Scene
from twin.kernels.sky import CIE_OVERCAST, PATCHES, UNIFORM, patch_directions, patch_solid_angles


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
