"""Salesforce's rows made into Tieline's records, and back; pure.

A row that cannot be read raises `columns.Unreadable` with a reason that tells no value.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors._records import (
    Account,
    Activity,
    Channel,
    ExternalId,
    FieldUpdate,
    FieldValue,
    Participant,
    Person,
    PersonKind,
    Role,
    Target,
)
from connectors.salesforce.columns import Unreadable, day, flag, instant, number, reference, text

SOBJECTS = {Target.CONTACT: "Contact", Target.LEAD: "Lead", Target.ACCOUNT: "Account"}

_PREFIX, _SUFFIX = "Tieline_", "__c"
_USER, _CONTACT, _LEAD = "005", "003", "00Q"


def to_colleague(raw: dict[str, Any]) -> Person:
    """Read a User."""
    return Person(
        **_person(raw),
        kind=PersonKind.COLLEAGUE,
        department=text(raw, "Department"),
        is_active=flag(raw, "IsActive"),
    )


def to_contact(raw: dict[str, Any]) -> Person:
    """Read a Contact, deleted and merged ones too."""
    master = reference(raw, "MasterRecordId")
    return Person(
        **_person(raw),
        kind=PersonKind.CONTACT,
        department=text(raw, "Department"),
        account_id=reference(raw, "AccountId"),
        is_deleted=flag(raw, "IsDeleted") or master is not None,
        merged_into=master,
    )


def to_lead(raw: dict[str, Any]) -> Person:
    """Read a Lead; a converted one lives on as its contact."""
    heir = reference(raw, "MasterRecordId") or reference(raw, "ConvertedContactId")
    is_gone = flag(raw, "IsDeleted") or flag(raw, "IsConverted")
    return Person(
        **_person(raw),
        kind=PersonKind.LEAD,
        is_deleted=is_gone or heir is not None,
        merged_into=heir,
    )


def to_account(raw: dict[str, Any]) -> Account:
    """Read an Account; its domain is that of its web site."""
    master = reference(raw, "MasterRecordId")
    return Account(
        id=row_id(raw),
        name=text(raw, "Name") or "",
        domain=_domain(text(raw, "Website")),
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted") or master is not None,
        merged_into=master,
    )


def to_email(raw: dict[str, Any]) -> Activity:
    """Read a Task that logs an email: who took part is known, who wrote is not."""
    owner, others = _task_people(raw)
    return Activity(
        id=row_id(raw),
        channel=Channel.EMAIL,
        at=_task_time(raw),
        participants=_parties([*owner, *others], Role.PARTY),
        recipients=max(1, len(others)),
        happened=flag(raw, "IsClosed"),
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted"),
    )


def to_call(raw: dict[str, Any]) -> Activity:
    """Read a Task that logs a call; its ``CallType``, where it has one, tells who rang."""
    owner, others = _task_people(raw)
    ours, theirs = _call_roles(text(raw, "CallType"))
    group = len(owner) + len(others)
    return Activity(
        id=row_id(raw),
        channel=Channel.CALL,
        at=_task_time(raw),
        participants=_parties(owner, ours) + _parties(others, theirs),
        recipients=max(1, group - 1),
        duration_s=number(raw, "CallDurationInSeconds"),
        happened=flag(raw, "IsClosed"),
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted"),
    )


def to_meeting(raw: dict[str, Any]) -> Activity:
    """Read an Event: its owner, and whoever was asked and did not decline.

    Where everybody declined, it did not happen.
    """
    links = [(reference(row, "RelationId"), text(row, "Status")) for row in _rows(raw)]
    declined = {person for person, status in links if status == "Declined"}
    asked = _people([reference(raw, "WhoId"), *(person for person, _ in links)])
    owner = _people([reference(raw, "OwnerId")])
    coming = [person for person in asked if person not in declined]
    people = list(dict.fromkeys([*owner, *coming]))
    return Activity(
        id=row_id(raw),
        channel=Channel.MEETING,
        at=_meeting_time(raw),
        participants=_parties(people, Role.PARTY),
        recipients=max(1, len(people) - 1),
        duration_s=_meeting_length_s(raw),
        happened=bool(coming) or not asked,
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted"),
    )


def from_update(update: FieldUpdate) -> dict[str, object]:
    """Give the record of a collections call."""
    values = {vendor_name(name): _wire(value) for name, value in update.values.items()}
    return {"attributes": {"type": SOBJECTS[update.target]}, "id": update.id, **values}


def vendor_name(name: str) -> str:
    """Give a custom field's API name: ``best_colleague`` is ``Tieline_Best_Colleague__c``."""
    camel = "_".join(part.capitalize() for part in name.split("_"))
    return f"{_PREFIX}{camel}{_SUFFIX}"


def from_vendor_name(name: str) -> str:
    """Undo `vendor_name`."""
    return name.removeprefix(_PREFIX).removesuffix(_SUFFIX).lower()


def row_id(raw: dict[str, Any]) -> ExternalId:
    """Give a row's id.

    Raises:
        Unreadable: If it has none.
    """
    found = reference(raw, "Id")
    if found is None:
        raise Unreadable("Id is missing.")
    return found


def modified_at(raw: dict[str, Any]) -> datetime:
    """Give a row's SystemModstamp.

    Raises:
        Unreadable: If it has none.
    """
    found = instant(raw, "SystemModstamp")
    if found is None:
        raise Unreadable("SystemModstamp is missing.")
    return found


def _person(raw: dict[str, Any]) -> dict[str, Any]:
    email = text(raw, "Email")
    return {
        "id": row_id(raw),
        "name": text(raw, "Name") or "",
        "addresses": (email.strip().lower(),) if email and "@" in email else (),
        "title": text(raw, "Title"),
        "modified_at": modified_at(raw),
    }


def _task_people(raw: dict[str, Any]) -> tuple[list[ExternalId], list[ExternalId]]:
    """Give the owner, where that is a person, and everybody else."""
    links = (reference(row, "RelationId") for row in _rows(raw))
    whos = _people([reference(raw, "WhoId"), *links])
    owner = _people([reference(raw, "OwnerId")])
    return owner, [who for who in whos if who not in owner]


def _people(references: Iterable[ExternalId | None]) -> list[ExternalId]:
    """Keep users, contacts and leads, each once; a queue, a calendar or an account is nobody."""
    known = (ref for ref in references if ref and ref.startswith((_USER, _CONTACT, _LEAD)))
    return list(dict.fromkeys(known))


def _parties(people: Iterable[ExternalId], role: Role) -> tuple[Participant, ...]:
    return tuple(Participant(role, person_id=person) for person in people)


def _call_roles(kind: str | None) -> tuple[Role, Role]:
    match kind:
        case "Outbound":
            return Role.FROM, Role.TO
        case "Inbound":
            return Role.TO, Role.FROM
    return Role.PARTY, Role.PARTY


def _task_time(raw: dict[str, Any]) -> datetime:
    at = instant(raw, "CompletedDateTime") or day(raw, "ActivityDate")
    return at or instant(raw, "CreatedDate") or modified_at(raw)


def _meeting_time(raw: dict[str, Any]) -> datetime:
    at = instant(raw, "StartDateTime") or day(raw, "ActivityDate")
    if at is None:
        raise Unreadable("StartDateTime is missing.")
    return at


def _meeting_length_s(raw: dict[str, Any]) -> float:
    start, end = instant(raw, "StartDateTime"), instant(raw, "EndDateTime")
    if start is None or end is None or flag(raw, "IsAllDayEvent"):
        return 0.0
    return max(0.0, (end - start).total_seconds())


def _rows(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the sub-rows of a relation, of whichever there is."""
    nested = raw.get("TaskRelations") or raw.get("EventRelations")
    if nested is None:
        return []
    rows = nested.get("records") if isinstance(nested, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable("The relations are not a list of rows.")
    return rows


def _domain(site: str | None) -> str | None:
    if site is None:
        return None
    try:
        host = urlsplit(site if "//" in site else f"//{site}").hostname or ""
    except ValueError:
        return None
    domain = host.strip().lower().removeprefix("www.")
    return domain if "." in domain else None


def _wire(value: FieldValue) -> object:
    return value if value is None or isinstance(value, str | int) else value.isoformat()
