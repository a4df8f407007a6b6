"""Association types: which there are between two object types, and which is the usual one.

An association has one kind in each direction. Those of HubSpot's own stand here; the labels that
an admin made are in the state. Both count from 1, so a kind is held by a number of our own: its id,
negative where an admin made it.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox import facts
from connectors.hubspot.sandbox.facts import (
    CALL,
    COMMUNICATION,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    LEAD,
    MEETING,
    NOTE,
    TASK,
    TICKET,
)

HUBSPOT_DEFINED, USER_DEFINED = "HUBSPOT_DEFINED", "USER_DEFINED"
PRIMARY = "Primary"

_BOTH_WAYS = (
    (CONTACT, COMPANY, 279, 280),
    (CONTACT, DEAL, 4, 3),
    (CONTACT, TICKET, 15, 16),
    (CONTACT, CALL, 193, 194),
    (CONTACT, EMAIL, 197, 198),
    (CONTACT, MEETING, 199, 200),
    (CONTACT, NOTE, 201, 202),
    (CONTACT, TASK, 203, 204),
    (CONTACT, COMMUNICATION, 82, 81),
    (COMPANY, DEAL, 342, 341),
    (COMPANY, TICKET, 340, 339),
    (COMPANY, CALL, 181, 182),
    (COMPANY, EMAIL, 185, 186),
    (COMPANY, MEETING, 187, 188),
    (COMPANY, NOTE, 189, 190),
    (COMPANY, TASK, 191, 192),
    (COMPANY, COMMUNICATION, 88, 87),
    (DEAL, TICKET, 27, 28),
    (DEAL, CALL, 205, 206),
    (DEAL, EMAIL, 209, 210),
    (DEAL, MEETING, 211, 212),
    (DEAL, NOTE, 213, 214),
    (DEAL, TASK, 215, 216),
    (DEAL, COMMUNICATION, 86, 85),
    (TICKET, CALL, 219, 220),
    (TICKET, EMAIL, 223, 224),
    (TICKET, MEETING, 225, 226),
    (TICKET, NOTE, 227, 228),
    (TICKET, TASK, 229, 230),
    (CONTACT, CONTACT, 449, 449),
    (COMPANY, COMPANY, 450, 450),
    # Of leads no official table was at hand: these are as integrators give them.
    (LEAD, CONTACT, 608, 607),
    (LEAD, COMPANY, 610, 609),
    (LEAD, CALL, 596, 595),
    (LEAD, EMAIL, 598, 597),
    (LEAD, MEETING, 600, 599),
    (LEAD, NOTE, 854, 853),
    (LEAD, TASK, 646, 645),
    (LEAD, COMMUNICATION, 602, 601),
)
UNLABELED = {(one, other): kind for one, other, kind, _ in _BOTH_WAYS} | {
    (other, one): kind for one, other, _, kind in _BOTH_WAYS
}
"""The kind that every association between two object types has, whatever else it has."""

_LABELED = (
    (CONTACT, COMPANY, 1, 2, PRIMARY, PRIMARY),
    (DEAL, COMPANY, 5, 6, PRIMARY, PRIMARY),
    (TICKET, COMPANY, 26, 25, PRIMARY, PRIMARY),
    (LEAD, CONTACT, 578, 579, PRIMARY, PRIMARY),
    (COMPANY, COMPANY, 13, 14, "Child Company", "Parent Company"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One association type, seen from one end.

    Attributes:
        inverse: The type that the same association has seen from the other end.
    """

    type_id: int
    inverse: int
    label: str | None
    category: str = HUBSPOT_DEFINED

    @property
    def held(self) -> int:
        """The number that the state holds it by."""
        return held(self.category, self.type_id)

    @property
    def held_inverse(self) -> int:
        """The number that the state holds the other end by."""
        return held(self.category, self.inverse)

    def shown(self) -> dict[str, Any]:
        """Give the kind as the API shows it."""
        return {"category": self.category, "typeId": self.type_id, "label": self.label}


def held(category: object, type_id: int) -> int:
    """Give the number that the state holds a kind by."""
    return -type_id if category == USER_DEFINED else type_id


def _own(one: str, other: str) -> dict[int, Kind]:
    found = {}
    if (one, other) in UNLABELED:
        kind = UNLABELED[one, other]
        found[kind] = Kind(kind, UNLABELED[other, one], None)
    for begin, end, there, back, there_label, back_label in _LABELED:
        if (begin, end) == (one, other):
            found[there] = Kind(there, back, there_label)
        if (end, begin) == (one, other):
            found[back] = Kind(back, there, back_label)
    return found


HUBSPOTS = {
    (one, other): _own(one, other) for one in facts.READ_SCOPES for other in facts.READ_SCOPES
}


def between(db: sqlite3.Connection, one: str, other: str) -> dict[int, Kind]:
    """Give the kinds of association from one object type to another, by `Kind.held`."""
    rows = db.execute(
        "SELECT kind, inverse, label FROM labels WHERE from_type = ? AND to_type = ?", (one, other)
    )
    own = (Kind(kind, inverse, label, USER_DEFINED) for kind, inverse, label in rows)
    return HUBSPOTS[one, other] | {kind.held: kind for kind in own}


def primary(one: str, other: str) -> Kind:
    """Give the kind that one of several associations of an object has."""
    return next(kind for kind in HUBSPOTS[one, other].values() if kind.label == PRIMARY)


def define(  # a label, from either end
    db: sqlite3.Connection, one: str, other: str, label: str, back: str, name: str
) -> tuple[int, int]:
    """Add a label of an admin's.

    Returns:
        Its id seen from the one end and from the other: the same if it reads the same.
    """
    (top,) = db.execute("SELECT coalesce(max(kind), 0) FROM labels").fetchone()
    there, inverse = top + 1, top + 2 if (one, label) != (other, back) else top + 1
    db.executemany(
        "INSERT OR IGNORE INTO labels VALUES (?, ?, ?, ?, ?, ?)",
        [(one, other, there, inverse, label, name), (other, one, inverse, there, back, name)],
    )
    return there, inverse
