"""What scene.json says beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twin import __version__
from twin.report.words import COLUMNS
from twin.use_types import use_types
from viewer.scene_folder import both

if TYPE_CHECKING:
    from twin.evaluate import Evaluation


def about(evaluation: Evaluation | None) -> dict[str, Any]:
    """Words of the tables, and the place of the evaluation where there is one."""
    found: dict[str, Any] = {
        "generator": f"greentwin {__version__}",
        "columns": {name: both(label) for name, label in COLUMNS.items()},
        "uses": {name: both(use.label) for name, use in use_types().items()},
        "evaluated": evaluation is not None,
        "utc_offset_h": None,
    }
    if evaluation is not None:
        climate = evaluation.climate
        found["utc_offset_h"] = climate.utc_offset_h
        found["place"] = {
            "name": climate.place,
            "latitude_deg": climate.latitude_deg,
            "longitude_deg": climate.longitude_deg,
        }
    return found
