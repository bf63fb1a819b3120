"""What the window says of an element: what it is, and why it has its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ifc.model import Language, Text
from viewer.desktop.cards import UNKNOWN, Line, with_unit

if TYPE_CHECKING:
    from viewer.desktop.scene import Scene
    from viewer.layers import Layer

_NOT_SUBJECT = Text("not part of this layer", "不属于该图层")
_ASKED = Text("asked: ≥ {limit}", "要求：≥ {limit}")
_LABEL = Text("{label}: {value}", "{label}：{value}")


def about(scene: Scene, row: int, layer: Layer | None, language: Language) -> list[Line]:
    """What a scene row is; in a layer also its value, what is asked, the reason, the rule and the source."""
    columns = scene.columns
    kind = columns["classes"][columns["class"][row]]
    storey = columns["storey"][row]
    lines = [
        Line(columns["name"][row] or columns["type"][row] or kind.removeprefix("Ifc"), heading=True),
        Line(kind + (f" · {scene.model.storeys.name[storey]}" if storey >= 0 else "")),
        Line(columns["global_id"][row]),
    ]
    if layer is not None:
        lines += _why(row, layer, language)
    return [line for line in lines if line.text]


def _why(row: int, layer: Layer, language: Language) -> list[Line]:
    label = layer.label.in_language(language)
    found = np.flatnonzero(layer.row == row)
    if not len(found):
        text = _LABEL.in_language(language).format(label=label, value=_NOT_SUBJECT.in_language(language))
        return [Line(text)]
    index = int(found[-1])
    value = float(layer.values[index])
    if not np.isfinite(value):
        shown = UNKNOWN.in_language(language)
    elif layer.categories:
        shown = layer.categories[int(value)].label.in_language(language)
    else:
        shown = with_unit(value, layer.unit)
    lines = [Line(_LABEL.in_language(language).format(label=label, value=shown), heading=True)]
    if layer.limit is not None and np.isfinite(layer.limit[index]):
        limit = with_unit(float(layer.limit[index]), layer.unit)
        lines.append(Line(_ASKED.in_language(language).format(limit=limit)))
    note = layer.notes.get(row)
    if note is not None:
        lines.append(Line(note.in_language(language)))
    return [*lines, Line(layer.rule.in_language(language)), Line(layer.source)]
