"""Events reach whoever subscribed: signed, at least once, and not where nobody may be asked."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import Session
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.messenger.working import CLAIMED, CLAIMED_FOR, GONE_REASON, JITTER, WAITS
from app.store import events, subscribers, tables
from app.store.events import AT_ONCE, KEPT, EventType, Happened
from tests.messenger.conftest import SOON_S, Post
from tests.messenger.receivers import Receiver, receiving


def test_what_happened_is_told_to_whoever_wants_to_know(post: Post, receiver: Receiver):
    post.subscribe(receiver.url, EventType.TIE_COOLING)
    post.happen(7)
    post.happen(8, type_=EventType.TIE_OFF_RADAR)
    post.deliver()
    (heard,) = receiver.heard
    assert heard.told["type"] == "tie.cooling"
    assert heard.told["data"] == {"colleague": 1, "contact": 7}
    assert heard.told["timestamp"] == post.at.isoformat().replace("+00:00", "Z")
    assert post.states() == ["delivered"]


def test_nothing_is_kept_where_nobody_wants_to_know(post: Post, receiver: Receiver):
    post.happen(7)
    post.subscribe(receiver.url, EventType.TIE_OFF_RADAR)
    post.happen(8)
    assert post.rows() == []


def test_what_was_not_committed_is_not_told(post: Post, receiver: Receiver):
    post.subscribe(receiver.url)
    with Session(post.database) as session:
        events.note(session, [Happened(EventType.TIE_COOLING)], at=post.at)
    assert post.deliver() == 0


def test_another_program_finds_the_signature_good(post: Post, receiver: Receiver):
    made = post.subscribe(receiver.url)
    post.happen(7)
    post.deliver()
    (heard,) = receiver.heard
    assert made.secret.startswith("whsec_")
    assert Webhook(made.secret).verify(heard.body, heard.headers) == heard.told


@pytest.mark.parametrize("forged", ["body", "webhook-id", "webhook-timestamp"])
def test_another_program_finds_what_was_changed_forged(post: Post, receiver: Receiver, forged: str):
    made = post.subscribe(receiver.url)
    post.happen(7)
    post.deliver()
    (heard,) = receiver.heard
    changed = {"webhook-id": "evt_other", "webhook-timestamp": str(int(post.at.timestamp()) - 9)}
    headers = heard.headers | {name: v for name, v in changed.items() if name == forged}
    body = heard.body.replace(b"7", b"8") if forged == "body" else heard.body
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body, headers)


def test_while_a_secret_rotates_both_sign(post: Post, receiver: Receiver):
    first = post.subscribe(receiver.url)
    second = post.messenger().subscriptions.rotate(first.subscriber_id)
    post.happen(7)
    post.deliver()
    (heard,) = receiver.heard
    assert heard.headers["webhook-signature"].count("v1,") == 2
    assert Webhook(first.secret).verify(heard.body, heard.headers)
    assert Webhook(second.secret).verify(heard.body, heard.headers)


def test_a_day_later_only_the_new_secret_signs(post: Post, receiver: Receiver):
    first = post.subscribe(receiver.url)
    post.at -= timedelta(hours=25)
    post.messenger().subscriptions.rotate(first.subscriber_id)
    post.pass_time(hours=25)
    post.happen(7)
    post.deliver()
    (heard,) = receiver.heard
    with pytest.raises(WebhookVerificationError):
        Webhook(first.secret).verify(heard.body, heard.headers)


def test_no_secret_is_kept_in_clear(post: Post, receiver: Receiver):
    made = post.subscribe(receiver.url)
    with Session(post.database) as session:
        row = subscribers.get(session, made.subscriber_id)
    assert made.secret.encode() not in row.sealed
    assert made.secret not in repr(row)


def test_a_crash_between_commit_and_delivery_loses_nothing(post: Post, receiver: Receiver):
    made = post.subscribe(receiver.url)
    post.happen(7)
    with Session(post.database) as session, session.begin():  # who claimed it is killed here
        claimed = events.claim(
            session, made.subscriber_id, at=post.at, for_=CLAIMED_FOR, limit=CLAIMED
        )
    assert (len(claimed), post.deliver()) == (1, 0)
    post.pass_time(minutes=4)
    assert (post.deliver(), post.states()) == (1, ["delivered"])


def test_who_was_stopped_past_the_claim_notes_nothing(post: Post, receiver: Receiver):
    made = post.subscribe(receiver.url)
    post.happen(7)
    with Session(post.database) as session, session.begin():
        (late,) = events.claim(
            session, made.subscriber_id, at=post.at, for_=CLAIMED_FOR, limit=CLAIMED
        )
    post.pass_time(minutes=4)
    post.deliver()
    with Session(post.database) as session, session.begin():
        tried = events.Tried("dead", post.at, 500, "It answered 500.", 1)
        assert not events.finish(session, late, tried)
    assert post.states() == ["delivered"]


def test_two_processes_do_not_tell_the_same(post: Post, receiver: Receiver):
    post.subscribe(receiver.url)
    post.happen(*range(30))
    both = [post.messenger(), post.messenger()]
    for one in both:
        one.start()
    pause = threading.Event()
    assert any(set(post.states()) == {"delivered"} or pause.wait(0.02) for _ in range(500))
    for one in both:
        one.stop()
    assert len(receiver.keys) == len(set(receiver.keys)) == 30


def test_what_failed_is_told_again_under_the_same_key(post: Post, receiver: Receiver):
    post.subscribe(receiver.url)
    receiver.answers = [500]
    post.happen(7)
    post.deliver()
    assert (post.deliver(), post.rows()[0].reason) == (0, "It answered 500.")
    post.pass_time(seconds=6)
    post.deliver()
    first, second = receiver.keys
    assert first == second
    assert post.states() == ["delivered"]


def test_after_the_last_wait_an_event_is_dead(post: Post, receiver: Receiver):
    post.subscribe(receiver.url)
    receiver.answers = [500] * 20
    post.happen(7)
    for wait in (timedelta(), *WAITS):
        post.at += wait * (1 + JITTER)
        assert post.deliver() == 1
    assert (post.states(), len(receiver.heard)) == (["dead"], 10)
    post.pass_time(days=2)
    assert post.deliver() == 0


def test_the_waits_are_as_specified():
    assert [wait.total_seconds() for wait in WAITS] == [
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400
    ]  # fmt: skip


def test_a_subscriber_that_asks_for_time_gets_it(post: Post, receiver: Receiver):
    post.subscribe(receiver.url)
    receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
    post.happen(7)
    post.deliver()
    assert post.rows()[0].next_try_at == post.at + timedelta(seconds=600)


def test_a_subscriber_that_is_gone_is_told_nothing_any_more(post: Post, receiver: Receiver):
    made = post.subscribe(receiver.url)
    receiver.answers = [410]
    post.happen(7, 8)
    post.deliver()
    post.happen(9)
    assert (post.states(), len(receiver.heard)) == (["dead", "dead"], 1)
    with Session(post.database) as session:
        row = subscribers.get(session, made.subscriber_id)
    assert (row.is_on, row.reason) == (False, GONE_REASON)


def test_a_redirect_is_not_followed(post: Post, receiver: Receiver):
    with receiving() as other:
        receiver.answers, receiver.headers = [302], {"Location": other.url}
        post.subscribe(receiver.url)
        post.happen(7)
        post.deliver()
        assert other.heard == []
    assert (post.rows()[0].status, post.states()) == (302, ["pending"])


@pytest.mark.parametrize("drips", [True, False])
def test_who_does_not_come_to_an_end_is_given_up(post: Post, receiver: Receiver, drips: bool):
    post.patience_s = SOON_S
    receiver.drips = drips
    receiver.answers = [] if drips else [100] * 50  # which promise an answer
    post.subscribe(receiver.url)
    post.happen(7)
    post.deliver()
    assert post.states() == ["pending"]
    assert post.rows()[0].reason


def test_who_hangs_holds_nobody_up(post: Post, receiver: Receiver):
    with receiving() as slow:
        slow.drips = True
        post.subscribe(slow.url)
        post.subscribe(receiver.url)
        post.happen(*range(20))
        messenger = post.messenger()
        messenger.start()
        pause = threading.Event()
        assert any(len(receiver.heard) == 20 or pause.wait(0.02) for _ in range(500))
        assert len(slow.heard) < 20
    messenger.stop()


def test_behind_a_hundred_of_a_type_only_their_number_is_told(post: Post, receiver: Receiver):
    post.subscribe(receiver.url, EventType.TIE_COOLING)
    post.happen(*range(AT_ONCE + 23))
    with Session(post.database) as session:
        rows = [event for _, event in events.deliveries(session, events.Sought(), limit=500)]
    assert len(rows) == AT_ONCE + 1
    assert rows[0].type == "events.more"
    assert rows[0].told == {"of": "tie.cooling", "told": AT_ONCE, "more": 23}
    assert {row.told["contact"] for row in rows[1:]} == set(range(AT_ONCE))


def test_names_are_told_to_whoever_asks_for_them(post: Post, receiver: Receiver):
    with Session(post.database) as session, session.begin():
        session.add(tables.Person(id=1, name="Ada", is_colleague=True))
        session.add(tables.Person(id=7, name="Bo", is_colleague=False))
    post.subscribe(receiver.url, with_names=True)
    post.subscribe(receiver.url)
    post.happen(7)
    post.deliver()
    named, unnamed = (heard.told["data"] for heard in receiver.heard)
    assert named["names"] == {"1": "Ada", "7": "Bo"}
    assert unnamed == {"colleague": 1, "contact": 7}


def test_what_is_old_is_forgotten(post: Post, receiver: Receiver):
    post.subscribe(receiver.url)
    post.happen(7)
    post.at += KEPT
    post.happen(8)
    with Session(post.database) as session, session.begin():
        events.forget(session, at=post.at + timedelta(seconds=1))
    assert len(post.rows()) == 1


def test_a_fault_with_one_subscriber_does_not_keep_the_others_waiting(
    post: Post, receiver: Receiver
):
    broken = post.subscribe(receiver.url)
    post.subscribe(receiver.url)
    with Session(post.database) as session, session.begin():
        subscribers.get(session, broken.subscriber_id).sealed = b"sealed with another key" * 9
    post.happen(7)
    messenger = post.messenger()
    messenger.start()
    pause = threading.Event()
    assert any("delivered" in post.states() or pause.wait(0.02) for _ in range(500))
    messenger.stop()
    assert len(receiver.heard) == 1
