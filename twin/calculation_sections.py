"""The sections of twin.toml that energy use and carbon are counted with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.section import Fraction, NonNegative, Positive, Section

Year = Annotated[int, Field(ge=2000, le=2200)]


class CarbonFactor(Section):
    """One [carbon.factors."MATERIAL"]: emissions of a material, instead of the library's."""

    value: NonNegative
    unit: Literal["kg/m3", "kg/t", "kg/m2"]  # kgCO2e per cubic metre, tonne or, for windows and doors, m²
    source: str = ""  # an EPD, for example


class CarbonSection(Section):
    """[carbon]: what the carbon of the building is counted with."""

    life_years: Positive | None = None
    grid_factor_kg_kwh: NonNegative | None = None  # kgCO2/kWh; None: the latest of the city's region
    # year -> kgCO2/kWh, a straight line between the years: the mean over the life counts
    grid_factors: dict[Year, NonNegative] = Field(default_factory=dict)
    first_year: Year | None = None  # of the operation; None: the first of grid_factors
    reinforcement_kg_m3: NonNegative | None = None  # of reinforced concrete, where the model shows no bars
    construction_kg_m2: NonNegative | None = None  # kgCO2e/m² of floor area
    demolition_kg_m2: NonNegative | None = None
    transport_km: dict[Literal["concrete", "other"], NonNegative] = Field(default_factory=dict)
    factors: dict[str, CarbonFactor] = Field(default_factory=dict)  # material name or id, * and ? allowed


class SystemsSection(Section):
    """[systems]: the plant that meets the needs, hot water, fans, photovoltaics and battery."""

    heating_carrier: Literal["electricity", "gas"] = "electricity"
    heating_cop: Positive | None = None  # seasonal; of a gas boiler its efficiency
    cooling_cop: Positive | None = None  # seasonal
    # COP at 25, 50, 75 and 100 % of the peak load, instead of the seasonal one
    cooling_part_load: tuple[Positive, Positive, Positive, Positive] | None = None
    hot_water_carrier: Literal["electricity", "gas"] = "electricity"
    hot_water_efficiency: Positive | None = None  # heat in the water over energy taken in; a heat pump's COP
    fan_w_m3h: NonNegative | None = None  # W per m³/h of fresh air
    pv_area_m2: NonNegative | None = None  # of modules that the model does not show
    pv_tilt_deg: float = Field(default=20.0, ge=0, le=90)
    pv_azimuth_deg: float = Field(default=180.0, ge=0, le=360)  # clockwise from north
    pv_efficiency: Fraction | None = None
    pv_temperature_coefficient: Annotated[float, Field(ge=-0.02, le=0)] | None = None  # of the power, 1/K
    pv_mounting: Literal["open_rack", "close_mount", "insulated_back"] | None = None  # None: as modelled
    pv_losses: Fraction | None = None  # of the direct current, but for shadows
    pv_inverter_efficiency: Annotated[float, Field(ge=0.5, le=1)] | None = None  # nominal
    pv_dc_ac_ratio: Annotated[float, Field(ge=0.2, le=5)] | None = None  # peak power over the inverter's
    battery_kwh: NonNegative | None = None  # that can be taken out of a full one
    battery_kw: Positive | None = None  # either way; None: it fills in two hours
