"""Pipes of an input file in our kernel and in SWMM side by side: the flow at each outfall."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from ifc.model import Language, Text
from twin.metrics.sponge.pipe_network import PipeNetwork, route
from twin.metrics.sponge.runoff_case import RunoffCase, run_case
from twin.verify.swmm_input.case import SwmmCase
from twin.verify.swmm_input.pipes import read_pipes
from twin.verify.swmm_input.pipes_run import run_pipes
from twin.verify.swmm_input.text import InputFile, moment_of

Floats = NDArray[np.float64]

MOST_CELLS = 50_000_000  # of flows, nodes times routing steps
LEAST_M3_S = 1e-6  # of a peak, below which nothing is told of an outfall


@dataclass(frozen=True)
class OutfallComparison:
    """The flow at an outfall, routing step by routing step."""

    name: str
    volume_m3: float
    swmm_volume_m3: float
    peak_m3_s: float
    swmm_peak_m3_s: float
    peak_later_s: float  # than SWMM's
    rms_pct: float  # root mean square of the difference, of SWMM's peak
    efficiency: float  # Nash and Sutcliffe's, with SWMM's as the observed flow

    @property
    def volume_pct(self) -> float:
        """Difference of the volume, % of SWMM's."""
        return 100.0 * (self.volume_m3 / self.swmm_volume_m3 - 1.0)

    @property
    def peak_pct(self) -> float:
        """Difference of the peak, % of SWMM's."""
        return 100.0 * (self.peak_m3_s / self.swmm_peak_m3_s - 1.0)


@dataclass(frozen=True)
class PipesComparison:
    """The pipes of a file on both sides, with SWMM's flows into the nodes, or why they are not compared."""

    reasons: tuple[str, ...] = ()
    conduits: int = 0
    method: str = "kinematic wave"
    stands_in: bool = False  # for the dynamic wave that the file asks for
    outfalls: tuple[OutfallComparison, ...] = ()
    whole: tuple[OutfallComparison, ...] = ()  # with our runoff in place of SWMM's; none where more flows in
    inflow_m3: float = 0.0
    flooded_m3: float = 0.0
    swmm_flooded_m3: float = 0.0
    imbalance_pct: float = 0.0
    swmm_imbalance_pct: float = 0.0
    seconds: float = 0.0
    swmm_seconds: float = 0.0


def compare_pipes(file: InputFile, found: SwmmCase) -> PipesComparison:
    """The pipes of a file on both sides.

    Args:
        file: the input.
        found: what its subcatchments come to.

    Raises:
        TwinError: the file is wrong, or SWMM refuses it.
    """
    pipes = read_pipes(file)
    if pipes.network is None:
        return PipesComparison(pipes.reasons)
    if found.case is None and file.rows("SUBCATCHMENT"):
        return PipesComparison(("its subcatchments are not run",))
    span_s = (moment_of(file, "END") - moment_of(file, "START")).total_seconds()
    if span_s / pipes.step_s * len(pipes.network.nodes) > MOST_CELLS:
        return PipesComparison(("more than 50 million flows (nodes times routing steps)",))
    theirs = run_pipes(file, pipes)
    network, step_s = pipes.network, pipes.step_s
    inflow = np.array([theirs.inflow_m3_s[name] for name in network.nodes])
    begin = time.perf_counter()
    ours = route(network, inflow, step_s, step_s, steady=pipes.steady)
    seconds = time.perf_counter() - begin
    whole: Floats | None = None
    if found.case is not None and not file.rows("INFLOW") and not file.rows("DWF"):
        runoff = _runoff(found.case, found.node, network, step_s, inflow.shape[1])
        whole = route(network, runoff, step_s, step_s, steady=pipes.steady).flow_m3_s
    rows = {name: ours.outlets.index(name) for name in theirs.outflow_m3_s}
    pairs = [(name, ours.flow_m3_s[row], theirs.outflow_m3_s[name]) for name, row in rows.items()]
    return PipesComparison(
        conduits=len(network.conduits),
        method="steady flow" if pipes.steady else "kinematic wave",
        stands_in=pipes.dynamic,
        outfalls=_outfalls(pairs, step_s),
        whole=()
        if whole is None
        else _outfalls([(name, whole[rows[name]], flow) for name, _, flow in pairs], step_s),
        inflow_m3=ours.inflow_m3,
        flooded_m3=float(ours.flooded_m3.sum()),
        swmm_flooded_m3=theirs.flooded_m3,
        imbalance_pct=100.0 * ours.imbalance,
        swmm_imbalance_pct=theirs.imbalance_pct,
        seconds=seconds,
        swmm_seconds=theirs.seconds,
    )


def _runoff(
    case: RunoffCase, node: tuple[str, ...], network: PipeNetwork, step_s: float, steps: int
) -> Floats:
    """Our runoff into each node, mean of each routing step, (N, steps) m³/s.

    SWMM's pipes get what flows at the ends of the steps of the runoff, and between them what lies on a line,
    a routing step later.
    """
    split = case.interval_s // gcd(case.interval_s, case.wet_step_s)
    number = np.arange(case.intervals) if case.record is None else case.record
    finer = replace(
        case,
        rain_mm=np.repeat(case.rain_mm / split, split, axis=-1),
        interval_s=case.interval_s // split,
        record=np.repeat(number, split),
    )
    flow = run_case(finer, as_swmm=True, common_step=True, keep_flow=True).flow_m3_s
    known_s = finer.interval_s * np.arange(finer.intervals + 1)
    at_s = step_s * np.arange(-1, steps)
    inflow = np.zeros((len(network.nodes), steps))
    place = {name: row for row, name in enumerate(network.nodes)}
    for row, name in enumerate(node):
        if name in place:
            ends = np.interp(at_s, known_s, np.append(0.0, flow[row]))
            inflow[place[name]] += 0.5 * (ends[1:] + ends[:-1])
    return inflow


def _outfalls(pairs: list[tuple[str, Floats, Floats]], step_s: float) -> tuple[OutfallComparison, ...]:
    """Ours and SWMM's flow of each outfall that has any."""
    found = []
    for name, ours, theirs in pairs:
        if theirs.max(initial=0.0) < LEAST_M3_S:
            continue
        difference = ours - theirs
        varies = float(np.square(theirs - theirs.mean()).sum())
        found.append(
            OutfallComparison(
                name,
                float(ours.sum() * step_s),
                float(theirs.sum() * step_s),
                float(ours.max()),
                float(theirs.max()),
                float((int(ours.argmax()) - int(theirs.argmax())) * step_s),
                100.0 * float(np.sqrt(np.square(difference).mean()) / theirs.max()),
                1.0 - float(np.square(difference).sum()) / max(varies, 1e-30),
            )
        )
    return tuple(found)


def pipes_to_dict(one: PipesComparison) -> dict[str, Any]:
    """The comparison as plain JSON data."""
    return {
        "conduits": one.conduits,
        "method": one.method,
        "stated_method": "dynamic wave" if one.stands_in else one.method,
        "inflow_m3": round(one.inflow_m3, 3),
        "outfalls_same_inflow": [_outfall_to_dict(outfall) for outfall in one.outfalls],
        "outfalls_our_runoff": [_outfall_to_dict(outfall) for outfall in one.whole],
        "flooded_m3": {"ours": round(one.flooded_m3, 3), "swmm": round(one.swmm_flooded_m3, 3)},
        "imbalance_pct": {
            "ours": float(f"{one.imbalance_pct:.3g}"),
            "swmm": round(one.swmm_imbalance_pct, 3),
        },
        "seconds": {"ours": round(one.seconds, 4), "swmm": round(one.swmm_seconds, 4)},
    }


def _outfall_to_dict(one: OutfallComparison) -> dict[str, Any]:
    return {
        "name": one.name,
        "volume_m3": {"ours": round(one.volume_m3, 3), "swmm": round(one.swmm_volume_m3, 3)},
        "volume_difference_pct": round(one.volume_pct, 4),
        "peak_m3_s": {"ours": round(one.peak_m3_s, 6), "swmm": round(one.swmm_peak_m3_s, 6)},
        "peak_difference_pct": round(one.peak_pct, 4),
        "peak_later_s": one.peak_later_s,
        "rms_pct_of_peak": round(one.rms_pct, 4),
        "nash_sutcliffe": round(one.efficiency, 6),
    }


def pipes_table(routed: list[tuple[str, PipesComparison]], language: Language) -> Table:
    """A row for each outfall of each file, and one with our runoff where nothing else flows in."""

    def say(english: str, chinese: str) -> str:
        return Text(english, chinese).in_language(language)

    table = Table(title=say("Flow at the outfalls, difference from SWMM", "排放口流量与 SWMM 的差异"))
    for heading in (say("File", "文件"), say("Outfall", "排放口"), say("Inflow of the nodes", "节点入流")):
        table.add_column(heading)
    for heading in (
        say("Volume %", "水量 %"), say("Peak %", "峰值 %"), say("Later s", "峰现滞后 s"),
        say("RMS % of peak", "均方根/峰值 %"), "NSE", say("Flooded m³", "冒溢 m³"), "SWMM m³", "SWMM %",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for name, one in routed:
        shown = [(outfall, "SWMM") for outfall in one.outfalls]
        shown += [(outfall, say("our runoff", "本程序径流")) for outfall in one.whole]
        for outfall, source in shown:
            table.add_row(
                f"{name}*" if one.stands_in else name,
                outfall.name,
                source,
                f"{outfall.volume_pct:+.2f}",
                f"{outfall.peak_pct:+.2f}",
                f"{outfall.peak_later_s:+.0f}",
                f"{outfall.rms_pct:.2f}",
                f"{outfall.efficiency:.4f}",
                f"{one.flooded_m3:.1f}",
                f"{one.swmm_flooded_m3:.1f}",
                f"{one.swmm_imbalance_pct:.2f}",
            )
    return table
