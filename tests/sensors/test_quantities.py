"""Recognition of quantity kinds by name."""

from __future__ import annotations

import pytest

from sensors.quantities import kind_of_name, quantity_kinds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("阅览室温度传感器", "temperature"),
        ("室内湿度", "humidity"),
        ("绿地土壤湿度传感器", "soil_moisture"),
        ("CO2传感器-01", "co2"),
        ("CO 浓度探测器", "co"),
        ("地下车库一氧化碳", "co"),
        ("PM2.5 传感器", "pm2_5"),
        ("ＰＭ１０监测仪", "pm10"),
        ("Room CO2 sensor", "co2"),
        ("照明分项电表", "electricity"),
        ("空调用电", "electricity"),
        ("生活给水总水表", "water"),
        ("水质在线监测", "water_quality"),
        ("Recorder", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_point_shows_what_it_measures(name, kind):
    assert kind_of_name(name) == kind


def test_every_kind_has_names_in_both_languages_and_finds_itself():
    for kind in quantity_kinds().values():
        assert kind.en
        assert kind.zh
        assert kind_of_name(kind.words[0]) == kind.id
