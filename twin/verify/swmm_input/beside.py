"""Input files of SWMM in our kernel and in SWMM side by side: what runs, how far apart, and what does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ifc.model import Language, Text
from twin.errors import TwinError
from twin.kernels.lid import (
    DRAINED,
    EVAPORATED,
    EXFILTRATED,
    INFLOW,
    OVERFLOW,
    STORED_BEFORE,
    STORED_START,
)
from twin.metrics.sponge.runoff_case import run_case
from twin.verify.swmm import require_swmm
from twin.verify.swmm_input.case import read_case
from twin.verify.swmm_input.pipes_beside import PipesComparison, compare_pipes, pipes_table, pipes_to_dict
from twin.verify.swmm_input.run import run_input
from twin.verify.swmm_input.text import read_text

Floats = NDArray[np.float64]

SCHEMA_VERSION = "1.1"
LIMITS_PCT = {"runoff": 0.1, "peak": 0.1, "infiltration": 0.2, "evaporation": 0.6}
PRINTED_MM = 0.005  # half of SWMM's last digit, within which figures are alike
LEAST_MM = 0.1  # and l/s, below which no share is told
_UNIT_COLUMNS = [INFLOW, EVAPORATED, EXFILTRATED, OVERFLOW, DRAINED, STORED_START, STORED_BEFORE]


@dataclass(frozen=True)
class FileComparison:
    """One file, run on both sides or not."""

    path: Path
    reasons: tuple[str, ...]  # why it is not run
    pipes: PipesComparison
    subcatchments: int = 0
    difference_pct: dict[str, float | None] = field(default_factory=dict)  # largest of any subcatchment
    worst: dict[str, str] = field(default_factory=dict)  # the subcatchment
    units: int = 0
    unit_difference_mm: float = 0.0  # largest of any term of any unit's balance
    conserving_pct: float | None = None  # runoff when water is conserved
    imbalance_pct: float = 0.0  # then
    swmm_imbalance_pct: float = 0.0
    seconds: float = 0.0
    swmm_seconds: float = 0.0

    @property
    def within(self) -> bool:
        """Whether nothing differs beyond its limit."""
        return all(value is None or value <= LIMITS_PCT[what] for what, value in self.difference_pct.items())


def input_files(paths: Iterable[Path]) -> list[Path]:
    """The files, and those in the folders, among ``paths``.

    Raises:
        TwinError: there is none.
    """
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.inp")) if path.is_dir() else [path]
    if not found:
        raise TwinError(
            "no-input-files",
            ", ".join(map(str, paths)),
            Text("There is no file *.inp.", "没有 *.inp 文件。"),
            Text("Give input files of SWMM, or a folder of them.", "请给出 SWMM 输入文件或其所在文件夹。"),
        )
    return found


def compare_files(
    paths: list[Path], progress: Callable[[str], None] = lambda stage: None
) -> list[FileComparison | TwinError]:
    """Each file on both sides; one that is wrong is its error."""
    require_swmm()
    found: list[FileComparison | TwinError] = []
    for path in paths:
        progress(path.name)
        try:
            found.append(compare_file(path))
        except TwinError as error:
            found.append(error)
    return found


def compare_file(path: Path) -> FileComparison:
    """One file on both sides.

    Raises:
        TwinError: the file is wrong, or SWMM refuses it.
    """
    file = read_text(path)
    found = read_case(file)
    case, pipes = found.case, compare_pipes(file, found)
    if case is None:
        return FileComparison(path, found.reasons, pipes)
    theirs = run_input(file, found)
    begin = time.perf_counter()
    ours = run_case(case, as_swmm=True, common_step=True)
    seconds = time.perf_counter() - begin
    conserving = run_case(case)
    runoff = ours.runoff_mm + ours.reused_mm
    pairs = {
        "runoff": (runoff, theirs.runoff_mm),
        "peak": (1e3 * ours.peak_m3_s, 1e3 * theirs.peak_m3_s),
        "infiltration": (ours.infiltrated_mm, theirs.infiltrated_mm),
        "evaporation": (ours.evaporated_mm, theirs.evaporated_mm),
    }
    shares = {what: _shares(*pair) for what, pair in pairs.items()}
    units = np.abs(ours.units_mm[:, _UNIT_COLUMNS] - theirs.units_mm)
    kept = _shares(conserving.runoff_mm + conserving.reused_mm, theirs.runoff_mm)
    return FileComparison(
        path,
        (),
        pipes,
        len(case.names),
        {what: _largest(share) for what, share in shares.items()},
        {what: case.names[int(np.nanargmax(share))] for what, share in shares.items() if _largest(share)},
        len(case.units),
        float(units.max(initial=0.0)),
        _largest(kept),
        100.0 * float(np.abs(conserving.imbalance).max()),
        theirs.imbalance_pct,
        seconds,
        theirs.seconds,
    )


def _shares(ours: Floats, theirs: Floats) -> Floats:
    """Difference beyond half of SWMM's last digit, %; NaN where there is hardly anything."""
    beyond = np.maximum(np.abs(ours - theirs) - PRINTED_MM, 0.0)
    return np.where(theirs >= LEAST_MM, 100.0 * beyond / np.maximum(theirs, LEAST_MM), np.nan)


def _largest(share: Floats) -> float | None:
    return None if np.isnan(share).all() else round(float(np.nanmax(share)), 4)


def files_to_dict(found: list[FileComparison | TwinError]) -> dict[str, Any]:
    """The comparison as plain JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "peer": "EPA SWMM 5.2",
        "limits_pct": LIMITS_PCT,
        "files": [_to_dict(one) for one in found],
    }


def _to_dict(one: FileComparison | TwinError) -> dict[str, Any]:
    if isinstance(one, TwinError):
        return {"where": one.where, "error": one.code, "message": one.message.en}
    data: dict[str, Any] = {"path": str(one.path), "run": not one.reasons}
    if one.pipes.reasons:
        data["pipes_not_compared"] = one.pipes.reasons
    else:
        data["pipes"] = pipes_to_dict(one.pipes)
    if one.reasons:
        return data | {"reasons": one.reasons}
    return data | {
        "subcatchments": one.subcatchments,
        "within_limits": one.within,
        "largest_difference_pct": one.difference_pct,
        "worst": one.worst,
        "lid_units": one.units,
        "lid_largest_difference_mm": round(one.unit_difference_mm, 6),
        "conserving": {
            "runoff_difference_pct": one.conserving_pct,
            "imbalance_pct": float(f"{one.imbalance_pct:.3g}"),
        },
        "swmm_imbalance_pct": round(one.swmm_imbalance_pct, 3),
        "seconds": {"ours": round(one.seconds, 4), "swmm": round(one.swmm_seconds, 4)},
    }


def print_files(found: list[FileComparison | TwinError], language: Language) -> None:
    """The files that run and those that do not, as tables on stdout."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.4f}"

    run = [one for one in found if isinstance(one, FileComparison) and not one.reasons]
    left = [one for one in found if isinstance(one, FileComparison) and one.reasons]
    table = Table(title=say("Largest difference from SWMM of any subcatchment", "各汇水区与 SWMM 的最大差异"))
    for heading in (
        say("File", "文件"), say("Areas", "汇水区"), say("Runoff %", "径流 %"), say("Peak %", "峰值 %"),
        say("Infiltr. %", "下渗 %"), say("Evap. %", "蒸发 %"), say("LID mm", "LID mm"),
        say("Conserving %", "守恒 %"), "SWMM %",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading == say("File", "文件") else "right")
    for one in run:
        table.add_row(
            one.path.stem,
            str(one.subcatchments),
            *(share(one.difference_pct[what]) for what in LIMITS_PCT),
            f"{one.unit_difference_mm:.4f}" if one.units else "–",
            share(one.conserving_pct),
            f"{one.swmm_imbalance_pct:.3f}",
        )
    if run:
        Console().print(table)
        print(
            say(
                "Conserving: runoff when water is conserved, beside SWMM, whose own balance is off by the "
                "last column.",
                "守恒：水量守恒模式的径流与 SWMM 之差；最后一列为 SWMM 自身的水量误差。",
            )
        )
    _print_pipes([*run, *left], language)
    for one in left:
        print(f"{one.path.stem}: {say('subcatchments not run', '汇水区未运行')}: {', '.join(one.reasons)}")
    for error in found:
        if isinstance(error, TwinError):
            print(f"{error.where}: {error.message.in_language(language)}")
    refused = len(found) - len(run) - len(left)
    beyond = [one.path.stem for one in run if not one.within]
    print(
        say(
            f"{len(run)} run, {len(left)} not, {refused} refused; beyond the limits: "
            f"{', '.join(beyond) or 'none'}.",
            f"{len(run)} 个已运行，{len(left)} 个未运行，{refused} 个被拒绝；"
            f"超出限值：{', '.join(beyond) or '无'}。",
        )
    )


def _print_pipes(found: list[FileComparison], language: Language) -> None:
    """The outfalls, and why the pipes of other files are not compared."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    routed = [(one.path.stem, one.pipes) for one in found if not one.pipes.reasons]
    if routed:
        Console().print(pipes_table(routed, language))
        print(
            say(
                "Flooded: what full pipes do not take, ours and SWMM's; last column: what SWMM's own balance "
                "of the pipes is off by.",
                "冒溢：满管未能接纳的水量（本程序与 SWMM）；最后一列为 SWMM 管网自身的水量误差。",
            )
        )
    if any(pipes.stands_in for _, pipes in routed):
        print(
            say(
                "*: the file asks for the dynamic wave; both programs took the kinematic wave.",
                "*：文件要求动力波；两个程序均改用运动波。",
            )
        )
    reasons: dict[str, list[str]] = {}
    for one in found:
        if one.pipes.reasons:
            reasons.setdefault(", ".join(one.pipes.reasons), []).append(one.path.stem)
    for reason, names in reasons.items():
        print(f"{say('Pipes not compared', '管网未比较')}: {reason}: {', '.join(names)}")
