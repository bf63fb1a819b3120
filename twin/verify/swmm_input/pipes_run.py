"""The pipes of an input file in SWMM itself: what enters each node and what leaves, step by step."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.verify.swmm import require_swmm
from twin.verify.swmm_input.pipes import SwmmPipes
from twin.verify.swmm_input.run import VOLUMES, run_copy, write_copy
from twin.verify.swmm_input.text import InputFile
from twin.verify.swmm_input.units import FOOT, units_of

Floats = NDArray[np.float64]

# In a process of its own: SWMM writes to the standard output, and keeps its state in globals. The flows
# before the first step are a row as well.
_RUN = """
import array, json, os, sys, time
from swmm.toolkit import shared_enum as kinds, solver
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
solver.swmm_open("site.inp", "site.rpt", "site.out")
solver.swmm_start(False)
nodes = range(solver.project_get_count(kinds.ObjectType.NODE))
outfalls = [j for j in nodes if solver.node_get_type(j) == kinds.NodeType.OUTFALL]
lateral, leaving = kinds.NodeResult.LATERAL_INFLOW, kinds.NodeResult.TOTAL_INFLOW
rows, seconds, elapsed = array.array("d"), 0.0, 0.0
while True:
    rows.extend(solver.node_get_result(j, lateral) for j in nodes)
    rows.extend(solver.node_get_result(j, leaving) for j in outfalls)
    begin = time.perf_counter()
    after = solver.swmm_step()
    seconds += time.perf_counter() - begin
    if after <= 0.0:
        break
    elapsed = after
with open("flows.bin", "wb") as file:
    rows.tofile(file)
found = {
    "nodes": [solver.project_get_id(kinds.ObjectType.NODE, j) for j in nodes],
    "outfalls": outfalls,
    "days": elapsed,
    "seconds": seconds,
    "flooding": solver.system_get_routing_totals().flooding,
}
solver.swmm_end()
found["imbalance_pct"] = solver.swmm_get_mass_balance()[1]
solver.swmm_close()
os.write(out, json.dumps(found).encode())
"""


@dataclass(frozen=True)
class SwmmFlows:
    """Flows of the nodes, m³/s, mean of each of the K routing steps."""

    inflow_m3_s: dict[str, Floats]  # by the node's name in capitals: what enters it but from pipes, (K,)
    outflow_m3_s: dict[str, Floats]  # of each outfall, (K,)
    flooded_m3: float
    imbalance_pct: float  # of its own balance of the routing
    seconds: float


def run_pipes(file: InputFile, pipes: SwmmPipes) -> SwmmFlows:
    """Route a file in SWMM, by the kinematic wave in place of the dynamic one.

    Raises:
        TwinError: SWMM is not installed or finds an error.
    """
    require_swmm()
    routing = (
        f"FLOW_ROUTING {'STEADY' if pipes.steady else 'KINWAVE'}",
        f"ROUTING_STEP {pipes.step_s:.10g}",
        "SKIP_STEADY_STATE NO",
        "IGNORE_QUALITY YES",
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_copy(file, folder, routing)
        data = run_copy(file, folder, _RUN)
        rows = np.fromfile(folder / "flows.bin")
    names = [name.upper() for name in data["nodes"]]
    units = units_of(file)
    flows = rows.reshape(-1, len(names) + len(data["outfalls"])) / units.flow * FOOT**3
    mean = 0.5 * (flows[1:] + flows[:-1])  # as SWMM's own balance has it
    return SwmmFlows(
        {name: mean[:, at] for at, name in enumerate(names)},
        {names[node]: mean[:, len(names) + at] for at, node in enumerate(data["outfalls"])},
        float(data["flooding"]) / VOLUMES[units.metric] * FOOT**3,
        float(data["imbalance_pct"]),
        float(data["seconds"]),
    )
