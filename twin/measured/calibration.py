"""Fitting a simulation to what was measured, within stated bounds, and saying how far it can be believed.

Least squares over the pairs of a training period; the pairs of a hold-out period are never seen by it. What
the data cannot tell is said: parameters at a bound, without effect, only known together, or known badly.

Sources: ASHRAE Guideline 14-2014, 4.3 and 5.2 (statistics, calibrated simulation); Belsley, Kuh and Welsch,
Regression Diagnostics (1980), chapter 3 (condition number).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ifc.model import Text
from twin.errors import TwinError
from twin.measured.statistics import Fit, fit

Floats = NDArray[np.float64]

MAX_ROUNDS = 40  # of the optimiser; each costs a simulation, and at most one more for each parameter
STEP = 0.01  # of a parameter's range, for the differences
AT_BOUND = 0.01  # of the range
COLLINEAR = 30.0  # condition number beyond which parameters hide behind each other (Belsley et al.)
TOGETHER = 0.95  # correlation of two estimates of which only a combination is known
NO_EFFECT = 0.01  # of the measured mean, over the whole range
BADLY_KNOWN = 0.15  # standard error over the range


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may be changed, and how far."""

    name: str
    low: float
    high: float
    start: float
    unit: str
    label: Text


@dataclass(frozen=True)
class Calibration:
    """The fitted values and what they are worth. ``error`` is the standard error of each, in its unit."""

    parameters: tuple[Parameter, ...]
    values: tuple[float, ...]
    error: tuple[float, ...]
    correlation: Floats  # (P, P) of the estimates
    before: Fit  # all pairs, with the starting values
    fitted: Fit  # the pairs that were fitted
    held_out: Fit  # those that were not
    whole: Fit  # all pairs, with the fitted values: the one that Guideline 14 judges
    simulated: Floats  # with the fitted values
    warnings: tuple[Text, ...]
    runs: int


def calibrate(
    simulate: Callable[[Floats], Floats],
    measured: Floats,
    parameters: Sequence[Parameter],
    *,
    held_out: NDArray[np.bool_],
    monthly: bool,
) -> Calibration:
    """Fit ``parameters`` to measured values.

    Args:
        simulate: the simulated values, shape (N,), of the values of the parameters, shape (P,).
        measured: shape (N,), NaN where nothing was measured.
        parameters: with their bounds.
        held_out: pairs that judge the fit and are not used for it, shape (N,).
        monthly: whether the values are of months; of hours otherwise.

    Raises:
        TwinError: fewer pairs to fit than parameters and one, or none held out.
    """
    known = np.isfinite(measured)
    training, judging = known & ~held_out, known & held_out
    count, judges = int(training.sum()), int(judging.sum())
    if count <= len(parameters) or not judges:
        raise TwinError(
            "too-few-pairs",
            "measured values",
            Text(
                f"{count} values to fit {len(parameters)} parameters, {judges} held out.",
                f"用于拟合的数据 {count} 个，参数 {len(parameters)} 个，留作检验 {judges} 个。",
            ),
            Text(
                "Measure for longer, fit fewer parameters, or hold out at least one value.",
                "请延长测量时间、减少参数，并至少留出一个数据用于检验。",
            ),
        )
    low = np.array([each.low for each in parameters])
    width = np.array([each.high for each in parameters]) - low
    start = (np.array([each.start for each in parameters]) - low) / width
    mean = float(measured[training].mean())
    runs = 0

    def run(share: Floats) -> Floats:
        nonlocal runs
        runs += 1
        return np.asarray(simulate(low + np.clip(share, 0.0, 1.0) * width), np.float64)

    def residuals(share: Floats) -> Floats:
        return (run(share)[training] - measured[training]) / mean

    def slopes(share: Floats) -> Floats:
        return _jacobian(residuals, share)

    before = run(start)
    found = least_squares(
        residuals,
        start,
        jac=slopes,
        bounds=(0.0, 1.0),
        max_nfev=MAX_ROUNDS,
        xtol=1e-4,
        ftol=1e-6,
    )
    after = run(found.x)
    jacobian = slopes(found.x)
    error, correlation = _uncertainty(jacobian, found.fun)
    return Calibration(
        parameters=tuple(parameters),
        values=tuple((low + found.x * width).tolist()),
        error=tuple((error * width).tolist()),
        correlation=correlation,
        before=fit(measured, before, monthly=monthly),
        fitted=fit(_only(measured, training), after, monthly=monthly),
        held_out=fit(_only(measured, judging), after, monthly=monthly),
        whole=fit(measured, after, monthly=monthly),
        simulated=after,
        warnings=tuple(_warnings(parameters, found.x, jacobian, error, correlation)),
        runs=runs,
    )


def _jacobian(residuals: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Differences over the same step into the bounds, so that a value at a bound has its effect, too."""
    columns, here = [], residuals(at)
    for number in range(len(at)):
        step = STEP if at[number] < 0.5 else -STEP
        moved = at.copy()
        moved[number] += step
        columns.append((residuals(moved) - here) / step)
    return np.stack(columns, axis=1)


def _uncertainty(jacobian: Floats, residual: Floats) -> tuple[Floats, Floats]:
    """Standard errors, as shares of the ranges, and correlations of the estimates."""
    free = max(jacobian.shape[0] - jacobian.shape[1], 1)
    covariance = np.linalg.pinv(jacobian.T @ jacobian, hermitian=True) * float(residual @ residual) / free
    spread = np.linalg.pinv(jacobian.T @ jacobian, hermitian=True)
    scale = np.sqrt(np.maximum(np.diag(spread), 1e-300))
    return np.sqrt(np.maximum(np.diag(covariance), 0.0)), spread / np.outer(scale, scale)


def _warnings(
    parameters: Sequence[Parameter], share: Floats, jacobian: Floats, error: Floats, correlation: Floats
) -> list[Text]:
    found = []
    size = np.linalg.norm(jacobian, axis=0) / math.sqrt(len(jacobian))
    seen = size >= NO_EFFECT
    for number, parameter in enumerate(parameters):
        name = parameter.name
        if not seen[number]:
            found.append(
                Text(
                    f"{name} changes the result by less than 1 % over its range: the data do not tell it.",
                    f"{name} 在整个取值范围内对结果的影响小于 1%，数据无法确定该参数。",
                )
            )
        elif error[number] > BADLY_KNOWN:
            found.append(
                Text(
                    f"{name} is known to ±{100 * error[number]:.0f} % of its range only.",
                    f"{name} 的标准误差为取值范围的 ±{100 * error[number]:.0f}%，不可靠。",
                )
            )
        if min(share[number], 1 - share[number]) < AT_BOUND:
            found.append(
                Text(
                    f"{name} stands at its bound: something else in the model is wrong, or the bound is.",
                    f"{name} 达到取值边界：模型其他部分有误，或边界设定有误。",
                )
            )
    for one in range(len(parameters)):
        for other in range(one):
            if seen[one] and seen[other] and abs(correlation[one, other]) > TOGETHER:
                names = (parameters[other].name, parameters[one].name)
                found.append(
                    Text(
                        f"Of {names[0]} and {names[1]} only a combination is known"
                        f" (correlation {correlation[one, other]:.2f}).",
                        f"{names[0]} 与 {names[1]} 只能确定其组合"
                        f"（相关系数 {correlation[one, other]:.2f}）。",
                    )
                )
    if seen.sum() > 1:
        condition = float(np.linalg.cond(jacobian[:, seen] / np.linalg.norm(jacobian[:, seen], axis=0)))
        if condition > COLLINEAR:
            found.append(
                Text(
                    f"The parameters hide behind each other (condition number {condition:.0f}, limit 30).",
                    f"参数之间存在共线性（条件数 {condition:.0f}，限值 30）。",
                )
            )
    return found


def _only(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    return np.where(chosen, values, np.nan)
