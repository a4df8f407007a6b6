"""Tasks, which no neutral record becomes, put into a portal."""

from connectors import ExternalId
from connectors.hubspot.sandbox import state
from tests.connectors.hubspot_fixtures import THEN, Portal

TASK, CONTACT = "0-27", "0-1"

DONE = {
    "hs_timestamp": "2026-03-02T09:30:00.000Z",
    "hs_task_type": "LINKED_IN_MESSAGE",
    "hs_task_status": "COMPLETED",
    "hubspot_owner_id": "101",
}


def put_tasks(
    portal: Portal, number: int = 1, contact: int | None = None, **properties: str
) -> dict[ExternalId, ExternalId]:
    """Put tasks on LinkedIn, or others, into a portal; gives their ids, each under itself."""
    db, ids = portal.sandbox.db, {}
    for _ in range(number):
        key = TASK, state.next_id(db, TASK)
        state.put_object(db, *key, DONE | properties, state.to_ms(THEN))
        if contact is not None:
            state.link(db, key, (CONTACT, contact))
        record_id = ExternalId(f"{TASK}:{key[1]}")
        ids[record_id] = record_id
    return ids
