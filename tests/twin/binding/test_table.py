"""The binding table."""

from __future__ import annotations

import math

import pytest

from twin.binding.anchor import Anchor
from twin.binding.table import Binding, read_bindings, write_bindings
from twin.errors import TwinError


def test_what_is_written_is_read_back(tmp_path):
    bindings = (
        Binding(
            "a/co2",
            Anchor("0abc", "IfcSensor", "CO2SENSOR", "CO2, 1", "T-1", "type", "101", "F1", 1.5, -2.25, 3.0),
        ),
        Binding("b", Anchor("=cmd|' /C calc'!A0", name="@x"), False, 0.75, "the same tag"),
    )
    path = write_bindings(bindings, tmp_path / "b.csv")
    assert "\n=" not in path.read_text("utf-8")
    assert ",=" not in path.read_text("utf-8")
    back = read_bindings(path)
    assert back[0] == bindings[0]
    assert back[1].anchor.global_id == bindings[1].anchor.global_id
    assert math.isnan(back[1].anchor.x_m)
    assert [binding.accepted for binding in back] == [True, False]


def test_a_short_reviewed_table_needs_two_columns(tmp_path):
    path = tmp_path / "b.csv"
    path.write_text("point,global_id\na,0abc\n")
    (binding,) = read_bindings(path)
    assert binding.accepted
    (tmp_path / "b.yaml").write_text("bindings:\n- {point: a, global_id: 0abc}\n")
    assert read_bindings(tmp_path / "b.yaml") == (binding,)


def test_a_suggestion_that_nobody_has_looked_at_is_not_accepted(tmp_path):
    path = tmp_path / "b.csv"
    path.write_text("point,accepted,global_id\na,,0abc\nb,no,0abc\nc,YES,0abc\n")
    assert [binding.accepted for binding in read_bindings(path)] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "point,global_id\n,0abc\n", "point,global_id\na,\n", "point,global_id,colour\na,0abc,red\n",
        "point,global_id,accepted\na,0abc,perhaps\n", "point,global_id,x_m\na,0abc,far\n",
        "point,global_id\na,0abc\na,0def\n", "point,global_id\na,0abc,more\n",
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused(tmp_path, text):
    path = tmp_path / "b.csv"
    path.write_text(text)
    with pytest.raises(TwinError) as caught:
        read_bindings(path)
    assert caught.value.code == "bad-binding-table"
