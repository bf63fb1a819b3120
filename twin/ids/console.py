"""What ``twin check`` prints for people."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ifc.model import Language
from twin.ids.check import CheckResult, Outcome
from twin.ids.words import OUTCOMES, WORDS

_STYLES: dict[Outcome, str] = {"pass": "green", "fail": "red", "no_elements": "dim", "other_schema": "dim"}


def print_check(result: CheckResult, language: Language) -> None:
    """Print the specifications with their verdicts, each failing one with its causes."""

    def say(name: str) -> str:
        return WORDS[name].in_language(language)

    table = Table(title=escape(result.title.in_language(language)))
    table.add_column(say("specification"))
    table.add_column(say("verdict"))
    table.add_column(say("elements"), justify="right")
    table.add_column(say("failing"), justify="right")
    for one in result.specifications:
        style = _STYLES[one.outcome]
        lines = [escape(one.name.in_language(language))]
        lines += [f"[dim]  {escape(cause.message.in_language(language))}[/]" for cause in one.causes]
        table.add_row(
            "\n".join(lines),
            f"[{style}]{OUTCOMES[one.outcome].in_language(language)}[/]",
            str(one.applicable),
            str(one.failed) if one.failed else "–",
        )
    console = Console()
    console.print(table)
    counts = "  ".join(
        f"{text.in_language(language)} {result.count(outcome)}" for outcome, text in OUTCOMES.items()
    )
    verdict = say("passed" if result.passed else "not_passed")
    style = "green" if result.passed else "red"
    console.print(f"[bold {style}]{verdict}[/]  {counts}")
