"""A year of the balance: set up, warm up, run, hand back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.balance import WARMUP_DAYS, run_hours, warm_up
from twin.kernels.thermal.network import Back, Network, Operation, Weather
from twin.kernels.thermal.state import (
    FLOWS,
    HOURS,
    PAIR_STATE,
    SURFACE_STATE,
    ZONE_STATE,
    Group,
    Record,
    State,
)
from twin.kernels.thermal.ventilation import Ventilation, no_ventilation

Floats = NDArray[np.float64]

FIRST_TEMPERATURE_C = 18.0  # before the warm-up of the year
WARMEST_START_C = 26.0  # of a part of the year: rooms are kept within comfort more often than not
MOST_WARMUP_PASSES = 12
# A year in two parts: the second one starts from one pass of the warm-up, and the first one goes on into it
# until all temperatures of walls agree. Both then take about the same time.
SECOND_PART_HOUR = 24 * 147
OVERLAP_DAYS = 90
SAME_K = 0.01
_MONTH_OF_HOUR = np.repeat(np.arange(12), 24 * np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))


@dataclass(frozen=True)
class Year:
    """One simulated year of Z zones. Powers are means over the hour, W; temperatures too."""

    heating_w: Floats  # (Z, 8760)
    cooling_w: Floats  # (Z, 8760), positive
    air_temperature_c: NDArray[np.float32]  # (Z, 8760)
    mean_radiant_temperature_c: NDArray[np.float32]  # (Z, 8760)
    let_in_w_k: NDArray[np.float32]  # (Z, 8760) heat carried by air of open windows and fans at night
    flows_wh: Floats  # (12, Z, len(Flow)) per month into the zone's air; they sum to zero
    balance_error: float  # largest |sum of flows| / sum of |flows| of a zone in a step
    most_sweeps: int  # of the zone solve in one step
    warmup_passes: int  # over the last 14 days of the year
    warmup_change_k: float  # of any face between the last two passes


def simulate(
    network: Network,
    weather: Weather,
    operation: Operation,
    steps_per_hour: int,
    threads: int = 1,
    ventilation: Ventilation | None = None,
) -> Year:
    """Run a year.

    ``network`` must have been packed for the same ``steps_per_hour``, and ``operation`` must hold that many
    steps, like ``ventilation`` (None: no more air than the operation names). Groups of zones that share
    nothing run in ``threads`` threads, which changes nothing; with more threads than groups the year runs in
    two parts, joined where their temperatures agree within ``SAME_K``.

    Raises:
        ValueError: an array of ``operation``, ``ventilation`` or ``weather`` has the wrong length.
    """
    steps = HOURS * steps_per_hour
    let_in = ventilation or no_ventilation()
    if ventilation is not None:
        for values in let_in[:3]:
            if values.shape != operation.air_changes_per_h.shape:
                raise ValueError(
                    f"ventilation has the shape {values.shape}, not {operation.air_changes_per_h.shape}"
                )
    for name, values in zip(Operation._fields, operation, strict=True):
        if values.shape[1] != steps:
            raise ValueError(f"operation.{name} has {values.shape[1]} steps, not {steps}")
    if weather.air_temperature_c.shape != (HOURS,):
        raise ValueError(f"weather has {weather.air_temperature_c.shape[0]} hours, not {HOURS}")
    groups = [Group(*group) for group in network.groups.tolist()]
    zone_count = len(network.zones)
    state = _first_state(network, weather, HOURS, FIRST_TEMPERATURE_C)
    record = Record(
        heating=np.zeros((zone_count, HOURS)),
        cooling=np.zeros((zone_count, HOURS)),
        air=np.zeros((zone_count, HOURS), np.float32),
        star=np.zeros((zone_count, HOURS), np.float32),
        let_in=np.zeros((zone_count, HOURS), np.float32),
        flows=np.zeros((12, zone_count, FLOWS)),
        error=np.zeros(zone_count),
        sweeps=np.zeros(zone_count, np.int64),
        warmup=np.zeros((zone_count, 2)),
    )

    building = _Building(steps_per_hour, network, weather, operation, let_in)
    if threads == 1:
        for group in groups:
            building.run_whole(group, state, record)
    else:
        with ThreadPoolExecutor(threads) as pool:
            if len(groups) >= threads:
                list(pool.map(partial(building.run_whole, state=state, record=record), groups))
            else:
                parts = [_TwoParts(building, group, state, record) for group in groups]
                later = [pool.submit(part.run_second) for part in parts]  # which nobody waits for in vain
                for task in [pool.submit(part.run_first) for part in parts] + later:
                    task.result()
                for part in parts:
                    part.join()
    place = np.argsort(network.zone_order)
    return Year(
        heating_w=record.heating[place],
        cooling_w=record.cooling[place],
        air_temperature_c=record.air[place],
        mean_radiant_temperature_c=record.star[place],
        let_in_w_k=record.let_in[place],
        flows_wh=np.ascontiguousarray(record.flows[:, place]),
        balance_error=float(record.error.max()),
        most_sweeps=int(record.sweeps.max()),
        warmup_passes=int(record.warmup[:, 0].max()),
        warmup_change_k=float(record.warmup[:, 1].max()),
    )


def _first_state(network: Network, weather: Weather, hour: int, temperature_c: float) -> State:
    """Everything at one temperature, walls against a given one at what it is before ``hour``."""
    zones = np.zeros(len(network.zones), ZONE_STATE)
    zones["air"] = zones["star"] = temperature_c
    start = np.full(len(network.surfaces), temperature_c)
    given = network.surfaces["back"] == Back.TEMPERATURE
    start[given] = weather.given_temperature_c[network.surfaces["back_row"][given], hour - 1]
    surfaces = np.zeros(len(network.surfaces), SURFACE_STATE)
    surfaces["back_face"] = surfaces["front_face"] = start
    steady = (network.modes["from_back"] + network.modes["from_front"]) / (1 - network.modes["decay"])
    return State(
        zones=zones,
        surfaces=surfaces,
        modes=steady * np.repeat(start, network.surfaces["last_mode"] - network.surfaces["first_mode"]),
        pairs=np.zeros(len(network.pair_ends) // 2, PAIR_STATE),
        flows=np.zeros((len(network.zones), FLOWS)),
    )


@dataclass(frozen=True)
class _Building:
    """What does not change in a year."""

    steps_per_hour: int
    network: Network
    weather: Weather
    operation: Operation
    ventilation: Ventilation

    def run_whole(self, group: Group, state: State, record: Record) -> None:
        self.warm_up(0, MOST_WARMUP_PASSES, group, state, record)
        self.run(0, HOURS, _MONTH_OF_HOUR, group, state, record)

    def warm_up(self, hour: int, most_passes: int, group: Group, state: State, record: Record) -> None:
        warm_up(
            hour, most_passes, self.steps_per_hour, _MONTH_OF_HOUR,
            group, self.network, self.weather, self.operation, self.ventilation, state, record,
        )  # fmt: skip

    def run(
        self, first: int, end: int, bins: NDArray[np.int64], group: Group, state: State, record: Record
    ) -> None:
        run_hours(
            first, end, True, self.steps_per_hour, bins,
            group, self.network, self.weather, self.operation, self.ventilation, state, record,
        )  # fmt: skip

    def temperatures(self, group: Group, state: State) -> Floats:
        """Of all faces of a group, and the modes behind them as the temperatures that would hold them."""
        surfaces = self.network.surfaces[group.f0 : group.f1]
        rows = slice(surfaces["first_mode"][0], surfaces["last_mode"][-1]) if len(surfaces) else slice(0)
        modes, faces = self.network.modes[rows], state.surfaces[group.f0 : group.f1]
        held = (1 - modes["decay"]) / (np.abs(modes["from_back"]) + np.abs(modes["from_front"]))
        return np.concatenate([faces["front_face"], faces["back_face"], held * state.modes[rows]])


class _TwoParts:
    """One group's year in two parts that run side by side.

    Both write the same hourly rows of the record: the first part those of the second one's first days too,
    once the second has left them. Flows of these days are kept apart until it is known whose count.
    """

    def __init__(self, building: _Building, group: Group, state: State, record: Record) -> None:
        zones = len(building.network.zones)
        self._building, self._group, self._state, self._record = building, group, state, record
        before = building.weather.air_temperature_c[SECOND_PART_HOUR - 24 * WARMUP_DAYS : SECOND_PART_HOUR]
        start_c = min(max(float(before.mean()), FIRST_TEMPERATURE_C), WARMEST_START_C)
        self._second_state = _first_state(building.network, building.weather, SECOND_PART_HOUR, start_c)
        self._second = record._replace(
            flows=np.zeros((12 + OVERLAP_DAYS, zones, FLOWS)),
            error=np.zeros(zones),
            sweeps=np.zeros(zones, np.int64),
            warmup=np.zeros((zones, 2)),
        )
        self._days: list[Floats] = []  # the second part's temperatures at the end of its first days
        self._days_done, self._second_done = Event(), Event()
        self._joined = OVERLAP_DAYS  # days of the second part that the first one has run too

    def run_second(self) -> None:
        """From ``SECOND_PART_HOUR`` to the end of the year."""
        bins = _MONTH_OF_HOUR.copy()
        start, end = SECOND_PART_HOUR, SECOND_PART_HOUR + 24 * OVERLAP_DAYS
        bins[start:end] = 12 + np.arange(end - start) // 24
        run = partial(
            self._building.run, bins=bins, group=self._group, state=self._second_state, record=self._second
        )
        try:
            self._building.warm_up(start, 1, self._group, self._second_state, self._second)
            for first in range(start, end, 24):
                run(first, first + 24)
                self._days.append(self._building.temperatures(self._group, self._second_state))
            self._days_done.set()
            run(end, HOURS)
        finally:
            self._days_done.set()
            self._second_done.set()

    def run_first(self) -> None:
        """Up to the second part, and on until both agree; to the end of the year if they never do."""
        self._building.warm_up(0, MOST_WARMUP_PASSES, self._group, self._state, self._record)
        self._run(0, SECOND_PART_HOUR)
        self._days_done.wait()
        for day, theirs in enumerate(self._days):
            first = SECOND_PART_HOUR + 24 * day
            self._run(first, first + 24)
            ours = self._building.temperatures(self._group, self._state)
            if len(ours) == 0 or np.abs(ours - theirs).max() < SAME_K:
                self._joined = day + 1
                return
        self._second_done.wait()
        self._run(SECOND_PART_HOUR + 24 * OVERLAP_DAYS, HOURS)
        self._second.flows[:] = 0.0

    def _run(self, first: int, end: int) -> None:
        rows = slice(self._group.z0, self._group.z1)
        ours = self._record
        for hourly in (ours.heating, ours.cooling, ours.air, ours.star, ours.let_in):
            hourly[rows, first:end] = 0.0
        self._building.run(first, end, _MONTH_OF_HOUR, self._group, self._state, self._record)

    def join(self) -> None:
        """Add what the second part alone has run to the record."""
        rows, ours, theirs = slice(self._group.z0, self._group.z1), self._record, self._second
        ours.flows[:, rows] += theirs.flows[:12, rows]
        for day in range(self._joined, OVERLAP_DAYS):
            month = _MONTH_OF_HOUR[SECOND_PART_HOUR + 24 * day]
            ours.flows[month, rows] += theirs.flows[12 + day, rows]
        ours.error[rows] = np.maximum(ours.error[rows], theirs.error[rows])
        ours.sweeps[rows] = np.maximum(ours.sweeps[rows], theirs.sweeps[rows])
