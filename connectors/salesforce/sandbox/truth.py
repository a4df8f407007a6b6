"""What the org really holds, as neutral records: read from its tables, past its API."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors._records import (
    Account,
    Activity,
    Channel,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
)
from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox.org import USER_ID, Org

_SIDES = {
    "Outbound": (Role.FROM, Role.TO),
    "Inbound": (Role.TO, Role.FROM),
    None: (Role.PARTY, Role.PARTY),
}
"""The roles of a call's owner and of the others, by its `CallType`."""

_ACCOUNTS = 'SELECT "Id", "Name", "Website", "SystemModstamp" FROM "Account" WHERE NOT "IsDeleted"'
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
_TASKS = (
    'SELECT "Id", "TaskSubtype", "OwnerId", coalesce("CompletedDateTime", "ActivityDate"), '
    '"CallDurationInSeconds", "CallType", "IsClosed", "SystemModstamp", '
    '(SELECT group_concat("RelationId") FROM "TaskRelation" WHERE "TaskId" = "Task"."Id" '
    'AND NOT "IsWhat") '
    'FROM "Task" WHERE NOT "IsDeleted" AND "TaskSubtype" IN (\'Email\', \'Call\')'
)
_EVENTS = (
    'SELECT "Id", "OwnerId", "StartDateTime", "DurationInMinutes", "SystemModstamp", '
    '(SELECT group_concat("RelationId") FROM "EventRelation" WHERE "EventId" = "Event"."Id" '
    'AND NOT "IsWhat"), '
    '(SELECT min("Status" = \'Declined\') FROM "EventRelation" WHERE "EventId" = "Event"."Id") '
    'FROM "Event" WHERE NOT "IsDeleted" AND NOT "IsChild"'
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
    yield from map(_task, db.execute(_TASKS))
    yield from map(_event, db.execute(_EVENTS))


def _account(row: tuple[Any, ...]) -> Account:
    row_id, name, website, modified = row
    domain = website.partition("//")[2].removeprefix("www.") if website else None
    return Account(ExternalId(row_id), name, domain, modified_at=_moment(modified))


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
        modified_at=_moment(modified),
    )


def _task(row: tuple[Any, ...]) -> Activity:
    row_id, subtype, owner, at, duration_s, call_type, is_closed, modified, whos = row
    ours, theirs = _SIDES[call_type]
    return Activity(
        ExternalId(row_id),
        Channel(subtype.lower()),
        _moment(at),
        people := _people(owner, ours, whos, theirs),
        recipients=max(1, len(people) - 1),
        duration_s=float(duration_s or 0),
        happened=bool(is_closed),
        modified_at=_moment(modified),
    )


def _event(row: tuple[Any, ...]) -> Activity:
    row_id, owner, at, minutes, modified, others, is_declined = row
    return Activity(
        ExternalId(row_id),
        Channel.MEETING,
        _moment(at),
        people := _people(owner, Role.PARTY, others, Role.PARTY),
        recipients=max(1, len(people) - 1),
        duration_s=float(minutes or 0) * 60,
        happened=not is_declined,
        modified_at=_moment(modified),
    )


def _people(owner: str, ours: Role, others: str | None, theirs: Role) -> tuple[Participant, ...]:
    """Give the owner, unless it is the integration user, and the others, each once."""
    named = sorted(set(filter(None, (others or "").split(","))) - {owner})
    own = [] if owner == USER_ID else [Participant(ours, ExternalId(owner))]
    return (*own, *(Participant(theirs, ExternalId(other)) for other in named))


def _moment(text: str) -> datetime:
    """Read a stamp, or a date, which begins at midnight UTC."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+0000")
