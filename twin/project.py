"""twin.toml: the models, the weather, and what a model cannot show."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ifc.model import Text
from twin.errors import TwinError

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProjectSection(_Section):
    """[project]: what is rated, and when."""

    name: str = ""
    stage: Literal["pre_evaluation", "evaluation"] = "pre_evaluation"
    building_type: Literal["residential", "public"] | None = None  # None: from the rooms' uses
    city: str = "Nanchang"
    thermal_zone: str | None = None  # "3A"; None: from the city
    full_fit_out: bool | None = None  # 全装修, required for every star


class WeatherSection(_Section):
    """[weather]: files that replace the built-in typical year and rain of the city."""

    epw: Path | None = None
    rain: Path | None = None  # CSV with columns time, depth_mm


class GroundCover(_Section):
    """One [[site.covers]]: a piece of ground that the model does not show."""

    kind: Literal[
        "roof", "green_roof", "road", "paving", "permeable_paving", "green", "sunken_green",
        "water", "tank", "tree", "parking",
    ]  # fmt: skip
    area_m2: NonNegative
    storage_depth_m: NonNegative | None = None
    storage_volume_m3: NonNegative | None = None


class SiteSection(_Section):
    """[site]: location and ground, where the model is silent or wrong."""

    latitude_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude_deg: Annotated[float, Field(ge=-180, le=180)] | None = None
    north_deg: Finite | None = None
    area_m2: Positive | None = None
    covers: tuple[GroundCover, ...] = ()


class DaylightSection(_Section):
    """[daylight]: options of the daylight calculation."""

    grid_spacing_m: Annotated[float, Field(ge=0.1, le=5)] = 0.5
    working_plane_m: Annotated[float, Field(ge=0, le=3)] = 0.75
    margin_m: Annotated[float, Field(ge=0, le=2)] = 0.5
    dirt_factor: Fraction | None = None
    visible_transmittance: Fraction | None = None  # for windows that state none


class EnergySection(_Section):
    """[energy]: options of the thermal calculation."""

    heating_setpoint_c: Finite | None = None
    cooling_setpoint_c: Finite | None = None
    air_changes_per_hour: NonNegative | None = None
    u_value_w_m2k: dict[Literal["wall", "roof", "floor", "ground_floor", "window", "door"], Positive] = Field(
        default_factory=dict
    )  # for elements that state none
    shgc: Fraction | None = None


class Declaration(_Section):
    """One [declared."4.1.2"]: what a person vouches for, with the file that shows it."""

    met: bool | None = None  # the whole clause, or the item when the key names one ("4.2.9-1")
    points: NonNegative | None = None
    evidence: Path | None = None
    by: str = ""
    note: str = ""


class Fact(_Section):
    """One [facts.NAME]: a value of the standard's metric NAME that the model cannot show."""

    value: Finite | bool | str
    evidence: Path | None = None
    note: str = ""


class Project(_Section):
    """A whole twin.toml. Relative paths are relative to ``folder``."""

    folder: Path = Path()
    file: Path | None = None  # None: no twin.toml, every option at its default
    project: ProjectSection = ProjectSection()
    weather: WeatherSection = WeatherSection()
    site: SiteSection = SiteSection()
    daylight: DaylightSection = DaylightSection()
    energy: EnergySection = EnergySection()
    declared: dict[str, Declaration] = Field(default_factory=dict)
    facts: dict[str, Fact] = Field(default_factory=dict)

    def resolve(self, path: Path) -> Path:
        """``path`` relative to the folder of twin.toml."""
        return path if path.is_absolute() else self.folder / path


def read_project(path: Path) -> Project:
    """Read and check a twin.toml.

    Raises:
        TwinError: the file is missing, is not TOML, or has an unknown key or a value out of range.
    """
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TwinError(
            "project-file-missing",
            str(path),
            Text("The file does not exist.", "文件不存在。"),
            Text("Check the path, or write one with `twin init`.", "请检查路径，或用 `twin init` 生成。"),
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TwinError(
            "project-file-unreadable",
            str(path),
            Text(f"Not a readable TOML file: {error}.", f"不是可读取的 TOML 文件：{error}。"),
            Text("Correct the place named.", "请改正所指出的位置。"),
        ) from error
    for reserved in ("folder", "file"):
        if reserved in data:
            raise _unknown_key(path, reserved)
    try:
        return Project(folder=path.parent, file=path, **data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise _unknown_key(path, key) from error
        raise TwinError(
            "project-value",
            f"{path}, {key}",
            Text(
                f"{first['msg']} (got {first['input']!r}).",
                f"取值有误：{first['msg']}（当前 {first['input']!r}）。",
            ),
            Text(
                "Correct this value; `twin init` writes a commented example.",
                "请改正该值；`twin init` 会生成带注释的示例。",
            ),
        ) from error


def _unknown_key(path: Path, key: str) -> TwinError:
    return TwinError(
        "unknown-key",
        f"{path}, {key}",
        Text("Unknown key.", "未知的键。"),
        Text(
            "Remove it or correct its spelling; `twin init` lists every key.",
            "请删除或改正拼写；`twin init` 列出了全部键。",
        ),
    )
