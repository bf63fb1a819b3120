"""The text of an EnergyPlus input file and the hourly series that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SCHEDULES = "schedules.csv"


@dataclass
class Idf:
    """The text of an input file and the series that it reads."""

    lines: list[str] = field(default_factory=list)
    columns: dict[str, Floats] = field(default_factory=dict)  # schedule -> (8760,)

    def add(self, kind: str, *values: object) -> None:
        """One object."""
        self.lines.append(f"{kind},{','.join(_text(value) for value in values)};")

    def schedule(self, name: str, values: Floats) -> str:
        """An hourly schedule; equal ones share a name."""
        for known, column in self.columns.items():
            if np.array_equal(column, values):
                return known
        self.columns[name] = np.asarray(values, np.float64)
        return name

    def write(self, folder: Path, name: str = "in.idf") -> Path:
        """Write the input and, as CSV beside it, its series; returns the path of the IDF."""
        folder.mkdir(parents=True, exist_ok=True)
        table = np.stack(list(self.columns.values()), axis=1)
        np.savetxt(folder / SCHEDULES, table, "%.7g", ",", header=",".join(self.columns), comments="")
        path = folder / name
        files = [
            f"Schedule:File,{name},Any,{folder / SCHEDULES},{column},1,8760,Comma,No,60;"
            for column, name in enumerate(self.columns, 1)
        ]
        path.write_text("\n".join([*self.lines, *files]) + "\n", "utf-8")
        return path


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    return str(value)
