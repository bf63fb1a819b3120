"""A small live twin with homes, its server, and somebody of each role."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastapi.testclient
import pytest
from argon2 import PasswordHasher

from sensors.readings import Sample, now_us
from twin.project import Project, read_project
from twin.server.app import create_app
from twin.server.context import Context, Settings
from twin.server.gate import token_for
from twin.server.rights import Role

PASSWORD = "correct horse battery"
HOMES = [f"home-{number}" for number in range(1, 7)]
ALARMS = """\
alarms:
- {id: co2-high, points: "*/co2", above: 1000, message: CO2 is high, message_zh: CO2 偏高}
- {id: hot, points: "*/temperature", above: 30}
- {id: call, points: "*/call", above: 0.5, severity: emergency}
"""


def project_in(folder: Path, extra: str = "", points: Sequence[str] = ()) -> Project:
    lines = ["id,quantity,unit,interval_s,privacy,household,urgent"]
    lines += ["lobby/temperature,temperature,°C,60,public,,", "lobby/co2,co2,ppm,60,community,,"]
    for home in HOMES:
        lines.append(f"{home}/temperature,temperature,°C,60,household,{home},")
        lines.append(f"{home}/motion,motion,,,personal_sensitive,{home},")
    lines.append("home-1/call,call,,,personal_sensitive,home-1,yes")
    lines += [f"{home}/co2,co2,ppm,60,household,{home}," for home in HOMES[:3]]
    lines += points
    (folder / "points.csv").write_text("\n".join(lines), "utf-8")
    (folder / "alarms.yaml").write_text(ALARMS, "utf-8")
    text = '[project]\nname = "Site"\n[live]\npoints = "points.csv"\nalarms = "alarms.yaml"\n' + extra
    (folder / "twin.toml").write_text(text, "utf-8")
    return read_project(folder / "twin.toml")


@dataclass
class Site:
    """A running server. ``as_`` gives the headers of a role's account."""

    client: fastapi.testclient.TestClient
    context: Context
    tokens: dict[str, str]

    def as_(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}

    def sign_in(self) -> None:
        """Open a session for each account of a person, in place of the one before."""
        for account in self.context.accounts.list():
            if account.role is not Role.SERVICE:
                session = self.context.accounts.open_session(account)[0]
                self.tokens[account.name] = token_for(self.context, account, session)

    def ask(self, who: str, method: str, path: str, **options: Any) -> Any:
        self.client.cookies.clear()
        return self.client.request(method, f"/api/v1{path}", headers=self.as_(who), **options)

    def get(self, who: str, path: str, **query: Any) -> Any:
        answer = self.ask(who, "GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, **values: float) -> None:
        """Take readings in, as a feed does, and wait until they are stored."""
        samples = [Sample(name.replace("__", "/").replace("_", "-"), value) for name, value in values.items()]
        self.deliver(samples)

    def deliver(self, samples: list[Sample]) -> None:
        assert self.client.portal is not None
        self.client.portal.call(self.context.live.intake.deliver, samples, "test")


@contextlib.contextmanager
def site_in(
    folder: Path, settings: Settings | None = None, extra: str = "", points: Sequence[str] = ()
) -> Iterator[Site]:
    monkeypatch = pytest.MonkeyPatch()
    # As hard to break as the real one is to compute: not needed for tests of who may do what.
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("twin.server.accounts.PasswordHasher", lambda: quick)
    app = create_app(project_in(folder, extra, points), settings or Settings(requests_burst=10_000))
    with fastapi.testclient.TestClient(app, raise_server_exceptions=False) as client:
        context: Context = app.state.context
        for name, role, household in [
            ("operator", Role.OPERATOR, ""),
            ("manager", Role.MANAGER, ""),
            ("auditor", Role.AUDITOR, ""),
            ("resident", Role.RESIDENT, "home-1"),
            ("neighbour", Role.RESIDENT, "home-2"),
        ]:
            context.accounts.add(name, role, household, PASSWORD)
        opened = Site(client, context, {"service": context.accounts.add_service("service")[1]})
        opened.sign_in()
        yield opened
    monkeypatch.undo()


def minutes_ago(minutes: float) -> int:
    return now_us() - round(minutes * 60_000_000)
