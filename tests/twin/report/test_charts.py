import re

import numpy as np
import pytest

from twin.report.charts import Layer, _tick_step, curve, lines, monthly_bars


def heights(svg: str) -> list[float]:
    return [float(h) for h in re.findall(r'height="([\d.]+)" fill', svg)]


def test_bars_are_proportional_to_their_values() -> None:
    svg = monthly_bars([Layer("a", "#123456", np.array([1.0, 2.0, *[0.0] * 10]))], "mm")
    first, second = heights(svg)
    assert second == pytest.approx(2 * first, rel=1e-2)


def test_values_below_zero_hang_under_the_axis() -> None:
    svg = monthly_bars([Layer("a", "#1", np.full(12, 3.0)), Layer("b", "#2", np.full(12, -3.0))], "kWh")
    axis = float(re.search(r'class="axis" d="M\d+ ([\d.]+)', svg)[1])
    tops = [float(y) for y in re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', svg)]
    assert max(abs(top - axis) for top in tops[1::2]) < 0.1
    assert all(top < axis for top in tops[::2])


def test_a_year_of_zeros_is_an_empty_chart() -> None:
    assert "<rect" not in monthly_bars([Layer("a", "#1", np.zeros(12))], "mm")


@pytest.mark.parametrize(("span", "step"), [(10, 2), (100, 20), (7, 2), (0.9, 0.2), (26, 10), (49, 10)])
def test_ticks_are_round(span, step) -> None:
    assert _tick_step(span) == pytest.approx(step)


def test_lines_reach_their_values() -> None:
    svg = lines([Layer("a", "#123456", np.array([0.0, 50.0, 100.0, 0.0]))], "L/s", 1.0, "min")
    (points,) = re.findall(r'points="([^"]+)"', svg)
    y = [float(point.split(",")[1]) for point in points.split()]
    assert y[0] == y[3]
    assert y[0] - y[2] == pytest.approx(2 * (y[0] - y[1]), abs=0.2)


def test_a_curve_shows_its_marked_points() -> None:
    svg = curve(
        np.array([0.0, 10.0, 40.0]), np.array([0.0, 50.0, 100.0]), "m³", "%", [(10.0, 50.0, "a <tank>")]
    )
    assert svg.count("<circle") == 1
    assert "a &lt;tank&gt;" in svg
    assert ">m³<" in svg
    assert ">100<" in svg
