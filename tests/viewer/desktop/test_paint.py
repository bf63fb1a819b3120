"""Colours of rows: those of the scale, and never one for what is not known."""

from __future__ import annotations

import numpy as np
import pytest

from ifc.model import Text
from viewer.colours import UNKNOWN_RGB, scale_rgb
from viewer.desktop.about import about
from viewer.desktop.cards import legend_card, number, text_card
from viewer.desktop.paint import Mode, paint_of, value_rgb
from viewer.layers import Category, Layer


def layer(values, rows=None, categories=(), **more) -> Layer:
    values = np.array(values, float)
    rows = np.arange(len(values), dtype=np.int32) if rows is None else np.array(rows, np.int32)
    text = Text("Temperature", "温度")
    return Layer(
        id="live.temperature", label=text, unit="°C", group="live", row=rows, values=values, low=16.0,
        high=32.0, rule=Text("Mean.", "平均值。"), source="", categories=categories, **more,
    )  # fmt: skip


def test_a_value_has_the_colour_of_the_shared_scale() -> None:
    paint = paint_of(4, layer([16.0, 24.0], rows=[1, 3]))
    assert paint.mode.tolist() == [Mode.PALE, Mode.COLOURED, Mode.PALE, Mode.COLOURED]
    assert (paint.rgb[[1, 3]] == scale_rgb(np.array([16.0, 24.0]), 16.0, 32.0)).all()


def test_a_stale_value_is_unknown_and_has_no_colour_of_a_number() -> None:
    paint = paint_of(2, layer([np.nan, 20.0]))
    assert paint.mode.tolist() == [Mode.UNKNOWN, Mode.COLOURED]
    assert tuple(paint.rgb[0]) == UNKNOWN_RGB


def test_a_row_that_the_model_lacks_paints_nothing() -> None:
    assert (paint_of(2, layer([20.0], rows=[-1])).mode == Mode.PALE).all()


def test_categories_have_their_own_colours_and_the_unknown_is_grey() -> None:
    grades = (Category(Text("A", "A"), "#009e73"), Category(Text("B", "B"), "#d55e00"))
    rgb = value_rgb(layer([1.0, np.nan, 0.0], categories=grades), np.array([1.0, np.nan, 0.0]))
    assert rgb.tolist() == [[0xD5, 0x5E, 0x00], list(UNKNOWN_RGB), [0x00, 0x9E, 0x73]]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (2.345678, "2.35"), (1234.5, "1,234"), (np.nan, "–"), (-0.05, "-0.05")]
)
def test_numbers_are_as_long_as_a_reader_needs(value, text) -> None:
    assert number(value) == text


@pytest.mark.desktop
def test_the_legend_shows_the_scale_from_end_to_end() -> None:
    card = legend_card(layer([20.0]), "en")
    ends = scale_rgb(np.array([16.0, 32.0]), 16.0, 32.0)
    rows = [row for row in card if (row[14] == ends[0]).all() and (row[-15] == ends[1]).all()]
    assert len(rows) >= 10


@pytest.mark.desktop
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_legend_has_a_hatched_key_only_where_something_is_not_known(language) -> None:
    known, unknown = (legend_card(layer(values), language) for values in ([20.0], [20.0, np.nan]))
    assert unknown.shape[0] > known.shape[0]
    key = unknown[-31:-16, 14:28].reshape(-1, 3)
    greys = {tuple(pixel) for pixel in key.tolist()} - {(255, 255, 255)}
    assert len(greys) >= 2
    assert all(max(grey) - min(grey) <= 16 for grey in greys)


@pytest.mark.desktop
def test_long_text_is_broken_into_lines_that_stay_inside_the_card(scene) -> None:
    from viewer.desktop.cards import Line

    card = text_card([Line("GlobalId" * 30), Line("房间几何的可信程度" * 9)])
    assert card.shape[0] > 5 * 19
    assert (card[:, -10:] == 255).all()


def test_an_element_is_told_with_its_value_its_limit_and_the_rule(scene) -> None:
    daylight = scene.layer("daylight.daylight_factor_mean_pct")
    room = int(scene.room_rows[0])
    text = "\n".join(line.text for line in about(scene, room, daylight, "en"))
    assert scene.columns["global_id"][room] in text
    assert "2.5 %" in text
    assert "GB 50033" in text
    other = "\n".join(line.text for line in about(scene, int(scene.room_rows[1]), daylight, "zh"))
    assert "未知或不参评" in other
    wall = int(scene.model.elements.rows_of_class("IfcWall")[0])
    assert "not part of this layer" in about(scene, wall, daylight, "en")[-1].text
