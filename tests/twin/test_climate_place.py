from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ifc.model import BuildingModel
from tests.building_blocks import Blocks
from twin.climate import climate_for, synthetic_rain
from twin.climate.place import distance_km
from twin.errors import TwinError
from twin.project import Project, ProjectSection, SiteSection, WeatherSection


def model_at(latitude: float | None, longitude: float | None) -> BuildingModel:
    model = Blocks().model()
    return replace(model, site=replace(model.site, latitude_deg=latitude, longitude_deg=longitude))


def test_a_site_in_the_city_gets_its_typical_year_without_comment() -> None:
    climate, diagnostics = climate_for(model_at(28.68, 115.86), Project())
    assert climate.place == "Nanchang"
    assert diagnostics == ()


def test_a_site_far_from_the_weather_is_told() -> None:
    climate, (diagnostic,) = climate_for(model_at(49.1, 8.4), Project())
    assert climate.place == "Nanchang"
    assert diagnostic.code == "climate-far-from-site"
    assert "km from Nanchang" in diagnostic.message.en


def test_the_location_of_twin_toml_goes_before_the_model() -> None:
    project = Project(site=SiteSection(latitude_deg=28.7, longitude_deg=115.9))
    assert climate_for(model_at(49.1, 8.4), project)[1] == ()


def test_a_site_without_location_is_told() -> None:
    (diagnostic,) = climate_for(model_at(None, None), Project())[1]
    assert diagnostic.code == "climate-place-unchecked"


def test_a_rain_record_replaces_the_synthetic_one(tmp_path: Path) -> None:
    (tmp_path / "gauge.csv").write_text("time,depth_mm\n2020-01-01,1\n2020-01-02,2\n", "utf-8")
    project = Project(folder=tmp_path, weather=WeatherSection(rain=Path("gauge.csv")))
    climate, _ = climate_for(model_at(28.6, 115.9), project)
    assert climate.rain is not None
    assert climate.rain.depth_mm.tolist() == [1.0, 2.0]
    assert climate.sha256 != climate_for(model_at(28.6, 115.9), Project())[0].sha256


def test_a_missing_weather_file_is_refused() -> None:
    with pytest.raises(TwinError, match="does not exist"):
        climate_for(model_at(28.6, 115.9), Project(weather=WeatherSection(epw=Path("none.epw"))))


def test_a_city_without_a_typical_year_wants_a_weather_file() -> None:
    with pytest.raises(TwinError, match=r"weather\.epw"):
        climate_for(model_at(28.6, 115.9), Project(project=ProjectSection(city="Harbin")))


def test_distances_are_great_circles() -> None:
    assert distance_km(28.60, 115.92, 28.11, 112.79) == pytest.approx(310, abs=3)  # Nanchang to Changsha
    assert distance_km(0.0, 179.0, 0.0, -179.0) == pytest.approx(222.4, abs=0.1)


@pytest.mark.shared
def test_the_weather_file_of_another_city_brings_its_own_rain(shared_data: Path) -> None:
    epw = shared_data / "weather" / "CHN_HN_Changsha.576870_TMYx.2007-2021.epw"
    climate, (diagnostic,) = climate_for(model_at(28.6, 115.9), Project(weather=WeatherSection(epw=epw)))
    assert climate.place == "Changsha"
    assert climate.rain is not None
    assert climate.rain is not synthetic_rain("Nanchang")
    assert climate.rain.depth_mm.sum() == pytest.approx(1652, abs=1)
    assert diagnostic.code == "climate-far-from-site"
