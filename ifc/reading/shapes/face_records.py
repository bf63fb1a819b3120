"""Listed faces, read in bulk from the text of a file: as entities, one by one, they take most of a reading.

Only records that refer to each other are used, so that text which merely looks like one does no harm; a file
with records in comments, or with a number used twice, is left to the engine.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.reading.shapes.body import NotOwn

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_CHUNK_BYTES = 1 << 21
_COMMENTS = re.compile(rb"/\*.*?(?:\*/|\Z)", re.DOTALL)
_KINDS = {
    b"IFCCARTESIANPOINT": "point",
    b"IFCPOLYLOOP": "loop",
    b"IFCFACEOUTERBOUND": "bound",
    b"IFCFACEBOUND": "bound",
    b"IFCFACE": "face",
    b"IFCCLOSEDSHELL": "shell",
    b"IFCOPENSHELL": "shell",
    b"IFCCONNECTEDFACESET": "shell",
}
_NAMES = sorted(_KINDS, key=len, reverse=True)
_FILL = b"#() \t\r\n"


@dataclass(frozen=True)
class Lists:
    """Entities that are lists: ``members[start[k]:start[k + 1]]`` of the entity ``ids[k]``; ids ascend."""

    ids: Ints
    start: Ints
    members: NDArray[Any]

    def rows(self, ids: Ints) -> Ints:
        """The rows of entities.

        Raises:
            NotOwn: one of them is not here.
        """
        rows = np.searchsorted(self.ids, ids)
        if len(ids) and (rows.max() >= len(self.ids) or (self.ids[rows] != ids).any()):
            raise NotOwn
        return rows


@dataclass(frozen=True)
class FaceRecords:
    """The points (three numbers each), loops, bounds (loop, 1 for agreeing), faces and shells of a file."""

    points: Lists
    loops: Lists
    bounds: Lists
    faces: Lists
    shells: Lists


def read_face_records(path: Path) -> FaceRecords:
    """All of a file's.

    Raises:
        NotOwn: the text has records in comments, a number is used twice, or a list holds what it should not.
    """
    found: dict[str, list[_Columns]] = {kind: [] for kind in ("point", "loop", "bound", "face", "shell")}
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if any(b"#" in comment.group() for comment in _COMMENTS.finditer(text)):
            raise NotOwn
        for records in _chunks(text):
            by_kind = _by_kind(records)
            by_kind["point"] = [one for one in by_kind["point"] if one.count(b",") == 2]  # in space
            for kind, listed in by_kind.items():
                found[kind].append(_columns(listed, np.float64 if kind == "point" else np.int64))
    return FaceRecords(*(_sorted(found[kind]) for kind in found))


def _chunks(text: mmap.mmap) -> Iterator[list[bytes]]:
    """The records of the text, some thousands at a time."""
    start, end = 0, len(text)
    while start < end:
        stop = text.rfind(b";", start, start + _CHUNK_BYTES) + 1
        if stop <= start:
            stop = text.find(b";", start) + 1 or end
        yield text[start:stop].split(b";")
        start = stop


def _by_kind(records: list[bytes]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {kind: [] for kind in _KINDS.values()}
    for record in records:
        kind = _KINDS.get(record[record.find(b"=") + 1 : record.find(b"(")].strip())
        if kind is not None:
            found[kind].append(record)
    return found


_Columns = tuple[Ints, Ints, NDArray[Any]]  # ids, sizes, members


def _columns(records: list[bytes], dtype: type) -> _Columns:
    """Records like ``#5=NAME((#1,#2,#3))``: all that is not a number or a comma is taken away."""
    sizes = np.array([record.count(b",") + 1 for record in records], np.int64)
    text = b",".join(records).replace(b"=", b",").replace(b".T.", b"1").replace(b".F.", b"0")
    for name in _NAMES:
        text = text.replace(name, b"")
    count = int(sizes.sum()) + len(sizes)
    try:
        numbers: NDArray[Any] = np.fromstring(text.translate(None, _FILL).decode("ascii"), dtype, sep=",")
    except (ValueError, DeprecationWarning):  # something that is no number
        raise NotOwn from None
    if len(numbers) != count:
        raise NotOwn
    heads = np.cumsum(sizes + 1) - (sizes + 1)
    return numbers[heads].astype(np.int64), sizes, np.delete(numbers, heads)


def _sorted(found: Sequence[_Columns]) -> Lists:
    ids = np.concatenate([np.zeros(0, np.int64), *(one[0] for one in found)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(one[1] for one in found)])
    members = np.concatenate([one[2] for one in found])
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        raise NotOwn
    start = np.cumsum([0, *sizes])
    if (order[1:] > order[:-1]).all():
        return Lists(ids, start, members)
    new_start = np.concatenate([[0], np.cumsum(sizes[order])])
    return Lists(ids[order], new_start, members[ranges(start[:-1][order], sizes[order])])


def ranges(starts: Ints, sizes: Ints) -> Ints:
    """start, start + 1, ... of each range, one after the other."""
    ends = np.cumsum(sizes)
    rows: Ints = np.arange(int(sizes.sum())) + np.repeat(starts - (ends - sizes), sizes)
    return rows


def members_of(lists: Lists, ids: Ints) -> tuple[Ints, Ints]:
    """The members of some entities, one after the other, and how many each has.

    Raises:
        NotOwn: one of them is not there.
    """
    rows = lists.rows(ids)
    sizes = np.diff(lists.start)[rows]
    members: Ints = lists.members[ranges(lists.start[rows], sizes)]
    return members, sizes
