"""The climate that one model is evaluated in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ifc.model import BuildingModel, Diagnostic, Severity, Text
from twin.climate.built_in import synthetic_rain, typical_year
from twin.climate.city import city_climate
from twin.climate.epw import read_epw
from twin.climate.rain_file import read_rain
from twin.climate.record import Climate, data_sha256
from twin.errors import TwinError
from twin.project import Project

FAR_KM = 100.0
EARTH_RADIUS_KM = 6371.0


def climate_for(model: BuildingModel, project: Project) -> tuple[Climate, tuple[Diagnostic, ...]]:
    """The weather and rain of a project, and what is doubtful about them.

    Weather is the project's EPW file, else the typical year of its city. Rain is the project's record, else
    the city's synthetic one when the weather's place lies within 100 km of the city, else the weather
    file's own.

    Raises:
        TwinError: a file cannot be used, or there is neither a file nor a built-in year of the city.
    """
    if project.weather.epw is None:
        climate = typical_year(project.project.city)
    else:
        climate = read_epw(project.resolve(project.weather.epw))
        climate = _with_rain_of_city(climate, project.project.city)
    if project.weather.rain is not None:
        climate = replace(climate, rain=read_rain(project.resolve(project.weather.rain)))
        climate = replace(climate, sha256=data_sha256(climate))
    return climate, _place_diagnostics(model, climate, project)


def distance_km(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Great-circle distance between two places, degrees in, by the haversine formula."""
    a, b = np.radians([latitude_a, longitude_a]), np.radians([latitude_b, longitude_b])
    half = np.sin((b - a) / 2.0) ** 2
    chord = half[0] + np.cos(a[0]) * np.cos(b[0]) * half[1]
    return float(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(min(chord, 1.0))))


def _with_rain_of_city(climate: Climate, city: str) -> Climate:
    try:
        known = city_climate(city)
    except TwinError:  # with a weather file at hand, the city need not be built in
        return climate
    away = distance_km(climate.latitude_deg, climate.longitude_deg, known.latitude_deg, known.longitude_deg)
    if away > FAR_KM:
        return climate
    climate = replace(climate, rain=synthetic_rain(city))
    return replace(climate, sha256=data_sha256(climate))


def _place_diagnostics(model: BuildingModel, climate: Climate, project: Project) -> tuple[Diagnostic, ...]:
    latitude = project.site.latitude_deg
    longitude = project.site.longitude_deg
    latitude = model.site.latitude_deg if latitude is None else latitude
    longitude = model.site.longitude_deg if longitude is None else longitude
    if latitude is None or longitude is None:
        return (
            Diagnostic(
                "climate-place-unchecked",
                Severity.NOTE,
                Text(
                    f"The model states no location; the climate of {climate.place} is used unchecked.",
                    f"模型未给出地理位置，直接采用{climate.place}的气候数据，未作校核。",
                ),
                Text(
                    "Set RefLatitude and RefLongitude of IfcSite, or [site] latitude_deg and longitude_deg.",
                    "请填写 IfcSite 的 RefLatitude 与 RefLongitude，或 twin.toml 中 [site] 的 "
                    "latitude_deg 与 longitude_deg。",
                ),
                model.site.global_id,
            ),
        )
    away = distance_km(latitude, longitude, climate.latitude_deg, climate.longitude_deg)
    if away <= FAR_KM:
        return ()
    return (
        Diagnostic(
            "climate-far-from-site",
            Severity.WARNING,
            Text(
                f"The site ({latitude:.2f}°, {longitude:.2f}°) lies {away:,.0f} km from {climate.place}, "
                f"whose climate is used.",
                f"场地（{latitude:.2f}°，{longitude:.2f}°）距所用气候数据的地点 {climate.place} 约 "
                f"{away:,.0f} km。",
            ),
            Text(
                "Give the weather file of the site in weather.epw, or correct the location of the model.",
                "请在 weather.epw 中提供场地所在地的气象文件，或改正模型中的地理位置。",
            ),
            model.site.global_id,
        ),
    )
