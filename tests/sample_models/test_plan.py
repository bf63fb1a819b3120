"""Plans: walls that meet without overlap, rooms between them, and what a plan refuses."""

from __future__ import annotations

import pytest
from shapely.geometry import box

from sample_models.plan import Plan, Wall, WallKind
from sample_models.solids import Plane, Prism

OUTER = WallKind("outer", 0.17, 0.12, 1, external=True)
INNER = WallKind("inner", 0.05, 0.05, 2)


def _room(*more: Wall) -> Plan:
    """A room of 6 × 4 m about its axes, outside on the right of each wall."""
    corners = [(0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)]
    walls = [Wall(f"W{index}", OUTER, corners[index], corners[(index + 1) % 4]) for index in range(4)]
    return Plan([*walls, *more])


def test_walls_meet_at_corners_without_gap_or_overlap() -> None:
    plan = _room()
    total = sum(footprint.area for footprint in plan.footprints.values())
    assert total == pytest.approx(6.34 * 4.34 - 5.76 * 3.76)
    assert plan.outline.area == pytest.approx(6.34 * 4.34)
    assert plan.inner()[0].area == pytest.approx(5.76 * 3.76)


def test_a_partition_divides_the_room() -> None:
    plan = _room(Wall("P", INNER, (2.0, 0.0), (2.0, 4.0)))
    rooms = plan.rooms({"west": (1.0, 2.0), "east": (4.0, 2.0)})
    assert rooms["west"].area == pytest.approx((2.0 - 0.05 - 0.12) * 3.76)
    assert rooms["east"].area == pytest.approx((4.0 - 0.05 - 0.12) * 3.76)


def test_a_column_cuts_a_wall_in_two_on_one_axis() -> None:
    walls = [*_room().walls, Wall("P", INNER, (2.0, 0.0), (2.0, 4.0))]
    plan = Plan(walls, {"Z": box(1.75, 1.75, 2.25, 2.25)})
    assert [wall.key for wall in plan.walls if wall.key.startswith("P")] == ["P.1", "P.2"]
    assert plan.wall_at(2.0, 1.0).key == "P.1"
    assert plan.wall_at(2.0, 3.0).key == "P.2"


def test_an_unlabelled_room_is_an_error() -> None:
    plan = _room(Wall("P", INNER, (2.0, 0.0), (2.0, 4.0)))
    with pytest.raises(ValueError, match="labels"):
        plan.rooms({"west": (1.0, 2.0)})


def test_a_point_on_no_axis_is_an_error() -> None:
    with pytest.raises(ValueError, match="lies on the axis"):
        _room().wall_at(1.0, 1.0)


def test_a_sloped_prism_knows_its_volume_and_its_faces_close() -> None:
    prism = Prism(box(0.0, 0.0, 3.0, 2.0), Plane(0.0), Plane(2.0, 0.0, 0.5))
    assert prism.volume == pytest.approx(3.0 * 2.0 * 2.5)
    total = 0.0
    for rings in prism.faces():
        corners = rings[0]
        for index in range(1, len(corners) - 1):
            a, b, c = corners[0], corners[index], corners[index + 1]
            total += (
                float(a @ [b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]])
                / 6
            )
    assert total == pytest.approx(prism.volume)
