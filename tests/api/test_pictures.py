"""Pictures over HTTP: two offices whose people all know each other, joined by one tie."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update
from sqlmodel import Session, col

from app.store import tables
from tests.api.filled import Filled


def test_the_picture_of_a_person_is_an_svg_with_their_bridge(
    joined_client: TestClient, joined: Filled
):
    answer = joined_client.get(f"/v1/people/{joined.id_of('Ana')}/picture.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "bridge to South Inc" in answer.text
    assert "<style>" in answer.text


def test_a_picture_for_a_page_has_no_style(joined_client: TestClient, joined: Filled):
    path = f"/v1/people/{joined.id_of('Ana')}/picture.svg"
    assert "<style" not in joined_client.get(path, params={"in_page": True}).text


def test_the_map_of_an_account_shows_who_knows_whom(joined_client: TestClient):
    accounts = joined_client.get("/v1/accounts").json()["items"]
    south = next(one["id"] for one in accounts if one["name"] == "South Inc")
    svg = joined_client.get(f"/v1/accounts/{south}/picture.svg").text
    assert "<title>Who knows whom at South Inc</title>" in svg
    told = joined_client.get(f"/v1/accounts/{south}/picture").json()
    assert told["summary"].startswith("At South Inc there are 5 people. Our colleagues know 5 of")
    assert {tie["one"] for tie in told["ties"] if tie["kind"] == "a colleague and a contact"} == {
        "Ana",
        "Bob",
    }


def test_the_table_of_a_person_tells_what_the_picture_shows(
    joined_client: TestClient, joined: Filled
):
    told = joined_client.get(f"/v1/people/{joined.id_of('Ana')}/picture").json()
    bridges = [(tie["one"], tie["other"], tie["bridge"]) for tie in told["ties"] if tie["bridge"]]
    assert told["title"] == "Whom Ana knows"
    assert bridges == [("Ana", "Bob", "South Inc")]


def test_who_was_erased_since_the_ties_were_read_is_on_no_picture_and_no_route(
    own_client: TestClient, own: Filled
):
    ada, ben, dan = (own.id_of(name) for name in ("Ada", "Ben", "Dan"))
    query = {"asker": ada, "person": dan}
    assert own_client.get("/v1/routes", params=query).json()["routes"]
    with Session(own.database) as session, session.begin():
        theirs = col(tables.Profile.person_id) == ben
        session.connection().execute(update(tables.Profile).where(theirs).values(person_id=None))
        session.connection().execute(delete(tables.Person).where(col(tables.Person.id) == ben))
    assert own_client.get("/v1/routes", params=query).json()["routes"] == []
    told = own_client.get(f"/v1/people/{dan}/picture").json()
    assert told["summary"] == "Dan has no tie with anybody."


@pytest.mark.parametrize("path", ["people", "accounts"])
@pytest.mark.parametrize("form", ["picture", "picture.svg"])
def test_there_is_no_picture_of_nobody(joined_client: TestClient, path: str, form: str):
    assert joined_client.get(f"/v1/{path}/999999/{form}").status_code == 404
