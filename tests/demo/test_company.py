"""The planted company: the same from its seed, in order, and as true as its truth says."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from app.demo import company as planted
from app.demo import rhythm, truth
from app.demo.exchanges import CHIEF, NEWSLETTER
from app.demo.teams import TEAM, Company
from connectors import Account, Activity, Channel, ExternalId, Person, PersonKind, Role, names
from connectors._sandbox import running
from connectors._worlds import read

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
COMPANY = Company(400, UNTIL, seed=1)
WORLD = list(planted.world(COMPANY))
PEOPLE = {one.id: one for one in WORLD if isinstance(one, Person)}
ACTIVITIES = [one for one in WORLD if isinstance(one, Activity)]
COMMUNITIES = list(truth.communities(COMPANY))


def who(activity: Activity) -> list[ExternalId]:
    return [p.person_id for p in activity.participants if p.person_id]


def of_pair(colleague: str, contact: str) -> list[Activity]:
    """What happened between two people alone, in order."""
    found = [one for one in ACTIVITIES if set(who(one)) == {colleague, contact}]
    return sorted(found, key=lambda one: one.at)


def pairs(kind: str) -> list[list[str]]:
    return [pair for community in COMMUNITIES for pair in community[kind]]


def test_the_same_seed_gives_the_same_company_and_another_another():
    assert list(planted.world(COMPANY)) == WORLD
    assert list(planted.world(Company(400, UNTIL, seed=2))) != WORLD


@pytest.mark.parametrize("people", [100, 149, 400])
def test_there_are_as_many_people_as_asked_for(people: int):
    world = planted.world(Company(people, UNTIL))
    found = [one.id for one in world if isinstance(one, Person)]
    extra = {CHIEF, NEWSLETTER} | {one for one in found if one.endswith("-new")}
    assert len(set(found) - extra) == people


def test_accounts_come_before_people_and_people_before_activities():
    kinds = [type(one) for one in WORLD]
    changes = [(a, b) for a, b in pairwise(kinds) if a is not b]
    assert changes == [(Account, Person), (Person, Activity)]


def test_ids_and_addresses_belong_to_one_person_each():
    assert len({one.id for one in WORLD}) == len(WORLD)
    addresses = [address for person in PEOPLE.values() for address in person.addresses]
    assert len(set(addresses)) == len(addresses)


def test_nothing_happens_after_the_end_or_to_nobody():
    assert max(one.at for one in ACTIVITIES) <= UNTIL
    assert all(len(set(who(one))) == len(one.participants) > 1 for one in ACTIVITIES)


def test_people_work_on_weekdays_in_office_hours():
    begun = Counter(one.at.weekday() for one in ACTIVITIES)
    assert begun[5] + begun[6] < 0.1 * len(ACTIVITIES)
    by_day = [one.at.hour for one in ACTIVITIES if one.channel is Channel.MEETING]
    assert (min(by_day), max(by_day)) >= (8, 16)
    assert max(by_day) < 18


def test_gaps_are_heavy_tailed():
    rng = np.random.default_rng(1)
    ages = rhythm.ages(rng, first_days=4000, last_days=5, every_days=10)
    gaps = np.diff(ages)
    assert np.median(gaps) == pytest.approx(10, rel=0.2)
    assert np.mean(gaps) > 1.2 * np.median(gaps)


def test_most_messages_of_a_live_tie_are_answered():
    colleague, contact = pairs("active")[0]
    sent = Counter(who(one)[0] for one in of_pair(colleague, contact))
    assert min(sent[colleague], sent[contact]) > 0


def test_fading_ties_were_steady_and_have_been_silent_for_months():
    for pair in pairs("fading"):
        days = [(UNTIL - one.at) / timedelta(days=1) for one in of_pair(*pair)]
        assert 85 < min(days) < 310
        assert len(days) > 8


def test_dormant_ties_have_been_silent_for_more_than_a_year():
    for pair in pairs("dormant"):
        assert UNTIL - of_pair(*pair)[-1].at > timedelta(days=375)


def test_outreach_is_never_answered():
    for colleague, contact in pairs("outreach"):
        assert {who(one)[0] for one in of_pair(colleague, contact)} == {colleague}


def test_an_introduction_is_a_meeting_of_three_and_contact_within_30_days():
    for community in COMMUNITIES:
        for colleague, contact, introducer, _ in community["introductions"]:
            three = {colleague, contact, introducer}
            (first,) = (one for one in ACTIVITIES if set(who(one)) == three)
            direct = of_pair(colleague, contact)[0].at - first.at
            assert timedelta(0) < direct < timedelta(days=30)
            assert of_pair(introducer, contact)[0].at < first.at


def test_bridges_are_all_that_joins_the_communities():
    graph = nx.Graph(
        tuple(who(one)) for one in ACTIVITIES if len(who(one)) == 2 and CHIEF not in who(one)
    )
    bridges = [community["bridge"] for community in COMMUNITIES if community["bridge"]]
    assert len(bridges) == len(COMMUNITIES) - 1
    home = {m: c["number"] for c in COMMUNITIES for m in c["members"]}
    between = {frozenset(e) for e in graph.edges if home[e[0]] != home[e[1]]}
    assert between == {frozenset(pair) for pair in bridges}


def test_who_changed_jobs_has_a_new_record_elsewhere_and_one_name():
    for community in COMMUNITIES:
        old, new = (PEOPLE[one] for one in community["moved"])
        assert old.name == new.name
        assert old.account_id != new.account_id
        assert not set(old.addresses) & set(new.addresses)


def test_who_has_left_does_nothing_any_more():
    left = [pair for community in COMMUNITIES for pair in community["left"]]
    assert left
    for colleague, days in left:
        assert not PEOPLE[colleague].is_active
        last = max(one.at for one in ACTIVITIES if colleague in who(one))
        assert UNTIL - last > timedelta(days=days - 4)


def test_the_newsletter_and_bulk_mail_go_one_way():
    senders = {NEWSLETTER, CHIEF, *(community["bulk_sender"] for community in COMMUNITIES)}
    for activity in ACTIVITIES:
        roles = {p.role for p in activity.participants if p.person_id in senders}
        answered = Role.TO in roles and len(activity.participants) == 2
        assert not answered


def test_deals_have_an_outcome_once_they_are_closed():
    deals: list[dict[str, Any]] = [d for c in COMMUNITIES for d in c["deals"]]
    assert {deal["outcome"] for deal in deals} == {None, "won", "lost"}
    assert all((d["outcome"] is None) == (d["closed_days"] is None) for d in deals)
    assert all({d["owner"], *d["contacts"]} <= set(PEOPLE) for d in deals)


def test_both_crms_together_hold_everybody_and_some_of_them_twice():
    held = [
        {one.id for one in planted.world(COMPANY, crm) if isinstance(one, Person)}
        for crm in names()
    ]
    assert set.union(*held) == set(PEOPLE)
    shared = {one for community in COMMUNITIES for one in community["in_both_crms"]}
    twice = {one for one in set.intersection(*held) if PEOPLE[one].kind is PersonKind.CONTACT}
    assert twice == shared


@pytest.mark.parametrize("crm", names())
def test_each_crm_can_be_filled_with_its_part(crm: str):
    part = list(planted.world(Company(100, UNTIL), crm))
    with running(crm, part) as found:
        assert len(found.ids) == len(part)
        held = Counter(type(one) for one in found.of.records(found.sandbox))
    assert held == Counter(type(one) for one in part)


def test_the_files_are_the_world_and_its_truth(tmp_path: Path):
    written = planted.save(COMPANY, tmp_path / "acme.ndjson.gz")
    assert written == {tmp_path / "acme.ndjson.gz": len(WORLD)}
    assert list(read(tmp_path / "acme.ndjson.gz")) == WORLD
    told = json.loads((tmp_path / "acme.truth.json").read_text())
    assert told["communities"] == COMMUNITIES
    assert len(told["communities"]) == 400 // TEAM


def test_a_file_per_crm_is_named_after_it(tmp_path: Path):
    written = planted.save(Company(100, UNTIL), tmp_path / "acme.ndjson", is_per_crm=True)
    assert sorted(file.name for file in written) == [f"acme.{crm}.ndjson" for crm in names()]
