"""Fitting a simulation to measurements: what is found, and what is said to be unknown."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ifc.model import Text
from tests.twin.metrics.energy_house import nanchang, row_house
from twin.cli import app
from twin.errors import TwinError
from twin.measured.calibration import Parameter, calibrate
from twin.measured.energy_model import EnergyModel, fit_months, parameters_of
from twin.measured.months import read_months
from twin.measured.report import calibration_to_dict, print_calibration
from twin.metrics.energy import compute
from twin.project import Project

MONTHS = np.arange(12)
SEASON = 10 + 6 * np.cos(2 * np.pi * MONTHS / 12)
LAST_THREE = MONTHS >= 9


def parameter(name, low=0.0, high=4.0, start=1.0):
    return Parameter(name, low, high, start, "", Text(name, name))


def base_and_season(values):
    return values[0] * 20 + values[1] * SEASON


def warned(found):
    return " | ".join(each.en for each in found.warnings)


def test_the_values_behind_noisy_months_are_found_within_their_standard_errors():
    noise = np.random.default_rng(3).normal(0, 0.5, 12)
    measured = base_and_season(np.array([1.6, 2.3])) + noise
    found = calibrate(
        base_and_season, measured, [parameter("base"), parameter("season")], held_out=LAST_THREE, monthly=True
    )
    assert found.values == pytest.approx((1.6, 2.3), abs=0.15)
    assert all(
        abs(value - true) < 3 * error
        for value, true, error in zip(found.values, (1.6, 2.3), found.error, strict=True)
    )
    # The plain answer of linear least squares on the nine months.
    columns = np.stack([np.full(9, 20.0), SEASON[:9]], axis=1)
    by_hand, residual, *_ = np.linalg.lstsq(columns, measured[:9], rcond=None)
    assert found.values == pytest.approx(tuple(by_hand), rel=1e-3)
    covariance = np.linalg.inv(columns.T @ columns) * residual[0] / 7
    assert found.error == pytest.approx(tuple(np.sqrt(np.diag(covariance))), rel=1e-2)
    assert (found.fitted.count, found.held_out.count, found.whole.count) == (9, 3, 12)
    assert found.whole.calibrated is True
    assert abs(found.before.nmbe_pct) > 30
    assert found.warnings == ()


def test_months_that_are_held_out_do_not_move_the_fit_and_judge_it():
    measured = base_and_season(np.array([1.5, 2.0]))
    spoilt = measured.copy()
    spoilt[LAST_THREE] *= 3
    both = [
        calibrate(
            base_and_season, each, [parameter("base"), parameter("season")], held_out=LAST_THREE, monthly=True
        )
        for each in (measured, spoilt)
    ]
    assert both[0].values == pytest.approx(both[1].values)
    assert abs(both[0].held_out.nmbe_pct) < 0.1
    assert both[1].held_out.cv_rmse_pct > 50
    assert both[1].whole.calibrated is False


def test_two_parameters_that_do_the_same_are_said_to():
    def simulate(values):
        return (values[0] + values[1]) * 20 + 0.001 * values[1] * SEASON

    measured = simulate(np.array([1.5, 2.0])) + np.random.default_rng(1).normal(0, 0.2, 12)
    found = calibrate(
        simulate, measured, [parameter("gains"), parameter("plugs")], held_out=LAST_THREE, monthly=True
    )
    assert "Of gains and plugs only a combination is known" in warned(found)
    assert "hide behind each other" in warned(found)
    assert found.whole.calibrated is True  # a good fit is no proof of the values


def test_a_parameter_without_effect_and_one_at_its_bound_are_said():
    def simulate(values):
        return values[0] * 20 + SEASON + 1e-3 * values[1]

    found = calibrate(
        simulate,
        9 * 20 + SEASON,
        [parameter("base"), parameter("colour")],
        held_out=LAST_THREE,
        monthly=True,
    )
    assert found.values[0] == pytest.approx(4.0, abs=0.05)
    assert "base stands at its bound" in warned(found)
    assert "colour changes the result by less than 1 %" in warned(found)
    assert all(each.zh for each in found.warnings)


def test_noise_that_hides_a_parameter_is_said():
    noise = np.random.default_rng(5).normal(0, 12, 12)
    found = calibrate(
        lambda values: values[0] * 20 + values[1] * SEASON,
        base_and_season(np.array([1.5, 2.0])) + noise,
        [parameter("base"), parameter("season")],
        held_out=LAST_THREE,
        monthly=True,
    )
    assert "of its range only" in warned(found)


@pytest.mark.parametrize(("months", "held_out"), [(5, LAST_THREE), (12, MONTHS < 0), (12, MONTHS >= 2)])
def test_too_few_months_are_refused(months, held_out):
    measured = np.where(months > MONTHS, 20.0, np.nan)
    with pytest.raises(TwinError) as caught:
        calibrate(
            lambda values: values.sum() + SEASON,
            measured,
            [parameter(name) for name in ("a", "b", "c", "d", "e")][: 5 if months == 5 else 2],
            held_out=held_out,
            monthly=True,
        )
    assert caught.value.code == "too-few-pairs"


@pytest.fixture(scope="module")
def house():
    return EnergyModel(row_house(("office", "office")), nanchang(), Project())


def test_the_model_as_designed_is_that_of_the_evaluation(house):
    evaluated = compute(row_house(("office", "office")), nanchang(), Project())
    # The evaluation runs the reference building beside, on other threads: the year may be cut elsewhere.
    assert house.monthly_kwh({}) == pytest.approx(evaluated.series["electricity_bought_kwh"], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "value", "month", "rises"),
    [
        ("gains", 1.5, 6, True),
        ("air", 1.5, 0, True),
        ("heating_setpoint", 2.0, 0, True),
        ("cooling_setpoint", 2.0, 6, False),
        ("heating_cop", 1.2, 0, False),
        ("cooling_cop", 1.2, 6, False),
    ],
)
def test_each_parameter_moves_the_months_that_it_must(house, name, value, month, rises):
    assert bool(house.monthly_kwh({name: value})[month] > house.monthly_kwh({})[month]) is rises


def test_a_house_that_is_used_otherwise_than_designed_is_recognised_from_its_meter(house):
    truth = {"gains": 1.4, "cooling_cop": 0.8}
    noise = np.random.default_rng(2).normal(1, 0.01, 12)
    kwh = house.monthly_kwh(truth) * noise
    model = row_house(("office", "office"))
    found = fit_months(model, nanchang(), Project(), parameters_of(list(truth)), list(range(12)), kwh, 3)
    assert found.values == pytest.approx(tuple(truth.values()), rel=0.08)
    assert found.whole.calibrated is True
    assert found.before.calibrated is False
    assert abs(found.held_out.nmbe_pct) < 5
    data = calibration_to_dict(found, kwh, list(range(12)), own_weather=False)
    json.dumps(data, allow_nan=False)
    assert "typical year" in data["warnings"][0]["en"]
    assert len(data["months"]) == 12


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_calibration_is_printed_in_both_languages(lang, capsys):
    measured = base_and_season(np.array([1.5, 2.0]))
    found = calibrate(
        base_and_season, measured, [parameter("base"), parameter("season")], held_out=LAST_THREE, monthly=True
    )
    print_calibration(calibration_to_dict(found, measured, list(MONTHS), own_weather=True), lang)
    said = capsys.readouterr().out
    assert "NMBE" in said
    assert ("calibrated by" in said) is (lang == "en")
    assert ("满足 ASHRAE" in said) is (lang == "zh")


def test_months_are_read_in_the_order_of_their_lines(tmp_path):
    table = tmp_path / "x.csv"
    table.write_text("month,kwh\n2025-11,120\n2025-12,130.5\n1,140\n")
    order, kwh = read_months(table)
    assert order == [10, 11, 0]
    assert kwh[order].tolist() == [120, 130.5, 140]
    assert np.isnan(kwh[1:10]).all()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("time,kwh\n1,2\n", "x.csv"),
        ("month,kwh\n13,2\n", "x.csv:2"),
        ("month,kwh\n1,2\n1,3\n", "x.csv:3"),
        ("month,kwh\n1,-2\n", "x.csv:2"),
        ("month,kwh\n1,many\n", "x.csv:2"),
        ("month,kwh\n1\n", "x.csv:2"),
        ("", "x.csv"),
    ],
)
def test_a_table_that_is_wrong_is_told_with_its_line(text, where, tmp_path):
    table = tmp_path / "x.csv"
    table.write_text(text)
    with pytest.raises(TwinError) as caught:
        read_months(table)
    assert caught.value.code == "bad-months"
    assert caught.value.where.endswith(where)


def test_the_command_refuses_what_it_cannot_use(tmp_path):
    model = tmp_path / "x.ifc"
    model.write_text("")
    months = tmp_path / "m.csv"
    months.write_text("month,kwh\n1,2\n")
    arguments = ["calibrate", str(model), "--measured", str(months), "--lang", "en"]
    unknown = CliRunner().invoke(app, [*arguments, "--parameters", "gains,colour"])
    assert unknown.exit_code == 2
    assert "The parameters are gains, air" in unknown.stderr
    missing = CliRunner().invoke(
        app, ["calibrate", str(model), "-m", str(tmp_path / "none.csv"), "--lang", "en"]
    )
    assert missing.exit_code == 2
