"""What runs over a record of rain share: whether it rains, flows by interval, and what is stored by row.

Compiled with ``_nrt=False`` for the reason that :mod:`twin.kernels.subcatchment_parts` gives.
"""

from __future__ import annotations

from numba import njit

from twin.kernels.subcatchment_parts import STORED, catchment_stored_m


@njit(cache=True, _nrt=False)
def raining(rain_m_s, k):  # type: ignore[no-untyped-def]
    """Whether it rains at any gage."""
    most = 0.0
    for row in range(rain_m_s.shape[0]):
        most = max(most, rain_m_s[row, k])
    return most > 0.0


@njit(cache=True, _nrt=False)
def spread(flow_m3_s, start, length, mean):  # type: ignore[no-untyped-def]
    """Add the mean flow of a step, whose start and length are in intervals, to those it lies in."""
    end = start + length
    while start < end - 1e-9:
        k = int(start + 1e-9)
        part = min(end, k + 1.0) - start
        flow_m3_s[k] += mean * part
        start += part


@njit(cache=True, _nrt=False)
def count_stored(j, parts, surface, units, first_unit, unit_state, totals, ended, begun):  # type: ignore[no-untyped-def]
    """What a catchment holds now ends one row of the totals and begins the next."""
    rows = slice(first_unit[j], first_unit[j + 1])
    stored = catchment_stored_m(parts[j], surface[j], units[rows], unit_state[rows])
    totals[j, ended, STORED] += stored
    if begun >= 0:
        totals[j, begun, STORED] -= stored
