"""The energy metric on small houses whose walls, rooms and windows go the way of a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ifc.model import Construction, Neighbour, Provenance, Traced
from tests.building_blocks import Blocks
from tests.twin.metrics.energy_house import nanchang, row_house, with_uses
from twin.metrics.energy import compute
from twin.metrics.energy.data import data, sector
from twin.metrics.energy.fabric import half, resistance, with_resistance
from twin.metrics.energy.limits import (
    building_class,
    limits_of,
    reference_parts,
    thermal_inertia,
    window_wall_ratios,
)
from twin.metrics.energy.operation import Use, operation
from twin.metrics.energy.parts import Envelope, Part, envelope
from twin.metrics.energy.shading import sample_points
from twin.metrics.energy.zoning import thermal_zones
from twin.metrics.result import MetricResult
from twin.project import EnergySection, Project, ProjectSection, SiteSection

KEYS = ("heating_need_kwh_m2", "cooling_need_kwh_m2", "heating_peak_w_m2", "cooling_peak_w_m2")


def value(result: MetricResult, name: str) -> float:
    told = result.summary[name].value
    assert told is not None
    return told


def project(**energy: object) -> Project:
    return Project(energy=EnergySection(**energy))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def house() -> MetricResult:
    return compute(row_house(), nanchang(), Project())


def test_a_house_in_nanchang_needs_a_believable_amount(house: MetricResult) -> None:
    assert value(house, "conditioned_area_m2") == pytest.approx(40)
    assert 10 < value(house, "heating_need_kwh_m2") < 80
    assert 10 < value(house, "cooling_need_kwh_m2") < 80
    assert 20 < value(house, "heating_peak_w_m2") < 120
    assert 10 < value(house, "cooling_peak_w_m2") < 120


def test_the_monthly_balance_closes_and_agrees_with_the_summary(house: MetricResult) -> None:
    assert set(house.series_units) == set(house.series)
    used = ("_energy_kwh", "pv_kwh", "bought_kwh", "_w")  # what becomes of the needs, see test_energy_use
    series = {name: values for name, values in house.series.items() if not name.endswith(used)}
    assert {len(values) for values in series.values()} == {12}
    flows = sum(values for name, values in series.items() if "need" not in name)
    np.testing.assert_allclose(series["heating_need_kwh"] - series["cooling_need_kwh"] + flows, 0, atol=1e-3)
    area = value(house, "conditioned_area_m2")
    assert series["heating_need_kwh"].sum() / area == pytest.approx(value(house, "heating_need_kwh_m2"))
    assert series["cooling_need_kwh"].sum() / area == pytest.approx(value(house, "cooling_need_kwh_m2"))
    assert (series["solar_gain_kwh"] > 0).all()
    assert series["infiltration_kwh"][0] < 0


def test_dwellings_are_heated_and_cooled_in_their_seasons_only(house: MetricResult) -> None:
    heating, cooling = house.series["heating_need_kwh"], house.series["cooling_need_kwh"]
    assert heating[[2, 3, 4, 5, 6, 7, 8, 9, 10]].sum() == 0
    assert cooling[[0, 1, 2, 3, 4, 8, 9, 10, 11]].sum() == 0
    assert heating[0] > 0
    assert cooling[6] > 0
    offices = compute(with_uses(row_house(), "office"), nanchang(), Project())
    assert offices.series["cooling_need_kwh"][8] > 0  # September


def test_the_table_has_a_row_per_room(house: MetricResult) -> None:
    table = house.table
    assert list(table["name"]) == ["101", "102"]
    assert list(table["use"]) == ["living_room", "bedroom"]
    assert list(table["storey"]) == ["1F", "1F"]
    assert list(table["zone"]) == ["101", "102"]
    assert {len(column) for column in table.values()} == {2}
    need = (table["heating_need_kwh_m2"] * table["area_m2"]).sum() / 40
    assert need == pytest.approx(value(house, "heating_need_kwh_m2"))


def test_rooms_that_are_not_heated_float_and_show_no_need() -> None:
    result = compute(row_house(("living_room", "stair")), nanchang(), Project())
    assert value(result, "conditioned_area_m2") == pytest.approx(20)
    assert np.isnan(result.table["heating_need_kwh_m2"][1])
    assert np.isfinite(result.table["heating_need_kwh_m2"][0])


def test_every_default_is_an_assumption_with_its_elements(house: MetricResult) -> None:
    model = row_house()
    said = {assumption.what.en: assumption for assumption in house.assumptions}
    assert said["Air changes, bedroom"].global_ids == (model.spaces.global_id[1],)
    assert said["U-value of default wall"].value.confidence == "medium"
    assert len(said["U-value of default wall"].global_ids) == 4
    assert "Heating season of dwellings" in said
    assert said["Conductivity of the soil"].value.source.startswith("ISO 13370")
    assert all(assumption.what.zh for assumption in house.assumptions)


def test_the_sun_comes_from_the_south_and_a_balcony_keeps_it_out() -> None:
    south, north, shaded = (
        compute(row_house(**options), nanchang(), Project()).series["solar_gain_kwh"]  # type: ignore[arg-type]
        for options in ({}, {"window_side": "N"}, {"balcony_m": 1.5})
    )
    assert south[11] > 2 * north[11]
    assert shaded[6] < 0.75 * south[6]
    assert shaded.sum() < 0.75 * south.sum()


def test_better_walls_need_less_than_the_reference_building(house: MetricResult) -> None:
    assert value(house, "hvac_load_reduction") == pytest.approx(0, abs=0.5)  # its defaults are the limits
    better = compute(row_house(wall_u=0.3), nanchang(), Project())
    worse = compute(row_house(wall_u=2.0), nanchang(), Project())
    assert value(better, "hvac_load_reduction") > 10
    assert value(worse, "hvac_load_reduction") < -10
    assert value(better, "reference_heating_need_kwh_m2") == pytest.approx(
        value(house, "reference_heating_need_kwh_m2"), rel=0.02
    )


@pytest.mark.parametrize("wall_u", [1.0, None])
def test_a_wall_at_its_limit_is_that_of_the_reference_building(wall_u: float | None) -> None:
    _, parts = parts_of(wall_u=wall_u)
    limits = limits_of(row_house(wall_u=wall_u), parts, "residential", "3A")
    reference, _ = reference_parts(parts, limits)
    for part, limit, changed in zip(parts, limits, reference, strict=True):
        if part.component == "wall":
            assert limit.u_value_w_m2k == 1.0
            assert resistance(part.layers) == pytest.approx(1 / 1.0 - 0.15)
            assert resistance(changed.layers) == pytest.approx(1 / 1.0 - 0.15)


def test_the_project_overrides_defaults_but_not_what_the_file_states(house: MetricResult) -> None:
    warmer = compute(row_house(), nanchang(), project(heating_setpoint_c=22.0))
    assert value(warmer, "heating_need_kwh_m2") > 1.2 * value(house, "heating_need_kwh_m2")
    tight = compute(row_house(), nanchang(), project(air_changes_per_hour=0.3))
    assert value(tight, "heating_need_kwh_m2") < 0.9 * value(house, "heating_need_kwh_m2")
    declared = project(u_value_w_m2k={"wall": 0.3})
    assert value(compute(row_house(), nanchang(), declared), "heating_need_kwh_m2") < value(
        house, "heating_need_kwh_m2"
    )
    stated = compute(row_house(wall_u=2.0), nanchang(), declared)
    assert value(stated, "heating_need_kwh_m2") > 1.2 * value(house, "heating_need_kwh_m2")


def test_equal_storeys_are_joined_without_changing_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    model = row_house(("bedroom", "corridor", "living_room"), storeys=7)
    apart = compute(model, nanchang(), Project())
    monkeypatch.setitem(data()["calculation"], "merge_above_spaces", 10)
    zones = thermal_zones(model)
    joined = compute(model, nanchang(), Project())
    # Storeys 1, 2, 6 and 7 lie next to something else; 3 to 5 are one.
    assert len(zones) == 5 * 3
    assert max(len(zone.spaces) for zone in zones) == 3
    for key in KEYS[:2]:
        assert value(joined, key) == pytest.approx(value(apart, key), rel=0.005)
    assert any("thermal zones" in assumption.what.en for assumption in joined.assumptions)


def test_a_model_without_rooms_says_what_is_missing() -> None:
    result = compute(Blocks().model(), nanchang(), Project())
    assert all(quantity.value is None for quantity in result.summary.values())
    assert "IfcSpace" in result.summary["heating_need_kwh_m2"].needs[0].how.en
    assert not result.series


def test_rooms_of_unknown_use_are_named_instead_of_guessed() -> None:
    model = with_uses(row_house(), "unknown")
    result = compute(model, nanchang(), Project())
    need = result.summary["cooling_need_kwh_m2"].needs[0]
    assert result.summary["cooling_need_kwh_m2"].value is None
    assert set(need.global_ids) == set(model.spaces.global_id)
    mixed = compute(row_house(("living_room", "unknown")), nanchang(), Project())
    assert [diagnostic.code for diagnostic in mixed.diagnostics] == ["energy-room-use-unknown"]


@pytest.mark.parametrize(("city", "named"), [("Harbin", "1B"), ("Atlantis", "Atlantis")])
def test_a_place_without_limits_gets_no_reference_building(city: str, named: str) -> None:
    result = compute(row_house(), nanchang(), Project(project=ProjectSection(city=city)))
    assert result.summary["hvac_load_reduction"].value is None
    assert named in result.summary["hvac_load_reduction"].needs[0].what.en
    assert value(result, "heating_need_kwh_m2") > 0


def test_the_input_hash_follows_the_inputs(house: MetricResult) -> None:
    again = compute(row_house(), nanchang(), Project())
    other = compute(row_house(), nanchang(), project(shgc=0.3))
    assert again.input_sha256 == house.input_sha256
    assert other.input_sha256 != house.input_sha256
    for name, quantity in again.summary.items():
        assert quantity.value == house.summary[name].value


# Parts


def parts_of(
    uses: tuple[str, ...] = ("living_room", "bedroom"), **options: object
) -> tuple[Envelope, list[Part]]:
    model = row_house(uses, **options)  # type: ignore[arg-type]
    found = envelope(model, thermal_zones(model), EnergySection(), 0.0)
    return found, found.parts


def test_areas_are_net_and_every_shared_wall_appears_once() -> None:
    _, parts = parts_of()
    area = {
        component: sum(part.area_m2 for part in parts if part.component == component)
        for component in {part.component for part in parts}
    }
    assert area["window"] == pytest.approx(2 * 2 * 1.5)
    assert area["wall"] == pytest.approx(2 * (4 * 2.8 * 2 + 5 * 2.8) - area["window"])
    assert area["partition"] == pytest.approx(5 * 2.8)
    assert area["roof"] == area["ground_floor"] == pytest.approx(40)


def test_layers_run_from_behind_to_the_room() -> None:
    _, parts = parts_of(storeys=2)
    wall = next(part for part in parts if part.component == "wall")
    assert [layer.thickness_m for layer in wall.layers][-2:] == [0.2, 0.02]  # concrete and plaster inside
    roof = next(part for part in parts if part.component == "roof")
    assert roof.layers[0].thickness_m == pytest.approx(0.004)  # the membrane is outside
    # The floor between two storeys: plaster below, screed above. The lower zone is the front.
    slab = next(part for part in parts if part.component == "partition" and abs(part.tilt_deg - 90) > 80)
    assert slab.tilt_deg == 0
    assert slab.layers[0].thickness_m == pytest.approx(0.04)
    assert slab.layers[-1].thickness_m == pytest.approx(0.02)


def test_surfaces_that_lead_nowhere_let_no_heat_through() -> None:
    model = row_house()
    neighbour = model.surfaces.neighbour.copy()
    neighbour[neighbour == Neighbour.OUTDOORS] = Neighbour.UNKNOWN
    changed = replace(model, surfaces=replace(model.surfaces, neighbour=neighbour))
    found = envelope(changed, thermal_zones(changed), EnergySection(), 0.0)
    assert not any(part.outdoors for part in found.parts)
    assert set(found.unknown_neighbour) == {0, 1}
    said = [a.what.en for a in compute(changed, nanchang(), Project()).assumptions]
    assert any("far side is unknown" in text for text in said)


def test_glass_between_rooms_is_a_resistance() -> None:
    model = row_house()
    glass = Construction("glass wall", "curtain_wall", u_value_w_m2k=Traced(3.0, "", Provenance.IFC, "test"))
    construction = model.surfaces.construction.copy()
    construction[model.surfaces.neighbour == Neighbour.SPACE] = len(model.constructions)
    changed = replace(
        model,
        constructions=(*model.constructions, glass),
        surfaces=replace(model.surfaces, construction=construction),
    )
    found = envelope(changed, thermal_zones(changed), EnergySection(), 0.0)
    partition = next(part for part in found.parts if part.component == "partition")
    assert resistance(partition.layers) == pytest.approx(1 / 3.0 - 2 * 0.11)
    assert value(compute(changed, nanchang(), Project()), "heating_need_kwh_m2") > 0


def test_the_project_can_turn_the_building() -> None:
    turned = Project(site=SiteSection(north_deg=180.0))
    for options in ({}, {"balcony_m": 1.5}):
        model = row_house(**options)  # type: ignore[arg-type]
        south, north = (compute(model, nanchang(), p).series["solar_gain_kwh"] for p in (Project(), turned))
        assert south[11] > 1.3 * north[11]


# Fabric and limits


def test_layers_are_set_to_a_resistance_and_cut_in_half() -> None:
    _, parts = parts_of()
    layers = next(part for part in parts if part.component == "wall").layers
    for wanted in (0.05, 0.5, 3.0):
        assert resistance(with_resistance(layers, wanted)) == pytest.approx(wanted)
    assert sum(layer.thickness_m for layer in half(layers)) == pytest.approx(
        sum(layer.thickness_m for layer in layers) / 2
    )
    assert half(layers)[-1] == layers[-1]


def test_limits_follow_zone_orientation_ratio_and_mass() -> None:
    model = row_house()
    assert building_class(model, Project()) == "residential"
    assert building_class(with_uses(model, "office"), Project()) == "public_b"
    _, parts = parts_of()
    ratio = window_wall_ratios(model, parts, by_room=True)
    assert ratio[0, "S"] == pytest.approx(3 / 11.2)
    limits = dict(
        zip([part.component for part in parts], limits_of(model, parts, "residential", "3A"), strict=True)
    )
    wall = next(part for part in parts if part.component == "wall")
    assert thermal_inertia(wall.layers) == pytest.approx(2.64, abs=0.01)  # heavy: 0.2 m of concrete
    assert limits["wall"].u_value_w_m2k == 1.0
    assert (limits["window"].u_value_w_m2k, limits["window"].shgc) == (2.5, 0.4)
    assert limits["partition"].u_value_w_m2k is None
    public = limits_of(model, parts, "public_a", "3A")
    window = [limit for part, limit in zip(parts, public, strict=True) if part.component == "window"]
    assert window[0].u_value_w_m2k == 2.6


@pytest.mark.parametrize(
    ("azimuth", "name"), [(0, "N"), (59, "N"), (60, "E"), (150, "S"), (209, "S"), (210, "W"), (301, "N")]
)
def test_sectors_of_gb_50176(azimuth: float, name: str) -> None:
    assert sector(azimuth) == name


# Operation and shading


def test_schedules_become_hours_of_the_year() -> None:
    rows = operation([Use.of("office", 3.0), Use.of("bedroom", 2.8)], EnergySection(), True, 2)
    assert rows.heating_setpoint_c.shape == (2, 17520)
    monday_ten, saturday_ten = 2 * 10, 2 * (5 * 24 + 10)
    assert rows.heating_setpoint_c[0, monday_ten] == 20
    assert rows.heating_setpoint_c[0, saturday_ten] == -np.inf
    assert rows.air_changes_per_h[0, monday_ten] == pytest.approx(30 / 10 / 3.0)
    assert rows.air_changes_per_h[0, saturday_ten] == 0.2  # leakage only
    july = 2 * (190 * 24 + 23)
    assert rows.cooling_setpoint_c[1, july] == 26
    assert rows.heating_setpoint_c[1, july] == -np.inf
    gains = rows.convective_gain_w_m2[0, monday_ten] + rows.radiative_gain_w_m2[0, monday_ten]
    assert gains == pytest.approx(0.95 * (70 / 10 + 8 + 15))


def test_sample_points_lie_inside_the_face() -> None:
    triangle = np.array([[0.0, 0, 0], [4, 0, 0], [0, 0, 3]])
    points = sample_points(triangle, np.array([0.0, -1, 0]))
    assert points.shape == (9, 3)
    assert np.allclose(points[:, 1], 0)
    assert (points[:, 0] / 4 + points[:, 2] / 3 <= 1 + 1e-9).all()
    sliver = np.array([[0.0, 0, 0], [5, 0, 0.001], [5, 0, 0.002]])
    assert len(sample_points(sliver, np.array([0.0, -1, 0]))) == 9
