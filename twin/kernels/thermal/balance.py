"""The heat balance of all zones, hour by hour.

Per time step (implicit Euler, coefficients at the last known temperatures):

1. every wall is a two-port between its faces (:mod:`conduction`); with the film coefficients of both faces it
   becomes a relation between the air and star temperatures on its two sides;
2. the air and star nodes of all zones are solved together: block Gauss-Seidel over zones, each an exact
   2 x 2 solve with its set-points and capacities, until no temperature moves by more than ``TOLERANCE_K``;
   the matrix is a diagonally dominant M-matrix, so the sweeps converge;
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
from twin.kernels.thermal.network import (
    Back,
    Couplings,
    Flow,
    Nodes,
    Operation,
    Solar,
    Surfaces,
    Weather,
    Zones,
)

Floats = NDArray[np.float64]

HOURS = 8760
TOLERANCE_K = 1e-7
MOST_SWEEPS = 200
WARMUP_DAYS = 14  # the last days of the year, repeated
WARMUP_TOLERANCE_K = 0.05  # largest change of a face from one pass to the next
MOST_WARMUP_PASSES = 12
AIR_SPECIFIC_HEAT = 1006.0  # J/(kg K)
GAS_CONSTANT_AIR = 287.05  # J/(kg K)
SEA_LEVEL_PA = 101325.0
GIVEN_FILM_W_M2K = 1e6  # ties a face to a given temperature

OUTDOORS, TEMPERATURE, ZONE, ADIABATIC = (
    int(Back.OUTDOORS),
    int(Back.TEMPERATURE),
    int(Back.ZONE),
    int(Back.ADIABATIC),
)
FLOWS = len(Flow)
WINDOW, SOLAR, GAINS, VENTILATION = int(Flow.WINDOW), int(Flow.SOLAR), int(Flow.GAINS), int(Flow.VENTILATION)
MIXING, AIR_STORAGE, HEATING, COOLING = (
    int(Flow.MIXING),
    int(Flow.AIR_STORAGE),
    int(Flow.HEATING),
    int(Flow.COOLING),
)


class State(NamedTuple):
    """Temperatures and the work arrays of a step; one row per zone, surface or node."""

    air: Floats
    star: Floats
    air_before: Floats
    back_face: Floats
    front_face: Floats
    node: Floats
    back_sun: Floats  # W/m² absorbed
    front_sun: Floats
    pool: Floats  # (Z,) diffuse solar power in the zone, W
    gain: Floats  # (Z,) radiative gains on each face of the zone, W/m²
    back_response: Floats  # inverse of the two-port with films, m²K/W
    cross_response: Floats
    front_response: Floats
    back_source: Floats  # W/m²
    front_source: Floats
    back_convection: Floats  # W/(m²K)
    back_radiation: Floats
    front_convection: Floats
    front_radiation: Floats
    a11: Floats
    a12: Floats
    a22: Floats
    b1: Floats
    b2: Floats
    load: Floats
    k11: Floats  # (pairs,) effect of b's air on a's air, W/K; k12 of b's star on a's air, and so on
    k12: Floats
    k21: Floats
    k22: Floats


class Record(NamedTuple):
    """What is kept of the year, rows by zone; warm-up and sweeps in the row of a group's first zone."""

    heating: Floats
    cooling: Floats
    air: NDArray[np.float32]
    star: NDArray[np.float32]
    flows: Floats
    error: Floats  # (Z,)
    sweeps: NDArray[np.int64]  # (Z,)
    warmup: Floats  # (Z, 2) passes, last change


@njit(cache=True, error_model="numpy", forceinline=True)
def _absorb_sun(
    hour: int,
    z0: int,
    z1: int,
    f0: int,
    f1: int,
    weather: Weather,
    surfaces: Surfaces,
    solar: Solar,
    state: State,
) -> None:
    """Solar power absorbed by each face in this hour, W/m² (state.back_sun, front_sun)."""
    row = weather.sun_row[hour]
    for z in range(z0, z1):
        state.pool[z] = 0.0
    for f in range(f0, f1):
        state.back_sun[f] = 0.0
        state.front_sun[f] = 0.0
    for f in range(f0, f1):
        orientation = surfaces.orientation[f]
        if orientation < 0:
            continue
        lit = solar.sunlit[surfaces.sunlit_row[f], row]
        diffuse = (
            solar.diffuse[orientation, hour] * surfaces.sky_visibility[f] + solar.ground[orientation, hour]
        )
        c = surfaces.solar_class[f]
        if c < 0:
            state.back_sun[f] += surfaces.outside_absorptance[f] * (
                solar.beam[orientation, hour] * lit + diffuse
            )
            continue
        area = surfaces.area_m2[f]
        through = solar.class_beam[c, hour, 0] * lit * area
        state.back_sun[f] += solar.class_beam[c, hour, 1] * lit + solar.class_diffuse[c, 1] * diffuse
        state.front_sun[f] += solar.class_beam[c, hour, 2] * lit + solar.class_diffuse[c, 2] * diffuse
        reflected = through
        if through > 0.0:
            for k in range(surfaces.target_start[f], surfaces.target_start[f + 1]):
                target = solar.target_surface[k]
                absorbed = solar.target_weight[k] * solar.target_share[solar.target_row[k], row] * through
                reflected -= absorbed * surfaces.area_m2[target]
                if solar.target_back[k]:
                    state.back_sun[target] += absorbed
                else:
                    state.front_sun[target] += absorbed
        state.pool[surfaces.zone[f]] += reflected + solar.class_diffuse[c, 0] * diffuse * area
    for f in range(f0, f1):
        state.front_sun[f] += surfaces.front_scatter[f] * state.pool[surfaces.zone[f]]
        if surfaces.back[f] == ZONE and not surfaces.glazed[f]:
            state.back_sun[f] += surfaces.back_scatter[f] * state.pool[surfaces.back_row[f]]
        elif surfaces.glazed[f]:
            state.back_sun[f] += surfaces.back_scatter[f] * state.pool[surfaces.zone[f]]


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
def _face_surfaces(
    hour: int,
    step: int,
    air_c: float,
    sky_c: float,
    windward: float,
    leeward: float,
    step_s: float,
    z0: int,
    z1: int,
    f0: int,
    f1: int,
    weather: Weather,
    operation: Operation,
    zones: Zones,
    surfaces: Surfaces,
    nodes: Nodes,
    couplings: Couplings,
    state: State,
) -> None:
    """Films and wall two-ports of this step, gathered into each zone's 2 x 2 system."""
    density = weather.air_density_kg_m3[hour]
    for k in range(couplings.first_pair[z0], couplings.first_pair[z1]):
        state.k11[k] = 0.0
        state.k12[k] = 0.0
        state.k21[k] = 0.0
        state.k22[k] = 0.0
    for z in range(z0, z1):
        row = zones.operation[z]
        vent = (
            operation.air_changes_per_h[row, step] * zones.volume_m3[z] / 3600.0 * density * AIR_SPECIFIC_HEAT
        )
        storage = zones.air_capacity_j_k[z] / step_s
        mixing = 0.0
        for k in range(couplings.link_start[z], couplings.link_start[z + 1]):
            flow = couplings.link_flow_m3_s[k] * density * AIR_SPECIFIC_HEAT
            mixing += flow
            if couplings.link_zone[k] > z:
                state.k11[couplings.link_pair[k]] += flow
        state.a11[z] = vent + storage + mixing
        state.a12[z] = 0.0
        state.a22[z] = 0.0
        state.b1[z] = (
            vent * air_c
            + storage * state.air[z]
            + operation.convective_gain_w_m2[row, step] * zones.floor_area_m2[z]
        )
        state.b2[z] = 0.0
        state.air_before[z] = state.air[z]
        state.gain[z] = (
            operation.radiative_gain_w_m2[row, step] * zones.floor_area_m2[z] / zones.enclosure_m2[z]
        )
    sky_k, air_k = sky_c + KELVIN, air_c + KELVIN
    thin = SEA_LEVEL_PA / (density * GAS_CONSTANT_AIR * air_k)
    east, north = weather.wind_east[hour], weather.wind_north[hour]
    for f in range(f0, f1):
        z = surfaces.zone[f]
        back_face, front_face = state.back_face[f], state.front_face[f]
        if surfaces.glazed[f]:
            transfer = surfaces.transfer[f]
            if surfaces.gap_m[f] > 0.0:
                transfer = _gap_conductance(
                    back_face,
                    front_face,
                    surfaces.gap_m[f],
                    surfaces.gap_emissivity[f],
                    surfaces.pane_resistance[f],
                    thin,
                )
            k00, k11, k01, back_source, front_source = transfer, transfer, transfer, 0.0, 0.0
        else:
            n0, n1 = surfaces.node_start[f], surfaces.node_start[f + 1]
            k00, k11, k01 = surfaces.back_admittance[f], surfaces.front_admittance[f], surfaces.transfer[f]
            back_source = surfaces.back_storage[f] * back_face
            front_source = surfaces.front_storage[f] * front_face
            if n1 > n0:
                value = 0.0
                for i in range(n0, n1):
                    value = nodes.forward_gain[i] * state.node[i] + nodes.forward_link[i] * value
                    state.node[i] = value
                for i in range(n1 - 2, n0 - 1, -1):
                    value = state.node[i] + nodes.backward_link[i] * value
                    state.node[i] = value
                back_source += surfaces.back_conductance[f] * value
                front_source += surfaces.front_conductance[f] * state.node[n1 - 1]

        hc1, hr1 = _film_inside(
            front_face,
            state.air[z],
            state.star[z],
            surfaces.front_warm[f],
            surfaces.front_cold[f],
            surfaces.front_radiant[f],
        )
        front_source += state.front_sun[f] + state.gain[z]
        back_source += state.back_sun[f]
        kind = surfaces.back[f]
        hc0, hr0, h0 = 0.0, 0.0, 0.0
        if kind == OUTDOORS:
            difference = back_face - air_c
            factor = surfaces.back_warm[f] if difference > 0.0 else surfaces.back_cold[f]
            still = factor * cube_root(abs(difference))
            if (
                surfaces.always_windward[f]
                or surfaces.normal_east[f] * east + surfaces.normal_north[f] * north >= LEEWARD_COSINE
            ):
                forced = surfaces.windward[f] * windward
            else:
                forced = surfaces.leeward[f] * leeward
            convection = still + surfaces.roughness[f] * (np.sqrt(still * still + forced * forced) - still)
            face_k = back_face + KELVIN
            to_sky = (
                surfaces.sky_factor[f]
                * STEFAN_BOLTZMANN
                * (sky_k * sky_k + face_k * face_k)
                * (sky_k + face_k)
            )
            to_air = (
                surfaces.air_factor[f]
                * STEFAN_BOLTZMANN
                * (air_k * air_k + face_k * face_k)
                * (air_k + face_k)
            )
            h0 = convection + to_sky + to_air
            back_source += (convection + to_air) * air_c + to_sky * sky_c
        elif kind == ZONE:
            y = surfaces.back_row[f]
            hc0, hr0 = _film_inside(
                back_face,
                state.air[y],
                state.star[y],
                surfaces.back_warm[f],
                surfaces.back_cold[f],
                surfaces.back_radiant[f],
            )
            h0 = hc0 + hr0
            back_source += state.gain[y]
        elif kind == TEMPERATURE:
            h0 = GIVEN_FILM_W_M2K
            back_source += h0 * weather.given_temperature_c[surfaces.back_row[f], hour]

        d0, d1 = k00 + h0, k11 + hc1 + hr1
        inverse = 1.0 / (d0 * d1 - k01 * k01)
        back_response, cross, front_response = d1 * inverse, k01 * inverse, d0 * inverse
        state.back_response[f] = back_response
        state.cross_response[f] = cross
        state.front_response[f] = front_response
        state.back_source[f] = back_source
        state.front_source[f] = front_source
        state.back_convection[f] = hc0
        state.back_radiation[f] = hr0
        state.front_convection[f] = hc1
        state.front_radiation[f] = hr1

        area = surfaces.area_m2[f]
        known = cross * back_source + front_response * front_source
        state.a11[z] += area * hc1 * (1.0 - hc1 * front_response)
        state.a12[z] -= area * hc1 * hr1 * front_response
        state.a22[z] += area * hr1 * (1.0 - hr1 * front_response)
        state.b1[z] += area * hc1 * known
        state.b2[z] += area * hr1 * known
        if kind == ZONE:
            y = surfaces.back_row[f]
            known = back_response * back_source + cross * front_source
            state.a11[y] += area * hc0 * (1.0 - hc0 * back_response)
            state.a12[y] -= area * hc0 * hr0 * back_response
            state.a22[y] += area * hr0 * (1.0 - hr0 * back_response)
            state.b1[y] += area * hc0 * known
            state.b2[y] += area * hr0 * known
            through = area * cross
            if y == z:
                state.a11[z] -= 2.0 * through * hc0 * hc1
                state.a12[z] -= through * (hc0 * hr1 + hc1 * hr0)
                state.a22[z] -= 2.0 * through * hr0 * hr1
                continue
            k = surfaces.pair[f]
            state.k11[k] += through * hc0 * hc1
            state.k22[k] += through * hr0 * hr1
            if surfaces.front_is_b[f]:
                state.k12[k] += through * hc0 * hr1
                state.k21[k] += through * hr0 * hc1
            else:
                state.k12[k] += through * hc1 * hr0
                state.k21[k] += through * hr1 * hc0


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
def _solve_zones(
    step: int,
    z0: int,
    z1: int,
    operation: Operation,
    zones: Zones,
    couplings: Couplings,
    state: State,
) -> int:
    """Air and star temperatures and loads of all zones together; returns the number of sweeps."""
    coupled = couplings.start[z1] > couplings.start[z0]
    for sweep in range(MOST_SWEEPS):
        largest = 0.0
        for z in range(z0, z1):
            b1, b2 = state.b1[z], state.b2[z]
            for k in range(couplings.start[z], couplings.start[z + 1]):
                pair, other = couplings.pair[k], couplings.other[k]
                air, star = state.air[other], state.star[other]
                k12, k21 = state.k12[pair], state.k21[pair]
                if couplings.is_b[k]:
                    k12, k21 = k21, k12
                b1 += state.k11[pair] * air + k12 * star
                b2 += k21 * air + state.k22[pair] * star
            a11, a12, a22 = state.a11[z], state.a12[z], state.a22[z]
            determinant = a11 * a22 - a12 * a12
            air = (b1 * a22 - a12 * b2) / determinant
            load = 0.0
            row = zones.operation[z]
            low, high = operation.heating_setpoint_c[row, step], operation.cooling_setpoint_c[row, step]
            if air < low:
                load = min((low - air) * determinant / a22, zones.heating_capacity_w[z])
            elif air > high:
                load = max((high - air) * determinant / a22, -zones.cooling_capacity_w[z])
            air += load * a22 / determinant
            star = (b2 - a12 * air) / a22
            largest = max(largest, abs(air - state.air[z]), abs(star - state.star[z]))
            state.air[z] = air
            state.star[z] = star
            state.load[z] = load
        if not coupled or largest < TOLERANCE_K:
            return sweep + 1
    return MOST_SWEEPS


@njit(cache=True, error_model="numpy", forceinline=True)
def _update_surfaces(
    z0: int, z1: int, f0: int, f1: int, surfaces: Surfaces, nodes: Nodes, state: State, flow: Floats
) -> None:
    """Face and node temperatures from the zones' temperatures, and the flows of the faces (Z, len(Flow))."""
    for z in range(z0, z1):
        for k in range(FLOWS):
            flow[z, k] = 0.0
    for f in range(f0, f1):
        z = surfaces.zone[f]
        hc, hr = state.front_convection[f], state.front_radiation[f]
        given = hc * state.air[z] + hr * state.star[z]
        front = state.front_source[f] + given
        back = state.back_source[f]
        shared = surfaces.back[f] == ZONE
        y = surfaces.back_row[f] if shared else 0
        back_given = 0.0
        if shared:
            back_given = state.back_convection[f] * state.air[y] + state.back_radiation[f] * state.star[y]
            back += back_given
        back_face = state.back_response[f] * back + state.cross_response[f] * front
        front_face = state.cross_response[f] * back + state.front_response[f] * front
        state.back_face[f] = back_face
        state.front_face[f] = front_face
        for i in range(surfaces.node_start[f], surfaces.node_start[f + 1]):
            state.node[i] += nodes.from_back[i] * back_face + nodes.from_front[i] * front_face

        area = surfaces.area_m2[f]
        kind = surfaces.flow[f]
        sun = state.front_sun[f]
        if surfaces.glazed[f]:
            sun = (hc + hr) * (state.cross_response[f] * state.back_sun[f] + state.front_response[f] * sun)
        flow[z, kind] += area * ((hc + hr) * front_face - given - sun - state.gain[z])
        flow[z, SOLAR] += area * sun
        if shared:
            sun = state.back_sun[f]
            film = state.back_convection[f] + state.back_radiation[f]
            flow[y, kind] += area * (film * back_face - back_given - sun - state.gain[y])
            flow[y, SOLAR] += area * sun


@njit(cache=True, error_model="numpy", forceinline=True)
def _book(
    hour: int,
    step: int,
    month: int,
    air_c: float,
    step_s: float,
    z0: int,
    z1: int,
    weather: Weather,
    operation: Operation,
    zones: Zones,
    couplings: Couplings,
    state: State,
    flow: Floats,
    record: Record,
) -> None:
    """Book the flows into the zones' air over this step, and the error of their sum."""
    density = weather.air_density_kg_m3[hour]
    for z in range(z0, z1):
        row = zones.operation[z]
        air = state.air[z]
        flow[z, GAINS] = (
            operation.convective_gain_w_m2[row, step] + operation.radiative_gain_w_m2[row, step]
        ) * zones.floor_area_m2[z]
        flow[z, VENTILATION] = (
            operation.air_changes_per_h[row, step]
            * zones.volume_m3[z]
            / 3600.0
            * density
            * AIR_SPECIFIC_HEAT
            * (air_c - air)
        )
        for k in range(couplings.link_start[z], couplings.link_start[z + 1]):
            flow[z, MIXING] += (
                couplings.link_flow_m3_s[k]
                * density
                * AIR_SPECIFIC_HEAT
                * (state.air[couplings.link_zone[k]] - air)
            )
        flow[z, AIR_STORAGE] = -zones.air_capacity_j_k[z] / step_s * (air - state.air_before[z])
        load = state.load[z]
        share = step_s / 3600.0
        if load > 0.0:
            flow[z, HEATING] = load
            record.heating[z, hour] += load * share
        else:
            flow[z, COOLING] = load
            record.cooling[z, hour] -= load * share
        record.air[z, hour] += air * share
        record.star[z, hour] += state.star[z] * share
        total, size = 0.0, 1.0  # the 1 W keeps idle zones from dividing noise by noise
        for k in range(FLOWS):
            value = flow[z, k]
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
    z0: int,
    z1: int,
    f0: int,
    f1: int,
    steps_per_hour: int,
    month_of_hour: NDArray[np.int64],
    weather: Weather,
    operation: Operation,
    zones: Zones,
    surfaces: Surfaces,
    nodes: Nodes,
    solar: Solar,
    couplings: Couplings,
    state: State,
    flow: Floats,
    record: Record,
) -> None:
    """Warm up and run the year for zones z0..z1 and their surfaces f0..f1."""
    step_s = 3600.0 / steps_per_hour
    n0, n1 = surfaces.node_start[f0], surfaces.node_start[f1]
    old_face, older_face = np.zeros(f1 - f0), np.zeros(f1 - f0)
    old_node, older_node = np.zeros(n1 - n0), np.zeros(n1 - n0)
    passes = 0
    change = 1e9
    while True:
        warming = passes < MOST_WARMUP_PASSES and change > WARMUP_TOLERANCE_K
        first = HOURS - WARMUP_DAYS * 24 if warming else 0
        for hour in range(first, HOURS):
            if not (solar.dark[hour] and solar.dark[hour - 1] and hour > first):
                _absorb_sun(hour, z0, z1, f0, f1, weather, surfaces, solar, state)
            last = hour - 1 if hour > 0 else HOURS - 1
            windward = weather.wind_speed_m_s[hour] ** WINDWARD[1]
            leeward = weather.wind_speed_m_s[hour] ** LEEWARD[1]
            for sub in range(steps_per_hour):
                step = hour * steps_per_hour + sub
                now = (sub + 0.5) / steps_per_hour
                air_c = weather.air_temperature_c[last] * (1.0 - now) + weather.air_temperature_c[hour] * now
                sky_c = weather.sky_temperature_c[last] * (1.0 - now) + weather.sky_temperature_c[hour] * now
                _face_surfaces(
                    hour, step, air_c, sky_c, windward, leeward, step_s, z0, z1, f0, f1,
                    weather, operation, zones, surfaces, nodes, couplings, state,
                )  # fmt: skip
                sweeps = _solve_zones(step, z0, z1, operation, zones, couplings, state)
                _update_surfaces(z0, z1, f0, f1, surfaces, nodes, state, flow)
                if not warming:
                    _book(
                        hour, step, month_of_hour[hour], air_c, step_s, z0, z1,
                        weather, operation, zones, couplings, state, flow, record,
                    )  # fmt: skip
                if sweeps > record.sweeps[z0]:
                    record.sweeps[z0] = sweeps
        if not warming:
            break
        passes += 1
        change = 1e9 if passes == 1 else np.abs(state.front_face[f0:f1] - old_face).max()
        if passes % 3 == 0:
            _extrapolate(state.front_face[f0:f1], old_face, older_face)
            _extrapolate(state.node[n0:n1], old_node, older_node)
        older_face[:] = old_face
        old_face[:] = state.front_face[f0:f1]
        older_node[:] = old_node
        old_node[:] = state.node[n0:n1]
    record.warmup[z0, 0] = passes
    record.warmup[z0, 1] = change
