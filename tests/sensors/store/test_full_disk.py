"""A disk that is really full: a small file system of its own, where the tests may make one."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess

import pytest

from sensors.readings import Sample
from tests.sensors.community import MINUTE_US, START_US, intake_of, until


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.mount
def test_a_disk_that_fills_up_stops_storing_says_so_and_everything_adds_up_once_there_is_room(
    small_disk, monkeypatch, caplog
):
    monkeypatch.setattr("sensors.intake.RETRY_S", 0.05)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2_000_000))
    shown = []

    async def run():
        async with intake_of(small_disk) as intake:
            intake.listen(lambda readings: shown.extend(readings.value.tolist()))
            count = 0

            def send(many):
                nonlocal count
                times = range(START_US + count * MINUTE_US, START_US + (count + many) * MINUTE_US, MINUTE_US)
                intake.offer(
                    [Sample("lobby/co2", float(count + i), at) for i, at in enumerate(times)], "test"
                )
                count += many

            while intake.trouble is None:
                send(500)
                await until(lambda: intake.trouble is not None or not intake.stored.pending)
                assert count < 100_000, "the disk was never full"
            acknowledged = intake.stored.stored
            send(50)
            await until(lambda: len(shown) == count)
            assert intake.stored.pending == count - acknowledged
            assert intake.store.series(1, 0, 2**62).value.size == acknowledged
            ballast.unlink()
            await until(lambda: intake.stored.pending == 0)
            counters = intake.feeds["test"]
            assert counters.received == counters.accepted == intake.stored.stored == count
            assert intake.store.series(1, 0, 2**62).value.tolist() == list(map(float, range(count)))
            assert intake.trouble is None

    asyncio.run(run())
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    with sqlite3.connect(small_disk / "history.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
