"""The search: filters as SQL, and the limits that make clients of HubSpot fail."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import bad_request
from connectors.hubspot.sandbox.request import Asked, object_type

COMPARED = {"EQ": "=", "NEQ": "IS NOT", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}

Term = tuple[str, list[object]]


def search(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/objects/{type}/search``."""
    body, type_id = asked.body, object_type(asked)
    if asked.body_length > facts.SEARCH_BODY_LIMIT:
        raise bad_request("The request body may have at most 3,000 characters.")
    definitions = state.definitions(asked.db, type_id)
    where, values = _where(asked, type_id, definitions)
    limit, after = _window(body)
    total = asked.db.execute(f"SELECT count(*) {where}", values).fetchone()[0]
    rows = asked.db.execute(
        f"SELECT id, properties, created, modified, archived {where} "
        f"ORDER BY {_order(body, type_id, definitions)} LIMIT ? OFFSET ?",
        [*values, limit, after],
    ).fetchall()
    names = [name for name in body.get("properties") or () if name in definitions]
    state.note_asked(asked.db, type_id, body.get("properties") or ())
    found = {"total": total, "results": [state.as_object(type_id, row, names) for row in rows]}
    if after + len(rows) < total:
        found["paging"] = {"next": {"after": str(after + len(rows))}}
    return 200, found


def _window(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit") or 10, body.get("after") or 0
    try:
        limit, after = int(limit), int(after)
    except (TypeError, ValueError) as error:
        raise bad_request("after and limit must be integers.") from error
    if not 0 < limit <= facts.SEARCH_LIMIT:
        raise bad_request("limit must be between 1 and 200.")
    if after + limit > facts.SEARCH_WALL:
        raise bad_request("There are more than 10000 results: paging stops there.")
    return limit, after


def _where(
    asked: Asked, type_id: str, definitions: Mapping[str, Mapping[str, Any]]
) -> tuple[str, list[object]]:
    groups = asked.body.get("filterGroups") or []
    if asked.body.get("filters"):
        groups = [{"filters": asked.body["filters"]}, *groups]
    _check_counts(groups)
    values: list[object] = [type_id]
    where = "FROM objects WHERE type = ? AND archived = 0"
    lag_ms = state.setting(asked.db, "index_lag_ms", 0)
    if lag_ms:
        where += " AND modified <= ?"
        values.append(asked.now_ms - lag_ms)
    alternatives = []
    for group in groups:
        terms = [_term(type_id, definitions, f) for f in group.get("filters") or []]
        alternatives.append(" AND ".join(sql for sql, _ in terms) or "1")
        values.extend(value for _, given in terms for value in given)
    if alternatives:
        where += " AND (" + " OR ".join(f"({sql})" for sql in alternatives) + ")"
    return where, values


def _check_counts(groups: Sequence[Mapping[str, Any]]) -> None:
    counts = [len(group.get("filters") or ()) for group in groups]
    if (
        len(groups) > facts.MOST_GROUPS
        or max(counts, default=0) > facts.MOST_FILTERS
        or sum(counts) > facts.MOST_FILTERS_IN_ALL
    ):
        raise bad_request("Too many filters: at most 5 groups of 6, and 18 in all.")


def _term(
    type_id: str, definitions: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Any]
) -> Term:
    name, operator = str(wanted.get("propertyName")), wanted.get("operator")
    if name not in definitions:
        raise bad_request(f"There is no property {name}.")
    column = _column(type_id, name)
    kind = "ms" if column in {"created", "modified"} else str(definitions[name]["type"])
    value = _reader(kind)
    if kind == "number" and column != "id":
        column = f"CAST({column} AS REAL)"
    elif kind == "string":
        column = f"lower({column})"
    if operator in COMPARED:
        return f"{column} {COMPARED[str(operator)]} ?", [value(wanted.get("value"))]
    if operator == "BETWEEN":
        ends = [value(wanted.get("value")), value(wanted.get("highValue"))]
        return f"{column} BETWEEN ? AND ?", ends
    if operator in {"IN", "NOT_IN"}:
        members = [value(member) for member in wanted.get("values") or []]
        places = ", ".join("?" * len(members))
        return f"{column} {'NOT ' if operator == 'NOT_IN' else ''}IN ({places})", members
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return f"{column} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL", []
    if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
        negation = "NOT " if operator == "NOT_CONTAINS_TOKEN" else ""
        pattern = "%" + str(wanted.get("value")).lower().replace("*", "%") + "%"
        return f"{negation}lower(coalesce({column}, '')) LIKE ?", [pattern]
    raise bad_request(f"There is no operator {operator}.")


def _column(type_id: str, name: str) -> str:
    columns = {
        "hs_object_id": "id",
        facts.MODIFIED.get(type_id, facts.OTHERS_MODIFIED): "modified",
        facts.CREATED.get(type_id, facts.OTHERS_CREATED): "created",
    }
    return columns.get(name, f"json_extract(properties, '$.{json.dumps(name)}')")


def _reader(kind: str) -> Callable[[object], object]:
    """Give how a filter's value is read to be compared with a property of this type."""
    readers: dict[str, Callable[[object], object]] = {
        "ms": _ms,
        "number": _number,
        "datetime": lambda value: state.iso(_ms(value)),
        "string": lambda value: str(value).lower(),
    }
    return readers.get(kind, str)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError as error:
        raise bad_request("The filter's value is no number.") from error


def _ms(value: object) -> int:
    return int(_number(value))


def _order(
    body: Mapping[str, Any], type_id: str, definitions: Mapping[str, Mapping[str, Any]]
) -> str:
    """Give the first sort asked for; HubSpot ignores the others."""
    first = next(iter(body.get("sorts") or ()), None)
    if first is None:
        return "id"
    name = first if isinstance(first, str) else str(first.get("propertyName"))
    if name not in definitions:
        raise bad_request(f"There is no property {name}.")
    is_falling = not isinstance(first, str) and first.get("direction") == "DESCENDING"
    return f"{_column(type_id, name)} {'DESC' if is_falling else 'ASC'}, id"
