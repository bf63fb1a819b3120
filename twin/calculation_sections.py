"""The sections of twin.toml that carbon is counted with."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twin.section import NonNegative, Positive, Section


class CarbonFactor(Section):
    """One [carbon.factors."MATERIAL"]: emissions of a material, instead of the library's."""

    value: NonNegative
    unit: Literal["kg/m3", "kg/t", "kg/m2"]  # kgCO2e per cubic metre, tonne or, for windows and doors, m²
    source: str = ""  # an EPD, for example


class CarbonSection(Section):
    """[carbon]: what the carbon of the building is counted with."""

    life_years: Positive | None = None
    grid_factor_kg_kwh: NonNegative | None = None  # kgCO2/kWh; None: the latest of the city's region
    reinforcement_kg_m3: NonNegative | None = None  # of reinforced concrete, where the model shows no bars
    construction_kg_m2: NonNegative | None = None  # kgCO2e/m² of floor area
    demolition_kg_m2: NonNegative | None = None
    transport_km: dict[Literal["concrete", "other"], NonNegative] = Field(default_factory=dict)
    factors: dict[str, CarbonFactor] = Field(default_factory=dict)  # material name or id, * and ? allowed
