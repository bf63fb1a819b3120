"""Accounts, sessions, service tokens and grants, in a SQLite file that only its owner may read."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ifc.model import Text
from sensors.readings import MICROSECONDS, now_us
from twin.errors import TwinError
from twin.server.rights import Grant, Role

SESSION_S = 12 * 3600
SHORTEST_PASSWORD = 12
_NAME = re.compile(r"[\w.@-]{1,64}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS account(
  name TEXT PRIMARY KEY, role TEXT NOT NULL, household TEXT NOT NULL, secret TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS session(
  id TEXT PRIMARY KEY, account TEXT NOT NULL, refresh TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS access(
  account TEXT NOT NULL, household TEXT NOT NULL, purpose TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS signing(key BLOB NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, or something, that may sign in."""

    name: str
    role: Role
    household: str = ""


class Accounts:
    """May be used from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        os.close(descriptor)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.executescript(_SCHEMA)
        self._hasher = PasswordHasher()  # argon2id, RFC 9106's second recommendation
        self._nobody = self._hasher.hash(secrets.token_hex())
        with self._lock:
            kept = self._file.execute("SELECT key FROM signing").fetchone()
            if kept is None:
                kept = (secrets.token_bytes(32),)
                self._file.execute("INSERT INTO signing VALUES(?)", kept)
        self.signing_key: bytes = kept[0]

    def add(self, name: str, role: Role, household: str, password: str) -> Account:
        """Create an account.

        Raises:
            TwinError: the name is taken or bad, the password too short, a resident without a household.
        """
        _check_name(name)
        if len(password) < SHORTEST_PASSWORD:
            text = f"A password has {SHORTEST_PASSWORD} characters or more."
            raise _refused("short-password", name, text, f"密码至少 {SHORTEST_PASSWORD} 个字符。")
        if (role is Role.RESIDENT) != bool(household):
            text = "Residents, and only they, have a household."
            raise _refused("bad-household", name, text, "仅住户须指定住户编号。")
        if role in (Role.SERVICE, Role.DEMO):
            raise _refused("bad-role", name, "This role has no password.", "该角色不使用密码。")
        return self._insert(name, role, household, self._hasher.hash(password))

    def add_service(self, name: str) -> tuple[Account, str]:
        """Create a service account; its token, which is shown this once."""
        _check_name(name)
        token = f"gts_{secrets.token_urlsafe(32)}"
        return self._insert(name, Role.SERVICE, "", _digest(token)), token

    def remove(self, name: str) -> None:
        """Take an account away, and end its sessions.

        Raises:
            TwinError: there is none of this name.
        """
        with self._lock:
            if not self._file.execute("DELETE FROM account WHERE name = ?", (name,)).rowcount:
                raise _refused("no-such-account", name, "There is no such account.", "没有该账户。")
            self._file.execute("DELETE FROM session WHERE account = ?", (name,))
            self._file.execute("DELETE FROM access WHERE account = ?", (name,))

    def list(self) -> list[Account]:
        """All accounts by name."""
        with self._lock:
            rows = self._file.execute("SELECT name, role, household FROM account ORDER BY name").fetchall()
        return [Account(name, Role(role), household) for name, role, household in rows]

    def check(self, name: str, password: str) -> Account | None:
        """The account that a name and password open; takes as long for a name that does not exist."""
        row = self._row(name)
        usable = row is not None and row[1] is not Role.SERVICE
        try:
            self._hasher.verify(row[3] if row is not None and usable else self._nobody, password)
        except (VerificationError, InvalidHashError):
            return None
        return Account(*row[:3]) if row is not None and usable else None

    def of_token(self, token: str) -> Account | None:
        """The service account of a token."""
        with self._lock:
            row = self._file.execute(
                "SELECT name, household FROM account WHERE role = ? AND secret = ?",
                (Role.SERVICE, _digest(token)),
            ).fetchone()
        return None if row is None else Account(row[0], Role.SERVICE, row[1])

    def open_session(self, account: Account) -> tuple[str, str]:
        """(id, refresh token) of a new session."""
        session, refresh = secrets.token_hex(16), secrets.token_urlsafe(32)
        until = now_us() + SESSION_S * MICROSECONDS
        with self._lock:
            self._file.execute("DELETE FROM session WHERE until < ?", (now_us(),))
            self._file.execute(
                "INSERT INTO session VALUES(?, ?, ?, ?)", (session, account.name, _digest(refresh), until)
            )
        return session, refresh

    def refresh(self, refresh: str) -> tuple[Account, str, str] | None:
        """(account, session id, next refresh token) for a refresh token, which is used up by this."""
        following = secrets.token_urlsafe(32)
        with self._lock:
            row = self._file.execute(
                "UPDATE session SET refresh = ? WHERE refresh = ? AND until > ? RETURNING id, account",
                (_digest(following), _digest(refresh), now_us()),
            ).fetchone()
        if row is None:
            return None
        found = self._row(row[1])
        return None if found is None else (Account(*found[:3]), row[0], following)

    def session_account(self, session: str) -> Account | None:
        """The account of a session that has not ended."""
        with self._lock:
            row = self._file.execute(
                "SELECT name, role, household FROM account JOIN session ON account = name"
                " WHERE session.id = ? AND until > ?",
                (session, now_us()),
            ).fetchone()
        return None if row is None else Account(row[0], Role(row[1]), row[2])

    def close_session(self, session: str) -> None:
        """End a session; its tokens open nothing any more."""
        with self._lock:
            self._file.execute("DELETE FROM session WHERE id = ?", (session,))

    def grant(self, name: str, grant: Grant) -> None:
        """Open a household to an account."""
        with self._lock:
            self._file.execute(
                "DELETE FROM access WHERE until < ? OR (account = ? AND household = ?)",
                (now_us(), name, grant.household),
            )
            self._file.execute(
                "INSERT INTO access VALUES(?, ?, ?, ?)",
                (name, grant.household, grant.purpose, grant.until_us),
            )

    def grants(self, name: str) -> tuple[Grant, ...]:
        """What is open to an account now."""
        with self._lock:
            rows = self._file.execute(
                "SELECT household, purpose, until FROM access WHERE account = ? AND until > ?",
                (name, now_us()),
            ).fetchall()
        return tuple(Grant(*row) for row in rows)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._file.close()

    def _insert(self, name: str, role: Role, household: str, secret: str) -> Account:
        with self._lock:
            try:
                self._file.execute(
                    "INSERT INTO account VALUES(?, ?, ?, ?)", (name, role.value, household, secret)
                )
            except sqlite3.IntegrityError:
                raise _refused("account-exists", name, "The name is taken.", "账户名已存在。") from None
        return Account(name, role, household)

    def _row(self, name: str) -> tuple[str, Role, str, str] | None:
        with self._lock:
            row = self._file.execute(
                "SELECT name, role, household, secret FROM account WHERE name = ?", (name,)
            ).fetchone()
        return None if row is None else (row[0], Role(row[1]), row[2], row[3])


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        text = "A name has 1 to 64 letters, digits, dots, dashes, @ or _."
        raise _refused("bad-account-name", name, text, "账户名应为 1 至 64 个字母、数字或 . - @ _。")


def _digest(token: str) -> str:
    # Tokens are random and long: a plain digest cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


def _refused(code: str, where: str, en: str, zh: str) -> TwinError:
    return TwinError(code, where, Text(en, zh), Text("Correct the account.", "请更正账户信息。"))
