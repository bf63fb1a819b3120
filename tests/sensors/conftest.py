"""The stores that the tests of the contract are run on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sensors.points import PointTable
from sensors.store.contract import Store
from sensors.store.postgres import PostgresStore
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import POINTS
from tests.sensors.database import Database, database_in

Opening = Callable[..., Store]


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> Iterator[Database]:
    """A server for all tests of one process; durable enough for those that do not kill it."""
    with database_in(tmp_path_factory.mktemp("postgres"), "fsync = off") as started:
        yield started


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.database)])
def opening(request, tmp_path) -> Iterator[Opening]:
    """Opens the store of this test, empty at first; again when it is closed. All are closed at the end."""
    opened: list[Store] = []
    database = request.getfixturevalue("database") if request.param == "postgres" else None
    if database is not None:
        database.ask("DROP SCHEMA IF EXISTS greentwin CASCADE")

    def open_one(points: PointTable = POINTS) -> Store:
        store: Store
        if database is None:
            store = SqliteStore(tmp_path / "history.db", points)
        else:
            store = PostgresStore(database.address, points)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(opening) -> Store:
    return opening()
