"""One live twin: feeds, store, alarms and outlets on one event loop, with a clean end.

Order of the end: feeds first, then alarms, then what is queued is stored, then the files are closed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ifc.model import BuildingModel, Text
from sensors.alarms.alarm import Alarm
from sensors.alarms.center import AlarmCenter
from sensors.alarms.log import AlarmLog
from sensors.alarms.rules import read_rules
from sensors.errors import SensorError
from sensors.feeds.contract import Feed, Sink, supervise
from sensors.intake import Intake
from sensors.outlets.outbox import Outbox
from sensors.points import Point, PointTable, Privacy, read_points
from sensors.store.contract import Store
from sensors.store.maintenance import maintain
from sensors.store.postgres import PostgresStore
from sensors.store.retention import Retention
from sensors.store.sqlite import SqliteStore
from sensors.units import unit_of
from twin.binding.check import check_bindings
from twin.binding.table import Binding, read_bindings
from twin.errors import TwinError
from twin.live.aggregates import Aggregates
from twin.live.feeds import feed_of
from twin.live.outlets import Outlets
from twin.live.places import Places, places_in, places_of_bindings
from twin.live.sections import LiveSection
from twin.project import Project

log = logging.getLogger(__name__)

HISTORY, ALARMS, AGGREGATES, OUTBOX = "history.db", "alarms.db", "aggregates.db", "outbox.db"
RESTART_PAUSE_S = 5.0


@dataclass
class Live:
    """A live twin. Everything but the store's queries belongs to its event loop."""

    project: Project
    folder: Path
    points: PointTable
    bindings: tuple[Binding, ...]
    places: Places
    store: Store
    intake: Intake
    alarm_log: AlarmLog
    alarms: AlarmCenter
    feeds: dict[str, tuple[Feed, Sink, str]]  # name -> (feed, its sink, its kind)
    aggregates: Aggregates
    outlets: Outlets
    started_us: int = field(default_factory=lambda: time.time_ns() // 1000)
    faults: list[str] = field(default_factory=list)  # parts that broke and were started again
    dead: set[str] = field(default_factory=set)  # points whose binding is dead

    def points_of(self, alarm: Alarm) -> list[Point]:
        """The points that an alarm speaks of."""
        return _points_of(alarm, self.alarms, self.points)

    def locate(self, model: BuildingModel) -> None:
        """Take the places of the points from a model; bindings are checked against it, dead ones left out."""
        checked = check_bindings(model, self.bindings, self.points)
        for dead in checked.dead:
            if dead.point not in self.dead:
                log.warning("The binding of %s to %s is dead", dead.point, dead.anchor.global_id)
        self.dead = {dead.point for dead in checked.dead}
        self.places = places_in(model, checked.usable)


def open_live(project: Project) -> Live:
    """Open the files of a project and put its live twin together; nothing runs yet.

    Call it on the event loop that will run it.

    Raises:
        TwinError: twin.toml names no points.
        SensorError: a table, a rule or a store is wrong.
    """
    section = project.live
    points = points_of_project(project)
    rules = () if section.alarms is None else read_rules(project.resolve(section.alarms))
    bindings = () if section.bindings is None else read_bindings(project.resolve(section.bindings))
    folder = project.resolve(section.folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # readings of homes lie here
    with ExitStack() as opened:
        store = open_store(project, points)
        opened.callback(store.close)
        alarm_log = AlarmLog(folder / ALARMS)
        opened.callback(alarm_log.close)
        aggregates = Aggregates(folder / AGGREGATES, points, store, section.group_households)
        opened.callback(aggregates.close)
        outbox = Outbox(folder / OUTBOX)
        opened.callback(outbox.close)
        intake = Intake(points, store)
        alarms = AlarmCenter(rules, points, intake.latest, alarm_log)
        # An urgent reading is judged the moment it comes; judging it again with its batch changes nothing.
        intake.listen_urgent(alarms.read)
        intake.listen(alarms.read)
        outlets = Outlets(
            project.outlets,
            points,
            outbox,
            aggregates,
            lambda alarm: _points_of(alarm, alarms, points),
            project.resolve,
        )
        intake.keep(outlets.keep_readings)
        alarms.keep(outlets.keep_alarms)
        live = Live(
            project=project,
            folder=folder,
            points=points,
            bindings=bindings,
            places=places_of_bindings(bindings),
            store=store,
            intake=intake,
            alarm_log=alarm_log,
            alarms=alarms,
            feeds=_feeds(project, points, intake),
            aggregates=aggregates,
            outlets=outlets,
        )
        opened.pop_all()
    return live


def points_of_project(project: Project) -> PointTable:
    """The table of points of a project.

    Raises:
        TwinError: twin.toml names none, or a meter that is none.
        SensorError: the table is wrong.
    """
    if project.live.points is None:
        raise TwinError(
            "project-not-live",
            str(project.file or "twin.toml"),
            Text("The project names no points to watch.", "项目未指定要监测的测点。"),
            Text(
                "Set `points` under [live]; see docs/live.md.", "请在 [live] 下设置 points，见 docs/live.md。"
            ),
        )
    points = read_points(project.resolve(project.live.points))
    _check_meters(project.live, points)
    return points


def _check_meters(live: LiveSection, points: PointTable) -> None:
    section, volume = live.meters, ("m³", "m³/h")
    wanted = {
        "meters.electricity": ("kWh", "kW"),
        "meters.water": volume,
        "meters.rain": ("mm", "mm/h"),
        "meters.runoff": volume,
        "meters.reuse": volume,
        "levels": ("m",),
    }
    named: dict[str, Sequence[str]] = {
        "meters.electricity": section.electricity,
        "meters.water": section.water,
        "meters.rain": (section.rain,) if section.rain else (),
        "meters.runoff": section.runoff,
        "meters.reuse": section.reuse,
        "levels": [each.point for each in live.levels],
    }
    for use, meters in section.water_uses.items():
        for source in ("potable", "non_traditional"):
            key = f"meters.water_uses.{use}.{source}"
            named[key], wanted[key] = getattr(meters, source), volume
    for key, ids in named.items():
        for id_ in ids:
            row = points.row_of.get(id_)
            unit = "" if row is None else points[row].unit
            if row is None or unit_of(unit).dimension not in {
                unit_of(each).dimension for each in wanted[key]
            }:
                units = " / ".join(wanted[key])
                raise TwinError(
                    "no-such-meter",
                    f"live.{key}, {id_}",
                    Text(
                        f"There is no point of this name in {units}.", f"没有该名称且单位为 {units} 的测点。"
                    ),
                    Text("Correct the name, or the unit of the point.", "请更正名称或测点单位。"),
                )


def places_of_project(project: Project, model: BuildingModel, points: PointTable) -> Places:
    """Where the bound points of a project stand in its model; nowhere without bindings."""
    if project.live.bindings is None:
        return Places()
    bindings = read_bindings(project.resolve(project.live.bindings))
    return places_in(model, check_bindings(model, bindings, points).usable)


def open_store(project: Project, points: PointTable, *, read_only: bool = False) -> Store:
    """Open the history of a project; one that is only read may be written to by a running server.

    Raises:
        SensorError: it cannot be opened, or belongs to points of other units.
    """
    section = project.live
    if section.postgres is None:
        return SqliteStore(project.resolve(section.folder) / HISTORY, points, read_only=read_only)
    return PostgresStore(section.postgres, points, section.postgres_password_env, read_only=read_only)


def _feeds(project: Project, points: PointTable, intake: Intake) -> dict[str, tuple[Feed, Sink, str]]:
    feeds: dict[str, tuple[Feed, Sink, str]] = {}
    for entry in project.feeds:
        if entry.name in feeds:
            raise TwinError(
                "feed-twice",
                f"{project.file}, feeds.{entry.name}",
                Text("Two feeds have this name.", "有两个数据源使用此名称。"),
                Text("Name each feed differently.", "请为每个数据源取不同的名称。"),
            )
        feed = feed_of(entry, points, project.live.zone, project.resolve)
        feeds[entry.name] = (feed, Sink(intake, entry.name), entry.kind)
    return feeds


def _points_of(alarm: Alarm, alarms: AlarmCenter, points: PointTable) -> list[Point]:
    if alarm.point:
        row = points.row_of.get(alarm.point)
        return [] if row is None else [points[row]]
    rule = alarms.rules.get(alarm.rule)
    named = () if rule is None else rule.variables.values()
    return [points[points.row_of[name]] for name in named]


@asynccontextmanager
async def running(live: Live) -> AsyncIterator[Live]:
    """Run a live twin; at the end everything taken in is stored and every file closed."""
    intake = asyncio.create_task(live.intake.run(), name="intake")
    retention = _retention(live.project)
    alarms = _kept("alarms", live.alarms.run, live)
    upkeep = _kept("upkeep", lambda: maintain(live.store, live.points, retention), live)
    feeds = [
        _kept(f"feed {name}", lambda feed=feed, sink=sink: supervise(feed, sink), live, sink)  # type: ignore[misc]
        for name, (feed, sink, _) in live.feeds.items()
    ]
    outlets = [_kept(f"outlet {each.name}", each.run, live) for each in live.outlets.all.values()]
    outlets.append(_kept("aggregates", live.outlets.keep_aggregates, live))
    try:
        yield live
    finally:
        await _end(feeds)
        await _end([alarms, upkeep, *outlets])
        await _end([intake])
        for file in (live.store, live.alarm_log, live.aggregates, live.outlets.outbox):
            file.close()


def _kept(name: str, work: Callable[[], object], live: Live, sink: Sink | None = None) -> asyncio.Task[None]:
    """A task that is started again when it breaks: one wrong part must not silence the others."""

    async def keep() -> None:
        while True:
            try:
                await work()  # type: ignore[misc]
            except SensorError as error:
                # Bad settings do not mend themselves, but a file that is missing may appear.
                _note(live, f"{name}: {error}")
                if sink is not None:
                    sink.lost(error.message.en)
            except Exception as error:  # the supervisor's last door
                log.exception("%s broke and is started again", name)
                _note(live, f"{name}: {type(error).__name__}: {error}")
                if sink is not None:
                    sink.lost(type(error).__name__)
            else:
                return
            await asyncio.sleep(RESTART_PAUSE_S)

    return asyncio.create_task(keep(), name=name)


def _note(live: Live, fault: str) -> None:
    live.faults.append(fault)
    del live.faults[:-100]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("A part ended with %s: %s", type(result).__name__, result)


def _retention(project: Project) -> Retention:
    days = project.live.retention_days.model_dump()
    return Retention({Privacy(name): value or None for name, value in days.items()})
