"""What Salesforce sends by itself: outbound messages, and callouts of a flow; and whose they are.

Salesforce does not sign outbound messages: the address is a secret of the connection, and the org
must be its own. A callout of our flow (`deploy/salesforce`) is signed, after `Tieline-Signature`:
base64 of the HMAC-SHA256, with the connection's secret, of the time in milliseconds, a dot, and the
body's bytes. Its body is ``{"org": "00D…", "records": [{"object": "Task", "id": "00T…"}]}``.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any
from xml.parsers import expat

from connectors._hints import (
    Answer,
    Delivery,
    Forged,
    Hint,
    Hints,
    Hook,
    check_moment,
    check_same,
    keyed,
)
from connectors._records import ExternalId
from connectors.salesforce.sources import SOURCES

SIGNATURE, STAMP = "tieline-signature", "tieline-timestamp"

SHORT = 15
"""Characters of an id that tell records apart; three more are a check sum of their case."""

_SUMS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_CALLED = {source.sobject: stream for stream, source in SOURCES.items()}

_OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
_TYPE = "http://www.w3.org/2001/XMLSchema-instance type"
_ORG, _NOTICE = f"{_OUTBOUND} OrganizationId", f"{_OUTBOUND} Notification"
_ROW = f"{_OUTBOUND} sObject"

TAKEN = Answer(
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    b"</notificationsResponse></soapenv:Body></soapenv:Envelope>",
    "text/xml",
)


def hints(delivery: Delivery, hook: Hook) -> Hints:
    """Say which rows a delivery is about.

    Raises:
        Forged: If it is signed and not by us, or is of another org, or of no known shape.
    """
    if SIGNATURE in delivery.headers:
        return _of_callout(delivery, hook)
    return _of_message(delivery, hook)


def hint(sobject: str, row_id: str) -> Hint | None:
    """Give the hint of a row; None if we do not read its object, or the id is none."""
    stream, whole = _CALLED.get(sobject), whole_id(row_id)
    return Hint(stream, ExternalId(whole)) if stream and whole else None


def whole_id(row_id: str) -> str:
    """Give an id of 18 characters, as our records have it; "" if it is none."""
    if not (row_id.isascii() and row_id.isalnum() and len(row_id) in {SHORT, SHORT + 3}):
        return ""
    parts = [row_id[start : start + 5] for start in range(0, SHORT, 5)]
    sums = [sum(1 << i for i, c in enumerate(part) if "A" <= c <= "Z") for part in parts]
    return row_id[:SHORT] + "".join(_SUMS[one] for one in sums)


def _of_callout(delivery: Delivery, hook: Hook) -> Hints:
    stamp = delivery.headers.get(STAMP, "")
    check_moment(stamp, delivery.at)
    said = stamp.encode() + b"." + delivery.body
    expected = [base64.b64encode(keyed(secret, said)).decode() for secret in hook.secrets]
    check_same(delivery.headers[SIGNATURE], expected)
    try:
        told: Any = json.loads(delivery.body)
        rows = [(str(row["object"]), str(row["id"])) for row in told["records"]]
        _check_org(str(told["org"]), hook)
    except (ValueError, KeyError, TypeError, RecursionError):
        return Hints(strange=1, must_poll=True)
    return _of_rows(rows, [row_id for _, row_id in rows])


def _of_message(delivery: Delivery, hook: Hook) -> Hints:
    message = _Message(delivery.body)
    _check_org(message.org, hook)
    found = _of_rows(message.rows, message.notices)
    return Hints(found.hints, found.events, strange=found.strange, answer=TAKEN)


def _of_rows(rows: Iterable[tuple[str, str]], events: Sequence[str]) -> Hints:
    told = [hint(*row) for row in rows]
    known = dict.fromkeys(one for one in told if one)
    return Hints(tuple(known), tuple(events), strange=told.count(None))


def _check_org(shown: str, hook: Hook) -> None:
    if len(shown) < SHORT or shown[:SHORT] != hook.tenant[:SHORT]:
        raise Forged("It is of another org.")


class _Message:
    """A SOAP envelope of notifications, read without entities or a document type.

    Attributes:
        org: The id of the org that it says it is of.
        notices: The ids of its notifications.
        rows: Object and id of each row; values are passed over.
    """

    def __init__(self, body: bytes) -> None:
        self.org = ""
        self.notices: list[str] = []
        self.rows: list[tuple[str, str]] = []
        self._path: list[str] = []
        self._sobject = self._text = ""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True  # or every line break is a piece, and a megabyte takes minutes
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._read
        try:
            parser.Parse(body, True)  # noqa: FBT003 the parser's own: this is all
        except expat.ExpatError as error:
            raise Forged("It is no outbound message.") from error

    def _refuse(self, *_: object) -> None:
        raise Forged("It is no outbound message.")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text = ""
        if name == _ROW:
            self._sobject = attributes.get(_TYPE, "").rpartition(":")[2]

    def _read(self, text: str) -> None:
        self._text += text

    def _end(self, name: str) -> None:
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if name == _ORG:
            self.org = self._text.strip()
        elif name.endswith(" Id") and parent == _NOTICE:
            self.notices.append(self._text.strip())
        elif name.endswith(" Id") and parent == _ROW:
            self.rows.append((self._sobject, self._text.strip()))
        self._text = ""
