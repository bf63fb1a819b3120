from __future__ import annotations

import pytest

from twin.climate import DAYS_IN_MONTH, typical_year
from twin.climate.evapotranspiration import (
    monthly_reference_evapotranspiration_mm_day,
    reference_evapotranspiration_mm_day,
)


def test_the_published_example_of_brussels() -> None:
    # FAO Irrigation and Drainage Paper 56, example 18: Uccle, 6 July, 3.9 mm/day.
    assert reference_evapotranspiration_mm_day(
        highest_c=21.5, lowest_c=12.3, vapour_kpa=1.409, wind_2m_m_s=2.078, global_mj_m2=22.07,
        extraterrestrial_mj_m2=41.09, elevation_m=100.0,
    ) == pytest.approx(3.9, abs=0.05)  # fmt: skip


def test_nanchang_evaporates_most_in_july() -> None:
    monthly = monthly_reference_evapotranspiration_mm_day(typical_year("Nanchang"))
    assert monthly.argmax() == 6
    assert 800 < (monthly * DAYS_IN_MONTH).sum() < 1100
