"""The light at an eye: the sun's spots on the floor and the sky through leaves, against plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.twin.kernels.light_scenes import SceneParts, box, points, rectangle, wall_with_hole
from twin.kernels.bounces import Places, one_bounce_on
from twin.kernels.daylight import daylight_factors
from twin.kernels.glare import position_index
from twin.kernels.light_scene import Scene
from twin.kernels.sight import look
from twin.kernels.sky import patch_directions, patch_solid_angles
from twin.metrics.daylight import eye_light, seen
from twin.metrics.daylight.annual import SkyYear, sky_of
from twin.metrics.daylight.eye_light import _sun_by_way_of_others, _sun_on, hourly_glare
from twin.metrics.daylight.eyes import Eyes
from twin.metrics.daylight.glare import RAYS
from twin.metrics.daylight.rules import daylight_rules
from twin.metrics.daylight.seen import half_space, seen_faces, seen_outdoors

Floats = NDArray[np.float64]

FACING = np.array([0.0, -1.0, 0.0])
EYES = Eyes(np.array([[2.0, 3.5, 1.2]]), FACING[None], np.zeros(1, np.int32))
ROOM = np.zeros(1, np.int32)
FLOOR = 0.5
SUN = np.array([0.0, -1.0, 1.0]) / np.sqrt(2.0)


def black_room(leaves: float | None = None) -> Scene:
    """4 x 4 x 3 m, black but for the floor, with a hole of 2 x 1 m to the south, perhaps a hedge before it."""
    parts = SceneParts()
    parts.shell(box((0, 0, 0), (4, 4, 3), skip="yz"))
    parts.shell(wall_with_hole((0, 0, 0), (4, 0, 0), (0, 0, 3), (0.25, 0.75, 1 / 3, 2 / 3)))
    parts.shell(box((0, 0, 0), (4, 4, 3), skip="xXyYZ"), FLOOR)
    parts.portal(rectangle((1, 0, 1), (2, 0, 0), (0, 0, 1)))
    if leaves is not None:
        parts.solid(rectangle((-50, -1, -1), (100, 0, 0), (0, 0, 90)), passing=leaves, leafy=True)
    return parts.scene()


def at_the_eye(scene: Scene, sky: SkyYear) -> tuple[Floats, Floats]:
    """Light and contrast (H,) at the eye."""
    looking = points(EYES.position[0], FACING)
    found = daylight_factors(scene, looking, coefficients=np.ones(1, bool), relative_error=0.02)
    directions = half_space(RAYS, EYES.facing)
    view = seen_outdoors(scene, EYES, directions, look(scene, EYES.position, ROOM, directions))
    faces = seen_faces(scene, EYES, ROOM)
    light, contrast = hourly_glare(scene, EYES, looking, found, view, faces, sky, daylight_rules())
    return light[0].astype(float), contrast[0].astype(float)


def places_in_view(scene: Scene) -> Places:
    """The faces that the eye sees, as places that light comes to it by."""
    (faces,) = seen_faces(scene, EYES, ROOM)
    weight = faces.light * faces.pane * faces.reflectance / np.pi
    return Places(faces.place, faces.normal, faces.room, weight)


def sky(direct: float, diffuse: float, hours: tuple[int, ...] = (0,)) -> SkyYear:
    each = [np.full(len(hours), value) for value in (direct, diffuse, 10.0, 1367.0)]
    return sky_of(np.array(hours, np.intp), np.tile(SUN, (len(hours), 1)), *each)


def test_the_sun_on_the_floor_lights_the_eye_and_is_a_source() -> None:
    """The sun through the hole lights 2 x 1 m of the floor, from 1 to 2 m behind it."""
    hour = sky(800.0, 0.0)
    light, contrast = at_the_eye(black_room(), hour)
    x, y = np.meshgrid(1 + (np.arange(400) + 0.5) / 200, 1 + (np.arange(200) + 0.5) / 200)
    way = np.stack([x - 2.0, y - 3.5, np.full_like(x, -1.2)], axis=-1)
    reach = np.linalg.norm(way, axis=-1)
    way /= reach[..., None]
    omega = -way[..., 2] / reach**2 / 200**2
    luminance = FLOOR / np.pi * float(hour.sun_lx[0]) * SUN[2]
    assert luminance > daylight_rules().glare_source_luminance
    assert light[0] == pytest.approx(luminance * (omega * (way @ FACING)).sum(), rel=0.04)
    expected = luminance**2 * (omega / position_index(FACING, way) ** 2).sum()
    assert contrast[0] == pytest.approx(expected, rel=0.06)


def test_light_through_leaves_follows_the_season() -> None:
    """In January the hedge lets more through than in July, and all that the eye gets comes through it."""
    hours = sky(0.0, 150.0, (15 * 24 + 12, 195 * 24 + 12))
    assert hours.season[0] > 2.0 * hours.season[1]
    light, contrast = at_the_eye(black_room(leaves=0.25), hours)
    assert light[0] / light[1] == pytest.approx(hours.season[0] / hours.season[1], rel=0.01)
    open_light, _ = at_the_eye(black_room(), hours)
    assert light[1] == pytest.approx(0.25 * open_light[1], rel=0.03)
    assert contrast[0] >= contrast[1]


def test_suns_all_over_the_sky_reflect_as_much_light_to_the_eye_as_a_sky_of_their_brightness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By way of faces from sun to sun, against the daylight coefficients of the radiosity engine."""
    monkeypatch.setattr(seen, "FACE_RAYS", 4096)  # 1,024 find 6 % too little of the first reflection here
    parts = SceneParts(ground_z=0.0, ground_reflectance=0.3)
    parts.shell(box((0, 0, 0), (4, 4, 3), skip="y"), 0.6)
    parts.shell(wall_with_hole((0, 0, 0), (4, 0, 0), (0, 0, 3), (0.25, 0.75, 1 / 3, 2 / 3)), 0.6)
    parts.portal(rectangle((1, 0, 1), (2, 0, 0), (0, 0, 1)))
    scene, looking = parts.scene(), points(EYES.position[0], FACING)
    coefficients = daylight_factors(scene, looking, coefficients=np.ones(1, bool), relative_error=0.01)
    assert coefficients.reflected is not None
    sun, season = patch_directions(), np.ones(145, np.float32)
    first = places_in_view(scene)
    once = first.weight @ _sun_on(scene, first, sun, season) @ patch_solid_angles()
    more = np.mean(
        [
            _sun_by_way_of_others(scene, first, stream, sun, season) @ patch_solid_angles()
            for stream in range(8)
        ]
    )
    assert more > 0.5 * once
    assert once + more == pytest.approx(coefficients.reflected[0].sum(), rel=0.02)


def test_between_white_walls_the_light_of_the_sun_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost in a room that reflects all, and nothing leaves it but by one small hole."""
    parts = SceneParts()
    parts.shell(box((0, 0, 0), (4, 4, 3), skip="y"), 1.0)
    parts.shell(wall_with_hole((0, 0, 0), (4, 0, 0), (0, 0, 3), (0.495, 0.505, 0.495, 0.505)), 1.0)
    parts.portal(rectangle((1.98, 0, 1.485), (0.04, 0, 0), (0, 0, 0.03)))
    scene = parts.scene()
    first = places_in_view(scene)
    depths: list[int] = []

    def counted(of: Scene, places: Places, stream: int, depth: int) -> Places:
        depths.append(depth)
        return one_bounce_on(of, places, stream, depth)

    monkeypatch.setattr(eye_light, "one_bounce_on", counted)
    _sun_by_way_of_others(scene, first, 1, SUN[None], np.ones(1, np.float32))
    assert 20 < len(depths) < 150
