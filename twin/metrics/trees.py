"""Trees of the model as light meets them: which elements they are, and what their crowns let through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.cover_kind import stated_kind
from ifc.model import BuildingModel, Provenance, Text, Traced
from twin.climate import MONTH_OF_HOUR
from twin.metrics.result import Assumption
from twin.project import Project

Floats = NDArray[np.float64]

_VEGETATION_CLASSES = ("IfcGeographicElement", "IfcBuildingElementProxy")
_SPECIES = ("Species", "树种", "LeafHabit")


@dataclass(frozen=True)
class Trees:
    """N trees that count: their element rows (N,), and which of them (N,) drop their leaves."""

    elements: NDArray[np.intp]
    deciduous: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.elements)


NO_TREES = Trees(np.zeros(0, np.intp), np.zeros(0, np.bool_))


def trees_in_the_light(model: BuildingModel, project: Project) -> Trees:
    """The trees of the model where ``[site] trees_shade`` in twin.toml says that they count; else none.

    Vegetation and proxies that are named a tree or state the cover kind of one, from a least height on.
    """
    rows, deciduous = [], []
    if project.site.trees_shade:
        names = re.compile(tree_rules()["which"]["names"], re.IGNORECASE)
        for row in model.elements.rows_of_class(*_VEGETATION_CLASSES).tolist():
            text = _texts(model, row)
            if not names.search(text) and stated_kind(model, row) != "tree":
                continue
            vertices, _ = model.geometry.mesh(row)
            if len(vertices) and np.ptp(vertices[:, 2]) >= tree_rules()["which"]["least_height_m"]:
                rows.append(row)
                deciduous.append(_is_deciduous(model, row, text))
    return Trees(np.array(rows, np.intp), np.array(deciduous, np.bool_))


def _texts(model: BuildingModel, row: int) -> str:
    elements = model.elements
    return f"{elements.name[row]} {elements.long_name[row]} {elements.type_name[row]}"


def _is_deciduous(model: BuildingModel, row: int, text: str) -> bool:
    """What the species or the name says of the leaf habit; the longest word that fits decides."""
    stated = model.properties.find(row, *_SPECIES)
    for said in ([] if stated is None else [str(stated[1])]) + [text]:
        fitting = [
            (len(word), habit)
            for habit in ("deciduous", "evergreen")
            for word in tree_rules()["which"][habit]
            if word.casefold() in said.casefold()
        ]
        if fitting:
            return max(fitting)[1] == "deciduous"
    return str(tree_rules()["which"]["usual"]) == "deciduous"


def crown_transmittance(deciduous: bool) -> Floats:
    """Share of the light straight through one crown in each month (12,)."""
    return np.array(tree_rules()["crown"]["deciduous" if deciduous else "evergreen"], np.float64)


def in_leaf(deciduous: bool) -> float:
    """The least of the months: the crown in full leaf."""
    return float(crown_transmittance(deciduous).min())


def season(hour: NDArray[np.intp]) -> NDArray[np.float32]:
    """Light through a deciduous crown in hours (H,) of the year, over that through it in full leaf."""
    return (crown_transmittance(True) / in_leaf(True))[MONTH_OF_HOUR[hour]].astype(np.float32)


def leaf_reflectance() -> float:
    """Diffuse reflectance of crowns for light."""
    return float(tree_rules()["crown"]["reflectance"])


def tree_assumptions(model: BuildingModel, trees: Trees, what: Text) -> tuple[Assumption, ...]:
    """What the crowns let through in leaf and at most, and ``what`` they stand in the way of."""
    crown = tree_rules()["crown"]
    found = []
    for deciduous, name in ((True, Text("deciduous", "落叶树")), (False, Text("evergreen", "常绿树"))):
        rows = trees.elements[trees.deciduous == deciduous]
        if len(rows):
            months = crown_transmittance(deciduous)
            value = Traced(float(months.min()), "", Provenance.DEFAULT, crown["source"], crown["confidence"])
            label = Text(
                f"Light through crowns in leaf ({name.en}; {months.max():g} at most in the year), {what.en}",
                f"树冠展叶期透光比例（{name.zh}，全年最大 {months.max():g}），{what.zh}",
            )
            ids = tuple(str(one) for one in model.elements.global_id[rows])
            found.append(Assumption(label, value, ids))
    return tuple(found)


@cache
def tree_rules() -> Mapping[str, Any]:
    """The data file ``twin/data/trees.yaml``."""
    text = resources.files("twin").joinpath("data", "trees.yaml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return data
