"""``twin warmup`` leaves nothing to compile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("model", ["community_centre", "community_site"])
def test_after_a_warm_up_an_evaluation_compiles_nothing(model: str, tmp_path: Path) -> None:
    folders = {"NUMBA_CACHE_DIR": str(tmp_path / "kernels"), "GREENTWIN_CACHE": str(tmp_path)}
    environment = {**os.environ, **folders}

    def twin(*arguments: str) -> set[Path]:
        command = [sys.executable, "-m", "twin.cli", *arguments]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        return set((tmp_path / "kernels").rglob("*.nbc"))

    compiled = twin("warmup")
    assert compiled
    pilot = ROOT / "sample_models" / model
    project = str(pilot.with_suffix(".toml"))
    again = twin("evaluate", str(pilot.with_suffix(".ifc")), "--project", project, "--format", "")
    assert sorted(path.name for path in again - compiled) == []
