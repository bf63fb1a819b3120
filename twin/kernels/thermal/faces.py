"""The faces of walls and windows in one step: sun, films, the two-port between them, what follows for them.

The zones' air and star nodes are solved between :func:`join_surfaces` and :func:`update_surfaces`
(:mod:`balance`).
"""

from __future__ import annotations

import math

from numba import njit

from twin.kernels.thermal.convection import FUSED, LEAST_W_M2K, LEEWARD_COSINE, cube_root
from twin.kernels.thermal.longwave import KELVIN, STEFAN_BOLTZMANN
from twin.kernels.thermal.network import Back, Flow, Network, Weather
from twin.kernels.thermal.state import FLOWS, Group, State, Step

GAS_CONSTANT_AIR = 287.05  # J/(kg K)
SEA_LEVEL_PA = 101325.0
GIVEN_FILM_W_M2K = 1e6  # ties a face to a given temperature

OUTDOORS, TEMPERATURE, OTHER_ZONE = int(Back.OUTDOORS), int(Back.TEMPERATURE), int(Back.ZONE)
SOLAR = int(Flow.SOLAR)


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def absorb_sun(hour: int, group: Group, network: Network, weather: Weather, state: State) -> None:
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
        if solar.beam[orientation, hour] * lit + diffuse > surface.blind_irradiance:
            lit *= surface.blind_factor
            diffuse *= surface.blind_factor
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


@njit(cache=True, error_model="numpy", fastmath=FUSED, forceinline=True)
def _film_inside(
    face: float, air: float, star: float, warm: float, cold: float, radiant: float
) -> tuple[float, float]:
    """Convective and radiative coefficients of a face inside, W/(m²K)."""
    difference = face - air
    factor = warm if difference > 0.0 else cold
    convection = max(LEAST_W_M2K, factor * cube_root(abs(difference)))
    mean = 0.5 * (face + star) + KELVIN
    return convection, 4.0 * STEFAN_BOLTZMANN * radiant * mean * mean * mean


@njit(cache=True, error_model="numpy", fastmath=FUSED, forceinline=True)
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


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def join_surfaces(step: Step, group: Group, network: Network, weather: Weather, state: State) -> None:
    """Films and two-port of every wall in this step, gathered into the zones' systems."""
    hour = step.hour
    sky_k, air_k = step.sky_c + KELVIN, step.air_c + KELVIN
    thin = SEA_LEVEL_PA / (weather.air_density_kg_m3[hour] * GAS_CONSTANT_AIR * air_k)
    dense = 1.0 / math.sqrt(thin)
    east, north = weather.wind_east[hour], weather.wind_north[hour]
    for f in range(group.f0, group.f1):
        surface, now = network.surfaces[f], state.surfaces[f]
        zone = state.zones[surface.zone]
        back_face, front_face = now.back_face, now.front_face
        k00, k11, k01 = surface.back_admittance, surface.front_admittance, surface.transfer
        if surface.gap_m > 0.0:
            k01 = _gap_conductance(
                back_face, front_face, surface.gap_m, surface.gap_emissivity, surface.pane_resistance, thin
            )
            k00 = k01
            k11 = k01
        hc1, hr1 = _film_inside(
            front_face, zone.air, zone.star, surface.front_warm, surface.front_cold, surface.front_radiant
        )
        if surface.pane > 0.0:
            quarter = math.sqrt(math.sqrt(abs(front_face - zone.air)))
            hc1 = max(LEAST_W_M2K, surface.pane * dense * quarter)
        front_source = now.front_memory + now.front_sun + zone.gain
        back_source = now.back_memory + now.back_sun
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


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def remember_walls(group: Group, network: Network, state: State) -> None:
    """What the walls' past sends to their faces, from the modes."""
    for f in range(group.f0, group.f1):
        surface, now = network.surfaces[f], state.surfaces[f]
        now.back_memory = 0.0
        now.front_memory = 0.0
        for i in range(surface.first_mode, surface.last_mode):
            mode = network.modes[i]
            now.back_memory += mode.from_back * state.modes[i]
            now.front_memory += mode.from_front * state.modes[i]


@njit(cache=True, _nrt=False, error_model="numpy", fastmath=FUSED, forceinline=True)
def update_surfaces(group: Group, network: Network, state: State) -> None:
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
        back_memory, front_memory = 0.0, 0.0
        for i in range(surface.first_mode, surface.last_mode):
            mode = network.modes[i]
            x = mode.decay * state.modes[i] + mode.from_back * back_face + mode.from_front * front_face
            state.modes[i] = x
            back_memory += mode.from_back * x
            front_memory += mode.from_front * x
        now.back_memory = back_memory
        now.front_memory = front_memory

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
