"""The comparison of a year of daylight as JSON and as a table on the terminal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ifc.model import BuildingModel, Language, Text
from twin.verify.daylight_year import YearComparison
from twin.verify.report import space_name

SCHEMA_VERSION = "1.0"

_UNITS = {"enough_hours_per_day": "h/d"}  # the others are %


def year_to_dict(model: BuildingModel, found: YearComparison) -> dict[str, Any]:
    """The comparison as plain JSON data, null for what cannot be told."""
    every = np.ones(len(found.space), np.bool_)
    rooms = []
    for space in np.unique(found.space).tolist():
        which = found.space == space
        head = {"global_id": str(model.spaces.global_id[space]), "name": space_name(model, space)}
        rooms.append({**head, "target_lx": float(found.target_lx[which][0]), **_figures(found, which)})
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": model.source.path, "sha256": model.source.sha256},
        "peer": "Radiance",
        "quantity": "annual_daylight",
        "units": {name: _UNITS.get(name, "%") for name in found.figures(every)[0]},
        "points": len(found.space),
        "all": _figures(found, every),
        "largest_difference_enough": max(
            abs(room["ours"]["enough"] - room["peer"]["enough"]) for room in rooms
        ),
        "rooms": rooms,
        "seconds": {"ours": round(found.our_seconds, 3), "peer": round(found.their_seconds, 3)},
    }


def print_year(data: dict[str, Any], language: Language) -> None:
    """The rooms and the whole as a table on stdout: ours / Radiance."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    table = Table(
        title=say(
            "A year of daylight beside Radiance: ours / Radiance",
            "全年采光与 Radiance 对比：本程序 / Radiance",
        )
    )
    table.add_column(say("Room", "房间"))
    for heading in (
        say("Points", "点数"),
        say("Daylit hours with the required lx, %", "达标时数占日照时段 %"),
        say("h/d", "h/d"),
        say("DA 300 lx %", "DA 300 lx %"),
        "sDA 300/50 %",
        "ASE 1000/250 %",
        "UDI 100–3000 %",
        say("Light of the year without the sun itself, difference %", "全年光量差（不含直射）%"),
    ):
        table.add_column(heading, justify="right")
    for room in (*data["rooms"], {"name": say("All", "全部"), **data["all"]}):
        pairs = (f"{room['ours'][name]:.1f} / {room['peer'][name]:.1f}" for name in room["ours"])
        apart = room["light_difference"]
        table.add_row(
            str(room["name"]), str(room["points"]), *pairs, "–" if apart is None else f"{apart:+.1f}"
        )
    Console().print(table)


def _figures(found: YearComparison, which: NDArray[np.bool_]) -> dict[str, Any]:
    ours, theirs = found.figures(which)
    apart = found.light_difference(which)
    return {
        "points": int(which.sum()),
        "ours": {name: round(value, 4) for name, value in ours.items()},
        "peer": {name: round(value, 4) for name, value in theirs.items()},
        "light_difference": None if math.isnan(apart) else round(apart, 4),
    }
