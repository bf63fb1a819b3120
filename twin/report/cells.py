"""Ids as words: in the cells of tables and in the values of assumptions, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.metrics.sunlight.rules import days
from twin.report.words import WORDS
from twin.use_types import use_types

COVERS = {
    "roof": Text("roof", "屋面"),
    "green_roof": Text("green roof", "绿化屋面"),
    "road": Text("road", "道路"),
    "paving": Text("paving", "硬质铺装"),
    "parking": Text("parking", "停车场"),
    "permeable_paving": Text("permeable paving", "透水铺装"),
    "green": Text("green", "绿地"),
    "sunken_green": Text("sunken green", "下沉式绿地"),
    "water": Text("water", "水体"),
    "tree": Text("trees", "树木"),
    "tank": Text("rain tank", "雨水调蓄池"),
    "outlet": Text("outlet", "排放口"),
    "unknown": Text("unknown", "未知"),
}
MOUNTINGS = {
    "open_rack": Text("open rack", "开敞支架"),
    "close_mount": Text("gap behind", "背后留有空隙"),
    "insulated_back": Text("insulated back", "背面绝热"),
}
# All others are names of the file or the library.
MATERIALS = {"reinforcement": Text("reinforcement", "钢筋")}
_VALUES = COVERS | MOUNTINGS
_COVER = re.compile(r"\b(?:" + "|".join(sorted(COVERS, key=len, reverse=True)) + r")\b")
_ROUTE = re.compile(r"\b[a-z_]+ > [a-z_]+\b")  # of the runoff: "roof > tank"


def worded(column: str, cells: NDArray[np.generic]) -> Sequence[Any]:
    """The cells of a column as words where they are ids, and as yes or no where they are verdicts."""
    match column:
        case "use":
            known = use_types()
            return [known[cell].label if cell in known else cell for cell in cells.tolist()]
        case "day":
            return [days()[cell].label for cell in cells.tolist()]
        case "meets":
            return [None if np.isnan(cell) else bool(cell) for cell in cells.tolist()]
        case "kind":
            return [COVERS.get(cell, cell) for cell in cells.tolist()]
        case "material":
            return [MATERIALS.get(cell, cell) for cell in cells.tolist()]
        case "provenance":
            return [WORDS.get(cell, cell) for cell in cells.tolist()]
        case "zone":
            return [_zone(str(cell)) for cell in cells.tolist()]
    return list(cells)


def value_label(value: Any) -> Any:
    """The value of an assumption, as words where it is an id of ours."""
    if not isinstance(value, str):
        return value
    if _ROUTE.search(value):
        return Text(
            _COVER.sub(lambda found: COVERS[found[0]].en, value),
            _COVER.sub(lambda found: COVERS[found[0]].zh, value).replace(", ", "，"),
        )
    return _VALUES.get(value, value)


def _zone(name: str) -> Text:
    """The name of a thermal zone, whose use is one of our ids: "first floor / stair / 1C1"."""
    known = use_types()
    parts = [known[part].label if part in known else Text(part, part) for part in name.split(" / ")]
    return Text(" / ".join(part.en for part in parts), " / ".join(part.zh for part in parts))
