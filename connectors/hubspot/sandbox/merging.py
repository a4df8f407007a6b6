"""Merges, in both of HubSpot's modes, and the erasure of a contact."""

import json
import sqlite3

from connectors.hubspot.sandbox import changes, events, facts, objects, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, error, not_found
from connectors.hubspot.sandbox.events import Author
from connectors.hubspot.sandbox.request import Asked, Reply, text, written_type


def merge_objects(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/merge``."""
    type_id = written_type(asked)
    pair = [text(asked.body, name) for name in ("primaryObjectId", "objectIdToMerge")]
    rows = [state.find(asked.db, type_id, number) for number in pair]
    if rows[0] is None or rows[1] is None:
        raise not_found()
    if pair[0] == pair[1]:
        raise bad_request("An object cannot be merged with itself.")
    author = events.integration(asked.caller.app_id)
    ids = rows[0][0], rows[1][0]
    number = merge(asked.db, type_id, *ids, author, asked.now_ms)
    row = state.find(asked.db, type_id, number)
    if row is None:
        raise not_found()
    return 200, objects.Shown(asked, type_id).object(row)


def erase_contact(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/contacts/gdpr-delete``."""
    type_id = written_type(asked)
    if type_id != facts.CONTACT:
        raise not_found()
    wanted, by = text(asked.body, "objectId"), asked.body.get("idProperty")
    row = objects.find(asked, type_id, wanted, by)
    if row is None:
        raise not_found()
    changes.erase(asked.db, row[0], events.integration(asked.caller.app_id), asked.now_ms)
    return 204, {}


def merge(  # two objects, by whom and when
    db: sqlite3.Connection, type_id: str, first: int, second: int, author: Author, at: int
) -> int:
    """Merge the second object into the first.

    The survivor is a third object with a new id, as in HubSpot since 2025, or the first one if
    the setting ``merge_keeps_primary`` says so. Its values win.

    Returns:
        The survivor's id.
    """
    values: dict[str, str] = {}
    absorbed = [str(first), str(second)]
    for number in (second, first):
        (held,) = db.execute(
            "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
        ).fetchone()
        values |= json.loads(held)
        absorbed += [old for old in values.pop("hs_merged_object_ids", "").split(";") if old]
    if len(absorbed) > facts.MOST_MERGES:
        raise Refused(414, error("Cannot have more than 250 identities on a profile"))
    is_kept = bool(state.setting(db, "merge_keeps_primary", 0))
    survivor = first if is_kept else state.next_id(db, type_id)
    values["hs_merged_object_ids"] = ";".join(n for n in absorbed if n != str(survivor))
    if type_id == facts.CONTACT:
        vids = ";".join(f"{number}:{at}" for number in (first, second))
        values["hs_calculated_merged_vids"] = vids
    with changes.together(db):
        _absorb(db, type_id, (first, second), survivor, at)
        if is_kept:
            changes.change(db, type_id, first, values, author, at)
        else:
            state.put_object(db, type_id, survivor, values, at)
        detail = {
            "primaryObjectId": first,
            "mergedObjectIds": [first, second] if not is_kept else [second],
            "newObjectId": survivor,
            "numberOfPropertiesMoved": len(values),
        }
        events.tell(db, "merge", type_id, survivor, author, at, [detail])
    return survivor


def _absorb(
    db: sqlite3.Connection, type_id: str, numbers: tuple[int, int], survivor: int, at: int
) -> None:
    for number in numbers:
        if number == survivor:
            continue
        for end in ("from", "to"):
            db.execute(
                f"UPDATE OR IGNORE links SET {end}_id = ? WHERE {end}_type = ? AND {end}_id = ?",  # noqa: S608  # our own names
                (survivor, type_id, number),
            )
        changes.unlink(db, type_id, number)
        state.keep_version(db, (type_id, number), at)
        db.execute(
            "UPDATE objects SET archived = 1, modified = ?, merged_into = ? "
            "WHERE type = ? AND id = ?",
            (at, survivor, type_id, number),
        )
