"""What the org really holds, as neutral records: read from its tables, past its API."""

from collections.abc import Iterator
from typing import Any

from connectors._records import Account, ExternalId, Person, PersonKind, Record
from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox import truth_activities, truth_deals
from connectors.salesforce.sandbox.org import Org
from connectors.salesforce.sandbox.truth_activities import moment

_ACCOUNTS = (
    'SELECT "Id", "Name", "Website", "Industry", "SystemModstamp" FROM "Account" '
    'WHERE NOT "IsDeleted"'
)
_USERS = (
    'SELECT "Id", "Name", "Email", "Title", "Department", NULL, "IsActive", "SystemModstamp" '
    'FROM "User" WHERE "UserType" = \'Standard\''
)
_CONTACTS = (
    'SELECT "Id", "Name", "Email", "Title", "Department", "AccountId", 1, "SystemModstamp" '
    'FROM "Contact" WHERE NOT "IsDeleted"'
)
_LEADS = (
    'SELECT "Id", "Name", "Email", "Title", NULL, NULL, 1, "SystemModstamp" '
    'FROM "Lead" WHERE NOT "IsDeleted" AND NOT "IsConverted"'
)


def records(sandbox: Sandbox) -> Iterator[Record]:
    """Give everything that is not deleted; see `SandboxModule.records`."""
    db = Org(sandbox).db
    yield from map(_account, db.execute(_ACCOUNTS))
    for kind, query in (
        (PersonKind.COLLEAGUE, _USERS),
        (PersonKind.CONTACT, _CONTACTS),
        (PersonKind.LEAD, _LEADS),
    ):
        for row in db.execute(query):
            yield _person(kind, row)
    yield from truth_deals.deals(db)
    yield from truth_activities.tasks(db)
    yield from truth_activities.events(db)


def _account(row: tuple[Any, ...]) -> Account:
    row_id, name, website, industry, modified = row
    domain = website.partition("//")[2].removeprefix("www.") if website else None
    at = moment(modified)
    return Account(ExternalId(row_id), name, domain, modified_at=at, industry=industry)


def _person(kind: PersonKind, row: tuple[Any, ...]) -> Person:
    row_id, name, email, title, department, account_id, is_active, modified = row
    return Person(
        ExternalId(row_id),
        kind,
        name,
        (email,) if email else (),
        title,
        department,
        account_id,
        is_active=bool(is_active),
        modified_at=moment(modified),
    )
