"""The figures of a whole model: which dwellings and rooms get the sun that they must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ifc.model import BuildingModel, Text
from twin.metrics.result import Need, Quantity
from twin.metrics.sunlight.rules import Requirement, dwelling_uses
from twin.project import Project

_SOURCE = "GB 50180-2018 4.0.9, GB 55038-2025 6.2.1"
_LABELS = {
    "sunlight_units": (
        "1",
        Text("Dwellings and rooms that must get sunlight", "有日照要求的住宅套数与房间数"),
    ),
    "sunlight_units_meeting": ("1", Text("Dwellings and rooms that get it", "满足日照要求的套数与房间数")),
    "sunlight_standard": (
        "bool",
        Text("Every dwelling and room gets the sunlight that it must", "住宅与房间均满足日照标准"),
    ),
}
NO_ROOMS = Need(
    Text("The model has no rooms whose surfaces are known.", "模型中没有围护面已知的房间。"),
    Text(
        "Model the rooms as IfcSpace with a body that fits between the walls and slabs.",
        "请以 IfcSpace 建立房间，其几何体应与墙、楼板相接。",
    ),
)
_NEIGHBOURS = Need(
    Text(
        "Whether the buildings around are in the model: they may take sun away.",
        "周边建筑是否已建入模型：其遮挡会减少日照。",
    ),
    Text(
        "Add the neighbours as masses (IfcBuildingElementProxy or IfcBuilding with walls) and state "
        "sunlight.neighbours_modelled = true in twin.toml; state it too where nothing around can shade.",
        "请将周边建筑以体量（IfcBuildingElementProxy 等）建入模型，并在 twin.toml 中填写 "
        "sunlight.neighbours_modelled = true；周边无遮挡时亦同。",
    ),
)


@dataclass(frozen=True, slots=True)
class Room:
    """One room that must get sunlight, and what its sunniest window gets."""

    space: int  # row in SpaceTable
    requirement: Requirement
    dwelling: str  # GlobalId of its IfcZone, "" for none
    hours: float
    longest_h: float
    window: int  # element row, -1 for a room without a window
    known: bool  # False where a window could not be looked at and the others do not suffice

    @property
    def meets(self) -> bool | None:
        """Whether the hours suffice; None where they are not known."""
        return self.hours >= self.required_h - 1e-9 if self.known else None

    @property
    def required_h(self) -> float:
        """The hours that its rule asks for."""
        return float(self.requirement.hours.value)


def untold(need: Need) -> dict[str, Quantity]:
    """The summary of a model that cannot be looked at."""
    return {
        name: Quantity(None, unit, label, "", _SOURCE, (need,)) for name, (unit, label) in _LABELS.items()
    }


def summary(model: BuildingModel, rooms: Sequence[Room], project: Project) -> Mapping[str, Quantity]:
    """Units, those that meet their requirement, and whether the standard is met.

    Shading by what is not in the model can only take hours away: a unit that fails fails for certain, while
    one that passes is told only where the neighbours are in the model. A rule of low confidence decides
    nothing: where a room falls short of one, a person must say whether it applies.
    """
    verdicts = {key: _verdict(members) for key, members in _units(rooms).items()}
    to_confirm = [key for key, verdict in verdicts.items() if verdict is False and key.doubtful]
    failed = [key for key, verdict in verdicts.items() if verdict is False and not key.doubtful]
    unknown = [key for key, verdict in verdicts.items() if verdict is None]
    open_units = tuple(_unit_need(model, rooms, key) for key in (*unknown, *to_confirm))
    uses = (*_city_needs(model, rooms, project), *_use_needs(model))
    around = () if project.sunlight.neighbours_modelled or not verdicts else (_NEIGHBOURS,)
    needs = (*uses, *open_units, *around)
    standard: float | None = None if needs else 1.0
    if failed:
        standard, needs = 0.0, ()
    met = sum(verdict is True for verdict in verdicts.values())
    formula = f"n(units that meet) = {met} of {len(verdicts)}"
    values = {
        "sunlight_units": float(len(verdicts)),
        "sunlight_units_meeting": None if unknown else float(met),
        "sunlight_standard": standard,
    }
    missing = {"sunlight_units_meeting": open_units, "sunlight_standard": needs}
    return {
        name: Quantity(
            values[name], unit, label, formula, _SOURCE, () if values[name] is not None else missing[name]
        )
        for name, (unit, label) in _LABELS.items()
    }


class _Unit(NamedTuple):
    """What must get sunlight as one: a dwelling, a room, or all rooms of a use."""

    kind: str  # "dwelling" | "homeless" (rooms of dwellings that no zone tells apart) | "room" | "uses"
    name: str
    doubtful: bool  # its rule has a low confidence


def _units(rooms: Sequence[Room]) -> dict[_Unit, list[Room]]:
    """The units and their rooms."""
    found: dict[_Unit, list[Room]] = {}
    for room in rooms:
        rule = room.requirement
        if rule.per_dwelling:
            kind, name = ("dwelling", room.dwelling) if room.dwelling else ("homeless", "")
        elif rule.least_share < 1.0:
            kind, name = "uses", " ".join(sorted(rule.uses))
        else:
            kind, name = "room", str(room.space)
        found.setdefault(_Unit(kind, name, rule.hours.confidence == "low"), []).append(room)
    return found


def _verdict(members: Sequence[Room]) -> bool | None:
    """Whether enough of the rooms meet: one of a dwelling, else the least share.

    Rooms of dwellings that no zone tells apart: all meet, none does, or it cannot be told.
    """
    rule = members[0].requirement
    met = sum(room.meets is True for room in members)
    unknown = sum(room.meets is None for room in members)
    if rule.per_dwelling:
        least = 1 if members[0].dwelling else len(members)
        hopeless = met + unknown == 0
    else:
        least = int(np.ceil(rule.least_share * len(members) - 1e-9))
        hopeless = met + unknown < least
    if met >= least:
        return True
    return False if hopeless else None


def _unit_need(model: BuildingModel, rooms: Sequence[Room], unit: _Unit) -> Need:
    """Why a unit is not told."""
    members = _units(rooms)[unit]
    short = tuple(str(model.spaces.global_id[room.space]) for room in members if not room.meets)
    if unit.doubtful:
        rule = members[0].requirement
        hours = f"{members[0].hours:.1f} h < {members[0].required_h:g} h"
        return Need(
            Text(
                f"Whether {rule.hours.source} applies to these rooms ({hours}).",
                f"这些房间是否适用 {rule.hours.source}（{hours}）。",
            ),
            Text(
                "State [facts.sunlight_standard_met] with evidence in twin.toml.",
                "请在 twin.toml 中填写 [facts.sunlight_standard_met] 及证明文件。",
            ),
            short,
        )
    if all(room.meets is not None for room in members):
        return Need(
            Text(
                "Which rooms make one dwelling: some get enough sun, others do not.",
                "哪些房间属于同一套住宅：部分房间日照达标，部分不达标。",
            ),
            Text("Group the rooms of each dwelling in an IfcZone.", "请为每套住宅建立一个 IfcZone。"),
            short,
        )
    return Need(
        Text(
            "Windows of these rooms lie inside a solid: the wall's thickness is not clear.",
            "这些房间的窗位于实体内部，墙厚不明。",
        ),
        Text(
            "Correct the wall that the window stands in, or the element before it.",
            "请修正窗所在墙体或窗前构件。",
        ),
        tuple(str(model.spaces.global_id[room.space]) for room in members if room.meets is None),
    )


def _use_needs(model: BuildingModel) -> tuple[Need, ...]:
    """Rooms of unknown use may be ones that must get sunlight."""
    unknown = np.flatnonzero(model.spaces.internal & (model.spaces.use == "unknown"))
    if not len(unknown):
        return ()
    return (
        Need(
            Text("The use of these rooms.", "这些房间的用途。"),
            Text(
                "Name the rooms by their use (IfcSpace.LongName), or state it under [uses] in twin.toml.",
                "请按用途命名房间（IfcSpace.LongName），或在 twin.toml 的 [uses] 中填写。",
            ),
            tuple(str(name) for name in model.spaces.global_id[unknown]),
        ),
    )


def _city_needs(model: BuildingModel, rooms: Sequence[Room], project: Project) -> tuple[Need, ...]:
    """What is missing when there are dwellings and their rule is not known."""
    homes = np.flatnonzero(model.spaces.internal & np.isin(model.spaces.use, list(dwelling_uses())))
    if not len(homes) or any(room.requirement.per_dwelling for room in rooms):
        return ()
    city = project.project.city
    return (
        Need(
            Text(f"The sunlight standard of {city} is not known.", f"未收录{city}的日照标准。"),
            Text(
                "State sunlight.day and sunlight.hours in twin.toml (GB 50180-2018 table 4.0.9).",
                "请在 twin.toml 中填写 sunlight.day 与 sunlight.hours（GB 50180-2018 表 4.0.9）。",
            ),
        ),
    )
