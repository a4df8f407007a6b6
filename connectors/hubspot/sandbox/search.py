"""The search: filters as SQL, and the limits that make clients of HubSpot fail."""

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.hubspot.sandbox import facts, objects, state
from connectors.hubspot.sandbox.answers import bad_request
from connectors.hubspot.sandbox.request import Asked, Reply, named_type, object_type

COMPARED = {"EQ": "=", "NEQ": "IS NOT", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
ASSOCIATED = "associations."
UNSEARCHABLE = frozenset({"hs_body_preview_html", "hs_email_html"})

Term = tuple[str, list[object]]
Definitions = Mapping[str, Mapping[str, Any]]


def search(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/search``."""
    body, type_id = asked.body, object_type(asked)
    if asked.body_length > facts.SEARCH_BODY_LIMIT:
        raise bad_request("The request body may have at most 3,000 characters.")
    definitions = state.definitions(asked.db, type_id)
    where, values = _where(asked, type_id, definitions)
    limit, after = _window(body)
    asked.db.create_function("has_tokens", 2, has_tokens, deterministic=True)
    overlap = min(state.setting(asked.db, "pages_overlap", 0), after, limit - 1)
    total = asked.db.execute(f"SELECT count(*) {where}", values).fetchone()[0]
    rows = asked.db.execute(
        f"SELECT {state.COLUMNS} {where} "
        f"ORDER BY {_order(body, type_id, definitions)} LIMIT ? OFFSET ?",
        [*values, limit, after - overlap],
    ).fetchall()
    shown = objects.Shown(asked, type_id, body.get("properties") or ())
    found: dict[str, Any] = {"total": total, "results": [shown.object(row) for row in rows]}
    end = after - overlap + len(rows)
    if end < total:
        found["paging"] = {"next": {"after": str(end)}}
    return 200, found


def has_tokens(text: object, wanted: object) -> bool:
    """Whether a text has all these words, in any case; ``*`` stands for any rest of a word."""
    return all(_token(word).search(str(text).lower()) for word in str(wanted).lower().split())


@functools.lru_cache(maxsize=1024)
def _token(word: str) -> re.Pattern[str]:
    pattern = re.escape(word).replace(r"\*", r"\S*")
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def _window(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit") or 10, body.get("after") or 0
    try:
        limit, after = int(limit), int(after)
    except (TypeError, ValueError) as error:
        raise bad_request("after and limit must be integers.") from error
    if not 0 < limit <= facts.SEARCH_LIMIT or after < 0:
        raise bad_request("limit must be between 1 and 200.")
    if after + limit > facts.SEARCH_WALL:
        raise bad_request("There are more than 10000 results: paging stops there.")
    return limit, after


def _where(asked: Asked, type_id: str, definitions: Definitions) -> Term:
    groups = asked.body.get("filterGroups") or []
    if asked.body.get("filters"):
        groups = [{"filters": asked.body["filters"]}, *groups]
    _check_counts(groups)
    where, values = _indexed(asked)
    where += " WHERE type = ? AND archived = 0"
    values.append(type_id)
    alternatives = []
    for group in groups:
        terms = [_term(type_id, definitions, f) for f in group.get("filters") or []]
        alternatives.append(" AND ".join(sql for sql, _ in terms) or "1")
        values.extend(value for _, given in terms for value in given)
    if alternatives:
        where += " AND (" + " OR ".join(f"({sql})" for sql in alternatives) + ")"
    for word in str(asked.body.get("query") or "").lower().split():
        columns = [f"lower({_column(type_id, name)})" for name in facts.SEARCHED_NAMES[type_id]]
        where += " AND (" + " OR ".join(f"{column} LIKE ?" for column in columns) + ")"
        values.extend([f"%{word}%"] * len(columns))
    return where, values


def _indexed(asked: Asked) -> Term:
    """Give what the index holds: the objects, as they were so long ago as it is late."""
    lag_ms = state.setting(asked.db, "index_lag_ms", 0)
    if not lag_ms:
        return "FROM objects", []
    columns, seen = f"type, {state.COLUMNS}", asked.now_ms - lag_ms
    then = (
        f"SELECT {columns} FROM objects WHERE modified <= ? UNION ALL "  # noqa: S608  # a constant
        f"SELECT {columns} FROM versions WHERE modified <= ? AND replaced > ?"
    )
    return f"FROM ({then}) AS objects", [seen, seen, seen]


def _check_counts(groups: Sequence[Mapping[str, Any]]) -> None:
    if not all(isinstance(group, dict) for group in groups):
        raise bad_request("Invalid input JSON: a filter group is an object.")
    counts = [len(group.get("filters") or ()) for group in groups]
    if (
        len(groups) > facts.MOST_GROUPS
        or max(counts, default=0) > facts.MOST_FILTERS
        or sum(counts) > facts.MOST_FILTERS_IN_ALL
    ):
        raise bad_request("Too many filters: at most 5 groups of 6, and 18 in all.")


def _term(type_id: str, definitions: Definitions, wanted: Mapping[str, Any]) -> Term:
    name, operator = str(wanted.get("propertyName")), str(wanted.get("operator"))
    if name.startswith(ASSOCIATED):
        return _association(type_id, name, operator, wanted)
    if name not in definitions or name in UNSEARCHABLE:
        raise bad_request(f"There is no property {name}.")
    column = _column(type_id, name)
    kind = "ms" if column in {"created", "modified"} else str(definitions[name]["type"])
    value = _reader(kind)
    if kind == "number" and column != "id":
        column = f"CAST({column} AS REAL)"
    elif kind in TEXTS:
        column = f"lower({column})"
    if operator in COMPARED:
        return f"{column} {COMPARED[operator]} ?", [value(_given(wanted, "value"))]
    if operator == "BETWEEN":
        ends = [value(_given(wanted, "value")), value(_given(wanted, "highValue"))]
        return f"{column} BETWEEN ? AND ?", ends
    if operator in {"IN", "NOT_IN"}:
        return _member(column, kind, operator, wanted)
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return f"{column} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL", []
    if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
        negation = "NOT " if operator == "NOT_CONTAINS_TOKEN" else ""
        return f"{negation}has_tokens(coalesce({column}, ''), ?)", [_given(wanted, "value")]
    raise bad_request(f"There is no operator {operator}.")


def _member(column: str, kind: str, operator: str, wanted: Mapping[str, Any]) -> Term:
    """Compare with several values; those of texts fit only if they are given in lower case."""
    listed = wanted.get("values")
    if not isinstance(listed, list) or not listed:
        raise bad_request(f"{operator} needs values.")
    value = str if kind in TEXTS else _reader(kind)
    places = ", ".join("?" * len(listed))
    word = "NOT IN" if operator == "NOT_IN" else "IN"
    return f"{column} {word} ({places})", [value(member) for member in listed]


def _association(type_id: str, name: str, operator: str, wanted: Mapping[str, Any]) -> Term:
    """Filter by what an object is associated with, by one id or several."""
    other = named_type(name.removeprefix(ASSOCIATED))
    members = wanted.get("values") if operator == "IN" else [_given(wanted, "value")]
    if operator not in {"EQ", "IN"} or not isinstance(members, list):
        raise bad_request(f"{name} can only be compared by EQ and IN.")
    places = ", ".join("?" * len(members))
    asked_for = (
        "SELECT 1 FROM links JOIN objects AS ends ON ends.type = to_type AND ends.id = to_id "
        "WHERE from_type = ? AND from_id = objects.id AND to_type = ? AND ends.archived = 0"
    )
    return (
        f"EXISTS ({asked_for} AND to_id IN ({places}))",
        [type_id, other, *(int(_number(member)) for member in members)],
    )


def _given(wanted: Mapping[str, Any], name: str) -> object:
    if wanted.get(name) is None:
        raise bad_request(f"The operator {wanted.get('operator')} needs a {name}.")
    value: object = wanted[name]
    return value


def _column(type_id: str, name: str) -> str:
    columns = {
        "hs_object_id": "id",
        facts.MODIFIED.get(type_id, facts.OTHERS_MODIFIED): "modified",
        facts.CREATED.get(type_id, facts.OTHERS_CREATED): "created",
    }
    return columns.get(name, f"json_extract(properties, '$.{json.dumps(name)}')")


TEXTS = frozenset({"string", "phone_number"})


def _reader(kind: str) -> Callable[[object], object]:
    """Give how a filter's value is read to be compared with a property of this type."""
    readers: dict[str, Callable[[object], object]] = {
        "ms": _ms,
        "number": _number,
        "datetime": lambda value: state.iso(_ms(value)),
        "date": lambda value: state.iso(_ms(value))[:10] if str(value).isdigit() else str(value),
        "bool": lambda value: str(value).lower(),
    }
    readers |= dict.fromkeys(TEXTS, lambda value: str(value).lower())
    return readers.get(kind, str)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError as error:
        raise bad_request("The filter's value is no number.") from error


def _ms(value: object) -> int:
    """Read a time: ms since 1970, or as ISO 8601 has it."""
    at = state.parsed_time(str(value))
    if at is None:
        raise bad_request("The filter's value is no time.")
    return at


def _order(body: Mapping[str, Any], type_id: str, definitions: Definitions) -> str:
    """Give the first sort asked for; HubSpot ignores the others."""
    first = next(iter(body.get("sorts") or ()), None)
    if first is None:
        return "id"
    name = first if isinstance(first, str) else str(first.get("propertyName"))
    if name not in definitions:
        raise bad_request(f"There is no property {name}.")
    is_falling = not isinstance(first, str) and first.get("direction") == "DESCENDING"
    column = _column(type_id, name)
    if definitions[name]["type"] == "number" and column != "id":
        column = f"CAST({column} AS REAL)"
    return f"{column} {'DESC' if is_falling else 'ASC'}, id"
