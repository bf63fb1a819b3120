"""Sending over HTTP (extra ``http``): webhooks of alarms, and what all of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sensors.outlets.bodies import json_bytes
from sensors.outlets.contract import AwayError, FailedError, Subject
from sensors.outlets.outbox import Item, Refused
from sensors.web import client_of

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 10.0
# Answers that speak of this one message. All else may mend: a token that has ended, an address that is wrong.
REFUSALS = frozenset({400, 409, 413, 415, 422})
FAILURES = frozenset({500, 501, 507, 508})  # of the service itself; 502, 503 and 504 speak of its absence


class HttpSender:
    """Posts JSON to one system."""

    def __init__(self, token_env: str, timeout_s: float = TIMEOUT_S) -> None:
        self._token_env, self._timeout_s = token_env, timeout_s
        self._client: httpx.AsyncClient | None = None

    async def post(
        self, url: str, body: Any, message: str = "", taken: frozenset[int] = REFUSALS
    ) -> httpx.Response:
        """The answer to a body: a success, or a status of ``taken``.

        Args:
            url: where to.
            body: what, as JSON values or as bytes that are JSON.
            message: the id of the message, told as Idempotency-Key.
            taken: answers without success that the caller knows what to do with.

        Raises:
            FailedError: the other side failed with this body.
            AwayError: there is no answer, or one that may mend.
        """
        client = self._opened()
        import httpx

        headers = {"Content-Type": "application/json"}
        if message:
            headers["Idempotency-Key"] = message
        content = body if isinstance(body, bytes) else json_bytes(body)
        try:
            answer = await client.post(url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AwayError(str(error) or type(error).__name__) from None
        if not answer.is_success and answer.status_code not in taken:
            raise (FailedError if answer.status_code in FAILURES else AwayError)(told_by(answer))
        return answer

    async def close(self) -> None:
        """End the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = client_of(self._token_env, self._timeout_s)
        return self._client


def told_by(answer: httpx.Response) -> str:
    """What an answer without success says."""
    return f"the answer is {answer.status_code} {answer.reason_phrase}".strip()


class WebhookTransport:
    """Posts changes of alarms one by one. See :class:`sensors.outlets.contract.Transport`."""

    items = messages = 1

    def __init__(self, url: str, token_env: str = "") -> None:
        self.url = url
        self._sender = HttpSender(token_env)

    async def send(self, subject: Subject, items: list[Item]) -> list[Refused]:
        """Post each item; those that were refused."""
        refused = []
        for item in items:
            answer = await self._sender.post(self.url, item.body, item.id)
            if not answer.is_success:
                refused.append(Refused(item, item.count, told_by(answer)))
        return refused

    async def close(self) -> None:
        """End the connections."""
        await self._sender.close()
