"""How far the surfaces of a space can be trusted: grade A to D with a reason to act on.

A: unresolved area < 1 %, area without element < 2 %, pair asymmetry < 3 %, solid closed, volume equal
   to the file's quantity where it has one.
B: closed and every neighbour known, some element or thickness assumed, or the faces do not lie on the walls.
C: a derived room, or assumptions on more than a tenth of the area.
D: not usable, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import Evidence, Neighbour, Text
from ifc.surfaces.solids import summed

Floats = NDArray[np.float64]

UNRESOLVED_A, UNRESOLVED_B = 0.01, 0.10
BARE_A = 0.02  # area without element
ASYMMETRY_A, ASYMMETRY_B = 0.03, 0.10
SAMPLED_A, SAMPLED_B = 0.05, 0.10  # area decided by single rays
OVERLAP_A, OVERLAP_B, OVERLAP_C = 0.01, 0.05, 0.5  # volume shared with another space
VOLUME_A, VOLUME_B = 0.02, 0.10  # difference to the file's quantity
OPEN_B, OPEN_C = 0.10, 0.40  # area towards outdoors without any element
DISPLACED_M = 0.06  # a wall face farther from its wall, or deeper in it, does not lie on it
DISPLACED_A = 0.10  # area of such faces
# A quantity in a wrong unit says nothing about the solid (Revit writes m² times mm for volumes).
UNIT_FACTORS = (1e3, 1e6, 1e9, 35.3146667)


@dataclass(frozen=True)
class Measures:
    """What the grade of one space rests on. Shares are of the solid's surface."""

    area_m2: float  # of the solid
    assigned: float  # share that the surfaces cover
    unknown: float
    bare: float  # no element found behind it
    bare_floor_ceiling: float  # the part of ``bare`` that is a floor or a ceiling
    bare_void: float  # the part of ``bare`` that opens into an enclosed area without a space
    open: float  # the part of ``bare`` that faces outdoors
    sampled: float
    asymmetry: float
    displaced: float  # wall faces that do not lie on their walls
    displaced_m: float  # how far they stand off on average, negative where they reach into the walls
    closed: bool
    volume_m3: float
    declared_volume_m3: float  # NaN for none
    overlap: float
    overlap_name: str
    derived: bool
    from_boundaries: bool  # the solid is made of the file's space boundaries


@dataclass(frozen=True)
class Finding:
    """What one criterion says."""

    criterion: str
    grade: str
    reason: Text


@dataclass(frozen=True)
class Grade:
    """A grade and the findings that give it, none for grade A."""

    grade: str
    findings: tuple[Finding, ...] = ()


SOUND = Text("Every surface is resolved.", "所有围护表面均已确定。")


def grade(measures: Measures) -> Grade:
    """The grade of a space: the worst that any criterion gives, with the reasons for it."""
    found = [finding for finding in _findings(measures) if finding.grade != "A"]
    worst = max((finding.grade for finding in found), default="A")
    return Grade(worst, tuple(finding for finding in found if finding.grade == worst))


def _findings(m: Measures) -> list[Finding]:
    found: list[Finding] = []

    def add(criterion: str, letter: str, en: str, zh: str) -> None:
        found.append(Finding(criterion, letter, Text(en, zh)))

    if not m.closed:
        add(
            "open-edge",
            "D",
            "The space's solid is not closed; export it as a closed volume.",
            "空间实体不封闭，请导出封闭的体。",
        )
    unresolved = m.unknown + max(0.0, 1 - m.assigned)
    add(
        "unresolved",
        _step(unresolved, UNRESOLVED_A, UNRESOLVED_B),
        f"What lies behind {unresolved * m.area_m2:.1f} m² ({unresolved:.0%}) of its surface could not be "
        "told; let the space's faces lie on the walls and slabs.",
        f"有 {unresolved * m.area_m2:.1f} m²（{unresolved:.0%}）的表面无法判断其外侧；"
        "请使空间边界贴合墙和楼板。",
    )
    if m.open > OPEN_C:
        add(
            "no-element",
            "D",
            f"{m.open * m.area_m2:.1f} m² ({m.open:.0%}) of its surface is open to outdoors: no wall, slab "
            "or roof encloses it. If it is a terrace or a yard, make it an external space.",
            f"有 {m.open * m.area_m2:.1f} m²（{m.open:.0%}）的表面直接敞向室外，没有墙、楼板或屋面围合。"
            "若为露台或庭院，请设为室外空间。",
        )
    elif m.bare > BARE_A:
        add("no-element", "C" if m.open > OPEN_B else "B", *_nothing_behind(m))
    add(
        "asymmetry",
        _step(m.asymmetry, ASYMMETRY_A, ASYMMETRY_B),
        f"Its surfaces and those of its neighbours differ by {m.asymmetry:.0%} of its area; "
        "check that the neighbouring spaces meet at the same walls.",
        f"与相邻空间相互对应的表面相差 {m.asymmetry:.0%}；请检查相邻空间是否以同一墙体为界。",
    )
    if m.displaced > DISPLACED_A:
        into = m.displaced_m < 0
        far = abs(m.displaced_m)
        add(
            "displaced",
            # What a surface without an element sees depends on where the face lies.
            "C" if m.bare > BARE_A else "B",
            f"{m.displaced:.0%} of its surface does not lie on its walls but "
            + (f"reaches {far:.2f} m into them" if into else f"stands {far:.2f} m off them")
            + "; let the space end at the faces of its walls.",
            f"有 {m.displaced:.0%} 的表面未贴合墙面，"
            + (f"伸入墙体约 {far:.2f} m" if into else f"与墙体相距约 {far:.2f} m")
            + "；请使空间边界贴合墙面。",
        )
    add(
        "sampled",
        _step(m.sampled, SAMPLED_A, SAMPLED_B),
        f"The neighbours of {m.sampled:.0%} of its surface were decided by single rays; "
        "the geometry behind it is too irregular for exact cuts.",
        f"有 {m.sampled:.0%} 的表面仅凭射线采样判定相邻关系；其后的几何过于零碎，无法精确切分。",
    )
    if m.overlap > OVERLAP_A:
        letter = "B" if m.overlap < OVERLAP_B else "C" if m.overlap < OVERLAP_C else "D"
        add(
            "overlap",
            letter,
            f"{m.overlap:.0%} of its volume also belongs to the space “{m.overlap_name}”; "
            "correct the bounds of the two.",
            f"其体积的 {m.overlap:.0%} 与空间“{m.overlap_name}”重叠；请修正两者的边界。",
        )
    if np.isfinite(m.declared_volume_m3) and m.declared_volume_m3 > 0 and not wrong_unit(m):
        difference = abs(m.volume_m3 - m.declared_volume_m3) / m.declared_volume_m3
        add(
            "volume",
            _step(difference, VOLUME_A, VOLUME_B),
            f"The solid has {m.volume_m3:.1f} m³, the file's quantity says {m.declared_volume_m3:.1f} m³; "
            "update the quantity or the space.",
            f"实体体积为 {m.volume_m3:.1f} m³，文件中的工程量为 {m.declared_volume_m3:.1f} m³；"
            "请更新工程量或空间。",
        )
    if m.derived:
        add(
            "derived",
            "C",
            "The room was derived from walls and slabs; the file has no space here.",
            "该房间由墙和楼板推导得出，文件中没有对应的空间。",
        )
    if m.from_boundaries:
        add(
            "from-boundaries",
            "C",
            "It has no usable solid; its surfaces rest on the file's space boundaries. "
            "Export the space as a closed volume.",
            "该空间没有可用的实体，其表面取自文件中的空间边界；请将空间导出为封闭的体。",
        )
    return found


def _nothing_behind(m: Measures) -> Text:
    """Where no element was found: what lies there instead, and what to do."""
    flat = m.bare_floor_ceiling > 0.5 * m.bare
    what = Text("slab, roof or ceiling", "楼板、屋面或吊顶") if flat else Text("wall", "墙体")
    rest, zh_rest = "model the element or let it reach the space.", "请补建构件或使其与空间相接。"
    if not flat and m.bare_void > 0.5 * m.bare:
        rest = (
            f"{m.bare_void * m.area_m2:.1f} m² of it opens into an enclosed area that is no space: model the "
            "space there, or close the opening."
        )
        zh_rest = (
            f"其中 {m.bare_void * m.area_m2:.1f} m² 通向一处没有空间的封闭区域；"
            "请在该处建立空间，或封闭开口。"
        )
    return Text(
        f"No {what.en} was found behind {m.bare * m.area_m2:.1f} m² ({m.bare:.0%}) of its surface, "
        f"{m.open * m.area_m2:.1f} m² of it towards outdoors; {rest}",
        f"有 {m.bare * m.area_m2:.1f} m²（{m.bare:.0%}）的表面后未找到{what.zh}，"
        f"其中 {m.open * m.area_m2:.1f} m² 朝向室外；{zh_rest}",
    )


def wrong_unit(measures: Measures) -> bool:
    """Whether the file's volume is the solid's in another unit."""
    ratio = measures.declared_volume_m3 / max(measures.volume_m3, 1e-9)
    return any(
        abs(ratio / factor - 1) < VOLUME_A or abs(ratio * factor - 1) < VOLUME_A for factor in UNIT_FACTORS
    )


def _step(value: float, limit_a: float, limit_b: float) -> str:
    return "A" if value < limit_a else "B" if value < limit_b else "C"


@dataclass(frozen=True)
class SurfaceColumns:
    """The columns that the measures need. All have shape (F,)."""

    space: NDArray[np.int64]
    area: Floats
    steep: NDArray[np.bool_]  # floors and ceilings
    neighbour: NDArray[np.int8]
    neighbour_space: NDArray[np.int64]
    bare: NDArray[np.bool_]
    evidence: NDArray[np.int8]
    stand_off: Floats  # from the face to the first element, negative where it lies in it, NaN for none


def displaced(columns: SurfaceColumns) -> NDArray[np.bool_]:
    """Wall faces that do not lie on their walls; suspended ceilings and raised floors may stand off."""
    off: NDArray[np.bool_] = ~columns.steep & (np.abs(np.nan_to_num(columns.stand_off)) > DISPLACED_M)
    return off


def shares(columns: SurfaceColumns, solid_area: Floats) -> dict[str, Floats]:
    """The shares of :class:`Measures` for all spaces, each (N,).

    Args:
        columns: the surfaces.
        solid_area: (N,) area of each space's solid, 0 for none.
    """
    count = len(solid_area)
    total = np.maximum(solid_area, 1e-9)

    def share(mask: NDArray[np.bool_]) -> Floats:
        return summed(columns.space[mask], columns.area[mask], count) / total

    every = np.ones(len(columns.space), np.bool_)
    off = displaced(columns)
    off_area = summed(columns.space[off], columns.area[off], count)
    off_total = summed(columns.space[off], (columns.area * columns.stand_off)[off], count)
    return {
        "assigned": share(every),
        "unknown": share(columns.neighbour == Neighbour.UNKNOWN),
        "bare": share(columns.bare),
        "bare_floor_ceiling": share(columns.bare & columns.steep),
        "bare_void": share(columns.bare & (columns.neighbour == Neighbour.VOID)),
        "open": share(columns.bare & (columns.neighbour == Neighbour.OUTDOORS)),
        "sampled": share(columns.evidence == Evidence.SAMPLE),
        "displaced": off_area / total,
        "displaced_m": off_total / np.maximum(off_area, 1e-9),
        "asymmetry": _asymmetry(columns, count) / total,
    }


def _asymmetry(columns: SurfaceColumns, count: int) -> Floats:
    """Sum over neighbours of |area towards it - its area back|, in m², (N,)."""
    inner = columns.neighbour == Neighbour.SPACE
    here, there = columns.space[inner], columns.neighbour_space[inner]
    both = np.concatenate([here * count + there, there * count + here])
    signed = np.concatenate([columns.area[inner], -columns.area[inner]])
    pair, slot = np.unique(both, return_inverse=True)
    difference = np.abs(summed(slot, signed, len(pair)))
    return summed(pair // count, difference, count)
