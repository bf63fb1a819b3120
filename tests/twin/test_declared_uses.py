import pytest

from ifc.model import PROVENANCE_CODES, Provenance
from tests.building_blocks import Blocks
from twin.declared_uses import with_declared_uses
from twin.errors import TwinError
from twin.project import Project


def rooms():
    blocks = Blocks()
    blocks.space((0, 0, 0), (4, 3, 3), name="Room 11", use="unknown")
    blocks.space((5, 0, 0), (9, 3, 3), name="Room 12", use="unknown")
    blocks.space((10, 0, 0), (14, 3, 3), name="2", long_name="Hall", use="hall")
    return blocks.model()


def uses(declared: dict[str, str]) -> list[str]:
    return with_declared_uses(rooms(), Project(uses=declared)).spaces.use.tolist()


def test_without_declarations_the_model_stays_as_it_is() -> None:
    model = rooms()
    assert with_declared_uses(model, Project()) is model


def test_a_name_a_pattern_and_a_global_id_each_name_rooms() -> None:
    assert uses({"Room 11": "office"}) == ["office", "unknown", "hall"]
    assert uses({"Room 1?": "office"}) == ["office", "office", "hall"]
    assert uses({rooms().spaces.global_id[2]: "library"}) == ["unknown", "unknown", "library"]


def test_the_last_of_several_patterns_counts() -> None:
    assert uses({"*": "office", "Room 12": "clinic"}) == ["office", "clinic", "office"]


def test_a_declared_use_says_that_it_is_declared() -> None:
    model = with_declared_uses(rooms(), Project(uses={"Hall": "library"}))
    assert PROVENANCE_CODES[model.spaces.use_provenance[2]] is Provenance.DECLARED


def test_an_unknown_use_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(TwinError, match="'office'"):
        with_declared_uses(rooms(), Project(uses={"*": "ofice"}))


def test_a_pattern_that_matches_no_room_is_found() -> None:
    model = with_declared_uses(rooms(), Project(uses={"Raum*": "office"}))
    assert [found.code for found in model.diagnostics] == ["declared-use-without-room"]
