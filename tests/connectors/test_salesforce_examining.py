"""Whoever examines an org is told what is amiss, what it would break, and what to do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from connectors import Channel, Connector, Field, FieldType, Finding, Target, Verdict
from connectors._sandbox import Fault
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    Org,
    Server,
    activity,
    open_org,
    people,
)

PART = "who took part, or what became of a deal, is known in part."
STRENGTH = Field(Target.CONTACT, "strength", "Strength", FieldType.NUMBER, "0 to 100.", 3)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        mail = activity("mail", Channel.EMAIL, ANNE, CLARA)
        opened.fill([*people(), replace(mail, at=opened.sandbox.clock.now() - timedelta(days=9))])
        yield opened


def amiss(connector: Connector) -> dict[str, Finding]:
    """Examine and give what is not good, by what it is about."""
    return {one.about: one for one in connector.examine() if one.verdict is not Verdict.GOOD}


def test_an_org_that_lets_us_do_everything_has_nothing_amiss(org: Org):
    assert amiss(org.connect()) == {}


def test_nothing_but_the_token_is_posted_that_is_no_composite_lookup(org: Org):
    list(org.connect().examine())
    written = [call for call in org.sandbox.calls if call.method != "GET"]
    assert {call.path.rpartition("/")[2] for call in written} == {"token", "composite"}
    assert '"method": "POST"' not in " ".join(org.bodies)


def test_every_finding_is_a_sentence_and_what_is_amiss_has_advice(org: Org):
    levers.hide(org.sandbox, "Contact.Title")
    found = list(org.connect().examine())
    assert all(one.told.endswith(".") for one in found)
    assert all(one.advice.endswith(".") or one.verdict is Verdict.GOOD for one in found)


def test_a_refused_sign_in_is_the_only_finding(org: Org):
    wrong = {"client_secret": SecretStr("wrong")}
    connector = org.connect(salesforce_sandbox.credentials(org.url).model_copy(update=wrong))
    (found,) = connector.examine()
    assert (found.about, found.verdict) == ("Sign-in", Verdict.BAD)
    assert "consumer key and secret" in found.advice


def test_an_old_api_version_is_told_with_the_newest(org: Org):
    old = salesforce_sandbox.credentials(org.url).model_copy(update={"api_version": "30.0"})
    (found,) = org.connect(old).examine()
    assert (found.about, found.verdict) == ("API version", Verdict.BAD)
    assert "67.0" in found.advice


def test_a_clock_that_is_off_is_told(org: Org):
    org.sandbox.clock.advance(timedelta(hours=1))
    assert amiss(org.connect())["Clock"].verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("name", "about", "verdict"),
    [
        ("Contact.Title", "contacts", Verdict.WARNING),
        ("EmailMessage", "emails", Verdict.WARNING),
        ("Contact", "contacts", Verdict.BAD),
        ("TaskRelation", "Shared activities", Verdict.WARNING),
    ],
)
def test_what_is_not_shown_is_told_by_how_much_it_matters(
    org: Org, name: str, about: str, verdict: Verdict
):
    levers.hide(org.sandbox, name)
    assert amiss(org.connect())[about].verdict is verdict


def test_records_that_sharing_hides_are_told(org: Org):
    body = b'{"sObjects":[{"count":500,"name":"Contact"}]}'
    org.sandbox.faults.append(Fault("recordCount", 200, body))
    found = amiss(org.connect())["contacts, visible"]
    assert found.told.startswith("We see 2 of about 500 Contact records")


def test_relations_that_sharing_hides_are_told(org: Org):
    meeting = activity("talk", Channel.MEETING, ANNE, CLARA)
    org.fill([replace(meeting, at=org.sandbox.clock.now())])
    body = b'{"sObjects":[{"count":500,"name":"EventRelation"}]}'
    org.sandbox.faults.append(Fault("recordCount", 200, body))
    found = amiss(org.connect())["meetings, EventRelation"]
    assert found.told.endswith("of about 500 EventRelation records: " + PART)


def test_an_org_that_refuses_the_tooling_api_is_told_how_to_do_without(org: Org):
    org.sandbox.faults.append(Fault("tooling", 403, b'[{"errorCode":"INSUFFICIENT_ACCESS"}]'))
    assert "custom-fields" in amiss(org.connect())["Creating fields"].advice


def test_an_org_whose_mail_no_api_shows_is_told(org: Org):
    org.sandbox.db.execute('DELETE FROM "Task"')
    assert "Einstein Activity Capture" in amiss(org.connect())["Emails"].advice


def test_a_field_of_ours_that_may_not_be_edited_is_told(org: Org):
    org.connect().create_fields([STRENGTH])
    org.sandbox.db.execute('UPDATE "FieldPermissions" SET "PermissionsEdit" = 0')
    found = amiss(org.connect())["contact, writing"]
    assert "Tieline_Strength__c" in found.told


def test_an_org_without_composite_calls_takes_more_calls(org: Org):
    org.sandbox.faults.append(Fault("composite$", 403, b"[]"))
    assert "8 calls" in amiss(org.connect())["Composite calls"].told


def test_too_few_calls_for_a_day_are_told(org: Org):
    levers.allow_calls(org.sandbox, 300)
    assert "576" in amiss(org.connect())["Daily calls"].told


def test_what_cannot_be_looked_at_is_a_finding_and_no_end(org: Org):
    org.sandbox.faults.append(Fault("recordCount", 500, b"[]", times=9))
    found = amiss(org.connect())
    assert found["Visible records"].verdict is Verdict.WARNING
    assert "Daily calls" not in found
