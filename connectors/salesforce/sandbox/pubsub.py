"""The Pub/Sub API of the sandbox: a gRPC server beside the HTTP one, in plain text and with TLS.

Read `change_events` (what there is to tell), `pubsub_streams` (a subscription), `pubsub_payloads`
(events in Avro), `pubsub_errors`, and this (the methods). The messages are in `pubsub_messages`,
outside of the sandbox, because a client needs them too.
"""

import contextlib
import hashlib
import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc

from connectors._sandbox import Call, Sandbox
from connectors.salesforce.pubsub_messages import METHODS, SERVICE, Message, message
from connectors.salesforce.sandbox import (
    pubsub_certificate,
    pubsub_errors,
    pubsub_streams,
    sessions,
)
from connectors.salesforce.sandbox.org import ORG_ID, Org
from connectors.salesforce.sandbox.pubsub_errors import Problem

MOST_CALLS = 64
"""Calls at one time: each stream holds a thread."""


@dataclass(frozen=True, slots=True)
class _Service:
    """What every call is answered from; calls are numbered as they come."""

    sandbox: Sandbox
    org: Org
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_rpc_id(self) -> str:
        digest = hashlib.sha256(f"rpc {next(self.numbers)}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16]))


@dataclass(frozen=True, slots=True)
class Visit:
    """One call, signed in."""

    org: Org
    user_id: str
    rpc_id: str
    context: grpc.ServicerContext


Answer = Callable[[Visit, Any], Any]


@contextlib.contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[Mapping[str, str]]:
    """Serve the Pub/Sub API on loopback while the context lasts.

    Yields:
        Where it answers: ``pubsub`` in plain text, ``pubsub_tls`` with the certificate of
        `levers.read_certificate`, on any port.

    Raises:
        OSError: If the port is taken.
    """
    org = Org(sandbox)
    with ThreadPoolExecutor(MOST_CALLS) as threads:
        options = (("grpc.so_reuseport", 0),)
        server = grpc.server(threads, options=options, maximum_concurrent_rpcs=MOST_CALLS)
        server.add_generic_rpc_handlers((_handlers(_Service(sandbox, org)),))
        try:
            plain = server.add_insecure_port(f"127.0.0.1:{port}")
        except RuntimeError as error:
            problem = f"Port {port} on 127.0.0.1 cannot be listened on: choose another one."
            raise OSError(problem) from error
        identity = pubsub_certificate.identity(org)
        credentials = grpc.ssl_server_credentials([(identity.key, identity.certificate)])
        secure = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        try:
            yield {"pubsub": f"127.0.0.1:{plain}", "pubsub_tls": f"127.0.0.1:{secure}"}
        finally:
            server.stop(None).wait()


def get_topic(visit: Visit, request: Message) -> Message:
    """Answer GetTopic; a topic of several objects has no schema of its own."""
    entity = pubsub_streams.entity_check(visit.org, visit.user_id, request.topic_name)
    return message("TopicInfo")(
        topic_name=request.topic_name,
        tenant_guid=f"CORE/prod/{ORG_ID[:15]}",
        can_publish=False,
        can_subscribe=True,
        schema_id=visit.org.changes.schema_id(entity) if entity else "",
        rpc_id=visit.rpc_id,
    )


def get_schema(visit: Visit, request: Message) -> Message:
    """Answer GetSchema."""
    text = visit.org.changes.schema_text(request.schema_id)
    if text is None:
        raise pubsub_errors.no_schema(request.schema_id)
    made = message("SchemaInfo")
    return made(schema_json=text, schema_id=request.schema_id, rpc_id=visit.rpc_id)


def subscribe(visit: Visit, requests: Iterator[Message]) -> Iterator[Message]:
    """Answer Subscribe."""
    return pubsub_streams.subscribe(visit.org, visit.user_id, visit.rpc_id, requests, visit.context)


def publish(visit: Visit, request: Message) -> Message:
    """Refuse Publish: nobody but Salesforce publishes changes."""
    pubsub_streams.entity_check(visit.org, visit.user_id, request.topic_name)
    raise pubsub_errors.no_publishing(request.topic_name)


def publish_stream(visit: Visit, requests: Iterator[Message]) -> Iterator[Message]:
    """Refuse PublishStream with its first request."""
    for request in requests:
        yield publish(visit, request)


def managed_subscribe(_: Visit, requests: Iterator[Message]) -> Iterator[Message]:
    """Refuse ManagedSubscribe: nobody has set up a subscription."""
    for _request in requests:
        raise pubsub_errors.NO_SUBSCRIPTION
    yield from ()


ANSWERS: Mapping[str, Answer] = {
    "GetTopic": get_topic,
    "GetSchema": get_schema,
    "Subscribe": subscribe,
    "Publish": publish,
    "PublishStream": publish_stream,
    "ManagedSubscribe": managed_subscribe,
}


def _handlers(service: _Service) -> grpc.GenericRpcHandler:
    handlers = {}
    for name, method in METHODS.items():
        make = (
            grpc.stream_stream_rpc_method_handler
            if method.is_stream
            else grpc.unary_unary_rpc_method_handler
        )
        handlers[name] = make(
            (_streamed if method.is_stream else _called)(service, name),
            request_deserializer=message(method.request).FromString,
            response_serializer=message(method.response).SerializeToString,
        )
    return grpc.method_handlers_generic_handler(SERVICE, handlers)


def _called(service: _Service, name: str) -> Callable[[Message, grpc.ServicerContext], Message]:
    def call(request: Message, context: grpc.ServicerContext) -> Message:
        with _guarded(service, name, context) as visit:
            return ANSWERS[name](visit, request)

    return call


def _streamed(
    service: _Service, name: str
) -> Callable[[Iterator[Message], grpc.ServicerContext], Iterator[Message]]:
    def stream(requests: Iterator[Message], context: grpc.ServicerContext) -> Iterator[Message]:
        with _guarded(service, name, context) as visit:
            yield from ANSWERS[name](visit, requests)

    return stream


@contextlib.contextmanager
def _guarded(service: _Service, name: str, context: grpc.ServicerContext) -> Iterator[Visit]:
    """Let in who is signed in, log the call when it ends, and word what is refused."""
    rpc_id = service.new_rpc_id()
    status = 200
    try:
        pubsub_streams.check_service(service.org)
        yield Visit(service.org, _user(service.org, context), rpc_id, context)
    except Problem as problem:
        status = int(pubsub_errors.HTTP_STATUS[problem.status])
        pubsub_errors.abort(context, problem, rpc_id)
    finally:
        service.sandbox.calls.append(Call("POST", METHODS[name].path(name), "", status))


def _user(org: Org, context: grpc.ServicerContext) -> str:
    """Give who calls.

    Raises:
        Problem: If a header is missing, or the token or org is not one of ours.
    """
    given = {str(key): str(value) for key, value in context.invocation_metadata()}
    if not all(given.get(key) for key in ("accesstoken", "instanceurl", "tenantid")):
        raise pubsub_errors.NO_HEADERS
    session = sessions.find_session(org, given["accesstoken"])
    if session is None or given["tenantid"] not in {ORG_ID, ORG_ID[:15]}:
        raise pubsub_errors.NO_SESSION
    return session.user_id
