"""Every role against every route. A route that is not in this table fails the test."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute, APIRouter

from twin.server.gate import ACCESS, OPEN

ROLES = ("operator", "manager", "resident", "auditor", "service")
# method, path (with values), who may: o operator, m manager, r resident, a auditor, s service, - nobody signed in
TABLE = [
    ("GET", "/api/v1/openapi.json", "omras-"),
    ("GET", "/api/v1/twin", "omras-"),
    ("POST", "/api/v1/session", "omras-"),
    ("POST", "/api/v1/session/refresh", ""),  # by its own cookie only, which none of these has
    ("GET", "/api/v1/me", "omras"),
    ("POST", "/api/v1/grants", "om"),
    ("GET", "/api/v1/points", "omras"),
    ("GET", "/api/v1/latest", "omras"),
    ("GET", "/api/v1/snapshot", "omras"),
    ("GET", "/api/v1/history", "omras"),
    ("GET", "/api/v1/aggregates", "omras"),
    ("GET", "/api/v1/aggregates/{aggregate}", "omras"),
    ("GET", "/api/v1/bindings", "omras"),
    ("GET", "/api/v1/elements/{global_id}", "omras"),
    ("GET", "/api/v1/evaluation", "omras"),
    ("GET", "/api/v1/alarms", "omras"),
    ("GET", "/api/v1/alarms/history", "omras"),
    ("GET", "/api/v1/alarms/{alarm}/events", "omras"),
    ("POST", "/api/v1/alarms/{alarm}/acknowledge", "om"),
    ("GET", "/api/v1/shelves", "oma"),
    ("POST", "/api/v1/shelves", "om"),
    ("DELETE", "/api/v1/shelves", "om"),
    ("GET", "/api/v1/feeds", "oma"),
    ("GET", "/api/v1/outlets/{outlet}/refused", "oma"),
    ("POST", "/api/v1/outlets/{outlet}/refused", "om"),
    ("DELETE", "/api/v1/outlets/{outlet}/refused", "om"),
    ("GET", "/api/v1/audit", "a"),
    ("DELETE", "/api/v1/households/{household}/readings", "mr"),
    ("GET", "/api/v1/measured", "omras"),
    ("GET", "/api/v1/designed", "omras"),
    ("GET", "/api/v1/runoff", "omras"),
    ("POST", "/api/v1/readings", "s"),
    ("WEBSOCKET", "/api/v1/live", "omra"),
    ("GET", "/sta/v1.1", "omras"),
    ("GET", "/sta/v1.1/{path:path}", "omras"),
    ("GET", "/", "omras-"),
    ("GET", "/icon.svg", "omras-"),
    ("GET", "/assets/{path:path}", "omras-"),
    ("GET", "/scene/{path:path}", "omra"),
    ("DELETE", "/api/v1/session", "omras"),
]
# What a route needs to be let through to its own checks; that it then finds nothing is no refusal.
BODIES = {
    "/api/v1/readings": {"readings": [{"point": "lobby/co2", "value": 500}]},
    "/api/v1/session": {"name": "operator", "password": "correct horse battery"},
    "/api/v1/grants": {"household": "home-6", "purpose": "reading the meters", "minutes": 1},
    "/api/v1/alarms/{alarm}/acknowledge": {"note": ""},
    "/api/v1/shelves": {"rule": "none", "minutes": 1, "reason": "work"},
}
PLACES = {
    "{aggregate}": "none", "{global_id}": "none", "{alarm}": "none", "{household}": "home-1", "{outlet}": "none",
    "{path:path}": "none.js",
}  # fmt: skip
QUERY = {"begin": "0", "end": "1000000", "at": "0", "point": "lobby/temperature", "rule": "none"}


def routes_of(app) -> set[tuple[str, str]]:
    found = set()

    def walk(routes, prefix="") -> None:
        for route in routes:
            inner = getattr(route, "original_router", None)
            if isinstance(inner, APIRouter):
                walk(inner.routes, prefix + route.include_context.prefix)
            elif isinstance(route, APIRoute):
                found.update((method, prefix + route.path) for method in route.methods)
            else:
                found.add(("WEBSOCKET", prefix + route.path))

    walk(app.routes)
    return found


def test_every_route_is_in_the_table_and_no_other(site) -> None:
    table = {(method, path) for method, path, _ in TABLE}
    assert routes_of(site.client.app) == table == set(ACCESS)


@pytest.mark.parametrize(("method", "path", "allowed"), TABLE, ids=[f"{m} {p}" for m, p, _ in TABLE])
def test_each_role_gets_what_the_table_says(method, path, allowed, site) -> None:
    address = path
    for name, value in PLACES.items():
        address = address.replace(name, value)
    for who in (*ROLES, ""):
        site.client.cookies.clear()
        if method == "WEBSOCKET":
            with site.client.websocket_connect(address, headers=site.as_(who)) as socket:
                first = socket.receive()
                let_in = first["type"] == "websocket.send"
                assert let_in or first["code"] == (4403 if who else 4401)
                socket.close()
        else:
            site.context.logins.__init__(1000, 1)
            answer = site.client.request(
                method, address, headers=site.as_(who), params=QUERY, json=BODIES.get(path)
            )
            let_in = answer.status_code not in (401, 403)
            assert let_in or answer.json()["error"]["code"] in ("not-signed-in", "forbidden")
            assert let_in or answer.status_code == (403 if who and path != "/api/v1/session/refresh" else 401)
            assert answer.status_code < 500
        assert let_in == ((who[:1] or "-") in allowed), f"{who or 'nobody'} on {method} {path}"
    if (method, path) == ("DELETE", "/api/v1/session"):
        site.sign_in()  # for the tests that come after, in whatever order


def test_a_route_without_an_entry_is_closed_to_everyone(site, monkeypatch) -> None:
    monkeypatch.delitem(ACCESS, ("GET", "/api/v1/me"))
    for who in ROLES:
        assert site.ask(who, "GET", "/me").status_code in (401, 403)
    assert OPEN not in [value for key, value in ACCESS.items() if key[1].startswith("/api/v1/alarms")]
