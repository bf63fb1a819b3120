"""A year of the balance: set up, warm up, run, hand back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels.thermal.balance import simulate_group
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

Floats = NDArray[np.float64]

FIRST_TEMPERATURE_C = 18.0  # before the warm-up; walls against a given temperature start at it
_MONTH_OF_HOUR = np.repeat(np.arange(12), 24 * np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))


@dataclass(frozen=True)
class Year:
    """One simulated year of Z zones. Powers are means over the hour, W; temperatures too."""

    heating_w: Floats  # (Z, 8760)
    cooling_w: Floats  # (Z, 8760), positive
    air_temperature_c: NDArray[np.float32]  # (Z, 8760)
    mean_radiant_temperature_c: NDArray[np.float32]  # (Z, 8760)
    flows_wh: Floats  # (12, Z, len(Flow)) per month into the zone's air; they sum to zero
    balance_error: float  # largest |sum of flows| / sum of |flows| of a zone in a step
    most_sweeps: int  # of the zone solve in one step
    warmup_passes: int  # over the last 14 days of the year
    warmup_change_k: float  # of any face between the last two passes


def simulate(
    network: Network, weather: Weather, operation: Operation, steps_per_hour: int, threads: int = 1
) -> Year:
    """Run a year.

    ``network`` must have been packed for the same ``steps_per_hour``, and ``operation`` must hold that many
    steps. Groups of zones that share nothing run in ``threads`` threads; the result does not depend on how
    many.

    Raises:
        ValueError: an array of ``operation`` or ``weather`` has the wrong length.
    """
    steps = HOURS * steps_per_hour
    for name, values in zip(Operation._fields, operation, strict=True):
        if values.shape[1] != steps:
            raise ValueError(f"operation.{name} has {values.shape[1]} steps, not {steps}")
    if weather.air_temperature_c.shape != (HOURS,):
        raise ValueError(f"weather has {weather.air_temperature_c.shape[0]} hours, not {HOURS}")
    groups = [Group(*group) for group in network.groups.tolist()]
    zone_count = len(network.zones)
    state = _first_state(network, weather)
    record = Record(
        heating=np.zeros((zone_count, HOURS)),
        cooling=np.zeros((zone_count, HOURS)),
        air=np.zeros((zone_count, HOURS), np.float32),
        star=np.zeros((zone_count, HOURS), np.float32),
        flows=np.zeros((12, zone_count, FLOWS)),
        error=np.zeros(zone_count),
        sweeps=np.zeros(zone_count, np.int64),
        warmup=np.zeros((zone_count, 2)),
    )

    def run(group: Group) -> None:
        simulate_group(group, steps_per_hour, _MONTH_OF_HOUR, network, weather, operation, state, record)

    if threads > 1 and len(groups) > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, groups))
    else:
        for group in groups:
            run(group)
    place = np.argsort(network.zone_order)
    return Year(
        heating_w=record.heating[place],
        cooling_w=record.cooling[place],
        air_temperature_c=record.air[place],
        mean_radiant_temperature_c=record.star[place],
        flows_wh=np.ascontiguousarray(record.flows[:, place]),
        balance_error=float(record.error.max()),
        most_sweeps=int(record.sweeps.max()),
        warmup_passes=int(record.warmup[:, 0].max()),
        warmup_change_k=float(record.warmup[:, 1].max()),
    )


def _first_state(network: Network, weather: Weather) -> State:
    zones = np.zeros(len(network.zones), ZONE_STATE)
    zones["air"] = zones["star"] = FIRST_TEMPERATURE_C
    start = np.full(len(network.surfaces), FIRST_TEMPERATURE_C)
    given = network.surfaces["back"] == Back.TEMPERATURE
    start[given] = weather.given_temperature_c[network.surfaces["back_row"][given], -1]
    surfaces = np.zeros(len(network.surfaces), SURFACE_STATE)
    surfaces["back_face"] = surfaces["front_face"] = start
    return State(
        zones=zones,
        surfaces=surfaces,
        nodes=np.repeat(start, network.surfaces["last_node"] - network.surfaces["first_node"]),
        pairs=np.zeros(len(network.pair_ends) // 2, PAIR_STATE),
        flows=np.zeros((len(network.zones), FLOWS)),
    )
