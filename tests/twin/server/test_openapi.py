"""The OpenAPI document, and what the server answers to whatever fits it or does not."""

from __future__ import annotations

import contextlib
import threading
import time

import hypothesis
import hypothesis.errors
import pytest
import schemathesis
import uvicorn
from requests.exceptions import ChunkedEncodingError, ConnectionError
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from sensors.readings import Sample
from tests.sensors.community import free_port
from tests.twin.server.site import project_in
from twin.server.app import create_app
from twin.server.context import Settings
from twin.server.gate import ACCESS


def test_the_document_describes_every_route_and_every_error(site):
    document = site.client.get("/api/v1/openapi.json").json()
    described = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    paths = {(method, path.replace(":path", "")) for method, path in ACCESS}
    api = {key for key in paths if key[1].startswith(("/api/", "/sta/")) and key[0] != "WEBSOCKET"}
    assert described == api - {("GET", "/api/v1/openapi.json")}
    ids = []
    for operations in document["paths"].values():
        for operation in operations.values():
            ids.append(operation["operationId"])
            assert {"4XX", "5XX", "422"} <= operation["responses"].keys()
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    assert answer["content"]["application/json"]["schema"] == {
                        "$ref": "#/components/schemas/ErrorBody"
                    }
                elif status != "204":
                    assert answer["content"]["application/json"]["schema"]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("PUT", "/me", 405, "method-not-allowed"),
        ("GET", "/history", 422, "bad-value"),
        ("GET", "/snapshot?at=yesterday", 422, "bad-value"),
        ("GET", "/history?point=lobby/co2&begin=2026-01-02&end=2026-01-01", 422, "bad-value"),
        ("POST", "/grants", 422, "bad-value"),
        ("GET", "/elements/none", 404, "not-found"),
        ("GET", "/latest?point=" + "x" * 300, 422, "bad-value"),
    ],
)
def test_every_error_has_the_one_shape(method, path, status, code, site):
    answer = site.ask("operator", method, path)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["where"].startswith("/api/v1")
    assert set(error) == {"code", "where", "message", "remedy"}
    assert error["message"].keys() == error["remedy"].keys() == {"en", "zh"}
    for header in ("content-security-policy", "x-content-type-options"):
        assert answer.headers[header]


def test_a_fault_says_nothing_of_its_inside(site, monkeypatch):
    def broken(*_):
        raise RuntimeError("the password of the database is tiger")

    monkeypatch.setattr("twin.server.routes.points.latest_columns", broken)
    answer = site.ask("operator", "GET", "/latest")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "fault")
    assert "tiger" not in answer.text


@contextlib.contextmanager
def served(folder):
    """A server in a thread that knows no limits and no accounts, with a few readings."""
    app = create_app(project_in(folder), Settings(demo=True, requests_burst=1e9))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, ws="websockets-sansio"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        context = app.state.context
        samples = [Sample("lobby/co2", 1500.0), Sample("home-1/call", 1.0)]
        context.live.intake.offer(samples, "test")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.slow
def test_generated_requests_find_no_fault_and_no_answer_that_is_not_described(tmp_path):
    with served(tmp_path) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
        checks = CHECKS.get_by_names(
            [
                "not_a_server_error",
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
            ]
        )
        asked = 0

        def ask(case):
            nonlocal asked
            try:
                answer = case.call(base_url=address, timeout=60)
            except (ChunkedEncodingError, ConnectionError):
                # What is too long for a request is refused, and the line closed, before it was all sent.
                assert len(case.as_curl_command()) > 65_536
                return
            # What is no HTTP at all is refused before it reaches the app.
            if answer.text != "Invalid HTTP request received.":
                asked += 1
                case.validate_response(answer, checks=checks)

        settings = hypothesis.settings(
            max_examples=25,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        for found in schema.get_all_operations():
            for mode in GenerationMode:
                cases = found.ok().as_strategy(generation_mode=mode)
                # What takes nothing cannot be asked wrongly.
                with contextlib.suppress(hypothesis.errors.Unsatisfiable):
                    settings(hypothesis.given(case=cases)(ask))()
        assert asked > 400
