"""``twin inspect``: what a model holds and what it lacks."""

from __future__ import annotations

import json

from twin.cli.common import JsonOption, LangOption, ModelArgument
from twin.cli.status import status


def inspect(model: ModelArgument, lang: LangOption, as_json: JsonOption = False) -> None:
    """Say what a model holds and what it lacks."""
    with status(lang, as_json) as progress:
        progress("read")
        import ifc
        from ifc.inspection import inspect as run

        found = run(ifc.read(model), lang)
    from twin.report.console import print_diagnostics, print_inspection

    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_inspection(found, lang)
    print_diagnostics(found["diagnostics"], lang)
