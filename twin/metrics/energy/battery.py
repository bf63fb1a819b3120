"""A battery beside the modules: surplus goes in, shortage takes out, hour by hour; never from the grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Traced
from twin.calculation_sections import SystemsSection
from twin.metrics.energy.systems import system_default

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Battery:
    """``capacity_wh`` that can be taken out of a full one; ``power_w`` either way, at its terminals."""

    capacity_wh: float
    power_w: float
    efficiency: Traced  # of the energy put in, what comes out again


def battery_of(section: SystemsSection) -> Battery | None:
    """The battery that twin.toml declares; without a power it fills in two hours."""
    if not section.battery_kwh:
        return None
    power = section.battery_kwh / 2 if section.battery_kw is None else section.battery_kw
    return Battery(1e3 * section.battery_kwh, 1e3 * power, system_default("battery_efficiency"))


def output_w(battery: Battery, electricity_w: Floats, photovoltaic_w: Floats) -> Floats:
    """What a battery gives in each hour, W (8760,), negative where it takes in.

    The loss is booked on the way in. The year begins with what the battery holds at its end.
    """
    surplus = photovoltaic_w - electricity_w
    efficiency = float(battery.efficiency.value)
    given = np.zeros(len(surplus))
    held = 0.0
    for _ in range(2):  # the second year begins where the first one ended
        for hour, over in enumerate(surplus.tolist()):
            if over > 0:
                taken = min(over, battery.power_w, (battery.capacity_wh - held) / efficiency)
                held += efficiency * taken
                given[hour] = -taken
            else:
                out = min(-over, battery.power_w, held)
                held -= out
                given[hour] = out
    return given
