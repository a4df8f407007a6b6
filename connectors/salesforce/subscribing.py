"""Change Data Capture over the Pub/Sub API: what changes is told while it is listened to.

Events tell ids and no more: their other fields are read only where they name a parent. A place is
the replay id of the last event that was kept. Salesforce keeps events for three days; a place that
is older is answered by reading what changed, and listening from now on.
"""

import base64
import io
import json
import queue
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import fastavro
import grpc

from connectors._errors import (
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    Unavailable,
)
from connectors._hints import Heard, Hints
from connectors.salesforce import change_hints, pubsub_messages
from connectors.salesforce.client import Client

TOPIC = "/data/ChangeEvents"
_TOO_OLD = "replayid"
_ANSWERED_WITHIN_S = 30.0
_PING = (("grpc.keepalive_time_ms", 60_000), ("grpc.keepalive_timeout_ms", 20_000))

_REFUSED: Mapping[grpc.StatusCode, tuple[type[ConnectorError], str]] = {
    grpc.StatusCode.UNAUTHENTICATED: (
        AuthenticationFailed,
        "Salesforce refused the token for change events: connect it again.",
    ),
    grpc.StatusCode.PERMISSION_DENIED: (
        PermissionMissing,
        "Tieline's user may not listen to change events: give it View All Data, or do not listen.",
    ),
    grpc.StatusCode.NOT_FOUND: (
        Misconfigured,
        "No object is selected for change events: select them in Setup, Change Data Capture.",
    ),
}


class Subscriber:
    """Listens to one org."""

    def __init__(self, client: Client, address: str, instance_url: str) -> None:
        self._client = client
        self._address = address
        self._instance_url = instance_url
        self._schemas: dict[str, Any] = {}
        self._channel: grpc.Channel | None = None

    def listen(self, place: str) -> Iterator[Heard]:
        """Give what changes, batch by batch; see `Listening.listen`."""
        grant = self._client.sign_in()
        token, is_renewed = self._client.token(), False
        if not place:
            yield Heard(Hints(must_poll=True), "")
        while True:
            signs = {"instanceurl": self._instance_url, "tenantid": grant.tenant}
            try:
                for heard in self._heard(place, tuple({**signs, "accesstoken": token}.items())):
                    place, is_renewed = heard.place, False
                    yield heard
            except grpc.RpcError as error:
                if error.code() is grpc.StatusCode.UNAUTHENTICATED and not is_renewed:
                    token, is_renewed = self._client.token(refused=token), True
                elif place and _TOO_OLD in _code(error):
                    place = ""
                    yield Heard(Hints(must_poll=True), place)
                else:
                    raise _refused(error) from error

    def close(self) -> None:
        """End every subscription."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _heard(self, place: str, signs: Sequence[tuple[str, str]]) -> Iterator[Heard]:
        """Subscribe, and give what comes until the stream breaks."""
        asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        request = pubsub_messages.message("FetchRequest")
        asked.put(
            request(
                topic_name=TOPIC,
                num_requested=pubsub_messages.MOST_REQUESTED,
                replay_preset=pubsub_messages.CUSTOM if place else pubsub_messages.LATEST,
                replay_id=base64.b64decode(place),
            )
        )
        call = self._method("Subscribe")(iter(asked.get, None), metadata=signs)
        try:
            for response in call:
                told = [self._told(event, signs) for event in response.events]
                latest = response.latest_replay_id or b""
                if response.events:
                    latest = response.events[-1].replay_id
                yield Heard(change_hints.together(told), base64.b64encode(latest).decode())
                if response.events:  # what came is kept by now
                    asked.put(request(topic_name=TOPIC, num_requested=len(response.events)))
        finally:
            asked.put(None)
            call.cancel()
        raise _away("it ended")

    def _told(self, event: Any, signs: Sequence[tuple[str, str]]) -> Hints:  # noqa: ANN401 a message
        schema = self._schema(event.event.schema_id, signs)
        payload = io.BytesIO(event.event.payload)
        body: Any = fastavro.schemaless_reader(payload, schema, None, return_record_name=False)
        header = body.pop("ChangeEventHeader")
        changed = [name for part in header["changedFields"] for name in fields(schema, part)]
        return change_hints.hints(header, body, changed, self._client.grant.user_id)

    def _schema(self, schema_id: str, signs: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401 Avro's
        if schema_id not in self._schemas:
            request = pubsub_messages.message("SchemaRequest")(schema_id=schema_id)
            call = self._method("GetSchema")
            found = call(request, metadata=signs, timeout=_ANSWERED_WITHIN_S)
            self._schemas[schema_id] = json.loads(found.schema_json)
        return self._schemas[schema_id]

    def _method(self, name: str) -> Any:  # noqa: ANN401 made at run time
        method = pubsub_messages.METHODS[name]
        channel = self._open()
        make = channel.stream_stream if method.is_stream else channel.unary_unary
        return make(
            method.path(name),
            pubsub_messages.message(method.request).SerializeToString,
            pubsub_messages.message(method.response).FromString,
        )

    def _open(self) -> grpc.Channel:
        if self._channel is None:
            is_local = self._address.partition(":")[0] in {"127.0.0.1", "localhost"}
            secure = partial(
                grpc.secure_channel, credentials=grpc.ssl_channel_credentials(), options=_PING
            )
            make = grpc.insecure_channel if is_local else secure
            self._channel = make(self._address)
        return self._channel


def fields(schema: Mapping[str, Any], bitmap: str) -> list[str]:
    """Name the fields of a bitmap: bit i, the lowest first, is field i of its record."""
    place, _, digits = bitmap.rpartition("-")
    found, before = schema["fields"], ""
    if place:
        parent = found[int(place)]
        (record,) = [option for option in parent["type"] if isinstance(option, dict)]
        found, before = record["fields"], parent["name"] + "."
    bits = int(digits, 16)
    return [before + field["name"] for i, field in enumerate(found) if bits >> i & 1]


def _code(error: grpc.RpcError) -> str:
    trailers: Any = error.trailing_metadata() or ()
    return str(dict(trailers).get("error-code", ""))


def _refused(error: grpc.RpcError) -> ConnectorError:
    """A new error each time: one that is raised again holds on to every frame it has seen."""
    if error.code() in _REFUSED:
        make, message = _REFUSED[error.code()]
        return make(message)
    return _away(error.code().name)


def _away(why: str) -> Unavailable:
    return Unavailable(
        f"Salesforce's stream of events broke off ({why}): Tieline listens again by itself; "
        "if it goes on, see that api.pubsub.salesforce.com:7443 can be reached."
    )
