"""Our daylight factors beside Radiance, on small houses and on the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ifc.model import Neighbour
from tests.twin.metrics.daylight_house import House
from twin.daylight_sections import DaylightSection
from twin.errors import TwinError
from twin.project import Project
from twin.verify import radiance
from twin.verify.daylight import compare
from twin.verify.report import comparison_to_dict, write_points

COARSE = Project(daylight=DaylightSection(grid_spacing_m=1.0))


def two_rooms() -> House:
    """A living room with a window, and a bedroom that gets its light through a door hole."""
    house = House()
    living = house.room((0, 0, 0), (4, 4, 2.8), beyond={"Y": (Neighbour.SPACE, 1)})
    bedroom = house.room(
        (0, 4.2, 0), (4, 7, 2.8), use="bedroom", walls="xXYzZ", beyond={"y": (Neighbour.SPACE, 0)}
    )
    house.share_wall(bedroom, "y", living, "Y")
    house.window(living, "y", (1, 0.9), (3, 2.4), construction=house.construction(0.7))
    house.window(living, "Y", (1, 0.0), (2, 2.1), kind="air")
    house.window(bedroom, "y", (1, 0.0), (2, 2.1), kind="air", cut=False)
    return house


def test_both_programs_see_the_same_light(tmp_path: Path) -> None:
    model = two_rooms().model()
    found = compare(model, COARSE, points=12, keep=tmp_path)
    lit = found.space == 0
    apart = found.differences(lit)
    assert apart is not None
    assert lit.sum() >= 6
    assert apart.rms < 0.06
    assert abs(apart.bias) < 0.03
    assert apart.peer_noise < 0.04
    assert (found.their_noise[found.told] > 0.0).all()
    assert apart.rms_without_noise**2 == pytest.approx(max(apart.rms**2 - apart.peer_noise**2, 0.0))
    # Light that went through two openings: both find little of it, and about the same.
    inner = ~lit
    assert 0.0 < found.theirs[inner].mean() < 0.2 * found.theirs[lit].mean()
    assert found.ours[inner].mean() == pytest.approx(found.theirs[inner].mean(), rel=0.12)


def test_the_scene_that_radiance_saw_can_be_kept(tmp_path: Path) -> None:
    compare(two_rooms().model(), COARSE, points=2, keep=tmp_path)
    (scene,) = tmp_path.glob("rooms_*/scene.rad")
    text = scene.read_text()
    assert "void glass" in text
    assert "skyglow source dome" in (scene.parent / "overcast.rad").read_text()
    assert (scene.parent / "overcast.cal").exists()


def test_the_figures_and_the_points_are_written(tmp_path: Path) -> None:
    model = two_rooms().model()
    found = compare(model, COARSE, points=4)
    data = comparison_to_dict(model, found)
    assert data["points"] == len(found.ours) == sum(room["points"] for room in data["rooms"])
    assert set(data["all"]) == {
        "ours", "peer", "rms_difference", "rms_without_peer_noise", "bias", "peer_noise"
    }  # fmt: skip
    json.dumps(data, allow_nan=False)
    with write_points(model, found, tmp_path / "points.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["ours_pct"]) for row in rows] == pytest.approx((100 * found.ours).tolist(), abs=1e-5)


def test_a_model_without_windows_is_told() -> None:
    house = House()
    house.room((0, 0, 0), (4, 4, 2.8))
    with pytest.raises(TwinError, match="No room with a window"):
        compare(house.model(), COARSE)


def test_without_radiance_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(radiance, "find_spec", lambda name: None)
    with pytest.raises(TwinError, match=r"greentwin\[verify\]"):
        compare(two_rooms().model(), COARSE)


@pytest.mark.slow
def test_the_pilot_community_centre_agrees_with_radiance(tmp_path: Path) -> None:
    """A real model: columns, curtain wall, balconies, links between rooms."""
    centre = Path(__file__).parents[3] / "sample_models" / "community_centre.ifc"
    command = [sys.executable, "-m", "twin.cli", "verify", "daylight", str(centre), "--points", "10", "--json",
               "--out", str(tmp_path)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280)
    data = json.loads(done.stdout)
    assert data["all"]["rms_without_peer_noise"] < 3.0
    assert abs(data["all"]["bias"]) < 1.0
    assert np.isfinite(data["seconds"]["ours"])
    assert (tmp_path / "community_centre.radiance.csv").exists()
