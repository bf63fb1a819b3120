"""Design storms: intensity formula and Chicago hyetograph."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from twin.project import Project

Floats = NDArray[np.float64]

L_S_HA_TO_MM_MIN = 0.006


@dataclass(frozen=True)
class IntensityFormula:
    """A city's storm intensity q = k (1 + C lg P) / (t + b)^n, L/(s·ha) (GB 50014-2021, appendix A)."""

    coefficient: float
    c: float
    b: float
    n: float

    def intensity_l_s_ha(self, minutes: float, return_period_a: float) -> float:
        """Mean intensity over the worst ``minutes`` of a storm of a return period in years."""
        scale = self.coefficient * (1.0 + self.c * math.log10(return_period_a))
        return float(scale / (minutes + self.b) ** self.n)

    def depth_mm(self, minutes: float, return_period_a: float) -> float:
        """Rain of the worst ``minutes``: H = a t / (t + b)^n, a = 0.006 k (1 + C lg P)."""
        return self.intensity_l_s_ha(minutes, return_period_a) * L_S_HA_TO_MM_MIN * minutes


def chicago_storm(
    formula: IntensityFormula, return_period_a: float, minutes: int, peak_position: float, step_min: int
) -> Floats:
    """Rain of each step of a Chicago storm, mm, shape (minutes / step_min,).

    Keifer, C. and Chu, H. (1957), Synthetic storm pattern for drainage design, J. Hydraulics Div. ASCE 83(4):
    the part ``peak_position`` = r of the rain falls before the peak, and every stretch about the peak that is
    split as r : 1 - r holds the rain of the formula. So r H(t_b / r) fell in the t_b minutes before the peak
    and (1 - r) H(t_a / (1 - r)) in the t_a minutes after it; steps are differences of these and sum to H.
    """
    edges = np.arange(0.0, minutes + step_min, step_min)
    peak = peak_position * minutes

    def fallen(away: Floats, share: float) -> Floats:
        return np.array([share * formula.depth_mm(t / share, return_period_a) for t in away])

    before = fallen(np.maximum(peak - edges, 0.0), peak_position)
    after = fallen(np.maximum(edges - peak, 0.0), 1.0 - peak_position)
    return np.diff(after - before)


@dataclass(frozen=True)
class OverlandFlow:
    """Manning's n, slope and flow length of a surface."""

    manning_n: float
    slope: float
    flow_length_m: float

    @property
    def outflow_coefficient(self) -> float:
        """A of dx/dt = i - a x^(5/3), m^(-2/3)/s: √S / (n L)."""
        return float(np.sqrt(self.slope)) / (self.manning_n * self.flow_length_m)


@dataclass(frozen=True)
class StormRules:
    """Storm formulas and the design storm, from ``twin/data/sponge.yaml``."""

    formulas: Mapping[str, IntensityFormula]  # by English and Chinese name, case-folded
    source: str
    confidence: str
    return_period_a: float
    return_period_source: str
    table_return_periods_a: tuple[float, ...]
    duration_min: int
    step_min: int
    peak_position: float
    sealed: OverlandFlow
    green: OverlandFlow
    overland_source: str
    overland_confidence: str


def formula_of(project: Project, storms: StormRules) -> IntensityFormula | None:
    """The formula that twin.toml states, else the city's; None where neither is known."""
    stated = project.site.storm_formula
    if stated is not None:
        return IntensityFormula(stated.coefficient, stated.c, stated.b, stated.n)
    return storms.formulas.get(project.project.city.strip().casefold())


@cache
def storm_rules() -> StormRules:
    """The rules, read once."""
    text = resources.files("twin").joinpath("data", "sponge.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)["storm"]
    formulas = {city.casefold(): IntensityFormula(**values) for city, values in data["cities"].items()}
    formulas |= {chinese: formulas[english.casefold()] for chinese, english in data["names_zh"].items()}
    design, overland = data["design"], data["overland"]
    return StormRules(
        formulas=formulas,
        source=data["source"],
        confidence=data["confidence"],
        return_period_a=design["return_period_a"]["value"],
        return_period_source=design["return_period_a"]["source"],
        table_return_periods_a=tuple(map(float, design["table_return_periods_a"])),
        duration_min=design["duration_min"]["value"],
        step_min=design["step_min"]["value"],
        peak_position=design["peak_position"]["value"],
        sealed=OverlandFlow(**overland["sealed"]),
        green=OverlandFlow(**overland["green"]),
        overland_source=overland["source"],
        overland_confidence=overland["confidence"],
    )
