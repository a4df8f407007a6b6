"""What people say that a tie is worth: shown with its reason, and ending by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.store import identity, overrides
from connectors import ExternalId, Target
from tests.api.filled import Filled
from tests.fakes import NOW

LATER = datetime.now(UTC) + timedelta(days=400)
SAID = {
    "strength": 91, "author": "Ida", "reason": "Old friends.", "expires_at": LATER.isoformat(),
}  # fmt: skip


def path(filled: Filled, one: str = "Ada", other: str = "Cleo") -> str:
    return f"/v1/people/{filled.id_of(one)}/scores/{filled.id_of(other)}"


def card_tie(client: TestClient, filled: Filled) -> dict[str, Any]:
    card = client.get(f"/v1/people/{filled.id_of('Cleo')}/scores").json()
    (found,) = (tie for tie in card["ties"] if tie["other"]["name"] == "Ada")
    return dict(found)


def test_what_a_person_says_is_shown_and_written_and_the_computed_value_stays_visible(
    own_client: TestClient, own: Filled
):
    before = card_tie(own_client, own)
    assert own_client.put(f"{path(own)}/override", json=SAID).json()["reason"] == "Old friends."
    own.run()
    after = card_tie(own_client, own)
    assert (after["strength"], after["band"]) == (91, "strong")
    assert after["override"]["computed_strength"] == before["strength"]
    assert after["override"]["computed_band"] == before["band"]
    assert (after["override"]["author"], after["trend"]) == ("Ida", before["trend"])
    told = own_client.get(path(own)).json()
    assert (told["shown"], round(told["points"])) == (91, before["strength"])
    assert told["override"] == after["override"]
    written = own.fake.values[Target.CONTACT, ExternalId("Cleo")]
    assert (written["strength"], written["best_colleague"]) == (91, "Ada")


def test_an_expired_override_ends_by_itself(own_client: TestClient, own: Filled):
    before = card_tie(own_client, own)
    own_client.put(f"{path(own)}/override", json=SAID)
    own.run()
    own.run(LATER + timedelta(days=1))
    assert card_tie(own_client, own)["override"] is None
    own.run()
    own_client.delete(f"{path(own)}/override")
    own.run()
    assert card_tie(own_client, own) == before


def test_overrides_are_listed_until_they_are_taken_back(own_client: TestClient, own: Filled):
    own_client.put(f"{path(own)}/override", json=SAID)
    own_client.put(f"{path(own, 'Cleo', 'Ada')}/override", json=SAID | {"strength": 5})
    (item,) = own_client.get("/v1/overrides").json()["items"]
    assert (item["strength"], item["person"]["name"], item["other"]["name"]) == (5, "Ada", "Cleo")
    assert own_client.delete(f"{path(own)}/override").status_code == 204
    assert own_client.delete(f"{path(own)}/override").status_code == 404
    assert own_client.get("/v1/overrides").json()["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"strength": 101},
        {"reason": ""},
        {"author": ""},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2099-01-01T00:00:00"},
        {"expires_at": None},
    ],
)
def test_an_override_needs_an_author_a_reason_and_an_end(
    client: TestClient, filled: Filled, wrong: dict[str, Any]
):
    assert client.put(f"{path(filled)}/override", json=SAID | wrong).status_code == 422


def test_only_two_people_who_exist_have_a_tie(client: TestClient, filled: Filled):
    ada = filled.id_of("Ada")
    assert client.put(f"/v1/people/{ada}/scores/{ada}/override", json=SAID).status_code == 422
    assert client.put(f"/v1/people/{ada}/scores/999999/override", json=SAID).status_code == 404


def test_what_was_said_of_somebody_goes_with_who_they_turn_out_to_be(
    own_client: TestClient, own: Filled
):
    own_client.put(f"{path(own)}/override", json=SAID)
    cleo, dan, ada = own.id_of("Cleo"), own.id_of("Dan"), own.id_of("Ada")
    with Session(own.database) as session, session.begin():
        identity.give(session, {cleo: dan})
        assert set(overrides.in_force(session, at=NOW)) == {(min(ada, dan), max(ada, dan))}
        identity.give(session, {dan: ada})
        assert overrides.in_force(session, at=NOW) == {}
