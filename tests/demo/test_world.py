"""The demo's record: what is told of it in its README is so."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.demo.names import pseudonym
from app.demo.world import inside, newest, outside, shift_to
from connectors import Account, Activity, Person, PersonKind, Record

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHIFT = shift_to(NOW)

World = Callable[[timedelta], Iterator[Record]]


@pytest.fixture(scope="module", params=[outside, inside], ids=["outside", "inside"])
def records(request: pytest.FixtureRequest) -> list[Record]:
    world: World = request.param
    return list(world(SHIFT))


def test_every_record_that_is_named_is_defined_before(records: list[Record]):
    known: set[str] = set()
    for record in records:
        if isinstance(record, Activity):
            assert {p.person_id for p in record.participants} <= known
        known.add(record.id)


def test_every_email_has_a_colleague_and_an_outsider(records: list[Record]):
    ours = {p.id for p in people(records) if p.kind is PersonKind.COLLEAGUE}
    emails = [r for r in records if isinstance(r, Activity)]
    parts = [{p.person_id for p in email.participants} for email in emails]
    assert all(part & ours and part - ours for part in parts)


def test_nobody_shares_a_name_or_an_address(records: list[Record]):
    addresses = Counter(address for person in people(records) for address in person.addresses)
    assert max(addresses.values()) == 1
    assert max(Counter(person.name for person in people(records)).values()) == 1


def test_the_two_crms_have_nobody_in_common():
    one, other = ({p.name for p in people(list(world(SHIFT)))} for world in (outside, inside))
    assert not one & other


def test_nothing_lies_in_the_future_and_the_record_ends_today(records: list[Record]):
    assert all(r.at <= NOW for r in records if isinstance(r, Activity))
    assert NOW - timedelta(days=1) < newest() + SHIFT <= NOW


def test_the_counts_are_those_of_the_readme():
    assert [count(list(world(SHIFT))) for world in (outside, inside)] == [
        {"accounts": 3697, "colleague": 146, "contact": 18433, "emails": 195859},
        {"accounts": 15, "colleague": 60, "contact": 96, "emails": 4950},
    ]


def test_no_two_numbers_have_the_same_pseudonym():
    assert len({pseudonym(number) for number in range(40_572)}) == 40_572


def people(records: list[Record]) -> list[Person]:
    return [record for record in records if isinstance(record, Person)]


def count(records: list[Record]) -> dict[str, int]:
    kinds = Counter(person.kind.value for person in people(records))
    emails = sum(isinstance(record, Activity) for record in records)
    return {"accounts": sum(isinstance(r, Account) for r in records), **kinds, "emails": emails}
