"""Our balance beside EnergyPlus, and the input file that it reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.twin.metrics.energy_house import nanchang, row_house, with_uses
from twin.climate import read_epw
from twin.errors import TwinError
from twin.metrics.energy.thermal_model import kernel_input
from twin.project import Project
from twin.verify import energyplus
from twin.verify.energy import Load, compare, input_file, thermal_of
from twin.verify.energy_report import energy_comparison_to_dict, print_energy_comparison
from twin.verify.epw_writer import write_epw
from twin.verify.idf_constructions import simple_glazing_u

HOUSE = with_uses(row_house(balcony_m=1.2), "office")


def objects(text: str, kind: str) -> list[list[str]]:
    """Fields of every object of a kind."""
    found = (line.rstrip(";").split(",") for line in text.splitlines() if line.startswith(f"{kind},"))
    return [fields[1:] for fields in found]


def ring(fields: list[str], count: int = 4) -> np.ndarray:
    return np.array([float(value) for value in fields[-3 * count :]]).reshape(count, 3)


def area(corners: np.ndarray) -> float:
    return float(np.linalg.norm(np.cross(corners[1] - corners[0], corners[2] - corners[1])))


def test_both_programs_find_the_same_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = compare(HOUSE, nanchang(), Project(), steps_per_hour=4, keep=tmp_path)
    assert abs(found.heating.difference) < 0.05
    assert abs(found.cooling.difference) < 0.05
    assert found.heating.cv_rmse < 0.1
    assert found.cooling.cv_rmse < 0.1
    data = energy_comparison_to_dict(HOUSE, found)
    assert sum(data["heating"]["peer_kwh"]) == pytest.approx(found.heating.theirs_kwh.sum(), rel=1e-3)
    print_energy_comparison(data, "zh")
    assert "EnergyPlus" in capsys.readouterr().out
    assert "0 Severe" in (tmp_path / "eplusout.err").read_text()


def test_the_input_holds_the_areas_and_normals_of_the_surfaces() -> None:
    thermal = thermal_of(HOUSE, nanchang(), Project())
    parts = thermal.envelope.parts
    given = kernel_input(HOUSE, thermal, parts, [True] * len(parts))
    text = "\n".join(input_file(HOUSE, thermal, 4).lines)
    walls = {fields[0]: fields for fields in objects(text, "BuildingSurface:Detailed")}
    windows = {fields[0]: fields for fields in objects(text, "FenestrationSurface:Detailed")}
    assert windows
    for row, surface in enumerate(given.surfaces):
        fields = walls.get(f"S{row}") or windows.get(f"S{row}")
        if fields is None:  # internal mass
            continue
        corners = ring(fields)
        own = sum(area(ring(window)) for window in windows.values() if window[3] == f"S{row}")
        assert area(corners) - own == pytest.approx(surface.area_m2, rel=1e-6)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[1])
        np.testing.assert_allclose(normal / np.linalg.norm(normal), surface.normal, atol=1e-6)
    for window in windows.values():  # inside its wall
        low, high = ring(walls[window[3]]).min(axis=0), ring(walls[window[3]]).max(axis=0)
        assert (ring(window) > low - 1e-6).all()
        assert (ring(window) < high + 1e-6).all()


def test_a_climate_comes_back_from_its_epw(tmp_path: Path) -> None:
    climate = nanchang()
    again = read_epw(write_epw(climate, tmp_path / "year.epw"))
    for name in (
        "dry_bulb_c",
        "direct_normal_w_m2",
        "diffuse_horizontal_w_m2",
        "sky_infrared_w_m2",
        "wind_speed_m_s",
    ):
        np.testing.assert_allclose(getattr(again, name), getattr(climate, name), atol=0.06)


def test_the_simple_glazing_keeps_the_resistance_of_the_pane() -> None:
    for resistance in (0.05, 0.3, 0.9):
        u = simple_glazing_u(resistance)
        inside = 1 / (0.359073 * np.log(u) + 6.949915)
        assert 1 / u - inside - 1 / (0.025342 * u + 29.163853) == pytest.approx(resistance, abs=1e-9)


def test_differences_by_hand() -> None:
    load = Load(np.full(12, 11.0), np.full(12, 10.0), 1.0, 1.0)
    assert load.difference == pytest.approx(0.1)
    assert load.cv_rmse == pytest.approx(0.1)
    assert np.isnan(Load(np.ones(12), np.zeros(12), 1.0, 0.0).difference)


def test_a_model_without_heated_rooms_is_told(tmp_path: Path) -> None:
    with pytest.raises(TwinError, match="heated or cooled"):
        compare(with_uses(HOUSE, "stair"), nanchang(), Project(), keep=tmp_path)


def test_without_energyplus_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energyplus, "find_spec", lambda name: None)
    with pytest.raises(TwinError, match="verify"):
        compare(HOUSE, nanchang(), Project())


def test_what_energyplus_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "in.idf"
    path.write_text("Version,25.2;\nZone,;\n")
    with pytest.raises(TwinError, match="EnergyPlus"):
        energyplus.run(path, write_epw(nanchang(), tmp_path / "year.epw"), 1)


def test_the_command_says_what_the_model_lacks(tmp_path: Path) -> None:
    empty = tmp_path / "missing.ifc"
    done = subprocess.run(
        [sys.executable, "-m", "twin.cli", "verify", "energy", str(empty), "--lang", "en"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
