"""The defaults and limits of ``twin/data/energy.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ifc.model import Provenance, Traced


@cache
def data() -> Mapping[str, Any]:
    """The whole file."""
    text = resources.files("twin").joinpath("data/energy.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@cache
def default(name: str) -> Traced:
    """One default with its unit, source and confidence.

    Raises:
        KeyError: there is no such default.
    """
    value, unit, source, confidence = data()["defaults"][name]
    return Traced(float(value), unit, Provenance.DEFAULT, source_text(source), confidence)


def number(name: str) -> float:
    """The value of one default."""
    return float(default(name).value)


def source_text(source: str) -> str:
    """The name of a source: "iso52016, table B.17" becomes "ISO 52016-1:2017, table B.17"."""
    key, _, place = source.partition(",")
    return str(data()["sources"][key]) + ("," + place if place else "")


def sector(azimuth_deg: float) -> str:
    """Sector of an outward normal, "N", "E", "S" or "W" (GB 50176-2016); "N" for NaN."""
    for name, (first, end) in data()["orientation_sectors"].items():
        if first <= azimuth_deg % 360 < end:
            return str(name)
    return "N"
