"""Charts as SVG: stacked monthly bars, lines over time, one quantity over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 10, 10, 28


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of every bar: its values (12,), positive above the axis and negative below."""

    name: str
    colour: str
    values: NDArray[np.float64]


def _tick_step(span: float) -> float:
    """A round step of 1, 2 or 5 times a power of ten that gives four to eight ticks."""
    rough = max(span, 1e-9) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


def monthly_bars(layers: Sequence[Layer], unit: str) -> str:
    """Stacked bars over the twelve months as an SVG element; sums above and below the axis apart."""
    stack = np.array([layer.values for layer in layers])
    high = float(np.where(stack > 0, stack, 0).sum(axis=0).max(initial=0.0))
    low = float(np.where(stack < 0, stack, 0).sum(axis=0).min(initial=0.0))
    step = _tick_step(high - low)
    top, bottom = np.ceil(high / step) * step, np.floor(low / step) * step
    if top == bottom:
        top = bottom + step
    scale = (HEIGHT - _TOP - _BOTTOM) / (top - bottom)
    month = (WIDTH - _LEFT - _RIGHT) / 12

    def level(value: float) -> float:
        return float(_TOP + (top - value) * scale)

    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
    ]
    for tick in np.arange(bottom, top + step / 2, step):
        y = level(float(tick))
        kind = "axis" if abs(tick) < step / 2 else "grid"
        parts.append(
            f'<path class="{kind}" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}">{tick:,.10g}</text>'
        )
    for index in range(12):
        x = _LEFT + index * month
        up = down = 0.0
        for layer in layers:
            value = float(layer.values[index])
            if abs(value) * scale < 0.05:
                continue
            if value > 0:
                y, up = level(up + value), up + value
            else:
                y, down = level(down), down + value
            parts.append(
                f'<rect x="{x + month * 0.16:.1f}" y="{y:.1f}" width="{month * 0.68:.1f}" '
                f'height="{abs(value) * scale:.1f}" fill="{layer.colour}">'
                f"<title>{escape(layer.name)} {index + 1}: {value:,.4g} {escape(unit)}</title></rect>"
            )
        parts.append(f'<text class="month" x="{x + month / 2:.1f}" y="{HEIGHT - 8}">{index + 1}</text>')
    parts.append(f'<text class="unit" x="4" y="{_TOP + 10}">{escape(unit)}</text></svg>')
    return "".join(parts)


def lines(layers: Sequence[Layer], unit: str, step: float, time_unit: str) -> str:
    """Lines over time as an SVG element; values from 0 on, the k-th at the time k ``step``."""
    count = max(len(layer.values) for layer in layers)
    high = max(float(layer.values.max(initial=0.0)) for layer in layers)
    value_step, time_step = _tick_step(high), _tick_step(count * step)
    top = max(np.ceil(high / value_step), 1.0) * value_step
    across = (WIDTH - _LEFT - _RIGHT) / (count * step)
    scale = (HEIGHT - _TOP - _BOTTOM) / top
    floor = HEIGHT - _BOTTOM
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
    ]
    for tick in np.arange(0.0, top + value_step / 2, value_step):
        y = floor - tick * scale
        kind = "axis" if tick == 0.0 else "grid"
        parts.append(
            f'<path class="{kind}" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}">{tick:,.10g}</text>'
        )
    for tick in np.arange(0.0, count * step + time_step / 2, time_step):
        x = _LEFT + tick * across
        if x <= WIDTH - _RIGHT:
            parts.append(f'<text class="month" x="{x:.1f}" y="{HEIGHT - 8}">{tick:,.10g}</text>')
    for layer in layers:
        points = " ".join(
            f"{_LEFT + (index + 0.5) * step * across:.1f},{floor - value * scale:.1f}"
            for index, value in enumerate(layer.values.tolist())
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{layer.colour}" stroke-width="2">'
            f"<title>{escape(layer.name)}</title></polyline>"
        )
    parts.append(f'<text class="unit" x="4" y="{_TOP + 10}">{escape(unit)}</text>')
    parts.append(f'<text class="unit" x="4" y="{HEIGHT - 8}">{escape(time_unit)}</text></svg>')
    return "".join(parts)


def curve(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    x_unit: str,
    y_unit: str,
    marked: Sequence[tuple[float, float, str]] = (),
) -> str:
    """``y`` over ``x``, both (n,) and not below 0, as an SVG element; some points are marked and named."""
    right = max(float(x.max(initial=0.0)), *(point[0] for point in marked), 1e-9)
    high = max(float(y.max(initial=0.0)), *(point[1] for point in marked), 1e-9)
    x_step, y_step = _tick_step(right), _tick_step(high)
    right, top = float(np.ceil(right / x_step) * x_step), float(np.ceil(high / y_step) * y_step)
    floor = HEIGHT - _BOTTOM

    def place(across: float, up: float) -> tuple[float, float]:
        return _LEFT + across / right * (WIDTH - _LEFT - _RIGHT), floor - up / top * (floor - _TOP)

    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
    ]
    for tick in np.arange(0.0, top + y_step / 2, y_step):
        level = place(0.0, float(tick))[1]
        kind = "axis" if tick == 0.0 else "grid"
        parts.append(
            f'<path class="{kind}" d="M{_LEFT} {level:.1f}H{WIDTH - _RIGHT}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{level + 3.5:.1f}">{tick:,.10g}</text>'
        )
    parts += [
        f'<text class="month" x="{place(tick, 0.0)[0]:.1f}" y="{HEIGHT - 8}">{tick:,.10g}</text>'
        for tick in np.arange(x_step, right, x_step).tolist()
    ]
    points = " ".join(
        "{:.1f},{:.1f}".format(*place(*pair)) for pair in zip(x.tolist(), y.tolist(), strict=True)
    )
    parts.append(f'<polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="2"/>')
    for across, up, name in marked:
        at, level = place(across, up)
        parts.append(
            f'<circle cx="{at:.1f}" cy="{level:.1f}" r="5" fill="#d55e00">'
            f"<title>{escape(name)}</title></circle>"
        )
    parts.append(f'<text class="unit" x="4" y="{_TOP + 10}">{escape(y_unit)}</text>')
    parts.append(f'<text class="unit" x="4" y="{HEIGHT - 8}">{escape(x_unit)}</text></svg>')
    return "".join(parts)
