"""The storm sewers of a site in twin.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from twin.section import NonNegative, Positive, Section

Name = Annotated[str, Field(min_length=1, max_length=80)]


class StormSewer(Section):
    """One [[site.pipes]]: a storm sewer between two manholes; one that no pipe leaves is an outfall."""

    name: Name
    upper: Name  # manhole at its upper end
    lower: Name
    length_m: Positive
    slope: Annotated[float, Field(gt=0, lt=1)]
    diameter_m: Positive | None = None
    height_m: Positive | None = None  # of a rectangular culvert
    width_m: Positive | None = None
    manning_n: Positive | None = None
    area_m2: NonNegative = 0.0  # of the site, that drains to its upper manhole

    @model_validator(mode="after")
    def _one_shape(self) -> StormSewer:
        stated = (self.diameter_m is not None, self.height_m is not None, self.width_m is not None)
        if stated not in ((True, False, False), (False, True, True)):
            raise ValueError(f"pipe {self.name!r} states diameter_m, or height_m and width_m")
        return self


def _that_lead_out(pipes: tuple[StormSewer, ...]) -> tuple[StormSewer, ...]:
    """The pipes.

    Raises:
        ValueError: they are no tree that leads to outfalls, share a name, or drain nothing.
    """
    below = {pipe.upper: pipe for pipe in pipes}
    for pipe in pipes:
        if below[pipe.upper] is not pipe:
            raise ValueError(f"two pipes leave manhole {pipe.upper!r}; flow is not divided")
        passed = {pipe.upper}
        node = pipe.lower
        while node in below and node not in passed:
            passed.add(node)
            node = below[node].lower
        if node in passed:
            raise ValueError(f"pipe {pipe.name!r} leads in a circle")
    if len({pipe.name for pipe in pipes}) < len(pipes):
        raise ValueError("two pipes have the same name")
    if pipes and not any(pipe.area_m2 for pipe in pipes):
        raise ValueError("no pipe states the area that drains to its upper manhole (area_m2)")
    return pipes


StormSewers = Annotated[tuple[StormSewer, ...], AfterValidator(_that_lead_out)]
