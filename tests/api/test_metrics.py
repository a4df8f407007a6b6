"""The metrics: readable by Prometheus, true, about nobody, and there for every alert."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from sqlmodel import Session

from app.main import create_app
from app.security import new_key
from app.settings import plain_settings
from app.store import connections, events, hints, subscribers, tables, tallies, timetable
from app.store.events import EventType, Happened
from connectors import ExternalId, Hint, Stream
from tests.api.asking import asking
from tests.api.filled import Filled, settings

ALERTS = Path(__file__).parents[2] / "deploy" / "alerts" / "tieline.rules.yaml"

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(client: TestClient) -> Samples:
    """Every sample, as Prometheus' own library reads it."""
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def of(found: Samples, name: str, **labels: object) -> float:
    return found[f"tieline_{name}", tuple(sorted((k, str(v)) for k, v in labels.items()))]


def test_runs_and_what_they_did_are_counted(own: Filled, own_client: TestClient):
    own.run()
    found = samples(own_client)
    assert of(found, "runs_total", stage="pull", status="ok") == 2
    assert of(found, "records_total", stage="pull", what="changed") == len(own.fake.records)
    assert of(found, "records_total", stage="write back", what="written") > 0
    assert of(found, "run_seconds_total", stage="score") > 0


def test_quiet_hours_are_told(own: Filled, own_client: TestClient):
    assert of(samples(own_client), "quiet_hours") == 0
    now = datetime.now(UTC)
    begins, ends = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-2, 2))
    hours = {"days": list(range(7)), "begins": begins, "ends": ends, "zone": "UTC"}
    with Session(own.database) as session, session.begin():
        timetable.say_quiet(session, hours)
    assert of(samples(own_client), "quiet_hours") == 1


def test_how_connections_are_is_told_by_their_ids(own: Filled, own_client: TestClient):
    number, at = own.link.connection_id, datetime.now(UTC)
    with Session(own.database) as session, session.begin():
        row = connections.get(session, number)
        row.paused, row.allowance = "The CRM refused the token: reconnect it.", 500
        row.resumes_at = at + timedelta(hours=1)
        told = [Hint(Stream.EMAILS, ExternalId(str(n))) for n in range(3)]
        hints.note(session, number, told, at=at - timedelta(minutes=2), due_at=at)
    found = samples(own_client)
    assert of(found, "connection_paused", connection=number) == 1
    assert of(found, "allowance_calls", connection=number) == 500
    assert of(found, "hints_waiting", connection=number) == 3
    assert 120 <= of(found, "hints_oldest_age_seconds", connection=number) < 600
    assert 3000 < of(found, "connection_waiting_seconds", connection=number) <= 3600


def test_deliveries_of_events_are_counted_by_state(own: Filled, own_client: TestClient):
    with Session(own.database) as session, session.begin():
        row = tables.Subscriber(url="https://x.example", sealed=b"", types=[], made_at=own_at())
        number = subscribers.add(session, row)
        events.note(session, [Happened(EventType.TIE_COOLING)], at=own_at())
        events.give_up(session, number, "Gone.")
        row.is_on = True
        session.flush()
        events.note(session, [Happened(EventType.TIE_COOLING)], at=own_at())
    found = samples(own_client)
    counted = [of(found, "event_deliveries", state=s) for s in ("pending", "delivered", "dead")]
    assert counted == [1, 0, 1]


def own_at() -> datetime:
    return datetime.now(UTC)


def test_how_soon_fields_follow_is_a_histogram(own: Filled, own_client: TestClient):
    for some in ([0.4, 4.0], [4.0, 90.0]):
        with Session(own.database) as session, session.begin():
            tallies.count_latencies(session, some)
    found = samples(own_client)
    le = ["0.5", "3", "5", "60", "300", "+Inf"]
    buckets = [of(found, "event_to_field_seconds_bucket", le=bound) for bound in le]
    assert buckets == [1, 1, 3, 3, 4, 4]
    assert of(found, "event_to_field_seconds_sum") == pytest.approx(98.4)


def test_what_is_delivered_to_us_is_counted_by_result(database: Engine):
    url = database.url.render_as_string(hide_password=False)
    known = plain_settings(database_url=url, secret_key=new_key(), pull_every_minutes=0)
    with asking(create_app(known)) as client:
        client.post("/hooks/guessed", content="x")
        assert of(samples(client), "hook_deliveries_total", result="unknown") == 1


def test_nobody_is_named(client: TestClient):
    told = client.get("/metrics").text
    assert not [one for one in ("Ada", "Cleo", "Fake CRM", "Acme", "@", "://") if one in told]


def test_where_there_is_a_key_it_is_asked_for(empty: Engine):
    with asking(create_app(settings(empty, api_key="key"))) as client:
        assert client.get("/metrics").status_code == 401
        shown = {"Authorization": "Bearer key"}
        assert client.get("/metrics", headers=shown).status_code == 200


def test_every_metric_of_an_alert_is_there(client: TestClient):
    told = set(re.findall(r"# TYPE (\w+) ", client.get("/metrics").text))
    asked = set(re.findall(r"\btieline_\w+", ALERTS.read_text(encoding="utf-8")))
    assert len(re.findall("- alert:", ALERTS.read_text(encoding="utf-8"))) == 5
    assert asked
    assert asked <= told
