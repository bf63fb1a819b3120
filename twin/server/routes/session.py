"""Signing in and out, and opening a household for a purpose."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from ifc.model import Text
from sensors.readings import MICROSECONDS, now_us
from twin.server.accounts import SESSION_S, Account
from twin.server.context import Caller, Context, Served
from twin.server.errors import ApiError, not_found, not_signed_in
from twin.server.gate import ACCESS_COOKIE, REFRESH_COOKIE, TOKEN_S, refuse_other_sites, token_for
from twin.server.rights import RIGHTS, Grant, Principal, Role
from twin.server.schemas import GrantBody, GrantRequest, Me, Session, SignIn

router = APIRouter(tags=["session"])


@router.post("/api/v1/session")
async def sign_in(request: Request, response: Response, context: Served, body: SignIn) -> Session:
    """Sign in with a name and a password."""
    refuse_other_sites(request)
    address = "" if request.client is None else request.client.host
    context.logins_from.take(address)
    context.logins.take(f"{body.name}\n{address}")
    async with context.checking:
        account = await asyncio.to_thread(context.accounts.check, body.name, body.password)
    if account is None:
        await context.audit.add(body.name, "", "sign-in-refused", "", address)
        raise ApiError(
            401,
            "bad-credentials",
            Text("The name or the password is wrong.", "账户名或密码错误。"),
            Text("Try again.", "请重试。"),
        )
    session, refresh = context.accounts.open_session(account)
    await context.audit.add(account.name, account.role, "signed-in", "", address)
    return _opened(context, request, response, account, session, refresh)


@router.post("/api/v1/session/refresh")
async def refresh_session(request: Request, response: Response, context: Served) -> Session:
    """A new token for the refresh token of the cookie, which is replaced."""
    refuse_other_sites(request)
    found = context.accounts.refresh(request.cookies.get(REFRESH_COOKIE, ""))
    if found is None:
        raise not_signed_in()
    account, session, refresh = found
    return _opened(context, request, response, account, session, refresh)


@router.delete("/api/v1/session", status_code=204)
async def sign_out(caller: Caller, context: Served, response: Response) -> None:
    """End the session: none of its tokens opens anything any more."""
    if caller.session:
        context.accounts.close_session(caller.session)
        await context.audit.add(caller.name, caller.role, "signed-out")
    response.delete_cookie(ACCESS_COOKIE)
    response.delete_cookie(REFRESH_COOKIE, path="/api/v1/session")


@router.get("/api/v1/me")
async def me(caller: Caller) -> Me:
    """Who is signed in, and what the account may do."""
    return _me(caller)


@router.post("/api/v1/grants", status_code=201)
async def open_household(caller: Caller, context: Served, body: GrantRequest) -> GrantBody:
    """Open a household's readings to this account for a purpose, which is written to the audit log."""
    if not any(point.household == body.household for point in context.live.points):
        raise not_found(Text("There is no such household.", "没有该住户。"))
    grant = Grant(body.household, body.purpose, now_us() + body.minutes * 60 * MICROSECONDS)
    # First the record, then the readings.
    await context.audit.add(
        caller.name, caller.role, "grant", body.household, f"{body.minutes} min: {body.purpose}"
    )
    context.accounts.grant(caller.name, grant)
    return _grant(grant)


def _opened(
    context: Context, request: Request, response: Response, account: Account, session: str, refresh: str
) -> Session:
    token = token_for(context, account, session)
    # Behind a proxy that speaks TLS only the page's Origin tells.
    secure = "https" in (request.url.scheme, urlsplit(request.headers.get("origin", "")).scheme)
    response.set_cookie(
        ACCESS_COOKIE, token, max_age=TOKEN_S, httponly=True, samesite="strict", secure=secure
    )
    response.set_cookie(
        REFRESH_COOKIE, refresh, max_age=SESSION_S, path="/api/v1/session", httponly=True, samesite="strict",
        secure=secure,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    grants = context.accounts.grants(account.name)
    caller = Principal(account.name, account.role, account.household, session, grants)
    return Session(access_token=token, expires_in_s=TOKEN_S, me=_me(caller))


def _me(caller: Principal) -> Me:
    return Me(
        name=caller.name,
        role=caller.role.value,
        household=caller.household if caller.role is Role.RESIDENT else "",
        rights=sorted(right.value for right in RIGHTS[caller.role]),
        grants=[_grant(grant) for grant in caller.grants],
    )


def _grant(grant: Grant) -> GrantBody:
    return GrantBody(household=grant.household, purpose=grant.purpose, until_ms=grant.until_us // 1000)
