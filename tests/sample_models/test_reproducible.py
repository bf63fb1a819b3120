"""The committed files are what the scripts write, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_models.building import Building
from sample_models.centre_revisions import REVISION_B
from sample_models.community_centre import write_centre
from sample_models.community_site import write_site
from sample_models.residential_tower import write_tower
from tests.sample_models.conftest import FOLDER


def test_the_centre_is_written_as_committed(written: tuple[Building, Path]) -> None:
    assert written[1].read_bytes() == (FOLDER / "community_centre.ifc").read_bytes()


def test_the_site_is_written_as_committed(tmp_path: Path) -> None:
    path = tmp_path / "community_site.ifc"
    write_site(path)
    assert path.read_bytes() == (FOLDER / "community_site.ifc").read_bytes()


@pytest.mark.slow
def test_revision_b_is_written_as_committed(tmp_path: Path) -> None:
    path = tmp_path / "community_centre_b.ifc"
    write_centre(path, REVISION_B)
    assert path.read_bytes() == (FOLDER / "community_centre_b.ifc").read_bytes()


@pytest.mark.slow
def test_the_tower_is_written_as_committed(tmp_path: Path) -> None:
    path = tmp_path / "residential_tower.ifc"
    write_tower(path)
    assert path.read_bytes() == (FOLDER / "residential_tower.ifc").read_bytes()


def test_the_set_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ifc")) < 8e6
