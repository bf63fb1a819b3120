from __future__ import annotations

import numpy as np
import pytest

from twin.kernels.tank import DELIVERED, OVERFLOW, SPILLS, STORED, tank_balance, tank_supply


def test_a_tank_by_hand() -> None:
    # 5 m³ of room: 4 come, 2 are drawn, 6 come (3 too many, as the demand of that step is drawn first), 3 left.
    inflow, demand = np.array([4.0, 0.0, 6.0, 0.0]), np.array([1.0, 2.0, 1.0, 2.0])
    (row,) = tank_balance(inflow, demand, np.array([5.0]))
    assert row[DELIVERED] == pytest.approx(0.0 + 2.0 + 1.0 + 2.0)
    assert row[OVERFLOW] == pytest.approx(2.0)
    assert row[SPILLS] == 1
    assert row[STORED] == pytest.approx(3.0)


def test_every_size_closes_its_balance_and_a_larger_one_delivers_more() -> None:
    random = np.random.default_rng(2)
    inflow = np.where(random.random(5000) < 0.1, random.exponential(3.0, 5000), 0.0)
    demand = np.full(5000, 0.25)
    sizes = np.array([0.0, 1.0, 3.0, 10.0, 30.0, 1e6])
    found = tank_balance(inflow, demand, sizes)
    out = found[:, DELIVERED] + found[:, OVERFLOW] + found[:, STORED]
    assert out == pytest.approx(np.full(6, inflow.sum()))
    assert (np.diff(found[:, DELIVERED]) > 0).all()
    assert found[0, DELIVERED] == 0.0
    assert found[-1, OVERFLOW] == 0.0


def test_step_by_step_a_tank_delivers_what_its_balance_says() -> None:
    random = np.random.default_rng(3)
    inflow = np.where(random.random(2000) < 0.1, random.exponential(3.0, 2000), 0.0)
    demand = random.random(2000)
    delivered = tank_supply(inflow, demand, 5.0)
    assert (delivered <= demand).all()
    assert delivered.sum() == pytest.approx(tank_balance(inflow, demand, np.array([5.0]))[0, DELIVERED])
    assert tank_supply(np.array([4.0, 0.0, 6.0, 0.0]), np.array([1.0, 2.0, 1.0, 2.0]), 5.0).tolist() == [
        0,
        2,
        1,
        2,
    ]
