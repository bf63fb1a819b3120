"""The balance of zones: against the slow reference, analytic cases, and its own books."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from tests.twin.kernels.thermal_reference import Reference
from twin.kernels.thermal import conduction
from twin.kernels.thermal.balance import WARMUP_TOLERANCE_K
from twin.kernels.thermal.conduction import Layer
from twin.kernels.thermal.glazing import from_u_and_shgc
from twin.kernels.thermal.irradiance import (
    Irradiance,
    extraterrestrial_w_m2,
    middle_of_hours,
    on_planes,
    sun_samples,
)
from twin.kernels.thermal.network import Back, Flow, Link, Operation, Surface, Weather, Zone
from twin.kernels.thermal.packing import pack
from twin.kernels.thermal.year import Year, simulate

HOURS = 8760
NORTH, EAST, SOUTH, WEST = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)
UP, DOWN = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)
ORIENTATIONS = (NORTH, EAST, SOUTH, WEST, UP)

INSULATION = Layer(0.08, 0.04, 0.0, 0.0)
CONCRETE = Layer(0.12, 1.74, 2500, 920)
PLASTER = Layer(0.02, 0.87, 1700, 1050)
WALL = (PLASTER, INSULATION, CONCRETE)
WINDOW = from_u_and_shgc(2.4, 0.45, 0.11, 0.04)


def synthetic_weather() -> tuple[Weather, Irradiance]:
    """A year of smooth swings with the sun of Nanchang."""
    hour = np.arange(HOURS)
    day, clock = hour / 24, hour % 24
    air = 17 - 12 * np.cos(2 * np.pi * (day - 15) / 365) - 4 * np.cos(2 * np.pi * (clock - 3) / 24)
    samples = sun_samples(28.6, 115.9, 8.0, 2001)
    sun = middle_of_hours(samples)
    direct = 600 * np.clip(sun[:, 2], 0, None) ** 0.3 * (day % 5 < 3)
    diffuse = 200 * np.clip(sun[:, 2], 0, None)
    weather = Weather(
        air_temperature_c=air,
        sky_temperature_c=air - 12,
        wind_speed_m_s=2 + np.sin(hour / 7),
        wind_east=np.sin(hour / 50),
        wind_north=np.cos(hour / 50),
        air_density_kg_m3=np.full(HOURS, 1.19),
        given_temperature_c=np.full((1, HOURS), 16.0),
        sun_row=np.arange(HOURS),
    )
    irradiance = on_planes(
        np.array(ORIENTATIONS), samples, direct * sun[:, 2] + diffuse, direct, diffuse,
        extraterrestrial_w_m2(), np.full(HOURS, 101325.0), 0.2,
    )  # fmt: skip
    return weather, irradiance


def still_weather(air_c: float, given_c: float) -> Weather:
    same = np.full(HOURS, air_c)
    zero = np.zeros(HOURS)
    return Weather(
        same, same, zero, zero, zero + 1, zero + 1.2, np.full((1, HOURS), given_c), np.zeros(HOURS, np.int64)
    )


def no_sun() -> Irradiance:
    zero = np.zeros((5, HOURS))
    return Irradiance(zero, zero, zero, zero)


def schedule(
    steps_per_hour: int,
    heating: float = -np.inf,
    cooling: float = np.inf,
    changes: float = 0.0,
    gain: float = 0.0,
) -> Operation:
    steps = HOURS * steps_per_hour
    return Operation(
        *(np.full((1, steps), value) for value in (heating, cooling, changes, 0.4 * gain, 0.6 * gain))
    )


def outer(zone: int, normal: tuple[float, float, float], area: float, **more: object) -> Surface:
    row = ORIENTATIONS.index(normal)
    glass = more.get("glazing") is not None
    values = {
        "layers": () if glass else WALL, "orientation": row, "sky_view": (1 + normal[2]) / 2,
        "outside_emissivity": 0.84 if glass else 0.9, "front_emissivity": 0.84 if glass else 0.9,
        **more,
    }  # fmt: skip
    return Surface(area, zone, Back.OUTDOORS, normal, Flow.WINDOW if glass else Flow.OPAQUE, **values)  # type: ignore[arg-type]


def floor(zone: int, area: float) -> Surface:
    return Surface(area, zone, Back.TEMPERATURE, DOWN, Flow.GROUND, 0, (INSULATION, CONCRETE))


def two_rooms() -> tuple[list[Zone], list[Surface], list[Link]]:
    """A heated south room and a floating north room that share a wall, a ceiling above one, and a door."""
    zones = [Zone(60, 20, 60 * 1200 + 2e5, 0, 900.0, 1500.0), Zone(45, 15, 45 * 1200 + 1.5e5, 1)]
    shade = np.clip(np.sin(np.arange(HOURS) / 24), 0, 1)
    surfaces = [
        floor(0, 20),
        outer(0, UP, 20, wind_factor=0.7),
        outer(0, SOUTH, 9, wind_factor=0.6),
        outer(
            0, SOUTH, 6, glazing=WINDOW, roughness=1.0, pane_height_m=1.4, sunlit=shade, sky_visibility=0.8
        ),
        outer(0, WEST, 12),
        Surface(15, 0, Back.ZONE, NORTH, Flow.INTERNAL, 1, (PLASTER, CONCRETE)),
        floor(1, 15),
        outer(1, NORTH, 12),
        outer(1, EAST, 3, glazing=WINDOW, roughness=1.0),
        Surface(15, 1, Back.ADIABATIC, UP, Flow.INTERNAL, layers=(CONCRETE,)),
        Surface(8, 0, Back.ZONE, EAST, Flow.INTERNAL, 0, (PLASTER, CONCRETE)),  # a partition inside room 0
    ]
    return zones, surfaces, [Link(0, 1, 0.02)]


def two_schedules(steps_per_hour: int) -> Operation:
    steps = HOURS * steps_per_hour
    clock = (np.arange(steps) + 0.5) / steps_per_hour % 24
    day = (clock > 7) & (clock < 22)
    heating = np.stack([np.where(day, 20.0, 14.0), np.full(steps, -np.inf)])
    cooling = np.stack([np.where(day, 26.0, np.inf), np.full(steps, np.inf)])
    changes = np.full((2, steps), 0.7)
    gains = np.stack([np.where(day, 8.0, 2.0), np.full(steps, 1.0)])
    return Operation(heating, cooling, changes, 0.4 * gains, 0.6 * gains)


@pytest.fixture
def every_mode(monkeypatch):
    """Walls keep all their modes."""
    monkeypatch.setattr(conduction, "MODE_ACCURACY_W_M2K", 0.0)
    conduction.wall.cache_clear()
    yield
    conduction.wall.cache_clear()


@pytest.mark.parametrize("steps_per_hour", [1, 2])
@pytest.mark.usefixtures("every_mode")
def test_the_kernel_equals_the_slow_reference(steps_per_hour: int) -> None:
    weather, irradiance = synthetic_weather()
    zones, surfaces, links = two_rooms()
    operation = two_schedules(steps_per_hour)
    year = simulate(
        pack(zones, surfaces, irradiance, HOURS, steps_per_hour, links), weather, operation, steps_per_hour
    )
    hours = 96
    slow = Reference(zones, surfaces, irradiance, weather, operation, steps_per_hour, links).run(hours)
    assert slow[0][0].max() == pytest.approx(900)  # the capacity is reached, so limits are compared too
    np.testing.assert_allclose(year.heating_w[:, :hours], slow[0], atol=1e-4)
    np.testing.assert_allclose(year.cooling_w[:, :hours], slow[1], atol=1e-4)
    np.testing.assert_allclose(year.air_temperature_c[:, :hours], slow[2], atol=1e-5)


def test_the_books_balance_in_every_step_and_month() -> None:
    weather, irradiance = synthetic_weather()
    zones, surfaces, links = two_rooms()
    year = simulate(pack(zones, surfaces, irradiance, HOURS, 1, links), weather, two_schedules(1), 1)
    assert year.balance_error < 1e-6
    size = np.abs(year.flows_wh).sum(axis=2)
    assert (np.abs(year.flows_wh.sum(axis=2)) / size).max() < 1e-6
    np.testing.assert_allclose(year.flows_wh[:, :, Flow.MIXING].sum(axis=1), 0, atol=1e-3)
    np.testing.assert_allclose(year.flows_wh[:, :, Flow.HEATING].sum(axis=0), year.heating_w.sum(axis=1))
    np.testing.assert_allclose(-year.flows_wh[:, :, Flow.COOLING].sum(axis=0), year.cooling_w.sum(axis=1))
    assert year.warmup_change_k < WARMUP_TOLERANCE_K


def test_steady_heating_is_the_heat_that_a_multilayer_wall_lets_through() -> None:
    # All faces are vertical and alike, so nothing radiates inside, and the film follows from one equation.
    area, resistance = 40.0, sum(layer.resistance_m2k_w for layer in WALL)
    surfaces = [
        Surface(area / 4, 0, Back.TEMPERATURE, normal, Flow.GROUND, 0, WALL)
        for normal in (NORTH, EAST, SOUTH, WEST)
    ]
    year = simulate(
        pack([Zone(30, 10, 4e4, 0)], surfaces, no_sun(), 1, 1), still_weather(0.0, -5.0), schedule(1, 20.0), 1
    )
    face = brentq(lambda t: (t + 5) / resistance - 1.31 * (20 - t) ** (4 / 3), -5, 20)
    np.testing.assert_allclose(year.heating_w[0], area * (face + 5) / resistance, rtol=1e-4)


def test_air_cools_down_exponentially_when_the_heating_stops() -> None:
    surfaces = [
        Surface(10, 0, Back.ADIABATIC, normal, Flow.INTERNAL, layers=(INSULATION,))
        for normal in (NORTH, EAST, SOUTH, WEST)
    ]
    capacity, changes, volume, steps_per_hour = 1e6, 2.0, 100.0, 4
    operation = schedule(steps_per_hour, 20.0, changes=changes)
    operation.heating_setpoint_c[0, 48 * steps_per_hour :] = -np.inf
    network = pack([Zone(volume, 10, capacity, 0)], surfaces, no_sun(), 1, steps_per_hour)
    year = simulate(network, still_weather(0.0, 0.0), operation, steps_per_hour)
    conductance = changes * volume / 3600 * 1.2 * 1006
    per_step = 1 / (1 + 900 * conductance / capacity)
    steps = 20 * per_step ** np.arange(1, 24 * 4 + 1)
    np.testing.assert_allclose(year.air_temperature_c[0, 48:72], steps.reshape(24, 4).mean(axis=1), rtol=1e-5)
    exact = 20 * np.exp(-(np.arange(24) + 0.5) * 3600 * conductance / capacity)
    np.testing.assert_allclose(year.air_temperature_c[0, 48:56], exact[:8], rtol=0.03)


def test_a_wall_between_equal_rooms_is_as_good_as_half_a_wall_without_heat_flow() -> None:
    weather, irradiance = synthetic_weather()
    gains = schedule(1, 20.0, 26.0, 0.5, 5.0)

    def room(zone: int, shared: Surface | None) -> list[Surface]:
        own = [floor(zone, 20), outer(zone, UP, 20), outer(zone, SOUTH, 12)]
        return own if shared is None else [*own, shared]

    zones = [Zone(60, 20, 2e5, 0), Zone(60, 20, 2e5, 0)]
    shared = Surface(15, 0, Back.ZONE, EAST, Flow.INTERNAL, 1, (CONCRETE, CONCRETE))
    pair = simulate(pack(zones, [*room(0, shared), *room(1, None)], irradiance, HOURS, 1), weather, gains, 1)
    half = Surface(15, 0, Back.ADIABATIC, EAST, Flow.INTERNAL, layers=(CONCRETE,))
    alone = simulate(pack(zones[:1], room(0, half), irradiance, HOURS, 1), weather, gains, 1)
    np.testing.assert_allclose(pair.heating_w[0], pair.heating_w[1], atol=1e-3)
    np.testing.assert_allclose(pair.heating_w[0].sum(), alone.heating_w[0].sum(), rtol=2e-3)
    np.testing.assert_allclose(pair.cooling_w[0].sum(), alone.cooling_w[0].sum(), rtol=2e-3)


def many_rooms(count: int) -> Year:
    weather, irradiance = synthetic_weather()
    zones = [Zone(60, 20, 2e5, 0) for _ in range(count)]
    surfaces = [
        surface
        for zone in range(count)
        for surface in (
            floor(zone, 20), outer(zone, UP, 20), outer(zone, SOUTH, 12),
            outer(zone, SOUTH, 3 + zone / count, glazing=WINDOW),
        )
    ]  # fmt: skip
    network = pack(zones, surfaces, irradiance, HOURS, 1)
    operation = schedule(1, 20.0, 26.0, 0.5, 5.0)
    one, two = (simulate(network, weather, operation, 1, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.heating_w, two.heating_w)
    return one


def test_threads_and_company_change_nothing() -> None:
    together = many_rooms(20)
    alone = many_rooms(1)
    np.testing.assert_allclose(together.heating_w[0], alone.heating_w[0], atol=1e-6)
    assert (np.diff(together.cooling_w.sum(axis=1)) > 0).all()  # rows are in the order of the zones


def lone_room(layers=(CONCRETE,), threads: int = 1) -> Year:
    weather, irradiance = synthetic_weather()
    surfaces = [floor(0, 20), outer(0, UP, 20), outer(0, SOUTH, 12), outer(0, SOUTH, 3, glazing=WINDOW)]
    surfaces.append(Surface(40, 0, Back.ADIABATIC, EAST, Flow.INTERNAL, 0, layers))
    network = pack([Zone(60, 20, 2e5, 0)], surfaces, irradiance, HOURS, 1)
    return simulate(network, weather, schedule(1, 20.0, 26.0, 0.5, 5.0), 1, threads=threads)


def test_a_year_in_two_parts_is_the_year_in_one() -> None:
    whole, parts = lone_room(), lone_room(threads=2)
    assert np.abs(parts.air_temperature_c - whole.air_temperature_c).max() < 0.01
    np.testing.assert_allclose(parts.heating_w.sum(), whole.heating_w.sum(), rtol=1e-4)
    np.testing.assert_allclose(parts.cooling_w.sum(), whole.cooling_w.sum(), rtol=3e-4)
    largest = np.abs(whole.flows_wh).max()
    np.testing.assert_allclose(parts.flows_wh, whole.flows_wh, atol=1e-3 * largest)
    assert (parts.cooling_w != whole.cooling_w).any()  # or the second part was not used
    assert parts.balance_error < 1e-6


def test_a_wall_that_remembers_for_months_is_run_from_end_to_end() -> None:
    rock = Layer(3.0, 1.0, 2500.0, 1000.0)  # two years to the other side
    whole, parts = lone_room((rock,)), lone_room((rock,), threads=2)
    np.testing.assert_array_equal(parts.heating_w, whole.heating_w)
    np.testing.assert_allclose(parts.flows_wh, whole.flows_wh, rtol=1e-12)


def test_zones_keep_their_order_when_groups_are_sorted() -> None:
    weather, irradiance = synthetic_weather()
    zones = [replace(Zone(60, 20, 2e5, 0), volume_m3=60.0 + zone) for zone in range(4)]
    surfaces = [outer(zone, SOUTH, 10 * (1 + zone)) for zone in range(4)]
    surfaces.append(Surface(5, 3, Back.ZONE, EAST, Flow.INTERNAL, 0, (CONCRETE,)))  # joins 3 and 0
    year = simulate(pack(zones, surfaces, irradiance, HOURS, 1), weather, schedule(1, 20.0), 1)
    assert (np.diff(year.heating_w.sum(axis=1)) > 0).all()


def test_what_cannot_be_packed_is_refused() -> None:
    bare = [Zone(60, 20, 2e5, 0)]
    with pytest.raises(ValueError, match="without a surface"):
        pack(bare, [], no_sun(), 1, 1)
    with pytest.raises(ValueError, match="neither layers nor"):
        pack(bare, [Surface(1, 0, Back.ADIABATIC, UP, Flow.INTERNAL)], no_sun(), 1, 1)
    network = pack(bare, [outer(0, SOUTH, 10)], no_sun(), 1, 1)
    with pytest.raises(ValueError, match="steps"):
        simulate(network, still_weather(0.0, 0.0), schedule(2), 1)
