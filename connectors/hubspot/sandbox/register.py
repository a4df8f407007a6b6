"""Who is who while records are put into a portal: which ids they got, and their addresses."""

import json
import sqlite3
from collections.abc import Callable, Iterable

from connectors._records import ExternalId, Participant
from connectors.hubspot.sandbox import state
from connectors.hubspot.sandbox.levers import split

OWNER = "owner"

Key = tuple[str, int]
"""An object's type, or ``owner``, and its number."""


class Register:
    """One run of filling; what was filled earlier is found by the id its connector gives it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.ids: dict[ExternalId, ExternalId] = {}
        self._db = db
        self._addresses: dict[ExternalId, str] = {}
        self._next: dict[str, int] = {}

    def number(self, type_id: str) -> int:
        """Take the next free number of a type."""
        if type_id not in self._next and type_id == OWNER:
            found = self._db.execute("SELECT max(id) FROM owners").fetchone()[0]
            self._next[type_id] = (found or 100) + 1
        elif type_id not in self._next:
            self._next[type_id] = state.next_id(self._db, type_id)
        self._next[type_id] += 1
        return self._next[type_id] - 1

    def note(self, record_id: ExternalId, key: Key, address: str | None = None) -> None:
        """Keep in mind what a record has become."""
        self.ids[record_id] = ExternalId(f"{key[0]}:{key[1]}")
        if address:
            self._addresses[self.ids[record_id]] = address

    def known(self, given: ExternalId | None) -> Key | None:
        """Give what a record has become."""
        return split(self.ids.get(given, given)) if given is not None else None

    def number_of(self, given: ExternalId | None, type_id: str) -> str | None:
        """Give a record's number, as properties hold it, if it became one of this type."""
        known = self.known(given)
        return str(known[1]) if known and known[0] == type_id else None

    def owner(self, participant: Participant) -> str | None:
        """Give a participant's number if it is an owner."""
        return self.number_of(participant.person_id, OWNER)

    def address(self, participant: Participant) -> str | None:
        """Give a participant's address, its own before that of its record."""
        if participant.address or participant.person_id is None:
            return participant.address
        known = self.ids.get(participant.person_id, participant.person_id)
        return self._addresses.get(known) or self._address_in_state(known)

    def _address_in_state(self, known: ExternalId) -> str | None:
        type_id, number = split(known)
        if type_id == OWNER:
            query, key = "SELECT email FROM owners WHERE id = ?", (number,)
            row = self._db.execute(query, key).fetchone()
            return str(row[0]) if row and row[0] else None
        row = self._db.execute(
            "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
        ).fetchone()
        return json.loads(row[0]).get("email") if row else None


def joined(people: Iterable[Participant], value: Callable[[Participant], str | None]) -> str | None:
    """Give what participants have of something, as HubSpot writes several values."""
    return ";".join(found for p in people if (found := value(p))) or None
