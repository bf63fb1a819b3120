"""The pilot models: the committed files, and the centre as the generator builds it now."""

from __future__ import annotations

from pathlib import Path

import ifcopenshell
import pytest

import sample_models
from sample_models.building import Building
from sample_models.community_centre import write_centre

FOLDER = Path(sample_models.__file__).parent


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Building, Path]:
    """The community centre, written afresh: the solids in memory and the file."""
    path = tmp_path_factory.mktemp("pilots") / "community_centre.ifc"
    return write_centre(path), path


@pytest.fixture(scope="session")
def centre() -> ifcopenshell.file:
    return ifcopenshell.open(str(FOLDER / "community_centre.ifc"))


@pytest.fixture(scope="session")
def centre_b() -> ifcopenshell.file:
    return ifcopenshell.open(str(FOLDER / "community_centre_b.ifc"))


@pytest.fixture(scope="session")
def tower() -> ifcopenshell.file:
    return ifcopenshell.open(str(FOLDER / "residential_tower.ifc"))


@pytest.fixture(scope="session")
def site() -> ifcopenshell.file:
    return ifcopenshell.open(str(FOLDER / "community_site.ifc"))
