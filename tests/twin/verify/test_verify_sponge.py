"""The runoff of a site beside SWMM, and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.building_blocks import Blocks
from twin.cli.verify import verify
from twin.climate import typical_year
from twin.errors import TwinError
from twin.project import Project
from twin.verify.sponge import site_cases

ROOT = Path(__file__).parents[3]
SITE = ROOT / "sample_models" / "community_site.ifc"
SHORT = """
[project]
city = "Nanchang"
[weather]
rain = "rain.csv"
"""


def test_the_site_runs_off_as_in_swmm(tmp_path: Path) -> None:
    lines = ["time,depth_mm"]
    for hour in range(24 * 20):
        depth = 6.0 if hour % 53 in {5, 6, 7} else 0.0
        lines.append(f"2020-05-{1 + hour // 24:02d}T{hour % 24:02d}:00,{depth}")
    (tmp_path / "rain.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "twin.toml").write_text(SHORT, "utf-8")
    arguments = [
        "sponge",
        str(SITE),
        "-p",
        str(tmp_path / "twin.toml"),
        "--json",
        "--keep",
        str(tmp_path / "k"),
    ]
    run = CliRunner().invoke(verify, arguments)
    assert run.exit_code == 0, run.output
    data = json.loads(run.stdout)
    assert data["peer"] == "EPA SWMM 5.2"
    storm, record = data["cases"]
    assert [storm["name"], record["name"]] == ["storm", "record"]
    assert storm["rain_mm"] == pytest.approx(61.5, abs=0.1)
    for case in (storm, record):
        worst = case["largest_difference_pct"]
        assert worst["runoff"] < 0.1
        assert worst["peak"] < 0.25
        assert worst["infiltration"] < 0.2
        assert case["imbalance_pct"]["ours"] < 1e-6
    roof = storm["subcatchments"][0]
    assert roof["name"] == "roof"
    assert roof["runoff_mm"]["ours"] == pytest.approx(61.5 - 1.5, abs=0.1)  # less its depression
    assert (tmp_path / "k" / "storm.inp").read_text("utf-8").startswith("[OPTIONS]\nFLOW_UNITS LPS")
    assert (tmp_path / "k" / "record.rpt").exists()


def test_a_model_without_ground_is_told_what_to_supply() -> None:
    with pytest.raises(TwinError, match="Nothing is known of what covers the site") as refused:
        site_cases(Blocks().model(), typical_year("Nanchang"), Project())
    assert "site.covers" in refused.value.remedy.en
