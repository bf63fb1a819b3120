"""``twin inspect``: what a model holds and what it lacks."""

from __future__ import annotations

import json

from twin.cli.common import JsonOption, LangOption, ModelArgument
from twin.cli.status import status


def inspect(model: ModelArgument, lang: LangOption, as_json: JsonOption = False) -> None:
    """Say what a model holds and what it lacks."""
    with status(lang, as_json) as progress:
        progress("read")
        from ifc.inspection import inspect as run
        from twin.evaluate import read_model
        from twin.project import Project

        # With the limits that an evaluation without twin.toml takes where the file is silent.
        found = run(read_model(model, Project()), lang)
    from twin.report.console import print_diagnostics, print_inspection

    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_inspection(found, lang)
    print_diagnostics(found["diagnostics"], lang)
