"""Materials with their thermal properties, and layer sets, as a Chinese design institute would list them.

Conductivity in W/(m·K), density in kg/m³, specific heat in J/(kg·K): design values of the kind of
GB 50176-2016 annex B, insulation with its correction for moisture and joints already in the conductivity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ifcopenshell.api.material
import ifcopenshell.api.pset

from sample_models.writer import Entity, IfcWriter


@dataclass(frozen=True)
class Material:
    """One building material. A conductivity of 0 means that no thermal properties are written."""

    name: str
    category: str
    conductivity: float = 0.0
    density: float = 0.0
    specific_heat: float = 0.0
    green: tuple[tuple[str, object], ...] = ()  # what GB/T 50378 asks of a material


MATERIALS = {
    material.name: material
    for material in (
        Material("聚合物抗裂砂浆", "mortar", 0.93, 1800, 1050),
        Material(
            "岩棉板",
            "insulation",
            0.045,
            140,
            1220,
            green=(("GreenMaterialCertified", True), ("OriginDistanceKm", 310.0)),
        ),
        Material(
            "加气混凝土砌块B06",
            "block",
            0.20,
            625,
            1050,
            green=(("GreenMaterialCertified", True), ("WasteBasedContent", 0.55), ("OriginDistanceKm", 60.0)),
        ),
        Material(
            "蒸压加气混凝土条板",
            "block",
            0.16,
            525,
            1050,
            green=(("GreenMaterialCertified", True), ("WasteBasedContent", 0.55), ("OriginDistanceKm", 60.0)),
        ),
        Material(
            "钢筋混凝土",
            "concrete",
            1.74,
            2500,
            920,
            green=(("GreenMaterialCertified", True), ("WasteBasedContent", 0.12), ("OriginDistanceKm", 25.0)),
        ),
        Material(
            "混合砂浆",
            "mortar",
            0.87,
            1700,
            1050,
            green=(("GreenMaterialCertified", True), ("OriginDistanceKm", 40.0)),
        ),
        Material("水泥砂浆", "mortar", 0.93, 1800, 1050),
        Material("细石混凝土", "concrete", 1.51, 2300, 920),
        Material("挤塑聚苯板", "insulation", 0.033, 32, 1380),
        Material("隔声垫", "insulation", 0.045, 60, 1380),
        Material("轻集料混凝土找坡", "concrete", 0.45, 1100, 1050),
        Material("SBS改性沥青防水卷材", "membrane", 0.23, 1000, 1620),
        Material("地砖", "tile", 1.30, 2300, 840),
        Material("彩色水泥瓦", "tile", 1.00, 2000, 840),
        Material("种植土", "soil", 0.47, 1200, 1010),
        Material("碎石垫层", "gravel", 1.10, 1900, 920),
        Material("沥青混凝土", "asphalt", 1.05, 2100, 1680),
        Material("花岗岩铺装", "stone", 3.49, 2800, 920),
        Material("透水混凝土", "concrete", 1.10, 1900, 920),
        Material("植草砖", "block", 1.10, 1700, 1050),
        Material("断桥铝合金", "aluminium", green=(("Recyclable", True), ("OriginDistanceKm", 420.0))),
        Material("中空玻璃", "glass", green=(("Recyclable", True), ("OriginDistanceKm", 420.0))),
        Material("木门", "wood", green=(("Recyclable", True), ("OriginDistanceKm", 260.0))),
        Material("钢质防火门", "steel"),
        Material("不锈钢", "steel", green=(("Recyclable", True), ("OriginDistanceKm", 420.0))),
        Material("铝合金百叶", "aluminium", green=(("Recyclable", True), ("OriginDistanceKm", 420.0))),
        Material("陶瓷", "ceramic"),
    )
}


@dataclass(frozen=True)
class LayerSet:
    """Layers from the outside to the inside of a wall, from the top to the bottom of a slab."""

    name: str
    layers: tuple[tuple[str, float], ...]  # material, thickness in m

    @property
    def thickness(self) -> float:
        """Total thickness in m."""
        return round(sum(thickness for _, thickness in self.layers), 6)

    def u_value(self, inside: float = 0.13, outside: float = 0.04) -> float:
        """W/(m²·K) by ISO 6946 with the surface resistances given (m²·K/W)."""
        resistance = sum(thickness / MATERIALS[material].conductivity for material, thickness in self.layers)
        return 1.0 / (resistance + inside + outside)


class Constructions:
    """Writes materials and layer sets once and hands them out."""

    def __init__(self, writer: IfcWriter) -> None:
        self.writer = writer
        self._materials: dict[str, Entity] = {}
        self._sets: dict[str, Entity] = {}

    def material(self, name: str) -> Entity:
        """The IfcMaterial called ``name``."""
        if name not in self._materials:
            described = MATERIALS[name]
            file = self.writer.file
            material = ifcopenshell.api.material.add_material(file, name=name, category=described.category)
            if described.conductivity:
                thermal = ifcopenshell.api.pset.add_pset(file, product=material, name="Pset_MaterialThermal")
                ifcopenshell.api.pset.edit_pset(
                    file,
                    pset=thermal,
                    properties={
                        "ThermalConductivity": described.conductivity,
                        "SpecificHeatCapacity": float(described.specific_heat),
                    },
                )
                common = ifcopenshell.api.pset.add_pset(file, product=material, name="Pset_MaterialCommon")
                ifcopenshell.api.pset.edit_pset(
                    file, pset=common, properties={"MassDensity": float(described.density)}
                )
            if described.green:
                green = ifcopenshell.api.pset.add_pset(file, product=material, name="GBT50378")
                ifcopenshell.api.pset.edit_pset(file, pset=green, properties=dict(described.green))
            self._materials[name] = material
        return self._materials[name]

    def layer_set(self, layers: LayerSet) -> Entity:
        """The IfcMaterialLayerSet of a build-up."""
        if layers.name not in self._sets:
            file = self.writer.file
            layer_set = ifcopenshell.api.material.add_material_set(
                file, name=layers.name, set_type="IfcMaterialLayerSet"
            )
            for name, thickness in layers.layers:
                layer = ifcopenshell.api.material.add_layer(
                    file, layer_set=layer_set, material=self.material(name)
                )
                ifcopenshell.api.material.edit_layer(
                    file, layer=layer, attributes={"LayerThickness": thickness, "Name": name}
                )
            self._sets[layers.name] = layer_set
        return self._sets[layers.name]

    def apply_layers(
        self, products: Sequence[Entity], layers: LayerSet, axis: str, sense: str, offset: float
    ) -> None:
        """Give walls (axis AXIS2) or slabs (AXIS3) their layers."""
        usage = self.writer.file.create_entity(
            "IfcMaterialLayerSetUsage", self.layer_set(layers), axis, sense, offset, None
        )
        self._associate(usage, products)

    def apply_material(self, products: Sequence[Entity], name: str) -> None:
        """Make products of one material."""
        self._associate(self.material(name), products)

    def _associate(self, material: Entity, products: Sequence[Entity]) -> None:
        if products:
            self.writer.file.create_entity(
                "IfcRelAssociatesMaterial",
                GlobalId=ifcopenshell.guid.new(),
                RelatedObjects=list(products),
                RelatingMaterial=material,
            )
