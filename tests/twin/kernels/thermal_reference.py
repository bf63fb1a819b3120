"""The thermal balance written out the slow way: one dense linear system of all nodes per step.

Equal to the kernel in what it models, different in how: nothing is eliminated, no wall is a two-port, the
zones are one matrix, and set-points are met by fixing the air temperature in that matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import expm

from twin.kernels.thermal.balance import WARMUP_DAYS, WARMUP_TOLERANCE_K
from twin.kernels.thermal.conduction import node_chain
from twin.kernels.thermal.irradiance import Irradiance
from twin.kernels.thermal.longwave import mean_radiant_factors
from twin.kernels.thermal.network import Back, Link, Operation, Surface, Weather, Zone

SIGMA = 5.670374419e-8
CP = 1006.0
HOURS = 8760


class Reference:
    def __init__(
        self,
        zones: Sequence[Zone],
        surfaces: Sequence[Surface],
        irradiance: Irradiance,
        weather: Weather,
        operation: Operation,
        steps_per_hour: int,
        links: Sequence[Link] = (),
    ) -> None:
        self.zones, self.surfaces, self.links = zones, surfaces, links
        self.irradiance, self.weather, self.operation = irradiance, weather, operation
        self.steps_per_hour, self.step_s = steps_per_hour, 3600 / steps_per_hour
        self.faces = [
            [(f, False) for f, s in enumerate(surfaces) if s.zone == z]
            + [(f, True) for f, s in enumerate(surfaces) if s.back is Back.ZONE and s.back_row == z]
            for z in range(len(zones))
        ]
        self.enclosure = [sum(surfaces[f].area_m2 for f, _ in own) for own in self.faces]
        self.radiant: dict[tuple[int, bool], float] = {}
        for own in self.faces:
            own = sorted(own)
            area = np.array([surfaces[f].area_m2 for f, _ in own])
            emissivity = np.array(
                [surfaces[f].back_emissivity if b else surfaces[f].front_emissivity for f, b in own]
            )
            self.radiant.update(zip(own, mean_radiant_factors(area, emissivity), strict=True))
        self.chains = [
            node_chain(s.layers, self.step_s) if s.layers else (np.zeros(1), np.zeros(2)) for s in surfaces
        ]
        self.exact = [exact_chain(*chain, self.step_s) for chain in self.chains]
        self.first, count = [], 2 * len(zones)
        for _, capacity in self.chains:
            self.first.append(count)
            count += len(capacity)
        self.temperature = np.full(count, 18.0)
        for first, (_, capacity), surface in zip(self.first, self.chains, surfaces, strict=True):
            if surface.back is Back.TEMPERATURE:
                start = weather.given_temperature_c[surface.back_row, -1]
                self.temperature[first : first + len(capacity)] = start
        self.load = np.zeros(len(zones))

    def absorbed(self, hour: int) -> tuple[np.ndarray, np.ndarray]:
        """Solar W/m² absorbed at the back and the front of every surface."""
        back, front = np.zeros(len(self.surfaces)), np.zeros(len(self.surfaces))
        pool = np.zeros(len(self.zones))
        row = self.weather.sun_row[hour]
        for f, s in enumerate(self.surfaces):
            if s.orientation < 0:
                continue
            lit = 1.0 if s.sunlit is None else np.float32(s.sunlit[row])
            beam = self.irradiance.beam[s.orientation, hour] * lit
            diffuse = (
                self.irradiance.diffuse[s.orientation, hour] * s.sky_visibility
                + self.irradiance.ground[s.orientation, hour]
            )
            if s.glazing is None:
                back[f] += s.outside_absorptance * (beam + diffuse)
                continue
            angle = np.degrees(np.arccos(min(self.irradiance.cos_incidence[s.orientation, hour], 1.0)))
            through, outer, inner = (
                np.interp(angle, np.arange(91.0), share)
                for share in (
                    s.glazing.front.transmittance,
                    s.glazing.front.absorptance_outer,
                    s.glazing.front.absorptance_inner,
                )
            )
            through_diffuse, outer_diffuse, inner_diffuse = s.glazing.front.hemispherical()
            back[f] += outer * beam + outer_diffuse * diffuse
            front[f] += inner * beam + inner_diffuse * diffuse
            floors = [
                (g, b) for g, b in self.faces[s.zone]
                if (-1 if b else 1) * self.surfaces[g].normal[2] < -0.7 and self.surfaces[g].glazing is None
            ]  # fmt: skip
            floor_area = sum(self.surfaces[g].area_m2 for g, _ in floors)
            reflected = 0.0
            for g, b in floors:
                absorptance = self.surfaces[g].back_absorptance if b else self.surfaces[g].front_absorptance
                (back if b else front)[g] += absorptance * through * beam * s.area_m2 / floor_area
                reflected += (
                    (1 - absorptance) * through * beam * s.area_m2 * (self.surfaces[g].area_m2 / floor_area)
                )
            pool[s.zone] += reflected + through_diffuse * diffuse * s.area_m2
        for z, own in enumerate(self.faces):
            weight = {}
            for f, b in own:
                s = self.surfaces[f]
                if s.glazing is None:
                    kept = s.back_absorptance if b else s.front_absorptance
                else:
                    kept = (
                        s.glazing.back_transmittance + s.glazing.back_absorptance_inner
                        + s.glazing.back_absorptance_outer
                    )  # fmt: skip
                weight[f, b] = kept * s.area_m2
            total = sum(weight.values())
            for f, b in own:
                s = self.surfaces[f]
                if s.glazing is None:
                    (back if b else front)[f] += weight[f, b] / total * pool[z] / s.area_m2
                else:
                    front[f] += s.glazing.back_absorptance_inner * pool[z] / total
                    back[f] += s.glazing.back_absorptance_outer * pool[z] / total
        return back, front

    def along_pane(self, difference: float, height_m: float) -> float:
        """ISO 15099: Nu = 0.56 Ra^(1/4), the viscosity and density of air at 288.15 K."""
        density = 1.225 * self.density_ratio
        rayleigh = density**2 * height_m**3 * 9.81 * 1006.0 * abs(difference) / (288.15 * 1.79e-5 * 0.0253)
        return 0.56 * rayleigh**0.25 * 0.0253 / height_m

    def inside_film(self, f: int, back: bool, zone: int) -> tuple[float, float]:
        s = self.surfaces[f]
        node = self.first[f] + (0 if back else len(self.chains[f][1]) - 1)
        face, air, star = self.temperature[node], self.temperature[2 * zone], self.temperature[2 * zone + 1]
        up = s.normal[2] if back else -s.normal[2]
        convection = buoyant(face - air, up)
        if s.pane_height_m is not None and not back:
            convection = self.along_pane(face - air, s.pane_height_m)
        return (
            max(0.1, convection),
            4 * SIGMA * self.radiant[f, back] * ((face + star) / 2 + 273.15) ** 3,
        )

    def step(self, hour: int, sub: int) -> None:
        w, op = self.weather, self.operation
        step = hour * self.steps_per_hour + sub
        now = (sub + 0.5) / self.steps_per_hour
        air_c = w.air_temperature_c[hour - 1] * (1 - now) + w.air_temperature_c[hour] * now
        sky_c = w.sky_temperature_c[hour - 1] * (1 - now) + w.sky_temperature_c[hour] * now
        density = w.air_density_kg_m3[hour]
        self.density_ratio = density * 287.05 * (air_c + 273.15) / 101325.0  # pressure over that of the sea
        sun_back, sun_front = self.absorbed(hour)
        n = len(self.temperature)
        a, b = np.zeros((n, n)), np.zeros(n)

        def couple(i: int, j: int, conductance: float) -> None:
            a[i, i] += conductance
            a[i, j] -= conductance
            a[j, j] += conductance
            a[j, i] -= conductance

        def tie(i: int, conductance: float, temperature: float) -> None:
            a[i, i] += conductance
            b[i] += conductance * temperature

        for z, zone in enumerate(self.zones):
            row = zone.operation
            tie(2 * z, zone.air_capacity_j_k / self.step_s, self.temperature[2 * z])
            tie(2 * z, op.air_changes_per_h[row, step] * zone.volume_m3 / 3600 * density * CP, air_c)
            b[2 * z] += op.convective_gain_w_m2[row, step] * zone.floor_area_m2
        for link in self.links:
            couple(2 * link.zone_a, 2 * link.zone_b, link.flow_m3_s * density * CP)

        def radiant_gain(z: int) -> float:
            zone = self.zones[z]
            return op.radiative_gain_w_m2[zone.operation, step] * zone.floor_area_m2 / self.enclosure[z]

        for f, s in enumerate(self.surfaces):
            resistance, capacity = self.chains[f]
            nodes = self.first[f] + np.arange(len(capacity))
            old = self.temperature[nodes]
            if s.glazing is not None:
                conductance = [s.area_m2 * s.glazing.conductance_w_m2k]
            else:
                conductance = list(s.area_m2 / resistance)
            for i, value in enumerate(conductance):
                couple(nodes[i], nodes[i + 1], value)
            if len(nodes) > 2:
                past, from_old, from_new = self.exact[f]
                inner, ends = nodes[1:-1], nodes[[0, -1]]
                a[inner] = 0.0
                a[inner, inner] = 1.0
                a[np.ix_(inner, ends)] = -from_new
                b[inner] = past @ old[1:-1] + from_old @ old[[0, -1]]
            b[nodes[0]] += s.area_m2 * sun_back[f]
            b[nodes[-1]] += s.area_m2 * (sun_front[f] + radiant_gain(s.zone))
            hc, hr = self.inside_film(f, False, s.zone)
            couple(nodes[-1], 2 * s.zone, s.area_m2 * hc)
            couple(nodes[-1], 2 * s.zone + 1, s.area_m2 * hr)
            if s.back is Back.ZONE:
                hc, hr = self.inside_film(f, True, s.back_row)
                couple(nodes[0], 2 * s.back_row, s.area_m2 * hc)
                couple(nodes[0], 2 * s.back_row + 1, s.area_m2 * hr)
                b[nodes[0]] += s.area_m2 * radiant_gain(s.back_row)
            elif s.back is Back.TEMPERATURE:
                tie(nodes[0], s.area_m2 * 1e6, w.given_temperature_c[s.back_row, hour])
            elif s.back is Back.OUTDOORS:
                still = buoyant(old[0] - air_c, s.normal[2])
                along = s.normal[0] * w.wind_east[hour] + s.normal[1] * w.wind_north[hour]
                speed = s.wind_factor * w.wind_speed_m_s[hour]
                windward = abs(s.normal[2]) > 0.95 or along >= np.cos(np.radians(100))
                forced = 3.26 * speed**0.89 if windward else 3.55 * speed**0.617
                convection = still + s.roughness * (np.hypot(still, forced) - still)
                beta = np.sqrt(s.sky_view)
                face_k, sky_k, air_k = old[0] + 273.15, sky_c + 273.15, air_c + 273.15
                to_sky = s.outside_emissivity * SIGMA * s.sky_view * beta
                to_sky *= (sky_k**2 + face_k**2) * (sky_k + face_k)
                to_air = s.outside_emissivity * SIGMA * (s.sky_view * (1 - beta) + 1 - s.sky_view)
                to_air *= (air_k**2 + face_k**2) * (air_k + face_k)
                tie(nodes[0], s.area_m2 * (convection + to_air), air_c)
                tie(nodes[0], s.area_m2 * to_sky, sky_c)

        self.solve(a, b, step)

    def solve(self, a: np.ndarray, b: np.ndarray, step: int) -> None:
        """Find which zones are held at a set-point, by trying until every zone agrees."""
        low = [self.operation.heating_setpoint_c[z.operation, step] for z in self.zones]
        high = [self.operation.cooling_setpoint_c[z.operation, step] for z in self.zones]
        held: dict[int, float] = {}
        fixed_load: dict[int, float] = {}
        for _ in range(20):
            matrix, right = a.copy(), b.copy()
            for z, load in fixed_load.items():
                right[2 * z] += load
            for z, temperature in held.items():
                matrix[2 * z] = 0
                matrix[2 * z, 2 * z] = 1
                right[2 * z] = temperature
            x = np.linalg.solve(matrix, right)
            load = a @ x - b
            before = dict(held), dict(fixed_load)
            for z, zone in enumerate(self.zones):
                if z in held:
                    if load[2 * z] > zone.heating_capacity_w:
                        fixed_load[z] = zone.heating_capacity_w
                        del held[z]
                    elif load[2 * z] < -zone.cooling_capacity_w:
                        fixed_load[z] = -zone.cooling_capacity_w
                        del held[z]
                elif z not in fixed_load:
                    if x[2 * z] < low[z]:
                        held[z] = low[z]
                    elif x[2 * z] > high[z]:
                        held[z] = high[z]
            if before == (held, fixed_load):
                break
        self.temperature = x
        self.load = np.array([load[2 * z] for z in range(len(self.zones))])

    def faces_at(self, temperature: np.ndarray) -> np.ndarray:
        return np.array(
            [temperature[first + len(c) - 1] for first, (_, c) in zip(self.first, self.chains, strict=True)]
        )

    def run(self, hours: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Heating, cooling (W) and air temperature of the first hours of the year, each (Z, hours)."""
        passes: list[np.ndarray] = []
        while len(passes) < 2 or np.abs(self.faces_at(passes[-1]) - self.faces_at(passes[-2])).max() > (
            WARMUP_TOLERANCE_K
        ):
            for hour in range(HOURS - WARMUP_DAYS * 24, HOURS):
                for sub in range(self.steps_per_hour):
                    self.step(hour, sub)
            passes.append(self.temperature.copy())
            assert len(passes) < 3  # the kernel extrapolates from the third pass on, this does not
        heating, cooling, air = (np.zeros((len(self.zones), hours)) for _ in range(3))
        for hour in range(hours):
            for sub in range(self.steps_per_hour):
                self.step(hour, sub)
                heating[:, hour] += np.maximum(self.load, 0) / self.steps_per_hour
                cooling[:, hour] += np.maximum(-self.load, 0) / self.steps_per_hour
                air[:, hour] += self.temperature[: 2 * len(self.zones) : 2] / self.steps_per_hour
        return heating, cooling, air


def exact_chain(
    resistance: np.ndarray, capacity: np.ndarray, step_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inner nodes after a step: Φ T + Γ₀ u₀ + Γ₁ u₁ for face temperatures u that go straight from u₀ to u₁.

    The exponential of the chain together with the straight line (van Loan 1978).
    """
    n = len(capacity) - 2
    if n == 0:
        return np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((0, 2))
    conductance = 1 / resistance
    whole = np.zeros((n + 4, n + 4))
    for i in range(n):
        heat = capacity[i + 1]
        whole[i, i] = -(conductance[i] + conductance[i + 1]) / heat
        whole[i, i - 1 if i else n] = conductance[i] / heat
        whole[i, i + 1 if i < n - 1 else n + 1] = conductance[i + 1] / heat
    whole[[n, n + 1], [n + 2, n + 3]] = 1.0  # the faces' temperatures rise by their slopes
    step = expm(whole * step_s)
    from_new = step[:n, n + 2 :] / step_s
    return step[:n, :n], step[:n, n : n + 2] - from_new, from_new


def buoyant(difference: float, up: float) -> float:
    """TARP: h of a face that looks ``up`` (cosine to the zenith) and is warmer by ``difference``."""
    if abs(up) < 0.01:
        return 1.31 * abs(difference) ** (1 / 3)
    unstable = (difference > 0) == (up > 0)
    if difference == 0:
        return 0.0
    if unstable:
        return 9.482 * abs(difference) ** (1 / 3) / (7.283 - abs(up))
    return 1.810 * abs(difference) ** (1 / 3) / (1.382 + abs(up))
