"""Glare beside evalglare: the sky that Radiance gets, the figures, and eyes in two rooms by both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.twin.verify.test_verify_daylight import two_rooms
from twin.cli import app
from twin.climate import typical_year
from twin.kernels.perez_sky import luminance_of
from twin.kernels.sky import fine_patch_directions, fine_patch_solid_angles
from twin.metrics.daylight.annual import sky_of
from twin.metrics.daylight.eyes import Eyes
from twin.project import Project
from twin.verify import radiance, radiance_eye
from twin.verify.daylight_glare import (
    EXTRATERRESTRIAL_W_M2,
    KINDS,
    GlareComparison,
    _of_all_rooms,
    compare_glare,
)
from twin.verify.daylight_glare_report import glare_to_dict

SUN = np.array([[0.3, -0.6, 0.5]]) / np.sqrt(0.7)


def comparison() -> GlareComparison:
    """Two hours of one eye: 10 % too bright and 5 % too dark."""
    return GlareComparison(
        space=np.zeros(2, np.int32), position=np.zeros((2, 3)), facing=np.tile([0.0, -1.0, 0.0], (2, 1)),
        hour=np.array([12, 36]), kind=np.array([0, 2]), our_lx=np.array([1100.0, 1900.0]),
        their_lx=np.array([1000.0, 2000.0]), their_noise_lx=np.array([5.0, 20.0]),
        ours=np.array([0.30, 0.40]), theirs=np.array([0.29, 0.43]), our_seconds=1.0, their_seconds=2.0,
    )  # fmt: skip


def test_differences_keep_their_sign_and_the_largest_is_that_by_size() -> None:
    data = glare_to_dict(two_rooms().model(), comparison())
    assert data["all"]["mean_light_difference"] == pytest.approx(2.5)
    assert data["all"]["largest_light_difference"] == pytest.approx(10.0)
    assert data["all"]["largest_difference"] == pytest.approx(-0.03)
    assert [one["kind"] for one in data["kinds"]] == ["overcast", "sun_indoors"]
    assert data["pairs"][0]["time"] == "01-01 12:30"
    assert data["pairs"][1]["light_noise"] == pytest.approx(1.0)
    json.dumps(data, allow_nan=False)


def test_radiance_gets_the_sky_that_we_have(tmp_path: Path) -> None:
    """gendaylit's own coefficients, without the ground near the horizon: ray by ray the Perez sky of ours."""
    ours = sky_of(
        np.zeros(1, np.intp), SUN, *(np.array([v]) for v in (600.0, 80.0, 10.97, EXTRATERRESTRIAL_W_M2))
    )
    hour = radiance_eye.Hour(SUN[0], 600.0, 80.0, float(ours.diffuse_lx[0]))
    sky = radiance_eye.write_hour_sky(tmp_path, "hour", hour)
    scene = tmp_path / "scene.rad"
    scene.write_text("void plastic far\n0\n0\n5 0 0 0 0 0\n\nfar sphere ball\n0\n0\n4 900 0 -900 1\n")
    octree = radiance.octree(scene, (sky.name,))
    away = fine_patch_directions() @ SUN[0] < np.cos(np.radians(3.0))
    ways = fine_patch_directions()[away]
    command = ["rtrace", "-h", "-ab", "0", octree.name]
    lines = radiance.in_processes(command, tmp_path, np.zeros((len(ways), 3)), 1, facing=ways).split()
    theirs = radiance_eye.LUMENS_PER_WATT * np.array(lines, float).reshape(-1, 3)[:, 1]
    expected = luminance_of(
        ours.shape, ours.diffuse_lx, SUN, fine_patch_directions(), fine_patch_solid_angles()
    )[away, 0]
    np.testing.assert_allclose(theirs, expected, rtol=0.005)
    low = ways[:, 2] < 0.1
    assert theirs[low].mean() == pytest.approx(expected[low].mean(), rel=0.003)


def test_every_room_has_an_eye_before_any_has_a_second() -> None:
    at, room = np.arange(12.0).reshape(4, 3), np.array([0, 0, 1, 2], np.int32)
    chosen = _of_all_rooms(Eyes(at, at, room), 3)
    assert chosen.room.tolist() == [0, 1, 2]
    assert chosen.position[:, 0].tolist() == [0.0, 6.0, 9.0]
    assert len(_of_all_rooms(Eyes(at, at, room), 9)) == 4


def test_two_comparisons_at_once_are_refused() -> None:
    done = CliRunner().invoke(app, ["verify", "daylight", "twin/data/one_room.ifc", "--annual", "--glare"])
    assert done.exit_code == 2


@pytest.mark.slow
def test_an_eye_in_a_house_of_two_rooms_agrees_with_evalglare(tmp_path: Path) -> None:
    found = compare_glare(two_rooms().model(), typical_year("Nanchang"), Project(), keep=tmp_path)
    assert len(found.hour) >= 3
    assert {KINDS[kind] for kind in found.kind.tolist()} >= {"overcast", "clear", "sun_indoors"}
    np.testing.assert_allclose(found.our_lx, found.their_lx, rtol=0.06)
    np.testing.assert_allclose(found.ours, found.theirs, atol=0.02)
    assert (found.their_noise_lx < 0.01 * found.their_lx).all()
    assert list(tmp_path.glob("rooms_*/eye_*.hdr"))
