"""Ties that went quiet, ranked, with reasons."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import Session

from app.engine import off_radar_reason
from app.store import tables
from tests.api.filled import Filled
from tests.fakes import NOW


def test_ties_off_the_radar_come_with_the_greatest_risk_first(own_client: TestClient, own: Filled):
    own.make_quiet()
    items = own_client.get("/v1/off-radar").json()["items"]
    assert [one["contact"]["name"] for one in items] == ["Dan", "Cleo"]
    assert [one["colleague"]["name"] for one in items] == ["Ben", "Ben"]
    risks = [one["risk"] for one in items]
    assert risks == sorted(risks, reverse=True)
    assert {one["status"] for one in items} == {"off_radar"}
    assert items[1]["reason"].startswith("Silent for 121 days, usual was 2 days: 61 times as long")


@pytest.mark.parametrize("hours", range(0, 24, 6))
def test_days_of_silence_are_as_many_as_the_reason_says(
    own_client: TestClient, own: Filled, hours: int
):
    own.make_quiet()
    with Session(own.database) as session, session.begin():
        session.execute(update(tables.Tie).values(last_s=tables.Tie.last_s - hours * 3600))
    for one in own_client.get("/v1/off-radar").json()["items"]:
        assert one["reason"].startswith(f"Silent for {one['silence_days']} days, ")


def test_what_was_never_much_is_listed_only_if_it_is_asked_for(own_client: TestClient, own: Filled):
    own.make_quiet()
    all_of_them = own_client.get("/v1/off-radar", params={"least_then": 0}).json()["items"]
    assert len(all_of_them) == 3
    assert all_of_them[0]["colleague"]["name"] == "Ada"
    of_ada = own_client.get("/v1/off-radar", params={"colleague": own.id_of("Ada")}).json()
    assert of_ada["items"] == []


def test_a_strong_tie_that_is_silent_for_a_year_is_dormant(own_client: TestClient, own: Filled):
    own.run(NOW + timedelta(days=400))
    assert own_client.get("/v1/off-radar").json()["items"] == []
    items = own_client.get("/v1/dormant").json()["items"]
    assert [one["contact"]["name"] for one in items] == ["Cleo", "Dan"]
    then = items[0]["strength_then"]
    assert then >= 60
    assert items[0]["reason"] == (
        f"Strong when last in touch ({then} of 100), after contact on 30 days in 2 months; "
        "silent for 401 days."
    )
    nobodys = own_client.get("/v1/dormant", params={"colleague": own.id_of("Ada")})
    assert nobodys.json()["items"] == []


def test_nothing_is_quiet_where_all_are_in_touch(client: TestClient):
    assert client.get("/v1/dormant").json()["items"] == []


def test_before_the_first_scoring_no_silence_is_told(empty_client: TestClient):
    assert empty_client.get("/v1/off-radar").status_code == 503


@pytest.mark.parametrize(
    ("silence", "rhythm", "told"),
    [
        (20, None, "no rhythm is known and 30 days count as usual: about as long."),
        (24, 8, "usual was 8 days: 3 times as long, past the mark of 3."),
        (64, 8, "usual was 8 days: 8 times as long, past the mark of 8."),
    ],
)
def test_the_marks_of_3_and_8_rhythms_are_told_as_facts(
    silence: float, rhythm: float | None, told: str
):
    assert told in off_radar_reason(silence, rhythm, 0.5)
