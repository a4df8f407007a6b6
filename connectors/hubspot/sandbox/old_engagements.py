"""The engagements of the first API: all kinds of activities in one list, by when they changed."""

import json
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import bad_request
from connectors.hubspot.sandbox.request import Asked, Reply, need

TYPES = {
    facts.EMAIL: "EMAIL",
    facts.MEETING: "MEETING",
    facts.CALL: "CALL",
    facts.TASK: "TASK",
    facts.NOTE: "NOTE",
}
MOST = 1000
ENDS = {
    "contactIds": facts.CONTACT,
    "companyIds": facts.COMPANY,
    "dealIds": facts.DEAL,
    "ticketIds": facts.TICKET,
}


def list_modified(asked: Asked) -> Reply:
    """Answer ``GET /engagements/v1/engagements/modified/after``.

    `after` is a moment (ms since 1970) at first, then what the page before gave; equal moments are
    told apart by ids, so that no row is given twice or left out. Without the scope of contacts the
    real one gives an empty list with a 200; here it is refused.
    """
    need(asked, *facts.READ_SCOPES[facts.CONTACT])
    number = asked.query.get("limit", "100")
    if not number.isdigit() or not 0 < int(number) <= MOST:
        raise bad_request(f"limit must be between 1 and {MOST}")
    at, kind, last_id = _place(asked.query.get("after", "0"))
    marks = ", ".join("?" * len(TYPES))
    rows = asked.db.execute(
        f"SELECT type, {state.COLUMNS} FROM objects WHERE type IN ({marks}) AND archived = 0 "  # noqa: S608  # constants
        "AND (modified, type, id) > (?, ?, ?) ORDER BY modified, type, id LIMIT ?",
        (*TYPES, at, kind, last_id, int(number) + 1),
    ).fetchall()
    page = rows[: int(number)]
    place = f"{page[-1][4]}.{page[-1][0]}.{page[-1][1]}" if page else asked.query.get("after", "0")
    found = [_engagement(asked, *row[:5]) for row in page]
    return 200, {"results": found, "hasMore": len(rows) > len(page), "after": place}


def _place(after: str) -> tuple[int, str, int]:
    """Read a place: a moment alone begins with the rows of that moment."""
    at, _, rest = after.partition(".")
    kind, _, last_id = rest.partition(".")
    if not at.isdigit() or not (last_id or "0").isdigit():
        raise bad_request("after is not valid")
    return int(at), kind, int(last_id or 0)


def _engagement(
    asked: Asked, kind: str, number: int, properties: str, created: int, modified: int
) -> dict[str, Any]:
    values: dict[str, str] = json.loads(properties)
    owner = values.get("hubspot_owner_id")
    return {
        "engagement": {
            "id": number,
            "portalId": facts.PORTAL_ID,
            "active": True,
            "createdAt": created,
            "lastUpdated": modified,
            "type": TYPES[kind],
            "ownerId": int(owner) if owner else None,
            "timestamp": created,
        },
        "associations": {
            name: list(state.ends(asked.db, (kind, number), other)) for name, other in ENDS.items()
        },
        "attachments": [],
        "metadata": {},
    }
