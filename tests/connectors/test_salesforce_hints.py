"""What Salesforce sends: none is read that cannot be this org's, and what the others are about."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import Delivery, Forged, Hints, Hook, salesforce
from connectors.salesforce.hints import _Message, whole_id

ORG = "00D5e0000000001EAA"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECRET = "s3cret"
HOOK = Hook(ORG, [SECRET])
CALL, TASK = "0035e0000000001AAA", "00T5e0000000002EAA"

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>{org}</OrganizationId><ActionId>04k5e0000000001AAA</ActionId>
  <SessionId xsi:nil="true"/>{rows}
 </notifications></soapenv:Body></soapenv:Envelope>"""
ROW = (
    "<Notification><Id>{notice}</Id>"
    '<sObject xsi:type="sf:{sobject}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
    "<sf:Id>{id}</sf:Id><sf:Email>a@b.c</sf:Email></sObject></Notification>"
)


def message(*rows: tuple[str, str], org: str = ORG) -> Delivery:
    told = (
        ROW.format(notice=f"04l5e000000000{n}AAA", sobject=name, id=row_id)
        for n, (name, row_id) in enumerate(rows)
    )
    body = ENVELOPE.format(org=org, rows="".join(told)).encode()
    return Delivery("POST", "https://tieline.example/hooks/x", {}, body, NOW)


def callout(*rows: tuple[str, str], org: str = ORG, body: bytes = b"") -> Delivery:
    records = [{"object": name, "id": row_id} for name, row_id in rows]
    body = body or json.dumps({"org": org, "records": records}).encode()
    stamp = str(round(NOW.timestamp() * 1000))
    mac = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).digest()
    headers = {"tieline-timestamp": stamp, "tieline-signature": base64.b64encode(mac).decode()}
    return Delivery("POST", "https://tieline.example/hooks/x", headers, body, NOW)


def told(delivery: Delivery) -> list[tuple[str, str]]:
    return [(one.stream.value, one.id) for one in salesforce.hints(delivery, HOOK).hints]


@pytest.mark.parametrize("make", [message, callout])
def test_a_delivery_names_the_rows_to_read_again(make: type[Delivery]):
    rows = [("Contact", CALL), ("Task", TASK), ("Contact", CALL)]
    assert told(make(*rows)) == [("contacts", CALL), ("tasks", TASK)]


def test_an_outbound_message_is_acknowledged():
    found = salesforce.hints(message(("Contact", CALL), ("Task", TASK)), HOOK)
    assert b"<Ack>true</Ack>" in found.answer.body
    assert found.events == ("04l5e0000000000AAA", "04l5e0000000001AAA")


def test_rows_of_objects_that_are_not_read_are_passed_over():
    found = salesforce.hints(message(("Case", "5005e0000000001AAA"), ("Task", TASK)), HOOK)
    assert (len(found.hints), found.strange) == (1, 1)


def test_a_short_id_is_made_whole():
    assert whole_id("0015e00000AbCdE") == "0015e00000AbCdE" + whole_id("0015e00000AbCdE")[15:]
    assert whole_id(CALL[:15]) == CALL
    assert whole_id("' OR Id != '") == ""


GENUINE = callout(("Task", TASK))
SIGNATURE, STAMP = "tieline-signature", "tieline-timestamp"
LOL = b'<!DOCTYPE a [<!ENTITY b "c">]>'
MESSAGE = message(("Contact", CALL))
FORGED = {
    "of another org": message(("Contact", CALL), org="00D5e0000000002EAA"),
    "of no org": message(("Contact", CALL), org=""),
    "with a document type": replace(MESSAGE, body=MESSAGE.body.replace(b"?>\n", b"?>\n" + LOL, 1)),
    "cut short": replace(MESSAGE, body=MESSAGE.body[:-9]),
    "no message": replace(MESSAGE, body=b"{}"),
    "of another body": replace(GENUINE, body=GENUINE.body + b" "),
    "of another time": replace(GENUINE, headers={**GENUINE.headers, STAMP: "1772443800001"}),
    "without a time": replace(GENUINE, headers={SIGNATURE: GENUINE.headers[SIGNATURE]}),
    "without a signature": replace(GENUINE, headers={STAMP: GENUINE.headers[STAMP]}),
    "signed too long ago": replace(GENUINE, at=NOW + timedelta(minutes=6)),
    "signed, and of another org": callout(("Task", TASK), org="00D5e0000000002EAA"),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_cannot_be_this_orgs_is_refused(forged: Delivery):
    with pytest.raises(Forged):
        salesforce.hints(forged, HOOK)


class Counted(_Message):
    """A message that counts in how many pieces its text came."""

    pieces = 0

    def _read(self, text: str) -> None:
        self.pieces += 1
        super()._read(text)


def test_a_message_of_line_breaks_is_not_read_one_by_one():
    found = Counted(MESSAGE.body.replace(b"<soapenv:Body>", b"\n" * 10_000 + b"<soapenv:Body>"))
    assert found.pieces < 100


def test_a_callout_signed_with_another_secret_is_refused():
    assert salesforce.hints(GENUINE, Hook(ORG, ["new", SECRET])).hints
    with pytest.raises(Forged):
        salesforce.hints(GENUINE, Hook(ORG, ["wrong"]))


@pytest.mark.parametrize(
    "body", [b"[]", b"[" * 100_000, b"{", b'{"org": "x"}', b'{"records": [1], "org": ""}']
)
def test_a_genuine_callout_of_no_known_shape_has_what_changed_read(body: bytes):
    found = salesforce.hints(callout(body=body), HOOK)
    assert found == Hints(strange=1, must_poll=True)
