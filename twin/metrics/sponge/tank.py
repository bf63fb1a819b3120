"""The rain tank: what it supplies, how large it should be, and the share of non-traditional water."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ifc.model import Text
from twin.kernels.tank import DELIVERED, OVERFLOW, tank_balance
from twin.metrics.result import Need, Quantity
from twin.metrics.sponge.rules import SpongeRules
from twin.metrics.sponge.water_use import OUTDOORS, WaterUse

Floats = NDArray[np.float64]

CLAUSE = "GB/T 50378-2019 (2024) 7.2.13"
BALANCE = "Q_in = Q_used + Q_over + ΔV"
_OUTDOOR_FACT = "nontraditional_share_irrigation_washing"
SHARE = "Σ Q_used / Σ Q_demand × 100 %"


def rain_tank(
    inflow_m3: Floats, use: WaterUse, volume_m3: float, rules: SpongeRules
) -> tuple[dict[str, Quantity], dict[str, Floats]]:
    """Supply of the tank over the record, its curve by size, and the shares of clause 7.2.13.

    Args:
        inflow_m3: (K,) what runs to the tank in each step of the record.
        use: what it is drawn on for.
        volume_m3: of all tanks.
        rules: quotas and the sizes of the curve.
    """
    sizes = np.unique(np.round(np.append(rules.curve_days * use.served_m3_a / 365.25, volume_m3), 1))
    sizes = sizes[sizes > 0.0]
    found = tank_balance(inflow_m3, use.demand_m3, np.append(sizes, volume_m3)) / use.years
    delivered, overflow = found[-1, DELIVERED], found[-1, OVERFLOW]
    demand = use.served_m3_a
    source = "; ".join(dict.fromkeys(value.source for value in rules.water_use.values()))

    def quantity(value: float, unit: str, english: str, chinese: str, formula: str) -> Quantity:
        return Quantity(float(value), unit, Text(english, chinese), formula, source)

    summary = {
        "rain_tank_inflow_m3": quantity(
            inflow_m3.sum() / use.years, "m³/a", "Rain that reaches the tank", "可收集雨水量", "Σ q Δt"
        ),
        "rain_tank_demand_m3": quantity(demand, "m³/a", "Demand on the tank", "雨水回用需水量", "Σ q_i A_i"),
        "rain_tank_supply_m3": quantity(delivered, "m³/a", "Rainwater supplied", "雨水回用量", BALANCE),
        "rain_tank_overflow_m3": quantity(overflow, "m³/a", "Overflow of the tank", "调蓄池溢流量", BALANCE),
        "rain_tank_reliability_pct": quantity(
            100.0 * delivered / demand if demand > 0.0 else 100.0,
            "%",
            "Share of the demand that the tank meets",
            "雨水替代率",
            SHARE,
        ),
        **non_traditional_shares(delivered, use),
    }
    series = {
        "tank_volume_m3": sizes,
        "tank_supply_m3": found[:-1, DELIVERED],
        "tank_overflow_m3": found[:-1, OVERFLOW],
        "tank_reliability_pct": 100.0 * found[:-1, DELIVERED] / max(demand, 1e-9),
    }
    return summary, series


def non_traditional_shares(delivered_m3_a: float, use: WaterUse) -> dict[str, Quantity]:
    """The shares of clause 7.2.13: irrigation and washing together, flushing.

    Rain, reclaimed water and treated greywater serve the uses alike. A use that none of them is said to serve
    cannot be told, as other non-traditional water may.
    """
    served = {name: use.annual_m3[name] or 0.0 for name in use.served}
    total = sum(served.values())
    met = min((delivered_m3_a + use.reclaimed_m3_a) / total, 1.0) if total > 0.0 else 0.0

    def share(names: tuple[str, ...], english: str, chinese: str) -> Quantity:
        label = Text(
            f"Non-traditional water of {english}",
            f"{chinese}采用非传统水源的比例",
        )
        needs = _needs(names, use)
        demand = sum(use.annual_m3[name] or 0.0 for name in names)
        if needs or demand <= 0.0:
            return Quantity(None, "%", label, SHARE, CLAUSE, needs)
        value = 100.0 * met * sum(served.get(name, 0.0) for name in names) / demand
        return Quantity(value, "%", label, SHARE, CLAUSE)

    return {
        "nontraditional_share_irrigation_washing": share(
            OUTDOORS, "irrigation and washing", "绿化灌溉与道路冲洗"
        ),
        "nontraditional_share_flushing": share(("flushing",), "flushing", "冲厕"),
    }


def _needs(names: tuple[str, ...], use: WaterUse) -> tuple[Need, ...]:
    if not any(name in use.served for name in names):
        fact = "nontraditional_share_flushing" if names == ("flushing",) else _OUTDOOR_FACT
        what = Text(
            f"Which water serves {' and '.join(names)}.",
            f"{'冲厕' if names == ('flushing',) else '绿化灌溉与道路冲洗'}用水的水源。",
        )
        how = Text(
            f"Name it in water.serves of twin.toml if the rain tank serves it, or state [facts.{fact}].",
            f"如由雨水供给，请在 twin.toml 的 water.serves 中列出；否则填写 [facts.{fact}]。",
        )
        return (Need(what, how),)
    if not use.served_stated:
        return (
            Need(
                Text("What the rain tank serves.", "雨水调蓄池的回用用途。"),
                Text(
                    "State ReuseFor of the tank in the model, or water.serves in twin.toml.",
                    "请在模型中填写水池的 ReuseFor 属性，或在 twin.toml 中填写 water.serves。",
                ),
            ),
        )
    if any(name in use.served and use.annual_m3[name] is None for name in names):
        return (
            Need(
                Text("How many people flush.", "冲厕用水人数。"),
                Text(
                    "Give water.residents or water.workers in twin.toml.",
                    "请在 twin.toml 中填写 water.residents 或 water.workers。",
                ),
            ),
        )
    return ()
