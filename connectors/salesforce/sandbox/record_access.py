"""`UserRecordAccess`: what a user may read; all is shared here but what a lever keeps back."""

import re
from typing import Any

from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.org import Org

MOST_RECORDS = 200

_ASKED = re.compile(
    r"SELECT RecordId, HasReadAccess FROM UserRecordAccess "
    r"WHERE UserId = '(\w{15,18})' AND RecordId IN \(([\w', ]+)\)"
)


def asks(text: str) -> bool:
    """Tell whether a statement is about access."""
    return "FROM UserRecordAccess" in text


def rows(asked: Asked) -> list[dict[str, Any]]:
    """Answer a statement about access, in the one form it is asked here.

    Raises:
        Refusal: MALFORMED_QUERY, if it is another, or about more than 200 records.
    """
    found = _ASKED.fullmatch(asked.text)
    ids = re.findall(r"'(\w+)'", found[2]) if found else []
    if found is None or len(ids) > MOST_RECORDS:
        problem = "Can select only RecordId, a HasAccess field and MaxAccessLevel for one user"
        raise Refusal(400, "MALFORMED_QUERY", problem)
    query = "SELECT record FROM kept_from WHERE user_id = ?"
    kept = {row[0] for row in asked.org.db.execute(query, (found[1],))}
    return [
        {
            "attributes": {"type": "UserRecordAccess"},
            "RecordId": one,
            "HasReadAccess": one not in kept,
        }
        for one in ids
    ]


def keep_from(sandbox: Sandbox, user: str, record: str) -> None:
    """Let a user read a record no longer: as if nobody shared it with them."""
    Org(sandbox).db.execute("INSERT OR IGNORE INTO kept_from VALUES (?, ?)", (record, user))
