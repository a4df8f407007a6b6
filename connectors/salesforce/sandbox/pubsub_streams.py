"""A subscription: as many events as were asked for, from a place in the stream on."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import grpc

from connectors.salesforce import pubsub_messages as messages
from connectors.salesforce.pubsub_messages import Message
from connectors.salesforce.sandbox import pubsub_errors, pubsub_payloads
from connectors.salesforce.sandbox.org import ORG_ID, Org

KEEP_ALIVE = timedelta(seconds=270)
"""After so long without an event, by the sandbox's clock, the stream says where it is."""

ALL = "/data/ChangeEvents"
_LOOK_S = 0.02
_END = object()


@dataclass(slots=True)
class Subscription:
    """One Subscribe call.

    Attributes:
        topic: As it was named.
        place: The newest event that was delivered or passed over.
        drops: How often all streams had been broken off when it began.
        spoken_at: When it last said something, by the sandbox's clock.
        left: How many events may still be delivered.
    """

    org: Org
    user_id: str
    rpc_id: str
    topic: str
    place: int
    drops: int
    spoken_at: datetime
    left: int = 0
    asked: queue.SimpleQueue[Message] = field(default_factory=queue.SimpleQueue)

    def ask(self, request: Message) -> None:
        """Take a request for more events.

        Raises:
            Problem: If it asks for none, or for those of another topic.
        """
        if request.topic_name and request.topic_name != self.topic:
            raise pubsub_errors.OTHER_TOPIC
        if request.num_requested <= 0:
            raise pubsub_errors.BAD_COUNT
        self.left = min(self.left + request.num_requested, messages.MOST_REQUESTED)

    def responses(self, context: grpc.ServicerContext) -> Iterator[Message]:
        """Give batches of events while the client stays, and a word now and then without any.

        Raises:
            Problem: If the stream is broken off, or a request was wrong.
        """
        changes, clock = self.org.changes, self.org.clock
        while context.is_active():
            check_service(self.org)
            if _drops(self.org) != self.drops:
                raise pubsub_errors.BROKEN
            now = changes.now()
            events = changes.read(self.place, entity_of(self.topic), self.left)
            told = list(pubsub_payloads.consumer_events(self.org, self.user_id, events))
            if events:
                self.place = events[-1].replay
                self.left -= len(told)
            elif self.left:
                self.place = max(self.place, now)
            if told or clock.now() - self.spoken_at >= KEEP_ALIVE:
                self.spoken_at = clock.now()
                yield self._response(told)
            elif not events and not self._listen():
                return

    def _response(self, told: list[Message]) -> Message:
        return messages.message("FetchResponse")(
            events=told,
            latest_replay_id=pubsub_payloads.replay_id(self.place),
            rpc_id=self.rpc_id,
            pending_num_requested=self.left,
        )

    def _listen(self) -> bool:
        """Wait a moment for another request; tell whether the client may still send one."""
        try:
            request = self.asked.get(timeout=_LOOK_S)
        except queue.Empty:
            return True
        if request is _END:
            return False
        self.ask(request)
        return True


def subscribe(
    org: Org, user_id: str, rpc_id: str, requests: Iterator[Message], context: grpc.ServicerContext
) -> Iterator[Message]:
    """Answer a Subscribe call.

    Raises:
        Problem: If its first request cannot be met, or what `Subscription.responses` raises.
    """
    first = next(requests, None)
    if first is None:
        return
    entity_check(org, user_id, first.topic_name)
    begun = (_start(org, first), _drops(org), org.clock.now())
    subscription = Subscription(org, user_id, rpc_id, first.topic_name, *begun)
    subscription.ask(first)
    context.send_initial_metadata(())  # from here on nothing is missed
    reader = threading.Thread(target=_hear, args=(requests, subscription.asked), daemon=True)
    reader.start()
    yield from subscription.responses(context)


def entity_of(topic: str) -> str:
    """Give the object that a topic is about; empty for all."""
    return "" if topic == ALL else topic.removeprefix("/data/").removesuffix("ChangeEvent")


def entity_check(org: Org, user_id: str, topic: str) -> str:
    """Give the object that a topic is about.

    Raises:
        Problem: If there is no such topic: its object is not selected, or the user may not see it.
    """
    entity, selected = entity_of(topic), org.changes.selected()
    is_there = bool(selected) if topic == ALL else topic == f"/data/{entity}ChangeEvent"
    is_seen = entity in selected and entity.lower() in org.view(user_id).objects
    if not is_there or not (topic == ALL or is_seen):
        raise pubsub_errors.no_topic(ORG_ID[:15], topic)
    return entity


def check_service(org: Org) -> None:
    """Let nobody in while the service is down.

    Raises:
        Problem: If it is.
    """
    if org.setting("pubsub_is_down", default=False):
        raise pubsub_errors.UNAVAILABLE


def _drops(org: Org) -> int:
    return int(org.setting("pubsub_drops", 0))


def _start(org: Org, request: Message) -> int:
    changes = org.changes
    if request.replay_preset == messages.EARLIEST:
        return changes.horizon()
    if request.replay_preset != messages.CUSTOM:
        return changes.now()
    if not request.replay_id:
        raise pubsub_errors.NO_REPLAY_ID
    place = int.from_bytes(request.replay_id, "big")
    if len(request.replay_id) != len(pubsub_payloads.replay_id(0)):
        raise pubsub_errors.BAD_REPLAY_ID
    if not changes.horizon() < place <= changes.now():
        raise pubsub_errors.BAD_REPLAY_ID
    return place


def _hear(requests: Iterator[Message], asked: "queue.SimpleQueue[Message]") -> None:
    """Pass requests on until the client has no more or is gone."""
    try:
        for request in requests:
            asked.put(request)
    except grpc.RpcError:
        pass
    asked.put(_END)
