"""Deals, messages and tasks come back as they were put in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connectors import (
    Activity,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Participant,
    Role,
    StageChange,
    Stream,
)
from connectors.hubspot import streams
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
    people,
    pull,
)
from tests.connectors.hubspot_tasks import put_tasks

DEALS = (Stream.DEALS,)
BIG = ExternalId("big")


def deal(record_id: ExternalId = BIG, *stages: str) -> Deal:
    came = [StageChange(one, THEN + timedelta(days=n)) for n, one in enumerate(stages or ("New",))]
    return Deal(
        record_id,
        "Big one",
        came[-1].stage,
        account_id=ACME,
        owner_id=ANNE,
        amount=12_500.5,
        currency="EUR",
        created_at=THEN,
        closes_on=date(2026, 9, 30),
        contacts=(DealContact(CLARA, "Decision Maker", is_primary=True), DealContact(DAVID)),
        stages=tuple(came),
        modified_at=THEN,
    )


def test_a_deal_comes_back_as_it_was_put_in(portal: Portal):
    big = deal(BIG, "Qualified To Buy", "Proof of concept", "Contract Sent")
    ids = portal.fill(*people(), big)
    expected = replace(
        big,
        id=ids[BIG],
        account_id=ids[ACME],
        owner_id=ids[ANNE],
        contacts=(
            DealContact(ids[CLARA], "Decision Maker", is_primary=True),
            DealContact(ids[DAVID]),
        ),
    )
    assert pull(portal.connect(), DEALS).records == [expected]


@pytest.mark.parametrize("is_won", [True, False])
def test_whether_a_deal_is_won_is_its_stages_to_say(portal: Portal, is_won: bool):
    ended = replace(deal(BIG, "Signed" if is_won else "Dropped"), is_closed=True, is_won=is_won)
    portal.fill(*people(), ended)
    (got,) = pull(portal.connect(), DEALS).records
    assert isinstance(got, Deal)
    assert (got.stage, got.is_closed, got.is_won) == (ended.stage, True, is_won)


def test_pipelines_are_read_once_per_connector_and_again_for_a_new_stage(portal: Portal):
    portal.fill(*people(), deal())
    connector = portal.connect()
    first = pull(connector, DEALS)
    portal.fill(
        *people(), replace(deal(ExternalId("next")), modified_at=portal.sandbox.clock.now())
    )
    second = pull(connector, DEALS, first.marks)
    assert portal.sandbox.count("/pipelines/") == 1
    late = replace(deal(ExternalId("late"), "Unheard of"), modified_at=portal.sandbox.clock.now())
    portal.fill(*people(), late)
    third = pull(connector, DEALS, second.marks)
    assert portal.sandbox.count("/pipelines/") == 2
    assert "Unheard of" in {one.stage for one in third.records if isinstance(one, Deal)}


def test_a_deal_in_a_stage_that_is_gone_keeps_its_id_and_costs_one_call(portal: Portal):
    ids = portal.fill(*people(), *(deal(ExternalId(f"d{n}")) for n in range(3)))
    for n in range(3):
        levers.touch(portal.sandbox, ids[ExternalId(f"d{n}")], dealstage="gone")
    connector = portal.connect()
    done = pull(connector, DEALS)
    pull(connector, DEALS, done.marks)
    assert {one.stage for one in done.records if isinstance(one, Deal)} == {"gone"}
    assert portal.sandbox.count("/pipelines/") == 1


def test_an_idle_poll_of_deals_takes_one_call(portal: Portal):
    portal.fill(*people(), deal())
    done = pull(portal.connect(), DEALS)
    connector = portal.connect()
    pull(connector, DEALS, done.marks)
    assert connector.calls == 1


def test_stages_that_no_search_has_room_for_are_read_by_id(portal: Portal):
    names = [f"A stage with quite a number {n}" for n in range(80)]
    big = deal(BIG, *names)
    portal.fill(*people(), big, *(deal(ExternalId(f"d{n}")) for n in range(150)))
    got = [one for one in pull(portal.connect(), DEALS).records if isinstance(one, Deal)]
    assert [change.stage for change in got[0].stages] == names
    assert len(got) == 151
    assert portal.sandbox.count("/batch/read") - portal.sandbox.count("/associations/") == 2


def test_a_merged_deal_leaves_a_tombstone(portal: Portal):
    ids = portal.fill(*people(), deal(), deal(ExternalId("other")))
    survivor = levers.merge(portal.sandbox, ids[BIG], ids[ExternalId("other")])
    got = pull(portal.connect(), DEALS).records
    gone = {one.id: one.merged_into for one in got if isinstance(one, Deal) and one.is_deleted}
    assert gone == {ids[BIG]: survivor, ids[ExternalId("other")]: survivor}


def test_a_deal_whose_amount_is_no_number_is_set_aside(portal: Portal):
    ids = portal.fill(*people(), deal())
    levers.touch(portal.sandbox, ids[BIG], amount="N/A")
    got = pull(portal.connect(), DEALS)
    assert [(m.id, m.reason) for m in got.malformed] == [(ids[BIG], "amount is no number.")]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CHAT, Channel.LINKEDIN])
def test_a_message_comes_back_as_it_was_put_in(portal: Portal, channel: Channel):
    said = activity(channel, (Role.PARTY, ANNE), (Role.PARTY, CLARA))
    said = replace(said, thread="77")
    ids = portal.fill(*people(), said)
    parts = tuple(Participant(Role.PARTY, ids[person]) for person in (ANNE, CLARA))
    expected = replace(said, id=ids[said.id], participants=parts)
    assert pull(portal.connect(), (Stream.MESSAGES,)).records == [expected]


def test_a_messenger_nobody_has_heard_of_is_a_chat(portal: Portal):
    said = activity(Channel.SMS, (Role.PARTY, ANNE), (Role.PARTY, CLARA))
    ids = portal.fill(*people(), said)
    levers.touch(portal.sandbox, ids[said.id], hs_communication_channel_type="PIGEON")
    (got,) = pull(portal.connect(), (Stream.MESSAGES,)).records
    assert isinstance(got, Activity)
    assert got.channel is Channel.CHAT


def test_a_ticked_off_task_to_write_on_linkedin_is_a_message_to_its_contact(portal: Portal):
    ids = portal.fill(*people())
    clara = int(ids[CLARA].partition(":")[2])
    done = "2026-03-05T10:00:00.000Z"
    (task,) = put_tasks(portal, 1, clara, hs_task_completion_date=done)
    (got,) = pull(portal.connect(), (Stream.TASKS,)).records
    assert isinstance(got, Activity)
    assert (got.id, got.channel, got.at.day, got.happened) == (task, Channel.LINKEDIN, 5, True)
    assert got.participants == (
        Participant(Role.FROM, ids[ANNE]),
        Participant(Role.TO, ids[CLARA]),
    )


@pytest.mark.parametrize("kind", ["CALL", "EMAIL", "MEETING", "TODO", "LINKED_IN_CONNECT"])
def test_tasks_that_have_a_log_of_their_own_or_are_no_contact_are_not_read(
    portal: Portal, kind: str
):
    put_tasks(portal, 1, None, hs_task_type=kind)
    assert pull(portal.connect(), (Stream.TASKS,)).records == []


def test_a_task_that_is_still_to_be_done_has_not_happened(portal: Portal):
    put_tasks(portal, 1, None, hs_task_status="NOT_STARTED")
    (got,) = pull(portal.connect(), (Stream.TASKS,)).records
    assert isinstance(got, Activity)
    assert not got.happened


def test_a_sequences_mail_is_bulk_and_an_answer_to_it_is_not(portal: Portal):
    sent = replace(activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA)), is_bulk=True)
    answer = activity(Channel.EMAIL, (Role.FROM, CLARA), (Role.TO, ANNE), record_id="answer")
    ids = portal.fill(*people(), sent, replace(answer, thread="t9"))
    levers.touch(portal.sandbox, ids[answer.id], hs_sequence_id="301")
    got = [a for a in pull(portal.connect(), (Stream.EMAILS,)).records if isinstance(a, Activity)]
    assert [(a.is_bulk, a.happened, a.thread) for a in got] == [
        (True, True, None),
        (False, True, "t9"),
    ]


def test_an_unknown_owner_takes_part_all_the_same(portal: Portal):
    call = activity(Channel.CALL, (Role.FROM, BORIS), (Role.TO, CLARA))
    ids = portal.fill(*people(), call)
    levers.touch(portal.sandbox, ids[call.id], hubspot_owner_id="99999")
    (got,) = pull(portal.connect(), (Stream.CALLS,)).records
    assert isinstance(got, Activity)
    assert got.participants[0].person_id == "owner:99999"


def test_every_filter_is_on_a_property_and_a_value_that_hubspot_has():
    for source in streams.SOURCES.values():
        known = {one["name"]: one for one in facts.default_properties(source.type_id)}
        for one in source.filters:
            options = {option["value"] for option in known[one["propertyName"]]["options"]}
            assert set(one["values"]) <= options
