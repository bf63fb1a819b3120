"""Write the scene of a model, and a static copy of the page with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ifc.cutting import cut_openings
from ifc.model import BuildingModel, Language, Text
from twin.errors import TwinError
from twin.report.json_report import evaluation_to_dict
from twin.view.about import about
from twin.view.compare import compare
from twin.view.layers import layers_of
from viewer.page import copy_page, mark_static, page_folder
from viewer.scene_folder import write_scene_folder

if TYPE_CHECKING:
    from twin.evaluate import Evaluation


def write_scene(model: BuildingModel, evaluation: Evaluation | None, folder: Path) -> Path:
    """Write the scene folder that the page reads; returns ``folder``.

    Without an evaluation it shows the model only. Existing files of an earlier scene are replaced.
    """
    write_scene_folder(
        folder, model, cut_openings(model), layers_of(model, evaluation), about=about(evaluation)
    )
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        path = folder / f"evaluation.{language}.json"
        if evaluation is None:
            path.unlink(missing_ok=True)
            continue
        data = evaluation_to_dict(evaluation, language)
        path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), "utf-8")
    return folder


def write_static(
    model: BuildingModel, evaluation: Evaluation | None, folder: Path, before: Evaluation | None = None
) -> Path:
    """Write the page and its scene into a folder that works from any file server; returns index.html.

    With ``before``, the evaluation of an earlier revision, the page compares the two.

    Raises:
        TwinError: the page has not been built.
    """
    require_page()
    folder.mkdir(parents=True, exist_ok=True)
    copy_page(folder)
    mark_static(folder / "index.html")
    write_scene(model, evaluation, folder / "scene")
    comparison = folder / "scene" / "compare.json"
    if evaluation is not None and before is not None:
        text = json.dumps(compare(before, evaluation), ensure_ascii=False, separators=(",", ":"))
        comparison.write_text(text, "utf-8")
        _mark_compared(folder / "scene" / "scene.json")
    else:
        comparison.unlink(missing_ok=True)
    return folder / "index.html"


def require_page() -> None:
    """Make sure of the page before the work is done.

    Raises:
        TwinError: the page has not been built.
    """
    if page_folder() is None:
        raise TwinError(
            "page-not-built",
            "viewer/web",
            Text("The page of the viewer is not built.", "查看器页面尚未构建。"),
            Text(
                "In a checkout, run `python -m viewer.build`; installed packages bring it along.",
                "在源码目录中运行 `python -m viewer.build`；正式安装包已自带该页面。",
            ),
        )


def _mark_compared(scene: Path) -> None:
    """Say in scene.json that there is a comparison, so that the page asks for it."""
    info = json.loads(scene.read_text("utf-8"))
    scene.write_text(json.dumps(info | {"compare": True}, ensure_ascii=False, separators=(",", ":")), "utf-8")
