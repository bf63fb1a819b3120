"""A check as JSON: the data that ``twin check --json`` prints.

Keys: ``schema_version``; ``model`` (path, sha256, schema); ``ids`` (path, empty when generated; title);
``passed``; ``counts`` (pass, fail, no_elements, other_schema); ``specifications``: identifier, name,
description, usage (required, optional, prohibited), outcome (one of the counts), applicable, failed and
``causes``: id (a GUID that stays from revision to revision), kind (see :data:`twin.ids.causes.KINDS`),
message, remedy, values (value found -> number of elements), classes (class -> number), global_ids; and
``diagnostics`` (code, severity, message, remedy). Texts are in the language asked for.
"""

from __future__ import annotations

from typing import Any, get_args

from ifc.model import Language
from twin.ids.check import CheckResult, Outcome

SCHEMA_VERSION = "1.0"


def check_to_dict(result: CheckResult, language: Language) -> dict[str, Any]:
    """The result as plain data, see the module's docstring."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {"path": result.model_path, "sha256": result.model_sha256, "schema": result.schema},
        "ids": {"path": result.ids_path, "title": result.title.in_language(language)},
        "passed": result.passed,
        "counts": {outcome: result.count(outcome) for outcome in get_args(Outcome)},
        "specifications": [
            {
                "identifier": one.identifier,
                "name": one.name.in_language(language),
                "description": one.description.in_language(language),
                "usage": one.usage,
                "outcome": one.outcome,
                "applicable": one.applicable,
                "failed": one.failed,
                "causes": [
                    {
                        "id": cause.id,
                        "kind": cause.kind,
                        "message": cause.message.in_language(language),
                        "remedy": cause.remedy.in_language(language),
                        "values": dict(cause.values),
                        "classes": dict(cause.classes),
                        "global_ids": [element.global_id for element in cause.elements],
                    }
                    for cause in one.causes
                ],
            }
            for one in result.specifications
        ],
        "diagnostics": [
            {
                "code": found.code,
                "severity": found.severity,
                "message": found.message.in_language(language),
                "remedy": found.remedy.in_language(language),
            }
            for found in result.diagnostics
        ],
    }
