"""What a CRM holds, in Tieline's words: frozen values, no I/O.

A connector turns its vendor's rows into these records, a sandbox CRM turns these records into its
vendor's rows, and nothing else in Tieline ever sees a vendor's row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NewType

ExternalId = NewType("ExternalId", str)
"""A record's id as its connector gives it: opaque, and unique within one connection."""

Bookmark = NewType("Bookmark", str)
"""How far a stream has been read; opaque outside its connector. ``""`` is the beginning."""

START = Bookmark("")

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Stream(StrEnum):
    """A kind of record that is read incrementally, in the order in which they are pulled."""

    COLLEAGUES = "colleagues"
    ACCOUNTS = "accounts"
    CONTACTS = "contacts"
    LEADS = "leads"
    DEALS = "deals"
    EMAILS = "emails"
    MEETINGS = "meetings"
    CALLS = "calls"
    MESSAGES = "messages"
    TASKS = "tasks"


class Target(StrEnum):
    """A kind of record that Tieline writes custom fields to."""

    CONTACT = "contact"
    LEAD = "lead"
    ACCOUNT = "account"
    DEAL = "deal"


class PersonKind(StrEnum):
    """What a person is to the CRM: one of its users, or somebody its users know."""

    COLLEAGUE = "colleague"
    CONTACT = "contact"
    LEAD = "lead"


class Channel(StrEnum):
    """The medium of an activity; ``CHAT`` is any messenger, ``LINKEDIN`` a message there."""

    EMAIL = "email"
    MEETING = "meeting"
    CALL = "call"
    SMS = "sms"
    CHAT = "chat"
    LINKEDIN = "linkedin"


class Role(StrEnum):
    """A participant's part in an activity; ``PARTY`` where the CRM tells no direction."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A colleague, by record, who is connected with somebody on LinkedIn, and since when."""

    colleague_id: ExternalId
    since: date


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague, a contact or a lead, as one CRM knows them.

    Attributes:
        addresses: Email addresses in lower case, the main one first; may be empty.
        is_active: False for a colleague who has left.
        created_at: When it was made, of a CRM that hides what a deleted person took part in.
        modified_at: When the CRM last changed the record (aware, UTC).
        is_deleted: The CRM has deleted the record, or merged it away.
        merged_into: The record that lives on after a merge.
        linked: Who of us says to know them, of what tells no activity.
    """

    id: ExternalId
    kind: PersonKind
    name: str
    addresses: tuple[str, ...] = ()
    title: str | None = None
    department: str | None = None
    account_id: ExternalId | None = None
    is_active: bool = True
    modified_at: datetime = LONG_AGO
    is_deleted: bool = False
    merged_into: ExternalId | None = None
    created_at: datetime | None = None
    linked: tuple[Acquaintance, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation that contacts belong to; `domain` is in lower case, without ``www``."""

    id: ExternalId
    name: str
    domain: str | None = None
    modified_at: datetime = LONG_AGO
    is_deleted: bool = False
    merged_into: ExternalId | None = None
    industry: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in an activity: known by record, by address, or by both; never by neither."""

    role: Role
    person_id: ExternalId | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """An email, meeting, call or message. Subjects and bodies are never asked for.

    Attributes:
        at: When it happened (aware, UTC); may lie in the future for a planned meeting.
        recipients: Distinct people it was addressed to, as far as the CRM says, at least 1;
            for a meeting or call the size of the group less one.
        duration_s: Seconds; 0 for what was written and where the CRM does not say.
        happened: False for what was no contact: cancelled, declined, bounced, automatic, a draft.
        thread: What the CRM calls the conversation it is part of; opaque.
        is_bulk: Sent to many alike: by a sequence, a list, a campaign.
        supersedes: A record of the same event that tells less of it, and counts no more.
    """

    id: ExternalId
    channel: Channel
    at: datetime
    participants: tuple[Participant, ...]
    recipients: int = 1
    duration_s: float = 0.0
    happened: bool = True
    thread: str | None = None
    is_bulk: bool = False
    supersedes: ExternalId | None = None
    modified_at: datetime = LONG_AGO
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class DealContact:
    """A contact's part in a deal; `role` in the CRM's own words, as ``Decision Maker``."""

    person_id: ExternalId
    role: str | None = None
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class StageChange:
    """A deal came into a stage (aware, UTC)."""

    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deal:
    """Something that is sold, or is to be: an opportunity.

    Attributes:
        stage: As people see it, in the CRM's own words.
        owner_id: The colleague who has it.
        amount: In `currency`, where the CRM says which; None where nobody has put one down.
        closes_on: When it was closed, or is expected to be.
        stages: The stages it came into, oldest first, as far as the CRM keeps them.
    """

    id: ExternalId
    name: str
    stage: str
    is_closed: bool = False
    is_won: bool = False
    account_id: ExternalId | None = None
    owner_id: ExternalId | None = None
    amount: float | None = None
    currency: str | None = None
    created_at: datetime = LONG_AGO
    closes_on: date | None = None
    contacts: tuple[DealContact, ...] = ()
    stages: tuple[StageChange, ...] = ()
    modified_at: datetime = LONG_AGO
    is_deleted: bool = False
    merged_into: ExternalId | None = None


Record = Person | Account | Activity | Deal


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that could not be read: its id where it has one, and why. Never its values."""

    id: ExternalId | None
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a CRM does not show us: we read without it, and say so.

    Attributes:
        what: In the CRM's own words: ``Contact.Title``, ``EmailMessage``, ``sales-email-read``.
        reason: A sentence that tells the admin what is missing and what to do.
        is_whole: Nothing of the stream can be read, not only a part of it.
    """

    what: str
    reason: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of one stream and the bookmark behind them: to be kept together or not at all.

    Attributes:
        is_last: Nothing more to read now; the bookmark is where the next pull begins.
        known_until: What was changed before this moment was there to be read by an earlier pull:
            a record that is new to us all the same came late. None in a first pull.
        left: About how many records are still to be read behind this page, where that is known.
        gaps: What of this stream we are not shown.
    """

    stream: Stream
    records: tuple[Record, ...]
    bookmark: Bookmark
    is_last: bool
    malformed: tuple[Malformed, ...] = ()
    known_until: datetime | None = None
    left: int | None = None
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Presence:
    """Ids of records that are there, and the bookmark behind them."""

    ids: tuple[ExternalId, ...]
    bookmark: Bookmark
    is_last: bool


class FieldType(StrEnum):
    """What a custom field holds."""

    NUMBER = "number"
    TEXT = "text"
    PICKLIST = "picklist"
    DATE = "date"


FieldValue = str | int | date | None


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field that Tieline writes, on one kind of record.

    Attributes:
        name: Snake case, without a prefix; each connector derives its vendor's name from it.
        length: Most characters of a text, at most 255; most digits of a whole number.
        options: The values of a picklist, in order.
        called: The CRM's own name of the field that an admin mapped it to, which is the CRM's and
            never created; "" for a field of ours, whose name is `Module.own_name`.
    """

    target: Target
    name: str
    label: str
    type: FieldType
    description: str
    length: int = 255
    options: tuple[str, ...] = ()
    called: str = ""


class FieldState(StrEnum):
    """How a custom field stands in the CRM.

    ``MISSING`` and ``ARCHIVED`` are made good by `Connector.create_fields`; so is ``RETYPED`` where
    only a picklist of ours lacks values. What is ``HIDDEN`` or ``READ_ONLY`` it tries to permit.
    """

    READY = "ready"
    MISSING = "missing"
    ARCHIVED = "archived"
    RETYPED = "retyped"
    HIDDEN = "hidden"
    READ_ONLY = "read_only"


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """How a custom field stands in the CRM.

    Attributes:
        reason: A sentence that tells the admin what is wrong and what to do; "" for ``READY``.
    """

    field: Field
    state: FieldState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldUpdate:
    """The custom fields of one record that changed.

    Attributes:
        values: By the CRM's own field names; None empties a field.
        account_id: The account that the record hangs on, where it is known: records of one account
            are written together, because a CRM may lock it for each of them.
    """

    target: Target
    id: ExternalId
    values: Mapping[str, FieldValue]
    account_id: ExternalId | None = None


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What the CRM said to one update.

    Attributes:
        code: The CRM's own code for a refusal.
        reason: A sentence for the admin, without the record's values.
        is_final: False where trying again later may help.
        is_gone: The record is not there any more: deleted, merged into another, or converted. Into
            which it was, the next pull tells.
    """

    target: Target
    id: ExternalId
    ok: bool
    code: str = ""
    reason: str = ""
    is_final: bool = True
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a connection is to its CRM.

    Attributes:
        tenant: The org's or portal's id; a connection never mixes two of them.
        name: What an admin calls it.
        site: Where people see its records, for `Module.record_url`; "" if nowhere.
    """

    tenant: str
    name: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """The calls that a CRM allows everybody together, as its last answer told.

    Attributes:
        limit: Calls a day.
        used: Of them, by whomever.
        frees_in_s: Seconds until some are free again, at the latest; None where the CRM says not.
    """

    limit: int
    used: int
    frees_in_s: float | None = None


class Verdict(StrEnum):
    """How a finding about a connection stands."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Right(StrEnum):
    """What we need to be let do with a kind of record."""

    READ = "read"
    SEE_ALL = "see all"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at when a connection is examined.

    Attributes:
        about: What was looked at, in a few words.
        told: What is so, in a sentence; for what is not good, what would break.
        advice: What to do about it, in a sentence; "" for what is good.
        of: The kind of record that it is about, as `Stream` calls it; "" for none.
        right: To do what with these; None if it is about no right.
    """

    about: str
    verdict: Verdict
    told: str
    advice: str = ""
    of: str = ""
    right: Right | None = None
