"""Ids of ours read as words in tables, units and assumptions; what the file names stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ifc.constructions.assumptions import construction_label
from ifc.constructions.defaults import default_construction
from ifc.model import Text
from tests.twin.example_evaluation import example_evaluation
from twin.metrics.sponge.rules import KINDS
from twin.rating.units import unit_label
from twin.report.cells import COVERS, value_label, worded
from twin.report.html_report import render_html


@pytest.mark.parametrize(
    ("column", "cell", "chinese"),
    [
        ("kind", "roof", "屋面"),
        ("kind", "tank", "雨水调蓄池"),
        ("material", "reinforcement", "钢筋"),
        ("zone", "一层 / stair / 1C1 + 2", "一层 / 楼梯间 / 1C1 + 2"),
        ("provenance", "derived", "由模型计算"),
    ],
)
def test_ids_in_cells_are_words(column, cell, chinese) -> None:
    (told,) = worded(column, np.array([cell], object))
    assert told.zh == chinese
    assert worded("name", np.array([cell], object)) == [cell]


def test_names_of_the_file_stay() -> None:
    assert worded("material", np.array(["Softwood"], object)) == ["Softwood"]
    assert worded("zone", np.array(["101"], object)) == [Text("101", "101")]
    assert value_label("CIBSE") == "CIBSE"
    assert value_label(0.5) == 0.5


def test_every_cover_has_words() -> None:
    assert set(KINDS) <= set(COVERS)


def test_routes_of_the_rain_and_mountings_are_words() -> None:
    assert value_label("roof > tank, green_roof > sunken_green").zh == (
        "屋面 > 雨水调蓄池，绿化屋面 > 下沉式绿地"
    )
    assert value_label("close_mount").zh == "背后留有空隙"


def test_what_counts_has_no_unit_and_words_are_translated() -> None:
    assert unit_label("months").zh == "个月"
    assert unit_label("ratio") == unit_label("count") == Text("", "")
    assert unit_label("m²").zh == "m²"


@pytest.mark.parametrize("kind", ["wall", "roof", "floor", "ground_floor", "door", "window", "curtain_wall"])
@pytest.mark.parametrize("external", [True, False])
def test_assumed_constructions_have_chinese_names(kind, external) -> None:
    label = construction_label(default_construction(kind, external=external))
    assert label.en.startswith("default ")
    assert label.zh.startswith("默认")
    assert not any(letter.isascii() for letter in label.zh)


def test_the_page_uses_these_words() -> None:
    evaluation = example_evaluation()
    daylight = evaluation.metrics["daylight"]
    table = {**daylight.table, "zone": np.array(["一层 / stair / 1"], object)}
    (assumption,) = daylight.assumptions
    assumed = replace(assumption, value=replace(assumption.value, value="roof > tank"))
    metrics = {**evaluation.metrics, "daylight": replace(daylight, table=table, assumptions=(assumed,))}
    first, *others = evaluation.scorecard.clauses
    items = tuple(replace(item, unit="months") for item in first.items)
    card = replace(evaluation.scorecard, clauses=(replace(first, items=items), *others))
    html = render_html(replace(evaluation, metrics=metrics, scorecard=card), "zh")
    for chinese in ("一层 / 楼梯间 / 1", "屋面 &gt; 雨水调蓄池", "个月"):
        assert f'<span class="zh" lang="zh">{chinese}</span>' in html
