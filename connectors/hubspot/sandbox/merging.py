"""Merges, in both of HubSpot's modes, and the erasure of a contact."""

import json
import sqlite3
from collections.abc import Mapping, Sequence

from connectors.hubspot.sandbox import changes, events, facts, kinds, objects, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, error, not_found
from connectors.hubspot.sandbox.events import Author
from connectors.hubspot.sandbox.request import Asked, Reply, text, written_type

ADDITIONAL = {
    facts.CONTACT: ("email", "hs_additional_emails"),
    facts.COMPANY: ("domain", "hs_additional_domains"),
}
"""The property of which a merged object has several values, and where the others stand."""


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
    held = [_held(db, type_id, number) for number in (first, second)]
    absorbed = [str(first), str(second)]
    absorbed += [old for values in held for old in _listed(values, "hs_merged_object_ids")]
    if len(absorbed) > facts.MOST_MERGES:
        raise Refused(414, error("Cannot have more than 250 identities on a profile"))
    values = held[1] | held[0] | _names_of_both(type_id, held)
    is_kept = bool(state.setting(db, "merge_keeps_primary", 0))
    survivor = first if is_kept else state.next_id(db, type_id)
    values["hs_merged_object_ids"] = ";".join(n for n in absorbed if n != str(survivor))
    if type_id == facts.CONTACT:
        before = [vid for values in held for vid in _listed(values, "hs_calculated_merged_vids")]
        vids = [*before, *(f"{number}:{at}" for number in (first, second))]
        values["hs_calculated_merged_vids"] = ";".join(vids)
    with changes.together(db):
        _keep_primary(db, type_id, first, second)
        _absorb(db, type_id, (first, second), survivor, at)
        if is_kept:
            changes.change(db, type_id, first, values, author, at)
        else:
            _begin_anew(db, type_id, first, survivor, values, at)
        detail = {
            "primaryObjectId": first,
            "mergedObjectIds": [first, second] if not is_kept else [second],
            "newObjectId": survivor,
            "numberOfPropertiesMoved": len(values),
        }
        events.tell(db, "merge", type_id, survivor, author, at, [detail])
    return survivor


def _begin_anew(  # one object in place of two
    db: sqlite3.Connection,
    type_id: str,
    first: int,
    survivor: int,
    values: Mapping[str, str],
    at: int,
) -> None:
    """Add the survivor, as old as the first object and with its history."""
    (created,) = db.execute(
        "SELECT created FROM objects WHERE type = ? AND id = ?", (type_id, first)
    ).fetchone()
    state.put_object(db, type_id, survivor, values, at, created)
    db.execute("UPDATE history SET id = ? WHERE type = ? AND id = ?", (survivor, type_id, first))


def _held(db: sqlite3.Connection, type_id: str, number: int) -> dict[str, str]:
    (held,) = db.execute(
        "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
    ).fetchone()
    found: dict[str, str] = json.loads(held)
    return found


def _listed(values: Mapping[str, str], *names: str) -> list[str]:
    return [part for name in names for part in values.get(name, "").split(";") if part]


def _names_of_both(type_id: str, held: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Give the main address or domain of two objects, and all others that they had."""
    if type_id not in ADDITIONAL:
        return {}
    main, more = ADDITIONAL[type_id]
    first, *rest = dict.fromkeys(n for values in held for n in _listed(values, main, more)) or [""]
    found = {main: first, more: ";".join(rest)}
    return {name: value for name, value in found.items() if value}


def _keep_primary(db: sqlite3.Connection, type_id: str, first: int, second: int) -> None:
    """Let the second object's primary company be one of several, if the first has one."""
    if type_id not in {facts.CONTACT, facts.DEAL, facts.TICKET}:
        return
    kind = kinds.primary(type_id, facts.COMPANY)
    companies = state.ends(db, (type_id, first), facts.COMPANY)
    if any(kind.held in held for held in companies.values()):
        db.execute(
            "DELETE FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? AND kind = ?",
            (type_id, second, facts.COMPANY, kind.held),
        )
        db.execute(
            "DELETE FROM links WHERE to_type = ? AND to_id = ? AND from_type = ? AND kind = ?",
            (type_id, second, facts.COMPANY, kind.held_inverse),
        )


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
