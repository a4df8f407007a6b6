"""The headers of one message, and the activity that they tell of. Subjects are not looked at."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from connectors._records import Activity, Channel, Participant, Role
from connectors.files.addresses import LONGEST_HEADER, Mailbox, mailboxes, unraw
from connectors.files.found import Named, Unreadable, distinct, opaque, sensible

WANTED = frozenset(
    {
        b"auto-submitted",
        b"bcc",
        b"cc",
        b"content-type",
        b"date",
        b"from",
        b"in-reply-to",
        b"list-id",
        b"list-unsubscribe",
        b"message-id",
        b"precedence",
        b"references",
        b"return-path",
        b"sender",
        b"to",
        b"x-autoreply",
        b"x-gmail-labels",
    }
)
FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
ID = re.compile(r"<([^<>\s]{1,998})>")
LONGEST_DATE = 100
MOST_PEOPLE = 1000
PARTS = (("to", Role.TO), ("cc", Role.CC), ("bcc", Role.BCC))
MASS = re.compile(r"\b(bulk|list|junk)\b", re.IGNORECASE)
UNSENT = re.compile(r"\b(drafts?|spam|trash)\b", re.IGNORECASE)


def fields(headers: bytes) -> dict[str, str]:
    """Give the headers that tell who wrote to whom and when; of several alike, the first."""
    found: dict[str, str] = {}
    for match in FIELD.finditer(headers):
        name = match[1].lower()
        if name in WANTED and name.decode() not in found:
            value = match[2][:LONGEST_HEADER].replace(b"\r", b"").replace(b"\n", b"")
            found[name.decode()] = unraw(value).replace("\0", "").strip()
    return found


def to_email(headers: bytes) -> tuple[Activity, tuple[Named, ...]]:
    """Read a message: the activity, and whom it names.

    Raises:
        Unreadable: If it does not say who wrote it, or when.
    """
    told = fields(headers)
    senders = mailboxes(told.get("from", "")) or mailboxes(told.get("sender", ""))
    if not senders:
        raise Unreadable("The message does not say from whom it is.")
    sender = senders[0]
    at = _moment(told.get("date", ""))
    parts = _addressed(told, sender)
    is_bulk = bool(
        told.get("list-id")
        or told.get("list-unsubscribe")
        or MASS.search(told.get("precedence", ""))
    )
    happened = _happened(told)
    own_id = _first_id(told.get("message-id", "")) or hashlib.sha256(headers).hexdigest()
    activity = Activity(
        id=opaque("email", own_id),
        channel=Channel.EMAIL,
        at=at,
        participants=(
            Participant(Role.FROM, address=sender.address),
            *(Participant(role, address=box.address) for role, box in parts),
        ),
        recipients=max(1, len(parts)),
        happened=happened,
        thread=opaque("thread", _thread(told) or own_id),
        is_bulk=is_bulk,
        modified_at=at,
    )
    if is_bulk or not happened:
        return activity, ()
    boxes = (sender, *(box for _, box in parts))
    return activity, tuple(Named(box.address, box.name, (box.address,)) for box in boxes)


def _moment(value: str) -> datetime:
    try:
        return sensible(parsedate_to_datetime(value[:LONGEST_DATE]))
    except Unreadable:
        raise
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise Unreadable("The message has no date that can be read.") from error


def _addressed(told: Mapping[str, str], sender: Mailbox) -> list[tuple[Role, Mailbox]]:
    """Give everybody that it was sent to, once, but for who sent it."""
    parts: dict[str, tuple[Role, Mailbox]] = {}
    for name, role in PARTS:
        for box in mailboxes(told.get(name, "")):
            if box.address != sender.address and len(parts) < MOST_PEOPLE:
                parts.setdefault(box.address, (role, box))
    return list(parts.values())


def _happened(told: Mapping[str, str]) -> bool:
    """Tell mail from what a machine answered, what came back, and what was never sent."""
    automatic = told.get("auto-submitted", "no").partition(";")[0].strip().lower()
    return not (
        automatic not in {"no", ""}
        or "x-autoreply" in told
        or "auto_reply" in told.get("precedence", "").lower()
        or told.get("content-type", "").lower().startswith("multipart/report")
        or told.get("return-path", "").replace(" ", "") == "<>"
        or UNSENT.search(told.get("x-gmail-labels", ""))
    )


def _thread(told: Mapping[str, str]) -> str | None:
    """Give the message that began the conversation, as far as this one tells."""
    return _first_id(told.get("references", "")) or _first_id(told.get("in-reply-to", ""))


def _first_id(value: str) -> str | None:
    found = distinct(ID.findall(value[:LONGEST_HEADER]))
    return found[0] if found else None
