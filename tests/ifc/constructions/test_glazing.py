import pytest

from ifc.constructions.glazing import Gap, Glazing, glass_u_value, parse_glazing, window_values
from ifc.model import Provenance, Traced


def unit(*gaps_mm, gas="air", emissivity=None):
    return Glazing(
        (4.0,) * (len(gaps_mm) + 1),
        tuple(Gap(gap, gas) for gap in gaps_mm),
        "clear",
        emissivity,
        "unknown",
        "",
    )


# ISO 10077-1 table of double and triple glazing: (gaps, emissivity, air, argon)
PUBLISHED = [
    ((6,), None, 3.3, 3.0), ((8,), None, 3.1, 2.9), ((12,), None, 2.8, 2.7), ((16,), None, 2.7, 2.6),
    ((6,), 0.20, 2.7, 2.3), ((8,), 0.20, 2.4, 2.1), ((12,), 0.20, 2.0, 1.8), ((16,), 0.20, 1.8, 1.6),
    ((6,), 0.15, 2.6, 2.3), ((8,), 0.15, 2.3, 2.0), ((12,), 0.15, 1.9, 1.6), ((16,), 0.15, 1.7, 1.5),
    ((6,), 0.10, 2.6, 2.2), ((8,), 0.10, 2.2, 1.9), ((12,), 0.10, 1.8, 1.5), ((16,), 0.10, 1.6, 1.4),
    ((6,), 0.05, 2.5, 2.1), ((8,), 0.05, 2.1, 1.7), ((12,), 0.05, 1.7, 1.3), ((16,), 0.05, 1.4, 1.2),
    ((6, 6), None, 2.3, 2.1), ((8, 8), None, 2.1, 1.9), ((12, 12), None, 1.9, 1.8),
]  # fmt: skip


@pytest.mark.parametrize(("gaps", "emissivity", "air", "argon"), PUBLISHED)
def test_glass_agrees_with_the_published_table(gaps, emissivity, air, argon):
    assert glass_u_value(unit(*gaps, emissivity=emissivity)) == pytest.approx(air, abs=0.09)
    assert glass_u_value(unit(*gaps, gas="argon", emissivity=emissivity)) == pytest.approx(argon, abs=0.10)


@pytest.mark.parametrize(
    ("text", "panes", "gaps", "glass", "frame"),
    [
        ("6+12A+6", (6, 6), [(12, "air")], "clear", "unknown"),
        ("6+12A+6 Low-E", (6, 6), [(12, "air")], "low_e_medium", "unknown"),
        ("6Low-E+12A+6", (6, 6), [(12, "air")], "low_e_medium", "unknown"),
        ("6(Low-E)+12Ar+6", (6, 6), [(12, "argon")], "low_e_medium", "unknown"),
        (
            "断桥铝合金中空玻璃窗 6高透光Low-E+12氩气+6",
            (6, 6),
            [(12, "argon")],
            "low_e_high",
            "thermal_break",
        ),
        ("5+9A+5+9A+5", (5, 5, 5), [(9, "air"), (9, "air")], "clear", "unknown"),
        ("4-16-4", (4, 4), [(16, "air")], "clear", "unknown"),
        ("Window 4/12/4", (4, 4), [(12, "air")], "clear", "unknown"),
        ("塑钢窗 5+12A+5", (5, 5), [(12, "air")], "clear", "plastic"),
        ("6+1.14PVB+6+12A+6", (12, 6), [(12, "air")], "clear", "unknown"),
        ("LC-1515 6+12+6", (6, 6), [(12, "air")], "clear", "unknown"),
        ("5mm clear", (5,), [], "clear", "unknown"),
        ("6mm钢化玻璃", (6,), [], "clear", "unknown"),
        ("double glazing", (6, 6), [(12, "air")], "clear", "unknown"),
        ("Triple glazing argon low-e", (6, 6, 6), [(12, "argon")] * 2, "low_e_medium", "unknown"),
        ("Kunststofffenster Doppelverglasung", (6, 6), [(12, "air")], "clear", "plastic"),
        ("1/8 in Pilkington single glazing", (3.2,), [], "clear_3mm", "unknown"),
        ("三玻两腔断桥铝", (6, 6, 6), [(12, "air")] * 2, "clear", "thermal_break"),
        ("中空玻璃 灰色", (6, 6), [(12, "air")], "grey", "unknown"),
    ],
)
def test_descriptions_are_read(text, panes, gaps, glass, frame):
    found = parse_glazing(text)
    assert found is not None
    assert found.panes_mm == tuple(float(pane) for pane in panes)
    assert [(gap.width_mm, gap.gas) for gap in found.gaps] == gaps
    assert found.glass == glass
    assert found.frame == frame


@pytest.mark.parametrize(
    "text",
    ["", "C1518", "0915 x 1830mm", '36" x 48"', "铝合金推拉窗", "Glass", "固定窗 1500x1500", "TC 2-1-2012",
     "M_Single-Flush: 0915 x 2134mm", "Double Hung", "M_Double-Glass 2: 1830 x 2134mm", "双扇推拉窗", "Fenster DG", "1200-1500", "A+B", "9" * 400],
)  # fmt: skip
def test_names_that_say_nothing_about_glass(text):
    assert parse_glazing(text) is None


def test_a_stated_emissivity_is_used():
    found = parse_glazing("Double glazing - 1/4 in thick - clear/low-E (e = 0.05) coating")
    assert found.emissivity == 0.05


def test_the_typical_windows_of_gb50176():
    # table of typical windows: 6+12A+6 clear in thermal-break metal K = 3.4, in plastic K = 2.8
    assert window_values(parse_glazing("断桥铝 6+12A+6")).u_value_w_m2k.value == pytest.approx(3.4, abs=0.05)
    assert window_values(parse_glazing("塑钢 6+12A+6")).u_value_w_m2k.value == pytest.approx(2.8, abs=0.05)


def test_optics_come_from_the_tables_and_say_so():
    values = window_values(parse_glazing("6高透光Low-E+12A+6"))
    assert (values.shgc.value, values.visible_transmittance.value) == (0.47, 0.72)
    assert values.shgc.provenance is Provenance.DEFAULT
    assert "6+12A+6 low_e_high" in values.shgc.source
    assert values.u_value_w_m2k.provenance is Provenance.DERIVED


def test_a_stated_frame_share_changes_the_window():
    glazing = parse_glazing("6+12A+6")
    bare = window_values(glazing, Traced(0.0, "1", Provenance.IFC, "test"))
    assert bare.u_value_w_m2k.value == pytest.approx(glass_u_value(glazing))
    assert bare.frame_ratio.provenance is Provenance.IFC
