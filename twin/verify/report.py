"""A comparison with another program as JSON, CSV and a table on the terminal."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ifc.model import BuildingModel, Language, Text
from twin.verify.daylight import LEAST_FACTOR, Comparison

SCHEMA_VERSION = "1.1"

_COLUMNS = ("ours", "peer", "rms_difference", "rms_without_peer_noise", "bias", "peer_noise")


def comparison_to_dict(model: BuildingModel, found: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON data: percent, null where no point is bright enough."""
    every = np.ones(len(found.ours), np.bool_)
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": model.source.path, "sha256": model.source.sha256},
        "peer": "Radiance",
        "quantity": "daylight_factor",
        "unit": "%",
        "compared_above": 100.0 * LEAST_FACTOR,
        "points": len(found.ours),
        "all": _figures(found, every),
        "rooms": [
            {
                "global_id": str(model.spaces.global_id[space]),
                "name": space_name(model, space),
                "points": int((found.space == space).sum()),
                **_figures(found, found.space == space),
            }
            for space in np.unique(found.space).tolist()
        ],
        "seconds": {"ours": round(found.our_seconds, 3), "peer": round(found.their_seconds, 3)},
    }


def write_points(model: BuildingModel, found: Comparison, path: Path) -> Path:
    """Every point as a row of a CSV file; percent and metres."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["global_id", "name", "x_m", "y_m", "z_m", "ours_pct", "our_standard_error_pct", "radiance_pct",
             "radiance_noise_pct"]
        )  # fmt: skip
        for row, space in enumerate(found.space.tolist()):
            values = (found.ours, found.our_error, found.theirs, found.their_noise)
            rows.writerow(
                [
                    model.spaces.global_id[space],
                    space_name(model, space),
                    *(round(value, 3) for value in found.position[row].tolist()),
                    *(round(100.0 * float(column[row]), 5) for column in values),
                ]
            )
    return path


def print_comparison(data: dict[str, Any], language: Language) -> None:
    """The rooms and the whole as a table on stdout."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    table = Table(title=say("Daylight factor beside Radiance", "采光系数与 Radiance 对比"))
    table.add_column(say("Room", "房间"))
    for heading in (
        say("Points", "点数"),
        say("Ours %", "本程序 %"),
        "Radiance %",
        say("RMS difference %", "均方根差 %"),
        say("without noise %", "扣除噪声 %"),
        say("Bias %", "偏差 %"),
        say("Radiance noise %", "Radiance 噪声 %"),
    ):
        table.add_column(heading, justify="right")
    for room in (*data["rooms"], {"name": say("All", "全部"), "points": data["points"], **data["all"]}):
        cells = (room[key] for key in _COLUMNS)
        table.add_row(
            str(room["name"]),
            str(room["points"]),
            *("–" if cell is None else f"{cell:.2f}" for cell in cells),
        )
    Console().print(table)


def _figures(found: Comparison, which: np.ndarray) -> dict[str, float | None]:
    apart = found.differences(which)
    values = {
        "ours": float(found.ours[which].mean()),
        "peer": float(found.theirs[which].mean()),
        "rms_difference": apart.rms if apart else None,
        "rms_without_peer_noise": apart.rms_without_noise if apart else None,
        "bias": apart.bias if apart else None,
        "peer_noise": apart.peer_noise if apart else None,
    }
    return {name: None if value is None else round(100.0 * value, 4) for name, value in values.items()}


def space_name(model: BuildingModel, space: int) -> str:
    """Name and long name of a space."""
    names = (str(model.spaces.name[space]), str(model.spaces.long_name[space]))
    return " ".join(name for name in names if name)
