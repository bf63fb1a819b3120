"""The upkeep of a store."""

from __future__ import annotations

import asyncio
import sqlite3

from sensors.points import Privacy
from sensors.readings import now_us, readings_of
from sensors.store.contract import HOUR_US, StoreFullError
from sensors.store.maintenance import maintain
from sensors.store.retention import Retention
from sensors.store.sqlite import SqliteStore
from tests.sensors.community import POINTS, until


def test_hours_are_summed_up_and_outlived_readings_deleted_without_anybody_asking(
    tmp_path, monkeypatch, caplog
):
    store = SqliteStore(tmp_path / "h.db", POINTS)
    now = now_us()
    times = [now - hour * HOUR_US for hour in range(1, 49)]
    for row in (0, 3):
        store.append(readings_of([row] * 48, times, times, [1.0] * 48, [0] * 48))
    real, refusals = store.roll_up, [StoreFullError("h.db")]

    def roll_up(*arguments):
        if refusals:
            raise refusals.pop()
        return real(*arguments)

    monkeypatch.setattr(store, "roll_up", roll_up)

    async def run():
        task = asyncio.create_task(maintain(store, POINTS, Retention({Privacy.HOUSEHOLD: 1.0}), 0.01))
        await until(lambda: store.series(3, 0, 2**62).value.size < 30)
        task.cancel()

    asyncio.run(run())
    assert 23 <= store.series(3, 0, 2**62).value.size <= 25
    assert store.series(0, 0, 2**62).value.size == 48
    with sqlite3.connect(store.path) as file:
        assert file.execute("SELECT count(*) FROM dirty").fetchone() == (0,)
        assert file.execute("SELECT count(*) FROM hour WHERE point = 1").fetchone() == (48,)
    assert "could not be maintained" in caplog.text
    store.close()
