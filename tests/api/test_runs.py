"""Runs: what was done, and having it done."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from app.schedule import Schedule
from tests.api.asking import asking
from tests.api.filled import Filled, settings


def test_runs_are_listed_newest_first_with_what_they_did(client: TestClient):
    items = client.get("/v1/runs").json()["items"]
    assert [item["stage"] for item in items] == ["write back", "score", "resolve", "pull"]
    assert {item["status"] for item in items} == {"ok"}
    assert items[-1]["counts"]["read"] > 0


def test_pages_of_runs_hold_each_run_once(client: TestClient):
    first = client.get("/v1/runs", params={"limit": 3}).json()
    second = client.get("/v1/runs", params={"limit": 3, "before": first["next"]}).json()
    assert first["items"] + second["items"] == client.get("/v1/runs").json()["items"]
    assert second["next"] is None


def test_without_a_schedule_a_run_cannot_be_asked_for(client: TestClient):
    answer = client.post("/v1/runs")
    assert answer.status_code == 503
    assert "TIELINE_SECRET_KEY" in answer.json()["detail"]


@contextmanager
def scheduled(app: FastAPI, schedule: Schedule) -> Iterator[TestClient]:
    with asking(app) as client:
        app.state.schedule = schedule
        yield client


def idle(filled: Filled) -> Schedule:
    return Schedule(filled.database, filled.links, every_minutes=60)


def test_a_run_that_is_asked_for_is_accepted(own: Filled):
    with scheduled(create_app(settings(own.database)), idle(own)) as client:
        answer = client.post("/v1/runs")
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


def test_a_run_that_goes_on_elsewhere_is_a_conflict(own: Filled):
    own.hold_lease()
    with scheduled(create_app(settings(own.database)), idle(own)) as client:
        assert client.post("/v1/runs").status_code == 409
