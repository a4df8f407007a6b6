"""What was written, over the API: plans, refusals, edits, the timeline of a record, undo."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import pipeline
from app.main import create_app
from app.schedule import Schedule
from app.store.asked import ASKED
from connectors import ExternalId, Target
from tests.api.asking import asking
from tests.api.filled import Filled, settings
from tests.fakes import NOW, contact, email

CLEO = (Target.CONTACT, ExternalId("Cleo"))


@pytest.fixture
def admin(own: Filled) -> Iterator[TestClient]:
    app = create_app(settings(own.database))
    with asking(app) as client:
        app.state.schedule = Schedule(own.database, own.links, every_minutes=60)
        yield client


def path(own: Filled, rest: str) -> str:
    return f"/v1/connections/{own.link.connection_id}/{rest}"


def asked(own: Filled) -> None:
    """Do what was asked for, as the schedule would."""
    pipeline.run(own.database, [own.link], only=(ASKED,), now=lambda: NOW)


def refuse(own: Filled, *names: str) -> None:
    """Have new contacts whose fields the CRM refuses."""
    own.fake.refused |= {ExternalId(name) for name in names}
    own.fake.records += [contact(name) for name in names]
    own.fake.records += [email(8000 + i, "Ada", name) for i, name in enumerate(names)]
    own.run()


def first(client: TestClient, address: str) -> dict[str, Any]:
    return dict(client.get(address).json()["items"][0])


def test_refused_records_are_listed_by_cause_with_the_next_try(admin: TestClient, own: Filled):
    refuse(own, "Gil", "Hal")
    cause = first(admin, path(own, "refused"))
    assert (cause["target"], cause["code"], cause["records"]) == ("contact", "LOCKED", 2)
    assert [one["external_id"] for one in cause["first"]] == ["Gil", "Hal"]
    assert cause["next_try_at"].startswith("2026-11-27")


@pytest.mark.parametrize(
    ("which", "records"), [({}, 2), ({"external_id": "Gil"}, 1), ({"code": "OTHER"}, 0)]
)
def test_refused_records_are_tried_again_when_somebody_says_so(
    admin: TestClient, own: Filled, which: dict[str, str], records: int
):
    refuse(own, "Gil", "Hal")
    own.fake.refused.clear()
    assert admin.post(path(own, "retry"), json=which).json() == {"records": records}
    own.fake.writes.clear()
    own.run()
    assert len(own.fake.writes) == records


def test_a_record_tells_what_was_written_to_it(admin: TestClient, own: Filled):
    admin.put(path(own, "writing"), json={"keeps_days": 365})
    own.make_quiet()
    latest, earliest = admin.get(path(own, "records/Cleo/writes")).json()["items"]
    assert (earliest["before"]["status"], earliest["after"]["status"]) == (None, "Active")
    assert (latest["before"]["status"], latest["after"]["status"]) == ("Active", "Off radar")
    assert latest["is_confirmed"] is True


def test_the_writes_of_a_record_come_page_by_page(admin: TestClient, own: Filled):
    admin.put(path(own, "writing"), json={"keeps_days": 365})
    own.make_quiet()
    address = path(own, "records/Cleo/writes")
    page = admin.get(address, params={"limit": 1}).json()
    rest = admin.get(address, params={"limit": 1, "before": page["next"]}).json()
    assert page["items"] + rest["items"] == admin.get(address).json()["items"]
    assert rest["next"] is None


def test_a_plan_is_made_when_it_is_asked_for(admin: TestClient, own: Filled):
    assert admin.get(path(own, "plan")).status_code == 404
    answer = admin.post(path(own, "plan"))
    assert (answer.status_code, answer.json()["status"]) == (202, "asked")
    asked(own)
    assert admin.get(path(own, "plan")).json()["calls"] == 0


def test_a_run_is_taken_back_when_that_is_asked_for(admin: TestClient, own: Filled):
    (run,) = [r for r in admin.get("/v1/runs").json()["items"] if r["stage"] == "write back"]
    answer = admin.post(f"/v1/runs/{run['id']}/undo")
    assert (answer.status_code, answer.json()["undoes"]) == (202, run["id"])
    asked(own)
    assert set(own.fake.values[CLEO].values()) == {None}
    assert admin.post(f"/v1/runs/{run['id']}/undo").status_code == 409


def test_a_connection_can_compare_only(admin: TestClient, own: Filled):
    said = admin.put(path(own, "writing"), json={"is_shadow": True, "keeps_days": 30}).json()
    assert (said["shadow_since"] is not None, said["keeps_days"]) == (True, 30)
    assert first(admin, "/v1/connections")["shadow_since"] == said["shadow_since"]
    own.fake.writes.clear()
    own.make_quiet()
    assert own.fake.writes == []
    assert admin.get(path(own, "plan")).json()["records"]["contact"] > 0


def test_values_that_people_keep_are_listed(admin: TestClient, own: Filled):
    app: Any = admin.app
    app.state.open_one = own.open_one
    admin.put(path(own, "fields/contact/status"), json={"policy": "alert"})
    own.fake.values[CLEO]["status"] = "Ask me"
    own.make_quiet()
    edit = first(admin, path(own, "edited"))
    assert (edit["external_id"], edit["policy"]) == ("Cleo", "alert")
    assert (edit["theirs"], edit["ours"]) == ("Ask me", "Off radar")


def test_what_was_written_is_kept_for_a_time(admin: TestClient, own: Filled):
    admin.put(path(own, "writing"), json={"keeps_days": 30})
    own.make_quiet()
    assert len(admin.get(path(own, "records/Cleo/writes")).json()["items"]) == 1


@pytest.mark.parametrize("rest", ["refused", "edited", "plan", "records/Cleo/writes"])
def test_there_is_nothing_to_tell_of_no_connection(admin: TestClient, rest: str):
    assert admin.get(f"/v1/connections/999/{rest}").status_code == 404
