"""Glass and windows from the words that describe them: "6+12A+6 Low-E", "5mm clear", "断桥铝合金中空玻璃窗".

U-value of the glass after EN 673:2011; of the window as the area-weighted mean of glass and frame (ISO
10077-1 without the edge term, as the typical windows of GB 50176-2016 Annex C).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
import yaml

from ifc.model import Provenance, Text, Traced

_STEFAN_BOLTZMANN = 5.67e-8  # W/(m²·K⁴)
_MEAN_TEMPERATURE_K = 283.0
_TEMPERATURE_DIFFERENCE_K = 15.0
_GLASS_RESISTIVITY = 1.0  # m·K/W
_OUTSIDE_COEFFICIENT = 25.0  # W/(m²·K), EN 673 8
_INSIDE_COEFFICIENT = 7.7
_GRAVITY = 9.81
_PANE_MM = (2.0, 25.0)
_GAP_MM = (4.0, 40.0)
_USUAL_PANE_MM = 6.0
_USUAL_GAP_MM = 12.0
_FRAMES = ("thermal_break", "plastic", "wood", "metal")  # the more telling word first


@dataclass(frozen=True, slots=True)
class Gap:
    """The space between two panes."""

    width_mm: float
    gas: str = "air"  # "air" | "argon" | "krypton"


@dataclass(frozen=True, slots=True)
class Glazing:
    """A glazing unit as described; what the text does not say has its usual value."""

    panes_mm: tuple[float, ...]
    gaps: tuple[Gap, ...]
    glass: str  # key of the optics table: "clear", "grey", "low_e_medium", ...
    emissivity: float | None  # of the one coating, None without coating
    frame: str  # "metal" | "thermal_break" | "plastic" | "wood" | "unknown"
    text: str

    @property
    def description(self) -> Text:
        """What was understood, e.g. ``"6+12A+6 low_e_medium, frame unknown"``."""
        letters = {"air": "A", "argon": "Ar", "krypton": "Kr"}
        parts = [f"{self.panes_mm[0]:g}"]
        for gap, pane in zip(self.gaps, self.panes_mm[1:], strict=True):
            parts += [f"{gap.width_mm:g}{letters[gap.gas]}", f"{pane:g}"]
        chinese = _data()["chinese"]
        return Text(
            f"{'+'.join(parts)} {self.glass}, frame {self.frame}",
            f"{'+'.join(parts)} {chinese[self.glass]}，{chinese[self.frame]}",
        )


@dataclass(frozen=True, slots=True)
class WindowValues:
    """Thermal and optical values of a window; ``u_value`` of the whole, the optics of the glass alone."""

    u_value_w_m2k: Traced
    shgc: Traced
    visible_transmittance: Traced
    frame_ratio: Traced


@lru_cache(maxsize=4096)
def parse_glazing(text: str) -> Glazing | None:
    """The glazing unit that a text describes, or None when it says nothing about the glass."""
    normal = _normalise(text)
    said = {word for word in _data()["words"] if _says(normal, word)}
    gas = next((one for one in ("krypton", "argon") if one in said), "air")
    build_up = _build_up(normal, gas)
    if build_up is None:
        # A description must say something about the glass; a frame alone is not enough.
        if "triple" in said:
            build_up = (_USUAL_PANE_MM,) * 3, (Gap(_USUAL_GAP_MM, gas),) * 2
        elif "double" in said or ("low_e" in said and "single" not in said):
            build_up = (_USUAL_PANE_MM,) * 2, (Gap(_USUAL_GAP_MM, gas),)
        elif "single" in said or _thickness(normal) is not None:
            build_up = (_thickness(normal) or _USUAL_PANE_MM,), ()
        else:
            return None
    panes, gaps = build_up
    coating = re.search(r"e ?= ?(0\.\d+)", normal)
    emissivity = None
    if "low_e" in said:
        emissivity = float(coating.group(1)) if coating else float(_data()["emissivity"]["low_e"])
    return Glazing(
        panes_mm=panes,
        gaps=gaps,
        glass=_glass(said, panes, len(gaps)),
        emissivity=emissivity,
        frame=next((frame for frame in _FRAMES if frame in said), "unknown"),
        text=text,
    )


@lru_cache(maxsize=4096)
def frame_of_text(text: str) -> str:
    """The kind of frame that a text names: a key of the frames table, "unknown" when it names none."""
    normal = _normalise(text)
    return next((frame for frame in _FRAMES if _says(normal, frame)), "unknown")


def glazing_of_parts(panes_mm: Sequence[float], gas: str, *, coated: bool, frame: str, text: str) -> Glazing:
    """A glazing unit of stated panes; gaps are 12 mm wide, a coating is a low-E one of medium transmittance.

    ``gas`` is any text that names it; ``text`` says where all this is stated.
    """
    normal = _normalise(gas)
    named = next((one for one in ("krypton", "argon") if _says(normal, one)), "air")
    panes = tuple(float(pane) for pane in panes_mm)
    return Glazing(
        panes_mm=panes,
        gaps=(Gap(_USUAL_GAP_MM, named),) * (len(panes) - 1),
        glass=_glass({"low_e"} if coated else set(), panes, len(panes) - 1),
        emissivity=float(_data()["emissivity"]["low_e"]) if coated else None,
        frame=frame,
        text=text,
    )


def glass_u_value(glazing: Glazing) -> float:
    """U-value of the glass in the middle in W/(m²·K), vertical, EN 673:2011 clauses 5 to 7."""
    conductance = np.array([_gap_conductance(glazing, row, 0.0) for row in range(len(glazing.gaps))])
    for _ in range(8):  # the temperature differences over the gaps depend on their resistances
        if not len(conductance):
            break
        share = (1.0 / conductance) / np.sum(1.0 / conductance)
        conductance = np.array(
            [
                _gap_conductance(glazing, row, _TEMPERATURE_DIFFERENCE_K * share[row])
                for row in range(len(share))
            ]
        )
    resistance = float(np.sum(1.0 / conductance)) + sum(glazing.panes_mm) / 1000.0 * _GLASS_RESISTIVITY
    return 1.0 / (1.0 / _OUTSIDE_COEFFICIENT + resistance + 1.0 / _INSIDE_COEFFICIENT)


def window_values(glazing: Glazing, frame_ratio: Traced | None = None) -> WindowValues:
    """Values of a window with this glazing; ``frame_ratio`` where the model states it."""
    data = _data()
    frame = data["frames"][glazing.frame]
    if frame_ratio is None:
        frame_ratio = Traced(frame["ratio"], "1", Provenance.DEFAULT, frame["text"], frame["confidence"])
    ratio = float(frame_ratio.value)
    u_value = (1.0 - ratio) * glass_u_value(glazing) + ratio * float(frame["u_value"])
    number = ("single", "double", "triple")[min(len(glazing.gaps), 2)]
    visible, visible_source, shgc, shgc_source = data["optics"][number][glazing.glass]
    read_as = f"{glazing.text!r} read as {glazing.description.en}"
    return WindowValues(
        Traced(
            u_value,
            "W/(m²·K)",
            Provenance.DERIVED,
            f"EN 673 and {frame['text']}; {read_as}",
            frame["confidence"],
        ),
        _optic(shgc, shgc_source, read_as),
        _optic(visible, visible_source, read_as),
        frame_ratio,
    )


def _optic(value: float, source: str, read_as: str) -> Traced:
    origin = _data()["sources"][source]
    return Traced(value, "1", Provenance.DEFAULT, f"{origin['text']}; {read_as}", origin["confidence"])


def _gap_conductance(glazing: Glazing, row: int, difference_k: float) -> float:
    """h_s of one gap in W/(m²·K): radiation plus gas, EN 673:2011 (5) to (9)."""
    gap = glazing.gaps[row]
    density, viscosity, conductivity, capacity = _gas_properties(gap.gas)
    width = gap.width_mm / 1000.0
    grashof = _GRAVITY * width**3 * difference_k * density**2 / (_MEAN_TEMPERATURE_K * viscosity**2)
    prandtl = viscosity * capacity / conductivity
    nusselt: float = max(1.0, 0.035 * (grashof * prandtl) ** 0.38)  # vertical
    uncoated = float(_data()["emissivity"]["uncoated"])
    emissivity = uncoated
    if glazing.emissivity is not None and row == len(glazing.gaps) - 1:
        emissivity = glazing.emissivity  # the coating faces one gap: the last, next to the inner pane
    exchange = 1.0 / emissivity + 1.0 / uncoated - 1.0
    return 4.0 * _STEFAN_BOLTZMANN * _MEAN_TEMPERATURE_K**3 / exchange + nusselt * conductivity / width


def _gas_properties(gas: str) -> tuple[float, float, float, float]:
    """Density, viscosity, conductivity, heat capacity; a noble gas fills 90 % of its gap."""
    gases: Mapping[str, list[float]] = _data()["gases"]
    share = 1.0 if gas == "air" else 0.9
    mixed = [share * own + (1.0 - share) * air for own, air in zip(gases[gas], gases["air"], strict=True)]
    return mixed[0], mixed[1], mixed[2], mixed[3]


def _build_up(text: str, gas: str) -> tuple[tuple[float, ...], tuple[Gap, ...]] | None:
    """Panes and gaps of "6+12a+6", "4-16-4", "6 low e+12 ar+6+12 ar+6"."""
    for separator in ("+", "-", "/"):
        for chain in _chains(text, separator):
            build_up = _read_chain(chain, gas)
            if build_up is not None:
                return build_up
    return None


def _chains(text: str, separator: str) -> Iterator[list[str]]:
    """Runs of tokens that begin with a number, joined by ``separator``."""
    token = r"\d+(?:\.\d+)?[^+\-/;,|\d]*"
    for found in re.finditer(rf"{token}(?:{re.escape(separator)}\s*{token}){{1,8}}", text):
        yield [one.strip() for one in found.group().split(separator)]


def _read_chain(tokens: Sequence[str], gas: str) -> tuple[tuple[float, ...], tuple[Gap, ...]] | None:
    panes: list[float] = []
    gaps: list[Gap] = []
    marked = any(re.match(r"[\d.]+ ?(?:mm)? ?(?:a\b|ar\b|air|kr\b|空气|氩|氪)", one) for one in tokens)
    joins = False  # the next pane is laminated to the last
    for position, token in enumerate(tokens):
        number = re.match(r"\d+(?:\.\d+)?", token)
        if number is None:
            return None
        width = float(number.group())
        rest = token[number.end() :].strip().removeprefix("mm").strip()
        if re.match(r"pvb|sgp|eva", rest):
            joins = True
            continue
        is_gap = bool(re.match(r"a\b|ar\b|air|argon|kr\b|空气|氩|氪", rest)) if marked else position % 2 == 1
        if is_gap:
            if not _GAP_MM[0] <= width <= _GAP_MM[1] or len(gaps) >= len(panes):
                return None
            named = (
                "argon"
                if re.match(r"ar\b|argon|氩", rest)
                else "krypton"
                if re.match(r"kr|氪", rest)
                else gas
            )
            gaps.append(Gap(width, named))
            continue
        if not _PANE_MM[0] <= width <= _PANE_MM[1]:
            return None
        if joins and panes:
            panes[-1] += width
            joins = False
        else:
            panes.append(width)
    return (tuple(panes), tuple(gaps)) if panes and len(gaps) == len(panes) - 1 and gaps else None


def _thickness(text: str) -> float | None:
    """The thickness in mm of one pane of glass: "5mm clear", "1/4 in thick"."""
    inch = re.search(r"(\d+)/(\d+) ?in\b", text)
    if inch and int(inch.group(2)):
        return round(25.4 * int(inch.group(1)) / int(inch.group(2)), 1)
    glass = (
        "clear|float|glass|glazing|tempered|toughened|透明|白玻|玻璃|钢化|浮法|单玻|glas|verre|low e|gr[ae]y"
    )
    found = re.search(rf"\b(\d+(?:\.\d+)?) ?(?:mm)? ?(?:{glass})", text)
    if found and _PANE_MM[0] <= float(found.group(1)) <= _PANE_MM[1]:
        return float(found.group(1))
    return None


def _glass(said: set[str], panes: tuple[float, ...], gap_count: int) -> str:
    if "low_e" in said:
        return "low_e_high" if "high" in said else "low_e_low" if "low" in said else "low_e_medium"
    for kind in ("reflective", "green", "blue", "bronze", "grey"):
        if kind in said:
            return kind
    return "clear_3mm" if gap_count == 0 and panes[0] <= 4.0 else "clear"


def _says(text: str, word: str) -> bool:
    return any(re.search(pattern, text) for pattern in _data()["words"][word])


def _normalise(text: str) -> str:
    normal = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", str(text))).casefold()
    normal = "".join(one for one in normal if not unicodedata.combining(one))
    normal = re.sub(r"low[-_ ]?e(?![a-z])", "low e", normal)
    return re.sub(r"[\s_]+", " ", normal.replace("（", "(").replace("）", ")"))


@cache
def _data() -> Mapping[str, Any]:
    text = resources.files("ifc").joinpath("data/glazing.yaml").read_text("utf-8")
    data: Mapping[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return data
