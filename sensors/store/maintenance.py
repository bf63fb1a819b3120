"""What a store needs from time to time: hours summed up, outlived readings deleted."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time

from sensors.errors import SensorError
from sensors.points import PointTable
from sensors.store.contract import Store
from sensors.store.retention import Retention, apply_retention

log = logging.getLogger(__name__)

PAUSE_S = 60.0
PORTION = 500  # hours summed up in one transaction, so that readings never wait long
DELETE_EACH_S = 86_400.0


async def maintain(store: Store, points: PointTable, retention: Retention, pause_s: float = PAUSE_S) -> None:
    """Sum up hours as they end, and delete once a day what has outlived its time, until cancelled."""
    due_s = 0.0
    while True:
        try:
            while await asyncio.to_thread(store.roll_up, None, PORTION):
                pass
            if time.monotonic() >= due_s:
                deleted = await asyncio.to_thread(apply_retention, store, points, retention)
                if deleted:
                    await asyncio.to_thread(store.forget_deleted)
                    log.info("%d readings of %d points outlived", sum(deleted.values()), len(deleted))
                due_s = time.monotonic() + DELETE_EACH_S
        except (SensorError, sqlite3.Error) as error:
            log.warning("The store could not be maintained, to be tried again: %s", error)
        await asyncio.sleep(pause_s)
