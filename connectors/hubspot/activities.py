"""HubSpot's emails, meetings and calls as Tieline's activities.

HubSpot says who took part in three ways, none of them complete: the addresses of an email, the
ids of owners, and associated contacts. An address is worth most, because it says which part
somebody had, so it always stands; ids are set beside it only where there is no doubt whose it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.hubspot.mapping import (
    CALL,
    CONTACT,
    EMAIL,
    MEETING,
    OTHERS_MODIFIED,
    external_id,
    modified_at,
    owner_id,
)
from connectors.hubspot.rows import (
    Raw,
    Unreadable,
    addresses,
    id_of,
    is_true,
    moment,
    number,
    parts,
    text,
)

COMMON_PROPERTIES = ("hs_timestamp", "hubspot_owner_id", OTHERS_MODIFIED, "hs_gdpr_deleted")

EMAIL_PROPERTIES = (
    *COMMON_PROPERTIES,
    "hs_email_direction",
    "hs_email_status",
    "hs_email_from_email",
    "hs_email_to_email",
    "hs_email_cc_email",
    "hs_email_bcc_email",
    "hs_owner_ids_from",
    "hs_owner_ids_to",
    "hs_owner_ids_cc",
    "hs_owner_ids_bcc",
    "hs_incoming_email_is_out_of_office",
    "hs_sequence_id",
)
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

OUTGOING, INCOMING, DRAFT = "EMAIL", "INCOMING_EMAIL", "DRAFT_EMAIL"

UNSENT = frozenset({"BOUNCED", "FAILED", "SCHEDULED", "SENDING"})
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

BOXES = (
    (Role.FROM, "hs_email_from_email", "hs_owner_ids_from"),
    (Role.TO, "hs_email_to_email", "hs_owner_ids_to"),
    (Role.CC, "hs_email_cc_email", "hs_owner_ids_cc"),
    (Role.BCC, "hs_email_bcc_email", "hs_owner_ids_bcc"),
)


def to_email(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read an email; `contacts` are the ids of the contacts associated with it."""
    direction = (text(raw, "hs_email_direction") or "").upper()
    known = [external_id(CONTACT, contact) for contact in contacts]
    participants = [p for box in BOXES for p in _in_box(raw, *box)]
    if direction == OUTGOING and not any(p.role is Role.FROM for p in participants):
        participants += [
            Participant(Role.FROM, owner) for owner in _owners(raw, "hubspot_owner_id")
        ]
    if any(p.address for p in participants):
        participants = _with_contacts(participants, known, direction)
    else:
        participants = _redacted(raw, participants, known, direction)
    is_contact = not (
        direction == DRAFT
        or (text(raw, "hs_email_status") or "").upper() in UNSENT
        or is_true(raw, "hs_incoming_email_is_out_of_office")
        or text(raw, "hs_sequence_id") is not None
    )
    at = _at(raw, "hs_timestamp")
    addressed = [p for p in participants if p.role is not Role.FROM]
    return _activity(
        raw, EMAIL, at, participants, recipients=_people(addressed), happened=is_contact
    )


def to_meeting(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read a meeting; HubSpot knows its guests only by the contacts associated with it."""
    begin = moment(raw, "hs_meeting_start_time") or _at(raw, "hs_timestamp")
    end = moment(raw, "hs_meeting_end_time")
    attending = dict.fromkeys([*_owners(raw, "hubspot_owner_id", "hs_attendee_owner_ids")])
    people = [*attending, *(external_id(CONTACT, contact) for contact in contacts)]
    return _activity(
        raw,
        MEETING,
        begin,
        [Participant(Role.PARTY, person) for person in people],
        recipients=len(people) - 1,
        duration_s=max((end - begin).total_seconds(), 0.0) if end else 0.0,
        happened=(text(raw, "hs_meeting_outcome") or "").upper() not in NO_MEETING,
    )


def to_call(raw: Raw, contacts: Sequence[str]) -> Activity:
    """Read a call between its owner and the contacts associated with it."""
    direction = (text(raw, "hs_call_direction") or "").upper()
    ours, theirs = {
        "OUTBOUND": (Role.FROM, Role.TO),
        "INBOUND": (Role.TO, Role.FROM),
    }.get(direction, (Role.PARTY, Role.PARTY))
    participants = [Participant(ours, owner) for owner in _owners(raw, "hubspot_owner_id")]
    participants += [Participant(theirs, external_id(CONTACT, contact)) for contact in contacts]
    is_contact = (text(raw, "hs_call_status") or "").upper() not in NO_CALL and (
        text(raw, "hs_call_disposition") or ""
    ).lower() not in NOBODY_REACHED
    return _activity(
        raw,
        CALL,
        _at(raw, "hs_timestamp"),
        participants,
        recipients=len(participants) - 1,
        duration_s=max(number(raw, "hs_call_duration") or 0.0, 0.0) / 1000,
        happened=is_contact,
    )


CHANNELS = {EMAIL: Channel.EMAIL, MEETING: Channel.MEETING, CALL: Channel.CALL}


def _activity(
    raw: Raw,
    type_id: str,
    at: datetime,
    participants: Iterable[Participant],
    *,
    recipients: int,
    happened: bool,
    duration_s: float = 0.0,
) -> Activity:
    return Activity(
        id=external_id(type_id, id_of(raw)),
        channel=CHANNELS[type_id],
        at=at,
        participants=tuple(dict.fromkeys(participants)),
        recipients=max(recipients, 1),
        duration_s=duration_s,
        happened=happened,
        modified_at=modified_at(raw, type_id),
        is_deleted=is_true(raw, "hs_gdpr_deleted"),
    )


def _at(raw: Raw, name: str) -> datetime:
    at = moment(raw, name)
    if at is None:
        raise Unreadable(f"{name} is missing.")
    return at


def _people(participants: Iterable[Participant]) -> int:
    """Count people; one of them may stand there by address and again by record."""
    people = tuple(participants)
    by_address = {p.address for p in people} - {None}
    by_record = {p.person_id for p in people} - {None}
    return max(len(by_address), len(by_record))


def _owners(raw: Raw, *names: str) -> list[ExternalId]:
    return [owner_id(owner) for name in names for owner in parts(raw, name)]


def _in_box(raw: Raw, role: Role, mail: str, owners: str) -> list[Participant]:
    """Give those in one box of an email: its addresses, or the owners if there are none."""
    found, known = addresses(raw, mail), _owners(raw, owners)
    if not found:
        return [Participant(role, owner) for owner in known]
    if len(found) == len(known) == 1:
        return [Participant(role, known[0], found[0])]
    return [Participant(role, None, address) for address in found]


def _with_contacts(
    participants: list[Participant], contacts: list[ExternalId], direction: str
) -> list[Participant]:
    """Say which address is a contact's where it can be only one.

    A contact is associated because its address is in the mail, so there is somebody whom the
    addresses leave out only if there are more contacts than addresses.
    """
    unknown = [p for p in participants if p.person_id is None]
    if len(contacts) > len(unknown):
        extra = Role.TO if direction == OUTGOING else Role.PARTY
        return participants + [Participant(extra, contact) for contact in contacts]
    if len(contacts) != 1:
        return participants
    senders = [p for p in unknown if p.role is Role.FROM and direction == INCOMING]
    others = [p for p in unknown if p.role is not Role.FROM and direction == OUTGOING]
    candidates = senders or others or unknown
    if len(candidates) != 1:
        return participants
    mine = candidates[0]
    return [Participant(p.role, contacts[0], p.address) if p is mine else p for p in participants]


def _redacted(
    raw: Raw, participants: list[Participant], contacts: list[ExternalId], direction: str
) -> list[Participant]:
    """Give those in an email whose addresses we may not see: its owners and contacts."""
    ours, theirs = Role.PARTY, Role.PARTY
    if direction == OUTGOING:
        ours, theirs = Role.FROM, Role.TO
    elif direction == INCOMING and len(contacts) == 1:
        ours, theirs = Role.TO, Role.FROM
    owners = [Participant(ours, owner) for owner in _owners(raw, "hubspot_owner_id")]
    return (participants or owners) + [Participant(theirs, contact) for contact in contacts]
