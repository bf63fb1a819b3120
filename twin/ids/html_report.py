"""A check as one self-contained HTML page in Chinese and English, without network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import get_args

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from ifc.model import Language, Text
from twin.ids.check import CheckResult, Outcome
from twin.ids.words import OUTCOMES, WORDS

SHOWN_ELEMENTS = 200  # of each cause; the JSON holds all


def write_html(result: CheckResult, path: Path, language: Language) -> Path:
    """Write the page to ``path`` and return it; ``language`` is the one shown first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_html(result, language), "utf-8")
    return path


def render_html(result: CheckResult, language: Language) -> str:
    """The page as a string."""
    counts = {outcome: result.count(outcome) for outcome in get_args(Outcome)}
    total = max(1, sum(counts.values()))
    passed, failed = 100 * counts["pass"] / total, 100 * counts["fail"] / total
    return _template().render(
        result=result,
        file_name=Path(result.model_path).name,
        counts=counts,
        share={"pass": f"{passed:.2f}", "fail": f"{failed:.2f}", "none": f"{100 - passed - failed:.2f}"},
        causes=sum(len(one.causes) for one in result.specifications),
        failing=[one for one in result.specifications if one.outcome == "fail"],
        shown=SHOWN_ELEMENTS,
        outcomes=OUTCOMES,
        w=WORDS,
        language=language,
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["t"] = _both
    return environment.from_string(files("twin.ids").joinpath("check.html.jinja").read_text("utf-8"))


def _both(text: Text) -> Markup:
    """Both languages; the page's style shows one of them."""
    if text.en == text.zh:
        return escape(text.en)
    return Markup('<span class="en">{}</span><span class="zh" lang="zh">{}</span>').format(text.en, text.zh)
