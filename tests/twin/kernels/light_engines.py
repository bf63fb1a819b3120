"""The two ways to a daylight factor, as the tests call them: values and standard errors (N,)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.kernels.daylight import Points, daylight_factors, path_traced_factors
from twin.kernels.light_scene import Scene

Engine = Callable[[Scene, Points, int], tuple[NDArray[np.float64], NDArray[np.float64]]]


def by_radiosity(scene: Scene, at: Points, sky: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found = daylight_factors(scene, at, relative_error=0.004, absolute_error=1e-5, sky=sky)
    return found.value, found.standard_error


def by_paths(scene: Scene, at: Points, sky: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    value, error, _ = path_traced_factors(scene, at, 65536, sky)
    return value, error
