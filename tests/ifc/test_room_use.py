from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from ifc.model import PROVENANCE_CODES, PropertyTable, Provenance
from ifc.room_use import _match, _rules, recognise_room_uses, use_of_name
from tests.building_blocks import Blocks

NAMES = yaml.safe_load((Path(__file__).parent / "room_names.yaml").read_text("utf-8"))
PAIRS = [(str(name), use) for use, names in NAMES.items() for name in names]


@pytest.mark.parametrize(("name", "use"), PAIRS, ids=[f"{name}-{use}" for name, use in PAIRS])
def test_a_name_says_its_use(name, use):
    assert _match(name) == use


def rooms(*names, storeys=None):
    blocks = Blocks()
    for storey in range(max(storeys or [0]) + 1):
        blocks.storey(f"Storey {storey}", 3.0 * storey)
    for row, name in enumerate(names):
        blocks.space((row, 0, 0), (row + 1, 1, 3), long_name=name, storey=storeys[row] if storeys else 0)
    return blocks.model()


def uses(model):
    return recognise_room_uses(model).spaces.use.tolist()


def test_words_are_settled_by_the_building():
    assert uses(rooms("卧室", "卫生间", "厨房", "餐厅", "门厅")) == [
        "bedroom", "bathroom", "kitchen", "dining_room", "entrance",
    ]  # fmt: skip
    assert uses(rooms("办公室", "卫生间", "门厅")) == ["office", "toilet", "lobby"]
    assert uses(rooms("Pizza Bar", "Dining Room A", "Kitchen")) == [
        "restaurant", "restaurant", "commercial_kitchen",
    ]  # fmt: skip
    assert uses(rooms("社区食堂", "厨房", "餐厅")) == ["restaurant", "commercial_kitchen", "restaurant"]


def test_a_shop_storey_below_flats_is_public():
    model = rooms("商铺", "卫生间", "卧室", "卫生间", storeys=[0, 0, 1, 1])
    assert uses(model) == ["shop", "toilet", "bedroom", "bathroom"]


def test_the_entrance_of_a_block_of_flats_is_a_lobby():
    model = rooms("门厅", "风机房", "门厅", "卧室", storeys=[0, 0, 1, 1])
    assert uses(model) == ["lobby", "equipment_room", "entrance", "bedroom"]


def test_balconies_and_gardens_are_external():
    model = recognise_room_uses(rooms("卧室", "阳台", "South Garden", "封闭阳台"))
    assert model.spaces.use.tolist() == ["bedroom", "balcony", "outdoor_space", "sunspace"]
    assert model.spaces.internal.tolist() == [True, False, False, True]
    assert (model.spaces.use_provenance == PROVENANCE_CODES.index(Provenance.IFC)).all()


def test_unclear_names_share_one_diagnostic():
    model = recognise_room_uses(rooms("卧室", "房间", "X7", "房间"))
    assert model.spaces.use.tolist() == ["bedroom", "unknown", "unknown", "unknown"]
    assert model.spaces.use_provenance.tolist() == [0, -1, -1, -1]
    (finding,) = model.diagnostics
    assert finding.code == "room-use-unknown"
    assert finding.count == 3
    assert "X7" in finding.message.en
    assert "房间" in finding.message.zh


def test_recognising_twice_changes_nothing():
    once = recognise_room_uses(rooms("卧室", "房间"))
    twice = recognise_room_uses(once)
    assert twice.diagnostics == once.diagnostics
    assert twice.spaces.use.tolist() == once.spaces.use.tolist()


def test_a_property_names_the_use_when_the_attributes_do_not():
    model = rooms("101")
    element = int(model.spaces.element[0])
    properties = PropertyTable(
        element=np.array([element], np.int32),
        set_name=np.array(["Revit"], object),
        name=np.array(["OmniClass Table 13 Category"], object),
        value=np.array(["13-51 24: Living Spaces"], object),
        unit=np.array([""], object),
        inherited=np.zeros(1, bool),
        quantity=np.zeros(1, bool),
    )
    assert uses(replace(model, properties=properties)) == ["living_room"]


def test_every_use_has_a_use_type():
    from twin.use_types import use_ids

    rules = _rules()
    named = {use for _, use in rules.patterns if not use.startswith("<")}
    settled = {use for meanings in rules.by_context.values() for use in meanings.values()}
    assert named | settled | rules.external <= set(use_ids())
    assert {use for _, use in rules.patterns if use.startswith("<")} == set(rules.by_context)


@pytest.mark.parametrize("text", ["", " ", "*", "\x00", "((", "a" * 5000, "房" * 5000, "😀", "1/2/3", ")("])
def test_odd_names_do_no_harm(text):
    assert use_of_name(text) == "unknown"
