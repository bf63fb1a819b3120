"""The energy model of a building, prepared once and run again with other parameters: what is calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numba
import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Text
from twin.climate import HOURS, Climate
from twin.errors import TwinError
from twin.kernels.thermal.network import Operation
from twin.kernels.thermal.year import simulate
from twin.measured.calibration import Calibration, Parameter, calibrate
from twin.metrics.energy.battery import battery_of, output_w
from twin.metrics.energy.controls import purge_fan_w, ventilation, with_controls
from twin.metrics.energy.data import data
from twin.metrics.energy.delivered import lift_count
from twin.metrics.energy.end_uses import energy_use, monthly_kwh
from twin.metrics.energy.photovoltaics import photovoltaics
from twin.metrics.energy.systems import systems_of
from twin.metrics.energy.thermal_model import kernel_input, pack_input, thermal_model
from twin.project import Project
from twin.thermal_zone import thermal_zone

Floats = NDArray[np.float64]

# How far a building that is used as designed may differ from the standard use: our bounds, to be judged by
# whoever knows the building.
PARAMETERS = (
    Parameter("gains", 0.3, 2.0, 1.0, "", Text("Lighting, equipment and people", "照明、设备与人员")),
    Parameter("air", 0.3, 2.5, 1.0, "", Text("Outdoor air", "室外空气量")),
    Parameter("heating_setpoint", -3.0, 3.0, 0.0, "K", Text("Heating set-point", "供暖设定温度")),
    Parameter("cooling_setpoint", -3.0, 3.0, 0.0, "K", Text("Cooling set-point", "供冷设定温度")),
    Parameter("heating_cop", 0.5, 1.5, 1.0, "", Text("Efficiency of heating", "供暖能效")),
    Parameter("cooling_cop", 0.5, 1.5, 1.0, "", Text("Efficiency of cooling", "供冷能效")),
)


class EnergyModel:
    """The electricity that a building buys, for factors and differences of :data:`PARAMETERS`.

    ``gains`` multiplies the power of lighting and equipment and the heat of both and of people; ``air`` the
    outdoor air and the energy of fans; set-points are moved by Kelvin; the efficiencies multiply the COPs.
    """

    def __init__(self, model: BuildingModel, climate: Climate, project: Project) -> None:
        zone = thermal_zone(project)
        seasonal = zone is not None and str(zone.value) in data()["dwelling_seasons"]["zones"]
        self._model, self._climate = model, climate
        self._thermal = thermal_model(model, climate, project, seasonal)
        parts = self._thermal.envelope.parts
        given = kernel_input(model, self._thermal, parts, [True] * len(parts))
        given = with_controls(model, self._thermal, given, project.energy)
        self._steps = int(data()["calculation"]["steps_per_hour"])
        self._network = pack_input(climate, self._thermal, given, self._steps)
        self._ventilation = ventilation(self._thermal.uses, project.energy)
        self._energy = project.energy
        self._systems = systems_of(project.systems)
        thermal = self._thermal
        self._modules = photovoltaics(
            model, project.systems, climate, thermal.sun, thermal.north_deg, thermal.obstacles
        )
        self._battery = battery_of(project.systems)
        self._lifts = lift_count(model)

    def monthly_kwh(self, values: Mapping[str, float]) -> Floats:
        """Electricity bought in each month, kWh, (12,)."""
        return monthly_kwh(self.hourly_w(values))

    def hourly_w(self, values: Mapping[str, float]) -> Floats:
        """Electricity bought in each hour, W, (8760,); parameters that are not named stay as designed."""
        given = {each.name: each.start for each in PARAMETERS} | dict(values)
        base = self._thermal.operation
        operation = Operation(
            base.heating_setpoint_c + given["heating_setpoint"],
            base.cooling_setpoint_c + given["cooling_setpoint"],
            base.air_changes_per_h * given["air"],
            base.convective_gain_w_m2 * given["gains"],
            base.radiative_gain_w_m2 * given["gains"],
        )
        thermal = replace(self._thermal, operation=operation)
        year = simulate(
            self._network, thermal.weather, operation, self._steps, max(numba.config.NUMBA_NUM_THREADS, 1),
            self._ventilation,
        )  # fmt: skip
        use = energy_use(
            self._model, self._climate, thermal, year, self._systems, self._modules, None, self._lifts,
            purge_fans_w=purge_fan_w(self._model, thermal, self._energy, year),
        )  # fmt: skip
        ends = use.end_uses
        changed = (
            (given["gains"] - 1) * (ends["lighting"] + ends["equipment"])
            + (given["air"] - 1) * ends["fans"]
            + (1 / given["cooling_cop"] - 1) * ends["cooling"]
        )
        if self._systems.heating_carrier == "electricity":
            changed = changed + (1 / given["heating_cop"] - 1) * ends["heating"]
        taken = use.electricity_w + changed - use.photovoltaic_w
        if self._battery is not None:
            taken = taken - output_w(self._battery, use.electricity_w + changed, use.photovoltaic_w)
        bought: Floats = np.maximum(taken, 0.0)
        assert bought.shape == (HOURS,)
        return bought


def parameters_of(names: Sequence[str]) -> list[Parameter]:
    """Parameters by name.

    Raises:
        TwinError: one is unknown, or none is named.
    """
    known = {each.name: each for each in PARAMETERS}
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        listed = ", ".join(known)
        raise TwinError(
            "unknown-parameter",
            ", ".join(unknown) or "--parameters",
            Text(f"The parameters are {listed}.", f"可用参数：{listed}。"),
            Text("Name one of them or several.", "请指定其中一个或多个。"),
        )
    return [known[name] for name in dict.fromkeys(names)]


def fit_months(
    model: BuildingModel,
    climate: Climate,
    project: Project,
    parameters: Sequence[Parameter],
    order: Sequence[int],
    kwh: Floats,
    hold_out: int,
) -> Calibration:
    """Fit the model to electricity of months.

    Args:
        model: with rooms that are heated or cooled.
        climate: of the months, ideally.
        project: what is known of the building.
        parameters: what may be changed.
        order: the months (0 … 11) in the order of time.
        kwh: by month, NaN for none, (12,).
        hold_out: how many months at the end judge the fit.

    Raises:
        TwinError: too few months.
    """
    energy = EnergyModel(model, climate, project)
    held_out = np.zeros(12, np.bool_)
    held_out[list(order[-hold_out:])] = True
    names = [each.name for each in parameters]

    def simulated(values: Floats) -> Floats:
        return energy.monthly_kwh(dict(zip(names, values.tolist(), strict=True)))

    return calibrate(simulated, kwh, parameters, held_out=held_out, monthly=True)
