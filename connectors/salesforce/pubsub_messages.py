"""The messages and methods of Salesforce's Pub/Sub API, as tables of facts.

Their classes are made of the tables when this module is loaded: nothing is generated, and the
descriptors stand in a pool of their own, beside those of any other edition in the same process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "eventbus.v1"
SERVICE = f"{PACKAGE}.PubSub"

MOST_REQUESTED = 100
"""Events that a subscriber may ask for at once."""

LATEST, EARLIEST, CUSTOM = range(3)
"""Where a subscription starts: at the stream's tip, at its oldest event, after a replay id."""

_ENUMS = {
    "ErrorCode": "UNKNOWN PUBLISH COMMIT",
    "ReplayPreset": "LATEST EARLIEST CUSTOM",
}

_MESSAGES = {
    # A field's number is its place; `*` is repeated.
    "TopicInfo": "topic_name:string tenant_guid:string can_publish:bool can_subscribe:bool "
    "schema_id:string rpc_id:string",
    "TopicRequest": "topic_name:string",
    "EventHeader": "key:string value:bytes",
    "ProducerEvent": "id:string schema_id:string payload:bytes headers:*EventHeader",
    "ConsumerEvent": "event:ProducerEvent replay_id:bytes",
    "PublishResult": "replay_id:bytes error:Error correlation_key:string",
    "Error": "code:ErrorCode msg:string",
    "FetchRequest": "topic_name:string replay_preset:ReplayPreset replay_id:bytes "
    "num_requested:int32 auth_refresh:string",
    "FetchResponse": "events:*ConsumerEvent latest_replay_id:bytes rpc_id:string "
    "pending_num_requested:int32",
    "SchemaRequest": "schema_id:string",
    "SchemaInfo": "schema_json:string schema_id:string rpc_id:string",
    "PublishRequest": "topic_name:string events:*ProducerEvent auth_refresh:string",
    "PublishResponse": "results:*PublishResult schema_id:string rpc_id:string",
    "ManagedFetchRequest": "subscription_id:string developer_name:string num_requested:int32 "
    "auth_refresh:string commit_replay_id_request:CommitReplayRequest",
    "ManagedFetchResponse": "events:*ConsumerEvent latest_replay_id:bytes rpc_id:string "
    "pending_num_requested:int32 commit_response:CommitReplayResponse",
    "CommitReplayRequest": "commit_request_id:string replay_id:bytes",
    "CommitReplayResponse": "commit_request_id:string replay_id:bytes error:Error "
    "process_time:int64",
}

_SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "string": FieldDescriptorProto.TYPE_STRING,
}


@dataclass(frozen=True, slots=True)
class Method:
    """A remote procedure: the names of its messages, and whether either side sends a stream."""

    request: str
    response: str
    is_stream: bool

    def path(self, name: str) -> str:
        """Give the address that a client calls."""
        return f"/{SERVICE}/{name}"


METHODS = {
    "Subscribe": Method("FetchRequest", "FetchResponse", is_stream=True),
    "GetSchema": Method("SchemaRequest", "SchemaInfo", is_stream=False),
    "GetTopic": Method("TopicRequest", "TopicInfo", is_stream=False),
    "Publish": Method("PublishRequest", "PublishResponse", is_stream=False),
    "PublishStream": Method("PublishRequest", "PublishResponse", is_stream=True),
    "ManagedSubscribe": Method("ManagedFetchRequest", "ManagedFetchResponse", is_stream=True),
}


Message = Any
"""A message, or its class: what is made at run time has no type."""


def message(name: str) -> Message:
    """Give a message's class by its name."""
    return _CLASSES[name]


def _file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="pubsub_api.proto", package=PACKAGE, syntax="proto3")
    for name, values in _ENUMS.items():
        made = file.enum_type.add(name=name)
        for number, value in enumerate(values.split()):
            made.value.add(name=value, number=number)
    for name, fields in _MESSAGES.items():
        declared = file.message_type.add(name=name)
        for number, field in enumerate(fields.split(), start=1):
            _declare(declared, number, *field.split(":"))
    return file


def _declare(owner: DescriptorProto, number: int, name: str, kind: str) -> None:
    field = owner.field.add(name=name, number=number)
    is_repeated = kind.startswith("*")
    field.label = (
        FieldDescriptorProto.LABEL_REPEATED if is_repeated else FieldDescriptorProto.LABEL_OPTIONAL
    )
    kind = kind.removeprefix("*")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
        return
    is_enum = kind in _ENUMS
    field.type = FieldDescriptorProto.TYPE_ENUM if is_enum else FieldDescriptorProto.TYPE_MESSAGE
    field.type_name = f".{PACKAGE}.{kind}"


def _classes() -> Mapping[str, Message]:
    pool = DescriptorPool()
    pool.AddSerializedFile(_file().SerializeToString())
    found = {name: pool.FindMessageTypeByName(f"{PACKAGE}.{name}") for name in _MESSAGES}
    return {name: GetMessageClass(descriptor) for name, descriptor in found.items()}


_CLASSES = _classes()
