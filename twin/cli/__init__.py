"""The command ``twin``: stdout carries data, stderr carries status, the exit code the verdict.

0 done, 1 done but a required criterion is not met, 2 bad input or usage, 3 a fault of greentwin itself;
130 interrupted, 141 the reader of stdout has gone.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from twin.cli import (
    batch,
    bind,
    calibrate,
    evaluate,
    export,
    history,
    ids,
    init,
    inspect,
    measure,
    runoff,
    serve,
    sunlight,
    verify,
    view,
    warmup,
)
from twin.cli.status import refuse_file, refuse_print


class Commands(TyperGroup):
    """All commands. What cannot be printed must not end with 1, which is a verdict."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command and print what is still in the buffer of stdout."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except OSError as error:
            if error.filename is not None:  # what is not printed has none
                refuse_file(error)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes again
            refuse_print(error)


app = typer.Typer(
    name="twin",
    cls=Commands,
    help="Turns the IFC model of a building or a community into a living green twin.",
    epilog="stdout carries data, stderr carries progress and diagnostics. "
    "Exit code: 0 done, 1 done but a required criterion is not met, 2 bad input or usage, "
    "3 a fault of greentwin itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(evaluate.evaluate)
app.command()(inspect.inspect)
app.command()(export.export)
app.command()(view.view)
app.command()(init.init)
app.command()(warmup.warmup)
app.command()(batch.batch)
app.command("ids")(ids.write_ids)
app.command()(ids.check)
app.add_typer(verify.verify)
app.command("bind")(bind.bind_points)
app.command()(calibrate.calibrate)
app.command()(measure.measure)
app.command()(runoff.runoff)
app.command()(sunlight.sunlight)
app.command("history")(history.history)
app.command("serve")(serve.serve)
app.add_typer(serve.account)


def main() -> None:
    """Entry point of the console script."""
    app()
