"""What the Pub/Sub API refuses with: a status, and its own code in the trailers.

The codes of topics, schemas and publishing are told nowhere; they are worded like the others.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

import grpc

_CODES = "sfdc.platform.eventbus.grpc"

HTTP_STATUS: Mapping[grpc.StatusCode, HTTPStatus] = {
    grpc.StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    grpc.StatusCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    grpc.StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    grpc.StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a refusal counts as in the call log."""


class Problem(Exception):
    """A refusal; without a code it is the connection that ended."""

    def __init__(self, status: grpc.StatusCode, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


NO_SESSION = Problem(
    grpc.StatusCode.UNAUTHENTICATED,
    "service.auth.error",
    "An authentication exception occurred. Provide valid authentication via metadata headers.",
)
NO_HEADERS = Problem(
    grpc.StatusCode.UNAUTHENTICATED,
    "service.auth.headers.invalid",
    "The authentication headers are missing or invalid. Provide valid authentication via "
    "metadata headers.",
)
UNAVAILABLE = Problem(
    grpc.StatusCode.UNAVAILABLE,
    "service.unavailable",
    "The Pub/Sub API service is unavailable.",
)
BROKEN = Problem(grpc.StatusCode.UNAVAILABLE, "", "RST_STREAM closed stream.")
NO_REPLAY_ID = Problem(
    grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.replayid.validation.failed",
    "The Replay ID validation failed. Ensure that replay_id is given with the CUSTOM preset.",
)
BAD_REPLAY_ID = Problem(
    grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.replayid.corrupted",
    "The Replay ID validation failed. Ensure that the Replay ID is valid and refers to an event "
    "that is within the retention window.",
)
BAD_COUNT = Problem(
    grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.requested.events.invalid",
    "The number of requested events must be greater than 0.",
)
OTHER_TOPIC = Problem(
    grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.topic.name.invalid",
    "The topic name must match the one of the first request of the stream.",
)
NO_SUBSCRIPTION = Problem(
    grpc.StatusCode.NOT_FOUND,
    "subscription.managed.not.found",
    "The managed event subscription was not found. Ensure that it exists.",
)


def no_topic(org_id: str, topic: str) -> Problem:
    """Tell that there is no such topic, or that its object is not selected."""
    text = (
        f"The topic information for org CORE/prod/{org_id} and topic {topic} not found. "
        "Ensure the topic name is correct and that the topic exists."
    )
    return Problem(grpc.StatusCode.NOT_FOUND, "topic.not.found", text)


def no_schema(schema_id: str) -> Problem:
    """Tell that no event has such a schema."""
    text = f"The schema {schema_id} was not found. Ensure that the schema ID is valid."
    return Problem(grpc.StatusCode.NOT_FOUND, "schema.not.found", text)


def no_publishing(topic: str) -> Problem:
    """Tell that change events are published by Salesforce alone."""
    text = f"The user is not authorized to publish to the topic {topic}."
    return Problem(grpc.StatusCode.PERMISSION_DENIED, "topic.publish.unauthorized", text)


def abort(context: grpc.ServicerContext, problem: Problem, rpc_id: str) -> NoReturn:
    """End a call with a problem, as the real service words it."""
    if not problem.code:
        context.abort(problem.status, str(problem))
    code = f"{_CODES}.{problem.code}"
    context.set_trailing_metadata((("error-code", code), ("rpc-id", rpc_id)))
    context.abort(problem.status, f"{problem} rpcId: {rpc_id}")
