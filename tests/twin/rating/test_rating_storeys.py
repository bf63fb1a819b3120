"""Which storeys lie below ground, and their gross floor areas."""

from __future__ import annotations

import pytest

from ifc.model import Neighbour
from tests.twin.rating.house import House, case_of


def areas(house: House):
    return case_of(house).storeys.area_m2.tolist()


def walled_room(house: House, x: float = 0.0) -> None:
    """A room of 4 m by 4 m inside walls of 0.2 m: 4.4 m by 4.4 m outside."""
    house.blocks.space((x, 0, 0), (x + 4, 4, 3), use="office")
    house._space_elements.append(len(house.blocks._classes) - 1)
    for low, high in (
        ((x - 0.2, -0.2, 0), (x + 4.2, 0, 3)), ((x - 0.2, 4, 0), (x + 4.2, 4.2, 3)),
        ((x - 0.2, 0, 0), (x, 4, 3)), ((x + 4, 0, 0), (x + 4.2, 4, 3)),
    ):  # fmt: skip
        house.element("IfcWall", low, high)


def test_the_floor_area_reaches_to_the_outer_face_of_the_walls():
    house = House()
    house.storey("一层", 0.0)
    walled_room(house)
    assert areas(house) == [pytest.approx(4.4 * 4.4, abs=0.05)]


def test_a_garden_wall_around_the_plot_adds_nothing():
    house = House()
    house.storey("一层", 0.0)
    walled_room(house)
    house.element("IfcWall", (-20, -20, 0), (20, -19.8, 2))
    house.element("IfcWall", (-20, 19.8, 0), (20, 20, 2))
    assert areas(house) == [pytest.approx(4.4 * 4.4, abs=0.05)]


def ring(house: House, hole: float) -> None:
    """Four rooms around a square hole."""
    end = hole + 4
    for low, high in (
        ((0, 0), (end, 2)),
        ((0, end - 2), (end, end)),
        ((0, 2), (2, end - 2)),
        ((end - 2, 2), (end, end - 2)),
    ):
        house.blocks.space((*low, 0), (*high, 3), use="office")
        house._space_elements.append(len(house.blocks._classes) - 1)


@pytest.mark.parametrize(("hole", "area"), [(2, 36), (10, 196 - 100)])
def test_a_shaft_counts_as_floor_and_a_courtyard_does_not(hole, area):
    house = House()
    house.storey("一层", 0.0)
    ring(house, hole)
    assert areas(house) == [pytest.approx(area, abs=0.1)]


def test_the_quantity_of_the_storey_wins():
    house = House()
    storey = house.element(
        "IfcBuildingStorey", properties={"Qto_BuildingStoreyBaseQuantities.GrossFloorArea": 512.0}
    )
    house.storey("一层", 0.0)
    walled_room(house)
    model = house.model()
    model.storeys.element[0] = storey
    from twin.rating.reading import PropertyReader
    from twin.rating.storeys import read_storeys

    found = read_storeys(model, PropertyReader(model))
    assert (found.area_m2.tolist(), found.area_provenance.value) == ([512.0], "ifc")


def test_a_storey_without_rooms_has_no_area():
    house = House()
    house.storey("屋面", 10.0)
    house.element("IfcWall", (0, 0, 10), (5, 0.2, 11))
    assert str(areas(house)[0]) == "nan"


@pytest.mark.parametrize(("neighbour", "below"), [(Neighbour.GROUND, True), (Neighbour.OUTDOORS, False)])
def test_a_storey_with_a_plain_name_is_below_ground_when_earth_lies_behind_its_walls(neighbour, below):
    house = House()
    house.storey("Ebene 2", -1.0)
    house.surface(house.room("storage"), neighbour=neighbour)
    assert case_of(house).storeys.below == (below,)


def test_without_surfaces_a_storey_far_below_the_ground_floor_is_below_ground():
    house = House()
    house.storey("Level A", 96.0)
    house.storey("1F", 100.0)
    assert case_of(house).storeys.below == (True, False)
