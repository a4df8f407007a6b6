"""Change events put into Avro, with the fields that their receiver may see."""

import functools
import hashlib
import io
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import fastavro

from connectors.salesforce.pubsub_messages import Message, message
from connectors.salesforce.sandbox.change_events import Event
from connectors.salesforce.sandbox.change_schemas import HEADER, bitmaps, schema_of
from connectors.salesforce.sandbox.org import Org, View

_LISTS = ("nulledFields", "diffFields", "changedFields")


def consumer_events(org: Org, user_id: str, events: Iterable[Event]) -> Iterator[Message]:
    """Give the messages of events, without the objects and fields that the user does not see."""
    view = org.view(user_id)
    visible: dict[str, frozenset[str]] = {}
    for event in events:
        if event.entity not in visible:
            visible[event.entity] = _visible(view, event.entity)
        if visible[event.entity]:
            yield _message(org, event, visible[event.entity])


def replay_id(place: int) -> bytes:
    """Word a place in the stream."""
    return max(place, 0).to_bytes(8, "big")


def _message(org: Org, event: Event, visible: Collection[str]) -> Message:
    schema, parsed = _schema(org.changes.schema_text(event.schema_id) or "")
    header = {
        **event.header,
        **{name: bitmaps(schema, _kept(event.header[name], visible)) for name in _LISTS},
    }
    written = io.BytesIO()
    fastavro.schemaless_writer(written, parsed, {HEADER: header, **_body(event.body, visible)})
    produced = message("ProducerEvent")(
        id=str(uuid.UUID(bytes=hashlib.sha256(f"event {event.replay}".encode()).digest()[:16])),
        schema_id=event.schema_id,
        payload=written.getvalue(),
    )
    return message("ConsumerEvent")(event=produced, replay_id=replay_id(event.replay))


@functools.lru_cache(maxsize=64)
def _schema(text: str) -> tuple[Mapping[str, Any], Message]:
    schema = json.loads(text)
    return schema, fastavro.parse_schema(json.loads(text))


def _visible(view: View, entity: str) -> frozenset[str]:
    fact = view.objects.get(entity.lower())
    return frozenset(slot.name for slot in schema_of(fact).slots.values()) if fact else frozenset()


def _kept(names: Iterable[str], visible: Collection[str]) -> list[str]:
    return [name for name in names if name in visible]


def _body(body: Mapping[str, Any], visible: Collection[str]) -> dict[str, Any]:
    """Leave out what is not seen; a compound's parts are named as ``Name.LastName``."""
    found = {name: value for name, value in body.items() if name in visible}
    for name, value in body.items():
        if isinstance(value, dict):
            parts = {part: one for part, one in value.items() if f"{name}.{part}" in visible}
            found |= {name: parts} if parts else {}
    return found
