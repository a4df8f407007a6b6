"""HubSpot's webhooks: whose they are, and which objects to read again.

Signatures after HubSpot's "Validating requests". The address is hashed as it was given to HubSpot,
with a few escapes undone; the body as its bytes came, never as JSON written anew.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from connectors._hints import (
    Delivery,
    Forged,
    Hint,
    Hints,
    Hook,
    check_moment,
    check_same,
    keyed,
)
from connectors._records import Stream
from connectors.hubspot import mapping

SIGNATURE, STAMP = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
OLD_SIGNATURE, OLD_VERSION = "x-hubspot-signature", "x-hubspot-signature-version"

_UNDONE = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
"""The escapes that HubSpot undoes before it signs; all others stay."""

_STREAMS = {
    mapping.CONTACT: Stream.CONTACTS,
    mapping.COMPANY: Stream.ACCOUNTS,
    mapping.DEAL: Stream.DEALS,
    mapping.EMAIL: Stream.EMAILS,
    mapping.MEETING: Stream.MEETINGS,
    mapping.CALL: Stream.CALLS,
    mapping.COMMUNICATION: Stream.MESSAGES,
    mapping.TASK: Stream.TASKS,
}
_TYPES = {
    "contact": mapping.CONTACT,
    "company": mapping.COMPANY,
    "deal": mapping.DEAL,
    "email": mapping.EMAIL,
    "meeting": mapping.MEETING,
    "meeting_event": mapping.MEETING,
    "call": mapping.CALL,
    "communication": mapping.COMMUNICATION,
    "task": mapping.TASK,
}
"""Object types by their names, in events that have no number for them."""

_OWN = f"{mapping.PREFIX}_"


def hints(delivery: Delivery, hook: Hook) -> Hints:
    """Say which objects a delivery is about.

    Raises:
        Forged: If HubSpot has not sent it, or not now.
    """
    _check(delivery, hook)
    events = _events(delivery.body)
    if events is None:
        return Hints(strange=1, must_poll=True)
    found: dict[Hint, None] = {}
    echoes = strange = 0
    for event in events:
        told = list(_told(event)) if str(event.get("portalId")) == hook.tenant else []
        if _is_echo(event):
            echoes += 1
        else:
            strange += not told
            found.update(dict.fromkeys(told))
    ids = tuple(str(event.get("eventId", "")) for event in events)
    return Hints(tuple(found), ids, echoes, strange)


def _check(delivery: Delivery, hook: Hook) -> None:
    stamp, headers = delivery.headers.get(STAMP, ""), delivery.headers
    if SIGNATURE not in headers and hook.takes_unsafe and headers.get(OLD_VERSION) == "v1":
        known = [secret.encode() + delivery.body for secret in hook.secrets]
        check_same(
            headers.get(OLD_SIGNATURE, ""), [hashlib.sha256(one).hexdigest() for one in known]
        )
        return
    if SIGNATURE not in headers:
        raise Forged("It has no signature of version 3.")
    check_moment(stamp, delivery.at)
    said = f"{delivery.method}{_signed(delivery.url)}".encode() + delivery.body + stamp.encode()
    expected = [base64.b64encode(keyed(secret, said)).decode() for secret in hook.secrets]
    check_same(headers[SIGNATURE], expected)


def _signed(url: str) -> str:
    return _UNDONE.sub(lambda escape: unquote(escape[0]), url)


def _events(body: bytes) -> list[Mapping[str, Any]] | None:
    """The events of a body; None if it is no list of events."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(found, list) and all(isinstance(event, dict) for event in found)
    return found if is_list else None


def _is_echo(event: Mapping[str, Any]) -> bool:
    """Whether we did this: in a property that is ours, or as the app that is told of it."""
    if str(event.get("propertyName", "")).startswith(_OWN):
        return True
    is_app = event.get("changeSource") == "INTEGRATION" and event.get("appId") is not None
    return is_app and str(event.get("sourceId")) == str(event["appId"])


def _told(event: Mapping[str, Any]) -> Iterator[Hint]:
    """The objects that an event is about; those that were merged away are told by the survivor."""
    kind = event.get("subscriptionType") or event.get("eventType") or ""
    name, _, action = str(kind).partition(".")
    type_id = str(event.get("objectTypeId") or _TYPES.get(name, ""))
    if action == "associationChange":
        yield from _associated(event, type_id)
    elif action == "merge":
        yield from _hint(type_id, event.get("newObjectId") or event.get("primaryObjectId"))
    else:
        yield from _hint(type_id, event.get("objectId"))


def _associated(event: Mapping[str, Any], type_id: str) -> Iterator[Hint]:
    """Both ends of an association, as far as their types are told."""
    one, _, other = str(event.get("associationType", "")).lower().partition("_to_")
    yield from _hint(_TYPES.get(one, type_id), event.get("fromObjectId"))
    yield from _hint(_TYPES.get(other, ""), event.get("toObjectId"))


def _hint(type_id: str, number: object) -> Iterator[Hint]:
    stream, told = _STREAMS.get(type_id), str(number)
    if stream and told.isascii() and told.isdigit():
        yield Hint(stream, mapping.external_id(type_id, told))
