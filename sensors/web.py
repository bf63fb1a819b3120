"""Addresses of other systems, and the client that asks them (extra ``http``)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sensors.errors import missing_extra

if TYPE_CHECKING:
    import httpx


def is_web_address(url: str) -> bool:
    """Whether a text is an address of http or https that can be asked at all."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        sound = bool(host) and len(str(host).encode("idna")) <= 253
    except (ValueError, UnicodeError):
        return False
    return sound and parts.scheme in ("http", "https") and url.isprintable() and " " not in url


def client_of(token_env: str, timeout_s: float) -> httpx.AsyncClient:
    """A client that follows no redirects; a bearer token is read from the environment variable.

    Raises:
        SensorError: the extra is not installed.
    """
    try:
        import httpx
    except ImportError:
        raise missing_extra("http", "httpx") from None
    token = os.environ.get(token_env, "") if token_env else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(timeout=timeout_s, headers=headers)
