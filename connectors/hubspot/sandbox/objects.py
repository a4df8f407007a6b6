"""Objects: listed, read, and updated in batches with a verdict for each input."""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import bad_request, error, invalid_values, not_found
from connectors.hubspot.sandbox.request import Asked, inputs, limit, named_type, need, object_type

COLUMNS = "id, properties, created, modified, archived"
DEFAULTS = {
    facts.CONTACT: ("email", "firstname", "lastname"),
    facts.COMPANY: ("name", "domain"),
}


def list_objects(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``GET /crm/objects/{type}``: in the order of ids, from `after` on."""
    type_id = object_type(asked)
    wanted, after = limit(asked, facts.LIST_LIMIT), asked.query.get("after", "0")
    if not after.isdigit():
        raise bad_request("after is no cursor.")
    rows = asked.db.execute(
        f"SELECT {COLUMNS} FROM objects WHERE type = ? AND archived = ? AND id >= ? "  # noqa: S608  # a constant
        "AND merged_into IS NULL ORDER BY id LIMIT ?",
        (type_id, int(asked.is_archived), int(after), wanted + 1),
    ).fetchall()
    names = _names(asked, type_id, asked.query.get("properties", "").split(","))
    results = [state.as_object(type_id, row, names) for row in rows[:wanted]]
    found: dict[str, Any] = {"results": results}
    if len(rows) > wanted:
        found["paging"] = {"next": {"after": str(rows[wanted][0])}}
    return 200, found


def get_object(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``GET /crm/objects/{type}/{id}``; the id of a merged record finds the survivor."""
    type_id = object_type(asked)
    row = _row(asked.db, type_id, asked.path["id"])
    for _ in range(250):
        if row is None or row[5] is None:
            break
        row = _row(asked.db, type_id, str(row[5]))
    if row is None or bool(row[4]) != asked.is_archived:
        raise not_found()
    names = _names(asked, type_id, asked.query.get("properties", "").split(","))
    return 200, state.as_object(type_id, row[:5], names)


def read_batch(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/objects/{type}/batch/read``; what is not there is told in errors."""
    type_id = object_type(asked)
    names = _names(asked, type_id, asked.body.get("properties") or ())
    results, missing = [], []
    for wanted in inputs(asked, facts.BATCH_LIMIT):
        row = _row(asked.db, type_id, str(wanted.get("id")))
        if row is None or bool(row[4]) != asked.is_archived:
            missing.append(str(wanted.get("id")))
        else:
            results.append(state.as_object(type_id, row[:5], names))
    return batch_answer(asked, results, [_gone(type_id, missing)] if missing else [])


def update_batch(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/objects/{type}/batch/update``.

    An input that is wrong is refused by itself if each input has an ``objectWriteTraceId``;
    otherwise the whole batch is refused, and nothing written.
    """
    type_id = named_type(asked.path["type"])
    need(asked, facts.WRITE_SCOPES.get(type_id, facts.CONTACT_WRITE_SCOPE))
    wanted = inputs(asked, facts.BATCH_LIMIT)
    if len({str(item.get("id")) for item in wanted}) < len(wanted):
        raise bad_request("Duplicate IDs found in batch input.")
    known = state.definitions(asked.db, type_id)
    wrong = {n: p for n, item in enumerate(wanted) if (p := _problems(item, known))}
    is_traced = all(item.get("objectWriteTraceId") for item in wanted)
    if wrong and (not is_traced or state.setting(asked.db, "whole_batches", 0)):
        raise bad_request(invalid_values(p for problems in wrong.values() for p in problems))
    errors = [_refusal(wanted[place], problems) for place, problems in wrong.items()]
    results = []
    with _together(asked.db):
        for place, item in enumerate(wanted):
            row = _row(asked.db, type_id, str(item.get("id")))
            if place not in wrong and row is not None and not row[4]:
                results.append(_update(asked, type_id, row, item))
            elif place not in wrong:
                errors.append(_gone(type_id, [str(item.get("id"))], item))
    return batch_answer(asked, results, errors)


def batch_answer(
    asked: Asked, results: list[Any], errors: list[dict[str, Any]], created: int = 200
) -> tuple[int, Mapping[str, Any]]:
    """Wrap what a batch gave; the newest version tells errors in a 200."""
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": state.iso(asked.now_ms),
        "completedAt": state.iso(asked.now_ms),
    }
    if not errors:
        return created, body
    is_new = asked.version >= facts.FIRST_WITH_ERRORS_IN_200 and asked.version != "v3"
    return (200 if is_new else 207), body | {"numErrors": len(errors), "errors": errors}


def _row(db: sqlite3.Connection, type_id: str, object_id: str) -> tuple[Any, ...] | None:
    if not object_id.isdigit():
        return None
    found: tuple[Any, ...] | None = db.execute(
        f"SELECT {COLUMNS}, merged_into FROM objects WHERE type = ? AND id = ?",  # noqa: S608  # a constant
        (type_id, int(object_id)),
    ).fetchone()
    return found


def _names(asked: Asked, type_id: str, names: Iterable[str]) -> list[str]:
    """Give those of the properties asked for that there are, or the usual ones."""
    wanted = [name for name in names if name]
    state.note_asked(asked.db, type_id, wanted)
    known = state.definitions(asked.db, type_id)
    return [name for name in wanted or DEFAULTS.get(type_id, ()) if name in known]


def _update(
    asked: Asked, type_id: str, row: tuple[Any, ...], item: Mapping[str, Any]
) -> dict[str, Any]:
    values = json.loads(row[1])
    for name, value in item["properties"].items():
        if value == "":
            values.pop(name, None)
        else:
            values[name] = value
    changed = (row[0], json.dumps(values), row[2], asked.now_ms, row[4])
    asked.db.execute(
        "UPDATE objects SET properties = ?, modified = ? WHERE type = ? AND id = ?",
        (changed[1], asked.now_ms, type_id, row[0]),
    )
    shown = state.as_object(type_id, changed, item["properties"])
    trace = item.get("objectWriteTraceId")
    return shown | ({"objectWriteTraceId": trace} if trace else {})


def _problems(
    item: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, str]]:
    properties = item.get("properties")
    if not isinstance(properties, dict):
        raise bad_request("Each input needs properties.")
    found = []
    for name, value in properties.items():
        code = _problem(known.get(name), value)
        if code:
            message = f'Property "{name}" was refused'
            found.append({"message": message, "error": code, "name": name})
    return found


def _problem(definition: Mapping[str, Any] | None, value: object) -> str | None:
    if definition is None:
        return "PROPERTY_DOESNT_EXIST"
    if definition["modificationMetadata"]["readOnlyValue"]:
        return "READ_ONLY_VALUE"
    if not isinstance(value, str):
        raise bad_request("Invalid input JSON: property values are strings.")
    return None if value == "" else _misfit(definition, value)


def _misfit(definition: Mapping[str, Any], value: str) -> str | None:
    options = [option["value"] for option in definition.get("options") or ()]
    kind = definition["type"]
    if kind == "enumeration" and options and value not in options:
        return "INVALID_OPTION"
    if kind == "number" and not _is_number(value):
        return "INVALID_LONG"
    return "INVALID_DATE" if kind == "date" and not _is_date(value) else None


def _is_number(value: str) -> bool:
    with contextlib.suppress(ValueError):
        float(value)
        return not any(sign in value for sign in ",_nN")
    return False


def _is_date(value: str) -> bool:
    parts = value.split("-")
    return value.isdigit() or ([len(p) for p in parts] == [4, 2, 2] and "".join(parts).isdigit())


def _refusal(item: Mapping[str, Any], problems: list[dict[str, str]]) -> dict[str, Any]:
    details = [
        {"message": p["message"], "code": p["error"], "context": {"propertyName": [p["name"]]}}
        for p in problems
    ]
    context = {"objectWriteTraceId": [str(item.get("objectWriteTraceId"))]}
    message = invalid_values(problems)
    return error(message, "VALIDATION_ERROR", context=context, errors=details)


def _gone(type_id: str, ids: list[str], item: Mapping[str, Any] | None = None) -> dict[str, Any]:
    name = facts.SINGULAR[type_id].upper()
    context: dict[str, Any] = {"ids": ids}
    if item and item.get("objectWriteTraceId"):
        context["objectWriteTraceId"] = [str(item["objectWriteTraceId"])]
    message = f"Could not get some {name} objects, they may be deleted or not exist."
    return error(message, "OBJECT_NOT_FOUND", context=context)


@contextlib.contextmanager
def _together(db: sqlite3.Connection) -> Iterator[None]:
    """Write several rows as one."""
    db.execute("BEGIN")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
