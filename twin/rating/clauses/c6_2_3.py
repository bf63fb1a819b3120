"""6.2.3 Public services in a public building: how many kinds the rooms could serve at most.

Whether a service is open to the public is not in a model, so the count is only an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Provenance, Text
from twin.rating.case import Case, Evaluator
from twin.rating.facts import Fact, unknown
from twin.rating.needs import fact_missing
from twin.use_types import use_types

_SERVICES = {
    "library": "culture", "reading_room": "culture", "exhibition": "culture", "activity_room": "culture",
    "clinic": "health", "elderly_day_care": "care", "nursery": "child care", "fitness": "sport",
    "gymnasium": "sport", "shop": "commerce", "restaurant": "catering", "classroom": "education",
    "meeting_room": "meetings", "hall": "meetings",
}  # fmt: skip
_FACT = "public_service_functions_in_building"


def public_service_functions_in_building(case: Case) -> Fact:
    """Kinds of public service that the rooms could offer, at most."""
    used = {str(use) for use in case.model.spaces.use}
    if not used & set(use_types()) - {"unknown"}:
        return unknown("count")
    kinds = sorted({_SERVICES[use] for use in used if use in _SERVICES})
    what = Text("Which services are open to the public.", "哪些服务功能向社会公众开放。")
    formula = f"rooms for {', '.join(kinds) or 'no public service'}: at most {len(kinds)}"
    return Fact(
        None, "count", Provenance.DERIVED, "uses of the spaces", formula, needs=(fact_missing(what, _FACT),),
        bounds=(0.0, float(len(kinds))),
    )  # fmt: skip


FACTS: Mapping[str, Evaluator] = {_FACT: public_service_functions_in_building}
