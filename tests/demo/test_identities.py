"""Who is who in the planted company: worth measuring, for it is neither trivial nor hopeless."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime
from itertools import combinations, takewhile

import networkx as nx

from app.demo import truth
from app.demo.company import world
from app.demo.exchanges import CHIEF, NEWSLETTER
from app.demo.identities import CRMS, By
from app.demo.names import address, alias
from app.demo.teams import Company
from connectors import Account, Person

COMPANY = Company(3_000, datetime(2026, 11, 1, tzinfo=UTC), seed=3)
COMMUNITIES = list(truth.communities(COMPANY))

Record = tuple[str, str]
Pair = frozenset[Record]
Rule = Callable[[Record, Person], Iterator[Hashable]]
"""What a record is known by: two that have one of these in common are joined."""


def records() -> dict[Record, Person]:
    """Give the people of both CRMs, with the addresses that each one can hold."""
    found = {}
    for crm in CRMS:
        people = takewhile(lambda one: isinstance(one, Account | Person), world(COMPANY, crm))
        found |= {(crm, str(one.id)): one for one in people if isinstance(one, Person)}
    return {key: one for key, one in found.items() if one.id not in {CHIEF, NEWSLETTER}}


RECORDS = records()
PAIRS = {
    frozenset((tuple(one), tuple(other)))
    for community in COMMUNITIES
    for person in community["persons"]
    for one, other in combinations(person["records"], 2)
}


def addresses(record: Record, person: Person) -> Iterator[str]:
    held = person.addresses if record[0] == "hubspot" else person.addresses[:1]
    yield from (one.lower() for one in held if not one.startswith("info@"))


def aliases(record: Record, person: Person) -> Iterator[Hashable]:
    """The same name, and addresses made of it at the same domain."""
    yield from addresses(record, person)
    for own in addresses(record, person):
        domain = own.partition("@")[2]
        forms = {alias(person.name, domain, has_initial=short) for short in (True, False)}
        if own in forms | {address(person.name, domain)}:
            yield person.name, domain


def title_and_account(record: Record, person: Person) -> Iterator[Hashable]:
    yield from aliases(record, person)
    if person.title and person.account_id:
        yield person.name, person.title, person.account_id


def name_alone(_: Record, person: Person) -> Iterator[str]:
    yield person.name


def joined(rule: Rule) -> set[Pair]:
    """Give the pairs of records that a rule joins."""
    known = defaultdict(list)
    for record, person in RECORDS.items():
        for key in rule(record, person):
            known[key].append(record)
    graph = nx.Graph((held[0], other) for held in known.values() for other in held[1:])
    return {frozenset(p) for one in nx.connected_components(graph) for p in combinations(one, 2)}


def recall(rule: Rule) -> float:
    return len(joined(rule) & PAIRS) / len(PAIRS)


def test_addresses_alone_find_four_pairs_in_five():
    assert 0.75 < recall(addresses) < 0.86
    assert joined(addresses) <= PAIRS


def test_aliases_at_the_same_domain_find_most_of_the_others():
    assert 0.94 < recall(aliases) < 0.98
    assert joined(aliases) <= PAIRS


def test_some_are_told_by_title_and_account_alone_and_some_by_nothing():
    assert recall(aliases) < recall(title_and_account) < 0.995


def test_joining_by_name_joins_strangers():
    found = joined(name_alone)
    assert len(found & PAIRS) / len(found) < 0.96


def test_every_way_of_being_stored_twice_is_planted():
    by = Counter(one for c in COMMUNITIES for person in c["persons"] for one in person["by"])
    assert set(by) == {one.value for one in By}
    assert min(by.values()) > 2
