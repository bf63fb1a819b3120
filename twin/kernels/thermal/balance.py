"""The heat balance of all zones, hour by hour.

Per time step (implicit Euler, coefficients at the last known temperatures):

1. every wall is a two-port between its faces (:mod:`conduction`); with the film coefficients of both faces it
   becomes a relation between the air and star temperatures on its two sides;
2. the air and star nodes of all zones are solved together: block Gauss-Seidel over zones, each an exact
   2 x 2 solve with its set-points and capacities, until no temperature moves by more than ``TOLERANCE_K``;
   the matrix is a diagonally dominant M-matrix, so the sweeps converge, over-relaxed where they are slow;
3. face and node temperatures follow by substitution, and every flow is booked.

The structure is that of ISO 52016-1:2017, 6.5.6, with the long-wave star of Carroll (1980) in place of the
area-weighted exchange, so that faces need not be solved together.

What is called in each step is compiled with ``_nrt=False``: nothing there allocates, and counting references
to the arrays of the tuples would take three quarters of the time of a zone.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.thermal.convection import FUSED, LEEWARD, WINDWARD
from twin.kernels.thermal.faces import absorb_sun, join_surfaces, remember_walls, update_surfaces
from twin.kernels.thermal.network import Flow, Network, Operation, Weather
from twin.kernels.thermal.state import AIR_SPECIFIC_HEAT, FLOWS, HOURS, Group, Record, State, Step
from twin.kernels.thermal.ventilation import (
    Ventilation,
    conductance_let_in,
    leakage_m3_s,
    single_sided_flow_m3_s,
)

Floats = NDArray[np.float64]

TOLERANCE_K = 2e-8
MOST_SWEEPS = 200
SLOW_SWEEPS = 12  # more than these in a step: over-relax from then on
WARMUP_DAYS = 14  # the last days of the year, repeated
WARMUP_TOLERANCE_K = 0.05  # largest change of a face from one pass to the next

GAINS, VENTILATION = int(Flow.GAINS), int(Flow.VENTILATION)
MIXING, AIR_STORAGE = int(Flow.MIXING), int(Flow.AIR_STORAGE)
HEATING, COOLING = int(Flow.HEATING), int(Flow.COOLING)


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def _start_zones(
    step: Step,
    group: Group,
    network: Network,
    weather: Weather,
    operation: Operation,
    ventilation: Ventilation,
    state: State,
) -> None:
    """Each zone's own system without its faces, and its radiative gains."""
    air_heat = weather.air_density_kg_m3[step.hour] * AIR_SPECIFIC_HEAT
    for z in range(group.z0, group.z1):
        zone, now = network.zones[z], state.zones[z]
        row = zone.operation
        for k in range(zone.first_pair, zone.pair_end):
            pair = state.pairs[k]
            pair.k11 = 0.0
            pair.k12 = 0.0
            pair.k21 = 0.0
            pair.k22 = 0.0
        supplied = operation.air_changes_per_h[row, step.row] * zone.volume_m3 / 3600.0
        if zone.stack_leakage_m3_s > 0.0:
            leakage = leakage_m3_s(
                zone.stack_leakage_m3_s, zone.wind_leakage_m3_s, now.air - step.air_c,
                weather.wind_speed_m_s[step.hour],
            )  # fmt: skip
            supplied = max(supplied, leakage)
        vent = supplied * air_heat
        now.vent = vent
        now.most_let_in = 0.0
        now.let_in = 0.0
        if ventilation.opened.shape[0] > 0:
            through_windows = single_sided_flow_m3_s(
                ventilation.opened[row, step.row] * zone.opening_m2, zone.opening_height_m,
                now.air - step.air_c, weather.wind_speed_m_s[step.hour],
            )  # fmt: skip
            by_fans = ventilation.purge_air_changes_per_h[row, step.row] * zone.volume_m3 / 3600.0
            now.most_let_in = (through_windows + by_fans) * air_heat
        storage = zone.air_capacity_j_k / step.length_s
        mixing = 0.0
        for k in range(zone.first_link, zone.last_link):
            link = network.link_ends[k]
            mixing += link.flow_m3_s * air_heat
            if link.zone > z:
                state.pairs[link.pair].k11 += link.flow_m3_s * air_heat
        now.a11 = vent + storage + mixing
        now.a12 = 0.0
        now.a22 = 0.0
        now.b1 = (
            vent * step.air_c
            + storage * now.air
            + operation.convective_gain_w_m2[row, step.row] * zone.floor_area_m2
        )
        now.b2 = 0.0
        now.air_before = now.air
        now.gain = operation.radiative_gain_w_m2[row, step.row] * zone.floor_area_m2 / zone.enclosure_m2


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def _solve_zones(
    step: Step,
    group: Group,
    network: Network,
    operation: Operation,
    ventilation: Ventilation,
    state: State,
    relaxation: float,
) -> tuple[int, float]:
    """Air and star temperatures and loads of all zones together; returns sweeps and their rate of progress.

    Floating zones are over-relaxed by ``relaxation`` (projected SOR: Cryer 1971, doi:10.1137/0309028).
    """
    coupled = network.zones[group.z1 - 1].last_end > network.zones[group.z0].first_end
    largest = 1e9
    for sweep in range(MOST_SWEEPS):
        before, largest = largest, 0.0
        for z in range(group.z0, group.z1):
            zone, now = network.zones[z], state.zones[z]
            b1, b2 = now.b1, now.b2
            for k in range(zone.first_end, zone.last_end):
                end = network.pair_ends[k]
                pair, other = state.pairs[end.pair], state.zones[end.other]
                k12, k21 = pair.k12, pair.k21
                if end.is_b:
                    k12, k21 = k21, k12
                b1 += pair.k11 * other.air + k12 * other.star
                b2 += k21 * other.air + pair.k22 * other.star
            determinant = now.a11 * now.a22 - now.a12 * now.a12
            air = (b1 * now.a22 - now.a12 * b2) / determinant
            stiffness = determinant / now.a22  # W/K, of the air with its star node
            load = 0.0
            low = operation.heating_setpoint_c[zone.operation, step.row]
            high = operation.cooling_setpoint_c[zone.operation, step.row]
            if now.most_let_in > 0.0:
                if sweep < SLOW_SWEEPS:  # then what is open stays as it is, so that the sweeps converge
                    now.let_in = conductance_let_in(
                        air, stiffness, high, step.air_c, now.most_let_in,
                        ventilation.open_above_c[zone.operation, step.row], ventilation.least_difference_k,
                    )  # fmt: skip
                air = (stiffness * air + now.let_in * step.air_c) / (stiffness + now.let_in)
                stiffness += now.let_in
            if air < low:
                load = min((low - air) * stiffness, zone.heating_capacity_w)
            elif air > high:
                load = max((high - air) * stiffness, -zone.cooling_capacity_w)
            air += load / stiffness
            star = (b2 - now.a12 * air) / now.a22
            if load == 0.0 and now.let_in == 0.0:
                air += (relaxation - 1.0) * (air - now.air)
                star += (relaxation - 1.0) * (star - now.star)
            largest = max(largest, abs(air - now.air), abs(star - now.star))
            now.air = air
            now.star = star
            now.load = load
        if not coupled or largest < TOLERANCE_K:
            return sweep + 1, largest / before
    return MOST_SWEEPS, 1.0


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def _book(
    row: int,
    step: Step,
    group: Group,
    network: Network,
    weather: Weather,
    operation: Operation,
    state: State,
    record: Record,
) -> None:
    """Book the flows into the zones' air over this step, and the error of their sum."""
    air_heat = weather.air_density_kg_m3[step.hour] * AIR_SPECIFIC_HEAT
    hour, share = step.hour, step.length_s / 3600.0
    for z in range(group.z0, group.z1):
        zone, now = network.zones[z], state.zones[z]
        use = zone.operation
        gain = operation.convective_gain_w_m2[use, step.row] + operation.radiative_gain_w_m2[use, step.row]
        state.flows[z, GAINS] = gain * zone.floor_area_m2
        state.flows[z, VENTILATION] = (now.vent + now.let_in) * (step.air_c - now.air)
        for k in range(zone.first_link, zone.last_link):
            link = network.link_ends[k]
            state.flows[z, MIXING] += link.flow_m3_s * air_heat * (state.zones[link.zone].air - now.air)
        state.flows[z, AIR_STORAGE] = -zone.air_capacity_j_k / step.length_s * (now.air - now.air_before)
        if now.load > 0.0:
            state.flows[z, HEATING] = now.load
            record.heating[z, hour] += now.load * share
        else:
            state.flows[z, COOLING] = now.load
            record.cooling[z, hour] -= now.load * share
        record.air[z, hour] += now.air * share
        record.star[z, hour] += now.star * share
        record.let_in[z, hour] += now.let_in * share
        total, size = 0.0, 1.0  # the 1 W keeps idle zones from dividing noise by noise
        for k in range(FLOWS):
            value = state.flows[z, k]
            total += value
            size += abs(value)
            record.flows[row, z, k] += value * share
        record.error[z] = max(record.error[z], abs(total) / size)


@njit(cache=True, error_model="numpy", fastmath=FUSED)
def _extrapolate(now: Floats, old: Floats, older: Floats) -> None:
    """Where three passes of the warm-up lead to, for temperatures that approach it geometrically (Aitken)."""
    for i in range(len(now)):
        first, second = old[i] - older[i], now[i] - old[i]
        if first * second > 0.0 and abs(second) < 0.95 * abs(first):
            ratio = second / first
            now[i] += second * ratio / (1.0 - ratio)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FUSED)
def run_hours(
    first: int,
    end: int,
    booked: bool,
    steps_per_hour: int,
    bin_of_hour: NDArray[np.int64],
    group: Group,
    network: Network,
    weather: Weather,
    operation: Operation,
    ventilation: Ventilation,
    state: State,
    record: Record,
) -> None:
    """Run one group of zones from hour ``first`` up to hour ``end``.

    What is ``booked`` is added to ``record``; flows to the row of ``bin_of_hour``.
    """
    remember_walls(group, network, state)
    relaxation = 1.0
    for hour in range(first, end):
        last = hour - 1 if hour > 0 else HOURS - 1
        if hour == first or not (network.solar.dark[hour] and network.solar.dark[last]):
            absorb_sun(hour, group, network, weather, state)
        windward = weather.wind_speed_m_s[hour] ** WINDWARD[1]
        leeward = weather.wind_speed_m_s[hour] ** LEEWARD[1]
        for sub in range(steps_per_hour):
            now = (sub + 0.5) / steps_per_hour
            air_c = weather.air_temperature_c[last] * (1.0 - now) + weather.air_temperature_c[hour] * now
            sky_c = weather.sky_temperature_c[last] * (1.0 - now) + weather.sky_temperature_c[hour] * now
            row, length_s = hour * steps_per_hour + sub, 3600.0 / steps_per_hour
            step = Step(hour, row, length_s, air_c, sky_c, windward, leeward)
            _start_zones(step, group, network, weather, operation, ventilation, state)
            join_surfaces(step, group, network, weather, state)
            sweeps, rate = _solve_zones(step, group, network, operation, ventilation, state, relaxation)
            if sweeps > SLOW_SWEEPS and relaxation == 1.0:
                relaxation = 2.0 / (1.0 + math.sqrt(1.0 - min(rate, 0.97)))
            update_surfaces(group, network, state)
            if booked:
                _book(bin_of_hour[hour], step, group, network, weather, operation, state, record)
                record.sweeps[group.z0] = max(record.sweeps[group.z0], sweeps)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=FUSED)
def warm_up(
    hour: int,
    most_passes: int,
    steps_per_hour: int,
    bin_of_hour: NDArray[np.int64],
    group: Group,
    network: Network,
    weather: Weather,
    operation: Operation,
    ventilation: Ventilation,
    state: State,
    record: Record,
) -> None:
    """Repeat the days before ``hour`` until no face changes by more than ``WARMUP_TOLERANCE_K``."""
    f0, f1 = group.f0, group.f1
    m0, m1 = 0, 0
    if f1 > f0:
        m0, m1 = network.surfaces[f0].first_mode, network.surfaces[f1 - 1].last_mode
    face = np.zeros(f1 - f0)
    old_face, older_face = np.zeros(f1 - f0), np.zeros(f1 - f0)
    old_mode, older_mode = np.zeros(m1 - m0), np.zeros(m1 - m0)
    first = (hour - WARMUP_DAYS * 24) % HOURS
    booked = most_passes < 0  # never; a literal False would have run_hours compiled a second time
    passes = 0
    change = 1e9
    while passes < most_passes and change > WARMUP_TOLERANCE_K:
        run_hours(
            first, first + WARMUP_DAYS * 24, booked, steps_per_hour, bin_of_hour,
            group, network, weather, operation, ventilation, state, record,
        )  # fmt: skip
        passes += 1
        for f in range(f0, f1):
            face[f - f0] = state.surfaces[f].front_face
        change = 1e9 if passes == 1 else np.abs(face - old_face).max()
        if passes % 3 == 0:
            _extrapolate(face, old_face, older_face)
            _extrapolate(state.modes[m0:m1], old_mode, older_mode)
            for f in range(f0, f1):
                state.surfaces[f].front_face = face[f - f0]
        older_face[:] = old_face
        old_face[:] = face
        older_mode[:] = old_mode
        old_mode[:] = state.modes[m0:m1]
    record.warmup[group.z0, 0] = passes
    record.warmup[group.z0, 1] = change
