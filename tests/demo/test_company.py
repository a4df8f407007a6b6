"""The planted company: the same from its seed, in order, and as true as its truth says."""

import io
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo import company as planted
from app.demo import rhythm, truth
from app.demo.deals import deals
from app.demo.exchanges import CHIEF, MESSENGERS, NEWSLETTER
from app.demo.identities import CRMS, By
from app.demo.saving import save
from app.demo.teams import TEAM, Company, plan
from app.demo.truth import communities
from connectors import Account, Activity, Channel, Deal, ExternalId, Person, PersonKind, Role
from connectors._sandbox import running, sandbox_names
from connectors._worlds import lines, parse, read

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
COLLEAGUE = PersonKind.COLLEAGUE
COMPANY = Company(400, UNTIL, seed=1)
WORLD = list(planted.world(COMPANY))
PEOPLE = {one.id: one for one in WORLD if isinstance(one, Person)}
ACTIVITIES = [one for one in WORLD if isinstance(one, Activity)]
DEALS = [one for one in WORLD if isinstance(one, Deal)]
COMMUNITIES = list(truth.communities(COMPANY))
PERSONS = [group for community in COMMUNITIES for group in community["persons"]]
FIRSTS = {
    record: group["records"][0][1]
    for group in PERSONS
    if By.JOB.value not in group["by"]
    for _, record in group["records"]
}
"""One record of each person, for all that they have; who changed jobs counts as two."""


def who(activity: Activity) -> list[str]:
    known = [p.person_id for p in activity.participants if p.person_id]
    return [FIRSTS.get(one, one) for one in known]


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
    again = re.compile("chief|newsletter|contact-rep-.*|.*-(new|twin|lead|machine)")
    assert len([one for one in found if not again.fullmatch(one)]) == people


def test_accounts_come_before_people_and_people_before_deals_and_activities():
    order = {Account: 0, Person: 1, Deal: 2, Activity: 2}
    places = [order[type(one)] for one in WORLD]
    assert places == sorted(places)


def test_every_record_has_an_id_of_its_own():
    assert len({one.id for one in WORLD}) == len(WORLD)


@pytest.mark.parametrize("crm", [None, "hubspot"])
def test_an_address_stands_in_one_contact_where_a_crm_would_refuse_another(crm: str | None):
    people = [one for one in planted.world(COMPANY, crm) if isinstance(one, Person)]
    outside = [p for p in people if p.kind is not PersonKind.COLLEAGUE and not p.is_deleted]
    addresses = [address.lower() for person in outside for address in person.addresses]
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


def test_ties_go_partly_by_every_messenger():
    by = Counter(one.channel for one in ACTIVITIES)
    assert set(by) == set(Channel)
    assert 0.005 < sum(by[one] for one in MESSENGERS) / len(ACTIVITIES) < 0.05


def test_a_mail_and_its_answer_are_of_one_thread():
    lengths = Counter(one.thread for one in ACTIVITIES if one.thread)
    assert set(lengths.values()) == {1, 2}
    assert all((one.thread is None) == (one.channel is not Channel.EMAIL) for one in ACTIVITIES)


def test_what_is_sent_to_many_alike_says_so():
    bulk = {who(one)[0] for one in ACTIVITIES if one.is_bulk}
    assert {NEWSLETTER} | {colleague for colleague, _ in pairs("outreach")} == bulk


def test_some_meetings_were_called_off_and_some_mail_came_back():
    lost = [one for one in ACTIVITIES if not one.happened]
    meetings = sum(one.channel is Channel.MEETING for one in ACTIVITIES)
    called_off = sum(one.channel is Channel.MEETING for one in lost)
    assert 0.02 < called_off / meetings < 0.15
    old = {community["moved"][0] for community in COMMUNITIES}
    assert {who(one)[1] for one in lost if one.channel is Channel.EMAIL} == old


def test_large_meetings_are_of_staff_and_larger_than_any_other():
    large = [one for one in ACTIVITIES if one.channel is Channel.MEETING and one.recipients > 11]
    assert large
    assert all(PEOPLE[ExternalId(one)].kind is COLLEAGUE for a in large for one in who(a))


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
    senders = {NEWSLETTER, CHIEF, *(c["bulk_sender"] for c in COMMUNITIES)}
    senders |= {c["machine_mailbox"] for c in COMMUNITIES}
    for activity in ACTIVITIES:
        roles = {p.role for p in activity.participants if p.person_id in senders}
        answered = Role.TO in roles and len(activity.participants) == 2
        assert not answered


def test_deals_have_an_outcome_once_they_are_closed():
    deals: list[dict[str, Any]] = [d for c in COMMUNITIES for d in c["deals"]]
    assert {deal["outcome"] for deal in deals} == {None, "won", "lost"}
    assert all((d["outcome"] is None) == (d["closed_days"] is None) for d in deals)
    assert [deal["id"] for deal in deals] == [deal.id for deal in DEALS]


def test_a_deal_goes_stage_by_stage_to_where_it_stands():
    assert all(deal.stages[-1].stage == deal.stage for deal in DEALS)
    assert all(d.created_at == d.stages[0].at <= d.stages[-1].at <= UNTIL for d in DEALS)
    assert all(a.at <= b.at for deal in DEALS for a, b in pairwise(deal.stages))
    assert {deal.is_closed for deal in DEALS if len(deal.stages) == 4} == {True}


def test_deals_with_more_people_involved_are_won_more_often():
    many = (team for n in range(300) for team in [plan(Company(15_000, UNTIL), n)])
    closed = [d for team in many for d in deals(COMPANY, team) if d.is_closed]
    won = [np.mean([d.is_won for d in closed if len(d.contacts) == n]) for n in (1, 2, 3)]
    assert won[0] + 0.05 < won[1] < won[2]


def held_by(crm: str) -> dict[str, Person]:
    return {one.id: one for one in planted.world(COMPANY, crm) if isinstance(one, Person)}


def test_both_crms_together_hold_everybody_and_some_of_them_twice():
    held = [held_by(crm) for crm in sandbox_names()]
    missing = {*PEOPLE} - {*held[0], *held[1]}
    old = {community["moved"][0] for community in COMMUNITIES}
    assert {one for one in missing if not one.endswith("-lead")} < old
    shared = {one for community in COMMUNITIES for one in community["in_both_crms"]}
    twice = {*held[0]} & {*held[1]}
    outside = {one for one in twice if PEOPLE[ExternalId(one)].kind is not COLLEAGUE}
    moved = {community["moved"][1] for community in COMMUNITIES}
    assert shared < outside <= shared | moved


def test_every_record_of_a_person_is_told_and_no_record_is_of_two():
    held = {(crm, record) for crm in CRMS for record in held_by(crm)}
    told = [(crm, record) for group in PERSONS for crm, record in group["records"]]
    assert len(set(told)) == len(told)
    assert set(told) <= held
    alone = Counter(record for _, record in held - set(told))
    assert {one for one, times in alone.items() if times > 1} == {CHIEF, NEWSLETTER}


def test_namesakes_and_those_who_share_a_mailbox_are_different_persons():
    records = held_by("salesforce")
    for community in COMMUNITIES:
        for alike in community["look_alikes"]:
            assert len({FIRSTS.get(one, one) for one in alike["records"]}) > 1
            known = [records[one] for one in alike["records"] if one in records]
            names_, addresses = {one.name for one in known}, {one.addresses for one in known}
            is_whole = community["number"] % 2 == 1
            assert not is_whole or min(len(names_), len(addresses)) == 1


def test_some_accounts_are_stored_twice():
    accounts = {one.id: one for one in WORLD if isinstance(one, Account)}
    twice = [pair for community in COMMUNITIES for pair in community["accounts_twice"]]
    assert {pair["by"] for pair in twice} == set(truth.ACCOUNT_FORMS)
    for pair in twice:
        one, other = (accounts[record] for record in pair["records"])
        assert one.name.split()[0] == other.name.split()[0]
        assert (one.name, one.domain) != (other.name, other.domain)


@pytest.mark.parametrize("crm", sandbox_names())
def test_each_crm_can_be_filled_with_its_part(crm: str):
    part = list(planted.world(Company(100, UNTIL), crm))
    with running(crm, part) as found:
        assert len(found.ids) == len(part)
        held = Counter(type(one) for one in found.of.records(found.sandbox))
    assert held == Counter(type(one) for one in part if not one.is_deleted)


@given(people=st.integers(100, 400), seed=st.integers(0, 2**32), crm=st.sampled_from([None, *CRMS]))
@settings(max_examples=6, deadline=None)
def test_any_company_is_a_valid_world_that_ends_in_time(people: int, seed: int, crm: str | None):
    company = Company(people, UNTIL, seed)
    raw = io.BytesIO(b"".join(lines(planted.world(company, crm))))
    for record in parse(raw):
        assert record.modified_at <= UNTIL
        assert not isinstance(record, Activity) or record.at <= UNTIL


@given(people=st.integers(100, 400), seed=st.integers(0, 2**32))
@settings(max_examples=6, deadline=None)
def test_what_the_truth_of_any_company_names_is_in_its_world(people: int, seed: int):
    company = Company(people, UNTIL, seed)
    held = {record.id for record in planted.world(company)}
    held |= {record.id for record in planted.world(company, "salesforce")}
    told = re.findall(
        r'"((?:rep|contact|account|deal)-[^"]*)"', json.dumps([*communities(company)])
    )
    assert set(told) <= held


def test_the_files_are_the_world_and_its_truth(tmp_path: Path):
    written = save(COMPANY, tmp_path / "acme.ndjson.gz")
    assert written == {tmp_path / "acme.ndjson.gz": len(WORLD)}
    assert list(read(tmp_path / "acme.ndjson.gz")) == WORLD
    told = json.loads((tmp_path / "acme.truth.json").read_text())
    assert told["communities"] == COMMUNITIES
    assert len(told["communities"]) == 400 // TEAM


def test_the_bytes_are_the_same_however_many_cores_make_them(tmp_path: Path):
    made = [tmp_path / f"{cores}.ndjson.gz" for cores in (1, 2)]
    for cores, file in enumerate(made, 1):
        save(Company(100, UNTIL), file, cores=cores)
    assert made[0].read_bytes() == made[1].read_bytes()


def test_half_a_file_is_not_left_behind(tmp_path: Path):
    def fail(file: Path, *_: int) -> None:
        assert file.suffix != ".gz"

    with pytest.raises(AssertionError):
        save(Company(100, UNTIL), tmp_path / "acme.ndjson.gz", watch=fail)
    assert [file.name for file in tmp_path.iterdir()] == ["acme.truth.json"]


def test_a_file_per_crm_is_named_after_it(tmp_path: Path):
    written = save(Company(100, UNTIL), tmp_path / "acme.ndjson", is_per_crm=True)
    assert sorted(file.name for file in written) == [
        f"acme.{crm}.ndjson" for crm in sandbox_names()
    ]
