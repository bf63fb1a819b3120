"""How far SWMM itself moves when an input changes by less than anybody can measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twin.verify.swmm_input.case import read_case
from twin.verify.swmm_input.run import run_input
from twin.verify.swmm_input.text import read_text

CHANGES = (0.0, 1e-7, 1e-11, 1e-13, 1e-15)  # of the widths; the last is a few units in the last place


def wider(text: str, factor: float) -> str:
    """An input file whose subcatchments have other widths."""
    lines = text.splitlines()
    inside = False
    for place, line in enumerate(lines):
        words = line.split()
        if line.startswith("["):
            inside = line.startswith("[SUBCATCHMENTS]")
        elif inside and len(words) > 6 and not line.startswith(";"):
            words[5] = f"{float(words[5]) * factor:.17g}"
            lines[place] = " ".join(words)
    return "\n".join(lines) + "\n"


def moved_by_rounding(path: Path, scratch: Path) -> list[float]:
    """Largest change of any term of a LID unit's balance in SWMM, mm, for each of CHANGES.

    Args:
        path: an input file.
        scratch: where the changed ones are written; its folder has the files that they name.
    """
    found = []
    for change in CHANGES:
        scratch.write_text(wider(path.read_text("utf-8"), 1.0 + change), "utf-8")
        file = read_text(scratch)
        found.append(run_input(file, read_case(file)).units_mm)
    return [float(np.abs(one - found[0]).max()) for one in found]
