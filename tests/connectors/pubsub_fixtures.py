"""A subscriber to the sandbox's Pub/Sub API, who decodes events as Salesforce's examples do."""

import io
import json
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import fastavro
import grpc
import pytest

from connectors.salesforce import pubsub_messages as messages
from connectors.salesforce.pubsub_messages import Message
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import ORG_ID
from tests.connectors.salesforce_fixtures import Org

CONTACTS, EVERYTHING = "/data/ContactChangeEvent", "/data/ChangeEvents"
LONGEST_S = 20
API = "/services/data/v67.0"


@dataclass(frozen=True)
class Heard:
    """An event as a subscriber reads it."""

    header: dict[str, Any]
    body: dict[str, Any]
    replay: bytes
    schema_id: str

    @property
    def kind(self) -> str:
        return f"{self.header['entityName']} {self.header['changeType']}"

    @property
    def told(self) -> dict[str, Any]:
        """The fields that hold something."""
        return {name: value for name, value in self.body.items() if value is not None}


class Stream:
    """A subscription; `say` sends a request in it."""

    def __init__(self, listener: "Listener", **first: object) -> None:
        self._listener = listener
        self._asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.say(**first)
        self.call = listener.stream("Subscribe", iter(self._asked.get, None))

    def say(self, **request: object) -> None:
        self._asked.put(messages.message("FetchRequest")(**request))

    def end(self) -> None:
        self._asked.put(None)

    def next(self) -> Message:
        return next(self.call)

    def hear(self, count: int) -> list[Heard]:
        """Wait for so many events."""
        found: list[Heard] = []
        while len(found) < count:
            found += self._listener.decoded(self.next())
        return found

    def refusal(self) -> tuple[grpc.StatusCode, str]:
        """Wait for the end; give its status and Salesforce's own code."""
        with pytest.raises(grpc.RpcError) as refused:
            self.next()
        return told(refused.value)


class Listener:
    """A client of an org's Pub/Sub API."""

    def __init__(self, org: Org) -> None:
        self.channel = org.open.enter_context(grpc.insecure_channel(org.beside()["pubsub"]))
        self.signs = {"instanceurl": org.url, "tenantid": ORG_ID}
        self._schemas: dict[str, Any] = {}
        self.sign_in(org)

    def sign_in(self, org: Org) -> None:
        self.signs["accesstoken"] = org.http().headers["Authorization"].partition(" ")[2]

    def call(self, name: str, **request: object) -> Message:
        method = messages.METHODS[name]
        call = self.channel.unary_unary(method.path(name), *_coders(method))
        given = messages.message(method.request)(**request)
        return call(given, metadata=tuple(self.signs.items()), timeout=LONGEST_S)

    def stream(self, name: str, requests: Iterator[Message]) -> Message:
        method = messages.METHODS[name]
        call = self.channel.stream_stream(method.path(name), *_coders(method))
        return call(requests, metadata=tuple(self.signs.items()), timeout=LONGEST_S)

    def listen(
        self,
        topic: str = EVERYTHING,
        count: int = 100,
        preset: int = messages.EARLIEST,
        replay: bytes = b"",
    ) -> Stream:
        return Stream(
            self, topic_name=topic, num_requested=count, replay_preset=preset, replay_id=replay
        )

    def hear(self, count: int, topic: str = EVERYTHING) -> list[Heard]:
        """Give the first events that there are."""
        return self.listen(topic).hear(count)

    def decoded(self, response: Message) -> list[Heard]:
        return [self._decoded(event) for event in response.events]

    def _decoded(self, event: Message) -> Heard:
        schema_id = event.event.schema_id
        if schema_id not in self._schemas:
            text = self.call("GetSchema", schema_id=schema_id).schema_json
            self._schemas[schema_id] = json.loads(text)
        schema = self._schemas[schema_id]
        body: Any = fastavro.schemaless_reader(
            io.BytesIO(event.event.payload), schema, return_record_name=False
        )
        header = body.pop("ChangeEventHeader")
        for name in ("changedFields", "nulledFields", "diffFields"):
            header[name] = [field for map_ in header[name] for field in _fields(schema, map_)]
        return Heard(header, body, event.replay_id, schema_id)


def told(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """Give an error's status and the end of Salesforce's own code."""
    trailers = dict(error.trailing_metadata() or ())
    return error.code(), trailers.get("error-code", "").removeprefix("sfdc.platform.eventbus.grpc.")


def listening(org: Org, *objects: str) -> Listener:
    """Select objects, and give who listens to them."""
    levers.select_change_events(org.sandbox, *objects)
    return Listener(org)


def _coders(method: messages.Method) -> tuple[Any, Any]:
    request, response = messages.message(method.request), messages.message(method.response)
    return request.SerializeToString, response.FromString


def _fields(schema: dict[str, Message], bitmap: str) -> list[str]:
    """Name the fields of a bitmap: bit i, the lowest first, is field i of its record."""
    place, _, digits = bitmap.rpartition("-")
    fields, before = schema["fields"], ""
    if place:
        parent = fields[int(place)]
        (record,) = [option for option in parent["type"] if isinstance(option, dict)]
        fields, before = record["fields"], parent["name"] + "."
    bits = int(digits, 16)
    return [before + field["name"] for i, field in enumerate(fields) if bits >> i & 1]
