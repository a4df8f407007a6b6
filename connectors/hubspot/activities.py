"""HubSpot's meetings, calls, messages and tasks as Tieline's activities; `emails` has the emails.

HubSpot says who took part in three ways, none of them complete: the addresses of an email, the
ids of owners, and associated contacts. A meeting's guests from outside are known as contacts only.

Notes are not read: somebody writes them about a contact, not to one. Of the tasks only those are
read that mean a message on LinkedIn: it leaves no other trace, while a call or an email that a
task reminded of is logged as such, and would count twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.hubspot.mapping import (
    CALL,
    COMMUNICATION,
    CONTACT,
    MEETING,
    OTHERS_MODIFIED,
    TASK,
    external_id,
    modified_at,
    owner_id,
)
from connectors.hubspot.rows import Raw, Unreadable, id_of, is_true, moment, number, parts, text

COMMON_PROPERTIES = ("hs_timestamp", "hubspot_owner_id", OTHERS_MODIFIED, "hs_gdpr_deleted")

MEETING_PROPERTIES = (
    *COMMON_PROPERTIES,
    "hs_meeting_start_time",
    "hs_meeting_end_time",
    "hs_meeting_outcome",
    "hs_attendee_owner_ids",
)
CALL_PROPERTIES = (
    *COMMON_PROPERTIES,
    "hs_call_direction",
    "hs_call_duration",
    "hs_call_status",
    "hs_call_disposition",
)
MESSAGE_PROPERTIES = (
    *COMMON_PROPERTIES,
    "hs_communication_channel_type",
    "hs_communication_conversations_thread_id",
)
TASK_PROPERTIES = (*COMMON_PROPERTIES, "hs_task_status", "hs_task_completion_date")

LINKEDIN_TASKS = ("LINKED_IN", "LINKED_IN_MESSAGE")
"""Tasks to write a message; a wish to be connected (``LINKED_IN_CONNECT``) is none yet."""

NO_MEETING = frozenset({"CANCELED", "CANCELLED", "NO_SHOW", "RESCHEDULED"})
NO_CALL = frozenset(
    {
        "BUSY",
        "CALLING_CRM_USER",
        "CANCELED",
        "CONNECTING",
        "FAILED",
        "IN_PROGRESS",
        "MISSED",
        "NO_ANSWER",
        "QUEUED",
        "RINGING",
    }
)
NOBODY_REACHED = frozenset(
    {
        "9d9162e7-6cf3-4944-bf63-4dff82258764",  # busy
        "b2cf5968-551e-4856-9783-52b3da59a7d0",  # left voicemail
        "73a0d17f-1163-4015-bdd5-ec830791da20",  # no answer
        "17b47fee-58de-441e-a44c-c6300d46f273",  # wrong number
    }
)
"""The outcomes of a call that every portal has, by their ids, and that were no contact."""

MESSENGERS = {"SMS": Channel.SMS, "LINKEDIN_MESSAGE": Channel.LINKEDIN}
"""The channels of messages; any other is a chat, WhatsApp first of all."""


def to_meeting(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read a meeting; HubSpot knows its guests only by the contacts associated with it."""
    begin = moment(raw, "hs_meeting_start_time") or at_of(raw, "hs_timestamp")
    end = moment(raw, "hs_meeting_end_time")
    people = _people(owners_in(raw, "hubspot_owner_id", "hs_attendee_owner_ids"), contacts)
    return activity(
        raw,
        (MEETING, Channel.MEETING),
        begin,
        people,
        recipients=len(people) - 1,
        duration_s=max((end - begin).total_seconds(), 0.0) if end else 0.0,
        happened=(text(raw, "hs_meeting_outcome") or "").upper() not in NO_MEETING,
    )


def to_call(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read a call between its owner and the contacts associated with it.

    One that nobody took, or a machine, is none.
    """
    direction = (text(raw, "hs_call_direction") or "").upper()
    ours, theirs = {
        "OUTBOUND": (Role.FROM, Role.TO),
        "INBOUND": (Role.TO, Role.FROM),
    }.get(direction, (Role.PARTY, Role.PARTY))
    people = _people(owners_in(raw, "hubspot_owner_id"), contacts, ours, theirs)
    is_contact = (text(raw, "hs_call_status") or "").upper() not in NO_CALL and (
        text(raw, "hs_call_disposition") or ""
    ).lower() not in NOBODY_REACHED
    return activity(
        raw,
        (CALL, Channel.CALL),
        at_of(raw, "hs_timestamp"),
        people,
        recipients=len(people) - 1,
        duration_s=max(number(raw, "hs_call_duration") or 0.0, 0.0) / 1000,
        happened=is_contact,
    )


def to_message(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read a message by SMS, WhatsApp or LinkedIn; HubSpot does not say who wrote it."""
    messenger = (text(raw, "hs_communication_channel_type") or "").upper()
    people = _people(owners_in(raw, "hubspot_owner_id"), contacts)
    return activity(
        raw,
        (COMMUNICATION, MESSENGERS.get(messenger, Channel.CHAT)),
        at_of(raw, "hs_timestamp"),
        people,
        recipients=len(people) - 1,
        thread=text(raw, "hs_communication_conversations_thread_id"),
    )


def to_task(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read a task to write on LinkedIn, which happened when it was ticked off."""
    people = _people(owners_in(raw, "hubspot_owner_id"), contacts, Role.FROM, Role.TO)
    return activity(
        raw,
        (TASK, Channel.LINKEDIN),
        moment(raw, "hs_task_completion_date") or at_of(raw, "hs_timestamp"),
        people,
        recipients=len(contacts),
        happened=(text(raw, "hs_task_status") or "").upper() == "COMPLETED",
    )


def activity(  # noqa: PLR0913  # one argument for each thing that kinds of activities differ in
    raw: Raw,
    kind: tuple[str, Channel],
    at: datetime,
    participants: Iterable[Participant],
    *,
    recipients: int,
    happened: bool = True,
    duration_s: float = 0.0,
    thread: str | None = None,
    is_bulk: bool = False,
) -> Activity:
    """Make an activity of a row; `kind` is its object type and its channel."""
    type_id, channel = kind
    return Activity(
        id=external_id(type_id, id_of(raw)),
        channel=channel,
        at=at,
        participants=tuple(dict.fromkeys(participants)),
        recipients=max(recipients, 1),
        duration_s=duration_s,
        happened=happened,
        thread=thread,
        is_bulk=is_bulk,
        modified_at=modified_at(raw, type_id),
        is_deleted=is_true(raw, "hs_gdpr_deleted"),
    )


def at_of(raw: Raw, name: str) -> datetime:
    """Tell when an activity was.

    Raises:
        Unreadable: If it is not said, or in 1970, which is how a clock says nothing.
    """
    at = moment(raw, name)
    if at is None:
        raise Unreadable(f"{name} is missing.")
    if at.year == EPOCH_YEAR:
        raise Unreadable(f"{name} is a time that nobody has set.")
    return at


EPOCH_YEAR = 1970


def owners_in(raw: Raw, *names: str) -> list[ExternalId]:
    """Give the owners in these properties, each once."""
    return list(dict.fromkeys(owner_id(o) for name in names for o in parts(raw, name)))


def _people(
    owners: Iterable[ExternalId],
    contacts: Iterable[str],
    ours: Role = Role.PARTY,
    theirs: Role = Role.PARTY,
) -> list[Participant]:
    known = [Participant(ours, owner) for owner in owners]
    return known + [Participant(theirs, external_id(CONTACT, contact)) for contact in contacts]
