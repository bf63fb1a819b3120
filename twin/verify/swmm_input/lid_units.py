"""LID controls and their use in subcatchments as rows of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernels import lid
from twin.kernels.subcatchment_parts import SWMM_METRE
from twin.verify.swmm_input.text import InputFile, Row
from twin.verify.swmm_input.units import Units
from twin.verify.swmm_lid import CODES

Floats = NDArray[np.float64]

KINDS = {code: kind for kind, code in CODES.items()}
ROOF_DISCONNECTION = "RD"


@dataclass(frozen=True)
class Lids:
    """The units of all subcatchments, those of one together."""

    units: Floats  # (M, UNIT_COLUMNS)
    catchment: NDArray[np.int64]  # (M,)
    place: tuple[int, ...]  # (M,) among the units of its subcatchment in the file
    reasons: tuple[str, ...]


def read_units(file: InputFile, names: list[str], units: Units) -> Lids:
    """The units in subcatchments of these names, in capitals.

    Raises:
        TwinError: a row is wrong.
    """
    controls = _controls(file)
    known = {row.words[0].upper(): row for row in file.rows("SUBCATCHMENT")}
    reasons: list[str] = []
    found: list[tuple[int, int, Floats]] = []
    places: dict[str, int] = {}
    for row in file.rows("LID_USAGE"):
        name, control = row.words[0].upper(), row.word(1, "LID control").upper()
        if name not in known:
            raise row.error(f"There is no subcatchment {name!r}.", f"没有汇水区 {name!r}。")
        if control not in controls:
            raise row.error(f"There is no LID control {control!r}.", f"没有 LID 设施 {control!r}。")
        if int(row.number(2, "number of units")) == 0:
            continue
        place = places[name] = places.get(name, -1) + 1
        if name not in names or row.number(3, "area of a unit") == 0.0:
            continue
        reasons += _reasons(file, row, known[name], controls[control])
        found.append((names.index(name), place, _unit(row, controls[control], units)))
    found.sort(key=lambda one: one[:2])
    return Lids(
        np.array([one[2] for one in found]).reshape(-1, lid.UNIT_COLUMNS),
        np.array([one[0] for one in found], np.int64),
        tuple(one[1] for one in found),
        tuple(reasons),
    )


def _controls(file: InputFile) -> dict[str, dict[str, Row]]:
    """The rows of each control by layer; that of its kind under KIND."""
    found: dict[str, dict[str, Row]] = {}
    for row in file.rows("LID_CONTROL"):
        what = row.word(1, "kind or layer").upper()
        layers = found.setdefault(row.words[0].upper(), {})
        if what in KINDS or what == ROOF_DISCONNECTION:
            layers["KIND"] = row
        elif what in ("SURFACE", "SOIL", "STORAGE", "PAVEMENT", "DRAIN", "DRAINMAT", "REMOVALS"):
            layers[what] = row
        else:
            raise row.error(f"SWMM has no LID layer {what[:40]!r}.", f"SWMM 没有 LID 层 {what[:40]!r}。")
    for layers in found.values():
        if "KIND" not in layers:
            raise next(iter(layers.values())).error("The kind of this LID is missing.", "缺少该 LID 的类型。")
    return found


def _reasons(file: InputFile, usage: Row, subcatchment: Row, layers: dict[str, Row]) -> list[str]:
    """What we do not model of a unit."""
    reasons = []
    if layers["KIND"].words[1].upper() == ROOF_DISCONNECTION:
        reasons.append("LID: roof disconnection")
    sealed = subcatchment.number(4, "percent impervious") / 100.0
    if usage.number(7, "0 or 1: outflow to the pervious part") > 0.0 and sealed < 0.999:
        reasons.append("LID: outflow returned to the pervious part")
    for layer, place in (("PAVEMENT", 6), ("STORAGE", 5)):
        if layer in layers and layers[layer].number(place, "clogging factor", default=0.0) > 0.0:
            reasons.append("LID: clogging")
    if "DRAIN" in layers and any(
        layers["DRAIN"].number(place, "head", default=0.0) > 0.0 for place in (6, 7)
    ):
        reasons.append("LID: underdrain with opening and closing heads")
    if "DRAIN" in layers and len(layers["DRAIN"].words) > 8:
        reasons.append("LID: underdrain with a control curve")
    if len(usage.words) > 9 and usage.words[9] != "*":
        to = usage.words[9].upper()
        if any(row.words[0].upper() == to for row in file.rows("SUBCATCHMENT")):
            reasons.append("LID: underdrain to a subcatchment")
    barrel = KINDS.get(layers["KIND"].words[1].upper()) == lid.RAIN_BARREL
    dry = file.option_row("DRY_DAYS")
    if barrel and dry is not None and dry.number(1, "dry days") > 0.0:
        reasons.append("LID: rain barrels with dry days before the run")
    return reasons


def _unit(usage: Row, layers: dict[str, Row], units: Units) -> Floats:
    """The kernel's row of a unit."""
    kind = KINDS.get(layers["KIND"].words[1].upper(), lid.BIORETENTION)
    row = np.zeros(lid.UNIT_COLUMNS)
    count, area = usage.number(2, "number of units"), usage.number(3, "area of a unit") * units.length_m**2
    width = usage.number(4, "width") * units.length_m
    row[lid.KIND], row[lid.AREA_M2] = kind, count * area
    row[lid.INITIAL_SATURATION] = usage.number(5, "initial saturation") / 100.0
    row[lid.FROM_SEALED] = usage.number(6, "percent of impervious runoff") / 100.0
    row[lid.FROM_PERVIOUS] = usage.number(10, "percent of pervious runoff", default=0.0) / 100.0
    # What the drain sends to another node does not run off with the rest.
    to = usage.words[9] if len(usage.words) > 9 else "*"
    row[lid.REUSE] = float(to != "*" and to.upper() != usage.words[0].upper())
    row[lid.SURFACE_VOID] = row[lid.STORAGE_VOID] = 1.0
    row[lid.DRAIN_EXPONENT] = 0.5
    slope = 0.0
    if "SURFACE" in layers:
        one = layers["SURFACE"]
        row[lid.SURFACE_M] = one.number(2, "storage height") * units.depth_m
        row[lid.SURFACE_VOID] = 1.0 - (one.number(3, "vegetation") if row[lid.SURFACE_M] > 0.0 else 0.0)
        slope = np.sqrt(one.number(5, "slope") / 100.0) * SWMM_METRE
        roughness = one.number(4, "roughness")
        if kind == lid.VEGETATIVE_SWALE:
            row[lid.SWALE_WIDTH_M], row[lid.SWALE_SIDE_SLOPE] = width, one.number(6, "side slope")
            if roughness * slope <= 0.0 or row[lid.SURFACE_M] == 0.0 or width == 0.0:
                raise one.error(
                    "A swale needs height, roughness, slope and width.", "植草沟需要高度、糙率、坡度和宽度。"
                )
            row[lid.SWALE_CONVEYANCE] = count * slope / roughness  # of swales side by side
        elif roughness > 0.0 and kind != lid.RAIN_BARREL:
            row[lid.SURFACE_CONVEYANCE] = slope / roughness * width / area
    if "SOIL" in layers:
        one = layers["SOIL"]
        row[lid.SOIL_M] = one.number(2, "thickness") * units.depth_m
        row[lid.POROSITY], row[lid.FIELD_CAPACITY] = (
            one.number(3, "porosity"),
            one.number(4, "field capacity"),
        )
        row[lid.WILTING_POINT] = one.number(5, "wilting point")
        row[lid.SOIL_CONDUCTIVITY_M_S] = one.number(6, "conductivity") * units.rate_m_s
        row[lid.SOIL_SLOPE] = one.number(7, "conductivity slope")
        row[lid.SUCTION_M] = one.number(8, "suction") * units.depth_m
        if not row[lid.WILTING_POINT] < row[lid.FIELD_CAPACITY] < row[lid.POROSITY] and row[lid.SOIL_M] > 0.0:
            raise one.error(
                "Wilting point, field capacity and porosity must rise.",
                "凋萎点、田间持水量和孔隙率应依次增大。",
            )
    if "PAVEMENT" in layers and kind == lid.PERMEABLE_PAVEMENT:
        one = layers["PAVEMENT"]
        ratio, sealed = one.number(3, "void ratio"), one.number(4, "impervious fraction")
        row[lid.PAVEMENT_M], row[lid.PAVEMENT_SEALED] = one.number(2, "thickness") * units.depth_m, sealed
        row[lid.PAVEMENT_VOID] = ratio / (1.0 + ratio) * (1.0 - sealed)
        row[lid.PAVEMENT_PERMEABILITY_M_S] = one.number(5, "permeability") * units.rate_m_s
    _storage(row, kind, layers, units)
    if kind == lid.GREEN_ROOF:
        if "DRAINMAT" not in layers:
            raise layers["KIND"].error("A green roof needs a DRAINMAT.", "绿色屋顶需要 DRAINMAT 层。")
        one = layers["DRAINMAT"]
        row[lid.STORAGE_M] = one.number(2, "thickness") * units.depth_m
        row[lid.STORAGE_VOID] = one.number(3, "void fraction")
        row[lid.STORAGE_SEEPAGE_M_S] = 0.0
        roughness = one.number(4, "roughness")
        row[lid.MAT_CONVEYANCE] = slope / roughness * width / area if roughness > 0.0 else 0.0
    return row


def _storage(row: Floats, kind: int, layers: dict[str, Row], units: Units) -> None:
    """Storage and underdrain."""
    if "STORAGE" in layers:
        one = layers["STORAGE"]
        ratio = one.number(3, "void ratio")
        row[lid.STORAGE_M] = one.number(2, "thickness") * units.depth_m
        row[lid.STORAGE_SEEPAGE_M_S] = one.number(4, "seepage rate") * units.rate_m_s
        row[lid.COVERED] = float(len(one.words) > 6 and one.words[6].upper() == "YES")
        if row[lid.STORAGE_M] > 0.0 and kind != lid.RAIN_BARREL:
            row[lid.STORAGE_VOID] = ratio / (1.0 + ratio)
        if kind == lid.RAIN_BARREL:
            row[lid.STORAGE_SEEPAGE_M_S] = 0.0
    if "DRAIN" in layers:
        one = layers["DRAIN"]
        exponent = one.number(3, "exponent")
        # q = C hⁿ in the file's depth an hour and depth; ours in mm.
        row[lid.DRAIN_COEFFICIENT] = one.number(2, "coefficient") * (1e3 * units.depth_m) ** (1.0 - exponent)
        row[lid.DRAIN_EXPONENT] = exponent
        if row[lid.STORAGE_M] > 0.0:
            row[lid.DRAIN_OFFSET_M] = one.number(4, "offset") * units.depth_m
        row[lid.DRAIN_DELAY_S] = one.number(5, "delay", default=0.0) * 3600.0
