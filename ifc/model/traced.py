"""Values that say where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Provenance(StrEnum):
    """Where a value came from, in falling order of trust in the model itself."""

    IFC = "ifc"  # a property, quantity or attribute of the file
    DERIVED = "derived"  # computed from the file's geometry or read out of its names
    DECLARED = "declared"  # stated in twin.toml
    DEFAULT = "default"  # a named standard's or library's default


# Columns of tables store provenance as int8: the index into this tuple, -1 where there is no value.
PROVENANCE_CODES: tuple[Provenance, ...] = tuple(Provenance)


@dataclass(frozen=True, slots=True)
class Traced:
    """A value, its unit and its origin.

    ``source`` names the place precisely enough to look it up: ``"Pset_WallCommon.ThermalTransmittance"``,
    ``"site.area_m2 in twin.toml"``, ``"GB 50176-2016 table B.1"``. ``confidence`` is ``"high"``,
    ``"medium"`` or ``"low"`` for values of a standard or a library, ``""`` elsewhere.
    """

    value: float | int | str | bool
    unit: str
    provenance: Provenance
    source: str
    confidence: str = ""
