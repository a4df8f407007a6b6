"""What holds for every route: the key, health, and how problems are told."""

import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.errors import NotReady
from app.main import create_app, serve_forever
from app.settings import Settings, plain_settings
from connectors import RateLimited
from tests.api.asking import asking
from tests.api.filled import settings

KEY = "a-key-of-the-service"


@pytest.fixture
def locked(empty: Engine) -> Iterator[TestClient]:
    with asking(create_app(settings(empty, api_key=KEY))) as client:
        yield client


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_without_a_key_nothing_is_told_by_way_of_a_browser(
    client: TestClient, headers: dict[str, str]
):
    answer = client.get("/v1/people", headers=headers)
    assert answer.status_code == 403
    assert "items" not in answer.json()


def test_with_a_key_the_service_is_asked_by_any_name(locked: TestClient):
    shown = {"Authorization": f"Bearer {KEY}", "Host": "tieline.acme.com"}
    assert locked.get("/v1/people", headers=shown).status_code == 200


@pytest.mark.parametrize("shown", ["", "Bearer wrong", f"Basic {KEY}", KEY, "Bearer ключ".encode()])
def test_without_the_right_key_nothing_is_told(locked: TestClient, shown: str | bytes):
    answer = locked.get("/v1/people", headers={"Authorization": shown} if shown else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "items" not in answer.json()


def test_the_right_key_opens(locked: TestClient):
    answer = locked.get("/v1/people", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/v1/people", "/v1/people/1/scores", "/v1/runs", "/v1/routes"])
def test_every_resource_asks_for_the_key(locked: TestClient, path: str):
    assert locked.get(path).status_code == 401


def test_health_is_told_to_everybody_and_is_all_that_is(locked: TestClient):
    answer = locked.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_health_is_503_while_the_database_does_not_answer(tmp_path: Path):
    file = tmp_path / "away" / "tieline.db"
    with asking(create_app(Settings(_env_file=None, database_url=f"sqlite:///{file}"))) as it:
        it.app.state.database.dispose()
        shutil.rmtree(file.parent)
        answer = it.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "starting"})


def test_a_database_that_is_away_is_a_problem_that_says_so(tmp_path: Path):
    file = tmp_path / "away" / "tieline.db"
    with asking(create_app(Settings(_env_file=None, database_url=f"sqlite:///{file}"))) as it:
        it.app.state.database.dispose()
        shutil.rmtree(file.parent)
        answers = [it.get(path) for path in ("/v1/people", "/v1/people/1/scores")]
    assert [answer.status_code for answer in answers] == [503, 503]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/v1/people?limit=0", "query.limit"),
        ("/v1/people?limit=501", "query.limit"),
        ("/v1/people?after=x", "query.after"),
        ("/v1/people/0", "path.person_id"),
        ("/v1/people/99999999999999999999/scores", "path.person_id"),
        ("/v1/routes?person=1", "query.asker"),
        ("/v1/runs?before=-1", "query.before"),
    ],
)
def test_what_cannot_be_used_is_named(empty_client: TestClient, path: str, where: str):
    answer = empty_client.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["where"] for error in answer.json()["errors"]] == [where]


def test_a_value_that_cannot_be_used_is_not_repeated(empty_client: TestClient):
    assert "canary" not in empty_client.get("/v1/people?limit=canary").text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v2", 404), ("DELETE", "/v1/people", 405)]
)
def test_a_wrong_path_or_method_is_a_problem_too(
    empty_client: TestClient, method: str, path: str, status: int
):
    answer = empty_client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


def failing(database: Engine, error: Exception) -> TestClient:
    """A service with a route that fails."""
    app = create_app(settings(database))

    @app.get("/failing")
    async def fail() -> None:
        raise error

    return asking(app, raise_server_exceptions=False)


def test_a_fault_tells_nothing_of_what_went_wrong(empty: Engine):
    answer = failing(empty, ValueError("canary")).get("/failing")
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")
    assert "canary" not in answer.text


def test_a_crm_that_is_busy_is_told_with_how_long_to_wait(empty: Engine):
    error = RateLimited("The allowance is used up.", retry_after_s=30)
    answer = failing(empty, error).get("/failing")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json()["detail"] == "The allowance is used up."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_before_it_listens_to_signals_it_ends(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
):
    begun: list[uvicorn.Server] = []
    before, told = signal.getsignal(number), partial(signal.raise_signal, number)

    def run(server: uvicorn.Server) -> None:
        begun.append(server)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr("app.main.set_up_logging", lambda _: None)
    serve_forever(plain_settings(), host="127.0.0.1", port=0, tell=told)
    assert [server.should_exit for server in begun] == [True]
    assert signal.getsignal(number) is before


def test_a_service_that_does_not_start_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uvicorn.Server, "run", lambda _: None)
    monkeypatch.setattr("app.main.set_up_logging", lambda _: None)
    with pytest.raises(NotReady, match="did not start"):
        serve_forever(plain_settings(), host="127.0.0.1", port=0)
