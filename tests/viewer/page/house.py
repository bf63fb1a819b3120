"""A small house as a model, and an earlier revision of its evaluation."""

from __future__ import annotations

from dataclasses import replace

from tests.building_blocks import Blocks


def house():
    """Two storeys, a room in each, and a tree outside; the upper room has no daylight result."""
    blocks = Blocks(north_deg=15.0)
    blocks.storey("一层", 0.0)
    wall = blocks.box("IfcWall", (0, -0.2, 0), (6, 0, 3))
    blocks.opening(wall, (1, -0.2, 1), (3, 0, 2.2), filling="IfcWindow")
    blocks.space((0, 0, 0), (6, 4, 3), name="101", long_name="阅览室 <A&B>", use="library")
    blocks.box("IfcSlab", (0, 0, -0.2), (6, 4, 0))
    blocks.storey("二层", 3.2)
    blocks.box("IfcSlab", (0, 0, 3), (6, 4, 3.2), storey=1)
    blocks.box("IfcWall", (0, 4, 3.2), (6, 4.2, 6.2), storey=1)
    blocks.space((0, 0, 3.2), (6, 4, 6.2), name="201", use="office", storey=1)
    blocks.box("IfcGeographicElement", (2, -4, 0), (3, -3, 5), name="树", storey=-1)
    return blocks.model()


def revision_before(evaluation):
    """The house without its upper wall, four points worse."""
    model = evaluation.model
    ids = model.elements.global_id.copy()
    ids[model.elements.rows_of_class("IfcWall")[-1]] = "an older wall"
    card = evaluation.scorecard
    return replace(
        evaluation,
        model=replace(model, elements=replace(model.elements, global_id=ids)),
        scorecard=replace(card, score_guaranteed=card.score_guaranteed - 4.0),
    )
