"""What a portal does not show us is named, and reading goes on without it."""

import json

import pytest

from connectors import (
    START,
    Activity,
    Channel,
    Deal,
    ExternalId,
    PermissionMissing,
    Role,
    Stream,
    Unavailable,
    hubspot,
)
from connectors._sandbox import Fault
from connectors.hubspot.deals import Stages
from connectors.hubspot.places import Cursor
from connectors.hubspot.reading import question
from connectors.hubspot.sandbox import levers
from connectors.hubspot.streams import source_of
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    THEN,
    Portal,
    activity,
    contacts,
    people,
    pull,
)

SEARCHES = r"POST .*/search"
EMAILS = (Stream.EMAILS,)


def mails(number: int) -> list[Activity]:
    return [
        activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"m{n}")
        for n in range(number)
    ]


def test_without_the_email_scope_everything_else_is_read(portal: Portal):
    portal.fill(*people(), *mails(1))
    levers.revoke_scope(portal.sandbox, "sales-email-read")
    pages = portal.connect().read(dict.fromkeys(hubspot.STREAMS, START))
    (email,) = (page for page in pages if page.stream is Stream.EMAILS)
    (gap,) = email.gaps
    assert (gap.what, gap.is_whole) == ("sales-email-read", True)
    assert gap.reason.startswith("Email is unavailable")
    assert (email.records, email.bookmark, email.is_last) == ((), START, True)
    assert sum(len(page.records) for page in pages) == len(people())


def test_a_scope_that_comes_back_is_used_by_the_next_connector(portal: Portal):
    portal.fill(*people(), *mails(1))
    mark = pull(portal.connect(), EMAILS).marks
    levers.revoke_scope(portal.sandbox, "sales-email-read")
    lost = pull(portal.connect(), EMAILS, mark)
    levers.grant(portal.sandbox, "pat-na1-new", ["crm.objects.contacts.read", "sales-email-read"])
    portal.fill(*people(), *(_now(portal, mail) for mail in mails(2)))
    given = hubspot.Credentials.model_validate(
        {"access_token": "pat-na1-new", "base_url": portal.url}
    )
    assert lost.marks == mark
    assert len(pull(portal.connect(given), EMAILS, lost.marks).records) == 2


def _now(portal: Portal, mail: Activity) -> Activity:
    return Activity(
        ExternalId(f"new {mail.id}"),
        mail.channel,
        THEN,
        mail.participants,
        modified_at=portal.sandbox.clock.now(),
    )


@pytest.mark.parametrize("stream", [Stream.ACCOUNTS, Stream.DEALS])
def test_an_optional_stream_that_is_refused_is_a_gap(portal: Portal, stream: Stream):
    for name in ("companies", "deals"):
        levers.revoke_scope(portal.sandbox, f"crm.objects.{name}.read")
    (page,) = portal.connect().read({stream: START})
    assert [gap.is_whole for gap in page.gaps] == [True]
    assert page.gaps[0].what in page.gaps[0].reason


def test_an_optional_stream_that_hubspot_does_not_understand_does_not_stop_the_others(
    portal: Portal,
):
    portal.fill(*people())
    refusal = b'{"status":"error","category":"VALIDATION_ERROR","message":"no such option"}'
    portal.sandbox.faults.append(Fault("0-27/search", 400, refusal))
    pages = portal.connect().read(dict.fromkeys(hubspot.STREAMS, START))
    assert [page.stream for page in pages if page.gaps] == [Stream.TASKS]
    assert "VALIDATION_ERROR" in pages[-1].gaps[0].reason


@pytest.mark.parametrize(
    ("stream", "scope"),
    [
        (Stream.COLLEAGUES, "crm.objects.owners.read"),
        (Stream.CONTACTS, "crm.objects.contacts.read"),
    ],
)
def test_without_colleagues_or_contacts_nothing_is_read(portal: Portal, stream: Stream, scope: str):
    levers.revoke_scope(portal.sandbox, scope)
    with pytest.raises(PermissionMissing, match=scope):
        portal.connect().read({stream: START})


def test_deals_are_read_without_companies_if_these_are_refused(portal: Portal):
    deal = Deal(ExternalId("big"), "Big", "Contract Sent", account_id=None, modified_at=THEN)
    portal.fill(*people(), deal)
    refusal = {"errors": [{"context": {"requiredGranularScopes": ["crm.objects.companies.read"]}}]}
    portal.sandbox.faults.append(Fault("/0-3/0-2/", 403, json.dumps(refusal).encode()))
    (page,) = portal.connect().read({Stream.DEALS: START})
    assert [(gap.what, gap.is_whole) for gap in page.gaps] == [
        ("crm.objects.companies.read", False)
    ]
    assert len(page.records) == 1


def test_a_property_that_is_hidden_is_named_and_the_rest_is_read(portal: Portal):
    portal.fill(*contacts(3))
    levers.archive_property(portal.sandbox, "0-1", "jobtitle")
    (page,) = portal.connect().read({Stream.CONTACTS: START})
    assert [gap.what for gap in page.gaps] == ["0-1.jobtitle"]
    assert len(page.records) == 3


def test_properties_that_are_empty_are_no_gap(portal: Portal):
    portal.fill(*people(), *mails(1))
    pages = portal.connect().read(dict.fromkeys(hubspot.STREAMS, START))
    assert [gap for page in pages for gap in page.gaps] == []


def test_emails_whose_addresses_are_hidden_are_noticed(portal: Portal):
    ids = portal.fill(*people(), *mails(3))
    for mail in mails(3):
        blank = {f"hs_email_{box}_email": "" for box in ("from", "to", "cc", "bcc")}
        levers.touch(portal.sandbox, ids[mail.id], **blank)
    (page,) = portal.connect().read({Stream.EMAILS: START})
    assert "sales-email-read" in page.gaps[0].reason
    assert len(page.records) == 3


def test_a_search_that_finds_nothing_where_the_list_does_is_not_believed(portal: Portal):
    portal.fill(*contacts(3))
    portal.sandbox.faults.append(Fault(SEARCHES, 200, b'{"total":0,"results":[]}'))
    with pytest.raises(Unavailable, match="finds nothing"):
        portal.connect().read({Stream.CONTACTS: START})


def test_what_is_there_is_not_said_to_be_nothing_because_the_search_is_empty(portal: Portal):
    portal.fill(*contacts(3))
    portal.sandbox.faults.append(Fault(SEARCHES, 200, b'{"total":0,"results":[]}'))
    with pytest.raises(Unavailable, match="finds nothing"):
        portal.connect().present(Stream.CONTACTS, START)


def test_an_empty_portal_is_believed(portal: Portal):
    connector = portal.connect()
    assert connector.present(Stream.CONTACTS, START).is_last
    assert pull(connector, (Stream.CONTACTS,)).records == []


def test_presence_names_what_is_there_and_not_what_is_gone(portal: Portal):
    ids = list(portal.fill(*contacts(450)).values())
    levers.archive(portal.sandbox, ids[3])
    levers.erase(portal.sandbox, ids[300])
    connector, mark, found = portal.connect(), START, []
    for _ in range(3):
        there = connector.present(Stream.CONTACTS, mark)
        found, mark = [*found, *there.ids], there.bookmark
    assert there.is_last
    assert found == [one for one in ids if one not in {ids[3], ids[300]}]
    assert portal.sandbox.count(SEARCHES) == 3


BROKEN = {
    "no times": {"hs_timestamp": "soon"},
    "1970": {"hs_timestamp": "1970-01-01T00:00:00Z"},
    "9999": {"hs_timestamp": "9999-12-31T00:00:00Z"},
    "0001": {"hs_timestamp": "0001-01-01T00:00:00Z"},
    "an array": {"hs_timestamp": ["2026-01-01T00:00:00Z"]},
    "a number that is none": {"hs_timestamp": "2026-01-01T00:00:00Z", "hs_call_duration": "N/A"},
    "no properties": None,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_malformed_row_is_set_aside_and_the_pull_goes_on(portal: Portal, name: str):
    good = {"id": "8", "properties": {"hs_timestamp": "2026-01-01T00:00:00Z"}}
    rows = [{"id": "7", "properties": BROKEN[name]}, good]
    body = json.dumps({"total": 2, "results": rows}).encode()
    portal.sandbox.faults.append(Fault(SEARCHES, 200, body))
    (page,) = portal.connect().read({Stream.CALLS: START})
    assert [m.id for m in page.malformed] == ["0-48:7"]
    assert [r.id for r in page.records] == ["0-48:8"]
    assert page.is_last
    assert page.malformed[0].reason.endswith(".")


@pytest.mark.parametrize("row", ["text", None, [], {"id": None}, {"id": "-1"}, {"id": "9" * 30}])
def test_a_row_that_is_none_is_set_aside(portal: Portal, row: object):
    body = json.dumps({"total": 1, "results": [row]}).encode()
    portal.sandbox.faults.append(Fault(SEARCHES, 200, body))
    (page,) = portal.connect().read({Stream.CONTACTS: START})
    assert [m.id for m in page.malformed] == [None]


@pytest.mark.parametrize("since", [None, 0, -3_600_000])
def test_hubspot_is_never_asked_about_1970(since: int | None):
    asked = question(source_of(Stream.CALLS, Stages()), Cursor(since))
    assert [one["propertyName"] for one in asked["filterGroups"][0]["filters"]] == ["hs_object_id"]
