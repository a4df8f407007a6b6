"""The sandbox's Pub/Sub API, over gRPC: topics, schemas, flow, replay, and how it says no."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from app.demo import sandboxes
from connectors import _worlds
from connectors._sandbox import running
from connectors.salesforce.pubsub_messages import CUSTOM, LATEST, MOST_REQUESTED, message
from connectors.salesforce.sandbox import levers
from tests.connectors.pubsub_fixtures import CONTACTS, EVERYTHING, Listener, listening, told
from tests.connectors.salesforce_fixtures import CLARA, Org, Server, open_org, people

ROOT = Path(__file__).parents[2]
BAD = grpc.StatusCode.INVALID_ARGUMENT
CORRUPTED = (BAD, "subscription.fetch.replayid.corrupted")


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.put(people())
        yield opened


@pytest.fixture
def listener(org: Org) -> Listener:
    return listening(org, "Contact")


def edit(org: Org, times: int = 1) -> None:
    for number in range(times):
        levers.edit(org.sandbox, org.ids[CLARA], Title=f"Title {number}")


def titles(listener: Listener, count: int) -> list[str]:
    return [heard.body["Title"] for heard in listener.hear(count)]


def test_a_topic_tells_its_schema_and_that_nobody_publishes_there(listener: Listener):
    topic = listener.call("GetTopic", topic_name=CONTACTS)
    schema = json.loads(listener.call("GetSchema", schema_id=topic.schema_id).schema_json)
    assert (topic.can_subscribe, topic.can_publish) == (True, False)
    assert (schema["name"], schema["uuid"]) == ("ContactChangeEvent", topic.schema_id)


def test_a_topic_is_not_there_until_its_object_is_selected(listener: Listener):
    with pytest.raises(grpc.RpcError) as refused:
        listener.call("GetTopic", topic_name="/data/LeadChangeEvent")
    assert told(refused.value) == (grpc.StatusCode.NOT_FOUND, "topic.not.found")


def test_an_object_that_the_user_does_not_see_has_no_topic(org: Org, listener: Listener):
    levers.hide(org.sandbox, "Contact")
    assert listener.listen(CONTACTS).refusal()[0] is grpc.StatusCode.NOT_FOUND


def test_an_unknown_schema_is_not_found(listener: Listener):
    with pytest.raises(grpc.RpcError) as refused:
        listener.call("GetSchema", schema_id="none")
    assert told(refused.value)[0] is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        ({"accesstoken": "dead"}, "service.auth.error"),
        ({"tenantid": "00D000000000002"}, "service.auth.error"),
        ({"instanceurl": ""}, "service.auth.headers.invalid"),
    ],
)
def test_who_is_not_signed_in_is_refused(listener: Listener, signs: dict[str, str], code: str):
    listener.signs |= signs
    with pytest.raises(grpc.RpcError) as refused:
        listener.call("GetTopic", topic_name=CONTACTS)
    assert told(refused.value) == (grpc.StatusCode.UNAUTHENTICATED, code)
    assert "rpcId: " in str(refused.value)


def test_a_session_that_ends_leaves_an_established_stream_alone(org: Org, listener: Listener):
    stream = listener.listen()
    stream.call.initial_metadata()
    levers.expire_tokens(org.sandbox)
    edit(org)
    assert len(stream.next().events) == 1
    assert listener.listen().refusal()[0] is grpc.StatusCode.UNAUTHENTICATED


def test_who_starts_at_the_tip_hears_only_what_comes(org: Org, listener: Listener):
    edit(org, 2)
    stream = listener.listen(preset=LATEST)
    stream.call.initial_metadata()
    levers.edit(org.sandbox, org.ids[CLARA], Title="News")
    assert [heard.body["Title"] for heard in stream.hear(1)] == ["News"]


def test_no_more_events_come_than_were_asked_for(org: Org, listener: Listener):
    edit(org, 3)
    stream = listener.listen(count=2)
    first = stream.next()
    assert (len(first.events), first.pending_num_requested) == (2, 0)
    stream.say(num_requested=5)
    second = stream.next()
    assert (len(second.events), second.pending_num_requested) == (1, 4)


def test_at_most_a_hundred_events_are_outstanding(org: Org, listener: Listener):
    edit(org)
    response = listener.listen(count=1000).next()
    assert response.pending_num_requested == MOST_REQUESTED - 1


def test_a_stream_goes_on_behind_a_replay_id(org: Org, listener: Listener):
    edit(org, 3)
    heard = listener.hear(3)
    stream = listener.listen(preset=CUSTOM, replay=heard[0].replay)
    assert [again.body["Title"] for again in stream.hear(2)] == ["Title 1", "Title 2"]


def test_replay_ids_grow_with_holes(org: Org, listener: Listener):
    edit(org, 3)
    places = [int.from_bytes(heard.replay, "big") for heard in listener.hear(3)]
    assert places == sorted(places)
    assert places[2] - places[0] > 2


def test_a_silent_stream_says_where_it_is(org: Org, listener: Listener):
    stream = listener.listen(count=7)
    stream.call.initial_metadata()
    org.sandbox.clock.advance(timedelta(seconds=270))
    silence = stream.next()
    assert (len(silence.events), silence.pending_num_requested) == (0, 7)
    edit(org)
    again = listener.listen(preset=CUSTOM, replay=silence.latest_replay_id)
    assert len(again.next().events) == 1


def test_a_silent_stream_does_not_run_ahead_of_what_it_still_owes(org: Org, listener: Listener):
    edit(org, 2)
    stream = listener.listen(count=1)
    (first,) = stream.hear(1)
    org.sandbox.clock.advance(timedelta(seconds=270))
    assert stream.next().latest_replay_id == first.replay


@pytest.mark.parametrize("replay", [b"x", (1).to_bytes(8, "big"), b"\xff" * 8])
def test_a_replay_id_that_was_never_given_is_refused(listener: Listener, replay: bytes):
    assert listener.listen(preset=CUSTOM, replay=replay).refusal() == CORRUPTED


def test_a_custom_start_needs_a_replay_id(listener: Listener):
    problem = "subscription.fetch.replayid.validation.failed"
    assert listener.listen(preset=CUSTOM).refusal() == (BAD, problem)


def test_events_are_forgotten_after_72_hours(org: Org, listener: Listener):
    edit(org)
    (heard,) = listener.hear(1)
    org.sandbox.clock.advance(timedelta(hours=72))
    listener.sign_in(org)
    assert listener.listen(preset=CUSTOM, replay=heard.replay).refusal() == CORRUPTED
    levers.edit(org.sandbox, org.ids[CLARA], Title="Later")
    assert titles(listener, 1) == ["Later"]


def test_events_are_kept_for_almost_72_hours(org: Org, listener: Listener):
    edit(org)
    org.sandbox.clock.advance(timedelta(hours=71))
    listener.sign_in(org)
    assert titles(listener, 1) == ["Title 0"]


def test_asking_for_nothing_is_refused(listener: Listener):
    problem = "subscription.fetch.requested.events.invalid"
    assert listener.listen(count=0).refusal() == (BAD, problem)


def test_a_stream_keeps_to_its_topic(listener: Listener):
    stream = listener.listen(CONTACTS)
    stream.say(topic_name=EVERYTHING, num_requested=1)
    assert stream.refusal()[0] is BAD


def test_a_stream_ends_when_its_client_has_no_more_to_ask(org: Org, listener: Listener):
    edit(org)
    stream = listener.listen()
    stream.end()
    assert [len(response.events) for response in stream.call] == [1]


def test_nobody_publishes_changes(listener: Listener):
    with pytest.raises(grpc.RpcError) as refused:
        listener.call("Publish", topic_name=CONTACTS)
    assert told(refused.value)[0] is grpc.StatusCode.PERMISSION_DENIED


def test_there_is_no_managed_subscription(listener: Listener):
    request = message("ManagedFetchRequest")(developer_name="None", num_requested=1)
    wanted = listener.stream("ManagedSubscribe", iter([request]))
    with pytest.raises(grpc.RpcError) as refused:
        next(wanted)
    assert told(refused.value)[0] is grpc.StatusCode.NOT_FOUND


def test_a_stream_that_breaks_goes_on_where_it_was(org: Org, listener: Listener):
    edit(org)
    stream = listener.listen()
    (heard,) = stream.hear(1)
    levers.break_streams(org.sandbox)
    assert stream.refusal() == (grpc.StatusCode.UNAVAILABLE, "")
    levers.edit(org.sandbox, org.ids[CLARA], Title="Later")
    assert len(listener.listen(preset=CUSTOM, replay=heard.replay).next().events) == 1


def test_the_service_can_be_down(org: Org, listener: Listener):
    stream = listener.listen()
    stream.call.initial_metadata()
    levers.take_pubsub_down(org.sandbox)
    down = (grpc.StatusCode.UNAVAILABLE, "service.unavailable")
    assert (stream.refusal(), listener.listen().refusal()) == (down, down)
    levers.take_pubsub_down(org.sandbox, is_down=False)
    assert listener.call("GetTopic", topic_name=CONTACTS).can_subscribe


def test_clients_with_tls_trust_the_certificate(org: Org, listener: Listener):
    trusted = grpc.ssl_channel_credentials(levers.read_certificate(org.sandbox).encode())
    with grpc.secure_channel(org.beside()["pubsub_tls"], trusted) as channel:
        listener.channel = channel
        assert listener.call("GetTopic", topic_name=CONTACTS).can_subscribe


def test_calls_are_in_the_log(org: Org, listener: Listener):
    listener.call("GetTopic", topic_name=CONTACTS)
    assert listener.listen("/data/Nothing").refusal()[0] is grpc.StatusCode.NOT_FOUND
    logged = [(c.path.rpartition("/")[2], c.status) for c in org.sandbox.calls if "Pub" in c.path]
    assert logged == [("GetTopic", 200), ("Subscribe", 404)]


def test_a_restart_forgets_nothing(tmp_path: Path):
    state = tmp_path / "org.db"
    with running("salesforce", people(), state=state) as first:
        levers.select_change_events(first.sandbox, "Contact")
        levers.edit(first.sandbox, first.ids[CLARA], Title="Before")
    with running("salesforce", state=state) as second:
        levers.edit(second.sandbox, first.ids[CLARA], Title="After")
        assert titles(Listener(Org(**vars(second))), 2) == ["Before", "After"]


def test_the_line_of_a_sandbox_tells_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    ended = threading.Event()
    ended.set()
    world = tmp_path / "world.ndjson"
    _worlds.write(people(), world)
    sandboxes.serve("salesforce", sandboxes.Place(world=world), until=ended)
    sandboxes.serve("salesforce", sandboxes.Place(beside_port=0, world=world), until=ended)
    some, none = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert some["pubsub"].startswith("127.0.0.1:")
    assert "pubsub" not in none


def test_without_what_it_needs_the_sandbox_starts_and_says_so():
    program = (
        "import sys; sys.modules['grpc'] = None\n"
        "from connectors._sandbox import running\n"
        "with running('salesforce') as crm: print(crm.beside())"
    )
    done = subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "{}\n"
    assert done.stderr == "Pub/Sub is off: install tieline[pubsub] to have it.\n"
