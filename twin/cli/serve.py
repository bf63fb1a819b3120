"""``twin serve`` and ``twin account``: the live twin, and who may sign in to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from twin.cli.common import LangOption
from twin.cli.status import status

_PROJECT = typer.Argument(help="twin.toml with \\[live] and \\[\\[feeds]].", metavar="PROJECT")
ProjectArgument = Annotated[Path, _PROJECT]


def serve(
    lang: LangOption,
    project: Annotated[Path | None, _PROJECT] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="The pilot community, a simulated day; no accounts."),
    ] = False,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port; 0 for any free one.")] = 8742,
) -> None:
    """Serve the live twin: page, REST, WebSocket (docs/serve.md)."""
    if demo == (project is not None):
        raise typer.BadParameter("name a project, or --demo", param_hint="PROJECT")
    with status(lang, as_json=False):
        _need_server()
        from twin.project import read_project
        from twin.server.run import log_to_stderr
        from twin.server.run import serve as run

        log_to_stderr()
        if demo:
            from twin.server.demo import serve_demo

            serve_demo(host=host, port=port, listening=_say)
        else:
            assert project is not None
            from twin.server.background import settings_for, start_background

            stated = read_project(project)
            run(
                stated,
                settings_for(),
                host=host,
                port=port,
                started=start_background,
                listening=_say,
            )


account = typer.Typer(name="account", help="Who may sign in to a live twin.", no_args_is_help=True)


@account.command("add")
def add_account(
    project: ProjectArgument,
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    lang: LangOption,
    role: Annotated[
        Literal["operator", "manager", "resident", "auditor", "service"],
        typer.Option("--role", help="What it is for."),
    ],
    household: Annotated[str, typer.Option("--household", help="Of a resident.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin instead of asking.")
    ] = False,
) -> None:
    """Add an account; a service gets a token, which is printed this once."""
    with status(lang, as_json=False):
        accounts = _accounts(project)
        from twin.server.rights import Role

        if role == "service":
            _, token = accounts.add_service(name)
            print(token)
            return
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            asked = "密码" if lang == "zh" else "Password"
            password = typer.prompt(asked, hide_input=True, confirmation_prompt=True)
        accounts.add(name, Role(role), household, password)
    print(name, file=sys.stderr)


@account.command("list")
def list_accounts(project: ProjectArgument, lang: LangOption) -> None:
    """List accounts: name, role, household."""
    with status(lang, as_json=False):
        for one in _accounts(project).list():
            print(f"{one.name}\t{one.role}\t{one.household}")


@account.command("remove")
def remove_account(
    project: ProjectArgument,
    name: Annotated[str, typer.Argument(help="The account to take away.")],
    lang: LangOption,
) -> None:
    """Take an account away and end its sessions."""
    with status(lang, as_json=False):
        _accounts(project).remove(name)


def _accounts(project: Path) -> Any:
    _need_server()
    from twin.project import read_project
    from twin.server.accounts import Accounts
    from twin.server.app import ACCOUNTS, state_folder

    return Accounts(state_folder(read_project(project)) / ACCOUNTS)


def _need_server() -> None:
    """Say which extra is missing before a traceback does.

    Raises:
        SensorError: a package of the extra ``server`` is not installed.
    """
    from importlib.util import find_spec

    from sensors.errors import missing_extra

    packages = {"fastapi": "fastapi", "uvicorn": "uvicorn", "argon2": "argon2-cffi", "jwt": "PyJWT"}
    for module, package in packages.items():
        if find_spec(module) is None:
            raise missing_extra("server", package)


def _say(address: str) -> None:
    print(address, flush=True)
