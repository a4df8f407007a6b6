"""Outbound messages of the sandbox org: what a receiver gets, and what happens until it says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors import Account, ExternalId
from connectors._sandbox import running, served
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import ORG_ID
from tests.connectors.salesforce_fixtures import Org, Server, open_org

API = "/services/data/v67.0"
ACK = (
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    b"</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)
NACK = ACK.replace(b"true", b"false")


@dataclass
class App:
    """The receiving end: what came, and what it answers."""

    url: str = ""
    status: int = 200
    answer: bytes = ACK
    bodies: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            self.bodies.append((await request.body()).decode())
            self.headers.append(dict(request.headers))
            answer = Response(self.answer, self.status, media_type="text/xml")
            await answer(scope, receive, send)

    def told(self, tag: str) -> list[str]:
        """Give what an element held, each time it came."""
        return [text for body in self.bodies for text in re.findall(f"<{tag}>(.*?)</{tag}>", body)]


@pytest.fixture(scope="module")
def listening() -> Iterator[App]:
    app = App()
    with served(app) as url:
        app.url = f"{url}/hooks"
        yield app


@pytest.fixture
def app(listening: App) -> App:
    listening.bodies.clear()
    listening.headers.clear()
    listening.status, listening.answer = 200, ACK
    return listening


@pytest.fixture
def org(server: Server, app: App) -> Iterator[Org]:
    with open_org(server) as opened:
        levers.send_outbound(opened.sandbox, "Contact", app.url, ["LastName", "Email"])
        yield opened


def make(client: httpx.Client, **values: object) -> str:
    answer = client.post(f"{API}/sobjects/Contact", json={"LastName": "Stone", **values})
    return str(answer.json()["id"])


def test_a_new_row_is_told_in_salesforces_envelope(org: Org, app: App):
    row_id = make(org.http(), Email="clara@acme.com")
    levers.deliver_outbound(org.sandbox)
    short = ORG_ID[:15]
    assert app.bodies[0] == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        " <soapenv:Body>\n"
        '  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
        f"   <OrganizationId>{ORG_ID}</OrganizationId>\n"
        "   <ActionId>04k5e0000000001AAA</ActionId>\n"
        '   <SessionId xsi:nil="true"/>\n'
        f"   <EnterpriseUrl>{org.url}/services/Soap/c/67.0/{short}</EnterpriseUrl>\n"
        f"   <PartnerUrl>{org.url}/services/Soap/u/67.0/{short}</PartnerUrl>\n"
        "   <Notification>\n"
        "    <Id>04l5e0000000001AAA</Id>\n"
        '    <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n'
        f"     <sf:Id>{row_id}</sf:Id>\n"
        "     <sf:LastName>Stone</sf:LastName>\n"
        "     <sf:Email>clara@acme.com</sf:Email>\n"
        "    </sObject>\n"
        "   </Notification>\n"
        "  </notifications>\n"
        " </soapenv:Body>\n"
        "</soapenv:Envelope>"
    )
    assert app.headers[0]["content-type"] == "text/xml; charset=utf-8"


def test_what_is_told_are_the_values_of_the_moment_it_is_sent(org: Org, app: App):
    client = org.http()
    row_id = make(client)
    client.patch(f"{API}/sobjects/Contact/{row_id}", json={"LastName": "Stone & Sons"})
    levers.deliver_outbound(org.sandbox)
    assert app.told("sf:LastName") == ["Stone &amp; Sons"] * 2


def test_an_empty_field_is_left_out(org: Org, app: App):
    make(org.http())
    levers.deliver_outbound(org.sandbox)
    assert "sf:Email" not in app.bodies[0]


def test_an_edit_by_a_person_is_told_too(org: Org, app: App):
    row_id = make(org.http())
    levers.deliver_outbound(org.sandbox)
    levers.edit(org.sandbox, row_id, LastName="Rock")
    levers.deliver_outbound(org.sandbox)
    assert app.told("sf:LastName") == ["Stone", "Rock"]


def test_what_the_system_recomputes_is_not_told(org: Org):
    client = org.http()
    row_id = make(client)
    levers.deliver_outbound(org.sandbox)
    call = {"WhoId": row_id, "Status": "Completed", "ActivityDate": "2026-03-02"}
    assert client.post(f"{API}/sobjects/Task", json=call).status_code == 201
    assert levers.deliver_outbound(org.sandbox) == []


def test_a_write_that_was_refused_is_not_told(org: Org):
    client = org.http()
    row_id = make(client)
    levers.deliver_outbound(org.sandbox)
    levers.add_validation_rule(org.sandbox, "Contact", "LastName = 'Bad'", "No.")
    refused = client.patch(f"{API}/sobjects/Contact/{row_id}", json={"LastName": "Bad"})
    assert refused.status_code == 400
    assert levers.list_outbound(org.sandbox) == []


def test_only_what_was_asked_for_is_told(org: Org, app: App):
    levers.end_outbound(org.sandbox, "04k5e0000000001AAA")
    levers.send_outbound(org.sandbox, "Contact", app.url, ["LastName"], on_create=False)
    client = org.http()
    row_id = make(client)
    client.patch(f"{API}/sobjects/Contact/{row_id}", json={"Title": "CTO"})
    assert [delivery.events for delivery in levers.deliver_outbound(org.sandbox)] == [1]


def test_a_message_holds_a_hundred_rows(org: Org):
    records = [{"attributes": {"type": "Contact"}, "LastName": f"N{n}"} for n in range(150)]
    org.http().post(f"{API}/composite/sobjects", json={"records": records})
    sent = levers.deliver_outbound(org.sandbox)
    assert [delivery.events for delivery in sent] == [100, 50]


@pytest.mark.parametrize(
    ("status", "answer", "problem"),
    [
        (200, NACK, "SOAP response was a nack"),
        (200, b"", "SOAP response was a nack"),
        (503, ACK, "(503)Service Unavailable"),
    ],
)
def test_what_is_not_acknowledged_waits_twice_as_long_each_time(
    org: Org, app: App, status: int, answer: bytes, problem: str
):
    app.status, app.answer = status, answer
    org.sandbox.clock.stop()
    make(org.http())
    levers.deliver_outbound(org.sandbox)
    (first,) = levers.list_outbound(org.sandbox)
    org.sandbox.clock.advance(timedelta(seconds=15))
    levers.deliver_outbound(org.sandbox)
    (second,) = levers.list_outbound(org.sandbox)
    assert (first.problem, second.attempts) == (problem, 2)
    waited = datetime.fromisoformat(second.due) - datetime.fromisoformat(first.due)
    assert waited == timedelta(seconds=30)
    assert len(set(app.told("Id"))) == 1


def test_what_is_not_taken_for_a_day_is_dropped(org: Org, app: App):
    app.status = 500
    make(org.http())
    levers.deliver_outbound(org.sandbox)
    org.sandbox.clock.advance(timedelta(hours=24))
    assert levers.deliver_outbound(org.sandbox) == []
    assert levers.list_outbound(org.sandbox) == []


def test_the_day_is_counted_from_the_first_attempt(org: Org, app: App):
    app.status = 500
    make(org.http())
    levers.deliver_outbound(org.sandbox)
    org.sandbox.clock.advance(timedelta(hours=23))
    assert len(levers.deliver_outbound(org.sandbox)) == 1
    org.sandbox.clock.advance(timedelta(hours=1))
    levers.deliver_outbound(org.sandbox)
    assert levers.list_outbound(org.sandbox) == []


def test_a_row_that_is_gone_is_not_told(org: Org):
    levers.delete(org.sandbox, make(org.http()))
    assert levers.deliver_outbound(org.sandbox) == []


def test_messages_may_come_twice(org: Org, app: App):
    levers.disturb_outbound(org.sandbox, is_twice=True)
    make(org.http())
    levers.deliver_outbound(org.sandbox)
    assert len(app.told("Id")) == 2
    assert len(set(app.told("Id"))) == 1


def test_messages_may_come_in_any_order(org: Org, app: App):
    levers.disturb_outbound(org.sandbox, is_shuffled=True)
    client = org.http()
    made = [make(client) for _ in range(20)]
    levers.deliver_outbound(org.sandbox)
    assert app.told("sf:Id") != made
    assert sorted(app.told("sf:Id")) == made


def test_a_message_waits_in_the_state_file(server: Server, app: App, tmp_path: Path):
    with running("salesforce", state=tmp_path / "org.db", server=server) as before:
        levers.send_outbound(before.sandbox, "Account", app.url, ["Name"])
        before.put([Account(ExternalId("acme"), "Acme")])
    with running("salesforce", state=tmp_path / "org.db", server=server) as after:
        levers.deliver_outbound(after.sandbox)
    assert app.told("sf:Name") == ["Acme"]


def test_messages_leave_by_themselves_if_an_admin_wants_it(org: Org, app: App):
    levers.deliver_outbound_at_once(org.sandbox)
    client = org.http()
    make(client)
    for _ in range(100):
        if not levers.list_outbound(org.sandbox):
            break
        client.get("/services/data")
    assert app.told("sf:LastName") == ["Stone"]


def test_an_unknown_field_is_no_message(org: Org):
    with pytest.raises(ValueError, match="Shoe"):
        levers.send_outbound(org.sandbox, "Contact", "http://127.0.0.1:1/", ["Shoe"])
