"""HubSpot's emails as Tieline's activities.

An address is worth most, because it says which part somebody had, so it always stands; ids are set
beside it only where there is no doubt whose it is.
"""

from collections.abc import Iterable, Sequence

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.hubspot.activities import COMMON_PROPERTIES, activity, at_of, owners_in
from connectors.hubspot.mapping import CONTACT, EMAIL, external_id
from connectors.hubspot.rows import Raw, addresses, is_true, text

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
    "hs_email_thread_id",
    "hs_sequence_id",
    "hs_campaign_guid",
)
SENT_TO_MANY = ("hs_sequence_id", "hs_campaign_guid")
"""What is set only on mail that a machine sent to many; an answer to it is written by hand."""

OUTGOING, INCOMING, DRAFT = "EMAIL", "INCOMING_EMAIL", "DRAFT_EMAIL"

UNSENT = frozenset({"BOUNCED", "FAILED", "SCHEDULED", "SENDING"})

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
            Participant(Role.FROM, owner) for owner in owners_in(raw, "hubspot_owner_id")
        ]
    if any(p.address for p in participants):
        participants = _with_contacts(participants, known, direction)
    else:
        participants = _redacted(raw, participants, known, direction)
    is_contact = not (
        direction == DRAFT
        or (text(raw, "hs_email_status") or "").upper() in UNSENT
        or is_true(raw, "hs_incoming_email_is_out_of_office")
    )
    at = at_of(raw, "hs_timestamp")
    addressed = [p for p in participants if p.role is not Role.FROM]
    return activity(
        raw,
        (EMAIL, Channel.EMAIL),
        at,
        participants,
        recipients=_people(addressed),
        happened=is_contact,
        thread=text(raw, "hs_email_thread_id"),
        is_bulk=direction != INCOMING and any(text(raw, name) for name in SENT_TO_MANY),
    )


def is_redacted(raw: Raw) -> bool:
    """Whether HubSpot does not show from whom and to whom an email is."""
    return not any(addresses(raw, mail) for _, mail, _ in BOXES)


def _people(participants: Iterable[Participant]) -> int:
    """Count people; one of them may stand there by address and again by record."""
    people = tuple(participants)
    by_address = {p.address for p in people} - {None}
    by_record = {p.person_id for p in people} - {None}
    return max(len(by_address), len(by_record))


def _in_box(raw: Raw, role: Role, mail: str, owners: str) -> list[Participant]:
    """Give those in one box of an email: its addresses, or the owners if there are none."""
    found, known = addresses(raw, mail), owners_in(raw, owners)
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
    owners = [Participant(ours, owner) for owner in owners_in(raw, "hubspot_owner_id")]
    return (participants or owners) + [Participant(theirs, contact) for contact in contacts]
