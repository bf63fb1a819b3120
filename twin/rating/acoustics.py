"""Sound insulation between rooms, estimated from the stated ratings of walls, floors, windows and doors.

A laboratory rating R_w is not yet the field value that the standard asks for. Between rooms
D_nT,w = R'_w + 10 lg(0.32 V / S) (ISO 12354-1), at a facade D_2m,nT,w = R'_w + 10 lg(V / (6 T0 S)) with
T0 = 0.5 s (ISO 12354-3). Flanking paths make R' lower than R by an amount that a model does not tell, and a
rating without C and Ctr leaves the spectrum open. So the result is a pair of bounds: above the upper one is
impossible, below the lower one is not expected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from twin.rating.limits import limit
from twin.rating.reading import as_number

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Insulation:
    """A stated rating in dB: R_w, and the spectrum terms where they are stated."""

    rw: float
    c: float | None
    ctr: float | None

    def with_term(self, term: str) -> Bounds:
        """R_w + C (``"C"``) or R_w + Ctr (``"Ctr"``) in dB, as bounds where the term is not stated."""
        known = self.c if term == "C" else self.ctr
        if known is not None:
            return (self.rw + known, self.rw + known)
        least = limit("spectrum_term_least").value
        return (self.rw + (least if term == "Ctr" else least / 2), self.rw)


def parse_rating(value: Any) -> Insulation | None:
    """An AcousticRating such as ``50``, ``"Rw 50 dB"``, ``"50(-1;-5)"`` or ``"Rw+Ctr=45"``; None for none."""
    text = str(value)
    terms = re.search(r"(\d+(?:\.\d+)?)\s*[(（]\s*([-−+]?\d+)\s*[;；,，]\s*([-−+]?\d+)\s*[)）]", text)
    if terms:
        c, ctr = (float(part.replace("−", "-")) for part in terms.groups()[1:])
        return Insulation(float(terms[1]), c, ctr)
    plain = re.sub(r"[(（]\s*C\s*[;；,，]\s*Ctr\s*[)）]", "", text)
    number = as_number(value) if not isinstance(value, str) else as_number(re.sub(r"^[^\d]*", "", plain))
    if number is None or not 5 <= number <= 80:
        return None
    if re.search(r"ctr", plain, re.I):
        return Insulation(number, None, 0.0)  # the stated figure includes the term
    return Insulation(number, None, None)


def composite(parts: Iterable[tuple[float, Bounds]]) -> Bounds:
    """Insulation of a facade of several parts (area m², bounds dB): -10 lg(Σ S_i 10^(-R_i/10) / Σ S_i)."""
    parts = list(parts)
    total = sum(area for area, _ in parts)

    def mean(side: int) -> float:
        return -10 * math.log10(sum(area * 10 ** (-bounds[side] / 10) for area, bounds in parts) / total)

    return mean(0), mean(1)


def between_rooms(rating: Bounds, volume_m3: float, area_m2: float) -> Bounds:
    """D_nT,w (+ term) of a room of this volume behind a partition of this area, dB."""
    shape = 10 * math.log10(0.32 * volume_m3 / area_m2)
    return rating[0] - limit("flanking_loss").value + shape, rating[1] + shape


def at_facade(rating: Bounds, volume_m3: float, area_m2: float) -> Bounds:
    """D_2m,nT,w (+ term) of a room of this volume behind a facade of this area, dB."""
    shape = 10 * math.log10(volume_m3 / (3 * area_m2))
    return rating[0] - limit("flanking_loss").value + shape, rating[1] + shape
