import json
from dataclasses import replace

import jsonschema
import pytest

from ifc.model import FaultPlace
from tests.twin.example_evaluation import example_evaluation
from twin.report.json_report import evaluation_to_dict, json_schema, plain


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_evaluation_obeys_the_documented_schema(language) -> None:
    data = json.loads(json.dumps(evaluation_to_dict(example_evaluation(), language), allow_nan=False))
    jsonschema.validate(data, json_schema())


def test_further_tables_are_told_in_the_language_with_their_units() -> None:
    metrics = evaluation_to_dict(example_evaluation(), "zh")["metrics"]
    assert metrics["sunlight"]["tables"] == {
        "photovoltaic_surfaces": {
            "label": "各表面发电量",
            "columns": {"global_id": ["wall01"], "azimuth_deg": [None], "pv_yield_kwh": [1234.0]},
            "units": {"pv_yield_kwh": "kWh/a"},
        }
    }
    assert metrics["energy"]["tables"] == {}


def test_the_schema_refuses_what_is_not_documented() -> None:
    data = evaluation_to_dict(example_evaluation())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "surprise": 1}, json_schema())
    del data["clauses"][0]["verdict"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json_schema())


def test_a_clause_carries_the_value_of_the_item_that_decides_it_and_all_missing_data() -> None:
    met, _, undecided, _ = evaluation_to_dict(example_evaluation(), "en")["clauses"]
    assert (met["value"], met["limit"], met["unit"], met["provenance"]) == (61.5, 60.0, "%", "derived")
    assert undecided["value"] is None
    assert undecided["missing"][0]["what"] == "Annual daylight is missing."
    assert undecided["elements"] == ["element000004"]


def test_what_is_not_a_number_becomes_null() -> None:
    assert plain(float("nan")) is None
    assert plain(float("inf")) is None
    table = evaluation_to_dict(example_evaluation())["metrics"]["daylight"]["table"]
    assert table["uniformity"] == [None]


def test_texts_come_in_the_language_asked_for() -> None:
    assert evaluation_to_dict(example_evaluation(), "zh")["diagnostics"][0]["remedy"] == "请建模外窗。"


def test_a_finding_says_where_its_places_are() -> None:
    place = FaultPlace("no-element", 4.3, "m²", (1.0, 2.0, 3.0), "wall", "N", "L1", "", ("element000004",))
    evaluation = example_evaluation()
    found = replace(evaluation.diagnostics[0], places=(place,))
    data = evaluation_to_dict(replace(evaluation, diagnostics=(found,)), "en")
    jsonschema.validate(data, json_schema())
    assert data["diagnostics"][0]["places"] == [
        {
            "what": "no-element", "size": 4.3, "unit": "m²", "point_m": [1.0, 2.0, 3.0], "side": "wall",
            "direction": "N", "storey": "L1", "neighbour": None, "elements": ["element000004"],
        }
    ]  # fmt: skip
