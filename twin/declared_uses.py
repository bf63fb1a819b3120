"""Room uses that twin.toml declares where the names in the model do not tell them."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

import numpy as np

from ifc.model import PROVENANCE_CODES, BuildingModel, Diagnostic, Provenance, Severity, Text
from twin.errors import TwinError
from twin.project import Project
from twin.use_types import use_ids


def with_declared_uses(model: BuildingModel, project: Project) -> BuildingModel:
    """The model with the uses of ``[uses]`` in twin.toml.

    A key is the name, long name or GlobalId of rooms, with ``*`` and ``?`` as wildcards; of several that
    match, the last one counts. A declared use overrules the one read from the name.

    Raises:
        TwinError: a use id is not known, there, in ``energy.blind_uses`` or in ``daylight.curtains``.
    """
    stated = [("energy.blind_uses", use) for use in project.energy.blind_uses]
    for number, curtain in enumerate(project.daylight.curtains):
        stated += [(f"daylight.curtains.{number}.uses", use) for use in curtain.uses]
    for place, use in [*stated, *((f"uses.{pattern}", use) for pattern, use in project.uses.items())]:
        if use not in use_ids():
            raise _unknown_use(project, place, use)
    if not project.uses:
        return model
    spaces = model.spaces
    uses, provenance = spaces.use.copy(), spaces.use_provenance.copy()
    unmatched = []
    for pattern, use in project.uses.items():
        rows = [
            row
            for row, names in enumerate(zip(spaces.name, spaces.long_name, spaces.global_id, strict=True))
            if any(fnmatchcase(str(name), pattern) for name in names)
        ]
        uses[rows] = use
        provenance[rows] = PROVENANCE_CODES.index(Provenance.DECLARED)
        if not rows:
            unmatched.append(pattern)
    found = tuple(_matches_no_room(pattern) for pattern in unmatched)
    still_unknown = bool(np.any((uses == "unknown") & spaces.internal))
    kept = tuple(one for one in model.diagnostics if still_unknown or one.code != "room-use-unknown")
    return replace(
        model,
        spaces=replace(spaces, use=uses, use_provenance=provenance),
        diagnostics=(*kept, *found),
    )


def _unknown_use(project: Project, place: str, use: str) -> TwinError:
    near = get_close_matches(use, use_ids(), 1)
    return TwinError(
        "unknown-use",
        f"{project.file}, {place}",
        Text(f"There is no use {use!r}.", f"没有用途编号 {use!r}。"),
        Text(f"Did you mean {near[0]!r}?", f"是否应为 {near[0]!r}？")
        if near
        else Text(f"Known are: {', '.join(use_ids())}.", f"可用编号：{'、'.join(use_ids())}。"),
    )


def _matches_no_room(pattern: str) -> Diagnostic:
    return Diagnostic(
        code="declared-use-without-room",
        severity=Severity.WARNING,
        message=Text(
            f"No room matches “{pattern}” of [uses] in twin.toml.",
            f"没有房间与 twin.toml [uses] 中的“{pattern}”匹配。",
        ),
        remedy=Text(
            "Correct the name; `twin inspect` lists them.", "请改正名称；`twin inspect` 会列出全部房间。"
        ),
    )
