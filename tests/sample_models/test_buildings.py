"""What the pilot files hold, and that their rooms are rooms: apart, closed, reachable, lit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
import ifcopenshell.util.element
import ifcopenshell.util.placement
import ifcopenshell.util.shape
import pytest
from shapely import STRtree

from sample_models.building import Building


def _count(model: ifcopenshell.file, *ifc_classes: str) -> tuple[int, ...]:
    return tuple(len(model.by_type(ifc_class)) for ifc_class in ifc_classes)


def test_the_centre_holds_three_storeys_of_everything(centre: ifcopenshell.file) -> None:
    assert _count(centre, "IfcBuildingStorey", "IfcSpace", "IfcWall") == (4, 66, 101)
    assert _count(centre, "IfcWindow", "IfcDoor", "IfcStair", "IfcRamp") == (92, 70, 4, 1)
    assert _count(centre, "IfcSensor", "IfcFlowMeter", "IfcSolarDevice") == (151, 21, 57)
    assert _count(centre, "IfcShadingDevice", "IfcSanitaryTerminal", "IfcCurtainWall") == (31, 54, 1)


def test_the_tower_holds_eighteen_storeys_of_four_flats(tower: ifcopenshell.file) -> None:
    assert _count(tower, "IfcBuildingStorey", "IfcSpace", "IfcWall") == (20, 794, 1219)
    assert _count(tower, "IfcZone", "IfcSpatialZone", "IfcWindow", "IfcDoor") == (72, 72, 487, 778)
    rooms = Counter(space.LongName for space in tower.by_type("IfcSpace"))
    assert (rooms["客餐厅"], rooms["主卧室"], rooms["厨房"], rooms["阳台"]) == (72, 72, 72, 72)


def test_the_covers_of_the_site_add_up_to_the_land(site: ifcopenshell.file) -> None:
    total = 0.0
    for element in site.by_type("IfcElement"):
        own = ifcopenshell.util.element.get_psets(element)
        cover = own.get("GBT50378_Site")
        if cover and cover["CoverKind"] not in ("tree", "tank"):
            total += cover.get("Area") or own["Qto_SlabBaseQuantities"]["GrossArea"]
    land = ifcopenshell.util.element.get_psets(site.by_type("IfcSite")[0])["Pset_SiteCommon"]["TotalArea"]
    assert total == pytest.approx(land, abs=0.1)


def test_only_the_centre_states_u_values(centre: ifcopenshell.file, tower: ifcopenshell.file) -> None:
    def stated(model: ifcopenshell.file) -> int:
        values = model.by_type("IfcPropertySingleValue")
        return sum(1 for value in values if value.Name == "ThermalTransmittance")

    assert stated(centre) > 10
    assert stated(tower) == 0


def test_every_global_id_is_its_own(
    centre: ifcopenshell.file, tower: ifcopenshell.file, site: ifcopenshell.file
) -> None:
    for model in (centre, tower, site):
        ids = Counter(root.GlobalId for root in model.by_type("IfcRoot"))
        assert max(ids.values()) == 1


def test_revision_b_keeps_the_ids_of_what_it_does_not_add(
    centre: ifcopenshell.file, centre_b: ifcopenshell.file
) -> None:
    before, after = ({root.GlobalId for root in model.by_type("IfcRoot")} for model in (centre, centre_b))
    assert before <= after
    added = Counter(centre_b.by_guid(global_id).is_a() for global_id in after - before)
    assert added["IfcSensor"] == 1
    assert added["IfcWindowType"] == 1
    assert not added["IfcWall"] + added["IfcSpace"] + added["IfcWindow"] + added["IfcDoor"]


def test_revision_b_moves_a_partition_and_widens_a_window(
    centre: ifcopenshell.file, centre_b: ifcopenshell.file
) -> None:
    def areas(model: ifcopenshell.file) -> dict[str, float]:
        return {
            space.Name: ifcopenshell.util.element.get_psets(space)["Qto_SpaceBaseQuantities"]["NetFloorArea"]
            for space in model.by_type("IfcSpace")
        }

    a, b = areas(centre), areas(centre_b)
    changed = {name for name in a if abs(a[name] - b[name]) > 1e-6}
    assert changed == {"204", "205"}
    assert b["204"] - a["204"] == pytest.approx(a["205"] - b["205"], abs=1e-4)
    wide = [
        window
        for window in centre_b.by_type("IfcWindow")
        if window.OverallWidth == 3.0 and window.Tag == "C3021"
    ]
    assert len(wide) == 1
    assert centre.by_guid(wide[0].GlobalId).OverallWidth == 2.4


@pytest.mark.parametrize("name", ["centre", "tower"])
def test_the_solids_of_the_spaces_have_the_stated_volume(name: str, request: pytest.FixtureRequest) -> None:
    model: ifcopenshell.file = request.getfixturevalue(name)
    spaces = [
        space
        for space in model.by_type("IfcSpace")
        if name == "centre" or space.Name[:2] in ("1C", "B1", "50")
    ]
    iterator = ifcopenshell.geom.iterator(
        ifcopenshell.geom.settings(), model, 1, include=spaces, geometry_library="opencascade"
    )
    assert iterator.initialize()
    seen = 0
    while True:
        shape = iterator.get()
        stated = ifcopenshell.util.element.get_psets(model.by_guid(shape.guid))["Qto_SpaceBaseQuantities"]
        assert ifcopenshell.util.shape.get_volume(shape.geometry) == pytest.approx(
            stated["NetVolume"], abs=2e-3
        )
        seen += 1
        if not iterator.next():
            break
    assert seen == len(spaces)


def test_rooms_and_elements_do_not_overlap(written: tuple[Building, Path]) -> None:
    building, _ = written
    solids = [(room.key, room.solid) for room in building.rooms.values()]
    solids += [(placed.key, placed.solid) for placed in building.elements]
    tree = STRtree([solid.footprint for _, solid in solids])
    rooms = range(len(building.rooms))
    for first in rooms:
        name, solid = solids[first]
        for second in tree.query(solid.footprint, predicate="intersects"):
            other_name, other = solids[second]
            if second == first or (second in rooms and second < first):
                continue
            shared = solid.footprint.intersection(other.footprint)
            if shared.area < 1e-6:
                continue
            x, y = shared.centroid.x, shared.centroid.y
            overlap = min(solid.top.z(x, y), other.top.z(x, y)) - max(
                solid.bottom.z(x, y), other.bottom.z(x, y)
            )
            assert overlap < 1e-6, (name, other_name)


def test_every_room_of_the_centre_is_reached_from_outside(written: tuple[Building, Path]) -> None:
    building, _ = written
    links: dict[str, set[str]] = {"outside": set()}
    for hole in building.holes:
        solid = hole.solid
        centre = solid.footprint.centroid
        if hole.filling is not None and hole.filling.is_a("IfcWindow"):
            continue
        reach = 0.45 if hole.filling is not None else 0.3
        middle = (solid.bottom.level + solid.top.level) / 2
        ends = []
        for sign in (1, -1):
            x, y, z = (
                at + sign * reach * step
                for at, step in zip((centre.x, centre.y, middle), hole.through, strict=True)
            )
            room = building.room_at(x, y, z)
            ends.append(room.key if room else "outside")
        links.setdefault(ends[0], set()).add(ends[1])
        links.setdefault(ends[1], set()).add(ends[0])
    seen, todo = {"outside"}, ["outside"]
    while todo:
        for room in links.get(todo.pop(), set()) - seen:
            seen.add(room)
            todo.append(room)
    assert set(building.rooms) <= seen


def test_flats_have_the_rooms_that_the_code_asks_for(tower: ifcopenshell.file) -> None:
    least = {"客餐厅": 10.0, "主卧室": 9.0, "次卧室": 5.0, "厨房": 4.0, "卫生间": 2.5}
    for space in tower.by_type("IfcSpace"):
        area = ifcopenshell.util.element.get_psets(space)["Qto_SpaceBaseQuantities"]["NetFloorArea"]
        for name, limit in least.items():
            if space.LongName.startswith(name):
                assert area >= limit, (space.Name, space.LongName)


def test_no_two_rooms_of_a_storey_share_a_number(tower: ifcopenshell.file, centre: ifcopenshell.file) -> None:
    for model in (tower, centre):
        names = [space.Name for space in model.by_type("IfcSpace")]
        assert len(names) == len(set(names))


def test_windows_of_the_tower_end_below_the_ceiling(tower: ifcopenshell.file) -> None:
    for window in tower.by_type("IfcWindow"):
        storey = ifcopenshell.util.element.get_container(window)
        ceiling = 3.31 if storey.Name == "屋顶层" else 2.61  # under the roof slabs, the lowest
        sill = (
            ifcopenshell.util.placement.get_local_placement(window.ObjectPlacement)[2, 3] - storey.Elevation
        )
        assert sill + window.OverallHeight <= ceiling + 1e-6, (storey.Name, window.Name)
