"""What is read from a portal is what it holds, whatever happens meanwhile."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors import (
    START,
    Channel,
    ExternalId,
    Participant,
    Role,
    Stream,
    Unavailable,
    hubspot,
)
from connectors._sandbox import Fault
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import (
    ACME,
    ANNE,
    BORIS,
    CLARA,
    DAVID,
    THEN,
    Portal,
    activity,
    colleague,
    contact,
    contacts,
    people,
    pull,
)

SEARCHES = r"POST .*/search"
LINKS = r"POST .*/associations/"
CONTACTS = (Stream.CONTACTS,)
EMAILS = (Stream.EMAILS,)


def test_a_contact_comes_back_as_it_was_put_in(portal: Portal):
    clara = replace(contact(CLARA, "Clara Crow", "cc@home.example"), title="Buyer", account_id=ACME)
    ids = portal.fill(*people()[:1], clara)
    expected = replace(clara, id=ids[CLARA], account_id=ids[ACME], created_at=clara.modified_at)
    assert pull(portal.connect(), CONTACTS).records == [expected]


def test_an_account_comes_back_as_it_was_put_in(portal: Portal):
    acme = people()[0]
    ids = portal.fill(acme)
    assert pull(portal.connect(), (Stream.ACCOUNTS,)).records == [replace(acme, id=ids[ACME])]


def test_owners_come_back_and_those_who_left_are_inactive(portal: Portal):
    anne, boris = colleague(ANNE), colleague(BORIS, "Boris")
    ids = portal.fill(anne, boris)
    levers.archive(portal.sandbox, ids[BORIS])
    got = pull(portal.connect(), (Stream.COLLEAGUES,))
    expected = [replace(anne, id=ids[ANNE]), replace(boris, id=ids[BORIS], is_active=False)]
    assert [replace(record, modified_at=THEN) for record in got.records] == expected


def test_more_owners_than_a_page_come_back_once_each(portal: Portal):
    ids = portal.fill(*(colleague(ExternalId(f"o{n}")) for n in range(250)))
    got = pull(portal.connect(), (Stream.COLLEAGUES,))
    assert [record.id for record in got.records] == list(ids.values())


def test_an_email_to_a_contact_names_both_by_record_and_address(portal: Portal):
    mail = activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA))
    ids = portal.fill(*people(), mail)
    expected = (
        Participant(Role.FROM, ids[ANNE], "anne@ours.example"),
        Participant(Role.TO, ids[CLARA], "clara@acme.example"),
    )
    (got,) = pull(portal.connect(), EMAILS).records
    assert got == replace(mail, id=ids[mail.id], participants=expected)


def test_an_answer_from_a_contact_comes_from_the_contact(portal: Portal):
    mail = activity(Channel.EMAIL, (Role.FROM, CLARA), (Role.TO, ANNE), (Role.CC, BORIS))
    ids = portal.fill(*people(), mail)
    (got,) = pull(portal.connect(), EMAILS).records
    assert got.participants[0] == Participant(Role.FROM, ids[CLARA], "clara@acme.example")
    assert got.recipients == 2


def test_an_email_to_several_keeps_every_address_in_its_box(portal: Portal):
    parts = ((Role.FROM, ANNE), (Role.TO, CLARA), (Role.TO, BORIS), (Role.BCC, DAVID))
    portal.fill(*people(), activity(Channel.EMAIL, *parts))
    (got,) = pull(portal.connect(), EMAILS).records
    boxes = [(p.role, (p.address or "").partition("@")[0]) for p in got.participants]
    assert boxes == [(role, str(person)) for role, person in parts]
    assert got.recipients == 3


def test_a_bounced_email_did_not_happen(portal: Portal):
    mail = activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA), happened=False)
    portal.fill(*people(), mail)
    assert [a.happened for a in pull(portal.connect(), EMAILS).records] == [False]


def test_a_meeting_comes_back_as_a_party(portal: Portal):
    parts = ((Role.PARTY, ANNE), (Role.PARTY, BORIS), (Role.PARTY, CLARA), (Role.PARTY, DAVID))
    meeting = activity(Channel.MEETING, *parts, duration_s=1800.0)
    ids = portal.fill(*people(), meeting)
    party = tuple(Participant(Role.PARTY, ids[person]) for _, person in parts)
    expected = replace(meeting, id=ids[meeting.id], participants=party)
    assert pull(portal.connect(), (Stream.MEETINGS,)).records == [expected]


@pytest.mark.parametrize(("ours", "theirs"), [(Role.FROM, Role.TO), (Role.TO, Role.FROM)])
def test_a_call_comes_back_with_its_direction(portal: Portal, ours: Role, theirs: Role):
    call = activity(Channel.CALL, (ours, ANNE), (theirs, CLARA), duration_s=95.5)
    ids = portal.fill(*people(), call)
    parts = (Participant(ours, ids[ANNE]), Participant(theirs, ids[CLARA]))
    expected = replace(call, id=ids[call.id], participants=parts)
    assert pull(portal.connect(), (Stream.CALLS,)).records == [expected]


def test_twelve_thousand_rows_of_one_moment_take_sixty_calls(portal: Portal):
    ids = portal.fill(*contacts(12_000))
    got = pull(portal.connect(), CONTACTS)
    assert [record.id for record in got.records] == list(ids.values())
    assert portal.sandbox.count(SEARCHES) == 60


def test_activities_take_a_call_for_two_hundred_and_one_for_the_links_of_a_thousand(
    portal: Portal,
):
    mails = [
        activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"m{n}")
        for n in range(1100)
    ]
    portal.fill(*people(), *mails)
    assert len(pull(portal.connect(), EMAILS).records) == 1100
    assert (portal.sandbox.count(SEARCHES), portal.sandbox.count(LINKS)) == (6, 2)


def test_rows_that_change_between_pages_are_not_lost_nor_are_their_neighbours(portal: Portal):
    ids = list(portal.fill(*contacts(1000)).values())
    marks = pull(portal.connect(), CONTACTS).marks

    def edit(_: object) -> None:
        for record_id in (*ids[10:60:10], *ids[990:]):
            levers.touch(portal.sandbox, record_id, jobtitle="New")

    portal.sandbox.clock.advance(timedelta(hours=2))
    for record_id in ids[::2]:
        levers.touch(portal.sandbox, record_id, jobtitle="Changed")
    first = pull(portal.connect(), CONTACTS, marks, between=edit)
    second = pull(portal.connect(), CONTACTS, first.marks)
    late = {record.id for record in second.records if record.title == "New"}
    assert {record.id for record in first.records} >= set(ids[::2])
    assert late >= {*ids[10:60:10], *ids[990:]}


def test_a_row_made_between_pages_is_read_in_the_same_pull(portal: Portal):
    portal.fill(*contacts(300))
    made: list[ExternalId] = []

    def make(_: object) -> None:
        made.extend(portal.fill(*contacts(1, begin=1000 + len(made))).values())

    got = pull(portal.connect(), CONTACTS, between=make)
    assert made[0] in {record.id for record in got.records}


def test_a_pull_that_takes_hours_still_counts_from_its_beginning(portal: Portal):
    ids = list(portal.fill(*contacts(300)).values())
    connector = portal.connect()
    (first,) = connector.read({Stream.CONTACTS: START})
    levers.touch(portal.sandbox, ids[0], jobtitle="New")
    portal.sandbox.clock.advance(timedelta(hours=5))
    (last,) = connector.read({Stream.CONTACTS: first.bookmark})
    again = pull(connector, CONTACTS, {Stream.CONTACTS: last.bookmark})
    assert last.is_last
    assert ids[0] in {record.id for record in again.records}


def test_an_idle_pull_reads_nothing_old(portal: Portal):
    portal.fill(*people(), activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA)))
    connector = portal.connect()
    streams = tuple(stream for stream in hubspot.STREAMS if stream is not Stream.COLLEAGUES)
    marks = pull(connector, streams).marks
    calls = connector.calls
    assert pull(connector, streams, marks).records == []
    assert connector.calls - calls == len(streams)


def test_a_page_follows_from_its_bookmark_alone(portal: Portal):
    portal.fill(*contacts(450))
    (first,) = portal.connect().read({Stream.CONTACTS: START})
    (second,) = portal.connect().read({Stream.CONTACTS: first.bookmark})
    (again,) = portal.connect().read({Stream.CONTACTS: first.bookmark})
    assert second == again
    assert not {r.id for r in first.records} & {r.id for r in second.records}


def test_pages_come_in_the_order_of_streams(portal: Portal):
    pages = portal.connect().read(dict.fromkeys(reversed(hubspot.STREAMS), START))
    assert tuple(page.stream for page in pages) == hubspot.STREAMS


def test_an_activity_with_twelve_hundred_contacts_keeps_them_all(portal: Portal):
    guests = contacts(1200)
    meeting = activity(
        Channel.MEETING, (Role.PARTY, ANNE), *((Role.PARTY, guest.id) for guest in guests)
    )
    portal.fill(colleague(ANNE), *guests, meeting)
    (got,) = pull(portal.connect(), (Stream.MEETINGS,)).records
    assert len(set(got.participants)) == 1201
    assert portal.sandbox.count(LINKS) == 3


def test_activities_with_long_and_short_lists_share_their_calls(portal: Portal):
    levers.turn(portal.sandbox, "links_per_page", 1)
    meetings = [
        activity(Channel.MEETING, (Role.PARTY, CLARA), (Role.PARTY, DAVID), record_id=f"m{n}")
        for n in range(20)
    ]
    portal.fill(*people(), *meetings)
    got = pull(portal.connect(), (Stream.MEETINGS,))
    assert {len(meeting.participants) for meeting in got.records} == {2}
    assert portal.sandbox.count(LINKS) == 2


def test_an_activity_without_contacts_is_read(portal: Portal):
    portal.fill(*people(), activity(Channel.CALL, (Role.FROM, ANNE)))
    (got,) = pull(portal.connect(), (Stream.CALLS,)).records
    assert [p.role for p in got.participants] == [Role.FROM]


def test_links_that_could_not_be_read_are_not_taken_for_none(portal: Portal):
    portal.fill(*people(), activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA)))
    body = b'{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"category":"INTERNAL"}]}'
    portal.sandbox.faults.append(Fault(LINKS, 207, body))
    with pytest.raises(Unavailable):
        pull(portal.connect(), (Stream.CALLS,))


def test_neither_subject_nor_text_nor_title_is_ever_asked_for(portal: Portal):
    portal.fill(*people())
    pull(portal.connect())
    secret = ("subject", "text", "html", "body", "header", "title", "notes", "preview")
    asked = levers.asked_for(portal.sandbox)
    innocent = {"jobtitle", "deal_currency_code"}
    assert {name for name in asked if any(word in name for word in secret)} <= innocent
    assert "hs_email_to_email" in asked


def test_every_property_asked_for_exists_in_a_portal(portal: Portal):
    pull(portal.connect())
    known = {p["name"] for t in facts.READ_SCOPES for p in facts.default_properties(t)}
    assert levers.asked_for(portal.sandbox) <= known


def test_a_merge_leaves_a_tombstone_for_each_absorbed_contact(portal: Portal):
    ids = portal.fill(*people())
    survivor = levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    got = pull(portal.connect(), CONTACTS).records
    assert [(r.id, r.merged_into) for r in got if r.is_deleted] == [
        (ids[CLARA], survivor),
        (ids[DAVID], survivor),
    ]
    assert [r.id for r in got if not r.is_deleted] == [survivor]


def test_an_activity_of_a_merged_contact_is_the_survivors(portal: Portal):
    call = activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA))
    ids = portal.fill(*people(), call)
    survivor = levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    (got,) = pull(portal.connect(), (Stream.CALLS,)).records
    assert got.participants[1] == Participant(Role.TO, survivor)


def test_a_malformed_row_is_set_aside_with_its_reason_and_without_its_value(portal: Portal):
    call = activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA))
    ids = portal.fill(*people(), call, replace(call, id=ExternalId("other")))
    levers.touch(portal.sandbox, ids[call.id], hs_call_duration="N/A")
    got = pull(portal.connect(), (Stream.CALLS,))
    assert [(m.id, m.reason) for m in got.malformed] == [
        (ids[call.id], "hs_call_duration is no number.")
    ]
    assert [record.id for record in got.records] == [ids[ExternalId("other")]]


def test_rows_without_ids_end_the_pull_instead_of_repeating_it(portal: Portal):
    body = json.dumps({"total": 500, "results": [{"properties": {}}] * 200}).encode()
    portal.sandbox.faults.append(Fault(SEARCHES, 200, body, times=10))
    with pytest.raises(Unavailable):
        pull(portal.connect(), CONTACTS)
