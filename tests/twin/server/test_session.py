"""Signing in, tokens, cookies, limits, and the audit log."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time

import jwt
import pytest

from tests.twin.server.site import PASSWORD, site_in
from twin.errors import TwinError
from twin.server import audit
from twin.server.accounts import Accounts
from twin.server.audit import AuditLog
from twin.server.context import Settings
from twin.server.rights import Role


def sign_in(site, name="operator", password=PASSWORD, **options):
    return site.client.post("/api/v1/session", json={"name": name, "password": password}, **options)


def test_signing_in_gives_cookies_that_open_the_api_until_signed_out(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with site_in(tmp_path) as site:
        answer = sign_in(site)
        assert answer.status_code == 200
        token = answer.json()["access_token"]
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "samesite=strict" in cookie.lower()
        me = site.client.get("/api/v1/me").json()
        assert (me["name"], me["role"], "acknowledge" in me["rights"]) == ("operator", "operator", True)
        refreshed = site.client.post("/api/v1/session/refresh")
        assert refreshed.status_code == 200
        assert site.client.delete("/api/v1/session").status_code == 204
        assert site.client.get("/api/v1/me").status_code == 401
        bearer = {"Authorization": f"Bearer {token}"}
        assert site.client.get("/api/v1/me", headers=bearer).status_code == 401  # the session has ended
        assert PASSWORD not in caplog.text
        assert token not in caplog.text


def test_a_refresh_token_works_once(tmp_path):
    with site_in(tmp_path) as site:
        sign_in(site)
        old = site.client.cookies["greentwin_refresh"]
        assert site.client.post("/api/v1/session/refresh").status_code == 200
        site.client.cookies.set("greentwin_refresh", old, path="/api/v1/session", domain="testserver.local")
        site.client.cookies.clear()
        again = site.client.post("/api/v1/session/refresh", headers={"Cookie": f"greentwin_refresh={old}"})
        assert again.status_code == 401


def test_passwords_cannot_be_tried_at_will(tmp_path):
    with site_in(tmp_path) as site:
        answers = [sign_in(site, password="wrong password").status_code for _ in range(7)]
        assert answers == [401] * 5 + [429] * 2
        refused = sign_in(site)
        assert refused.status_code == 429  # even the right one has to wait
        assert int(refused.headers["Retry-After"]) > 0
        assert sign_in(site, name="manager").status_code == 200  # another account does not
        unknown = sign_in(site, name="nobody", password="wrong password")
        assert unknown.json()["error"]["code"] == "bad-credentials"


def test_another_sites_page_cannot_use_the_cookie(tmp_path):
    with site_in(tmp_path) as site:
        sign_in(site)
        other = {"Origin": "https://elsewhere.example"}
        assert site.client.get("/api/v1/me", headers=other).status_code == 403
        assert site.client.post("/api/v1/session/refresh", headers=other).status_code == 403
        assert sign_in(site, headers=other).status_code == 403
        own = {"Origin": "http://testserver"}
        assert site.client.get("/api/v1/me", headers=own).status_code == 200
        assert "access-control-allow-origin" not in site.client.get("/api/v1/me", headers=own).headers


def test_another_sites_page_cannot_use_the_demonstration(tmp_path):
    with site_in(tmp_path, Settings(demo=True)) as site:
        for origin, status in (("https://elsewhere.example", 403), ("null", 403), ("http://testserver", 200)):
            answer = site.client.get("/api/v1/latest", headers={"Origin": origin})
            assert answer.status_code == status


def test_cookies_are_secure_behind_a_proxy_that_speaks_tls(tmp_path):
    with site_in(tmp_path) as site:
        for origin, secure in (("http://testserver", False), ("https://testserver", True)):
            cookies = sign_in(site, headers={"Origin": origin}).headers.get_list("set-cookie")
            assert [("Secure" in cookie) for cookie in cookies] == [secure, secure]


def test_forged_and_ended_tokens_open_nothing(site):
    key = site.context.accounts.signing_key
    good = jwt.decode(site.tokens["operator"], key, ["HS256"], issuer="greentwin")
    forged = [
        jwt.encode(good, b"another key of sufficient length", "HS256"),
        jwt.encode(good, "", "none"),
        jwt.encode({**good, "exp": 1}, key, "HS256"),
        jwt.encode({**good, "sid": "0" * 32}, key, "HS256"),
        jwt.encode({**good, "sub": "manager"}, key, "HS256"),
        jwt.encode({name: good[name] for name in good if name != "exp"}, key, "HS256"),
        "gts_guessed",
        "nonsense",
    ]
    for token in forged:
        answer = site.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_requests_and_bodies_have_limits(tmp_path):
    with site_in(tmp_path, Settings(requests_burst=20, requests_per_s=0.001)) as site:
        codes = [site.ask("operator", "GET", "/me").status_code for _ in range(22)]
        assert codes == [200] * 20 + [429] * 2
        assert site.ask("manager", "GET", "/me").status_code == 200
        large = site.ask("auditor", "POST", "/grants", content=b"x" * (2**20 + 1))
        assert large.status_code == 413
        assert large.json()["error"]["code"] == "too-large"

        def stream():
            for _ in range(20):
                yield b"x" * 2**16

        assert site.ask("auditor", "POST", "/grants", content=stream()).status_code == 413


@pytest.mark.parametrize(
    ("name", "role", "household", "password", "code"),
    [
        ("a b", Role.OPERATOR, "", PASSWORD, "bad-account-name"),
        ("short", Role.OPERATOR, "", "12345678901", "short-password"),
        ("lodger", Role.RESIDENT, "", PASSWORD, "bad-household"),
        ("boss", Role.MANAGER, "home-1", PASSWORD, "bad-household"),
        ("robot", Role.SERVICE, "", PASSWORD, "bad-role"),
        ("twice", Role.AUDITOR, "", PASSWORD, "account-exists"),
    ],
)
def test_wrong_accounts_are_refused(name, role, household, password, code, tmp_path):
    accounts = Accounts(tmp_path / "accounts.db")
    accounts.add("twice", Role.AUDITOR, "", PASSWORD)
    with pytest.raises(TwinError) as caught:
        accounts.add(name, role, household, password)
    assert caught.value.code == code
    assert (tmp_path / "accounts.db").stat().st_mode & 0o077 == 0
    secrets = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert PASSWORD.encode() not in secrets
    accounts.close()


def test_a_changed_line_of_the_audit_log_shows(tmp_path):
    log = AuditLog(tmp_path / "audit.db")
    for number in range(4):
        log.write("somebody", "operator", "read", f"home-{number}").result()
    assert log.broken_at() is None
    log.close()
    with sqlite3.connect(tmp_path / "audit.db") as file:
        file.execute("UPDATE entry SET target = 'home-9' WHERE number = 2")
    log = AuditLog(tmp_path / "audit.db")
    assert log.broken_at() == 2
    log.close()


def test_a_look_at_the_audit_log_goes_on_where_the_last_one_ended(tmp_path, monkeypatch):
    sealed = []
    original = audit._sealed
    monkeypatch.setattr(audit, "_sealed", lambda *fields: sealed.append(fields[1]) or original(*fields))
    log = AuditLog(tmp_path / "audit.db")

    def looked_at() -> list[object]:
        sealed.clear()
        assert log.broken_at() is None
        return list(sealed)

    for number in range(3):
        log.write("somebody", "operator", "read", f"home-{number}").result()
    assert looked_at() == [1, 2, 3]
    assert looked_at() == []
    log.write("somebody", "operator", "read", "home-4").result()
    assert looked_at() == [4]
    # Whatever another program has written is looked at, and what was found whole with it.
    with sqlite3.connect(tmp_path / "audit.db") as file:
        file.execute("UPDATE entry SET who = 'nobody' WHERE number = 2")
    assert log.broken_at() == 2
    with sqlite3.connect(tmp_path / "audit.db") as file:
        file.execute("UPDATE entry SET who = 'somebody' WHERE number = 2")
    assert looked_at() == [1, 2, 3, 4]
    monkeypatch.setattr(audit, "LOOK_ANEW_S", 0.0)
    assert looked_at() == [1, 2, 3, 4]
    log.close()


def test_lines_that_come_together_are_all_kept_in_one_chain(tmp_path):
    log = AuditLog(tmp_path / "audit.db")
    lines = [log.write("somebody", "operator", "read", f"home-{number}") for number in range(500)]
    for line in lines:
        line.result(60)
    assert [entry.target for entry in log.newest(500)] == [
        f"home-{number}" for number in reversed(range(500))
    ]
    assert log.broken_at() is None
    log.close()


def test_the_event_loop_does_not_wait_for_the_disk_of_the_audit_log(tmp_path):
    log = AuditLog(tmp_path / "audit.db")
    locked = sqlite3.connect(tmp_path / "audit.db", isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")  # the log's own writer has to wait

    async def run() -> float:
        log.note("somebody", "operator", "alarm-disclosed")
        adding = asyncio.create_task(log.add("somebody", "operator", "read"))
        begin = time.monotonic()
        await asyncio.sleep(0.01)
        waited_s = time.monotonic() - begin
        assert not adding.done()
        locked.execute("COMMIT")
        await adding
        return waited_s

    assert asyncio.run(run()) < 5.0  # the writer would wait for thirty seconds
    assert [entry.action for entry in log.newest(9)] == ["read", "alarm-disclosed"]
    locked.close()
    log.close()


def test_behind_a_trusted_proxy_every_client_has_an_allowance_of_its_own(tmp_path):
    def asked(site, address: str, times: int) -> list[int]:
        headers = {"X-Forwarded-For": address}
        return [site.client.get("/api/v1/twin", headers=headers).status_code for _ in range(times)]

    limits = Settings(requests_burst=3, requests_per_s=0.001)
    # The test's client has the address "testclient"; no proxy of that name can be named.
    for name, trusted in (("one", 'trusted_proxies = ["10.0.0.0/8"]\n'), ("none", "")):
        (tmp_path / name).mkdir()
        with site_in(tmp_path / name, limits, trusted) as site:
            site.client._transport.client = ("10.1.2.3", 4000)
            assert asked(site, "203.0.113.1", 4) == [200, 200, 200, 429]
            other = [200] if trusted else [429]
            assert asked(site, "203.0.113.2", 1) == other
            # What a client writes itself stands before the address that the proxy has seen.
            assert asked(site, "198.51.100.9, 203.0.113.1", 1) == [429]
    (tmp_path / "direct").mkdir()
    with site_in(tmp_path / "direct", limits, 'trusted_proxies = ["10.0.0.0/8"]\n') as site:
        site.client._transport.client = ("203.0.113.7", 4000)  # comes by itself, and claims to be others
        assert asked(site, "203.0.113.1", 3) + asked(site, "203.0.113.2", 1) == [200, 200, 200, 429]


def test_a_line_that_cannot_be_written_is_told_and_the_next_one_is_written(tmp_path):
    log = AuditLog(tmp_path / "audit.db")
    broken = log.write("somebody", "operator", "read", "half a character: \ud800")
    with pytest.raises(UnicodeEncodeError):
        broken.result(60)
    log.write("somebody", "operator", "read", "home-1").result(60)
    assert [entry.target for entry in log.newest(9)] == ["home-1"]
    assert log.broken_at() is None
    log.close()
