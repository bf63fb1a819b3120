"""Imports run downward only, and never in a circle (the floors of the design)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WINGS = ("ifc", "sensors", "viewer", "twin")

# The longest matching prefix decides. A module may import its own floor and the floors below.
FLOORS = {
    "ifc": 1,
    "sensors": 1,
    "twin": 1,  # twin/__init__, twin/errors
    "twin.kernels": 1,
    "viewer": 2,
    "twin.catchments": 3,
    "twin.climate": 3,
    "twin.declared_uses": 3,
    "twin.dwellings": 3,
    "twin.project": 3,
    "twin.storm_sewers": 3,
    "twin.thermal_zone": 3,
    "twin.project_template": 3,
    "twin.live": 3,
    "twin.use_types": 2,
    "twin.bcf": 2,
    "twin.cities": 2,
    "twin.binding": 2,
    "twin.measured": 4,
    "twin.metrics": 4,
    "twin.rating": 4,
    "twin.evaluate": 5,
    "twin.warmup": 5,
    "twin.report": 5,
    "twin.view": 5,
    "twin.ids": 5,
    "twin.verify": 5,
    "twin.batch": 6,
    "twin.server": 6,
    "twin.cli": 7,
}


def modules() -> dict[str, Path]:
    found = {}
    for wing in WINGS:
        for path in sorted((ROOT / wing).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path, known: dict[str, Path], top_level_only: bool) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    if not top_level_only:
        typing_only = {
            id(child)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for child in ast.walk(node)
        }
        nodes = [node for node in nodes if id(node) not in typing_only]
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        # "from a.b import C" is an import of a.b unless a.b.C is a module itself.
        deepest = [name for name in names if name in known]
        if isinstance(node, ast.ImportFrom) and any(name != node.module for name in deepest):
            deepest.remove(node.module) if node.module in deepest else None
        found.update(deepest)
    return found


def floor_of(module: str) -> int:
    return FLOORS[max((p for p in FLOORS if f"{module}.".startswith(f"{p}.")), key=len)]


def wing_of(module: str) -> str:
    return "twin.kernels" if module.startswith("twin.kernels") else module.split(".")[0]


KNOWN = modules()


@pytest.mark.parametrize("module", sorted(KNOWN))
def test_a_module_imports_only_its_own_floor_and_below(module: str) -> None:
    for imported in imports_of(KNOWN[module], KNOWN, top_level_only=False):
        assert floor_of(imported) <= floor_of(module), f"{module} reaches up to {imported}"


@pytest.mark.parametrize("module", sorted(KNOWN))
def test_the_ground_floor_wings_do_not_know_each_other(module: str) -> None:
    wing = wing_of(module)
    if wing in {"ifc", "sensors", "twin.kernels"}:
        for imported in imports_of(KNOWN[module], KNOWN, top_level_only=False):
            assert wing_of(imported) == wing, f"{module} imports {imported}"


@pytest.mark.parametrize("module", sorted(m for m in KNOWN if m.startswith("viewer")))
def test_the_viewer_knows_only_the_model(module: str) -> None:
    for imported in imports_of(KNOWN[module], KNOWN, top_level_only=False):
        assert imported.startswith(("viewer", "ifc.model")), f"{module} imports {imported}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {m: imports_of(path, KNOWN, top_level_only=True) - {m} for m, path in KNOWN.items()}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail[trail.index(module) :], module))
        if module not in done:
            for imported in sorted(graph[module]):
                visit(imported, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_importing_the_packages_brings_no_heavy_library_and_compiles_nothing() -> None:
    heavy = ("numpy", "numba", "ifcopenshell", "scipy", "pandas", "pvlib", "shapely")
    code = (
        "import ifc, twin, twin.cli, sensors, viewer, sys; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
