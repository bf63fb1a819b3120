import math

import pytest

from ifc.constructions.gb50176 import heat_storage_coefficient, k_value, thermal_inertia
from ifc.constructions.iso6946 import (
    air_gap_resistance,
    layer_resistance,
    u_value,
)
from ifc.constructions.iso13370 import slab_on_ground_u_value
from ifc.constructions.surface_resistances import gb50176_surfaces, iso6946_surfaces
from ifc.model import Layer, Provenance, Traced


def layer(thickness, conductivity, density=1000.0, heat=1000.0, **more):
    def traced(value):
        return Traced(value, "", Provenance.IFC, "test")

    return Layer("test", thickness, traced(conductivity), traced(density), traced(heat), **more)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [("wall", 0.13, 0.04), ("roof", 0.10, 0.04), ("floor", 0.17, 0.04), ("ground_floor", 0.17, 0.0)],
)
def test_surface_resistances_are_those_of_table_7(kind, inside, outside):
    assert iso6946_surfaces(kind) == (inside, outside)


@pytest.mark.parametrize("kind", ["wall", "roof", "floor"])
def test_surface_resistances_of_gb_50176_do_not_ask_where_the_heat_goes(kind):
    assert gb50176_surfaces(kind) == (0.11, 0.04)


def test_between_two_rooms_both_faces_are_inside():
    assert iso6946_surfaces("wall", both_inside=True) == (0.13, 0.13)
    assert gb50176_surfaces("floor", both_inside=True) == (0.11, 0.11)


@pytest.mark.parametrize(
    ("millimetres", "up", "horizontal", "down"),
    [
        (0, 0.0, 0.0, 0.0),
        (5, 0.11, 0.11, 0.11),
        (7, 0.13, 0.13, 0.13),
        (10, 0.15, 0.15, 0.15),
        (15, 0.16, 0.17, 0.17),
        (25, 0.16, 0.18, 0.19),
        (50, 0.16, 0.18, 0.21),
        (100, 0.16, 0.18, 0.22),
        (300, 0.16, 0.18, 0.23),
        (20, 0.16, 0.175, 0.18),  # interpolated
        (500, 0.16, 0.18, 0.23),
    ],
)
def test_air_layers_are_those_of_table_8(millimetres, up, horizontal, down):
    found = [air_gap_resistance(millimetres / 1000, flow) for flow in ("up", "horizontal", "down")]
    assert found == pytest.approx([up, horizontal, down])


def test_u_value_of_a_layered_wall():
    # 102.5 mm brick 0.77, 100 mm mineral wool 0.038, 100 mm block 0.18, 13 mm plaster 0.40, by hand:
    # 0.13 + 0.1331 + 2.6316 + 0.5556 + 0.0325 + 0.04 = 3.5228 m²·K/W
    wall = [layer(0.1025, 0.77), layer(0.1, 0.038), layer(0.1, 0.18), layer(0.013, 0.40)]
    assert u_value(wall, iso6946_surfaces("wall")) == pytest.approx(1 / 3.5228, rel=1e-4)
    assert k_value(wall) == pytest.approx(1 / 3.5028, rel=1e-4)


def test_a_layer_without_thickness_resists_nothing():
    assert layer_resistance(layer(0.0, 0.04)) == 0.0


def test_a_layer_without_conductivity_is_an_error():
    with pytest.raises(ValueError, match="no conductivity"):
        layer_resistance(Layer("mystery", 0.1, None, None, None))


@pytest.mark.parametrize(
    ("conductivity", "density", "heat", "published"),
    # GB 50176-2016 table B.1 prints S beside λ, ρ and c
    [
        (1.74, 2500, 920, 17.20),
        (0.93, 1800, 1050, 11.37),
        (0.81, 1800, 1050, 10.63),
        (0.87, 1700, 1050, 10.75),
    ],
)
def test_heat_storage_coefficient_agrees_with_the_printed_one(conductivity, density, heat, published):
    own = heat_storage_coefficient(layer(0.1, conductivity, density, heat))
    assert own == pytest.approx(published, rel=0.012)


def test_an_air_gap_stores_nothing():
    assert heat_storage_coefficient(layer(0.05, 0.3, is_air_gap=True)) == 0.0


def test_thermal_inertia_of_a_concrete_wall():
    concrete = layer(0.2, 1.74, 2500.0, 920.0)
    storage = math.sqrt(2 * math.pi * 1.74 * 2500 * 920 / 86400)
    assert thermal_inertia([concrete]) == pytest.approx(0.2 / 1.74 * storage)


@pytest.mark.parametrize(
    ("ratio", "u"),
    # CIBSE Guide A, U-values of uninsulated solid ground floors on clay by perimeter / area
    [(0.1, 0.22), (0.2, 0.37), (0.3, 0.49), (0.4, 0.60), (0.5, 0.70), (0.6, 0.78), (0.8, 0.93), (1.0, 1.05)],
)
def test_slab_on_ground_agrees_with_the_published_table(ratio, u):
    own = slab_on_ground_u_value(100.0, 100.0 * ratio, 0.0, ground_conductivity_w_mk=1.5)
    assert own == pytest.approx(u, abs=0.006)


def test_an_insulated_slab_uses_the_other_branch():
    # dt = 0.3 + 2 (0.17 + 5 + 0.04) = 10.72 m > B' = 5 m
    assert slab_on_ground_u_value(25.0, 10.0, 5.0) == pytest.approx(2.0 / (0.457 * 5.0 + 10.72))


def test_a_floor_without_exposed_edge_loses_nothing():
    assert slab_on_ground_u_value(25.0, 0.0, 1.0) == 0.0


def test_a_slab_without_area_is_an_error():
    with pytest.raises(ValueError, match="positive"):
        slab_on_ground_u_value(0.0, 10.0, 1.0)
