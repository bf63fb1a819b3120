"""From an address of SensorThings to its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

from sensors.readings import Quality, to_iso
from sensors.store.contract import Series
from twin.server.context import Context
from twin.server.sta.entities import NAVIGATION, Catalogue, Entity
from twin.server.sta.expression import conjunction, time_bounds
from twin.server.sta.options import MAX_TOP, OptionError, Options

MAX_SCAN = 200_000  # readings looked at for one answer
_SEGMENT = re.compile(r"(?P<name>\$?[A-Za-z_]+)(?:\((?P<id>\d{1,18}|'[^']{1,80}')\))?")
_OBSERVATION_ID = re.compile(r"'?(\d{1,9})-(\d{1,17})'?")


class NoSuchEntityError(LookupError):
    """Nothing stands at this address."""


class Resolver:
    """Answers addresses below ``root`` for one account, once."""

    def __init__(self, context: Context, catalogue: Catalogue, root: str) -> None:
        self.context, self.catalogue, self.root = context, catalogue, root
        self._left = MAX_SCAN
        self.rows: set[int] = set()  # points whose readings were looked at
        self._read: dict[str, tuple[float, int]] = {}  # Observation -> (value, quality)

    def answer(self, path: str, options: Options, query: dict[str, str]) -> Any:
        """The JSON of an address: a collection, an entity, or a property of one.

        Raises:
            NoSuchEntityError: nothing stands there.
            OptionError: an option does not fit.
        """
        segments = [segment for segment in path.split("/") if segment]
        entity_set, ids, single = "", [], False
        for number, segment in enumerate(segments):
            match = _SEGMENT.fullmatch(segment)
            if match is None:
                raise NoSuchEntityError(segment)
            name, id_ = match["name"], match["id"]
            if number == 0:
                if name not in NAVIGATION:
                    raise NoSuchEntityError(name)
                entity_set, ids, single = name, self._all(name), False
            else:
                if not single:
                    raise NoSuchEntityError(name)
                if name not in NAVIGATION[entity_set]:
                    return self._property(entity_set, ids[0], segments[number:])
                ids = self._behind(entity_set, ids[0], name)
                single = name != NAVIGATION[entity_set][name]
                entity_set = NAVIGATION[entity_set][name]
            if id_ is not None:
                ids = [self._chosen(entity_set, ids, id_)]
                single = True
        if single:
            if not ids:
                raise NoSuchEntityError(path)
            return self._shown(entity_set, ids[0], options)
        link = f"{self.root}/{quote(path.strip('/'), safe='/()')}"
        return self._collection(entity_set, ids, options, link, query)

    def _all(self, entity_set: str) -> list[Any]:
        if entity_set == "Observations":
            return [_Stream(stream) for stream in self.catalogue.row_of]
        return list(self.catalogue.entities[entity_set])

    def _behind(self, entity_set: str, entity: Any, name: str) -> list[Any]:
        if entity_set == "Observations":
            stream, _ = _observation_of(entity)
            if name == "Datastream":
                return [stream]
            return list(self.catalogue.linked("Datastreams", stream, "_feature"))
        if name == "Observations":
            streams = (
                [entity]
                if entity_set == "Datastreams"
                else list(self.catalogue.linked(entity_set, entity, "_streams"))
            )
            return [_Stream(stream) for stream in streams]
        return list(self.catalogue.linked(entity_set, entity, name))

    def _chosen(self, entity_set: str, ids: list[Any], text: str) -> Any:
        if entity_set == "Observations":
            stream, time_us = _observation_of(text)
            if _Stream(stream) not in ids or not self._readings(stream, time_us, time_us + 1, 1, False):
                raise NoSuchEntityError(text)
            return f"{stream}-{time_us}"
        if not text.isdecimal() or int(text) not in ids:
            raise NoSuchEntityError(text)
        return int(text)

    def _property(self, entity_set: str, entity: Any, rest: list[str]) -> Any:
        value: Any = self._entity(entity_set, entity)
        raw = rest[-1] == "$value"
        names = rest[:-1] if raw else rest
        for name in names:
            if not isinstance(value, dict) or name not in value:
                raise NoSuchEntityError(name)
            value = value[name]
        return value if raw else {names[-1]: value}

    def _collection(
        self, entity_set: str, ids: list[Any], options: Options, link: str, query: dict[str, str]
    ) -> dict[str, Any]:
        if entity_set == "Observations":
            page, count = self._observations([stream.id for stream in ids], options)
        else:
            page, count = self._listed(entity_set, ids, options)
        found: dict[str, Any] = {}
        if options.count:
            found["@iot.count"] = count
        more = len(page) > options.top
        if more and options.top:
            following = {**query, "$top": str(options.top), "$skip": str(options.skip + options.top)}
            found["@iot.nextLink"] = f"{link}?{urlencode(following, safe='$(),/;')}"
        found["value"] = [self._shown(entity_set, id_, options) for id_ in page[: options.top]]
        return found

    def _listed(self, entity_set: str, ids: list[Any], options: Options) -> tuple[list[Any], int]:
        condition = options.filter
        if condition is not None:
            ids = [id_ for id_ in ids if condition(partial(self._value, entity_set, id_))]
        for path, descending in reversed(options.order):
            keys = {id_: _sortable(self._value(entity_set, id_, path)) for id_ in ids}
            ids = sorted(ids, key=keys.__getitem__, reverse=descending)
        return ids[options.skip : options.skip + options.top + 1], len(ids)

    def _observations(self, streams: list[int], options: Options) -> tuple[list[str], int]:
        """Observations of some Datastreams in the order asked; ids, and how many there are in all."""
        begin_us, end_us = time_bounds(options.filter_text, "phenomenonTime")
        condition = options.filter
        streams = self._streams_of(streams, options.filter_text)
        by_time = not options.order or options.order[0][0] in (
            "phenomenonTime",
            "resultTime",
            "id",
            "@iot.id",
        )
        descending = by_time and bool(options.order) and options.order[0][1]
        wanted = options.skip + options.top + 1
        if condition is None and by_time:
            found = [
                (time_us, stream)
                for stream in streams
                for time_us in self._readings(stream, begin_us, end_us, wanted, descending)
            ]
            found.sort(reverse=descending)
            ids = [f"{stream}-{time_us}" for time_us, stream in found]
            count = self._count(streams, begin_us, end_us) if options.count else 0
            return ids[options.skip : wanted], count
        ids = []
        for stream in streams:
            row = self.catalogue.row_of[stream]
            series = self.context.live.store.series(row, begin_us, end_us, self._left + 1)
            self._keep(stream, series)
            ids += [f"{stream}-{time_us}" for time_us in series.time_us.tolist()]
        return self._listed("Observations", ids, options)

    def _streams_of(self, streams: list[int], text: str) -> list[int]:
        """Datastreams that a condition on ``Datastream/id`` leaves."""
        named = re.findall(r"\bDatastream/(?:@iot\.)?id\s+eq\s+(\d{1,9})\b", conjunction(text))
        if not named:
            return streams
        return [stream for stream in streams if stream in set(map(int, named))]

    def _readings(self, stream: int, begin_us: int, end_us: int, count: int, newest: bool) -> list[int]:
        row = self.catalogue.row_of.get(stream)
        if row is None:
            return []
        store = self.context.live.store
        read = store.newest if newest else store.series
        series = read(row, begin_us, end_us, min(count, self._left + 1))
        self._keep(stream, series)
        times: list[int] = series.time_us.tolist()
        return times

    def _count(self, streams: list[int], begin_us: int, end_us: int) -> int:
        store = self.context.live.store
        rows = [self.catalogue.row_of[stream] for stream in streams]
        self.rows.update(rows)
        return sum(store.count(row, begin_us, end_us) for row in rows)

    def _keep(self, stream: int, series: Series) -> None:
        self._left -= len(series.time_us)
        if self._left < 0:
            raise OptionError(
                f"more than {MAX_SCAN} readings would have to be looked at; bound phenomenonTime"
            )
        self.rows.add(self.catalogue.row_of[stream])
        for time_us, value, quality in zip(
            series.time_us.tolist(), series.value.tolist(), series.quality.tolist(), strict=True
        ):
            self._read[f"{stream}-{time_us}"] = (value, quality)

    def _entity(self, entity_set: str, entity: Any) -> Entity:
        if entity_set != "Observations":
            return self.catalogue.entities[entity_set][entity]
        value, quality = self._read[entity]
        _, time_us = _observation_of(entity)
        return {
            "phenomenonTime": to_iso(time_us),
            "resultTime": to_iso(time_us),
            "result": value if np.isfinite(value) else None,
            "resultQuality": {"quality": Quality(quality).name.lower()},
        }

    def _value(self, entity_set: str, entity: Any, path: str) -> Any:
        """The value at a path of an entity, over navigation properties that lead to one."""
        first, _, rest = path.partition("/")
        if first in ("id", "@iot.id"):
            return entity
        if first in NAVIGATION[entity_set]:
            ids = self._behind(entity_set, entity, first)
            if not rest or not ids or isinstance(ids[0], _Stream):
                return None
            return self._value(NAVIGATION[entity_set][first], ids[0], rest)
        value: Any = self._entity(entity_set, entity)
        for name in path.split("/"):
            value = value.get(name) if isinstance(value, dict) else None
        if first in ("phenomenonTime", "resultTime") and isinstance(value, str):
            return datetime.fromisoformat(value)
        return value

    def _shown(self, entity_set: str, entity: Any, options: Options) -> Entity:
        link = f"{self.root}/{entity_set}({_written(entity)})"
        found: Entity = {"@iot.id": entity, "@iot.selfLink": link}
        chosen = options.select
        for name, value in self._entity(entity_set, entity).items():
            if not chosen or name in chosen:
                found[name] = value
        if chosen and not {"id", "@iot.id"} & set(chosen):
            found.pop("@iot.id")
        for name, target in NAVIGATION[entity_set].items():
            if name in options.expand:
                ids = self._behind(entity_set, entity, name)
                inner = options.expand[name]
                if name == target:
                    page = self._collection(target, ids, inner, f"{link}/{name}", {})
                    found[name] = page["value"]
                    found.update({f"{name}{key}": page[key] for key in page if key != "value"})
                elif ids:
                    found[name] = self._shown(target, ids[0], inner)
            elif not chosen or name in chosen:
                found[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        unknown = [name for name in options.expand if name not in NAVIGATION[entity_set]]
        if unknown:
            raise OptionError(f"{entity_set} has no {unknown[0]} to expand")
        return found


@dataclass(frozen=True, slots=True)
class _Stream:
    """The Observations of a Datastream, not read yet."""

    id: int


def _observation_of(text: str) -> tuple[int, int]:
    match = _OBSERVATION_ID.fullmatch(str(text))
    if match is None:
        raise NoSuchEntityError(str(text))
    return int(match[1]), int(match[2])


def _written(entity: Any) -> str:
    return str(entity) if isinstance(entity, int) else f"'{entity}'"


def _sortable(value: Any) -> tuple[int, Any]:
    """A key that sorts what is not there first, and never compares kinds that cannot be."""
    if value is None:
        return (0, 0)
    if isinstance(value, bool | int | float):
        return (1, value)
    return (2, value.isoformat() if isinstance(value, datetime) else str(value))


def root_of(root: str) -> dict[str, Any]:
    """The list of entity sets."""
    conformance = "http://www.opengis.net/spec/iot_sensing/1.1/req"
    return {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in NAVIGATION],
        "serverSettings": {
            "conformance": [
                f"{conformance}/datamodel",
                f"{conformance}/resource-path/resource-path-to-entities",
                f"{conformance}/request-data",
            ],
            "maxTop": MAX_TOP,
        },
    }
