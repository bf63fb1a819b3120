"""twin.toml: the models, the weather, and what a model cannot show."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from ifc.model import Text, reason_of
from twin.calculation_sections import CarbonSection, SystemsSection
from twin.daylight_sections import DaylightSection
from twin.errors import TwinError
from twin.live.sections import FeedSection, LiveSection, OutletSection
from twin.section import Finite, Fraction, Hour, NonNegative, Positive, Section
from twin.storm_sewers import StormSewers

# GB 50176-2016 table 4.1.2
ThermalZone = Literal["1A", "1B", "1C", "2A", "2B", "3A", "3B", "4A", "4B", "5A", "5B"]


class ProjectSection(Section):
    """[project]: what is rated, and when."""

    name: str = ""
    stage: Literal["pre_evaluation", "evaluation"] = "pre_evaluation"
    building_type: Literal["residential", "public"] | None = None  # None: from the rooms' uses
    city: str = "Nanchang"
    thermal_zone: ThermalZone | None = None  # None: from the city
    full_fit_out: bool | None = None  # 全装修, required for every star


class WeatherSection(Section):
    """[weather]: files that replace the built-in typical year and rain of the city."""

    epw: Path | None = None
    rain: Path | None = None  # CSV with columns time, depth_mm


class GroundCover(Section):
    """One [[site.covers]]: a piece of ground that the model does not show."""

    kind: Literal[
        "roof", "green_roof", "road", "paving", "permeable_paving", "green", "sunken_green",
        "water", "tank", "tree", "parking",
    ]  # fmt: skip
    area_m2: NonNegative
    storage_depth_m: NonNegative | None = None
    storage_volume_m3: NonNegative | None = None


class StormFormula(Section):
    """[site.storm_formula]: q = k (1 + C lg P) / (t + b)^n in L/(s ha), t in min, P in years."""

    coefficient: Positive  # k, that is 167 A1
    c: NonNegative
    b: NonNegative
    n: Annotated[float, Field(gt=0, le=2)]


class FacilityLayers(Section):
    """[site.facilities.KIND]: layers of a kind of cover, where the model does not state them."""

    surface_m: NonNegative | None = None  # depth to the overflow; of sunken green, see its covers
    soil_m: Positive | None = None
    porosity: Fraction | None = None
    field_capacity: Fraction | None = None
    wilting_point: Fraction | None = None
    conductivity_mm_h: Positive | None = None
    conductivity_slope: Positive | None = None
    suction_mm: NonNegative | None = None
    storage_m: NonNegative | None = None
    storage_void: Annotated[float, Field(gt=0, le=1)] | None = None
    pavement_m: Positive | None = None
    pavement_void: Annotated[float, Field(gt=0, lt=1)] | None = None
    permeability_mm_h: Positive | None = None
    seepage_mm_h: NonNegative | None = None
    drain_mm_h: NonNegative | None = None  # what the underdrain takes
    mat_roughness: Positive | None = None

    @model_validator(mode="after")
    def _soil_in_order(self) -> FacilityLayers:
        stated = [
            value for value in (self.wilting_point, self.field_capacity, self.porosity) if value is not None
        ]
        if stated != sorted(set(stated)):
            raise ValueError("wilting_point < field_capacity < porosity")
        return self


LayeredKind = Literal["green_roof", "permeable_paving", "green", "sunken_green"]
DrainingKind = Literal[
    "roof", "green_roof", "road", "paving", "permeable_paving", "parking", "green", "sunken_green", "water",
    "tank",
    "unknown",
]  # fmt: skip


class SiteSection(Section):
    """[site]: location and ground, where the model is silent or wrong."""

    latitude_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude_deg: Annotated[float, Field(ge=-180, le=180)] | None = None
    north_deg: Finite | None = None
    area_m2: Positive | None = None
    covers: tuple[GroundCover, ...] = ()
    catchments: Path | None = None  # GeoJSON or CSV, whose ground replaces that of the model
    storm_formula: StormFormula | None = None  # None: the city's, if it is known
    trees_shade: bool = False  # the trees of the model stand in the way of light and sun
    facilities: dict[LayeredKind, FacilityLayers] = Field(default_factory=dict)
    drainage: dict[DrainingKind, DrainingKind | Literal["outlet"]] = Field(default_factory=dict)
    pipes: StormSewers = ()

    @model_validator(mode="after")
    def _drains_out(self) -> SiteSection:
        for kind in self.drainage:
            passed = {kind}
            to: str = self.drainage[kind]
            while to in self.drainage:
                if to in passed:
                    raise ValueError(f"{kind} drains in a circle")
                passed.add(to)
                to = self.drainage[to]
        return self


class GreywaterSection(Section):
    """[water.greywater]: used water of the homes that is treated and used again."""

    sources: Annotated[tuple[Literal["bathing", "basin", "laundry"], ...], Field(min_length=1)] = (
        "bathing",
        "basin",
    )
    treated_m3_d: Positive  # what the plant can give
    tank_m3: Positive  # of treated water


class WaterSection(Section):
    """[water]: what rainwater and other non-traditional water serve."""

    residents: NonNegative | None = None
    workers: NonNegative | None = None  # people of a shift in offices, schools, shops
    serves: tuple[Literal["irrigation", "washing", "flushing"], ...] | None = None  # None: as the tank states
    reclaimed_m3_d: NonNegative = 0.0  # from outside the site, beside the rain
    greywater: GreywaterSection | None = None

    @model_validator(mode="after")
    def _greywater_has_users(self) -> WaterSection:
        if self.greywater is not None and self.residents is None:
            raise ValueError("greywater needs residents")
        return self


class SunlightSection(Section):
    """[sunlight]: the sunlight standard of the place, and whether the neighbours are in the model."""

    day: Literal["dahan", "winter_solstice"] | None = None  # None: from the city
    hours: Positive | None = None  # of a dwelling on that day
    neighbours_modelled: bool = False  # every building that can shade this one is in the model


class EnergySection(Section):
    """[energy]: options of the thermal calculation."""

    heating_setpoint_c: Finite | None = None
    cooling_setpoint_c: Finite | None = None
    air_changes_per_hour: NonNegative | None = None
    u_value_w_m2k: dict[Literal["wall", "roof", "floor", "ground_floor", "window", "door"], Positive] = Field(
        default_factory=dict
    )  # for elements that state none
    shgc: Fraction | None = None
    daylight_dimming: bool = False  # the lights are dimmed by the daylight in their room
    openable_share: Fraction | None = None  # of the windows: people open it while that cools a room
    night_purge_air_changes: Positive | None = None  # 1/h, of fans
    night_purge_hours: tuple[Hour, Hour] = (22, 7)  # from, to
    leakage_n50: Positive | None = None  # 1/h, air changes of the building at 50 Pa through its leaks
    heat_recovery: Fraction | None = None  # of the sensible heat of mechanical fresh air
    blind_factor: Fraction | None = None  # of sun and light that come past a closed blind
    blind_uses: tuple[str, ...] = ()  # use ids of the rooms with blinds; (): all
    blind_irradiance_w_m2: Positive | None = None  # on the window, above which the blind is closed


class Declaration(Section):
    """One [declared."4.1.2"]: what a person vouches for, with the file that shows it."""

    met: bool | None = None  # the whole clause, or the item when the key names one ("4.2.9-1")
    points: NonNegative | None = None
    evidence: Path | None = None
    by: str = ""
    note: str = ""


class Fact(Section):
    """One [facts.NAME]: a value of the standard's metric NAME that the model cannot show."""

    value: Finite | bool | str
    evidence: Path | None = None
    note: str = ""


class Project(Section):
    """A whole twin.toml. Relative paths are relative to ``folder``."""

    folder: Path = Path()
    file: Path | None = None  # None: no twin.toml, every option at its default
    project: ProjectSection = ProjectSection()
    weather: WeatherSection = WeatherSection()
    site: SiteSection = SiteSection()
    water: WaterSection = WaterSection()
    daylight: DaylightSection = DaylightSection()
    sunlight: SunlightSection = SunlightSection()
    energy: EnergySection = EnergySection()
    systems: SystemsSection = SystemsSection()
    carbon: CarbonSection = CarbonSection()
    uses: dict[str, str] = Field(default_factory=dict)  # room name or GlobalId, * and ? allowed -> use id
    declared: dict[str, Declaration] = Field(default_factory=dict)
    facts: dict[str, Fact] = Field(default_factory=dict)
    live: LiveSection = LiveSection()
    feeds: tuple[FeedSection, ...] = ()
    outlets: tuple[OutletSection, ...] = ()

    def resolve(self, path: Path) -> Path:
        """``path`` relative to the folder of twin.toml."""
        return path if path.is_absolute() else self.folder / path


def read_project(path: Path | str) -> Project:
    """Read and check a twin.toml.

    Raises:
        TwinError: the file is missing, is not TOML, or has an unknown key or a value out of range.
    """
    path = Path(path)
    try:
        # Editors on Windows like to begin a file with a byte-order mark, which TOML does not know.
        data: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise TwinError(
            "project-file-missing",
            str(path),
            Text("The file does not exist.", "文件不存在。"),
            Text("Check the path, or write one with `twin init`.", "请检查路径，或用 `twin init` 生成。"),
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TwinError(
            "project-file-unreadable",
            str(path),
            reason_of(error).within("The file cannot be read: {}.", "无法读取文件：{}。"),
            Text("Save it as UTF-8 text where it can be read.", "请保存为 UTF-8 文本，并确保可以读取。"),
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error)) from error
    for reserved in ("folder", "file"):
        if reserved in data:
            raise _unknown_key(path, (reserved,))
    try:
        return Project(folder=path.parent, file=path, **data)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "extra_forbidden":
            raise _unknown_key(path, first["loc"]) from error
        raise TwinError(
            "project-value",
            f"{path}, {_toml_key(first['loc'])}",
            _what_is_wrong(first),
            Text(
                "Correct this value; `twin init` writes a commented example.",
                "请改正该值；`twin init` 会生成带注释的示例。",
            ),
        ) from error


def _not_toml(path: Path, said: str) -> TwinError:
    """An error of syntax; ``said`` is the parser's own word."""
    place = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    twice = re.search(r"overwrite|twice|redefine|[Dd]uplicate|mutate", said)
    what = "有重复的键或表" if twice else "不符合 TOML 语法"
    at = f"第 {place[2]} 列" if place else "文件末尾"
    return TwinError(
        "project-file-unreadable",
        f"{path}:{place[1]}" if place else str(path),
        Text(f"Not valid TOML: {said}.", f"{at}{what}。"),
        Text(
            "Correct this line; texts stand in quotes, tables in [brackets].",
            "请改正该行：文本加引号，表名用方括号。",
        ),
    )


def _what_is_wrong(error: ErrorDetails) -> Text:
    """A validation error in both languages."""
    limits = error.get("ctx", {})
    got = error["input"]
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    for name, sign in signs.items():
        if name in limits:
            bound = f"{sign} {limits[name]:g}"
            return Text(f"{got!r} is out of range, needs {bound}.", f"{got!r} 超出范围，要求 {bound}。")
    if error["type"] == "password_in_file":  # and not in a message either
        return Text("A password does not belong into the file.", "密码不应写入文件。")
    if "expected" in limits:
        expected = str(limits["expected"])
        listed = expected.replace(" or ", "、").replace(", ", "、")
        return Text(f"{got!r} is none of {expected}.", f"{got!r} 不是下列之一：{listed}。")
    if error["type"] in ("missing", "union_tag_not_found"):
        key = "" if error["type"] == "missing" else f" `{limits['discriminator'].strip(chr(39))}`"
        return Text(f"The key{key} is missing.", f"缺少键{key}。")
    if error["type"] == "union_tag_invalid":
        known = limits["expected_tags"].replace("'", "")
        return Text(
            f"The kind {limits['tag']!r} is none of {known}.", f"没有类型 {limits['tag']!r}；可用：{known}。"
        )
    if error["type"] in ("too_short", "string_too_short", "string_pattern_mismatch"):
        return Text(f"{got!r} is not of the form that this key needs.", f"{got!r} 不符合该键的要求。")
    kinds = {
        "float": Text("a number", "数值"),
        "bool": Text("true or false", "true 或 false"),
        "string": Text("a text in quotes", "带引号的文本"),
        "path": Text("a path in quotes", "带引号的路径"),
        "dict": Text("a table", "表"),
        "tuple": Text("a list", "列表"),
        "finite": Text("a finite number", "有限数值"),
    }
    kind = next((text for name, text in kinds.items() if error["type"].startswith(name)), None)
    if kind is not None:
        return Text(f"{got!r} is not {kind.en}.", f"{got!r} 不是{kind.zh}。")
    return Text(f"{error['msg']} (got {got!r}).", f"取值有误：{error['msg']}（当前 {got!r}）。")


def _unknown_key(path: Path, location: Sequence[int | str]) -> TwinError:
    nearest = get_close_matches(str(location[-1]), _names_beside(location), n=1)
    hint = Text(f" Did you mean {nearest[0]}?", f"是否为 {nearest[0]}？") if nearest else Text("", "")
    return TwinError(
        "unknown-key",
        f"{path}, {_toml_key(location)}",
        Text("Unknown key." + hint.en, "未知的键。" + hint.zh),
        Text(
            "Remove it or correct its spelling; `twin init` lists every key.",
            "请删除或改正拼写；`twin init` 列出了全部键。",
        ),
    )


def _names_beside(location: Sequence[int | str]) -> list[str]:
    """The keys that may stand where the unknown one stands."""
    model: type[BaseModel] = Project
    for part in location[:-1]:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        kind = model.model_fields[part].annotation
        inner = [
            one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)
        ]
        if inner:
            model = inner[0]
    return [name for name in model.model_fields if model is not Project or name not in ("folder", "file")]


def _toml_key(location: Sequence[int | str]) -> str:
    """A place in the file as TOML writes it: declared."4.1.2".met."""
    parts = [str(part) for part in location]
    if parts[0] == "facts":
        parts = parts[:3]  # without the alternatives of a fact's value
    if parts[0] in ("feeds", "outlets") and len(parts) > 3:
        del parts[2]  # the kind, which is no key
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in parts)
