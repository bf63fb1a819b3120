"""Run benchmarks by name, all of them by default."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import pkgutil
import sys

import benchmarks
from benchmarks.row import Row

NOT_BENCHMARKS = {
    "__main__", "row", "cases", "boxes", "runoff_cases", "runoff_networks", "live_publisher", "live_server",
    "live_clients", "live_rhythm", "fuzz_mutations", "bestest_energyplus",
    "intake_process", "intake_probe", "intake_solids", "intake_boundaries", "intake_robustness",
    "intake_rooms", "viewer_browser", "viewer_frames", "viewer_live", "viewer_memory", "viewer_server",
}  # fmt: skip


def names() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in NOT_BENCHMARKS)


def show(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for field in dataclasses.fields(Row):
        table.add_column(
            field.name, justify="left" if field.name in {"name", "case", "peer", "unit"} else "right"
        )
    for row in rows:
        cells = dataclasses.astuple(row)
        table.add_row(*("" if c is None else f"{c:.4g}" if isinstance(c, float) else str(c) for c in cells))
    Console(width=140).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(names())}")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        parser.error(f"unknown benchmark {', '.join(unknown)}; known are {', '.join(names())}")
    rows: list[Row] = []
    for name in arguments.names or names():
        print(f"{name} …", file=sys.stderr)
        rows += importlib.import_module(f"benchmarks.{name}").run()
    if arguments.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=1))
    else:
        show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
