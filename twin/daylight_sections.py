"""The sections of twin.toml that daylight is calculated with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.section import Fraction, Hour, Positive, Section

Month = Annotated[int, Field(ge=1, le=12)]
# A face that returns all light keeps it in a closed room for ever.
Reflectance = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]


class CurtainSection(Section):
    """One [[daylight.curtains]]: a curtain, blind or louvre before windows, and when it is closed.

    It is closed in the hours that every stated condition names; one without conditions is a fixed louvre.
    """

    transmittance: Fraction  # of the light, while it is closed
    windows: tuple[str, ...] = ()  # names or GlobalIds of windows, * and ? allowed
    rooms: tuple[str, ...] = ()  # names or GlobalIds of rooms
    uses: tuple[str, ...] = ()  # use ids of rooms; with none of the three: every window
    hours: tuple[Hour, Hour] | None = None  # o'clock, from and to, over midnight where the second is smaller
    months: tuple[Month, ...] = ()
    irradiance_above_w_m2: Positive | None = None  # on the window
    glare_above: Annotated[float, Field(gt=0, lt=1)] | None = None  # DGP of the room with open curtains


class ReflectanceSection(Section):
    """[daylight.reflectance]: of faces that state none and whose material tells none."""

    floor: Reflectance | None = None
    wall: Reflectance | None = None
    ceiling: Reflectance | None = None
    outside: Reflectance | None = None  # facades and other buildings
    ground: Reflectance | None = None  # outdoors


class FinishSection(Section):
    """One [[daylight.finishes]]: what a material reflects of light, wherever it shows."""

    material: Annotated[str, Field(min_length=1)]  # its name in the model, * and ? allowed, any case
    reflectance: Reflectance
    surfaces: tuple[Literal["floor", "wall", "ceiling", "outside"], ...] = ()  # (): all


class DaylightSection(Section):
    """[daylight]: options of the daylight calculation."""

    grid_spacing_m: Annotated[float, Field(ge=0.1, le=5)] = 0.5
    working_plane_m: Annotated[float, Field(ge=0, le=3)] = 0.75
    margin_m: Annotated[float, Field(ge=0, le=2)] = 0.5
    dirt_factor: Fraction | None = None
    visible_transmittance: Fraction | None = None  # for windows that state none
    light_climate: Literal["I", "II", "III", "IV", "V"] | None = None  # None: from the city
    reflectance: ReflectanceSection = ReflectanceSection()
    finishes: tuple[FinishSection, ...] = ()  # the first that fits a material counts
    curtains: tuple[CurtainSection, ...] = ()  # the first that fits a window counts
    furniture: bool = False  # furniture of the model stops light too
