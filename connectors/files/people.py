"""Everybody whom the files name, with the name that they are called by most.

Kept in a temporary file, not in memory, and gone with the connector.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from connectors._records import Account, Acquaintance, ExternalId, Person, PersonKind
from connectors.files.found import Named, Ours, account_id, person_id

CACHE_KIB = 16 * 1024

_TABLES = """
CREATE TABLE person (
    id TEXT PRIMARY KEY, is_own INTEGER NOT NULL, company TEXT NOT NULL, title TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE address (id TEXT, address TEXT, PRIMARY KEY (id, address)) WITHOUT ROWID;
CREATE TABLE name (id TEXT, name TEXT, times INTEGER, PRIMARY KEY (id, name)) WITHOUT ROWID;
CREATE TABLE linked (
    id TEXT, colleague TEXT, since TEXT NOT NULL, PRIMARY KEY (id, colleague)
) WITHOUT ROWID;
CREATE TABLE account (id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
"""


class Tally:
    """Counts names."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.executescript(_TABLES)
        self.add(Named(address, addresses=(address,)) for address in ours.addresses)

    def close(self) -> None:
        """Let go of it all."""
        self._db.close()

    def add(self, people: Iterable[Named]) -> None:
        """Count what some people are called."""
        summed: dict[tuple[str, str], int] = {}
        known: dict[str, Named] = {}
        linked: list[tuple[str, str, str]] = []
        for one in people:
            if one.linked_since:
                since = one.linked_since.isoformat()
                linked.append((person_id(one.key), person_id(one.linked_with), since))
            known_as = (one.key, one.name)
            summed[known_as] = summed.get(known_as, 0) + one.weight
            before = known.get(one.key)
            if before is None or one.company or one.title or one.is_own or len(one.addresses) > 1:
                known[one.key] = one
        self._db.execute("BEGIN")
        for one in known.values():
            self._keep(one)
        self._db.executemany(
            "INSERT INTO name VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET times = times + excluded.times",
            [(person_id(key), name, n) for (key, name), n in summed.items() if name],
        )
        self._db.executemany(
            "INSERT INTO linked VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET since = min(since, excluded.since)",
            linked,
        )
        self._db.execute("COMMIT")

    def _keep(self, one: Named) -> None:
        own_id = person_id(one.key)
        is_own = one.is_own or any(self._ours.has(address) for address in one.addresses)
        self._db.execute(
            "INSERT INTO person VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " is_own = max(is_own, excluded.is_own),"
            " company = CASE excluded.company WHEN '' THEN company ELSE excluded.company END,"
            " title = CASE excluded.title WHEN '' THEN title ELSE excluded.title END",
            (own_id, is_own, one.company, one.title),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO address VALUES (?, ?)", [(own_id, a) for a in one.addresses]
        )
        if one.company and not is_own:
            self._db.execute(
                "INSERT OR IGNORE INTO account VALUES (?, ?)",
                (account_id(one.company), one.company),
            )

    def people(self, kind: PersonKind, after: str, limit: int) -> Sequence[Person]:
        """Give the next people of a kind, by id."""
        found = self._db.execute(
            "SELECT id, company, title FROM person WHERE is_own = ? AND id > ? ORDER BY id LIMIT ?",
            (kind is PersonKind.COLLEAGUE, after, limit),
        ).fetchall()
        return [self._person(kind, *row) for row in found]

    def accounts(self, after: str, limit: int) -> Sequence[Account]:
        """Give the next companies that contacts are said to be at, by id."""
        found = self._db.execute(
            "SELECT id, name FROM account WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [Account(ExternalId(own_id), name) for own_id, name in found]

    def _person(self, kind: PersonKind, own_id: str, company: str, title: str) -> Person:
        addresses = [
            str(address)
            for (address,) in self._db.execute(
                "SELECT address FROM address WHERE id = ? ORDER BY address", (own_id,)
            )
        ]
        addresses.sort(key=lambda address: person_id(address) != own_id)
        named = self._db.execute(
            "SELECT name FROM name WHERE id = ? ORDER BY times DESC, name LIMIT 1", (own_id,)
        ).fetchone()
        is_own = kind is PersonKind.COLLEAGUE
        return Person(
            ExternalId(own_id),
            kind,
            named[0] if named else "",
            tuple(addresses),
            title=title or None,
            account_id=account_id(company) if company and not is_own else None,
            linked=tuple(self._linked(own_id)),
        )

    def _linked(self, own_id: str) -> Iterator[Acquaintance]:
        """Give who of us is connected with somebody, by id."""
        for colleague, since in self._db.execute(
            "SELECT colleague, since FROM linked WHERE id = ? ORDER BY colleague", (own_id,)
        ):
            yield Acquaintance(ExternalId(colleague), date.fromisoformat(since))
