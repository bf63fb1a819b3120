"""A model against an IDS, run by ifctester in a child process.

IfcOpenShell may crash or hang on a broken file: the caller gets an error, never a crash.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ifc.errors import IfcError
from ifc.findings import text_findings
from ifc.isolation import RawModel
from ifc.model import Diagnostic, Severity, Text
from ifc.step_file import SourceFile, StepFile, find_source, step_text
from twin.errors import TwinError
from twin.ids.causes import Cause, both_languages, read_cause
from twin.ids.needs import SCHEMA_IDENTIFIERS, Schema
from twin.ids.safe_xml import read_ids_text
from twin.ids.write import ids_for
from twin.project import Project

# "no_elements": the specification is optional and the model has nothing that it applies to.
Outcome = Literal["pass", "fail", "no_elements", "other_schema"]

_BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from twin.ids.worker import main; main()"
)
_LEAST_S = 120.0
_SECONDS_PER_MB = 10.0
_LEAST_MEMORY_BYTES = 6 << 30
_MEMORY_PER_BYTE = 200
_SCHEMAS: Mapping[str, Schema] = {identifier: schema for schema, identifier in SCHEMA_IDENTIFIERS.items()}


@dataclass(frozen=True, slots=True)
class SpecificationResult:
    """What one specification says of the model."""

    identifier: str
    name: Text
    description: Text
    usage: str  # "required" (such elements must be there) | "optional" | "prohibited"
    outcome: Outcome
    applicable: int  # elements that it applies to
    failed: int
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What an IDS says of a model."""

    model_path: str
    model_sha256: str
    schema: str
    ids_path: str  # "" for the IDS generated from the standard
    title: Text
    specifications: tuple[SpecificationResult, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        """Whether no specification fails and the whole file was read."""
        lost = any(found.severity is Severity.ERROR for found in self.diagnostics)
        return not lost and not any(one.outcome == "fail" for one in self.specifications)

    def count(self, outcome: Outcome) -> int:
        """The number of specifications with this outcome."""
        return sum(one.outcome == outcome for one in self.specifications)


def check(
    model: Path | str,
    ids: Path | str | None = None,
    project: Project | None = None,
    *,
    clauses: Sequence[str] | None = None,
    stars: int | None = None,
    timeout_s: float | None = None,
) -> CheckResult:
    """Run an IDS on a model.

    Args:
        model: the IFC file (.ifc or .ifczip).
        ids: an IDS 1.0 file; None generates it in the model's schema, see :func:`twin.ids.write.ids_for`.
        project: what twin.toml says, for the generated IDS.
        clauses: the clauses of the generated IDS.
        stars: the stars that the generated IDS aims at.
        timeout_s: by default 2 minutes and 10 s per megabyte of the model.

    Raises:
        IfcError: ``model`` is no IFC file, or IfcOpenShell cannot read it.
        TwinError: the extra ``check`` is not installed; ``ids`` is no sound IDS 1.0 file, or none of its
            specifications is for the model's schema; the check crashed or took too long.
    """
    if importlib.util.find_spec("ifctester") is None:
        raise _missing_extra()
    source = find_source(Path(model))
    with tempfile.TemporaryDirectory(prefix="greentwin-") as temporary:
        folder = Path(temporary)
        step = step_text(source, folder)
        if ids is None:
            generated = ids_for(project, clauses=clauses, stars=stars, schema=_SCHEMAS[step.schema])
            text = generated.encode()
        else:
            text = read_ids_text(Path(ids))
        (folder / "needs.ids").write_bytes(text)
        where = str(ids or "twin ids")
        answer = _run(folder, step, source, timeout_s)
        if "error" in answer:
            raise _refusal(where, source, answer)
        lost = text_findings(
            step, RawModel({"project": {"entities": answer["entities"]}}, answer["complaints"])
        )
    specifications = tuple(_specification(raw, answer["project"]) for raw in answer["specifications"])
    if all(one.outcome == "other_schema" for one in specifications):
        raise _other_schema(where, step.schema, answer)
    return CheckResult(
        model_path=str(source.path),
        model_sha256=source.sha256,
        schema=step.schema,
        ids_path="" if ids is None else str(ids),
        title=both_languages(answer["title"]),
        specifications=specifications,
        diagnostics=(*step.diagnostics, *lost),
    )


def _run(folder: Path, step: StepFile, source: SourceFile, timeout_s: float | None) -> dict[str, Any]:
    """The worker's answer."""
    out = folder / "answer.json"
    limit_s = timeout_s or _LEAST_S + _SECONDS_PER_MB * source.size_bytes / 1e6
    request = {
        "ids": str(folder / "needs.ids"),
        "model": str(step.path),
        "out": str(out),
        "memory_bytes": max(_LEAST_MEMORY_BYTES, _MEMORY_PER_BYTE * source.size_bytes),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-c", _BOOTSTRAP, json.dumps(sys.path)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TwinError(
            "check-timed-out",
            str(source.path),
            Text(f"The check took longer than {limit_s:g} s.", f"检查用时超过 {limit_s:g} 秒。"),
            Text(
                "Check fewer clauses (--clauses), or look for a very large or damaged model.",
                "请减少条文（--clauses），或检查模型是否过大或损坏。",
            ),
        ) from None
    if done.returncode != 0 or not out.is_file():
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise TwinError(
            "check-crashed",
            str(source.path),
            Text(f"The check ended before its result: {last}.", f"检查未得出结果即终止：{last}。"),
            Text(
                "The model is probably damaged: see `twin inspect`, or export it again.",
                "模型很可能已损坏：请运行 `twin inspect` 查看，或重新导出。",
            ),
        )
    answer: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return answer


def _specification(raw: Mapping[str, Any], project_id: str) -> SpecificationResult:
    outcome: Outcome = "pass"
    if not raw["for_this_schema"]:
        outcome = "other_schema"
    elif not raw["passed"]:
        outcome = "fail"
    elif not raw["applicable"] and raw["usage"] != "prohibited":
        outcome = "no_elements"
    return SpecificationResult(
        identifier=raw["identifier"],
        name=both_languages(raw["name"]),
        description=both_languages(raw["description"]),
        usage=raw["usage"],
        outcome=outcome,
        applicable=raw["applicable"],
        failed=raw["failed"],
        causes=tuple(read_cause(cause, raw, project_id) for cause in raw["causes"]),
    )


def _missing_extra() -> TwinError:
    return TwinError(
        "missing-extra",
        "twin check",
        Text("The check of models needs ifctester.", "模型检查需要 ifctester。"),
        Text("Install it with `pip install greentwin[check]`.", "请用 `pip install greentwin[check]` 安装。"),
    )


def _refusal(where: str, source: SourceFile, answer: Mapping[str, str]) -> TwinError | IfcError:
    """The error for what the worker could not do: read the IDS, open the model, or run one on the other."""
    match answer["error"]:
        case "ids":
            return _refused_ids(where, answer)
        case "model":
            return _refused_model(source, answer)
    return TwinError(
        "check-failed",
        f"{where}, {source.path}",
        Text(f"ifctester failed: {answer['reason']}.", f"ifctester 运行失败：{answer['reason']}。"),
        Text(
            "Look for a wrong pattern or value in the IDS, and for damage in the model (`twin inspect`).",
            "请检查 IDS 中的正则表达式与取值，并用 `twin inspect` 检查模型是否损坏。",
        ),
    )


def _refused_ids(where: str, answer: Mapping[str, str]) -> TwinError:
    place = f" ({answer['path']})" if answer["path"] else ""
    return TwinError(
        "ids-invalid",
        where,
        Text(
            f"Not a valid IDS 1.0: {answer['reason']}{place}.", f"不符合 IDS 1.0：{answer['reason']}{place}。"
        ),
        Text(
            "Correct the place named; `twin ids` writes a valid file.",
            "请改正所指出的位置；`twin ids` 可生成合格的文件。",
        ),
    )


def _refused_model(source: SourceFile, answer: Mapping[str, str]) -> IfcError:
    return IfcError(
        "reader-failed",
        str(source.path),
        Text(
            f"IfcOpenShell cannot open the file: {answer['reason']}.",
            f"IfcOpenShell 无法打开该文件：{answer['reason']}。",
        ),
        Text("Export the model again and copy it whole.", "请重新导出模型，并确认文件完整复制。"),
    )


def _other_schema(where: str, schema: str, answer: Mapping[str, Any]) -> TwinError:
    wanted = ", ".join(sorted({name for one in answer["specifications"] for name in one["schemas"]}))
    return TwinError(
        "ids-other-schema",
        where,
        Text(
            f"Its specifications are for {wanted}; the model is {schema}.",
            f"其中的要求针对 {wanted}，而模型为 {schema}。",
        ),
        Text(
            "Write one for this schema: `twin ids --schema ...`.",
            "请生成对应版本的文件：`twin ids --schema ...`。",
        ),
    )
