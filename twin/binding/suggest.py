"""Suggestions: which element a point probably belongs to, how sure that is, and why. Nothing is applied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ifc.model import BuildingModel
from sensors.points import Point, PointTable
from sensors.quantities import kind_of_name, quantity_kinds
from twin.binding.anchor import AnchorIndex
from twin.binding.brick import read_brick
from twin.binding.model_points import SENSOR_CLASSES, bind, kind_of_element
from twin.binding.table import Binding

# Devices that a point may come from; IFC4 and IFC4X3 names.
DEVICE_CLASSES = (
    *SENSOR_CLASSES, "IfcController", "IfcActuator", "IfcAlarm", "IfcUnitaryControlElement", "IfcOutlet",
    "IfcLightFixture", "IfcSwitchingDevice", "IfcElectricAppliance", "IfcUnitaryEquipment", "IfcPump",
    "IfcFan",
    "IfcSolarDevice", "IfcTransformer", "IfcElectricFlowStorageDevice", "IfcTank", "IfcValve", "IfcFilter",
    "IfcShadingDevice", "IfcTransportElement", "IfcAudioVisualAppliance", "IfcCommunicationsAppliance",
)  # fmt: skip
BEST = 3  # suggestions per point
_GLOBAL_ID = re.compile(r"(?<![0-9A-Za-z_$])[0-3][0-9A-Za-z_$]{21}(?![0-9A-Za-z_$])")


def suggestions_for(
    model: BuildingModel, points: PointTable, unbound: Sequence[str], brick: Path | None = None
) -> tuple[Binding, ...]:
    """Suggestions for the points that are not bound; those of a Brick model come before our own."""
    wanted = set(unbound)
    found: list[Binding] = []
    if brick is not None:
        index = AnchorIndex(model)
        for binding in read_brick(brick):
            row = model.elements.row_of.get(binding.anchor.global_id)
            if binding.point in wanted and row is not None:
                found.append(replace(binding, anchor=index.anchor_of(row)))
    told = {binding.point for binding in found}
    rest = [point for point in points if point.id in wanted - told]
    return (*found, *suggest(model, rest))


class _Candidate(NamedTuple):
    confidence: float
    reason: str


def suggest(model: BuildingModel, points: Iterable[Point]) -> list[Binding]:
    """At most three suggestions per point, the likeliest first, none of them accepted.

    By falling confidence: a GlobalId or the device's tag that the point names, a property of the model that
    holds the point's id or tag, the same name, the only device of its kind in the room that the point names,
    and last the room itself. A device that measures another kind of quantity counts half.
    """
    matcher = _Matcher(model)
    return [binding for point in points for binding in matcher.suggestions(point)]


class _Matcher:
    def __init__(self, model: BuildingModel) -> None:
        self._model = model
        self._index = AnchorIndex(model)
        elements = model.elements
        self._devices = [int(row) for row in elements.rows_of_class(*DEVICE_CLASSES)]
        self._kind = {row: kind_of_element(model, row) for row in self._devices}
        self._by_tag = _grouped((row, str(elements.tag[row])) for row in range(len(elements)))
        self._by_name = _grouped((row, str(elements.name[row])) for row in self._devices)
        self._by_property = self._properties()
        self._spaces = [
            (
                space,
                {_plain(str(model.spaces.name[space])), _plain(str(model.spaces.long_name[space]))} - {""},
            )
            for space in range(len(model.spaces))
            if model.spaces.element[space] >= 0
        ]
        self._in_space: dict[int, list[int]] = {}
        # A sensor without a room in the file stands in the one around its geometry.
        around = {found.element: found.space for found in bind(model)}
        for row in self._devices:
            self._in_space.setdefault(around.get(row, int(elements.space[row])), []).append(row)

    def suggestions(self, point: Point) -> list[Binding]:
        kind = kind_of_point(point)
        found: dict[int, _Candidate] = {}

        def add(row: int, confidence: float, reason: str) -> None:
            its_kind = self._kind.get(row, "")
            if kind and its_kind and kind != its_kind:
                confidence, reason = confidence / 2, f"{reason}, but it measures {its_kind}"
            if row not in found or found[row].confidence < confidence:
                found[row] = _Candidate(confidence, reason)

        for text in (point.tag, point.id, point.name):
            for global_id in _GLOBAL_ID.findall(text):
                row = self._model.elements.row_of.get(global_id)
                if row is not None:
                    add(row, 0.99, "the point names its GlobalId")
        own = {_plain(text) for text in (point.tag, point.id, point.id.split("/")[-1])} - {""}
        for rows in (self._by_tag.get(word, ()) for word in own):
            for row in rows:
                add(row, 0.95 / len(rows), "the same tag")
        for rows in (
            self._by_property.get(word, ()) for word in {_plain(point.tag), _plain(point.id)} - {""}
        ):
            for row in rows:
                add(row, 0.95 / len(rows), "a property holds the id of the point")
        for rows in (self._by_name.get(word, ()) for word in {_plain(point.name), _plain(point.id)} - {""}):
            for row in rows:
                add(row, 0.9 / len(rows), "the same name")
        self._by_location(point, kind, add)
        best = sorted(found.items(), key=lambda item: -item[1].confidence)[:BEST]
        return [
            Binding(
                point.id, self._index.anchor_of(row), False, round(candidate.confidence, 2), candidate.reason
            )
            for row, candidate in best
        ]

    def _by_location(self, point: Point, kind: str, add: object) -> None:
        assert callable(add)
        place = _plain(point.location)
        text = _plain(f"{point.location} {point.name} {point.id}")
        exact = [space for space, names in self._spaces if place and place in names]
        named = exact or [
            space for space, names in self._spaces if any(len(name) >= 2 and name in text for name in names)
        ]
        if not named:
            return
        if not exact:
            # Of names that hold one another the longest is meant: 多功能厅前厅 is not 多功能厅.
            length = {
                space: max(len(name) for name in names if name in text)
                for space, names in self._spaces
                if space in named
            }
            named = [space for space in named if length[space] == max(length.values())]
        trust = 0.85 if exact else 0.75
        devices = [
            row
            for space in named
            for row in self._in_space.get(space, ())
            if kind and self._kind[row] == kind
        ]
        for row in devices:
            add(row, trust / len(devices), f"the {kind} device of the room")
        for space in named:
            add(int(self._model.spaces.element[space]), 0.6 / len(named), "the room that the point names")

    def _properties(self) -> dict[str, list[int]]:
        """Devices by the plain text of their own properties; the short and the numeric say nothing."""
        devices = set(self._devices)
        properties = self._model.properties
        texts = (
            (int(element), value)
            for element, value, quantity in zip(
                properties.element.tolist(), properties.value, properties.quantity, strict=True
            )
            if element in devices and not quantity and isinstance(value, str) and len(value) >= 4
        )
        return _grouped(texts)


def kind_of_point(point: Point) -> str:
    """The id of the quantity kind that a point measures, "" when nothing shows it."""
    if point.quantity in quantity_kinds():
        return point.quantity
    return kind_of_name(f"{point.quantity} {point.name}") or kind_of_name(
        point.id.replace("/", " ").replace("_", " ")
    )


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for row, text in pairs:
        word = _plain(text)
        if word and row not in groups.setdefault(word, []):
            groups[word].append(row)
    return groups


def _plain(text: str) -> str:
    """A name without width, case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
