"""The one door: who asks, and whether this route is open to them. What is not listed is closed."""

from __future__ import annotations

from urllib.parse import urlsplit

import jwt
from starlette.requests import HTTPConnection

from ifc.model import Text
from sensors.readings import MICROSECONDS, now_us
from twin.server.accounts import Account
from twin.server.context import Context
from twin.server.errors import ApiError, forbidden, not_signed_in
from twin.server.rights import Principal, Right, Role

TOKEN_S = 900
ACCESS_COOKIE, REFRESH_COOKIE = "greentwin_token", "greentwin_refresh"
_ALGORITHM, _ISSUER = "HS256", "greentwin"

EVERYONE = frozenset(Role)
OPEN = "open"  # nobody need be signed in
_STAFF = frozenset({Role.OPERATOR, Role.MANAGER, Role.AUDITOR, Role.DEMO})


def _with(right: Right) -> frozenset[Role]:
    return frozenset(role for role in Role if Principal("", role).has(right))


# (method, path) -> the roles that may come in, or OPEN. A route that is missing here answers 403 to everyone.
ACCESS: dict[tuple[str, str], frozenset[Role] | str] = {
    ("GET", "/api/v1/openapi.json"): OPEN,
    ("GET", "/api/v1/twin"): OPEN,
    ("POST", "/api/v1/session"): OPEN,
    ("POST", "/api/v1/session/refresh"): OPEN,
    ("DELETE", "/api/v1/session"): EVERYONE,
    ("GET", "/api/v1/me"): EVERYONE,
    ("POST", "/api/v1/grants"): _with(Right.GRANT),
    ("GET", "/api/v1/points"): EVERYONE,
    ("GET", "/api/v1/latest"): EVERYONE,
    ("GET", "/api/v1/snapshot"): EVERYONE,
    ("GET", "/api/v1/history"): EVERYONE,
    ("GET", "/api/v1/aggregates"): EVERYONE,
    ("GET", "/api/v1/aggregates/{aggregate}"): EVERYONE,
    ("GET", "/api/v1/bindings"): EVERYONE,
    ("GET", "/api/v1/elements/{global_id}"): EVERYONE,
    ("GET", "/api/v1/evaluation"): EVERYONE,
    ("GET", "/api/v1/alarms"): EVERYONE,
    ("GET", "/api/v1/alarms/history"): EVERYONE,
    ("GET", "/api/v1/alarms/{alarm}/events"): EVERYONE,
    ("POST", "/api/v1/alarms/{alarm}/acknowledge"): _with(Right.ACKNOWLEDGE),
    ("GET", "/api/v1/shelves"): _STAFF,
    ("POST", "/api/v1/shelves"): _with(Right.SHELVE),
    ("DELETE", "/api/v1/shelves"): _with(Right.SHELVE),
    ("GET", "/api/v1/feeds"): _with(Right.FEEDS),
    ("GET", "/api/v1/outlets/{outlet}/refused"): _with(Right.FEEDS),
    ("POST", "/api/v1/outlets/{outlet}/refused"): _with(Right.RESEND),
    ("DELETE", "/api/v1/outlets/{outlet}/refused"): _with(Right.RESEND),
    ("GET", "/api/v1/audit"): _with(Right.AUDIT),
    ("DELETE", "/api/v1/households/{household}/readings"): _with(Right.DELETE),
    ("GET", "/api/v1/measured"): EVERYONE,
    ("GET", "/api/v1/designed"): EVERYONE,
    ("GET", "/api/v1/runoff"): EVERYONE,
    ("POST", "/api/v1/readings"): _with(Right.PUSH),
    ("WEBSOCKET", "/api/v1/live"): EVERYONE - {Role.SERVICE},
    ("GET", "/sta/v1.1"): EVERYONE,
    ("GET", "/sta/v1.1/{path:path}"): EVERYONE,
    ("GET", "/"): OPEN,
    ("GET", "/icon.svg"): OPEN,
    ("GET", "/assets/{path:path}"): OPEN,
    ("GET", "/scene/{path:path}"): EVERYONE - {Role.SERVICE},
}


def token_for(context: Context, account: Account, session: str) -> str:
    """A signed token that opens the API for a short time."""
    now_s = now_us() // MICROSECONDS
    claims = {"iss": _ISSUER, "sub": account.name, "sid": session, "iat": now_s, "exp": now_s + TOKEN_S}
    return jwt.encode(claims, context.accounts.signing_key, _ALGORITHM)


async def authorise(connection: HTTPConnection) -> None:
    """Let a request in, or refuse it. Runs before every route.

    Raises:
        ApiError: nobody is signed in, the role may not, or the caller asks too often.
    """
    if connection.scope["type"] == "websocket":
        # A browser learns why only from a connection that was opened: its route refuses.
        connection.state.refused = None
        try:
            _admit(connection)
        except ApiError as error:
            connection.state.refused = error
    else:
        _admit(connection)


def _admit(connection: HTTPConnection) -> None:
    context: Context = connection.app.state.context
    method = "WEBSOCKET" if connection.scope["type"] == "websocket" else connection.scope["method"]
    template = connection.scope["route"].path
    allowed = ACCESS.get(("GET" if method == "HEAD" else method, template))
    caller = caller_of(connection, context)
    address = "" if connection.client is None else connection.client.host
    context.requests.take(address if caller is None else f"account {caller.name}")
    connection.state.caller = caller
    if allowed == OPEN:
        return
    if caller is None:
        raise not_signed_in()
    if allowed is None or isinstance(allowed, str) or caller.role not in allowed:
        raise forbidden()


def caller_of(connection: HTTPConnection, context: Context) -> Principal | None:
    """Who a request comes from, None for nobody.

    Raises:
        ApiError: another site's page uses our cookie, or the demonstration.
    """
    if context.settings.demo:
        refuse_other_sites(connection)  # a browser reaches loopback for whatever page it shows
        return Principal("demo", Role.DEMO)
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        if bearer.startswith("gts_"):
            account = context.accounts.of_token(bearer)
            return None if account is None else Principal(account.name, account.role)
        return _of_token(context, bearer)
    token = connection.cookies.get(ACCESS_COOKIE)
    if not token:
        return None
    refuse_other_sites(connection)
    return _of_token(context, token)


def refuse_other_sites(connection: HTTPConnection) -> None:
    """A cookie is sent along whoever asks: only our own page may use it for more than reading.

    Raises:
        ApiError: the Origin is another one.
    """
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        raise ApiError(
            403,
            "other-origin",
            Text("The request comes from another site's page.", "请求来自其他网站的页面。"),
            Text("Use the twin's own page, or a token.", "请使用本平台页面，或使用令牌。"),
        )


def _of_token(context: Context, token: str) -> Principal | None:
    try:
        claims = jwt.decode(
            token,
            context.accounts.signing_key,
            [_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp", "sub", "sid"]},
        )
    except jwt.InvalidTokenError:
        return None
    account = context.accounts.session_account(str(claims["sid"]))
    if account is None or account.name != claims["sub"]:
        return None
    grants = context.accounts.grants(account.name)
    until_us = min([int(claims["exp"]) * MICROSECONDS, *(grant.until_us for grant in grants)])
    return Principal(account.name, account.role, account.household, claims["sid"], grants, until_us)
