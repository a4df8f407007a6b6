"""Outbound messages sent: SOAP, up to 100 rows in one, again and again until they are taken."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from starlette.types import ASGIApp, Receive, Scope, Send

from connectors import _sending
from connectors._sandbox import Sandbox
from connectors._sending import Delivery, Letter, Reply
from connectors.salesforce.sandbox import outbound_queue
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import ORG_ID, Org, stamp
from connectors.salesforce.sandbox.outbound_queue import Message, Notification

KEPT = timedelta(hours=24)
"""How long a message is tried before it is dropped."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=2)
"""Between two tries: twice as long after each, up to a limit."""

TIMEOUT_S = 10.0

_ACK = re.compile(rb"<(?:\w+:)?Ack(?:\s[^>]*)?>\s*(?:true|1)\s*</", re.IGNORECASE)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_SHORT, _VERSION = 15, "67.0"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    " <soapenv:Body>\n"
    '  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
    "   <OrganizationId>{org_id}</OrganizationId>\n"
    "   <ActionId>{action_id}</ActionId>\n"
    '   <SessionId xsi:nil="true"/>\n'
    "   <EnterpriseUrl>{host}/services/Soap/c/{version}/{short_id}</EnterpriseUrl>\n"
    "   <PartnerUrl>{host}/services/Soap/u/{version}/{short_id}</PartnerUrl>\n"
    "{notifications}"
    "  </notifications>\n"
    " </soapenv:Body>\n"
    "</soapenv:Envelope>"
)
_NOTIFICATION = (
    "   <Notification>\n"
    "    <Id>{id}</Id>\n"
    '    <sObject xsi:type="sf:{type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n'
    "{fields}"
    "    </sObject>\n"
    "   </Notification>\n"
)
_FIELD = "     <sf:{name}>{value}</sf:{name}>\n"

_Row = tuple[Notification, dict[str, Any]]


class Delivering:
    """ASGI middleware that sends what is due behind every call, where a lever wants it so."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox
        self._org = Org(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call, then begin to send, unless that is going on."""
        is_on = scope["type"] == "http" and self._org.setting("delivers_at_once", 0)
        await self._app(scope, receive, send)
        # Behind the answer the state is touched only where a lever wants it: it may be closed.
        if is_on:
            self._sandbox.begin(deliver_due)


async def deliver_due(sandbox: Sandbox) -> list[Delivery]:
    """Send what is due, each once; what is not taken becomes due again later."""
    org = Org(sandbox)
    return await _sending.send(_letters(org, sandbox), TIMEOUT_S)


def _letters(org: Org, sandbox: Sandbox) -> Iterator[tuple[Letter, Callable[[Reply], None]]]:
    """Give what is to be sent, each written when its turn has come: with the values of then."""
    now = org.clock.now()
    for message in outbound_queue.messages(org.db):
        due = outbound_queue.waiting(org.db, message, stamp(now))
        since = stamp(now - KEPT)
        outbound_queue.forget(org.db, [one.number for one in due if "" < one.tried_since <= since])
        due = [one for one in due if not "" < one.tried_since <= since]
        trouble = org.setting("outbound_trouble", {})
        due = _sending.stirred(
            due, sandbox.random, is_twice=False, is_shuffled=trouble.get("is_shuffled", False)
        )
        for part in _sending.parts(due):
            found = _rows(org, message, part)
            letter = _letter(org, message, found)
            for _ in range(1 + bool(trouble.get("is_twice")) if found else 0):
                yield letter, partial(_settle, org, part)


def _rows(org: Org, message: Message, part: Sequence[Notification]) -> list[_Row]:
    """Give the rows as they are now; of one that is gone nobody is told."""
    found = []
    for one in part:
        row = org.row(message.object, one.row)
        if row is None or row.get("IsDeleted"):
            outbound_queue.forget(org.db, [one.number])
        else:
            found.append((one, row))
    return found


def _letter(org: Org, message: Message, rows: Sequence[_Row]) -> Letter:
    fact = org.view().objects.get(message.object.lower())
    told = "".join(_notification(message, fact, one, row) for one, row in rows)
    content = _ENVELOPE.format(
        org_id=ORG_ID,
        action_id=message.action_id,
        host=org.setting("host", "https://sandbox.my.salesforce.com"),
        version=_VERSION,
        short_id=ORG_ID[:_SHORT],
        notifications=told,
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    return Letter(message.url, content.encode(), headers, len(rows))


def _notification(
    message: Message, fact: ObjectFact | None, one: Notification, row: dict[str, Any]
) -> str:
    """Tell one row: its id, and those of the fields that hold something and may be seen."""
    names = dict.fromkeys(["Id", *message.fields])
    fields = fact.fields if fact else {}
    told = [(name, fields[name.lower()].type) for name in names if name.lower() in fields]
    lines = [
        _FIELD.format(name=name, value=escape(_text(kind, row[name])))
        for name, kind in told
        if row[name] is not None
    ]
    return _NOTIFICATION.format(id=one.notification_id, type=message.object, fields="".join(lines))


def _text(kind: str, value: object) -> str:
    """Word a value as SOAP does."""
    match kind:
        case "boolean":
            return "true" if value else "false"
        case "datetime":
            return str(value).replace("+0000", "Z")
    return str(value)


def _settle(org: Org, part: Sequence[Notification], reply: Reply) -> None:
    """Take what was acknowledged off the queue, and plan the rest again."""
    problem = _problem(reply)
    if not problem:
        outbound_queue.forget(org.db, [one.number for one in part])
        return
    now = org.clock.now()
    for one in part:
        wait = min(FIRST_WAIT * 2**one.attempts, LONGEST_WAIT)
        outbound_queue.put_off(org.db, one, stamp(now), stamp(now + wait), problem)


def _problem(reply: Reply) -> str:
    """Say why a message counts as not taken; nothing if it was."""
    if reply.status == 0:
        return "java.net.ConnectException: Connection refused"
    if reply.status != HTTPStatus.OK:
        return f"({reply.status}){_PHRASES.get(reply.status, '')}"
    return "" if _ACK.search(reply.content) else "SOAP response was a nack"
