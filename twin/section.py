"""What every section of twin.toml shares: unknown keys are refused, nothing changes once read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Hour = Annotated[int, Field(ge=0, le=23)]  # o'clock


class Section(BaseModel):
    """One table of twin.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
