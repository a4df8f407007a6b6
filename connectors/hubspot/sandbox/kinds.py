"""Association types: which there are between two object types, and which is the usual one.

An association has one kind in each direction. Those of HubSpot's own stand here; the labels that
an admin made are in the state.
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
    (CONTACT, COMPANY, 1, 2, "Primary", "Primary"),
    (DEAL, COMPANY, 5, 6, "Primary", "Primary"),
    (TICKET, COMPANY, 26, 25, "Primary", "Primary"),
    (LEAD, CONTACT, 578, 579, "Primary", "Primary"),
    (COMPANY, COMPANY, 13, 14, "Child Company", "Parent Company"),
)
PRIMARY_COMPANY = 1


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

    def shown(self) -> dict[str, Any]:
        """Give the kind as the API shows it."""
        return {"category": self.category, "typeId": self.type_id, "label": self.label}


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
    """Give the kinds of association from one object type to another by their ids."""
    rows = db.execute(
        "SELECT kind, inverse, label FROM labels WHERE from_type = ? AND to_type = ?", (one, other)
    )
    own = {kind: Kind(kind, inverse, label, USER_DEFINED) for kind, inverse, label in rows}
    return HUBSPOTS[one, other] | own
