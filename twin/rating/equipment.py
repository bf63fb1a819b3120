"""Sanitary fixtures and other equipment as the clauses see them."""

from __future__ import annotations

from twin.rating.case import Case
from twin.rating.reading import says

_FIXTURE_TYPES = {
    "TOILETPAN": "toilet", "WCSEAT": "toilet", "CISTERN": "toilet", "URINAL": "urinal", "BIDET": "basin",
    "WASHHANDBASIN": "basin", "SINK": "basin", "SANITARYFOUNTAIN": "basin", "SHOWER": "shower",
    "BATH": "shower", "FAUCET": "tap",
}  # fmt: skip
_FIXTURE_WORDS = (
    ("toilet", ("马桶", "坐便器", "蹲便器", "大便器", "便器", "toilet", "wc", "water closet")),
    ("urinal", ("小便器", "小便斗", "urinal")),
    ("basin", ("洗脸盆", "洗手盆", "面盆", "台盆", "水槽", "洗涤盆", "basin", "lavatory", "sink", "vanity")),
    ("shower", ("淋浴", "花洒", "浴缸", "浴盆", "shower", "bath", "tub")),
    ("tap", ("水龙头", "水嘴", "faucet", "tap")),
)
_FIXTURE_CLASSES = ("IfcSanitaryTerminal", "IfcFlowTerminal", "IfcValve")


def sanitary_fixtures(case: Case) -> dict[int, str]:
    """Element row -> toilet, urinal, basin, shower or tap, for the fixtures that use water."""
    found: dict[int, str] = {}
    for row in case.rows(*_FIXTURE_CLASSES):
        stated = str(case.model.elements.predefined_type[row]).upper()
        ifc_class = str(case.model.elements.ifc_class[row])
        if stated in _FIXTURE_TYPES:
            found[row] = _FIXTURE_TYPES[stated]
        elif ifc_class != "IfcValve":
            text = f"{case.text(row)} {stated}"
            kind = next((kind for kind, words in _FIXTURE_WORDS if says(text, words)), "")
            if kind or ifc_class == "IfcSanitaryTerminal":
                found[row] = kind or "basin"
    return found
