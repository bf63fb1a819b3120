"""The comparison of glare as JSON and as a table on the terminal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ifc.model import BuildingModel, Language, Text
from twin.climate import NOMINAL_YEAR
from twin.verify.daylight_glare import KINDS, GlareComparison
from twin.verify.report import space_name

SCHEMA_VERSION = "1.0"

_KIND_NAMES = {
    "overcast": Text("overcast", "全阴天"),
    "clear": Text("clear, no sun indoors in view", "晴，视野内室内无日斑"),
    "sun_indoors": Text("clear, sun on inner faces", "晴，日光照到室内表面"),
    "sun_in_view": Text("sun in view", "可见太阳"),
}


def glare_to_dict(model: BuildingModel, found: GlareComparison) -> dict[str, Any]:
    """The comparison as plain JSON data: pairs of eye and hour, sums by kind of hour and of all."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": model.source.path, "sha256": model.source.sha256},
        "peer": "evalglare on Radiance",
        "quantity": "daylight_glare_probability",
        "units": {"light": "lx", "glare_probability": "1", "light_difference": "%"},
        "pairs": [_pair(model, found, row) for row in range(len(found.hour))],
        "kinds": [
            {"kind": name, **_figures(found, found.kind == kind)}
            for kind, name in enumerate(KINDS)
            if (found.kind == kind).any()
        ],
        "all": _figures(found, np.ones(len(found.hour), np.bool_)),
        "seconds": {"ours": round(found.our_seconds, 3), "peer": round(found.their_seconds, 3)},
    }


def print_glare(data: dict[str, Any], language: Language) -> None:
    """The pairs, and the mean and largest differences by kind of hour, as two tables on stdout."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    table = Table(
        title=say("Glare beside evalglare: ours / Radiance", "眩光与 evalglare 对比：本程序 / Radiance")
    )
    table.add_column(say("Room", "房间"))
    table.add_column(say("Hour", "时刻"))
    table.add_column(say("Sky", "天空"))
    for heading in (
        say("Light at the eye lx", "眼部照度 lx"),
        say("difference %", "差 %"),
        say("Radiance noise %", "Radiance 噪声 %"),
        "DGP",
        say("difference", "差"),
    ):
        table.add_column(heading, justify="right")
    for pair in data["pairs"]:
        light, probability = pair["light"], pair["glare_probability"]
        table.add_row(
            pair["name"],
            pair["time"],
            _KIND_NAMES[pair["kind"]].in_language(language),
            f"{light['ours']:.0f} / {light['peer']:.0f}",
            f"{pair['light_difference']:+.1f}",
            f"{pair['light_noise']:.1f}",
            f"{probability['ours']:.3f} / {probability['peer']:.3f}",
            f"{probability['ours'] - probability['peer']:+.3f}",
        )
    Console().print(table)
    sums = Table(title=say("Differences", "差异汇总"))
    sums.add_column(say("Sky", "天空"))
    for heading in (
        say("Pairs", "对数"),
        say("Light: mean %", "照度：均值 %"),
        say("largest %", "最大 %"),
        say("DGP: mean", "DGP：均值"),
        say("largest", "最大"),
    ):
        sums.add_column(heading, justify="right")
    named = [(_KIND_NAMES[one["kind"]].in_language(language), one) for one in data["kinds"]]
    for name, one in (*named, (say("All", "全部"), data["all"])):
        sums.add_row(
            name,
            str(one["pairs"]),
            f"{one['mean_light_difference']:+.1f}",
            f"{one['largest_light_difference']:+.1f}",
            f"{one['mean_difference']:+.3f}",
            f"{one['largest_difference']:+.3f}",
        )
    Console().print(sums)


def _pair(model: BuildingModel, found: GlareComparison, row: int) -> dict[str, Any]:
    space = int(found.space[row])
    start = np.datetime64(f"{NOMINAL_YEAR}-01-01T00:30", "m")  # the middle of the hour
    moment = str(start + np.timedelta64(60 * int(found.hour[row]), "m"))
    return {
        "global_id": str(model.spaces.global_id[space]),
        "name": space_name(model, space),
        "eye_m": [round(value, 3) for value in found.position[row].tolist()],
        "facing": [round(value, 4) for value in found.facing[row].tolist()],
        "hour": int(found.hour[row]),
        "time": moment[5:].replace("T", " "),
        "kind": KINDS[found.kind[row]],
        "light": {"ours": round(float(found.our_lx[row]), 1), "peer": round(float(found.their_lx[row]), 1)},
        "light_difference": round(float(_light_differences(found)[row]), 2),
        "light_noise": round(100.0 * float(found.their_noise_lx[row] / found.their_lx[row]), 2),
        "glare_probability": {
            "ours": round(float(found.ours[row]), 4),
            "peer": round(float(found.theirs[row]), 4),
        },
    }


def _figures(found: GlareComparison, which: NDArray[np.bool_]) -> dict[str, Any]:
    """Mean and largest differences of some pairs, the largest by size with its sign."""
    light, probability = _light_differences(found)[which], (found.ours - found.theirs)[which]
    return {
        "pairs": int(which.sum()),
        "mean_light_difference": round(float(light.mean()), 2),
        "largest_light_difference": round(float(light[np.argmax(np.abs(light))]), 2),
        "mean_difference": round(float(probability.mean()), 4),
        "largest_difference": round(float(probability[np.argmax(np.abs(probability))]), 4),
    }


def _light_differences(found: GlareComparison) -> NDArray[np.float64]:
    return 100.0 * (found.our_lx / found.their_lx - 1.0)
