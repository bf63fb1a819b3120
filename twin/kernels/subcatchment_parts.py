"""What a subcatchment consists of: columns of its table, of its parts, of what stands on them, of its totals.

EPA SWMM 5 Reference Manual volume I, EPA/600/R-15/162A, chapter 3: a sealed part without depression, a
sealed part with depression and a pervious part, which flow to the outlet side by side with a = W √S / (n
A_part), and LID units that take some of their flow.

Compiled with ``_nrt=False``: nothing here allocates, and counting references to records would take most of
the time (a private option of Numba).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from twin.kernels.lid import AREA_M2 as UNIT_AREA_M2
from twin.kernels.lid import KIND, RAIN_BARREL, STORAGE, SURFACE, stored_m

# Columns of ``catchments``; slopes and shares as fractions.
AREA_M2, SEALED_SHARE, WIDTH_M, SLOPE, SEALED_N, PERVIOUS_N = range(6)
SEALED_DEPRESSION_M, PERVIOUS_DEPRESSION_M, BARE_SHARE = range(6, 9)  # bare: sealed without depression
ONTO_PERVIOUS, ONTO_SEALED = 9, 10  # share of what runs off one kind of ground onto the other
CATCHMENT_COLUMNS = 11

# Columns of the totals, m of water over the catchment; stored: the change of what is stored.
RAIN, RUN_ON, EVAPORATED, INFILTRATED, RUNOFF, REUSED, STORED = range(7)
TOTALS = 7

# Columns of the parts: areas, then share, depression and outflow coefficient of the three parts, which is
# infinite where the ground is without roughness and water runs off at once.
WHOLE_M2, BARE_M2, SHARE, DEPRESSION, COEFFICIENT, TO_PERVIOUS, TO_SEALED = 0, 1, 2, 5, 8, 11, 12
PARTS = 13

# Columns of the surface: depth on the three parts, m, and what ran off each in the last step, m/s.
DEPTH, FLOW = 0, 3
SURFACE_COLUMNS = 6

NONE_M = 1e-10 * 0.3048  # above a depression, that does not flow

# SWMM computes Manning's formula in feet with 1.49 for 3.28084^(1/3).
SWMM_METRE = 1.49 * 0.3048 ** (1.0 / 3.0)


@njit(cache=True, _nrt=False)
def catchment_parts(site, units, as_swmm, parts):  # type: ignore[no-untyped-def]
    """What a catchment's columns and units come to: fills a row of PARTS columns."""
    whole = site[AREA_M2]
    bare = whole  # without its LID units
    for row in range(units.shape[0]):
        bare -= units[row, UNIT_AREA_M2]
    if bare < 1e-3 * whole:
        if not as_swmm:
            whole -= bare
        bare = 0.0
    sealed = site[SEALED_SHARE]
    parts[WHOLE_M2], parts[BARE_M2] = whole, bare
    parts[SHARE], parts[SHARE + 1] = sealed * site[BARE_SHARE], sealed * (1.0 - site[BARE_SHARE])
    parts[SHARE + 2] = 1.0 - sealed
    parts[DEPRESSION], parts[DEPRESSION + 1] = 0.0, site[SEALED_DEPRESSION_M]
    parts[DEPRESSION + 2] = site[PERVIOUS_DEPRESSION_M]
    parts[COEFFICIENT : COEFFICIENT + 3] = 0.0
    if bare > 0.0:
        conveyance = site[WIDTH_M] * np.sqrt(site[SLOPE]) / bare
        if as_swmm:
            conveyance *= SWMM_METRE
        if sealed > 0.0:
            parts[COEFFICIENT] = parts[COEFFICIENT + 1] = _coefficient(conveyance, site[SEALED_N] * sealed)
        if sealed < 1.0:
            parts[COEFFICIENT + 2] = _coefficient(conveyance, site[PERVIOUS_N] * (1.0 - sealed))
    both = 0.0 < sealed < 1.0
    parts[TO_PERVIOUS] = site[ONTO_PERVIOUS] if both else 0.0
    parts[TO_SEALED] = site[ONTO_SEALED] if both and parts[SHARE + 1] > 0.0 else 0.0


@njit(cache=True, _nrt=False)
def _coefficient(conveyance, resistance):  # type: ignore[no-untyped-def]
    return conveyance / resistance if resistance > 0.0 else np.inf


@njit(cache=True, _nrt=False)
def catchment_stored_m(parts, surface, units, unit_state):  # type: ignore[no-untyped-def]
    """Water on the surfaces and in the units of a catchment, m over it."""
    of_whole = parts[BARE_M2] / parts[WHOLE_M2]
    stored = 0.0
    for part in range(3):
        stored += of_whole * parts[SHARE + part] * surface[part]
    for row in range(units.shape[0]):
        stored += stored_m(units[row], unit_state[row]) * units[row, UNIT_AREA_M2] / parts[WHOLE_M2]
    return stored


@njit(cache=True, _nrt=False)
def standing_m(parts, surface, units, unit_state):  # type: ignore[no-untyped-def]
    """Mean depth of the water that stands on a catchment and its units, of a rain barrel that in it, m."""
    depth = 0.0
    for part in range(3):
        depth += surface[DEPTH + part] * parts[SHARE + part] * parts[BARE_M2]
    for row in range(units.shape[0]):
        stands = STORAGE if units[row, KIND] == RAIN_BARREL else SURFACE
        depth += unit_state[row, stands] * units[row, UNIT_AREA_M2]
    return depth / parts[WHOLE_M2]
