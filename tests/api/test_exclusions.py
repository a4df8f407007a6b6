"""An admin leaves people out, having seen what goes; nobody can ask about them afterwards."""

import os
import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.main import create_app
from app.store import tables
from connectors import Account, Deal, DealContact, ExternalId, Person, Record
from tests.api.asking import asking
from tests.api.conftest import fill
from tests.api.filled import Filled, settings
from tests.fakes import colleague, contact, email

SAYS = {"author": "Eva", "reason": "They asked for it."}
CLEO = {"kind": "address", "value": "Cleo@acme.example"}
STEPS = int(os.environ.get("TIELINE_STEPS", "6"))


def add(client: TestClient, **rule: object) -> dict[str, Any]:
    return dict(client.post("/v1/exclusions", json={**SAYS, **rule}).json())


def test_an_exclusion_is_listed_as_it_was_understood(own_client: TestClient):
    added = add(own_client, **CLEO)
    assert (added["value"], added["is_settled"]) == ("cleo@acme.example", False)
    assert added in own_client.get("/v1/exclusions").json()["items"]


def test_the_list_begins_with_what_is_suggested(own_client: TestClient):
    items = own_client.get("/v1/exclusions").json()["items"]
    assert {"betriebsrat*", "hr"} <= {one["value"] for one in items if one["is_on"]}
    assert [one["kind"] for one in items if not one["is_on"]] == ["freemail"]


def test_the_same_exclusion_is_refused_twice(own_client: TestClient):
    add(own_client, **CLEO)
    assert own_client.post("/v1/exclusions", json={**SAYS, **CLEO}).status_code == 409


def test_what_is_no_exclusion_is_refused(own_client: TestClient):
    rule = {**SAYS, "kind": "pattern", "value": "*"}
    assert own_client.post("/v1/exclusions", json=rule).status_code == 422


@pytest.mark.parametrize(
    ("people", "rule"),
    [
        (1, CLEO),
        (1, {**CLEO, "takes_activity": True}),
        (1, {"kind": "pattern", "value": "cl*"}),
        (2, {"kind": "domain", "value": "acme.example"}),
    ],
)
def test_a_preview_tells_what_then_goes(
    own_client: TestClient, own: Filled, people: int, rule: dict[str, object]
):
    told = own_client.post("/v1/exclusions/preview", json=rule).json()
    before = counts(own.database)
    add(own_client, **rule)
    own.run()
    after = counts(own.database)
    assert (told["interactions"], told["ties"]) == tuple(
        b - a for b, a in zip(before, after, strict=True)
    )
    assert told["people"] == people


def counts(database: Engine) -> tuple[int, int]:
    with Session(database) as session:
        return tuple(len(session.exec(select(t)).all()) for t in (tables.Interaction, tables.Tie))


def test_a_rule_that_is_switched_off_leaves_nobody_out(own_client: TestClient, own: Filled):
    added = add(own_client, **CLEO)
    own.run()
    assert own_client.get(f"/v1/people/{own.id_of('Cleo')}").status_code == 404
    changed = {"is_on": False, "takes_activity": False, "author": "Eva"}
    own_client.put(f"/v1/exclusions/{added['id']}", json=changed)
    own.run()
    assert own_client.get(f"/v1/people/{own.id_of('Cleo')}/scores").status_code == 200


def test_only_colleagues_have_a_list_of_their_own(own_client: TestClient, own: Filled):
    rule = {**SAYS, **CLEO, "colleague": own.id_of("Dan")}
    assert own_client.post("/v1/exclusions", json=rule).status_code == 422


def test_an_own_list_is_no_part_of_the_companys(own_client: TestClient, own: Filled):
    ada = own.id_of("Ada")
    added = add(own_client, **CLEO, colleague=ada)
    assert added not in own_client.get("/v1/exclusions").json()["items"]
    assert own_client.get(f"/v1/exclusions?colleague={ada}").json()["items"] == [added]


def test_an_exclusion_that_is_not_there_cannot_be_lifted(own_client: TestClient):
    assert own_client.delete("/v1/exclusions/4711").status_code == 404


OURS, THEIRS = ("Ada Canary", "Ben Canary"), tuple(f"Con{n} Canary" for n in range(8))


def mail(name: str) -> str:
    first = name.split(maxsplit=1)[0].lower()
    return f"{first}@{'ours' if name in OURS else f'd{int(first[3:]) % 3}'}.example"


def record_of(name: str) -> ExternalId:
    """A record's id tells nothing of whose it is."""
    return ExternalId(name.split(maxsplit=1)[0].lower())


def _under_its_id(person: Person) -> Person:
    return replace(person, id=record_of(person.name))


def world() -> list[Record]:
    """Two colleagues and eight contacts of three domains, on accounts and a deal."""
    records: list[Record] = [_under_its_id(colleague(name, mail(name))) for name in OURS]
    records += [Account(ExternalId(f"a{n}"), f"Account {n}", f"d{n}.example") for n in range(3)]
    records += [
        _under_its_id(contact(name, mail(name), f"a{n % 3}")) for n, name in enumerate(THEIRS)
    ]
    on_it = tuple(DealContact(record_of(name)) for name in THEIRS[:4])
    owner = record_of(OURS[0])
    deal = Deal(
        ExternalId("d"),
        "Big",
        "Negotiation",
        account_id=ExternalId("a0"),
        owner_id=owner,
        contacts=on_it,
    )
    return [*records, deal]


@dataclass
class Play:
    """Random decisions, and a model of them that knows nothing but names."""

    own: Filled
    client: TestClient
    chance: random.Random
    rules: dict[int, set[str]] = field(default_factory=dict)
    mails: int = 0

    def step(self) -> None:
        """Decide something, or let somebody write; then run and look everywhere."""
        self.chance.choice((self.write, self.write, self.exclude, self.lift))()
        self.own.run()
        out = set().union(*self.rules.values())
        everything = self.answers() + repr(self.own.fake.values)
        assert [name for name in sorted(out) if name in everything] == []

    def write(self) -> None:
        ours, some = self.chance.choice(OURS), self.chance.sample(THEIRS, 3)
        for ends in ((ours, *some), (some[0], ours, *some[1:])):
            self.mails += 1
            days = self.chance.uniform(0.1, 90)
            self.own.fake.records.append(email(self.mails, *map(record_of, ends), days_ago=days))

    def exclude(self) -> None:
        name = self.chance.choice((*OURS, *THEIRS))
        domain = mail(name).partition("@")[2]
        rule, out = self.chance.choice(
            [
                ({"kind": "address", "value": mail(name)}, {name}),
                ({"kind": "pattern", "value": mail(name).partition("@")[0]}, {name}),
                ({"kind": "domain", "value": domain}, {n for n in THEIRS if domain in mail(n)}),
            ]
        )
        if domain != "ours.example" or rule["kind"] != "domain":
            takes = self.chance.random() < 0.3
            added = add(self.client, **rule, takes_activity=takes)
            self.rules[added.get("id", 0)] = out if "id" in added else set()

    def lift(self) -> None:
        if one := self.chance.choice([0, *self.rules]):
            self.client.delete(f"/v1/exclusions/{one}")
            del self.rules[one]

    def answers(self) -> str:
        """Everything that the API tells, but the list of exclusions itself."""
        with Session(self.own.database) as session:
            ids = [one or 0 for one in session.exec(select(tables.Person.id))]
        asked = [path for path, ways in self.paths() if "get" in ways and "exclusions" not in path]
        urls = [path.replace("{connection_id}", "1") for path in asked]
        of_all = [u for u in urls if "{" not in u and u != "/v1/routes"]
        of_each = [u for u in urls if u.count("{") == 1 and "{person_id}" in u]
        found = of_all + [u.replace("{person_id}", str(one)) for u in of_each for one in ids]
        found += [f"/v1/routes?asker={ids[0]}&person={one}" for one in ids[1:]]
        return "".join(self.client.get(url).text for url in found)

    def paths(self) -> list[tuple[str, dict[str, Any]]]:
        app: Any = self.client.app
        return list(app.openapi()["paths"].items())


@pytest.mark.parametrize("seed", range(1 if STEPS < 50 else 5))
def test_whoever_is_excluded_is_in_no_answer_and_no_field(database: Engine, seed: int):
    own = fill(database, world())
    with asking(create_app(settings(database))) as client:
        play = Play(own, client, random.Random(seed))  # noqa: S311 - no secret
        for _ in range(4):
            play.write()
        for _ in range(STEPS):
            play.step()
        assert play.mails
