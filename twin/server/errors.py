"""One shape for every error of the API, whatever raised it."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ifc.model import Text
from sensors.errors import SensorError
from twin.errors import TwinError

log = logging.getLogger(__name__)


class BothLanguages(BaseModel):
    """One text in English and Chinese."""

    en: str
    zh: str


class ErrorDetail(BaseModel):
    """What is wrong, where, and what to do."""

    code: str
    where: str
    message: BothLanguages
    remedy: BothLanguages


class ErrorBody(BaseModel):
    """The body of every answer with a status of 400 or more."""

    error: ErrorDetail


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, code: str, message: Text, remedy: Text, *, retry_after_s: int | None = None
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message, self.remedy = status, code, message, remedy
        self.retry_after_s = retry_after_s


def not_signed_in() -> ApiError:
    """Nobody, or somebody whose token has ended."""
    return ApiError(
        401,
        "not-signed-in",
        Text("Nobody is signed in, or the token has ended.", "尚未登录，或令牌已过期。"),
        Text("Sign in again.", "请重新登录。"),
    )


def forbidden() -> ApiError:
    """The account may not do this."""
    return ApiError(
        403,
        "forbidden",
        Text("This account may not do that.", "该账户无此权限。"),
        Text("Ask the operator of the twin.", "请联系孪生平台运营方。"),
    )


def not_found(where: Text | None = None) -> ApiError:
    """There is no such thing, or this account may not know of it."""
    return ApiError(
        404,
        "not-found",
        where or Text("There is nothing here for this account.", "此处没有该账户可见的内容。"),
        Text("Check the address.", "请检查地址。"),
    )


def not_ready(message: Text) -> ApiError:
    """What is asked for is still being computed."""
    return ApiError(503, "not-ready", message, Text("Ask again in a while.", "请稍后再试。"), retry_after_s=5)


def bad_value(where: str, message: Text) -> ApiError:
    """A value of the request is wrong."""
    error = ApiError(422, "bad-value", message, Text("Correct the request.", "请更正请求。"))
    error.args = (where,)
    return error


def too_many(retry_after_s: int) -> ApiError:
    """The caller asks too often."""
    return ApiError(
        429,
        "too-many-requests",
        Text("Too many requests.", "请求过于频繁。"),
        Text(f"Wait {retry_after_s} s.", f"请等待 {retry_after_s} 秒。"),
        retry_after_s=retry_after_s,
    )


def body_of(code: str, where: str, message: Text, remedy: Text) -> dict[str, Any]:
    """The body of an error."""
    return {
        "error": {
            "code": code,
            "where": where,
            "message": {"en": message.en, "zh": message.zh},
            "remedy": {"en": remedy.en, "zh": remedy.zh},
        }
    }


def answer_of(error: ApiError, where: str) -> JSONResponse:
    """The answer that an error makes."""
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = body_of(error.code, where, error.message, error.remedy)
    return JSONResponse(body, status_code=error.status, headers=headers)


def install(app: FastAPI) -> None:
    """Give every error of an app the one shape."""

    @app.exception_handler(ApiError)
    async def _api(request: Request, error: ApiError) -> JSONResponse:
        return answer_of(error, request.url.path)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code, message = _PLAIN.get(
            error.status_code, ("refused", Text("The request is refused.", "请求被拒绝。"))
        )
        body = body_of(code, request.url.path, message, Text("Check the request.", "请检查请求。"))
        return JSONResponse(body, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        message = Text(f"{place}: {first['msg']}.", f"{place} 取值无效。")
        body = body_of("bad-value", request.url.path, message, Text("Correct the request.", "请更正请求。"))
        return JSONResponse(body, status_code=422)

    @app.exception_handler(SensorError)
    async def _sensor(request: Request, error: SensorError) -> JSONResponse:
        return _ours(request, error.code, Text(*error.message), Text(*error.remedy))

    @app.exception_handler(TwinError)
    async def _twin(request: Request, error: TwinError) -> JSONResponse:
        return _ours(request, error.code, error.message, error.remedy)

    @app.exception_handler(Exception)
    async def _fault(request: Request, error: Exception) -> JSONResponse:
        # The traceback is logged by the server; what it says is nobody else's business.
        body = body_of(
            "fault",
            request.url.path,
            Text("A fault of greentwin.", "greentwin 内部错误。"),
            Text("Try again; the log says more.", "请重试；详情见日志。"),
        )
        return JSONResponse(body, status_code=500)


def _ours(request: Request, code: str, message: Text, remedy: Text) -> JSONResponse:
    return JSONResponse(body_of(code, request.url.path, message, remedy), status_code=_STATUS.get(code, 422))


_STATUS = {
    "no-such-alarm": 404,
    "no-such-rule": 404,
    "already-acknowledged": 409,
    "emergency-not-shelved": 409,
}
_PLAIN = {
    400: ("bad-request", Text("The request cannot be read.", "无法解析请求。")),
    401: ("not-signed-in", Text("Nobody is signed in.", "尚未登录。")),
    403: ("forbidden", Text("This is not allowed.", "无此权限。")),
    404: ("not-found", Text("There is nothing at this address.", "该地址不存在。")),
    405: ("method-not-allowed", Text("This address does not take that method.", "该地址不支持此方法。")),
    413: ("too-large", Text("The request is too large.", "请求体过大。")),
    415: ("bad-media-type", Text("The body must be JSON.", "请求体应为 JSON。")),
}
