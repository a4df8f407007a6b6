"""An admin is told of everything a connection lacks, and nothing in the portal is changed."""

import json
from datetime import timedelta

import pytest

from connectors import Channel, Finding, Role, Verdict, hubspot
from connectors._sandbox import Fault
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    Portal,
    activity,
    contacts,
    people,
)


def found(portal: Portal, about: str, **changed: str) -> list[Finding]:
    given = hubspot_sandbox.credentials(portal.url).model_copy(update=changed)
    return [one for one in portal.connect(given).examine() if one.about == about]


def verdicts(portal: Portal, about: str, **changed: str) -> set[Verdict]:
    return {one.verdict for one in found(portal, about, **changed)}


def test_a_portal_that_lacks_nothing_is_good(portal: Portal):
    portal.fill(*people())
    findings = list(portal.connect().examine())
    assert {one.verdict for one in findings} == {Verdict.GOOD}
    assert len({one.about for one in findings}) >= 14
    assert not [one for one in findings if one.advice]


def test_examining_changes_nothing(portal: Portal):
    portal.fill(*people(), activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA)))
    before = list(hubspot_sandbox.records(portal.sandbox))
    list(portal.connect().examine())
    asked = {call.path.rpartition("/")[2] for call in portal.sandbox.calls if call.method == "POST"}
    assert asked == {"search", "read", "access-token-info"}
    assert {call.method for call in portal.sandbox.calls} == {"GET", "POST"}
    assert list(hubspot_sandbox.records(portal.sandbox)) == before


def test_a_refused_token_is_the_only_finding(portal: Portal):
    levers.revoke_tokens(portal.sandbox)
    (finding,) = portal.connect().examine()
    assert (finding.about, finding.verdict) == ("Sign-in", Verdict.BAD)
    assert finding.advice.startswith("HubSpot refused the token")


@pytest.mark.parametrize(
    ("scope", "about", "verdict"),
    [
        ("sales-email-read", "Emails", Verdict.WARNING),
        ("crm.objects.deals.read", "Deals", Verdict.WARNING),
        ("crm.objects.companies.read", "Accounts", Verdict.WARNING),
        ("crm.objects.contacts.read", "Contacts", Verdict.BAD),
        ("crm.objects.owners.read", "Colleagues", Verdict.BAD),
        ("crm.objects.contacts.write", "Fields of contacts", Verdict.BAD),
        ("crm.schemas.companies.write", "Fields of companies", Verdict.BAD),
    ],
)
def test_a_scope_that_is_missing_is_named_where_it_is_missed(
    portal: Portal, scope: str, about: str, verdict: Verdict
):
    portal.fill(*people())
    levers.revoke_scope(portal.sandbox, scope)
    (finding,) = [one for one in found(portal, about) if one.verdict is not Verdict.GOOD]
    assert finding.verdict is verdict
    assert scope in finding.told + finding.advice


def test_an_oauth_app_is_told_its_scopes_by_its_token(portal: Portal):
    levers.revoke_scope(portal.sandbox, "crm.objects.contacts.write")
    given = hubspot_sandbox.oauth_credentials(portal.url)
    findings = list(portal.connect(given).examine())
    bad = [one for one in findings if one.verdict is Verdict.BAD]
    assert [one.about for one in bad] == ["Colleagues", "Fields of contacts"]
    assert portal.sandbox.count("access-token-info") == 0


def test_a_token_whose_scopes_hubspot_does_not_tell_is_a_warning(portal: Portal):
    portal.sandbox.faults.append(Fault("access-token-info", 404, times=9))
    assert verdicts(portal, "Fields of contacts") == {Verdict.WARNING}


def test_a_portal_without_owners_has_nobody_to_score(portal: Portal):
    assert verdicts(portal, "Colleagues") == {Verdict.BAD}


def test_a_search_that_is_empty_beside_a_full_list_is_bad(portal: Portal):
    portal.fill(*people())
    portal.sandbox.faults.append(Fault("0-1/search", 200, b'{"total":0,"results":[]}'))
    told = [one.told for one in found(portal, "Contacts") if one.verdict is Verdict.BAD]
    assert "list shows records" in told[0]


def test_a_search_that_gives_ids_in_no_order_is_bad(portal: Portal):
    portal.fill(*people())
    rows = [{"id": "9", "properties": {}}, {"id": "8", "properties": {}}]
    body = json.dumps({"total": 2, "results": rows}).encode()
    portal.sandbox.faults.append(Fault("0-1/search", 200, body))
    assert Verdict.BAD in verdicts(portal, "Contacts")


def test_a_search_that_does_not_find_what_changed_is_bad(portal: Portal):
    portal.fill(*people())
    nothing = b'{"total":0,"results":[]}'
    portal.sandbox.faults.append(Fault("0-1/search", 200, nothing, skip=2))
    told = [one.told for one in found(portal, "Contacts") if one.verdict is Verdict.BAD]
    assert "by when it was changed" in told[0]


@pytest.mark.parametrize(
    "answer",
    [
        (207, b'{"results":[],"numErrors":1,"errors":[{"category":"STRANGE"}]}'),
        (200, b'{"status":"COMPLETE","results":[]}'),
        (403, b'{"category":"MISSING_SCOPES"}'),
    ],
)
def test_records_that_cannot_be_read_by_id_are_a_warning(portal: Portal, answer: tuple[int, bytes]):
    portal.fill(*people())
    portal.sandbox.faults.append(Fault("0-1/batch/read", *answer, times=2))
    told = [one.told for one in found(portal, "Contacts") if one.verdict is Verdict.WARNING]
    assert "by id" in told[0]


def test_an_id_that_was_merged_away_and_is_refused_is_a_warning(portal: Portal):
    ids = portal.fill(*people())
    levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    strange = b'{"results":[],"numErrors":1,"errors":[{"category":"STRANGE"}]}'
    portal.sandbox.faults.append(Fault("0-1/batch/read", 207, strange, skip=2))
    assert verdicts(portal, "Merges") == {Verdict.GOOD, Verdict.WARNING}


def test_a_portal_without_room_for_our_properties_is_told(portal: Portal):
    limits = b'{"byObjectType":[{"objectTypeId":"0-1","limit":10,"usage":7}],"overallLimit":99}'
    portal.sandbox.faults.append(Fault("custom-properties", 200, limits, times=9))
    assert "takes 3 more" in found(portal, "Fields of contacts")[0].told
    assert verdicts(portal, "Fields of deals") == {Verdict.GOOD}


def test_a_hidden_property_is_named(portal: Portal):
    portal.fill(*people())
    levers.archive_property(portal.sandbox, "0-1", "jobtitle")
    told = [one.told for one in found(portal, "Contacts") if one.verdict is Verdict.WARNING]
    assert "jobtitle" in told[0]


def test_merges_that_the_search_shows_are_good_news(portal: Portal):
    ids = portal.fill(*people())
    levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    assert verdicts(portal, "Merges") == {Verdict.GOOD}


def test_merges_that_the_search_hides_are_a_warning(portal: Portal):
    portal.fill(*contacts(3))
    hidden = json.dumps({"total": 1, "results": [{"id": "9", "properties": {"email": "x"}}]})
    portal.sandbox.faults.append(Fault("0-1/search", 200, hidden.encode(), skip=3))
    assert verdicts(portal, "Merges") == {Verdict.WARNING}


def test_a_clock_that_is_wrong_is_told(portal: Portal):
    portal.sandbox.clock.advance(timedelta(minutes=15))
    assert verdicts(portal, "Clock") == {Verdict.WARNING}


@pytest.mark.parametrize(
    ("version", "year", "verdict"),
    [
        ("2026-03", 2026, Verdict.GOOD),
        ("2026-03", 2027, Verdict.WARNING),
        ("2026-09", 2027, Verdict.GOOD),
        ("v3", 2026, Verdict.GOOD),
        ("v3", 2027, Verdict.WARNING),
    ],
)
def test_a_version_that_ends_soon_is_told(
    portal: Portal, version: str, year: int, verdict: Verdict
):
    now = portal.sandbox.clock.now()
    portal.sandbox.clock.set(now.replace(year=year, month=6, day=15))
    assert verdicts(portal, "API version", api_version=version) == {verdict}


def test_calls_that_do_not_last_the_day_are_a_warning(portal: Portal):
    portal.fill(*people())
    levers.turn(portal.sandbox, "daily_limit", 1000)
    assert verdicts(portal, "Daily calls") == {Verdict.WARNING}


def test_a_portal_that_stops_answering_ends_the_examination(portal: Portal):
    portal.sandbox.faults.append(Fault("/search", 503, times=1000))
    findings = list(portal.connect().examine())
    assert (findings[-1].about, findings[-1].verdict) == ("Accounts", Verdict.BAD)


def test_a_field_of_ours_that_became_read_only_is_named(portal: Portal):
    locked = {"name": "tieline_strength", "modificationMetadata": {"readOnlyValue": True}}
    body = json.dumps({"results": [locked]}).encode()
    portal.sandbox.faults.append(Fault("properties/2026-03/0-1$", 200, body, skip=1))
    told = [one.told for one in found(portal, "Fields of contacts")]
    assert "tieline_strength" in told[0]


def test_every_sentence_ends_and_tells_no_secret(portal: Portal):
    for scope in facts.ALL_SCOPES - {"oauth"}:
        levers.revoke_scope(portal.sandbox, scope)
    findings = list(portal.connect().examine())
    assert all(one.told.endswith(".") for one in findings)
    assert all(one.advice.endswith(".") for one in findings if one.verdict is not Verdict.GOOD)
    token = hubspot_sandbox.credentials(portal.url).model_dump()["access_token"]
    assert token.get_secret_value() not in str(findings)
    assert hubspot.TITLE in str(findings)
