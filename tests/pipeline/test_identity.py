"""Who is who: what records can be known by, and how well that tells people apart."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from itertools import combinations, takewhile

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.demo import company, truth
from app.demo.identities import CRMS
from app.demo.teams import Company
from app.pipeline.identity import claims, contradict, is_made_of
from app.pipeline.mailboxes import Mailbox, canonical, mailbox
from app.store import tables
from connectors import Account, Person
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector

Record = tuple[str, str]
"""A record, by its CRM and its id there."""

PRECISION, RECALL = 0.999, 0.95


def found_in(database: Engine) -> dict[Record, Hashable]:
    """Whose each record was found to be."""
    with Session(database) as session:
        ids = sorted(c.id or 0 for c in session.exec(select(tables.Connection)))
        crms = dict(zip(ids, CRMS, strict=True))
        rows = session.exec(select(tables.Profile))
        return {(crms[row.connection_id], row.external_id): row.person_id for row in rows}


def planted_in(planted: Company) -> dict[Record, Hashable]:
    """Whose each record of somebody with several is."""
    several = [person for team in truth.communities(planted) for person in team["persons"]]
    told = {(crm, one): n for n, who in enumerate(several) for crm, one in who["records"]}
    return told | {(crm, one): one for crm in CRMS for one in ("chief", "newsletter")}


def same(whose: Mapping[Record, Hashable]) -> set[frozenset[Record]]:
    """All pairs of records that are one person."""
    groups = defaultdict(list)
    for record, person in whose.items():
        groups[person].append(record)
    return {frozenset(p) for group in groups.values() for p in combinations(group, 2)}


@pytest.mark.parametrize("seed", [3, 4])
def test_planted_people_are_found_and_nobody_is_mistaken_for_another(
    database: Engine, run: Run, seed: int
):
    planted = Company(2_000, NOW, seed)
    fakes = [
        FakeConnector(
            list(takewhile(lambda r: isinstance(r, Account | Person), company.world(planted, crm))),
            page_size=2_000,
        )
        for crm in CRMS
    ]
    run(*fakes, only=("pull", "resolve"))
    found, told = same(found_in(database)), same(planted_in(planted))
    assert len(found & told) / len(found) >= PRECISION
    assert len(found & told) / len(told) >= RECALL


@pytest.mark.parametrize(
    "address", ["Bo.Lund@Far.example", " bo.lund@far.example", "bo.lund+crm@far.example"]
)
def test_spellings_that_lead_to_one_mailbox_are_one(address: str):
    assert canonical(address) == "bo.lund@far.example"


def test_dots_mean_nothing_where_the_provider_says_so():
    assert canonical("bo.lund@googlemail.com") == canonical("bolund@gmail.com")
    assert canonical("bo.lund@far.example") != canonical("bolund@far.example")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("bo.lund@far.example", Mailbox.PERSON),
        ("info@far.example", Mailbox.SHARED),
        ("Sales@far.example", Mailbox.SHARED),
        ("no-reply@far.example", Mailbox.MACHINE),
        ("orders-noreply-7@far.example", Mailbox.MACHINE),
        ("MAILER-DAEMON@far.example", Mailbox.MACHINE),
        ("team@far.example", Mailbox.LIST),
        ("board-list@far.example", Mailbox.LIST),
        ("ana.contact@far.example", Mailbox.PERSON),
    ],
)
def test_an_address_tells_who_is_behind_it(address: str, kind: Mailbox):
    assert mailbox(address) is kind


@pytest.mark.parametrize(
    "local", ["anna.smith", "a.smith", "asmith", "smith.anna", "smitha", "annas", "anna_smith"]
)
def test_an_address_made_of_a_name_is_known(local: str):
    assert is_made_of("Ánna Maria Smith", local)


@pytest.mark.parametrize("local", ["anna.smith2", "anna", "smith", "buyer", "b.smith", "as"])
def test_an_address_not_made_of_both_names_is_not(local: str):
    assert not is_made_of("Anna Smith", local)


def test_a_name_alone_is_nothing_to_be_known_by():
    assert list(claims("Anna Smith", ())) == []
    assert [c.is_address for c in claims("Anna Smith", ["x77@far.example"])] == [True]
    assert [c.is_address for c in claims("Anna Smith", ["anna.smith@gmail.com"])] == [True]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Smith", "Smith, Anna"),
        ("Anna Smith", "A. Smith"),
        ("Anna Smith", "Anna Jones"),
        ("Farah Delmar", "FARAH DELMRA"),
        ("Zoë Weiß", "zoe weiss"),
        ("Anna Smith", ""),
    ],
)
def test_names_that_can_be_one_persons_do_not_contradict_each_other(one: str, other: str):
    assert not contradict(one, other)


@pytest.mark.parametrize(("one", "other"), [("Anna Smith", "Bo Lund"), ("Li Wu", "Lu Wa")])
def test_names_without_anything_alike_do(one: str, other: str):
    assert contradict(one, other)
