"""The outbox: what waits for other systems, on the disk, in order, until they have it.

One SQLite file holds the queues of all outlets. What :meth:`Outbox.put` has taken survives a kill. A queue is
bounded in bytes: what finds no room lets the oldest go, counted as ``lost``. Of every queue, since the start:
found + put = sent + refused + lost + waiting. What its receiver refuses is set aside with the reason, and can
be queued again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensors.errors import SensorError
from sensors.readings import now_us
from sensors.text import Text
from sensors.transactions import transaction

log = logging.getLogger(__name__)

ROW_BYTES = 64  # that SQLite needs beside the body of an item, about
MAX_WHY = 500  # characters
MAX_REFUSED = 1000  # items that a queue sets aside; then the oldest go
_SCHEMA = """
CREATE TABLE IF NOT EXISTS source(id TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS item(
  number INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT, count INTEGER NOT NULL,
  body BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS item_id ON item(queue, id) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_queue ON item(queue, number);
CREATE TABLE IF NOT EXISTS refused(
  number INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL, count INTEGER NOT NULL,
  body BLOB NOT NULL, messages INTEGER NOT NULL, why TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS refused_queue ON refused(queue, number);
CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Item:
    """What is sent as a whole; ``count`` messages (changes of alarms, readings) stand in it.

    ``id`` is the same whenever it is sent again, on every run: a receiver that keeps it can drop repeats.
    """

    number: int
    id: str
    count: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """An item of which ``messages`` were refused for good, and why."""

    item: Item
    messages: int
    why: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A refused item as it is told: without its body."""

    number: int
    id: str
    messages: int
    why: str
    time_us: int


@dataclass(slots=True)
class QueueCounters:
    """Messages of a queue since the start, and what waits now."""

    found: int = 0  # waited on the disk at the start
    put: int = 0
    sent: int = 0
    refused: int = 0  # by the receiver, for good
    aside: int = 0  # items that were refused, now and before the start, and can be queued again
    lost: int = 0  # found no room
    waiting: int = 0
    waiting_bytes: int = 0


class Queue:
    """One queue of an outbox; see :meth:`Outbox.queue`. ``wake`` is called after a put, from its thread."""

    def __init__(self, outbox: Outbox, name: str, limit_bytes: int) -> None:
        self.name = name
        self.limit_bytes = limit_bytes
        self.counters = QueueCounters()
        self.wake: Callable[[], None] = lambda: None
        self.being_sent = 0  # number of the last item that was handed out
        self._outbox = outbox

    def head(self, items: int, messages: int) -> list[Item]:
        """The oldest items: at most ``items``, and no more than fit ``messages``, but one at least."""
        return self._outbox._head(self, items, messages)

    def done(self, items: Iterable[Item], refused: Sequence[Refused] = ()) -> None:
        """Take away items that have arrived or were ``refused``; these are set aside."""
        self._outbox._done(self, list(items), refused)

    def set_aside(self) -> list[SetAside]:
        """What was refused and set aside, oldest first."""
        return self._outbox._set_aside(self)

    def queue_again(self) -> int:
        """Queue once more what was set aside, under its ids, behind all that waits; the number of items."""
        return self._outbox._queue_again(self)

    def forget_refused(self) -> int:
        """Delete what was set aside; the number of items."""
        return self._outbox._forget_refused(self)


class Outbox:
    """May be used from any thread."""

    def __init__(self, path: Path | str) -> None:
        """Open or create the file.

        Raises:
            SensorError: it is no outbox.
        """
        self._lock = threading.Lock()
        self.trouble: str | None = None  # why nothing can be put at present
        self._queues: list[Queue] = []
        try:
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = FULL")
            self._file.execute("PRAGMA secure_delete = ON")
            self._file.executescript(_SCHEMA)
            if self._file.execute("SELECT count(*) FROM source").fetchone() == (0,):
                self._file.execute("INSERT INTO source VALUES(?)", (uuid.uuid4().hex[:12],))
            (self._source,) = self._file.execute("SELECT id FROM source").fetchone()
        except sqlite3.Error as error:
            raise SensorError(
                "outbox-unusable",
                str(path),
                Text(f"This is no outbox: {error}.", f"不是发件队列文件：{error}。"),
                Text("Name another folder, or restore a backup.", "请换一个文件夹，或恢复备份。"),
            ) from None

    def queue(self, name: str, limit_bytes: int) -> Queue:
        """The queue of a name, with what it held when the file was closed or its process killed."""
        queue = Queue(self, name, limit_bytes)
        with self._lock:
            count, size = self._file.execute(
                f"SELECT ifnull(sum(count), 0), ifnull(sum(length(body) + {ROW_BYTES}), 0) FROM item"
                " WHERE queue = ?",
                (name,),
            ).fetchone()
            queue.counters.found = queue.counters.waiting = count
            queue.counters.waiting_bytes = size
            queue.counters.aside = self._count_aside(name)
            self._queues.append(queue)
        return queue

    def put(
        self,
        entries: Iterable[tuple[Queue, str | None, int, bytes]],
        marks: Iterable[tuple[str, int]] = (),
    ) -> bool:
        """Queue (queue, id, count, body) each, all or none; they are on the disk when this returns.

        An id that waits in its queue already is not queued twice; None gives the item an id of its own.
        ``marks`` are numbers that are remembered with it.

        Returns:
            Whether it was kept. A full disk keeps nothing: the history comes first, what was to be queued is
            counted as lost.
        """
        entries = list(entries)
        with self._lock:
            try:
                with transaction(self._file):
                    added = [self._insert(*entry) for entry in entries]
                    self._file.executemany("INSERT OR REPLACE INTO mark VALUES(?, ?)", marks)
                    dropped = [self._make_room(queue, added) for queue in {entry[0] for entry in entries}]
            except sqlite3.Error as error:
                if self.trouble is None:
                    log.error("Nothing can be queued for other systems: %s", error)
                self.trouble = str(error)
                for queue, _, count, _ in entries:
                    queue.counters.put += count
                    queue.counters.lost += count
                return False
            self.trouble = None
            self._book([*added, *dropped])
        for queue in {entry[0] for entry in entries}:
            queue.wake()
        return True

    def mark(self, name: str) -> int | None:
        """A number that was remembered."""
        with self._lock:
            found = self._file.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return None if found is None else int(found[0])

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._file.close()

    def _insert(self, queue: Queue, id_: str | None, count: int, body: bytes) -> tuple[Queue, int, int]:
        cursor = self._file.execute(
            "INSERT OR IGNORE INTO item(queue, id, count, body) VALUES(?, ?, ?, ?)",
            (queue.name, id_, count, body),
        )
        if not cursor.rowcount:
            return (queue, 0, 0)
        return (queue, count, len(body) + ROW_BYTES)

    def _make_room(self, queue: Queue, added: list[tuple[Queue, int, int]]) -> tuple[Queue, int, int]:
        """Drop the oldest items that are not being sent until the rest fits; (queue, -count, -bytes)."""
        over = (
            queue.counters.waiting_bytes
            + sum(size for each, _, size in added if each is queue)
            - queue.limit_bytes
        )
        count = size = last = 0
        if over > 0:
            for number, its_count, its_size in self._file.execute(
                f"SELECT number, count, length(body) + {ROW_BYTES} FROM item"
                " WHERE queue = ? AND number > ? ORDER BY number",
                (queue.name, queue.being_sent),
            ):
                if size >= over:
                    break
                count, size, last = count + its_count, size + its_size, number
            self._file.execute(
                "DELETE FROM item WHERE queue = ? AND number > ? AND number <= ?",
                (queue.name, queue.being_sent, last),
            )
        return (queue, -count, -size)

    def _book(self, changes: Iterable[tuple[Queue, int, int]]) -> None:
        """Count what was added, and what was dropped (negative)."""
        for queue, count, size in changes:
            counters = queue.counters
            counters.waiting += count
            counters.waiting_bytes += size
            if count > 0:
                counters.put += count
            else:
                counters.lost -= count

    def _head(self, queue: Queue, items: int, messages: int) -> list[Item]:
        with self._lock:
            found = self._file.execute(
                "SELECT number, id, count, body FROM item WHERE queue = ? ORDER BY number LIMIT ?",
                (queue.name, items),
            )
            total, taken = 0, list[Item]()
            for number, id_, count, body in found:
                total += count
                if taken and total > messages:
                    break
                taken.append(Item(number, id_ or f"{self._source}-{number}", count, body))
            queue.being_sent = taken[-1].number if taken else 0
        return taken

    def _done(self, queue: Queue, items: list[Item], refused: Sequence[Refused]) -> None:
        gone = [(item.number,) for item in items]
        with self._lock:
            with transaction(self._file):
                self._file.executemany("DELETE FROM item WHERE number = ?", gone)
                if refused:
                    self._keep_refused(queue, refused)
            if refused:
                queue.counters.aside = self._count_aside(queue.name)
            queue.being_sent = 0
            count = sum(item.count for item in items)
            queue.counters.waiting -= count
            queue.counters.waiting_bytes -= sum(len(item.body) + ROW_BYTES for item in items)
            messages = sum(each.messages for each in refused)
            queue.counters.sent += count - messages
            queue.counters.refused += messages

    def _keep_refused(self, queue: Queue, refused: Sequence[Refused]) -> None:
        self._file.executemany(
            "INSERT OR REPLACE INTO refused VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    each.item.number, queue.name, each.item.id, each.item.count, each.item.body,
                    each.messages, each.why[:MAX_WHY], now_us(),
                )
                for each in refused
            ],
        )  # fmt: skip
        self._file.execute(
            "DELETE FROM refused WHERE queue = ?1 AND number NOT IN"
            " (SELECT number FROM refused WHERE queue = ?1 ORDER BY number DESC LIMIT ?2)",
            (queue.name, MAX_REFUSED),
        )

    def _set_aside(self, queue: Queue) -> list[SetAside]:
        with self._lock:
            rows = self._file.execute(
                "SELECT number, id, messages, why, time FROM refused WHERE queue = ? ORDER BY number",
                (queue.name,),
            ).fetchall()
        return [SetAside(*row) for row in rows]

    def _queue_again(self, queue: Queue) -> int:
        with self._lock:
            with transaction(self._file):
                rows = self._file.execute(
                    "SELECT id, count, body FROM refused WHERE queue = ? ORDER BY number", (queue.name,)
                ).fetchall()
                added = [self._insert(queue, *row) for row in rows]
                self._file.execute("DELETE FROM refused WHERE queue = ?", (queue.name,))
                dropped = self._make_room(queue, added)
            self._book([*added, dropped])
            queue.counters.aside = 0
        queue.wake()
        return len(rows)

    def _forget_refused(self, queue: Queue) -> int:
        with self._lock:
            with transaction(self._file):
                deleted = self._file.execute("DELETE FROM refused WHERE queue = ?", (queue.name,)).rowcount
            queue.counters.aside = 0
        return deleted

    def _count_aside(self, name: str) -> int:
        found = self._file.execute("SELECT count(*) FROM refused WHERE queue = ?", (name,)).fetchone()
        return int(found[0])
