"""Custom fields over the API: which are written, where to, and what the CRM says of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from connectors import ExternalId, Field, FieldState, FieldType, Target
from tests.api.asking import asking
from tests.api.filled import Filled, settings

BAND = (Target.CONTACT, "band")


def opening(app: FastAPI, filled: Filled) -> None:
    """Have the service open connections to the fake."""
    app.state.open_one = filled.open_one


@pytest.fixture
def admin(own: Filled) -> Iterator[TestClient]:
    app = create_app(settings(own.database))
    with asking(app) as client:
        opening(app, own)
        yield client


def path(own: Filled, rest: str = "") -> str:
    return f"/v1/connections/{own.link.connection_id}/fields{rest}"


def field(client: TestClient, own: Filled, name: str) -> dict[str, Any]:
    items = client.get(path(own)).json()["items"]
    return next(i for i in items if (i["target"], i["name"]) == ("contact", name))


def theirs(type_: FieldType = FieldType.NUMBER) -> Field:
    """A field that somebody added in the CRM."""
    return Field(Target.CONTACT, "warmth", "Warmth", type_, "", called="warmth")


def test_every_field_tells_its_meaning_and_how_it_stands(admin: TestClient, own: Filled):
    calls = own.fake.calls
    found = field(admin, own, "strength")
    assert found["meaning"].startswith("How strong the strongest tie with one of us is, 0 to 100.")
    assert (found["state"], found["policy"], found["is_on"]) == ("ready", "overwrite", True)
    assert own.fake.calls == calls


def test_a_field_is_written_to_a_field_that_was_there(admin: TestClient, own: Filled):
    own.fake.others = [theirs()]
    answer = admin.put(path(own, "/contact/strength"), json={"called": "warmth"})
    assert (answer.status_code, answer.json()["field"]) == (200, "warmth")
    own.run()
    held = own.fake.values[Target.CONTACT, ExternalId("Cleo")]
    assert held["warmth"] == held["strength"]


def test_what_a_field_could_be_written_to_is_listed(admin: TestClient, own: Filled):
    own.fake.others = [theirs()]
    found = admin.get(path(own, "/choices"), params={"target": "contact"}).json()["items"]
    assert [(one["name"], one["type"]) for one in found] == [("warmth", "number")]


def test_a_field_of_the_wrong_kind_is_refused_with_the_reason(admin: TestClient, own: Filled):
    own.fake.others = [theirs(FieldType.TEXT)]
    own.fake.states[Target.CONTACT, "warmth"] = FieldState.RETYPED
    answer = admin.put(path(own, "/contact/strength"), json={"called": "warmth"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "warmth is retyped: mend it.")
    assert field(admin, own, "strength")["called"] == ""


def test_a_field_that_is_not_to_be_had_is_refused(admin: TestClient, own: Filled):
    answer = admin.put(path(own, "/contact/strength"), json={"called": "Email"})
    assert answer.status_code == 422
    assert "is no field of contacts that somebody added" in answer.json()["detail"]


def test_two_fields_are_not_written_to_one(admin: TestClient, own: Filled):
    own.fake.others = [theirs()]
    admin.put(path(own, "/contact/strength"), json={"called": "warmth"})
    assert admin.put(path(own, "/contact/trend"), json={"called": "warmth"}).status_code == 409


def test_a_field_that_is_switched_off_is_not_written_and_no_other_changes(
    admin: TestClient, own: Filled
):
    own.fake.values.clear()
    own.fake.writes.clear()
    assert admin.put(path(own, "/contact/band"), json={"is_on": False}).status_code == 200
    own.make_quiet()
    assert own.fake.writes
    assert not any("band" in w.values for w in own.fake.writes if w.target is Target.CONTACT)


def test_a_field_of_another_name_is_not_found(admin: TestClient, own: Filled):
    assert admin.put(path(own, "/contact/mood"), json={}).status_code == 404


def test_a_lost_field_says_what_to_do_and_can_be_created_anew(admin: TestClient, own: Filled):
    del own.fake.fields[BAND]
    own.make_quiet()
    lost = field(admin, own, "band")
    assert (lost["state"], lost["paused"]) == ("missing", "band is missing: mend it.")
    named = {"fields": [{"target": "contact", "name": "band"}]}
    answer = admin.post(path(own, "/create"), json=named)
    assert answer.status_code == 200
    assert BAND in own.fake.fields
    assert field(admin, own, "band")["paused"] == ""


def test_without_a_key_no_connection_is_opened(own_client: TestClient, own: Filled):
    answer = own_client.get(path(own))
    assert answer.status_code == 503
    assert "TIELINE_SECRET_KEY" in answer.json()["detail"]
