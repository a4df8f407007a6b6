"""Reading by id: as few calls as Salesforce allows, whatever it shows and however it answers."""

import pytest

from connectors import START, Channel, ExternalId, PermissionMissing, Record, Stream
from connectors.salesforce import by_id
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    Org,
    activity,
    contacts,
    people,
)

FEATURES_LOOKED_UP = 2
"""Calls, once, in an org without person accounts or currencies."""


def read_again(org: Org, stream: Stream, *ids: ExternalId) -> tuple[list[Record], int]:
    """Read with a new connector; gives the records, and the calls without the token."""
    connector = org.connect()
    pages = connector.read_again(stream, ids)
    return [record for page in pages for record in page.records], connector.calls - 1


def test_two_thousand_records_are_one_call(org: Org):
    ids = list(org.fill(contacts(2000)).values())
    found, calls = read_again(org, Stream.CONTACTS, *ids)
    assert ({record.id for record in found}, calls) == (set(ids), 1)


def test_an_org_is_asked_once_what_it_has(org: Org):
    account = org.fill(people())[ExternalId("acme")]
    connector = org.connect()
    costs = []
    for _ in range(2):
        before = connector.calls
        assert len(connector.read_again(Stream.ACCOUNTS, [account])) == 1
        costs.append(connector.calls - before)
    assert costs == [1 + 1 + FEATURES_LOOKED_UP, 1]


def test_an_answer_that_is_cut_short_is_asked_for_the_rest(org: Org):
    calls = [activity(f"m{n}", Channel.CALL, ANNE, CLARA) for n in range(5)]
    ids = org.fill([*people(), *calls])
    levers.shrink_pages(org.sandbox, 2)
    wanted = [ids[call.id] for call in calls]
    found, taken = read_again(org, Stream.TASKS, *wanted)
    assert sorted(record.id for record in found) == sorted(wanted)
    assert taken == 3


def test_a_person_account_is_read_again_as_no_organisation(org: Org):
    ids = org.fill(people())
    own = levers.make_person(org.sandbox, ids[CLARA])
    [account], _ = read_again(org, Stream.ACCOUNTS, own)
    assert getattr(account, "is_deleted", False)


def test_what_is_hidden_is_refused_and_never_gone(org: Org):
    ids = org.fill(people())
    levers.hide(org.sandbox, "Contact")
    with pytest.raises(PermissionMissing):
        read_again(org, Stream.CONTACTS, ids[CLARA])


def test_a_hidden_field_is_read_without(org: Org):
    ids = org.fill(people())
    levers.hide(org.sandbox, "Contact.Title")
    found, _ = read_again(org, Stream.CONTACTS, ids[CLARA])
    assert [record.id for record in found] == [ids[CLARA]]


@pytest.mark.parametrize("number", [4, 5])
def test_what_is_there_is_looked_at_page_by_page(
    org: Org, monkeypatch: pytest.MonkeyPatch, number: int
):
    monkeypatch.setattr(by_id, "IDS_PER_PAGE", 2)
    ids = set(org.fill(contacts(number)).values())
    connector, place, found = org.connect(), START, []
    for is_last in (False, False, True):
        page = connector.present(Stream.CONTACTS, place)
        place, found = page.bookmark, [*found, *page.ids]
        assert page.is_last == is_last
    assert (set(found), len(found)) == (ids, number)
