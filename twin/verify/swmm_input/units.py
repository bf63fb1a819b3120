"""The units of an input file, in metres and seconds."""

from __future__ import annotations

from dataclasses import dataclass

from twin.verify.swmm_input.text import InputFile

FOOT = 0.3048
# SWMM's own factors from its feet; some are rounded, and what it prints has gone through them.
FLOWS = {"CFS": 1.0, "GPM": 448.831, "MGD": 0.64632, "CMS": 0.02832, "LPS": 28.317, "MLD": 2.4466}


@dataclass(frozen=True)
class Units:
    """Metres per unit; areas of subcatchments in m²."""

    metric: bool
    length_m: float
    depth_m: float
    area_m2: float
    flow: float  # of SWMM's unit per cubic foot a second

    @property
    def rate_m_s(self) -> float:
        """Of a depth an hour."""
        return self.depth_m / 3600.0


def units_of(file: InputFile) -> Units:
    """The units that FLOW_UNITS, by default CFS, brings with it.

    Raises:
        TwinError: there are no such units.
    """
    name = file.option("FLOW_UNITS", "CFS")
    if name not in FLOWS:
        row = file.option_row("FLOW_UNITS")
        assert row is not None
        raise row.error(f"FLOW_UNITS is one of {', '.join(FLOWS)}.", f"FLOW_UNITS 应为 {'、'.join(FLOWS)}。")
    if name in ("CFS", "GPM", "MGD"):
        return Units(False, FOOT, FOOT / 12.0, FOOT**2 / 2.2956e-5, FLOWS[name])
    return Units(True, 1.0, 1e-3, FOOT**2 / 0.92903e-5, FLOWS[name])
