"""Many models or revisions, each evaluated in a process of its own, into one table."""

from __future__ import annotations

import csv
import glob
import json
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ifc.model import Language, Text, reason_of
from twin.errors import TwinError

MODEL_SUFFIXES = (".ifc", ".ifczip")


@dataclass(frozen=True, slots=True)
class Task:
    """One model to evaluate, with its own twin.toml and weather, if any."""

    model: Path
    project: Path | None
    weather: Path | None


def find_models(target: str, project: Path | None = None, weather: Path | None = None) -> list[Task]:
    """The models of a folder, a file, a glob pattern or a manifest.

    A manifest is a CSV file with a column ``model`` and, optionally, ``project`` and ``weather``; its
    relative paths are relative to its folder. A model without a project of its own gets the twin.toml
    beside it that bears its name (``tower.toml`` for ``tower.ifc``), else ``project``.

    Raises:
        TwinError: nothing is there, or the manifest has no column ``model``.
    """
    path = Path(target)
    if path.suffix.lower() == ".csv":
        return _read_manifest(path, project, weather)
    if path.is_dir():
        models = [file for file in path.iterdir() if file.suffix.lower() in MODEL_SUFFIXES]
    elif path.is_file():  # its name may hold what a pattern reads otherwise: tower [v2].ifc
        models = [path]
    else:
        models = [Path(name) for name in glob.glob(target, recursive=True) if Path(name).is_file()]
    if not models:
        raise TwinError(
            "no-models",
            target,
            Text("No .ifc or .ifczip file there.", "未找到 .ifc 或 .ifczip 文件。"),
            Text(
                "Name a folder with models, a glob pattern, or a CSV with a column `model`.",
                "请给出含模型的文件夹、通配符，或带 `model` 列的 CSV 清单。",
            ),
        )
    return [Task(model, _own_project(model) or project, weather) for model in sorted(models)]


def _own_project(model: Path) -> Path | None:
    own = model.with_suffix(".toml")
    return own if own.is_file() else None


def _read_manifest(path: Path, project: Path | None, weather: Path | None) -> list[Task]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TwinError(
            "manifest-unreadable",
            str(path),
            reason_of(error).within("The manifest cannot be read: {}.", "无法读取清单：{}。"),
            Text(
                "Check the path; write it as CSV in UTF-8 with a header line.",
                "请检查路径；清单应为 UTF-8 编码的 CSV，并带表头。",
            ),
        ) from error
    if not rows or "model" not in rows[0]:
        raise TwinError(
            "manifest-without-model",
            str(path),
            Text("The manifest has no column `model`, or no line.", "清单缺少 `model` 列或没有数据行。"),
            Text("Its header must be: model,project,weather", "表头应为：model,project,weather"),
        )

    def beside(name: str | None, other: Path | None) -> Path | None:
        return path.parent / name.strip() if name and name.strip() else other

    tasks = []
    for row in rows:
        model = beside(row["model"], None)
        if model is not None:
            own = beside(row.get("project"), _own_project(model) or project)
            tasks.append(Task(model, own, beside(row.get("weather"), weather)))
    return tasks


def evaluate_many(
    tasks: Sequence[Task], *, jobs: int = 1, timeout_s: float = 3600.0, language: Language = "en"
) -> Generator[dict[str, Any]]:
    """Yield a row per model as it is done, in any order; leaving off early ends the processes.

    A row has the keys ``model``, ``project``, ``sha256``, ``score_guaranteed``, ``score_attainable``,
    ``stars_guaranteed``, ``stars_attainable``, ``control_items_met``, one key ``METRIC.QUANTITY`` per
    summary quantity, ``diagnostics_error``, ``diagnostics_warning``, ``seconds`` and ``error`` (None, or
    why the model failed).
    """
    children = _Children()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = {pool.submit(_evaluate_apart, task, timeout_s, language, children) for task in tasks}
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:  # interrupted: the pool would wait for all that is left
            pool.shutdown(wait=False, cancel_futures=True)
            children.end()


@dataclass(slots=True)
class _Children:
    """The processes that run, so that an interrupted batch leaves none behind."""

    running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    ended: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, command: Sequence[str], timeout_s: float) -> tuple[int, bytes, bytes]:
        """Exit code, stdout and stderr of a command; ``subprocess.TimeoutExpired`` when it takes longer."""
        with self.lock:
            if self.ended:
                return -1, b"", b""
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.running.add(child)
        try:
            stdout, stderr = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise
        finally:
            with self.lock:
                self.running.discard(child)
        return child.returncode, stdout, stderr

    def end(self) -> None:
        """End what runs, and let nothing more begin."""
        with self.lock:
            self.ended = True
            for child in self.running:
                child.kill()


def _evaluate_apart(task: Task, timeout_s: float, language: Language, children: _Children) -> dict[str, Any]:
    """Evaluate one model with the command ``twin`` in a process of its own."""
    command = [sys.executable, "-m", "twin.cli", "evaluate", str(task.model)]
    command += ["--json", "--lang", language, "--format", ""]
    for option, path in (("--project", task.project), ("--weather", task.weather)):
        if path is not None:
            command += [option, str(path)]
    begin = time.perf_counter()
    try:
        code, stdout, stderr = children.run(command, timeout_s)
    except subprocess.TimeoutExpired:
        text = Text(f"took longer than {timeout_s:g} s", f"超过 {timeout_s:g} 秒未完成")
        return _failed_row(task, text.in_language(language), time.perf_counter() - begin)
    seconds = time.perf_counter() - begin
    try:
        data = json.loads(stdout)
    except ValueError:
        lines = stderr.decode("utf-8", "replace").strip().splitlines()
        reason = " ".join(lines[-2:]) or f"exit code {code}"
        return _failed_row(task, reason, seconds)
    if "error" in data:
        error = data["error"]
        gap = "" if language == "zh" else " "
        return _failed_row(task, f"{error['message']}{gap}{error['remedy']}".strip(), seconds)
    return _row(task, data, seconds)


def _row(task: Task, data: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    severities = [found["severity"] for found in data["diagnostics"]]
    return {
        "model": str(task.model),
        "project": str(task.project) if task.project else None,
        "sha256": data["model"]["sha256"],
        "score_guaranteed": data["score"]["guaranteed"],
        "score_attainable": data["score"]["attainable"],
        "stars_guaranteed": data["stars"]["guaranteed"],
        "stars_attainable": data["stars"]["attainable"],
        "control_items_met": data["control_items_met"],
        **{
            f"{metric}.{name}": quantity["value"]
            for metric, result in data["metrics"].items()
            for name, quantity in result["summary"].items()
        },
        "diagnostics_error": severities.count("error"),
        "diagnostics_warning": severities.count("warning"),
        "seconds": round(seconds, 3),
        "error": None,
    }


def _failed_row(task: Task, reason: str, seconds: float) -> dict[str, Any]:
    unknown = dict.fromkeys(
        ("sha256", "score_guaranteed", "score_attainable", "stars_guaranteed", "stars_attainable")
    )
    return {
        "model": str(task.model),
        "project": str(task.project) if task.project else None,
        **unknown,
        "control_items_met": None,
        "diagnostics_error": None,
        "diagnostics_warning": None,
        "seconds": round(seconds, 3),
        "error": reason,
    }


def write_table(rows: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write ``batch.csv`` (UTF-8 with a mark, so that spreadsheets show Chinese) and ``batch.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = folder / "batch.csv"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    data = folder / "batch.json"
    data.write_text(
        json.dumps({"schema_version": "1.0", "rows": list(rows)}, ensure_ascii=False, indent=1), "utf-8"
    )
    return [table, data]
