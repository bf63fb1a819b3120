"""What twin.toml declares, checked against the standard's names and against the evidence files on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ifc.model import Text
from twin.errors import TwinError
from twin.metrics.result import Need
from twin.project import Declaration, Project
from twin.rating.facts import Value
from twin.rating.standard import Clause, Item, Metric, Standard


@dataclass(frozen=True, slots=True)
class DeclaredFact:
    """A value of ``[facts.NAME]``. ``problem`` says why it does not count (its evidence is missing)."""

    value: Value
    source: str
    evidence: str
    note: str
    problem: Need | None


@dataclass(frozen=True, slots=True)
class DeclaredVerdict:
    """A ``[declared."ID"]`` of a clause or an item. ``problem`` says why it does not count."""

    points: float | None  # None: met or not met as a whole
    met: bool
    source: str
    evidence: str
    note: Text
    problem: Need | None


@dataclass(frozen=True, slots=True)
class Declarations:
    """Everything that twin.toml vouches for."""

    facts: Mapping[str, DeclaredFact]
    verdicts: Mapping[str, DeclaredVerdict]  # by clause or item id


def read_declarations(project: Project, standard: Standard) -> Declarations:
    """Check the names, values and evidence files of ``[facts.*]`` and ``[declared.*]``.

    Raises:
        TwinError: an unknown clause, item or fact name, a value that does not fit its metric, or points that
            the clause does not have.
    """
    return Declarations(
        facts={name: _fact(name, project, standard) for name in project.facts},
        verdicts={name: _verdict(name, project, standard) for name in project.declared},
    )


def _fact(name: str, project: Project, standard: Standard) -> DeclaredFact:
    stated = project.facts[name]
    key = f"[facts.{name}]"
    where = f"{_file(project)}, {key}"
    metric = standard.metrics.get(name)
    if metric is None:
        raise _unknown("unknown-fact", where, name, standard.metrics, "fact", "事实名")
    _check_value(stated.value, metric, where)
    problem = None if metric.project else _evidence_problem(stated.evidence, project, key)
    return DeclaredFact(
        value=stated.value,
        source=f"{key} in twin.toml",
        evidence=str(stated.evidence) if stated.evidence else "",
        note=stated.note,
        problem=problem,
    )


def _verdict(name: str, project: Project, standard: Standard) -> DeclaredVerdict:
    stated = project.declared[name]
    key = f'[declared."{name}"]'
    where = f"{_file(project)}, {key}"
    target = _target(name, standard, where)
    _check_declaration(stated, target, where)
    nothing_claimed = stated.met is False or stated.points == 0
    return DeclaredVerdict(
        points=stated.points,
        met=bool(stated.met if stated.met is not None else stated.points),
        source=f"{key} in twin.toml",
        evidence=str(stated.evidence) if stated.evidence else "",
        note=_signature(stated),
        problem=None if nothing_claimed else _evidence_problem(stated.evidence, project, key),
    )


def _target(name: str, standard: Standard, where: str) -> Clause | Item:
    targets: dict[str, Clause | Item] = {clause.id: clause for clause in standard.clauses}
    targets |= {item.id: item for clause in standard.clauses for item in clause.items}
    if name in targets:
        return targets[name]
    if name in standard.deleted_clauses:
        new = standard.deleted_clauses[name]
        raise TwinError(
            "deleted-clause",
            where,
            Text(f"Clause {name} was deleted by the 2024 revision.", f"2024 年局部修订已删除第 {name} 条。"),
            Text(f"Use {new}, which replaced it.", f"请改用替代它的第 {new} 条。"),
        )
    alike = [target for target in targets if ("-" in target) == ("-" in name)]
    raise _unknown("unknown-clause", where, name, alike, "clause or item", "条文或款的编号")


def _check_declaration(stated: Declaration, target: Clause | Item, where: str) -> None:
    if stated.met is None and stated.points is None:
        raise TwinError(
            "empty-declaration",
            where,
            Text("It states neither met nor points.", "既未声明 met，也未声明 points。"),
            Text("Add met = true or false, or points.", "请添加 met = true 或 false，或 points。"),
        )
    if stated.points is not None and stated.points > target.points:
        raise TwinError(
            "declared-points",
            where,
            Text(
                f"{stated.points:g} points are more than the {target.points:g} of {target.id}.",
                f"{stated.points:g} 分超过 {target.id} 的满分 {target.points:g} 分。",
            ),
            Text("Lower them; control items have no points.", "请减小分值；控制项没有分值。"),
        )
    if stated.met is False and stated.points:
        raise TwinError(
            "contradictory-declaration",
            where,
            Text("met is false, but points are claimed.", "met 为 false，却声明了得分。"),
            Text("Keep one of the two.", "请只保留其中一个。"),
        )


def _check_value(value: Value, metric: Metric, where: str) -> None:
    if metric.unit == "bool":
        fits, wanted = isinstance(value, bool), Text("true or false", "true 或 false")
    elif allowed := metric.values or metric.order:
        listed = ", ".join(allowed)
        fits, wanted = value in allowed, Text(f"one of: {listed}", f"下列之一：{listed}")
    else:
        fits = isinstance(value, float | int) and not isinstance(value, bool)
        wanted = Text(f"a number in {metric.unit}", f"数值（单位 {metric.unit}）")
    if not fits:
        raise TwinError(
            "fact-value",
            where,
            Text(
                f"{value!r} does not fit: {metric.label.en}.", f"取值 {value!r} 不适用于：{metric.label.zh}。"
            ),
            Text(f"State {wanted.en}.", f"请填写{wanted.zh}。"),
        )


def _evidence_problem(evidence: Path | None, project: Project, key: str) -> Need | None:
    if evidence is None:
        return Need(
            Text(f"{key} names no evidence file, so it does not count.", f"{key} 未指明证明文件，不予采信。"),
            Text('Add evidence = "FILE" to it.', '请为其添加 evidence = "文件"。'),
        )
    path = project.resolve(evidence)
    if path.is_file():
        return None
    return Need(
        Text(f"The evidence file of {key} does not exist: {path}.", f"{key} 的证明文件不存在：{path}。"),
        Text("Put the file there, or correct its path.", "请放置该文件，或改正其路径。"),
    )


def _signature(stated: Declaration) -> Text:
    parts_en = [f"declared by {stated.by}"] if stated.by else []
    parts_zh = [f"声明人：{stated.by}"] if stated.by else []
    note = [stated.note] if stated.note else []
    return Text("; ".join(parts_en + note), "；".join(parts_zh + note))


def _unknown(code: str, where: str, name: str, known: Iterable[str], kind_en: str, kind_zh: str) -> TwinError:
    nearest = get_close_matches(name, list(known), n=1, cutoff=0.5)
    remedy = (
        Text(f"Did you mean {nearest[0]}?", f"是否为 {nearest[0]}？")
        if nearest
        else Text("docs/rating.md says where the names are listed.", "名称清单见 docs/rating.md。")
    )
    return TwinError(
        code, where, Text(f"There is no such {kind_en}: {name}.", f"没有这样的{kind_zh}：{name}。"), remedy
    )


def _file(project: Project) -> str:
    return str(project.file) if project.file else "project"
