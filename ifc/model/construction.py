"""Materials and constructions with the origin of each value."""

from __future__ import annotations

from dataclasses import dataclass

from ifc.model.traced import Traced


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an opaque construction. None = not known and no default applied yet."""

    material: str
    thickness_m: float
    conductivity_w_mk: Traced | None
    density_kg_m3: Traced | None
    specific_heat_j_kgk: Traced | None
    is_air_gap: bool = False
    visible_reflectance: Traced | None = None  # of light, as the file states it for the material


@dataclass(frozen=True, slots=True)
class Construction:
    """What an element is made of, from its outside to its inside (floors: from below).

    Opaque elements have ``layers`` (may be empty when only a U-value is known); windows and glazed doors
    have ``shgc`` and ``visible_transmittance``, both of the glass alone, and ``frame_ratio`` (frame area /
    total area). ``u_value_w_m2k`` is that of the whole element and includes the surface resistances;
    once :mod:`ifc.constructions` has completed an opaque one, those of GB 50176 (K of the code's limits).
    None = not known, no default applied yet.

    ``coats`` belong to the first and the last layer: what the file lists outside of them without a thickness,
    as paint and film are. A coat shows at the face; it has no resistance, heat capacity or volume.
    """

    name: str
    kind: str  # "wall", "roof", "floor", "ground_floor", "door", "window", "curtain_wall", "other"
    layers: tuple[Layer, ...] = ()
    u_value_w_m2k: Traced | None = None
    shgc: Traced | None = None
    visible_transmittance: Traced | None = None
    frame_ratio: Traced | None = None
    reflectance_outside: Traced | None = None
    reflectance_inside: Traced | None = None
    coats: tuple[Layer | None, Layer | None] = (None, None)
    stated: Construction | None = None  # what the file says, once ifc.constructions has completed it
