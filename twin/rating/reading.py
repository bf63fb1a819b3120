"""Reading a building model for the rating: properties under their many names, grades, classes, quantities."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ifc.model import BuildingModel

WALLS = ("IfcWall", "IfcWallStandardCase", "IfcWallElementedCase")
COLUMNS = ("IfcColumn", "IfcColumnStandardCase")
BEAMS = ("IfcBeam", "IfcBeamStandardCase")
MEMBERS = ("IfcMember", "IfcMemberStandardCase")
SLABS = ("IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase")
PLATES = ("IfcPlate", "IfcPlateStandardCase")
WINDOWS = ("IfcWindow", "IfcWindowStandardCase")
DOORS = ("IfcDoor", "IfcDoorStandardCase")
STAIRS = ("IfcStair", "IfcStairFlight")
RAMPS = ("IfcRamp", "IfcRampFlight")
RAILINGS = ("IfcRailing",)
COVERINGS = ("IfcCovering",)
LIFTS = ("IfcTransportElement", "IfcTransportationDevice")
SHADINGS = ("IfcShadingDevice",)


@dataclass(frozen=True, slots=True)
class Found:
    """A property of an element and where it stands."""

    value: Any
    source: str  # "Pset_WindowCommon.IsExternal"


class PropertyReader:
    """The properties of a model by the keys of ``data/property_names.yaml``."""

    def __init__(self, model: BuildingModel) -> None:
        self._table = model.properties
        self._rows: dict[str, list[int]] = {}
        for row, name in enumerate(model.properties.name.tolist()):
            self._rows.setdefault(_plain(str(name)), []).append(row)
        self._columns: dict[str, dict[int, Found]] = {}

    def column(self, key: str) -> Mapping[int, Found]:
        """Element row -> value, for every element that has the property under any of its names.

        A name earlier in the file wins over a later one.

        Raises:
            KeyError: ``key`` is not in ``property_names.yaml``.
        """
        if key not in self._columns:
            found: dict[int, Found] = {}
            for set_name, name in property_names()[key]:
                for row in self._rows.get(_plain(name), ()):
                    own_set = str(self._table.set_name[row])
                    if set_name and _plain(own_set) != _plain(set_name):
                        continue
                    value = self._table.value[row]
                    if value is None or value == "":
                        continue
                    source = f"{own_set}.{self._table.name[row]}" if own_set else str(self._table.name[row])
                    found.setdefault(int(self._table.element[row]), Found(value, source))
            self._columns[key] = found
        return self._columns[key]

    def get(self, element: int, key: str) -> Found | None:
        """The property of one element, or None."""
        return self.column(key).get(element)


@cache
def property_names() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Key -> ((set, name), ...) in falling priority; an empty set stands for any."""
    text = resources.files("twin").joinpath("rating", "data", "property_names.yaml").read_text("utf-8")
    raw = yaml.load(text, yaml.CSafeLoader)
    names: dict[str, tuple[tuple[str, str], ...]] = {}
    for key, entries in raw.items():
        pairs = [tuple(entry.rsplit(".", 1)) if "." in entry else ("", entry) for entry in entries]
        names[key] = tuple((pair[0], pair[1]) for pair in pairs)
    return names


def how_to_state(key: str) -> str:
    """The first name of a property, to be quoted where it is missing: ``GBT50378.WaterEfficiencyGrade``."""
    set_name, name = property_names()[key][0]
    return f"{set_name}.{name}" if set_name else name


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Case, width, spaces and underscores do not count."""
    return re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text)).casefold()


_CHINESE_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_YES = {"true", "yes", "y", "是", "有", "设", "设置", "1", ".t.", "t"}
_NO = {"false", "no", "n", "否", "无", "不设", "未设置", "0", ".f.", "f"}
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def as_bool(value: Any) -> bool | None:
    """Yes or no, from a boolean or a word in either language; None when it is neither."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, tuple) and len(value) == 1:
        return as_bool(value[0])
    word = str(value).strip().casefold()
    return True if word in _YES else False if word in _NO else None


def as_number(value: Any) -> float | None:
    """A finite number, also out of a text such as ``"47 dB"`` or ``"Rw=47"``; None when there is none."""
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, tuple) and len(value) == 1:
        return as_number(value[0])
    if isinstance(value, int | float | np.number):
        number = float(value)
        return number if np.isfinite(number) else None
    match = _NUMBER.search(unicodedata.normalize("NFKC", str(value)))
    return float(match[0]) if match else None


def as_grade(value: Any) -> int | None:
    """A grade 1..9, from ``1``, ``"1级"``, ``"一级"`` or ``"Grade 1"``; None when it is none."""
    number = as_number(value)
    if number is not None:
        return int(number) if number == int(number) and 1 <= number <= 9 else None
    return next((_CHINESE_DIGITS[char] for char in str(value) if char in _CHINESE_DIGITS), None)


def mesh_volume_m3(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> float:
    """Volume of a closed mesh, (n, 3) vertices in m and (m, 3) triangles: |Σ a · (b × c)| / 6.

    Computed about the mesh's first vertex, so that a far model origin costs no precision.
    """
    if not len(triangles):
        return 0.0
    local = vertices - vertices[0]
    a, b, c = (local[triangles[:, corner]] for corner in range(3))
    return float(abs(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) / 6)


def box(model: BuildingModel, element: int) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Lowest and highest corner (3,) of an element's own geometry in model coordinates; None without."""
    vertices, _ = model.geometry.mesh(element)
    if not len(vertices):
        return None
    return vertices.min(axis=0), vertices.max(axis=0)


def material_text(model: BuildingModel, element: int) -> str:
    """The materials of an element, else its type and name: where grades such as C30 or Q355 are written."""
    construction = int(model.elements.construction[element])
    if construction >= 0:
        item = model.constructions[construction]
        layers = [layer.material for layer in item.layers if layer.material]
        if layers:
            return " ".join(layers)
        if item.name:
            return item.name
    return f"{model.elements.type_name[element]} {model.elements.name[element]}"


def says(text: str, words: Iterable[str]) -> bool:
    """Whether a name holds one of the words. Latin words must stand alone, Chinese ones may stand inside."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for word in words:
        word = word.casefold()
        if word.isascii():
            if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", plain):
                return True
        elif word in plain:
            return True
    return False
