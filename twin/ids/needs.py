"""The data that a model must carry so that the clauses of GB/T 50378 can be told from it.

The needs live in ``needs.yaml``; this module reads them and selects those of the clauses that a project wants
to earn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

import ifcopenshell
import yaml

from ifc.model import Text
from twin.errors import TwinError
from twin.project import Project
from twin.rating.declarations import read_declarations
from twin.rating.standard import Clause, Standard
from twin.rating.standard_reader import load_standard

Schema = Literal["IFC2X3", "IFC4", "IFC4X3"]
Value = bool | float | str

STAR_TABLE = "3.2.8"
_STAR_TABLE_TITLE = Text("Requirements of the star levels (table 3.2.8)", "星级技术要求（表 3.2.8）")
SCHEMA_IDENTIFIERS: Mapping[Schema, str] = {"IFC2X3": "IFC2X3", "IFC4": "IFC4", "IFC4X3": "IFC4X3_ADD2"}


@dataclass(frozen=True, slots=True)
class Limit:
    """What a value must be; all None and empty: anything but nothing. Numbers in SI units."""

    min: float | None = None
    max: float | None = None
    above: float | None = None  # exclusive minimum
    one_of: tuple[Value, ...] = ()
    pattern: str = ""  # of XML Schema, over the whole text
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that an element must carry.

    ``name`` is ``"Set.Name"`` of a property or quantity, the name of an attribute, the class of the whole
    that the element is part of (``inside``), or empty for a material.
    """

    kind: Literal["property", "attribute", "material", "inside"]
    name: str
    label: Text
    data_type: str = ""  # "IfcBoolean"; "" for any
    limit: Limit = Limit()
    may: bool = False  # need not be there, but must be right where it is
    relation: str = ""  # of ``inside``
    stars: Mapping[int, Limit] | None = None  # limits that hold when that many stars are asked for


@dataclass(frozen=True, slots=True)
class DataNeed:
    """What one kind of element must carry, and for which clauses."""

    id: str
    title: Text
    clauses: tuple[str, ...]
    occurs: Literal["required", "wanted", "optional"]
    entities: tuple[str, ...]
    asks: tuple[Ask, ...]
    predefined: tuple[str, ...] = ()
    where: tuple[tuple[str, Value | None], ...] = ()  # ("Set.Name", value), None for any value
    matching: tuple[tuple[str, str], ...] = ()  # (attribute, pattern)
    building: Literal["residential", "public"] | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """The clauses that a project wants to earn.

    ``named``: they were asked for one by one or for a number of stars, so their elements must be there.
    """

    clauses: tuple[str, ...]
    named: bool = False
    stars: int | None = None


@cache
def load_needs() -> tuple[DataNeed, ...]:
    """All needs of the package's data file (read once)."""
    text = resources.files("twin.ids").joinpath("needs.yaml").read_text("utf-8")
    return tuple(_need(raw) for raw in yaml.load(text, yaml.CSafeLoader)["needs"])


def carried_clauses() -> tuple[str, ...]:
    """The clauses that a model can carry data for, in the order of the standard; table 3.2.8 first."""
    known = {clause for need in load_needs() for clause in need.clauses}
    return (STAR_TABLE, *(clause.id for clause in load_standard().clauses if clause.id in known))


def goal_of(project: Project, clauses: Sequence[str] | None = None, stars: int | None = None) -> Goal:
    """The clauses that count: those named, those that reach a number of stars, or all that a model can carry.

    Clauses that twin.toml declares as a whole, with their evidence, need no data of the model and are left
    out unless they are named.

    Raises:
        TwinError: a clause that the standard lacks or that no model can show; a wrong declaration.
    """
    if clauses is not None:
        return Goal(_known(clauses), named=True, stars=stars)
    standard = load_standard()
    declared = {
        name: verdict
        for name, verdict in read_declarations(project, standard).verdicts.items()
        if verdict.problem is None and (verdict.met or verdict.points is not None)
    }
    carried = tuple(clause for clause in carried_clauses() if clause not in declared)
    if stars is None:
        return Goal(carried)
    earned = {
        clause.id: verdict.points if verdict.points is not None else clause.points
        for clause in standard.clauses
        if (verdict := declared.get(clause.id)) is not None
    }
    return Goal(_for_stars(stars, standard, project.project.stage, carried, earned), True, stars)


def _for_stars(
    stars: int, standard: Standard, stage: str, carried: Sequence[str], earned: Mapping[str, float]
) -> tuple[str, ...]:
    """Control items, table 3.2.8, and the scoring clauses of most points that could reach the stars.

    First each group's minimum, then the total; declared points count. When they do not reach it, all stay.
    """
    level = next(level for level in standard.levels if level.stars == stars)
    wanted = level.total * standard.divisor - standard.control_points
    clauses = {clause.id: clause for clause in standard.clauses}
    scoring = sorted(
        (clauses[name] for name in carried if name in clauses and clauses[name].kind != "control"),
        key=lambda clause: -clause.points,
    )
    scoring = [clause for clause in scoring if stage in clause.stages]
    chosen: set[str] = set()
    for group in standard.groups:
        if not group.bonus:
            least = standard.group_minimum_share * group.full_points[stage]
            known = sum(points for name, points in earned.items() if clauses[name].group == group.id)
            own = [clause for clause in scoring if clause.group == group.id]
            chosen |= _until(own, least - known)
    total = sum(earned.values()) + sum(clauses[name].points for name in chosen)
    chosen |= _until([clause for clause in scoring if clause.id not in chosen], wanted - total)
    return tuple(
        name
        for name in carried
        if name in chosen or name == STAR_TABLE or (name in clauses and clauses[name].kind == "control")
    )


def _until(clauses: Iterable[Clause], points: float) -> set[str]:
    """The first clauses whose points together reach ``points``."""
    taken: set[str] = set()
    for clause in clauses:
        if points <= 0:
            break
        taken.add(clause.id)
        points -= clause.points
    return taken


def _known(names: Sequence[str]) -> tuple[str, ...]:
    carried = carried_clauses()
    standard = {clause.id for clause in load_standard().clauses}
    unknown = [name for name in names if name not in standard and name != STAR_TABLE]
    if unknown or not names:
        raise TwinError(
            "unknown-clause",
            f"--clauses {','.join(names)}",
            Text(
                f"GB/T 50378 has no clause {', '.join(unknown) or '(none named)'}.",
                f"GB/T 50378 没有条文 {'、'.join(unknown) or '（未给出）'}。",
            ),
            Text("Write numbers such as 5.2.8,7.2.4.", "请按 5.2.8,7.2.4 的形式填写条文号。"),
        )
    silent = [name for name in names if name not in carried]
    if silent:
        raise TwinError(
            "clause-not-in-model",
            f"--clauses {','.join(names)}",
            Text(
                f"No data of a model decide {', '.join(silent)}.",
                f"模型数据无法判定条文 {'、'.join(silent)}。",
            ),
            Text(
                f'Declare it with its evidence in twin.toml: [declared."{silent[0]}"].',
                f'请在 twin.toml 中声明并附证明文件：[declared."{silent[0]}"]。',
            ),
        )
    return tuple(name for name in carried if name in names)


def select_needs(goal: Goal, schema: Schema, project: Project) -> tuple[DataNeed, ...]:
    """The needs of the goal's clauses in one schema.

    Each comes with the clauses that the goal holds, with the classes that the schema has, with ``occurs``
    "required" or "optional", and with the limits of the number of stars.
    """
    building = project.project.building_type
    selected = []
    for need in load_needs():
        served = tuple(clause for clause in need.clauses if clause in goal.clauses)
        wrong_type = building is not None and need.building not in (None, building)
        entities = tuple(name for name in need.entities if name in classes_of(schema))
        if not served or not entities or wrong_type:
            continue
        required = need.occurs == "required" or (need.occurs == "wanted" and goal.named)
        asks = tuple(_for_level(ask, goal.stars) for ask in need.asks)
        if need.building is not None and building is None:  # it may be the other type: nothing is demanded
            required, asks = False, tuple(replace(ask, may=True) for ask in asks if ask.kind != "inside")
        if not asks:
            continue
        selected.append(
            replace(
                need,
                clauses=served,
                entities=entities,
                occurs="required" if required else "optional",
                asks=asks,
            )
        )
    return tuple(selected)


@cache
def classes_of(schema: Schema) -> frozenset[str]:
    """The classes that IDS may name for a schema.

    In IFC2X3 these are also the occurrences that only their types tell apart, such as IfcSensor of
    IfcSensorType.
    """
    definition = ifcopenshell.ifcopenshell_wrapper.schema_by_name(SCHEMA_IDENTIFIERS[schema])
    names = {entity.name() for entity in definition.entities()}
    if schema == "IFC2X3":
        names |= {name.removesuffix("Type") for name in names if name.endswith("Type")}
    return frozenset(names)


def _for_level(ask: Ask, stars: int | None) -> Ask:
    """The ask with its limits for a number of stars."""
    if stars is None or ask.stars is None:
        return ask
    given = {name: value for name in ("min", "max") if (value := getattr(ask.stars[stars], name)) is not None}
    return replace(ask, limit=replace(ask.limit, **given))


def clause_text(clause_id: str) -> Text:
    """A clause in a line: number, title, kind and points."""
    if clause_id == STAR_TABLE:
        return Text(f"{clause_id} {_STAR_TABLE_TITLE.en}", f"{clause_id} {_STAR_TABLE_TITLE.zh}")
    clause = load_standard().clause(clause_id)
    kinds = {
        "control": Text("control item", "控制项"),
        "scoring": Text(f"scoring item, {clause.points:g} points", f"评分项，{clause.points:g} 分"),
        "bonus": Text(f"bonus item, {clause.points:g} points", f"加分项，{clause.points:g} 分"),
    }
    kind = kinds[clause.kind]
    return Text(f"{clause.id} {clause.title.en} ({kind.en})", f"{clause.id} {clause.title.zh}（{kind.zh}）")


def _need(raw: Mapping[str, Any]) -> DataNeed:
    return DataNeed(
        id=raw["id"],
        title=Text(raw["en"], raw["zh"]),
        clauses=tuple(raw["clauses"]),
        occurs=raw["occurs"],
        entities=_listed(raw["entity"]),
        asks=tuple(_ask(ask) for ask in raw["asks"]),
        predefined=_listed(raw.get("predefined", ())),
        where=tuple(raw.get("where", {}).items()),
        matching=tuple(raw.get("matching", {}).items()),
        building=raw.get("building"),
    )


def _ask(raw: Mapping[str, Any]) -> Ask:
    kind: Literal["property", "attribute", "material", "inside"]
    kind = next(kind for kind in ("property", "attribute", "material", "inside") if kind in raw)
    stars = raw.get("stars")
    return Ask(
        kind=kind,
        name="" if kind == "material" else raw[kind],
        label=Text(raw["en"], raw["zh"]),
        data_type=raw.get("type", ""),
        limit=_limit(raw),
        may=raw.get("may", False),
        relation=raw.get("relation", ""),
        stars=stars and {level: _limit(limit) for level, limit in stars.items()},
    )


def _limit(raw: Mapping[str, Any]) -> Limit:
    return Limit(
        min=raw.get("min"),
        max=raw.get("max"),
        above=raw.get("above"),
        one_of=tuple(raw.get("one_of", ())),
        pattern=raw.get("pattern", ""),
        value=raw.get("value"),
    )


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
