"""Rows of child queries page by page: what is behind the first is asked for by a locator."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.ids import long_id
from connectors.salesforce.sandbox.org import Org, stamp
from connectors.salesforce.sandbox.shapes import Record

LIFE = timedelta(minutes=15)
"""How long a locator that nobody uses is kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A child query of a statement, by its numbers from the outermost on, and one parent row."""

    path: tuple[int, ...]
    parent: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a locator stands for."""

    text: str
    is_all: bool
    page: int
    place: Place


def first(asked: Asked, place: Place, records: list[Record]) -> dict[str, Any]:
    """Give the rows of one parent as they stand in its record: not all, where they are many."""
    most = asked.sub_page - 1
    if asked.sub_page == 0 or len(records) <= most:
        return {"totalSize": len(records), "done": True, "records": records}
    locator = long_id("01g" + asked.org.secret("locator", 12))
    asked.org.db.execute(
        "INSERT INTO child_locator VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(locator, asked.text, asked.is_all, asked.sub_page),
            *(json.dumps(place.path), place.parent, _expiry(asked.org)),
        ),
    )
    address = f"/services/data/v{asked.version}/query/{locator}-{most}"
    return {
        "totalSize": len(records),
        "done": False,
        "nextRecordsUrl": address,
        "records": records[:most],
    }


def find(org: Org, locator: str) -> Cursor | None:
    """Look up a locator, and keep it for another while."""
    row = org.db.execute(
        "UPDATE child_locator SET expires_at = ?1 WHERE id = ?2 AND expires_at > ?3 "
        "RETURNING soql, is_all, page, path, parent",
        (_expiry(org), locator, org.now()),
    ).fetchone()
    if row is None:
        return None
    soql, is_all, page, path, parent = row
    return Cursor(soql, bool(is_all), page, Place(tuple(json.loads(path)), parent))


def _expiry(org: Org) -> str:
    return stamp(org.clock.now() + LIFE)
