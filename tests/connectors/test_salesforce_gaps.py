"""What Salesforce does not show us is left out and named; once it is shown, it is read again."""

from collections.abc import Iterator

import pytest

from connectors import (
    START,
    Activity,
    Bookmark,
    Channel,
    Connector,
    Gap,
    Page,
    PermissionMissing,
    Person,
    Stream,
)
from connectors._sandbox import Fault
from connectors.salesforce import STREAMS
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    Org,
    Server,
    activity,
    one,
    open_org,
    people,
    pull_all,
)

EMAIL = activity("mail", Channel.EMAIL, ANNE, CLARA, DAVID)
OPTIONAL = {
    Stream.ACCOUNTS: "Account",
    Stream.LEADS: "Lead",
    Stream.DEALS: "Opportunity",
    Stream.EMAILS: "EmailMessage",
    Stream.MEETINGS: "Event",
    Stream.TASKS: "Task",
}


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.fill([*people(), EMAIL])
        yield opened


def first_pages(connector: Connector) -> dict[Stream, Page]:
    return {page.stream: page for page in connector.read(dict.fromkeys(STREAMS, START))}


def every_gap(connector: Connector) -> list[str]:
    return [gap.what for page in first_pages(connector).values() for gap in page.gaps]


def test_an_org_that_shows_everything_has_no_gaps(org: Org):
    assert every_gap(org.connect()) == []


def test_a_hidden_field_is_left_out_and_named(org: Org):
    levers.hide(org.sandbox, "Contact.Title")
    page = first_pages(org.connect())[Stream.CONTACTS]
    reason = "Salesforce does not show us the field Contact.Title: give the integration user "
    reason += "read access to it in a permission set."
    assert page.gaps == (Gap("Contact.Title", reason),)
    assert len(page.records) == 2


@pytest.mark.parametrize("stream", OPTIONAL)
def test_an_object_that_is_hidden_is_a_whole_gap_and_the_others_go_on(org: Org, stream: Stream):
    levers.hide(org.sandbox, OPTIONAL[stream])
    pages = first_pages(org.connect())
    (gap,) = pages[stream].gaps
    assert (gap.what, gap.is_whole) == (OPTIONAL[stream], True)
    assert (pages[stream].bookmark, pages[stream].is_last) == (START, True)
    assert len(pages[Stream.CONTACTS].records) == 2


@pytest.mark.parametrize("name", ["Id", "SystemModstamp"])
def test_a_stream_without_what_its_pages_are_made_of_is_a_whole_gap(org: Org, name: str):
    levers.hide(org.sandbox, f"Lead.{name}")
    (gap,) = first_pages(org.connect())[Stream.LEADS].gaps
    assert (gap.what, gap.is_whole) == (f"Lead.{name}", True)


@pytest.mark.parametrize("name", ["Contact", "User", "Contact.SystemModstamp"])
def test_without_contacts_or_colleagues_nothing_is_read(org: Org, name: str):
    levers.hide(org.sandbox, name)
    with pytest.raises(PermissionMissing, match=f"{name}: give the integration user read access"):
        first_pages(org.connect())


def test_a_hidden_field_of_a_relation_is_left_out_and_named(org: Org):
    levers.hide(org.sandbox, "EventRelation.Status")
    assert every_gap(org.connect()) == ["EventRelation.Status"]


@pytest.mark.parametrize("name", ["Event.IsPrivate", "Event.GroupEventType", "Task.Type"])
def test_a_condition_on_a_hidden_field_is_not_made(org: Org, name: str):
    levers.hide(org.sandbox, name)
    assert every_gap(org.connect()) == [name]


def test_an_org_without_shared_activities_gives_one_person_per_task_and_no_gap(org: Org):
    levers.hide(org.sandbox, "TaskRelation")
    connector = org.connect()
    found = one(connector, Stream.TASKS)
    assert isinstance(found, Activity)
    assert len(found.participants) == 2
    assert every_gap(connector) == []


def test_finding_out_costs_two_calls_for_all_streams_and_is_remembered(org: Org):
    for name in ("Contact.Title", "Account.Website", "Lead.Title", "EventRelation.Status"):
        levers.hide(org.sandbox, name)
    connector = org.connect()
    assert len(every_gap(connector)) == 4
    assert connector.calls == 1 + 2 + 2
    assert len(every_gap(connector)) == 4
    assert connector.calls == 1 + 2 + 2 + 2


def test_what_an_org_has_not_is_remembered_in_the_bookmark(org: Org):
    levers.hide(org.sandbox, "TaskRelation")
    _, bookmarks = pull_all(org.connect(), dict.fromkeys(STREAMS, START))
    connector = org.connect()
    pull_all(connector, bookmarks)
    assert connector.calls == 1 + 2


def read_titles(org: Org, bookmark: Bookmark) -> tuple[set[str | None], Bookmark]:
    records, bookmarks = pull_all(org.connect(), {Stream.CONTACTS: bookmark})
    titles = {record.title for record in records if isinstance(record, Person)}
    return titles, bookmarks[Stream.CONTACTS]


def test_what_is_shown_again_is_read_from_the_beginning(org: Org):
    org.sandbox.db.execute('UPDATE "Contact" SET "Title" = ?', ("CFO",))
    levers.hide(org.sandbox, "Contact.Title")
    titles, bookmark = read_titles(org, START)
    assert titles == {None}
    levers.reveal(org.sandbox, "Contact.Title")
    titles, bookmark = read_titles(org, bookmark)
    assert titles == {"CFO"}
    assert read_titles(org, bookmark)[0] == set()


def test_a_field_that_is_lost_in_the_middle_is_left_out_from_there_on(org: Org):
    connector = org.connect()
    _, bookmarks = pull_all(connector, dict.fromkeys(STREAMS, START))
    levers.hide(org.sandbox, "Contact.Title")
    pages = connector.read(bookmarks)
    assert [gap.what for page in pages for gap in page.gaps] == ["Contact.Title"]


def test_one_refused_part_of_a_call_degrades_its_stream_alone(org: Org):
    refused = '{"body":[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}],"httpHeaders":{},'
    refused += '"httpStatusCode":403,"referenceId":"part1"}'
    good = '{"body":{"totalSize":0,"done":true,"records":[]},"httpHeaders":{},'
    good += '"httpStatusCode":200,"referenceId":"part0"}'
    body = f'{{"compositeResponse":[{good},{refused}]}}'.encode()
    org.sandbox.faults.append(Fault("composite$", 200, body))
    contacts, leads = org.connect().read({Stream.CONTACTS: START, Stream.LEADS: START})
    assert contacts.gaps == ()
    assert [(gap.what, gap.is_whole) for gap in leads.gaps] == [("Lead", True)]


def test_a_mail_whose_task_is_not_shown_is_read_all_the_same(org: Org):
    levers.hide(org.sandbox, "EmailMessage.ActivityId")
    assert every_gap(org.connect()) == ["EmailMessage.ActivityId"]


def test_ids_of_a_hidden_object_are_refused_and_never_none(org: Org):
    levers.hide(org.sandbox, "Lead")
    with pytest.raises(PermissionMissing):
        org.connect().present(Stream.LEADS, START)
