"""Lights that follow the daylight: what share of their power each zone needs in each hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel
from twin.climate import HOURS
from twin.kernels.thermal.network import Network, Operation
from twin.kernels.thermal.ventilation import Ventilation
from twin.metrics.daylight.coverage import COVERAGE
from twin.metrics.energy.data import number
from twin.metrics.energy.operation import lighting_gains
from twin.metrics.energy.thermal_model import ThermalModel, zone_use
from twin.metrics.energy.zoning import ThermalZone
from twin.metrics.result import MetricResult

Floats = NDArray[np.float64]


def lighting_shares(
    model: BuildingModel, zones: Sequence[ThermalZone], daylight: MetricResult | None
) -> Floats | None:
    """Share (Z, 8760) of the lighting power that dimming leaves; None where no room's daylight is known.

    1 - (1 - least share) · coverage, by area over the rooms of a zone: continuous dimming, down to the least
    share where daylight gives all of the required illuminance. Rooms without daylight figures are not dimmed.
    """
    coverage = {} if daylight is None else daylight.series
    spaces = model.spaces
    shares = np.ones((len(zones), HOURS))
    dimmed = False
    for row, zone in enumerate(zones):
        whole = float(spaces.area_m2[list(zone.spaces)].sum())
        for space in zone.spaces:
            given = coverage.get(f"{COVERAGE}{spaces.global_id[space]}")
            if given is not None:
                dimmed = True
                shares[row] -= (
                    float(spaces.area_m2[space]) / whole * (1 - number("dimming_least_share")) * given
                )
    return shares if dimmed else None


def dimmed_operation(
    model: BuildingModel, thermal: ThermalModel, schedules: Operation, shares: Floats
) -> Operation:
    """``schedules`` with a row for each zone, its lights giving the heat of their ``shares`` (Z, 8760)."""
    rows = _rows(model, thermal)
    own = Operation(*(column[rows] for column in schedules))
    steps = own.convective_gain_w_m2.shape[1] // HOURS
    for row, zone in enumerate(thermal.zones):
        saved = np.repeat(1 - shares[row], steps)
        convective, radiative = (np.repeat(gain, steps) for gain in lighting_gains(zone.use))
        own.convective_gain_w_m2[row] -= saved * convective
        own.radiative_gain_w_m2[row] -= saved * radiative
    return own


def of_zones(model: BuildingModel, thermal: ThermalModel, ventilation: Ventilation) -> Ventilation:
    """``ventilation`` with a row for each zone."""
    rows = _rows(model, thermal)
    return Ventilation(
        ventilation.opened[rows],
        ventilation.purge_air_changes_per_h[rows],
        ventilation.open_above_c[rows],
        ventilation.least_difference_k,
    )


def _rows(model: BuildingModel, thermal: ThermalModel) -> list[int]:
    """Row of the operation of each zone."""
    return [thermal.uses.index(zone_use(model, zone)) for zone in thermal.zones]


def with_own_operation(network: Network) -> Network:
    """The network with row z of the operation for zone z of the list that it was packed from."""
    zones = network.zones.copy()
    zones["operation"] = network.zone_order
    return network._replace(zones=zones)
