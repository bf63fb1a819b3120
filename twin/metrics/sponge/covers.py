"""What covers the site: from the model and twin.toml to areas, runoff coefficients and storage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ifc.model import BuildingModel, Diagnostic, Provenance, Severity, Text, Traced
from twin.catchments.ground import ROOFS, GroundCover, SiteGround, site_ground
from twin.metrics.result import Assumption, Need
from twin.metrics.sponge.rules import SpongeRules
from twin.project import Project

Floats = NDArray[np.float64]
Strings = NDArray[np.object_]

PAVED = ("road", "paving", "parking", "permeable_paving")
GREEN = ("green", "sunken_green")
GROUND = (*PAVED, *GREEN, "water")
COUNTED = (
    *ROOFS,
    *GROUND,
    "unknown",
)  # kinds whose area is part of the site; tanks and crowns lie over others

WITHOUT_OUTLINE = ("site-without-outline", "site-outline-doubtful")  # diagnostics of the reading


@dataclass(frozen=True)
class SiteCovers:
    """The covers that are known, one row each, and the site they lie on.

    ``needs`` is empty when they are enough to speak of the site as a whole. Columns have shape (n,).
    """

    rows: tuple[GroundCover, ...]  # (n,) as they are stated
    apart: frozenset[str]  # names of catchments that are not joined with the others of their kind
    global_id: Strings  # "twin.toml site.covers[0]" for a declared one
    kind: Strings
    area_m2: Floats
    runoff_coefficient: Floats  # NaN for tanks and trees
    storage_m3: Floats  # that counts in V = 10 H ψ F
    provenance: Strings  # of the kind
    site_area_m2: Traced | None
    unnamed_m2: float  # of the site, under no cover
    needs: tuple[Need, ...]
    assumptions: tuple[Assumption, ...]
    diagnostics: tuple[Diagnostic, ...]

    def area_of(self, *kinds: str) -> float:
        """Area of all covers of some kinds, m²."""
        return float(self.area_m2[np.isin(self.kind, kinds)].sum())

    def storage_of(self, *kinds: str) -> float:
        """Storage of all covers of some kinds, m³."""
        return float(self.storage_m3[np.isin(self.kind, kinds)].sum())


def site_covers(model: BuildingModel, project: Project, rules: SpongeRules) -> SiteCovers:
    """Gather the covers of the model, of the file of catchments and of ``[[site.covers]]`` in twin.toml.

    Storage that counts (Technical Guide 4.8): ponding of sunken green, rain storage of green and water with a
    stated depth or volume, tanks. Permeable paving and green roofs only lower the runoff coefficient.

    Raises:
        TwinError: the file of catchments cannot be used.
    """
    ground = site_ground(model, project)
    rows, diagnostics = ground.covers, list(ground.diagnostics)
    kind = np.array([row.kind for row in rows], object)
    area = np.array([row.area_m2 for row in rows], np.float64)
    global_id = np.array([row.global_id for row in rows], object)
    storage, storage_assumptions, storage_diagnostics = _storage(rows, rules)
    stated = _stated_area(model, project, rules)
    covered = float(area[np.isin(kind, COUNTED)].sum())
    site_area = stated or (
        Traced(covered, "m²", Provenance.DERIVED, "sum of the ground covers") if covered > 0.0 else None
    )
    unnamed = max(float(site_area.value) - covered, 0.0) if site_area else 0.0
    if site_area and unnamed <= rules.area_tolerance * float(site_area.value):
        unnamed = 0.0
    coefficient = np.array(
        [rules.covers[row.kind].runoff_coefficient if row.kind in COUNTED else np.nan for row in rows]
    )
    if stated and covered > float(stated.value) * (1.0 + rules.area_tolerance):
        diagnostics.append(_covers_exceed_site(covered, stated))
    bounded = bool(stated or project.site.covers or "ground" in ground.from_file)
    return SiteCovers(
        rows=rows,
        apart=ground.catchments.apart if ground.catchments else frozenset(),
        global_id=global_id,
        kind=kind,
        area_m2=area,
        runoff_coefficient=coefficient,
        storage_m3=storage,
        provenance=np.array([str(row.provenance) for row in rows], object),
        site_area_m2=site_area,
        unnamed_m2=unnamed,
        needs=_needs(kind, area, global_id, stated, unnamed, rules)
        or (() if bounded else _extent_needs(model)),
        assumptions=(
            *_file_assumption(ground),
            *_coefficient_assumptions(kind, global_id, unnamed, rules),
            *storage_assumptions,
        ),
        diagnostics=(*diagnostics, *storage_diagnostics),
    )


def _file_assumption(ground: SiteGround) -> list[Assumption]:
    """Which covers come from the file of catchments, and which the model still states."""
    file = ground.catchments
    if file is None:
        return []
    names = [name for name in ("roofs", "ground", "tank", "tree") if name in ground.from_file]
    apart = f"; {len(file.apart)} apart" if file.apart else ""
    return [
        Assumption(
            Text(
                "Covers from a file of catchments instead of the model",
                "由汇水区文件代替模型的下垫面",
            ),
            Traced(f"{', '.join(names)}: {len(file.rows)}{apart}", "", Provenance.DECLARED, file.path.name),
            tuple(row.global_id for row in ground.covers if row.catchment is not None),
        )
    ]


def _storage(
    rows: tuple[GroundCover, ...], rules: SpongeRules
) -> tuple[Floats, list[Assumption], list[Diagnostic]]:
    """Storage of each cover, m³, with the default depths used and the tanks whose volume is missing."""
    storage = np.zeros(len(rows))
    defaulted: list[str] = []
    sunken: list[str] = []
    unstated: list[str] = []
    for place, row in enumerate(rows):
        kind, volume, depth = row.kind, row.storage_volume_m3, row.storage_depth_m
        if kind not in (*GREEN, "water", "tank"):
            continue
        if np.isfinite(volume):
            storage[place] = volume
        elif np.isfinite(depth):
            storage[place] = depth * row.area_m2
            if kind in GREEN:
                sunken.append(row.global_id)
        elif kind == "sunken_green":
            storage[place] = rules.sunken_green_default_depth_m * row.area_m2
            defaulted.append(row.global_id)
        elif kind == "tank" and row.provenance is Provenance.DECLARED:  # reading tells of the others
            unstated.append(row.global_id)
    assumptions = []
    if sunken:
        what = Text("What the stated depth of green is measured to", "绿地下凹深度的计量基准")
        value = Traced("overflow", "", Provenance.DEFAULT, rules.storage_source, rules.storage_confidence)
        assumptions.append(Assumption(what, value, tuple(sunken)))
    if defaulted:
        what = Text(
            "Ponding depth of sunken green that states none", "未注明蓄水深度的下沉式绿地的有效蓄水深度"
        )
        depth_m = rules.sunken_green_default_depth_m
        value = Traced(depth_m, "m", Provenance.DEFAULT, rules.storage_source, rules.storage_confidence)
        assumptions.append(Assumption(what, value, tuple(defaulted)))
    diagnostics = []
    if unstated:
        diagnostics.append(
            Diagnostic(
                "tank-without-volume",
                Severity.WARNING,
                Text(
                    f"{unstated[0]} states no volume and counts as none.",
                    f"{unstated[0]} 未注明容积，按零计。",
                ),
                Text("Add storage_volume_m3.", "请填写 storage_volume_m3。"),
                unstated[0],
                len(unstated),
            )
        )
    return storage, assumptions, diagnostics


def _stated_area(model: BuildingModel, project: Project, rules: SpongeRules) -> Traced | None:
    """Area of the site from twin.toml or from a property of the IfcSite."""
    if project.site.area_m2 is not None:
        return Traced(project.site.area_m2, "m²", Provenance.DECLARED, "site.area_m2 in twin.toml")
    for element in model.elements.rows_of_class("IfcSite").tolist():
        own = model.properties.of(element)
        for wanted in rules.area_properties:
            set_name, _, name = wanted.rpartition(".")
            for (own_set, own_name), value in own.items():
                if own_name != name or (set_name and own_set != set_name):
                    continue
                if isinstance(value, int | float) and not isinstance(value, bool) and 0.0 < value < np.inf:
                    return Traced(float(value), "m²", Provenance.IFC, f"{own_set}.{own_name}".strip("."))
    return None


def _needs(
    kind: Strings, area: Floats, global_id: Strings, stated: Traced | None, unnamed: float, rules: SpongeRules
) -> tuple[Need, ...]:
    """What is missing before the covers speak for the whole site."""
    how = Text(
        "Model the ground as IfcSlab, IfcPavement, IfcCovering or IfcGeographicElement with a telling name "
        "or GBT50378_Site.CoverKind, or list it in [[site.covers]] of twin.toml (kind, area_m2) with "
        "site.area_m2, or name a GeoJSON or CSV file in site.catchments.",
        "请用 IfcSlab、IfcPavement、IfcCovering 或 IfcGeographicElement 建立室外场地，在名称中注明"
        "下垫面种类或填写 GBT50378_Site.CoverKind；或在 twin.toml 的 [[site.covers]] 中逐项填写 "
        "kind 与 area_m2，并填写 site.area_m2；或在 site.catchments 中给出 GeoJSON 或 CSV 文件。",
    )
    counted = np.isin(kind, COUNTED)
    ground = float(area[np.isin(kind, GROUND)].sum())
    if ground == 0.0:
        what = (
            Text("The model shows roofs but no ground.", "模型只有屋面，没有室外场地。")
            if area[counted].sum() > 0.0
            else Text("Nothing is known of what covers the site.", "没有任何场地下垫面信息。")
        )
        return (Need(what, how),)
    total = float(stated.value) if stated else float(area[counted].sum())
    unknown = unnamed + float(area[kind == "unknown"].sum())
    if unknown > rules.largest_unknown_share * total:
        return (
            Need(
                Text(
                    f"What covers {unknown:,.0f} m² of {total:,.0f} m² of the site.",
                    f"场地 {total:,.0f} m² 中有 {unknown:,.0f} m² 下垫面种类不明。",
                ),
                how,
                tuple(global_id[kind == "unknown"]),
            ),
        )
    roofs = float(area[np.isin(kind, ROOFS)].sum())
    if stated is None and roofs > rules.largest_roof_share * total:
        return (
            Need(
                Text(
                    f"Roofs make up {100 * roofs / total:.0f} % of what is modelled; most of the site is "
                    f"missing.",
                    f"已建模范围中屋面占 {100 * roofs / total:.0f}%，场地不完整。",
                ),
                how,
            ),
        )
    return ()


def _extent_needs(model: BuildingModel) -> tuple[Need, ...]:
    """Asks for the extent of a site whose covers no outline bounds."""
    if not any(diagnostic.code in WITHOUT_OUTLINE for diagnostic in model.diagnostics):
        return ()
    what = Text("How far the site extends beyond what is modelled.", "用地范围：无法确认已建模场地是否完整。")
    how = Text(
        "Give site.area_m2 in twin.toml, the IfcSite a Pset_SiteCommon.TotalArea, or the IfcSite a surface.",
        "请填写 twin.toml 的 site.area_m2 或 IfcSite 的 Pset_SiteCommon.TotalArea，或为 IfcSite 建立地表面。",
    )
    return (Need(what, how, (model.site.global_id,) if model.site.global_id else ()),)


def _coefficient_assumptions(
    kind: Strings, global_id: Strings, unnamed: float, rules: SpongeRules
) -> list[Assumption]:
    """The default runoff coefficient of each kind that occurs."""
    found = [name for name in COUNTED if (kind == name).any() or (name == "unknown" and unnamed > 0.0)]
    return [
        Assumption(
            Text(
                f"Volumetric runoff coefficient of {name.replace('_', ' ')}",
                f"雨量径流系数：{rules.covers[name].row}",
            ),
            Traced(
                rules.covers[name].runoff_coefficient,
                "",
                Provenance.DEFAULT,
                rules.coefficient_source,
                rules.coefficient_confidence,
            ),
            tuple(global_id[kind == name]),
        )
        for name in found
    ]


def _covers_exceed_site(covered: float, stated: Traced) -> Diagnostic:
    area = float(stated.value)
    return Diagnostic(
        "ground-covers-exceed-site",
        Severity.WARNING,
        Text(
            f"The ground covers add up to {covered:,.0f} m², more than the site's {area:,.0f} m² "
            f"({stated.source}).",
            f"下垫面面积合计 {covered:,.0f} m²，大于用地面积 {area:,.0f} m²（{stated.source}）。",
        ),
        Text(
            "Correct the site's area, or remove covers that overlap or lie outside.",
            "请改正用地面积，或删除重叠及用地红线以外的下垫面。",
        ),
    )
