"""Rows of plain CSV files: activities and contacts, with columns of the names told below."""

import math
import re
from collections.abc import Mapping
from datetime import datetime

from connectors._records import Activity, Channel, Participant, Role
from connectors.files.addresses import ADDRESS, Mailbox, mailboxes
from connectors.files.found import Named, Unreadable, clean, distinct, opaque, sensible

ACTIVITIES = (frozenset({"at", "channel", "from"}), frozenset({"at", "channel", "to"}))
"""Also cc, bcc, minutes, thread, id."""

CONTACTS = (
    frozenset({"name", "email"}),
    frozenset({"first name", "last name", "email"}),
    frozenset({"first name", "last name", "e-mail address"}),
    frozenset({"first name", "last name", "e-mail 1 - value"}),
)
"""Also company, title; and what Outlook and Google call them."""

ADDRESSES = ("email", "e-mail address", "e-mail 1 - value", "e-mail 2 address", "e-mail 2 - value")
COMPANIES = ("company", "account", "organization", "organization name")
TITLES = ("title", "job title", "position", "organization title")
PARTS = (("from", Role.FROM), ("to", Role.TO), ("cc", Role.CC), ("bcc", Role.BCC))
SPOKEN = frozenset((Channel.MEETING, Channel.CALL))
MOST_MINUTES = 24 * 60
BY_HAND = 1000
"""How much a name that somebody put into a list of contacts counts against those in mail."""

Values = Mapping[str, str]


def to_activity(row: Values) -> tuple[Activity, tuple[Named, ...]]:
    """Read a row of activities: the activity, and whom it names.

    Raises:
        Unreadable: If it does not say when, by what channel, or between whom.
    """
    at, channel = to_moment(row.get("at", "")), _channel(row.get("channel", ""))
    parts: dict[str, tuple[Role, Mailbox]] = {}
    for name, role in PARTS:
        for box in mailboxes(row.get(name, "").replace(";", ",")):
            parts.setdefault(box.address, (role, box))
    if len(parts) < 2:  # noqa: PLR2004 nobody meets alone
        raise Unreadable("The row names fewer than two addresses.")
    is_one_sided = channel in SPOKEN or not any(role is Role.FROM for role, _ in parts.values())
    told = [(Role.PARTY if is_one_sided else role, box) for role, box in parts.values()]
    senders = 1 if is_one_sided else sum(role is Role.FROM for role, _ in told)
    own = row.get("id") or "\0".join([at.isoformat(), *(f"{r.value} {b.address}" for r, b in told)])
    thread = row.get("thread")
    activity = Activity(
        id=opaque(channel.value, "row", own),
        channel=channel,
        at=at,
        participants=tuple(Participant(role, address=box.address) for role, box in told),
        recipients=max(1, len(told) - senders),
        duration_s=60 * _minutes(row.get("minutes", "")) if channel in SPOKEN else 0.0,
        thread=opaque("thread", "row", thread) if thread else None,
        modified_at=at,
    )
    return activity, tuple(Named(box.address, box.name, (box.address,)) for _, box in told)


def to_contact(row: Values) -> Named:
    """Read a row of contacts.

    Raises:
        Unreadable: If it names nobody.
    """
    first = " ".join((row.get("first name", ""), row.get("last name", "")))
    name = clean(row.get("name") or first)
    listed = [address for column in ADDRESSES for address in ADDRESS.findall(row.get(column, ""))]
    addresses = distinct(address.lower() for address in listed)
    company = clean(next((row[c] for c in COMPANIES if row.get(c)), ""))
    if not addresses and not name:
        raise Unreadable("The row has neither a name nor an address.")
    return Named(
        addresses[0] if addresses else f"{name.casefold()}\0{company.casefold()}",
        name,
        addresses,
        company,
        clean(next((row[c] for c in TITLES if row.get(c)), "")),
        weight=BY_HAND,
    )


def to_moment(value: str) -> datetime:
    """Read a time as ISO 8601 has it, in UTC where it names no zone."""
    try:
        return sensible(datetime.fromisoformat(re.sub(r"\s*UTC$", "+00:00", value.strip()[:40])))
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("The time is not written as 2026-03-02 09:30.") from error


def _channel(value: str) -> Channel:
    try:
        return Channel(value.strip().lower())
    except ValueError as error:
        known = ", ".join(channel.value for channel in Channel)
        raise Unreadable(f"The channel is none of {known}.") from error


def _minutes(value: str) -> float:
    if not value:
        return 0.0
    try:
        minutes = float(value)
    except ValueError as error:
        raise Unreadable("The minutes are no number.") from error
    if not math.isfinite(minutes) or not 0 <= minutes <= MOST_MINUTES:
        raise Unreadable("The minutes are more than a day has, or less than none.")
    return minutes
