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
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.thermal.convection import LEAST_W_M2K, LEEWARD, LEEWARD_COSINE, WINDWARD, cube_root
from twin.kernels.thermal.longwave import KELVIN, STEFAN_BOLTZMANN
from twin.kernels.thermal.network import Back, Flow, Network, Operation, Records, Weather

Floats = NDArray[np.float64]

HOURS = 8760
TOLERANCE_K = 2e-8
MOST_SWEEPS = 200
SLOW_SWEEPS = 12  # more than these in a step: over-relax from then on
WARMUP_DAYS = 14  # the last days of the year, repeated
WARMUP_TOLERANCE_K = 0.05  # largest change of a face from one pass to the next
MOST_WARMUP_PASSES = 12
AIR_SPECIFIC_HEAT = 1006.0  # J/(kg K)
GAS_CONSTANT_AIR = 287.05  # J/(kg K)
SEA_LEVEL_PA = 101325.0
GIVEN_FILM_W_M2K = 1e6  # ties a face to a given temperature

OUTDOORS, TEMPERATURE, OTHER_ZONE = int(Back.OUTDOORS), int(Back.TEMPERATURE), int(Back.ZONE)
FLOWS = len(Flow)
SOLAR, GAINS, VENTILATION = int(Flow.SOLAR), int(Flow.GAINS), int(Flow.VENTILATION)
MIXING, AIR_STORAGE = int(Flow.MIXING), int(Flow.AIR_STORAGE)
HEATING, COOLING = int(Flow.HEATING), int(Flow.COOLING)

ZONE_STATE = np.dtype(
    [
        ("air", np.float64),
        ("star", np.float64),
        ("air_before", np.float64),
        ("pool", np.float64),  # diffuse solar power in the zone, W
        ("gain", np.float64),  # radiative gains on each face of the zone, W/m²
        ("a11", np.float64),  # the zone's own 2 x 2 system: air and star node, W/K and W
        ("a12", np.float64),
        ("a22", np.float64),
        ("b1", np.float64),
        ("b2", np.float64),
        ("load", np.float64),
    ],
    align=True,
)
SURFACE_STATE = np.dtype(
    [
        ("back_face", np.float64),
        ("front_face", np.float64),
        ("back_sun", np.float64),  # absorbed, W/m²
        ("front_sun", np.float64),
        ("back_response", np.float64),  # inverse of the two-port with films, m²K/W
        ("cross_response", np.float64),
        ("front_response", np.float64),
        ("back_source", np.float64),  # W/m²
        ("front_source", np.float64),
        ("back_convection", np.float64),  # W/(m²K)
        ("back_radiation", np.float64),
        ("front_convection", np.float64),
        ("front_radiation", np.float64),
    ],
    align=True,
)
PAIR_STATE = np.dtype(
    [
        ("k11", np.float64),  # effect of b's air on a's air, W/K
        ("k12", np.float64),  # of b's star on a's air
        ("k21", np.float64),
        ("k22", np.float64),
    ],
    align=True,
)


class State(NamedTuple):
    """Temperatures and the work space of a step."""

    zones: Records  # (Z,) ZONE_STATE
    surfaces: Records  # (F,) SURFACE_STATE
    nodes: Floats  # (N,) inner nodes
    pairs: Records  # (P,) PAIR_STATE
    flows: Floats  # (Z, len(Flow)) into the zone's air in this step, W


class Record(NamedTuple):
    """What is kept of the year, rows by zone; sweeps and warm-up in the row of a group's first zone."""

    heating: Floats  # (Z, 8760) W
    cooling: Floats
    air: NDArray[np.float32]  # (Z, 8760) °C
    star: NDArray[np.float32]
    flows: Floats  # (12, Z, len(Flow)) Wh
    error: Floats  # (Z,)
    sweeps: NDArray[np.int64]  # (Z,)
    warmup: Floats  # (Z, 2) passes, last change


class Group(NamedTuple):
    """Zones z0 to z1 and surfaces f0 to f1, which exchange heat with no others."""

    z0: int
    z1: int
    f0: int
    f1: int


class Step(NamedTuple):
    """One time step and its weather."""

    hour: int
    row: int  # of the operation
    length_s: float
    air_c: float
    sky_c: float
    windward: float  # V^b of the MoWiTT model
    leeward: float


@njit(cache=True, error_model="numpy", forceinline=True)
def _absorb_sun(hour: int, group: Group, network: Network, weather: Weather, state: State) -> None:
    """Solar power absorbed by each face in this hour, W/m²."""
    solar = network.solar
    row = weather.sun_row[hour]
    for z in range(group.z0, group.z1):
        state.zones[z].pool = 0.0
    for f in range(group.f0, group.f1):
        state.surfaces[f].back_sun = 0.0
        state.surfaces[f].front_sun = 0.0
    for f in range(group.f0, group.f1):
        surface, now = network.surfaces[f], state.surfaces[f]
        orientation = surface.orientation
        if orientation < 0:
            continue
        lit = solar.sunlit[surface.sunlit_row, row]
        diffuse = solar.diffuse[orientation, hour] * surface.sky_visibility + solar.ground[orientation, hour]
        c = surface.solar_class
        if c < 0:
            now.back_sun += surface.outside_absorptance * (solar.beam[orientation, hour] * lit + diffuse)
            continue
        through = solar.class_beam[c, hour, 0] * lit * surface.area_m2
        now.back_sun += solar.class_beam[c, hour, 1] * lit + solar.class_diffuse[c, 1] * diffuse
        now.front_sun += solar.class_beam[c, hour, 2] * lit + solar.class_diffuse[c, 2] * diffuse
        reflected = through
        if through > 0.0:
            for k in range(surface.first_target, surface.last_target):
                target = network.targets[k]
                absorbed = target.weight * solar.target_share[target.row, row] * through
                reflected -= absorbed * network.surfaces[target.surface].area_m2
                if target.back:
                    state.surfaces[target.surface].back_sun += absorbed
                else:
                    state.surfaces[target.surface].front_sun += absorbed
        state.zones[surface.zone].pool += reflected + solar.class_diffuse[c, 0] * diffuse * surface.area_m2
    for f in range(group.f0, group.f1):
        surface, now = network.surfaces[f], state.surfaces[f]
        pool = state.zones[surface.zone].pool
        now.front_sun += surface.front_scatter * pool
        if surface.glazed:
            now.back_sun += surface.back_scatter * pool
        elif surface.back == OTHER_ZONE:
            now.back_sun += surface.back_scatter * state.zones[surface.back_row].pool


@njit(cache=True, error_model="numpy", forceinline=True)
def _film_inside(
    face: float, air: float, star: float, warm: float, cold: float, radiant: float
) -> tuple[float, float]:
    """Convective and radiative coefficients of a face inside, W/(m²K)."""
    difference = face - air
    factor = warm if difference > 0.0 else cold
    convection = max(LEAST_W_M2K, factor * cube_root(abs(difference)))
    mean = 0.5 * (face + star) + KELVIN
    return convection, 4.0 * STEFAN_BOLTZMANN * radiant * mean * mean * mean


@njit(cache=True, error_model="numpy", forceinline=True)
def _gap_conductance(
    outer_c: float, inner_c: float, gap_m: float, emissivity: float, resistance: float, thin: float
) -> float:
    """Air gap between two panes and the panes, W/(m²K): EN 673, properties of air at the mean temperature.

    ``thin`` is the sea-level pressure over the local one: thin air convects less.
    """
    mean = 0.5 * (outer_c + inner_c) + KELVIN
    radiation = 4.0 * STEFAN_BOLTZMANN * emissivity * mean * mean * mean
    conductivity = 0.02496 + 7.0e-5 * (mean - 283.15)
    viscosity = thin * (1.411e-5 + 0.9e-7 * (mean - 283.15))  # kinematic
    rayleigh = (
        9.81
        / mean
        * (abs(outer_c - inner_c) + 0.01)
        * gap_m
        * gap_m
        * gap_m
        / (viscosity * viscosity)
        * 0.711
    )
    nusselt: float = max(1.0, 0.035 * math.exp(0.38 * math.log(rayleigh)))
    return 1.0 / (1.0 / (radiation + nusselt * conductivity / gap_m) + resistance)


@njit(cache=True, error_model="numpy", forceinline=True)
def _start_zones(
    step: Step, group: Group, network: Network, weather: Weather, operation: Operation, state: State
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
        vent = operation.air_changes_per_h[row, step.row] * zone.volume_m3 / 3600.0 * air_heat
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


@njit(cache=True, error_model="numpy", forceinline=True)
def _join_surfaces(step: Step, group: Group, network: Network, weather: Weather, state: State) -> None:
    """Films and two-port of every wall in this step, gathered into the zones' systems."""
    hour = step.hour
    sky_k, air_k = step.sky_c + KELVIN, step.air_c + KELVIN
    thin = SEA_LEVEL_PA / (weather.air_density_kg_m3[hour] * GAS_CONSTANT_AIR * air_k)
    east, north = weather.wind_east[hour], weather.wind_north[hour]
    for f in range(group.f0, group.f1):
        surface, now = network.surfaces[f], state.surfaces[f]
        zone = state.zones[surface.zone]
        back_face, front_face = now.back_face, now.front_face
        k00, k11, k01 = surface.back_admittance, surface.front_admittance, surface.transfer
        if surface.glazed:
            if surface.gap_m > 0.0:
                k01 = _gap_conductance(
                    back_face, front_face, surface.gap_m, surface.gap_emissivity,
                    surface.pane_resistance, thin,
                )  # fmt: skip
                k00 = k01
                k11 = k01
            back_source, front_source = 0.0, 0.0
        else:
            back_source = surface.back_storage * back_face
            front_source = surface.front_storage * front_face
            first, last = surface.first_node, surface.last_node
            if last > first:
                value = 0.0
                for i in range(first, last):
                    node = network.nodes[i]
                    value = node.forward_gain * state.nodes[i] + node.forward_link * value
                    state.nodes[i] = value
                for i in range(last - 2, first - 1, -1):
                    value = state.nodes[i] + network.nodes[i].backward_link * value
                    state.nodes[i] = value
                back_source += surface.back_conductance * value
                front_source += surface.front_conductance * state.nodes[last - 1]

        hc1, hr1 = _film_inside(
            front_face, zone.air, zone.star, surface.front_warm, surface.front_cold, surface.front_radiant
        )
        front_source += now.front_sun + zone.gain
        back_source += now.back_sun
        kind = surface.back
        hc0, hr0, h0 = 0.0, 0.0, 0.0
        if kind == OUTDOORS:
            difference = back_face - step.air_c
            factor = surface.back_warm if difference > 0.0 else surface.back_cold
            still = factor * cube_root(abs(difference))
            if (
                surface.always_windward
                or surface.normal_east * east + surface.normal_north * north >= LEEWARD_COSINE
            ):
                forced = surface.windward * step.windward
            else:
                forced = surface.leeward * step.leeward
            convection = still + surface.roughness * (math.sqrt(still * still + forced * forced) - still)
            face_k = back_face + KELVIN
            square = face_k * face_k
            to_sky = surface.sky_factor * STEFAN_BOLTZMANN * (sky_k * sky_k + square) * (sky_k + face_k)
            to_air = surface.air_factor * STEFAN_BOLTZMANN * (air_k * air_k + square) * (air_k + face_k)
            h0 = convection + to_sky + to_air
            back_source += (convection + to_air) * step.air_c + to_sky * step.sky_c
        elif kind == OTHER_ZONE:
            other = state.zones[surface.back_row]
            hc0, hr0 = _film_inside(
                back_face, other.air, other.star, surface.back_warm, surface.back_cold, surface.back_radiant
            )
            h0 = hc0 + hr0
            back_source += other.gain
        elif kind == TEMPERATURE:
            h0 = GIVEN_FILM_W_M2K
            back_source += h0 * weather.given_temperature_c[surface.back_row, hour]

        d0, d1 = k00 + h0, k11 + hc1 + hr1
        inverse = 1.0 / (d0 * d1 - k01 * k01)
        back_response, cross, front_response = d1 * inverse, k01 * inverse, d0 * inverse
        now.back_response = back_response
        now.cross_response = cross
        now.front_response = front_response
        now.back_source = back_source
        now.front_source = front_source
        now.back_convection = hc0
        now.back_radiation = hr0
        now.front_convection = hc1
        now.front_radiation = hr1

        area = surface.area_m2
        known = cross * back_source + front_response * front_source
        zone.a11 += area * hc1 * (1.0 - hc1 * front_response)
        zone.a12 -= area * hc1 * hr1 * front_response
        zone.a22 += area * hr1 * (1.0 - hr1 * front_response)
        zone.b1 += area * hc1 * known
        zone.b2 += area * hr1 * known
        if kind == OTHER_ZONE:
            other = state.zones[surface.back_row]
            known = back_response * back_source + cross * front_source
            other.a11 += area * hc0 * (1.0 - hc0 * back_response)
            other.a12 -= area * hc0 * hr0 * back_response
            other.a22 += area * hr0 * (1.0 - hr0 * back_response)
            other.b1 += area * hc0 * known
            other.b2 += area * hr0 * known
            through = area * cross
            if surface.pair < 0:  # both sides in the same zone
                zone.a11 -= 2.0 * through * hc0 * hc1
                zone.a12 -= through * (hc0 * hr1 + hc1 * hr0)
                zone.a22 -= 2.0 * through * hr0 * hr1
                continue
            pair = state.pairs[surface.pair]
            pair.k11 += through * hc0 * hc1
            pair.k22 += through * hr0 * hr1
            if surface.front_is_b:
                pair.k12 += through * hc0 * hr1
                pair.k21 += through * hr0 * hc1
            else:
                pair.k12 += through * hc1 * hr0
                pair.k21 += through * hr1 * hc0


@njit(cache=True, error_model="numpy", forceinline=True)
def _solve_zones(
    step: Step, group: Group, network: Network, operation: Operation, state: State, relaxation: float
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
            load = 0.0
            low = operation.heating_setpoint_c[zone.operation, step.row]
            high = operation.cooling_setpoint_c[zone.operation, step.row]
            if air < low:
                load = min((low - air) * determinant / now.a22, zone.heating_capacity_w)
            elif air > high:
                load = max((high - air) * determinant / now.a22, -zone.cooling_capacity_w)
            air += load * now.a22 / determinant
            star = (b2 - now.a12 * air) / now.a22
            if load == 0.0:
                air += (relaxation - 1.0) * (air - now.air)
                star += (relaxation - 1.0) * (star - now.star)
            largest = max(largest, abs(air - now.air), abs(star - now.star))
            now.air = air
            now.star = star
            now.load = load
        if not coupled or largest < TOLERANCE_K:
            return sweep + 1, largest / before
    return MOST_SWEEPS, 1.0


@njit(cache=True, error_model="numpy", forceinline=True)
def _update_surfaces(group: Group, network: Network, state: State) -> None:
    """Face and node temperatures from the zones' temperatures, and the flows of the faces."""
    for z in range(group.z0, group.z1):
        for k in range(FLOWS):
            state.flows[z, k] = 0.0
    for f in range(group.f0, group.f1):
        surface, now = network.surfaces[f], state.surfaces[f]
        z, kind, area = surface.zone, surface.flow, surface.area_m2
        zone = state.zones[z]
        film = now.front_convection + now.front_radiation
        given = now.front_convection * zone.air + now.front_radiation * zone.star
        front = now.front_source + given
        back = now.back_source
        back_given = 0.0
        if surface.back == OTHER_ZONE:
            other = state.zones[surface.back_row]
            back_given = now.back_convection * other.air + now.back_radiation * other.star
            back += back_given
        back_face = now.back_response * back + now.cross_response * front
        front_face = now.cross_response * back + now.front_response * front
        now.back_face = back_face
        now.front_face = front_face
        for i in range(surface.first_node, surface.last_node):
            node = network.nodes[i]
            state.nodes[i] += node.from_back * back_face + node.from_front * front_face

        sun = now.front_sun
        if surface.glazed:
            sun = film * (now.cross_response * now.back_sun + now.front_response * sun)
        state.flows[z, kind] += area * (film * front_face - given - sun - zone.gain)
        state.flows[z, SOLAR] += area * sun
        if surface.back == OTHER_ZONE:
            y, sun = surface.back_row, now.back_sun
            film = now.back_convection + now.back_radiation
            gain = state.zones[y].gain
            state.flows[y, kind] += area * (film * back_face - back_given - sun - gain)
            state.flows[y, SOLAR] += area * sun


@njit(cache=True, error_model="numpy", forceinline=True)
def _book(
    month: int,
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
        row = zone.operation
        gain = operation.convective_gain_w_m2[row, step.row] + operation.radiative_gain_w_m2[row, step.row]
        vent = operation.air_changes_per_h[row, step.row] * zone.volume_m3 / 3600.0 * air_heat
        state.flows[z, GAINS] = gain * zone.floor_area_m2
        state.flows[z, VENTILATION] = vent * (step.air_c - now.air)
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
        total, size = 0.0, 1.0  # the 1 W keeps idle zones from dividing noise by noise
        for k in range(FLOWS):
            value = state.flows[z, k]
            total += value
            size += abs(value)
            record.flows[month, z, k] += value * share
        record.error[z] = max(record.error[z], abs(total) / size)


@njit(cache=True, error_model="numpy")
def _extrapolate(now: Floats, old: Floats, older: Floats) -> None:
    """Where three passes of the warm-up lead to, for temperatures that approach it geometrically (Aitken)."""
    for i in range(len(now)):
        first, second = old[i] - older[i], now[i] - old[i]
        if first * second > 0.0 and abs(second) < 0.95 * abs(first):
            ratio = second / first
            now[i] += second * ratio / (1.0 - ratio)


@njit(cache=True, nogil=True, error_model="numpy")
def simulate_group(
    group: Group,
    steps_per_hour: int,
    month_of_hour: NDArray[np.int64],
    network: Network,
    weather: Weather,
    operation: Operation,
    state: State,
    record: Record,
) -> None:
    """Warm up and run the year for one group of zones."""
    f0, f1 = group.f0, group.f1
    n0, n1 = 0, 0
    if f1 > f0:
        n0, n1 = network.surfaces[f0].first_node, network.surfaces[f1 - 1].last_node
    face = np.zeros(f1 - f0)
    old_face, older_face = np.zeros(f1 - f0), np.zeros(f1 - f0)
    old_node, older_node = np.zeros(n1 - n0), np.zeros(n1 - n0)
    passes = 0
    change = 1e9
    relaxation = 1.0
    while True:
        warming = passes < MOST_WARMUP_PASSES and change > WARMUP_TOLERANCE_K
        first = HOURS - WARMUP_DAYS * 24 if warming else 0
        for hour in range(first, HOURS):
            last = hour - 1 if hour > 0 else HOURS - 1
            if hour == first or not (network.solar.dark[hour] and network.solar.dark[last]):
                _absorb_sun(hour, group, network, weather, state)
            windward = weather.wind_speed_m_s[hour] ** WINDWARD[1]
            leeward = weather.wind_speed_m_s[hour] ** LEEWARD[1]
            for sub in range(steps_per_hour):
                now = (sub + 0.5) / steps_per_hour
                air_c = weather.air_temperature_c[last] * (1.0 - now) + weather.air_temperature_c[hour] * now
                sky_c = weather.sky_temperature_c[last] * (1.0 - now) + weather.sky_temperature_c[hour] * now
                row, length_s = hour * steps_per_hour + sub, 3600.0 / steps_per_hour
                step = Step(hour, row, length_s, air_c, sky_c, windward, leeward)
                _start_zones(step, group, network, weather, operation, state)
                _join_surfaces(step, group, network, weather, state)
                sweeps, rate = _solve_zones(step, group, network, operation, state, relaxation)
                if sweeps > SLOW_SWEEPS and relaxation == 1.0:
                    relaxation = 2.0 / (1.0 + math.sqrt(1.0 - min(rate, 0.97)))
                _update_surfaces(group, network, state)
                if not warming:
                    _book(month_of_hour[hour], step, group, network, weather, operation, state, record)
                    record.sweeps[group.z0] = max(record.sweeps[group.z0], sweeps)
        if not warming:
            break
        passes += 1
        for f in range(f0, f1):
            face[f - f0] = state.surfaces[f].front_face
        change = 1e9 if passes == 1 else np.abs(face - old_face).max()
        if passes % 3 == 0:
            _extrapolate(face, old_face, older_face)
            _extrapolate(state.nodes[n0:n1], old_node, older_node)
            for f in range(f0, f1):
                state.surfaces[f].front_face = face[f - f0]
        older_face[:] = old_face
        old_face[:] = face
        older_node[:] = old_node
        old_node[:] = state.nodes[n0:n1]
    record.warmup[group.z0, 0] = passes
    record.warmup[group.z0, 1] = change
