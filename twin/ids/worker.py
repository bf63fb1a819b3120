"""The child process that runs an IDS on a model with ifctester.

``main`` reads one JSON request from stdin (``ids``, ``model``, ``out``, ``memory_bytes``) and writes its
answer as JSON to ``out``. It may crash or hang at any time; the parent (:mod:`twin.ids.check`) knows what to
do then.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.util.unit as units
from ifctester import facet as facets
from ifctester import ids
from xmlschema.validators.exceptions import XMLSchemaValidationError

from ifc.reading.complaints import summarise

# Why a requirement is not met: ifctester's own word -> ours.
_KINDS = {
    "NOPSET": "missing", "NOVALUE": "missing", "FALSEY": "empty", "DATATYPE": "wrong_type",
    "VALUE": "wrong_value", "PROHIBITED": "prohibited", "NAME": "wrong_class", "ENTITY": "wrong_class",
    "PREDEFINEDTYPE": "wrong_class", "SYSTEM": "wrong_value", "INVALID": "wrong_value",
}  # fmt: skip
_SHOWN_VALUES = 20
_LONGEST_VALUE = 120


def main() -> None:
    """Answer the request on stdin."""
    request = json.loads(sys.stdin.read())
    _limit_memory(request["memory_bytes"])
    try:
        answer = _answer(Path(request["ids"]), Path(request["model"]))
    except Exception as error:  # noqa: BLE001  whatever it is, the parent must hear of it
        answer = {"error": "run", "reason": f"{type(error).__name__}: {error}"}
    Path(request["out"]).write_text(json.dumps(answer), "utf-8")


def _answer(ids_path: Path, model_path: Path) -> dict[str, Any]:
    try:
        specifications = _read_ids(ids_path)
    except XMLSchemaValidationError as error:
        return {"error": "ids", "reason": error.reason or "", "path": error.path or ""}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {"error": "ids", "reason": f"{type(error).__name__}: {error}", "path": ""}
    try:
        model = ifcopenshell.open(str(model_path), format=".ifc")
    except (OSError, RuntimeError, ifcopenshell.Error) as error:
        return {"error": "model", "reason": str(error)}
    complaints = summarise(ifcopenshell.get_log())
    _remember_units()
    specifications.validate(model, should_filter_version=True)
    projects = model.by_type("IfcProject")
    return {
        "title": specifications.info.get("title", ""),
        "description": specifications.info.get("description", ""),
        "project": projects[0].GlobalId if projects else "",
        "entities": sum(1 for _ in model),
        "complaints": complaints,
        "specifications": [_outcome(one) for one in specifications.specifications],
    }


def _read_ids(path: Path) -> Any:
    """The IDS, checked against the official schema; nothing that the file points to is loaded."""
    data = ids.get_schema().decode(
        str(path), strip_namespaces=True, namespaces={"": "http://standards.buildingsmart.org/IDS"},
        use_location_hints=False,
    )  # fmt: skip
    found = ids.Ids().parse(data)
    raw = data["specifications"]["specification"]
    for specification, one in zip(found.specifications, raw if isinstance(raw, list) else [raw], strict=True):
        specification.identifier = one.get("@identifier")  # which ifctester does not read
    return found


def _outcome(specification: Any) -> dict[str, Any]:
    usage = specification.get_usage()
    applicable = specification.applicable_entities
    failed = applicable if usage == "prohibited" else specification.failed_entities
    return {
        "identifier": specification.identifier or "",
        "name": specification.name,
        "description": specification.description or "",
        "usage": usage,
        "schemas": list(specification.ifcVersion),
        "for_this_schema": bool(specification.is_ifc_version),
        "passed": specification.status,  # None when it was not run
        "applicable": len(applicable),
        "failed": len(failed),
        "applies_to": [_facet(facet) for facet in specification.applicability],
        "causes": _causes(specification, usage) if specification.status is False else [],
    }


def _causes(specification: Any, usage: str) -> list[dict[str, Any]]:
    if usage == "prohibited":
        return [_cause("prohibited_element", None, 0, specification.applicable_entities, Counter())]
    if not specification.applicable_entities:
        return [_cause("no_element", None, 0, [], Counter())]
    causes = []
    for number, requirement in enumerate(specification.requirements):
        groups: dict[str, list[Any]] = {}
        values: dict[str, Counter[str]] = {}
        for failure in requirement.failures:
            reason = requirement(failure["element"]).reason or {}
            kind = _KINDS.get(reason.get("type", ""), "wrong_value")
            groups.setdefault(kind, []).append(failure["element"])
            if "actual" in reason:
                values.setdefault(kind, Counter())[_shown(reason["actual"])] += 1
        causes += [
            _cause(kind, requirement, number, elements, values.get(kind, Counter()))
            for kind, elements in groups.items()
        ]
    return causes


def _cause(
    kind: str, requirement: Any, number: int, elements: list[Any], values: Counter[str]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "requirement": None if requirement is None else _facet(requirement),
        "number": number,
        "values": dict(values.most_common(_SHOWN_VALUES)),
        "elements": sorted(_element(element) for element in elements),
    }


def _element(element: Any) -> tuple[str, str, str]:
    """GlobalId (or ``#id`` where the class has none), class and name."""
    global_id = getattr(element, "GlobalId", None) or f"#{element.id()}"
    return str(global_id), element.is_a(), str(getattr(element, "Name", None) or "")


def _shown(value: Any) -> str:
    text = ", ".join(sorted(str(one) for one in value)) if isinstance(value, set | list) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _facet(facet: Any) -> dict[str, Any]:
    found = {"facet": type(facet).__name__.lower()}
    for key in ("propertySet", "baseName", "name", "value", "predefinedType", "system", "relation"):
        value = getattr(facet, key, None)
        if value is not None:
            found[key] = _limits(value)
    for key in ("dataType", "cardinality", "instructions"):
        found[key] = str(getattr(facet, key, None) or "")
    return found


def _limits(value: Any) -> Any:
    """A simple value as text, a restriction as its options."""
    if isinstance(value, facets.Restriction):
        return {
            key: [str(v) for v in (o if isinstance(o, list) else [o])] for key, o in value.options.items()
        }
    return str(value)


def _remember_units() -> None:
    """Keep the project's units: ifctester looks them up for every value, which is most of its time.

    IfcOpenShell's own ``cache_units`` does not reach it, as each element hands out a file object of its own.
    """
    units.get_project_unit = lru_cache(maxsize=None)(units.get_project_unit)


def _limit_memory(size: int) -> None:
    if size:
        with suppress(ImportError, ValueError, OSError):  # Windows has no such limit
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (size, size))
