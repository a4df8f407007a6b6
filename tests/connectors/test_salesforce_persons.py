"""A person account is one contact and no organisation, and is written where it may be."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors import (
    START,
    Account,
    Channel,
    Connector,
    ExternalId,
    Field,
    FieldsRefused,
    FieldType,
    FieldUpdate,
    Person,
    Stream,
    Target,
)
from connectors.salesforce import STREAMS
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    CLARA,
    DAVID,
    Org,
    Server,
    activity,
    open_org,
    people,
    pull,
    pull_all,
)

STRENGTH = Field(Target.CONTACT, "strength", "Strength", FieldType.NUMBER, "0 to 100.", 3)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.put([*people(), activity("call", Channel.CALL, ANNE, CLARA)])
        yield opened


def ready(org: Org) -> Connector:
    """Make a contact a person account, and give a connector whose field exists."""
    levers.make_person(org.sandbox, org.ids[CLARA])
    connector = org.connect()
    connector.create_fields([STRENGTH])
    org.sandbox.calls.clear()
    return connector


def strength(record_id: ExternalId) -> FieldUpdate:
    return FieldUpdate(Target.CONTACT, record_id, {"Tieline_Strength__c": 71})


def test_a_person_account_is_read_as_a_contact_and_not_as_an_organisation(org: Org):
    levers.make_person(org.sandbox, org.ids[CLARA])
    records, _ = pull_all(org.connect(), dict.fromkeys(STREAMS, START))
    held = {record.id: record for record in records}
    accounts = [one for one in held.values() if isinstance(one, Account) and not one.is_deleted]
    clara = held[org.ids[CLARA]]
    assert [account.id for account in accounts] == [org.ids[ACME]]
    assert isinstance(clara, Person)
    assert (clara.name, clara.addresses) == ("Clara Stone", ("clara@acme.com",))


def test_an_org_that_gets_person_accounts_later_takes_their_organisations_back(org: Org):
    _, bookmark = pull(org.connect(), Stream.ACCOUNTS)
    account = levers.make_person(org.sandbox, org.ids[CLARA])
    org.sandbox.clock.advance(timedelta(hours=1))
    found, bookmark = pull(org.connect(), Stream.ACCOUNTS, bookmark)
    assert account in {record.id for record in found}
    org.sandbox.clock.advance(timedelta(days=2))
    _, bookmark = pull(org.connect(), Stream.ACCOUNTS, bookmark)
    again, _ = pull(org.connect(), Stream.ACCOUNTS, bookmark)
    held = {record.id: record for record in again}
    assert held[account].is_deleted
    assert not held[org.ids[ACME]].is_deleted


def test_reading_an_org_with_person_accounts_leaves_no_gap(org: Org):
    levers.make_person(org.sandbox, org.ids[CLARA])
    pages = org.connect().read(dict.fromkeys(STREAMS, START))
    assert [gap for page in pages for gap in page.gaps] == []


def test_an_account_that_becomes_a_person_is_taken_back(org: Org):
    levers.make_person(org.sandbox, org.ids[CLARA])
    _, bookmark = pull(org.connect(), Stream.ACCOUNTS)
    org.sandbox.clock.advance(timedelta(hours=1))
    levers.edit(org.sandbox, org.ids[ACME], IsPersonAccount=1)
    found, _ = pull(org.connect(), Stream.ACCOUNTS, bookmark)
    held = {record.id: record for record in found}
    assert held[org.ids[ACME]].is_deleted


def test_a_shadow_contact_is_written_through_its_account(org: Org):
    connector = ready(org)
    clara, david = org.ids[CLARA], org.ids[DAVID]
    batches = list(connector.write([strength(clara), strength(david)]))
    assert [[(r.id, r.ok) for r in batch] for batch in batches] == [
        [(david, True)],
        [(clara, True)],
    ]
    for who in (clara, david):
        held = salesforce_sandbox.custom_values(org.sandbox, Target.CONTACT, who)
        assert held == {"strength": 71}


def test_an_org_without_person_accounts_is_asked_for_them_once_at_most(org: Org):
    connector = org.connect()
    connector.create_fields([STRENGTH])
    org.sandbox.db.execute('UPDATE "FieldPermissions" SET "PermissionsEdit" = 0')
    org.sandbox.calls.clear()
    for _ in range(2):
        with pytest.raises(FieldsRefused):
            list(connector.write([strength(org.ids[CLARA])]))
    assert org.sandbox.count("GET .*/query") == 1
