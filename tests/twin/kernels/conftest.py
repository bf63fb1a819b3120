"""Comparisons with other programs are collected only where these are installed (extra ``verify``)."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("pyradiance") else ["test_daylight_against_radiance.py"]
