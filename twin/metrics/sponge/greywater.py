"""Greywater: used water of the homes, treated and used again, step by step of the rain record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.kernels.tank import tank_supply
from twin.metrics.result import Assumption, Quantity
from twin.metrics.sponge.control_rate import DAY_S
from twin.metrics.sponge.rules import SpongeRules
from twin.project import GreywaterSection

Floats = NDArray[np.float64]

SOURCE = "GB 50336-2018"
ARISING = "Q = Σ share_i q n β"
BALANCE = "Q_in = Q_used + Q_over + ΔV"
_LABELS = {
    "domestic_resident_l_d": Text("Domestic water of a resident", "居民生活用水定额"),
    "greywater_bathing_share": Text("Share of bathing in domestic water", "沐浴用水占比"),
    "greywater_basin_share": Text("Share of the wash-basin in domestic water", "盥洗用水占比"),
    "greywater_laundry_share": Text("Share of laundry in domestic water", "洗衣用水占比"),
    "greywater_gathered": Text("Share of the used water that is gathered", "原水排放系数 β"),
    "greywater_own_use": Text("Own use of the treatment", "中水处理自用水率"),
}


@dataclass(frozen=True)
class Greywater:
    """What arises in a day, what the plant gives of it at most, and what is used in each step (K,), m³."""

    arising_m3_d: float
    treated_m3_d: float
    supplied_m3: Floats
    assumptions: tuple[Assumption, ...]


def greywater_supply(
    section: GreywaterSection, residents: float, demand_m3: Floats, step_s: float, rules: SpongeRules
) -> Greywater:
    """The supply from treated greywater over a record.

    The plant has a balancing tank before it and runs evenly day and night while the tank of treated water has
    room; in each step the demand is drawn first, then that tank fills.

    Args:
        section: sources, plant and tank.
        residents: people at home.
        demand_m3: (K,) of the uses that it serves, in each step.
        step_s: length of a step.
        rules: domestic quota and shares.
    """
    names = [f"greywater_{source}_share" for source in dict.fromkeys(section.sources)]
    value = {name: float(rules.water_use[name].value) for name in _LABELS}
    gathered_l = value["domestic_resident_l_d"] * sum(value[name] for name in names)
    arising = gathered_l * value["greywater_gathered"] * residents / 1e3
    treated = min(section.treated_m3_d, arising * (1.0 - value["greywater_own_use"]))
    inflow = np.full(len(demand_m3), treated * step_s / DAY_S)
    used = ("domestic_resident_l_d", *names, "greywater_gathered", "greywater_own_use")
    return Greywater(
        arising,
        treated,
        tank_supply(inflow, demand_m3, section.tank_m3),
        tuple(Assumption(_LABELS[name], rules.water_use[name]) for name in used),
    )


def greywater_quantities(found: Greywater, demand_m3_a: float, years: float) -> dict[str, Quantity]:
    """Rows of the result: what arises, what is used, and its share of the demand before it, per mean year."""
    used = float(found.supplied_m3.sum()) / years
    met = 100.0 * used / demand_m3_a if demand_m3_a > 0.0 else 100.0

    def quantity(number: float, unit: str, english: str, chinese: str, formula: str) -> Quantity:
        return Quantity(number, unit, Text(english, chinese), formula, SOURCE)

    return {
        "greywater_arising_m3_d": quantity(
            found.arising_m3_d, "m³/d", "Greywater that arises", "中水原水量", ARISING
        ),
        "greywater_treated_m3_d": quantity(
            found.treated_m3_d,
            "m³/d",
            "Greywater that can be treated",
            "中水可产水量",
            "min(Q_plant, Q (1 - n))",
        ),
        "greywater_supply_m3": quantity(used, "m³/a", "Treated greywater used", "中水利用量", BALANCE),
        "greywater_reliability_pct": quantity(
            met,
            "%",
            "Share of the demand that greywater meets",
            "中水替代率",
            "Σ Q_used / Σ Q_demand × 100 %",
        ),
    }
