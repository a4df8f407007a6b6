"""Owners: the portal's people, and those who have left."""

from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import bad_request, not_found
from connectors.hubspot.sandbox.request import Asked, Reply, after, limit, need

COLUMNS = "id, email, first_name, last_name, team, modified, archived"
USER_SHIFT = 9_000
"""By how much a user's id is more than the owner's."""


def list_owners(asked: Asked) -> Reply:
    """Answer ``GET /crm/owners``."""
    need(asked, facts.OWNER_SCOPE)
    wanted, email = limit(asked, facts.OWNER_LIMIT, 100), asked.query.get("email")
    rows = asked.db.execute(
        f"SELECT {COLUMNS} FROM owners WHERE archived = ? AND id > ? "  # noqa: S608  # a constant
        "AND lower(email) = coalesce(lower(?), lower(email)) ORDER BY id LIMIT ?",
        (int(asked.is_archived), after(asked), email, wanted + 1),
    ).fetchall()
    found: dict[str, Any] = {"results": [_owner(row) for row in rows[:wanted]]}
    if len(rows) > wanted:
        cursor = str(rows[wanted - 1][0])
        link = f"{asked.url}/crm/v3/owners?after={cursor}"
        found["paging"] = {"next": {"after": cursor, "link": link}}
    return 200, found


def get_owner(asked: Asked) -> Reply:
    """Answer ``GET /crm/owners/{id}``, by the owner's id or the user's."""
    need(asked, facts.OWNER_SCOPE)
    number, by = asked.path["id"], asked.query.get("idProperty", "id")
    if not number.isdigit() or by not in {"id", "userId"}:
        raise bad_request("An owner is found by a numeric id or userId.")
    key = int(number) - (USER_SHIFT if by == "userId" else 0)
    row = asked.db.execute(
        f"SELECT {COLUMNS} FROM owners WHERE id = ? AND archived = ?",  # noqa: S608  # a constant
        (key, int(asked.is_archived)),
    ).fetchone()
    if row is None:
        raise not_found()
    return 200, _owner(row)


def _owner(row: tuple[Any, ...]) -> dict[str, Any]:
    number, email, first, last, team, modified, archived = row
    return {
        "id": str(number),
        "email": email,
        "firstName": first,
        "lastName": last,
        "type": "PERSON",
        "userId": None if archived else number + USER_SHIFT,
        "userIdIncludingInactive": number + USER_SHIFT,
        "teams": [{"id": "1", "name": team, "primary": True}] if team else [],
        "archived": bool(archived),
        "createdAt": state.iso(modified),
        "updatedAt": state.iso(modified),
    }
