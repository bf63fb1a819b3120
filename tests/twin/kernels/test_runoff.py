from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.runoff import (
    AREA_SHARE,
    COVER_COLUMNS,
    DEPRESSION_MM,
    DISCHARGED,
    EVAPORATED,
    INFILTRATED,
    RAIN,
    REUSED,
    STORAGE_CHANGE,
    simulate_site,
)

IMPERVIOUS = {"depression": 2.0}
LAWN = {"depression": 5.0, "soil": 104.0, "field": 35.0, "dry": 25.0, "wet": 3.3, "percolation": 1.0}


def covers(*rows: dict) -> np.ndarray:
    keys = ("share", "tank", "depression", "soil", "field", "dry", "wet", "percolation")
    return np.array([[row.get(key, 0.0) for key in keys] for row in rows], np.float64)


def reference(rain, step_h, month, evaporation, table, sunken, tank_mm, pond_mm, pond_share, demand):  # type: ignore[no-untyped-def]
    """The same site in plain words, one dictionary per cover, without Numba."""
    sites = []
    for share, feeds, depression, soil, field, dry, wet, percolation in table.tolist():
        sites.append(
            {
                "share": share, "feeds": feeds, "depression": depression, "soil": soil, "field": field, "dry": dry, "wet": wet,
                "percolation": percolation, "pool": 0.0, "ground": field / 2,
            }
        )  # fmt: skip
    tank = pond = 0.0
    sums = np.zeros((6, 12))

    def stored() -> float:
        return tank + pond + sum(s["share"] * (s["pool"] + s["ground"]) for s in sites)

    def water(site: dict, inflow: float, thirst: float) -> tuple[float, float, float]:
        site["pool"] += inflow
        drained = 0.0
        if site["soil"]:
            dryness = 1 - site["ground"] / site["soil"]
            uptake = min(
                (site["wet"] + (site["dry"] - site["wet"]) * dryness) * step_h,
                site["pool"],
                site["soil"] - site["ground"],
            )
            site["pool"] -= uptake
            site["ground"] += uptake
            free = max(site["ground"] - site["field"], 0.0)
            drained = min(site["percolation"] * step_h * free / (site["soil"] - site["field"] or 1.0), free)
            site["ground"] -= drained
        vapour = min(site["pool"], thirst)
        site["pool"] -= vapour
        if site["field"]:
            drunk = min((thirst - vapour) * min(site["ground"] / site["field"], 1.0), site["ground"])
            site["ground"] -= drunk
            vapour += drunk
        spill = max(site["pool"] - site["depression"], 0.0)
        site["pool"] -= spill
        return vapour, drained, spill

    for index, depth in enumerate(rain.tolist()):
        now, start = month[index], stored()
        thirst = evaporation[now] * step_h
        vapour = drained = tank_in = run_on = 0.0
        for row, site in enumerate(sites):
            if row == sunken:
                continue
            one_vapour, one_drained, spill = water(site, depth, thirst)
            vapour += site["share"] * one_vapour
            drained += site["share"] * one_drained
            if site["feeds"]:
                tank_in += site["share"] * spill
            else:
                run_on += site["share"] * spill
        tank += tank_in
        run_on += max(tank - tank_mm, 0.0)
        tank = min(tank, tank_mm)
        if sunken >= 0:
            site = sites[sunken]
            one_vapour, one_drained, spill = water(site, depth + run_on / site["share"], thirst)
            vapour += site["share"] * one_vapour
            drained += site["share"] * one_drained
            run_on = site["share"] * spill
        pond += run_on
        out = max(pond - pond_mm, 0.0)
        pond -= out
        from_pond = min(pond, thirst * pond_share)
        pond -= from_pond
        used = 0.0
        if depth == 0:
            used = min(tank, demand * step_h)
            tank -= used
            drawn = min(pond, demand * step_h - used)
            pond -= drawn
            used += drawn
        for row, value in (
            (RAIN, depth), (EVAPORATED, vapour + from_pond), (INFILTRATED, drained), (REUSED, used),
            (DISCHARGED, out), (STORAGE_CHANGE, stored() - start),
        ):  # fmt: skip
            sums[row, now] += value
    return sums


def storm_year(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    rain = np.where(random.random(8760) < 0.07, random.exponential(3.0, 8760), 0.0)
    return rain, np.repeat(np.arange(12), 730)


SITE = covers(
    {"share": 0.3, "tank": 1, "depression": 1.5},
    dict(share=0.25, **IMPERVIOUS),
    {"share": 0.2, "depression": 2.0, "soil": 40.0, "dry": 50.0, "wet": 50.0, "percolation": 1.0},
    dict(share=0.15, **LAWN),
    dict(share=0.1, **{**LAWN, "depression": 100.0}),
)


@pytest.mark.parametrize("step_h", [1.0, 0.25])
@pytest.mark.parametrize(
    ("sunken", "tank_mm", "pond_mm", "pond_share"), [(4, 5.0, 3.0, 0.02), (-1, 0.0, 0.0, 0.0)]
)
def test_the_kernel_equals_its_plain_reference(step_h, sunken, tank_mm, pond_mm, pond_share) -> None:  # type: ignore[no-untyped-def]
    rain, month = storm_year()
    evaporation = np.linspace(0.04, 0.2, 12)
    arguments = (rain, step_h, month, evaporation, SITE, sunken, tank_mm, pond_mm, pond_share, 0.03)
    assert simulate_site(*arguments) == pytest.approx(reference(*arguments), abs=1e-9)


def test_every_month_closes_its_balance() -> None:
    rain, month = storm_year()
    balance = simulate_site(rain, 1.0, month, np.full(12, 0.1), SITE, 4, 5.0, 3.0, 0.02, 0.03)
    out = balance[EVAPORATED] + balance[INFILTRATED] + balance[REUSED] + balance[DISCHARGED]
    assert balance[RAIN] == pytest.approx(out + balance[STORAGE_CHANGE], abs=1e-9)
    assert balance[RAIN].sum() == pytest.approx(rain.sum())
    assert (balance[:STORAGE_CHANGE] >= 0).all()


def test_a_sealed_surface_keeps_its_depression() -> None:
    rain = np.array([1.0, 0.5, 4.0, 0.0])
    balance = simulate_site(
        rain, 1.0, np.zeros(4, np.int64), np.zeros(12), covers(dict(share=1.0, **IMPERVIOUS)), -1, 0, 0, 0, 0
    )
    assert balance[DISCHARGED, 0] == pytest.approx(3.5)
    assert balance[STORAGE_CHANGE, 0] == pytest.approx(2.0)


def test_saturated_green_passes_its_percolation_and_sheds_the_rest() -> None:
    hours = 2000
    rain = np.full(hours, 10.0)
    month = np.zeros(hours, np.int64)
    month[1000:] = 1  # the second half is steady
    balance = simulate_site(rain, 1.0, month, np.zeros(12), covers(dict(share=1.0, **LAWN)), -1, 0, 0, 0, 0)
    assert balance[INFILTRATED, 1] / 1000 == pytest.approx(1.0, rel=0.02)
    assert balance[DISCHARGED, 1] / 1000 == pytest.approx(9.0, rel=0.01)


def test_a_tank_gives_what_it_holds_and_no_more() -> None:
    rain = np.array([12.0, 0.0, 0.0, 0.0])
    roof = covers({"share": 1.0, "tank": 1})
    balance = simulate_site(rain, 1.0, np.zeros(4, np.int64), np.zeros(12), roof, -1, 5.0, 0.0, 0.0, 2.0)
    assert balance[DISCHARGED, 0] == pytest.approx(7.0)
    assert balance[REUSED, 0] == pytest.approx(5.0)  # 2 + 2 + 1 mm


def test_sunken_green_takes_the_runoff_of_the_rest() -> None:
    # 9 mm on 80 % sealed: 7.2 mm of run-on over 20 % of the site, 45 mm of water in a pool of 100 mm.
    table = covers({"share": 0.8}, {"share": 0.2, "depression": 100.0})
    balance = simulate_site(
        np.array([9.0]), 1.0, np.zeros(1, np.int64), np.zeros(12), table, 1, 0.0, 0.0, 0.0, 0.0
    )
    assert balance[DISCHARGED, 0] == 0.0
    assert balance[STORAGE_CHANGE, 0] == pytest.approx(9.0)


def test_the_columns_of_a_cover_are_complete() -> None:
    assert SITE.shape[1] == COVER_COLUMNS
    assert SITE[:, AREA_SHARE].sum() == pytest.approx(1.0)
    assert SITE[4, DEPRESSION_MM] == 100.0
