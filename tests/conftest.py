"""Fixtures for every wing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The team's shared models, weather and references; tests that use it are marked ``shared``."""
    stated = os.environ.get("GREENTWIN_SHARED")
    folder = Path(stated) if stated else Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}; set GREENTWIN_SHARED")
    return folder
