"""The intake beside IfcOpenShell's default iterator and web-ifc: speed, memory, solids, surfaces, grades.

What each row means is told in docs/benchmarks.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import intake_boundaries, intake_robustness, intake_rooms, intake_solids
from benchmarks.cases import ROOT, pilot_models, real_models
from benchmarks.intake_process import Measured, measure
from benchmarks.row import Row, median_seconds
from ifc.ground_cover import find_ground_covers
from ifc.model import BuildingModel
from ifc.reader import read, read_file
from ifc.room_use import recognise_room_uses
from ifc.step_file import find_source
from ifc.surfaces import derive_surfaces

REPEATS = 3
PEER_LIMIT_S = 150.0  # IfcOpenShell does not come to an end on railway alignments
TIMED_BYTES = 1_000_000
CAMPUS = "derived_OfficeA_campus_x7"
LAST_BUILDING = slice(-1, None)  # of the campus: the whole would take ten minutes
ITERATOR = "IfcOpenShell iterator"
WEB_IFC = ROOT / "benchmarks" / "web_ifc"


def run(models: Sequence[Path] | None = None, repeats: int = REPEATS) -> list[Row]:
    """All rows for the given models; by default for the pilots and the sound shared ones.

    Files under 1 MB are not timed, unless they are given by name.
    """
    every = [*pilot_models(), *real_models()] if models is None else list(models)
    rows: list[Row] = []
    for path in every:
        print(f"  {path.stem}", file=sys.stderr)
        if models is not None or path.stat().st_size > TIMED_BYTES:
            rows += list(cold_reads(path, repeats))
        rows += list(_steps(path))
        rows += list(_solids(path))
        rows += list(_facts(path))
    return rows + list(_medians(rows))


def cold_reads(path: Path, repeats: int) -> Iterator[Row]:
    """Ours and the peers in turn, each in a process of its own."""
    commands = {"ours": _probe("ours", path), ITERATOR: _probe("iterator", path)}
    if (WEB_IFC / "node_modules" / "web-ifc").is_dir():
        commands["web-ifc"] = ["node", str(WEB_IFC / "read.js"), str(path)]
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    unfinished: set[str] = set()
    for _ in range(repeats):
        for name, command in commands.items():
            if name not in unfinished:
                done = measure(command, PEER_LIMIT_S)
                if done is None:
                    unfinished.add(name)
                else:
                    runs[name].append(done)
    ours = runs.pop("ours")
    if not ours:
        raise RuntimeError(f"reading {path} took longer than {PEER_LIMIT_S:g} s")
    ours_s, peak = _median(ours), _peak(ours)
    for name in (ITERATOR, "web-ifc"):
        case = f"{path.stem} cold read"
        if name not in commands:
            yield Row("intake", case, ours_s, "web-ifc: peer not installed", peak_mb=peak)
        elif name in unfinished:
            yield Row("intake", case, ours_s, f"{name}: not done in {PEER_LIMIT_S:g} s", peak_mb=peak)
        else:
            peer_s, noise = _median(runs[name]), _spread(ours, runs[name])
            yield Row("intake", case, ours_s, name, peer_s, peer_s / ours_s, peak_mb=peak, noise=noise)
            if name == ITERATOR:
                own, theirs = (min(run.cpu_s for run in some) for some in (ours, runs[name]))
                case = f"{path.stem} cold read, processor time"
                yield Row("intake", case, own, name, theirs, theirs / own)
            for what in ("peak", "resident"):
                mine, peers = _peak(ours, f"{what}_mb"), _peak(runs[name], f"{what}_mb")
                if mine and peers:
                    case = f"{path.stem} {what} memory"
                    unit = "of the peer's memory"
                    yield Row("intake", case, ours_s, name, peer_s, None, mine / peers, unit, mine)


def _steps(path: Path) -> Iterator[Row]:
    """The whole read twice and once from the cache: steps, same bits, warm beside cold, spaces and grades."""
    whole: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="greentwin-benchmark-") as folder:
        for number in range(2):
            done = measure(_probe("steps", path, Path(folder, str(number))))
            if done is None:
                raise RuntimeError(f"reading {path} took longer than expected")
            whole.append(done)
        warm = [done for _ in range(REPEATS) if (done := measure(_probe("warm", path, Path(folder, "0"))))]
    answers = [run.answer for run in whole]
    spaces = answers[0]["spaces"]
    for stage in answers[0]["stages"]:
        seconds = statistics.median(answer["stages"][stage] for answer in answers)
        yield Row(
            "intake", f"{path.stem} {stage}{f', {spaces} spaces' if stage == 'surfaces' else ''}", seconds
        )
    digests = {answer["digest"] for answer in answers} | {run.answer["digest"] for run in warm}
    cold_s, warm_s = _median(whole), _median(warm)
    yield Row(
        "intake", f"{path.stem} same bits", cold_s, error=float(len(digests) - 1), unit="different results"
    )
    # The peer of a warm read is our own cold one.
    yield Row(
        "intake", f"{path.stem} warm read", warm_s, "ours, cold", cold_s, cold_s / warm_s, noise=_spread(warm)
    )
    grades = answers[0]["grades"]
    count = sum(grades.values())
    if count:
        surfaces_s = answers[0]["stages"]["surfaces"]
        listed = ", ".join(f"{grades[letter]} {letter}" for letter in sorted(grades))
        for letters in ("A", "AB"):
            below = 100 * (1 - sum(grades.get(letter, 0) for letter in letters) / count)
            unit = f"% of spaces not {' or '.join(letters)} ({listed})"
            yield Row("intake", f"{path.stem} grades", surfaces_s, error=below, unit=unit)
        for reason in answers[0]["reasons"]:
            print(f"    {reason}", file=sys.stderr)


def _solids(path: Path) -> Iterator[Row]:
    """Elements lost, and solids that differ from the default kernel's."""
    if path.stem.startswith("ACCA_"):
        return  # the default kernel does not come to an end
    begin = time.perf_counter()
    model = read_file(find_source(path), lambda stage, fraction: None)
    ours_s = time.perf_counter() - begin
    found = intake_solids.compare(model, path)
    for what, offenders in (("lost", found.lost), ("volume", found.volume), ("box", found.box)):
        classes = ", ".join(f"{len(ids)} {ifc_class}" for ifc_class, ids in sorted(offenders.items()))
        unit = f"of {found.compared} elements" + (f": {classes}" if classes else "")
        count = float(sum(map(len, offenders.values())))
        yield Row("intake", f"{path.stem} {what}", ours_s, ITERATOR, error=count, unit=unit)
        for ifc_class, ids in sorted(offenders.items()):
            print(f"    {what}: {ifc_class} {', '.join(ids[:5])}", file=sys.stderr)


def _facts(path: Path) -> Iterator[Row]:
    """What derived surfaces are worth: the file's boundaries, bad models, growth."""
    read_as_is = find_ground_covers(recognise_room_uses(_unstepped(path)))
    if path.stem in intake_boundaries.FILES:
        yield from _boundaries(path)
    if path.stem in intake_rooms.FILES:
        yield from _derived_rooms(path, read_as_is)
    if path.stem == CAMPUS:
        yield from _growth(read_as_is)
        yield from _robustness(path, _buildings(read_as_is, LAST_BUILDING))
    elif (read_as_is.spaces.volume_m3 > 0).any():
        yield from _robustness(path, read_as_is)


def _unstepped(path: Path) -> BuildingModel:
    return read_file(find_source(path), lambda stage, fraction: None)


def _boundaries(path: Path) -> Iterator[Row]:
    model = read(path, cache=None)
    seconds = model.seconds["surfaces"]
    found = intake_boundaries.compare(model, path)
    for case, error, unit in (
        ("area per space and neighbour kind, median", found.median, f"% of {found.cells}"),
        ("area per space and neighbour kind, 95th percentile", found.percentile_95, f"% of {found.cells}"),
        ("area per window, worst", found.window_area, f"% of {found.windows} windows"),
        ("windows missing or too many", found.windows_missing, f"of {found.windows} windows"),
        ("windows off their host", found.windows_off_host, f"of {found.windows} windows"),
        ("area A to B against B to A, worst", found.asymmetry, "%"),
    ):
        yield Row("intake", f"{path.stem} {case}", seconds, "the file's boundaries", error=error, unit=unit)


def _derived_rooms(path: Path, model: BuildingModel) -> Iterator[Row]:
    found = intake_rooms.compare(derive_surfaces(model))
    case, peer = f"{path.stem} derived rooms", "the file's spaces"
    missed = 100 * (1 - found.found / max(found.rooms, 1))
    unit = f"% of {found.rooms} rooms without a derived one ({found.derived} derived)"
    yield Row("intake", f"{case}: missed", found.seconds, peer, error=missed, unit=unit)
    apart = 100 * (1 - found.overlap)
    yield Row("intake", f"{case}: volume", found.seconds, peer, error=apart, unit="% not in common")
    for what, rooms in (("missed", found.missed), ("derived only", found.surplus)):
        for room in rooms:
            print(f"    {what}: {room}", file=sys.stderr)


def _robustness(path: Path, model: BuildingModel) -> Iterator[Row]:
    before = intake_robustness.derived(model)
    for name, mutate in intake_robustness.mutations().items():
        after = intake_robustness.derived(mutate(model))
        found = intake_robustness.compare(before, after)
        seconds = after.seconds["surfaces"]
        case = f"{path.stem} {name}"
        peer = "the sound model"
        yield Row(
            "intake", f"{case}: interior share", seconds, peer, error=found.interior_points, unit="points"
        )
        unit = f"of {len(before.spaces)} spaces worse silently ({found.worse} with a reason)"
        yield Row("intake", f"{case}: grades", seconds, peer, error=float(found.silent), unit=unit)


def _growth(campus: BuildingModel) -> Iterator[Row]:
    """Surfaces of the first buildings of the campus: exponent of time over spaces."""
    derive_surfaces(_buildings(campus, slice(1)))
    counts, seconds = [], []
    for number in (1, 2, 4, 7):
        part = _buildings(campus, slice(number))
        seconds.append(median_seconds(partial(derive_surfaces, part)))
        counts.append(int((part.spaces.volume_m3 > 0).sum()))
        yield Row("intake", f"surfaces of {counts[-1]} spaces of the campus", seconds[-1])
    exponent = float(np.polyfit(np.log(counts), np.log(seconds), 1)[0])
    yield Row("intake", "surfaces, growth over the campus", seconds[-1], error=exponent, unit="exponent")


def _buildings(model: BuildingModel, which: slice) -> BuildingModel:
    """A model with the geometry of some of its buildings only; the other spaces have none."""
    storey_building = model.storeys.building
    kept_storeys = np.flatnonzero(np.isin(storey_building, np.unique(storey_building)[which]))
    elements, storey = model.elements, model.elements.storey.copy()
    for _ in range(4):  # parts stand on the storey of their whole
        climbs = (storey < 0) & (elements.parent >= 0)
        storey[climbs] = storey[elements.parent[climbs]]
    kept = (storey < 0) | np.isin(storey, kept_storeys)
    geometry = model.geometry
    mine = kept[geometry.instance_element]
    geometry = replace(
        geometry,
        instance_element=geometry.instance_element[mine],
        instance_shape=geometry.instance_shape[mine],
        transform=geometry.transform[mine],
    )
    volume = np.where(np.isin(model.spaces.storey, kept_storeys), model.spaces.volume_m3, 0.0)
    return replace(model, geometry=geometry, spaces=replace(model.spaces, volume_m3=volume))


def _medians(rows: Sequence[Row]) -> Iterator[Row]:
    """The median and the least ratio over the models."""
    for peer in (ITERATOR, "web-ifc"):
        for what in ("cold read", "cold read, processor time"):
            cold = [row for row in rows if row.case.endswith(what) and row.peer == peer and row.ratio]
            if len(cold) > 1:
                ratios = sorted((row.ratio or 0.0, row.ours_s, row.peer_s) for row in cold)
                for which, (ratio, ours_s, peer_s) in (
                    ("median", ratios[(len(ratios) - 1) // 2]),
                    ("worst", ratios[0]),
                ):
                    yield Row("intake", f"{what}, {which} model", ours_s, peer, peer_s, ratio)


def _probe(what: str, path: Path, *folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.intake_probe", what, str(path), *map(str, folder)]


def _median(runs: Sequence[Measured]) -> float:
    return statistics.median(run.seconds for run in runs)


def _spread(*series: Sequence[Measured]) -> float | None:
    """The worst (largest - smallest) / median of some series of runs, None for single runs."""
    times = [[run.seconds for run in runs] for runs in series if len(runs) > 1]
    return max(((max(t) - min(t)) / statistics.median(t) for t in times), default=None)


def _peak(runs: Sequence[Measured], which: str = "peak_mb") -> float | None:
    peaks = [peak for run in runs if (peak := getattr(run, which))]
    return statistics.median(peaks) if peaks else None
