"""The history that the tests of measurements fill."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sensors.store.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path, request) -> Iterator[SqliteStore]:
    """An empty history of the ``POINTS`` of the test's module."""
    opened = SqliteStore(tmp_path / "h.db", request.module.POINTS)
    yield opened
    opened.close()
