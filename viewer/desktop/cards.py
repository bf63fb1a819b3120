"""Cards that lie on the picture: the legend with its unit, and what is known of the selected element."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ifc.model import Language, Text
from viewer.colours import scale_rgb
from viewer.desktop.paint import value_rgb
from viewer.layers import Layer

WIDTH_PX = 340
_MARGIN_PX, _LINE_PX, _RAMP_PX, _KEY_PX = 14, 19, 12, 14
_PAPER, _INK, _INK_2 = (255, 255, 255), (26, 35, 41), (76, 90, 99)  # as the page in its light theme
_HATCH_DARK, _HATCH_LIGHT = (139, 146, 151), (197, 202, 205)
UNKNOWN = Text("unknown or not assessed", "未知或不参评")
_CHINESE_FONTS = (  # where the systems keep one; any of them will do
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Line:
    """One line of a card."""

    text: str
    heading: bool = False


def number(value: float) -> str:
    """A number with as many digits as a reader needs; "–" where there is none."""
    if not math.isfinite(value):
        return "–"
    return f"{round(value):,}" if abs(value) >= 1000 else f"{float(f'{value:.3g}'):g}"


def with_unit(value: float, unit: str) -> str:
    """A value as text; "–" for NaN."""
    text = number(value)
    return text if text == "–" or not unit else f"{text} {unit}"


def text_card(lines: Sequence[Line]) -> Pixels:
    """Lines one below the other, broken where they are too wide, as a picture (height, width, 3)."""
    rows: list[Line] = []
    for line in lines:
        rows += [Line(part, line.heading) for part in _broken(line.text, WIDTH_PX - 2 * _MARGIN_PX)]
    image, draw = _card(2 * _MARGIN_PX + len(rows) * _LINE_PX)
    for index, row in enumerate(rows):
        _write(draw, _MARGIN_PX, _MARGIN_PX + index * _LINE_PX, row.text, ink=_INK if row.heading else _INK_2)
    return np.asarray(image)


def legend_card(layer: Layer, language: Language) -> Pixels:
    """What the colours of a layer mean, with the unit; hatched grey where something is not known."""
    values = layer.values[layer.row >= 0]
    unknown = bool((~np.isfinite(values)).any())
    keys: list[tuple[str, tuple[int, int, int] | None]] = []
    if layer.categories:
        used = sorted({int(value) for value in values[np.isfinite(values)]})
        colours = value_rgb(layer, np.array(used, np.float64)).tolist()
        keys = [
            (layer.categories[one].label.in_language(language), (red, green, blue))
            for one, (red, green, blue) in zip(used, colours, strict=True)
        ]
    if unknown:
        keys.append((UNKNOWN.in_language(language), None))
    ramp = 0 if layer.categories else _RAMP_PX + 8 + _LINE_PX
    heading = _broken(layer.label.in_language(language), WIDTH_PX - 2 * _MARGIN_PX - 80)
    height = 2 * _MARGIN_PX + _LINE_PX * (len(heading) + len(keys)) + ramp
    image, draw = _card(height)
    y = _MARGIN_PX
    _write(draw, WIDTH_PX - _MARGIN_PX, y, layer.unit, ink=_INK_2, anchor="rm")
    for part in heading:
        _write(draw, _MARGIN_PX, y, part)
        y += _LINE_PX
    if not layer.categories:
        y = _ramp(image, draw, layer, y + 4)
    for text, colour in keys:
        _key(image, y, colour)
        _write(draw, _MARGIN_PX + _KEY_PX + 8, y, text, ink=_INK_2)
        y += _LINE_PX
    return np.asarray(image)


def _ramp(image: Image.Image, draw: ImageDraw.ImageDraw, layer: Layer, y: int) -> int:
    """The colour scale with five ticks; "+" at its end where values lie beyond. Returns the y below it."""
    width = WIDTH_PX - 2 * _MARGIN_PX
    colours = scale_rgb(np.linspace(layer.low, layer.high, width), layer.low, layer.high)
    image.paste(Image.fromarray(np.tile(colours, (_RAMP_PX, 1)).reshape(_RAMP_PX, width, 3)), (_MARGIN_PX, y))
    beyond = bool((layer.values[np.isfinite(layer.values)] > layer.high).any())
    for share, anchor in ((0.0, "lm"), (0.25, "mm"), (0.5, "mm"), (0.75, "mm"), (1.0, "rm")):
        text = number(layer.low + (layer.high - layer.low) * share) + ("+" if share == 1 and beyond else "")
        _write(draw, _MARGIN_PX + round(share * width), y + _RAMP_PX + 4, text, ink=_INK_2, anchor=anchor)
    return y + _RAMP_PX + 4 + _LINE_PX


def _key(image: Image.Image, y: int, colour: tuple[int, int, int] | None) -> None:
    """A square of a colour, or a hatched one."""
    if colour is None:
        down, right = np.mgrid[:_KEY_PX, :_KEY_PX]
        dark = ((down + right) % 8 < 4)[..., None]
        square = np.where(dark, _HATCH_DARK, _HATCH_LIGHT).astype(np.uint8)
    else:
        square = np.full((_KEY_PX, _KEY_PX, 3), colour, np.uint8)
    image.paste(Image.fromarray(square), (_MARGIN_PX, y + (_LINE_PX - _KEY_PX) // 2))


def _card(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (WIDTH_PX, height), _PAPER)
    return image, ImageDraw.Draw(image)


def _write(
    draw: ImageDraw.ImageDraw,
    x: int,
    y: int,
    text: str,
    *,
    ink: tuple[int, int, int] = _INK,
    anchor: str = "lm",
) -> None:
    """One line whose upper end is ``y``; the middle counts, since fonts differ in where they put a letter."""
    draw.text((x, y + _LINE_PX // 2), text, fill=ink, font=_font(_is_chinese(text)), anchor=anchor)


def _broken(text: str, width: int) -> list[str]:
    """A text as lines that are not wider than ``width`` pixels; at least one."""
    lines = [""]
    for word in _words(text):
        longer = lines[-1] + word
        if lines[-1] and _font(_is_chinese(longer)).getlength(longer.rstrip()) > width:
            lines.append(word.lstrip())
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines]


def _words(text: str) -> list[str]:
    """Where a line may be broken: after a space, beside a Chinese character, within 30 letters of a name."""
    words = [""]
    for character in text:
        if _is_chinese(character) or len(words[-1]) >= 30:
            words.append("")
        words[-1] += character
        if character == " " or _is_chinese(character):
            words.append("")
    return words


def _is_chinese(text: str) -> bool:
    return any(ord(character) > 0x2E7F for character in text)


@functools.cache
def _font(chinese: bool) -> ImageFont.FreeTypeFont:
    """A font of this machine for Chinese; the one that comes with Matplotlib for the rest."""
    import matplotlib

    found = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    if chinese:
        found = next((path for path in map(Path, _CHINESE_FONTS) if path.is_file()), found)
    return ImageFont.truetype(str(found), 13)
