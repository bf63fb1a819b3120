"""Sources and formulas for a Chinese reader."""

from __future__ import annotations

import pytest

from twin.report.phrases import in_chinese


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("GB 55015-2021 table 3.3.7, office", "GB 55015-2021 表 3.3.7, 办公"),
        ("GB 50033-2013 Annex D, ordinary pollution", "GB 50033-2013 附录 D, 一般污染"),
        (
            "material 'Tile' as marble (大理石): GB 50033-2013 annex D, reflectance of finishes",
            "material 'Tile' as marble (大理石): GB 50033-2013 附录 D, 饰面材料的反射比",
        ),
        ("worst grade of 54 of 54 fixtures = 2", "最低等级， 54 / 54 个器具 = 2"),
        ("greentwin default, no code value", "greentwin 缺省值，规范未规定"),
        ("Σ A(distance to facade > 5 m)", "Σ A(距外墙 > 5 m)"),
        # "of" is a fraction only between numbers: never an angle over a view
        ("Σ A(angle of view > 0) / Σ A × 100 %", "Σ A(视角 > 0) / Σ A × 100 %"),
        ("Σ A(|PMV| ≤ 1 in 95 % of h) / Σ A × 100 %", "Σ A(|PMV| ≤ 1 的时数不少于 95 %) / Σ A × 100 %"),
        ("view at 1.5 m through the windows of the room", "1.5 m 高处经本房间外窗的视野"),
        ("min h(seal) of 30 toilets = 50 mm", "h(水封) 最小值，共 30 个便器 = 50 mm"),
        ("A_green + A_water with storage", "A_green + A_有调蓄的水体"),
        ("energy 3, hourly need, seasonal efficiencies", "能耗计算 3, 逐时需求与季节能效"),
        (
            "GB 55015-2021 tables 3.1.8 to 3.1.12; constructions of the model",
            "GB 55015-2021 表 3.1.8～3.1.12; 模型的构造",
        ),
        ("K window N, SHGC window S", "K 北窗, SHGC 南窗"),
        (
            "K with Ri = 0.11, Re = 0.04 m²·K/W (GB 50176, winter)",
            "K 取 Ri = 0.11, Re = 0.04 m²·K/W (GB 50176，冬季)",
        ),
        (
            "K of GB 50176-2016 from the layers; 2 of 3 conductivities from the material library",
            "按材料层计算的 GB 50176-2016 传热系数 K; 2 / 3 个导热系数取自材料库",
        ),
    ],
)
def test_phrases_are_replaced(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese


@pytest.mark.parametrize(
    "text",
    [
        "GBT50378.WaterEfficiencyGrade",
        "Pset_SiteCommon.TotalArea",
        "H = V / (10 ψ F), α = α(H)",
        "[facts.low_public_roof]",
        "A_green / F × 100 %",
        "officeworker forlow",
    ],
)
def test_names_and_symbols_stay(text: str) -> None:
    assert in_chinese(text) == text
