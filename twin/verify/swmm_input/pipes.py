"""Pipes of an input file as a network for the routing kernel, or the reasons why they are none.

The rules are those of SWMM's kinematic wave and steady flow (Reference Manual volume II, EPA/600/R-17/111,
chapter 4; User's Manual 5.2, EPA/600/R-22/030, appendix D): one link below a node, every conduit falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.kernels import pipe_sections
from twin.metrics.sponge.pipe_network import Conduit, PipeNetwork, network_order
from twin.verify.swmm_input.not_modelled import routing_reasons
from twin.verify.swmm_input.text import InputFile, Row, plain_number, step_of
from twin.verify.swmm_input.units import units_of

SHAPES = {
    "CIRCULAR": pipe_sections.CIRCULAR,
    "RECT_CLOSED": pipe_sections.RECTANGULAR_CLOSED,
    "RECT_OPEN": pipe_sections.RECTANGULAR_OPEN,
    "TRAPEZOIDAL": pipe_sections.TRAPEZOIDAL,
    "TRIANGULAR": pipe_sections.TRIANGULAR,
}
OPEN = ("RECT_OPEN", "TRAPEZOIDAL", "TRIANGULAR")
ROUTING_STEP_S = 20.0  # where the file states none


@dataclass(frozen=True)
class SwmmPipes:
    """What the pipes of an input file come to."""

    network: PipeNetwork | None  # None if there are reasons
    reasons: tuple[str, ...]
    steady: bool = False
    dynamic: bool = False  # the file asks for the dynamic wave; kinematic wave stands in for it
    step_s: float = ROUTING_STEP_S


def read_pipes(file: InputFile) -> SwmmPipes:
    """The network of a file.

    Raises:
        TwinError: the file is wrong.
    """
    reasons = routing_reasons(file)
    if reasons:
        return SwmmPipes(None, tuple(reasons))
    method = file.option("FLOW_ROUTING", "KINWAVE")
    inverts = _inverts(file)
    sections = file.by_name("XSECT", "cross-sections")
    conduits = []
    for row in file.by_name("CONDUIT", "conduits").values():
        conduit, told = _conduit(file, row, sections, inverts)
        reasons += told
        if conduit is not None:
            conduits.append(conduit)
    upper = [pipe.upper for pipe in conduits]
    if len(set(upper)) < len(upper):
        reasons.append("several conduits below a node (only the dynamic wave divides flow)")
    if any(pipe.upper in _names(file, "OUTFALL") for pipe in conduits):
        reasons.append("a conduit below an outfall")
    if not reasons:
        place = {name: at for at, name in enumerate(inverts)}
        try:
            network_order(
                len(place),
                np.array([place[pipe.upper] for pipe in conduits], np.int64),
                np.array([place[pipe.lower] for pipe in conduits], np.int64),
            )
        except ValueError:
            reasons.append("conduits that run in a circle (only the dynamic wave has loops)")
    if reasons:
        return SwmmPipes(None, tuple(dict.fromkeys(reasons)))
    wet_s = step_of(file, "WET_STEP", 300.0)  # SWMM takes no longer steps in the pipes
    return SwmmPipes(
        PipeNetwork(tuple(inverts), tuple(conduits)),
        (),
        method in ("STEADY", "SF"),
        method in ("DYNWAVE", "DW"),
        min(step_of(file, "ROUTING_STEP", ROUTING_STEP_S), wet_s),
    )


def _names(file: InputFile, section: str) -> set[str]:
    return {row.words[0].upper() for row in file.rows(section)}


def _inverts(file: InputFile) -> dict[str, float]:
    """Elevation of each node by its name in capitals, m."""
    length_m = units_of(file).length_m
    found: dict[str, float] = {}
    for section, what in (("JUNC", "junctions"), ("OUTFALL", "outfalls")):
        for name, row in file.by_name(section, what).items():
            if name in found:
                raise row.error(
                    f"There are two nodes {row.words[0]!r}.", f"节点 {row.words[0]!r} 出现了两次。"
                )
            found[name] = row.number(1, "elevation of the invert", default=0.0, least=-1e9) * length_m
    return found


def _conduit(
    file: InputFile, row: Row, sections: dict[str, Row], inverts: dict[str, float]
) -> tuple[Conduit | None, list[str]]:
    """A conduit, or the reasons why it is not routed."""
    length_m = units_of(file).length_m
    ends = [row.word(1, "node at its upper end").upper(), row.word(2, "node at its lower end").upper()]
    for place, name in enumerate(ends, start=1):
        if name not in inverts:
            raise row.error(f"There is no node {row.words[place]!r}.", f"没有节点 {row.words[place]!r}。")
    long_m = row.number(3, "length") * length_m
    roughness = row.number(4, "roughness")
    if long_m <= 0.0 or roughness <= 0.0:
        raise row.error("Length and roughness must be above 0.", "长度与糙率应大于 0。")
    level = [_end_level(file, row, 5 + end, inverts[name]) for end, name in enumerate(ends)]
    reasons = []
    if row.number(7, "initial flow", default=0.0) > 0.0:
        reasons.append("initial flow in conduits")
    if row.number(8, "largest flow", default=0.0) > 0.0:
        reasons.append("limits of the flow in conduits")
    fall_m = level[0] - level[1]
    if fall_m < 0.0:
        reasons.append("conduits that rise (only the dynamic wave takes them)")
    if row.words[0].upper() not in sections:
        raise row.error("Its row of [XSECTIONS] is missing.", "缺少其 [XSECTIONS] 行。")
    section = sections[row.words[0].upper()]
    shape = section.word(1, "shape").upper()
    if shape not in SHAPES:
        return None, [*reasons, f"{shape} cross-sections"]
    sizes, told = _sizes(section, shape, length_m)
    reasons += told
    if shape in OPEN and _evaporates(file):
        reasons.append("evaporation from open channels")
    barrels = section.number(6, "barrels", default=1.0, least=0.0)
    if reasons:
        return None, reasons
    least = _least_slope(file)
    if fall_m < least * long_m / np.hypot(1.0, least):  # slope is fall over horizontal length
        fall_m = float(least * long_m / np.hypot(1.0, least))
    (upper, lower), count = ends, max(round(barrels), 1)
    pipe = Conduit(row.words[0], upper, lower, long_m, roughness, fall_m, SHAPES[shape], sizes, count)
    return pipe, []


def _end_level(file: InputFile, row: Row, place: int, invert_m: float) -> float:
    """Elevation of an end of a conduit, m: by LINK_OFFSETS a depth above the node's invert, or itself."""
    elevation = file.option("LINK_OFFSETS", "DEPTH") == "ELEVATION"
    if elevation and row.word(place, "offset") == "*":
        return invert_m
    value = row.number(place, "offset", least=-1e9) * units_of(file).length_m
    return value if elevation else invert_m + max(value, 0.0)


def _sizes(row: Row, shape: str, length_m: float) -> tuple[tuple[float, float, float], list[str]]:
    """The three lengths of a cross-section, and why it is not routed."""
    full = row.number(2, "full depth") * length_m
    if full <= 0.0:
        raise row.error("The full depth must be above 0.", "满深应大于 0。")
    if shape == "CIRCULAR":
        return (full, 0.0, 0.0), []
    width = row.number(3, "width") * length_m
    if shape == "TRAPEZOIDAL":
        left, right = row.number(4, "left slope"), row.number(5, "right slope")
        told = [] if left == right else ["trapezoids whose sides differ"]
        if width + left + right <= 0.0:
            raise row.error("The section has no width.", "断面宽度为零。")
        return (full, width, left), told
    if width <= 0.0:
        raise row.error("The width must be above 0.", "宽度应大于 0。")
    unwetted = shape == "RECT_OPEN" and row.number(4, "sides that wet nothing", default=0.0) > 0.0
    return (full, width, 0.0), ["open rectangles without a side"] if unwetted else []


def _least_slope(file: InputFile) -> float:
    """MIN_SLOPE, rise over run; stated in percent."""
    row = file.option_row("MIN_SLOPE")
    return row.number(1, "MIN_SLOPE") / 100.0 if row else 0.0


def _evaporates(file: InputFile) -> bool:
    """Whether the file states any evaporation."""
    if any(row.words[0].upper().startswith("EVAP") for row in file.rows("ADJUSTMENT")):
        return True
    for row in file.rows("EVAP"):
        kind = row.words[0].upper()
        if kind in ("CONSTANT", "MONTHLY") and any(plain_number(word) for word in row.words[1:]):
            return True
        if kind in ("TIMESERIES", "TEMPERATURE", "FILE"):
            return True
    return False
