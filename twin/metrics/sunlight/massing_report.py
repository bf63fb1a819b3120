"""A massing study as JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ifc.model import BuildingModel, Language
from twin.metrics.result import Quantity
from twin.metrics.sunlight.massing import Massing
from twin.metrics.sunlight.summary import Room

SCHEMA_VERSION = "1.0"

_MOST_ROOMS = 12  # that the text names of an alternative


def massing_to_dict(model: BuildingModel, found: Massing) -> dict[str, Any]:
    """The study as JSON values; its first alternative is the model as it stands."""
    now, *others = (_alternative(model, found, row) for row in range(len(found.rooms)))
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": model.source.path, "sha256": model.source.sha256},
        "moved": {"elements": len(found.moved), "rooms": int(found.moved_spaces.sum())},
        "as_it_stands": now,
        "alternatives": others,
    }


def _alternative(model: BuildingModel, found: Massing, row: int) -> dict[str, Any]:
    standard = found.standard[row]
    return {
        "offset_m": found.offsets_m[row].tolist(),
        "meets": None if standard.value is None else bool(standard.value),
        "units": _whole(found.units[row]),
        "units_meeting": _whole(found.units_meeting[row]),
        "needs": [
            {"en": need.what.en, "zh": need.what.zh, "global_ids": list(need.global_ids)}
            for need in standard.needs
        ],
        "rooms": [_room(model, room) for room in found.rooms[row]],
    }


def _room(model: BuildingModel, room: Room) -> dict[str, Any]:
    spaces = model.spaces
    return {
        "global_id": str(spaces.global_id[room.space]),
        "name": str(spaces.name[room.space]),
        "use": str(spaces.use[room.space]),
        "dwelling": room.dwelling,
        "window": str(model.elements.global_id[room.window]) if room.window >= 0 else "",
        "day": room.requirement.day.day_id,
        "hours": round(room.hours, 4) if room.known else None,
        "longest_h": round(room.longest_h, 4) if room.known else None,
        "required_h": room.required_h,
        "meets": room.meets,
    }


def _whole(figure: Quantity) -> int | None:
    return None if figure.value is None else round(figure.value)


def print_massing(data: Mapping[str, Any], lang: Language) -> None:
    """A row per alternative, the rooms that fall short only there, and what cannot be told, on stdout."""
    chinese, console = lang == "zh", Console()
    now, others = data["as_it_stands"], data["alternatives"]
    table = Table()
    table.add_column("移动 x, y, z (m)" if chinese else "moved by x, y, z (m)")
    table.add_column("达标套（间）数" if chinese else "units that meet", justify="right")
    table.add_column("最少时数 (h)" if chinese else "fewest hours (h)", justify="right")
    table.add_column("日照标准" if chinese else "standard")
    for each in (now, *others):
        fewest = _fewest_hours(each["rooms"])
        table.add_row(
            _place(each) if each is not now else ("现状" if chinese else "as it stands"),
            f"{'–' if each['units_meeting'] is None else each['units_meeting']} / {each['units']}",
            "–" if fewest is None else f"{fewest:.2f}",
            _verdict(each["meets"], lang),
        )
    console.print(table)
    short_now = _falling_short(now["rooms"])
    for each in others:
        names = [name for key, name in _falling_short(each["rooms"]).items() if key not in short_now]
        if names:
            more = len(names) - _MOST_ROOMS
            tail = (f" 等，另有 {more} 间" if chinese else f" and {more} more") if more > 0 else ""
            lead = "不再达标" if chinese else "no longer meet"
            console.print(f"- {_place(each)}: {lead}: {', '.join(names[:_MOST_ROOMS])}{tail}")
    for why in dict.fromkeys(need[lang] for each in (now, *others) for need in each["needs"]):
        console.print(f"- {'无法判断，因为' if chinese else 'cannot tell, because'}: {why}")


def _fewest_hours(rooms: Sequence[Mapping[str, Any]]) -> float | None:
    """Hours of the worst unit: a dwelling has those of its sunniest room. None where none is known."""
    best: dict[str, float] = {}
    for room in rooms:
        if room["hours"] is not None:
            unit = room["dwelling"] or room["global_id"]
            best[unit] = max(best.get(unit, 0.0), room["hours"])
    return min(best.values(), default=None)


def _falling_short(rooms: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """GlobalId -> name and hours of the rooms that do not meet, but for those of dwellings that do."""
    met = {room["dwelling"] for room in rooms if room["meets"]}
    return {
        room[
            "global_id"
        ]: f"{room['name']} ({'–' if room['hours'] is None else format(room['hours'], '.2f')} h)"
        for room in rooms
        if not room["meets"] and not (room["dwelling"] and room["dwelling"] in met)
    }


def _place(alternative: Mapping[str, Any]) -> str:
    return ", ".join(f"{value:g}" for value in alternative["offset_m"])


def _verdict(meets: bool | None, lang: Language) -> str:
    if lang == "zh":
        return {True: "满足", False: "不满足", None: "无法判断"}[meets]
    return {True: "met", False: "not met", None: "cannot tell"}[meets]
