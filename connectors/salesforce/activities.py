"""Emails, meetings, calls and messages made of EmailMessages, Events and Tasks; pure.

A mail that Salesforce holds as an EmailMessage has a task that stands for it in the lists of
activities: the EmailMessage supersedes it. Every other mail, call or message is a task alone, as
people and tools log it; what kind it is tells its subtype, else its type.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.salesforce.columns import Unreadable, day, flag, instant, number, reference, text
from connectors.salesforce.mapping import modified_at, row_id

SUBTYPES = {
    "Email": Channel.EMAIL,
    "ListEmail": Channel.EMAIL,
    "Call": Channel.CALL,
    "LinkedIn": Channel.LINKEDIN,
}
"""Channels by ``TaskSubtype``, which never changes."""

TYPES = {
    "Email": Channel.EMAIL,
    "Call": Channel.CALL,
    "Phone": Channel.CALL,
    "Phone Call": Channel.CALL,
    "Meeting": Channel.MEETING,
    "LinkedIn": Channel.LINKEDIN,
    "InMail": Channel.LINKEDIN,
    "SMS": Channel.SMS,
    "Text": Channel.SMS,
    "Text Message": Channel.SMS,
    "Chat": Channel.CHAT,
    "Live Chat": Channel.CHAT,
    "Messenger": Channel.CHAT,
    "WhatsApp": Channel.CHAT,
}
"""Channels by ``Type``, an org's own picklist, for tasks without a telling subtype."""

TYPES_SOQL = ", ".join(f"'{name}'" for name in TYPES)

_BY_TYPE = {name.lower(): channel for name, channel in TYPES.items()}
_BULK = frozenset({"ListEmail", "Cadence"})
_NOT_REACHED = frozenset(
    {
        *("busy", "left message", "left voicemail", "no answer", "no connect", "not connected"),
        *("voicemail", "wrong number"),
    }
)
"""Outcomes of a call, in lower case, that say that nobody was spoken to."""

_DRAFT, _AUTOMATED, _DECLINED = "5", "AiAutomated", "Declined"
_USER, _CONTACT, _LEAD = "005", "003", "00Q"
_ROLES = {
    "FromAddress": Role.FROM,
    "ToAddress": Role.TO,
    "CcAddress": Role.CC,
    "BccAddress": Role.BCC,
}
_ADDRESS = re.compile(r"""[^\s<>"'();,]+@[^\s<>"'();,]+""")


def to_email(raw: dict[str, Any]) -> Activity:
    """Read an EmailMessage: drafts and what bounced did not happen."""
    people = _correspondents(raw)
    addressed = [party for party in people if party.role is not Role.FROM]
    is_unsigned = len(addressed) == len(people)
    is_draft = text(raw, "Status") == _DRAFT or flag(raw, "IsPrivateDraft")
    return Activity(
        id=row_id(raw),
        channel=Channel.EMAIL,
        at=instant(raw, "MessageDate") or instant(raw, "CreatedDate") or modified_at(raw),
        participants=people,
        recipients=max(1, len(addressed) - is_unsigned),
        happened=not (is_draft or flag(raw, "IsBounced")),
        thread=_thread(raw),
        is_bulk=_task_subtype(raw) in _BULK or text(raw, "AutomationType") == _AUTOMATED,
        supersedes=reference(raw, "ActivityId"),
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted"),
    )


def to_task(raw: dict[str, Any]) -> Activity:
    """Read a Task; one that is, or has become, no contact is read as deleted.

    Who took part in a mail is known, who wrote it is not; a call tells it by its ``CallType``.
    """
    subtype = text(raw, "TaskSubtype") or "Task"
    channel = SUBTYPES.get(subtype) or _BY_TYPE.get((text(raw, "Type") or "").lower())
    owner, others = _task_people(raw)
    is_call = channel is Channel.CALL
    ours, theirs = _call_roles(text(raw, "CallType")) if is_call else (Role.PARTY, Role.PARTY)
    known = len(others) if channel is Channel.EMAIL else len(owner) + len(others) - 1
    outcome = (text(raw, "CallDisposition") or "").strip().lower()
    return Activity(
        id=row_id(raw),
        channel=channel or Channel.CALL,
        at=_task_time(raw),
        participants=_parties(owner, ours) + _parties(others, theirs),
        recipients=max(1, known),
        duration_s=number(raw, "CallDurationInSeconds") if is_call else 0.0,
        happened=flag(raw, "IsClosed") and not (is_call and outcome in _NOT_REACHED),
        is_bulk=subtype in _BULK,
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted") or channel is None,
    )


def to_meeting(raw: dict[str, Any]) -> Activity:
    """Read an Event: its owner, and whoever was asked and did not decline.

    Few people answer an invitation in Salesforce, so no answer is no refusal. Where everybody
    declined, it did not happen. One that has become private is read as deleted.
    """
    links = [(reference(row, "RelationId"), text(row, "Status")) for row in _rows(raw, "Event")]
    declined = {person for person, status in links if status == _DECLINED}
    asked = _people([reference(raw, "WhoId"), *(person for person, _ in links)])
    owner = [person for person in _people([reference(raw, "OwnerId")]) if person not in declined]
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
        is_deleted=flag(raw, "IsDeleted") or flag(raw, "IsPrivate"),
    )


def _correspondents(raw: dict[str, Any]) -> tuple[Participant, ...]:
    """Give everybody on a mail once for each part: its relations, then addresses beyond them.

    A relation tells the address that its record has now, which may not be the one written to.
    """
    rows = _rows(raw, "EmailMessage")
    people = [party for row in rows if (party := _correspondent(row)) is not None]
    for name, role in _ROLES.items():
        written = [found.lower() for found in _ADDRESS.findall(text(raw, name) or "")]
        known = {party.address for party in people if party.role is role}
        missing = len(set(written)) - sum(1 for party in people if party.role is role)
        beyond = [one for one in dict.fromkeys(written) if one not in known]
        people += [Participant(role, address=one) for one in beyond[: max(0, missing)]]
    return tuple(dict.fromkeys(people))


def _correspondent(row: dict[str, Any]) -> Participant | None:
    role = _ROLES.get(text(row, "RelationType") or "", Role.PARTY)
    found = _ADDRESS.search(text(row, "RelationAddress") or "")
    person = next(iter(_people([reference(row, "RelationId")])), None)
    address = found[0].lower() if found else None
    return Participant(role, person, address) if person or address else None


def _thread(raw: dict[str, Any]) -> str | None:
    """Give the conversation; a mail to a case may only tell which mail it answers."""
    told = text(raw, "ThreadIdentifier") or text(raw, "ClientThreadIdentifier")
    return told or reference(raw, "ReplyToEmailMessageId")


def _task_subtype(raw: dict[str, Any]) -> str | None:
    task = raw.get("Activity")
    return text(task, "TaskSubtype") if isinstance(task, dict) else None


def _task_people(raw: dict[str, Any]) -> tuple[list[ExternalId], list[ExternalId]]:
    """Give the owner, where that is a person, and everybody else."""
    links = (reference(row, "RelationId") for row in _rows(raw, "Task"))
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
    """Give the beginning; of a whole day its noon, which is that day nearly everywhere."""
    date = day(raw, "ActivityDate")
    at = date if date and flag(raw, "IsAllDayEvent") else instant(raw, "StartDateTime") or date
    if at is None:
        raise Unreadable("StartDateTime is missing.")
    return at


def _meeting_length_s(raw: dict[str, Any]) -> float:
    start, end = instant(raw, "StartDateTime"), instant(raw, "EndDateTime")
    if start is None or end is None or flag(raw, "IsAllDayEvent"):
        return 0.0
    return max(0.0, (end - start).total_seconds())


def _rows(raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Give the sub-rows of an object's relation."""
    return sub_rows(raw, f"{name}Relations")


def sub_rows(raw: Mapping[str, Any], relation: str) -> list[dict[str, Any]]:
    """Give the rows that hang on a row.

    Raises:
        Unreadable: If they are no rows.
    """
    nested = raw.get(relation)
    if nested is None:
        return []
    rows = nested.get("records") if isinstance(nested, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable("The relations are not a list of rows.")
    return rows
