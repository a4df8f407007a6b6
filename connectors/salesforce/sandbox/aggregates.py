"""What stands for many rows: COUNT, SUM, MIN and their kind, and the parts of a date."""

from collections.abc import Collection
from itertools import combinations

from connectors.salesforce.sandbox.objects import NUMERIC, FieldFact
from connectors.salesforce.sandbox.scopes import Column, Scope
from connectors.salesforce.sandbox.syntax import (
    AGGREGATES,
    DATE_PARTS,
    GROUPING,
    SHOWN,
    Call,
    Item,
    Path,
    Query,
)

_SQL = {
    "COUNT": "count({})",
    "COUNT_DISTINCT": "count(DISTINCT {})",
    "SUM": "sum({})",
    "AVG": "avg({})",
    "MIN": "min({})",
    "MAX": "max({})",
}
_NUMBERS_ONLY = frozenset({"SUM", "AVG"})
_COUNTING = frozenset({"COUNT", "COUNT_DISTINCT"})
_NOT_ORDERED = frozenset({"boolean", "multipicklist", "textarea"})


def is_aggregate(query: Query) -> bool:
    """Tell whether a statement gives groups of rows, not rows."""
    called = (item.what for item in query.items if isinstance(item.what, Call))
    return bool(query.group) or any(call.function in AGGREGATES for call in called)


def column(scope: Scope, key: Path | Call, gone: Collection[str] = ()) -> Column:
    """Give a field or a function of one as a column.

    Args:
        scope: Where the field is looked for.
        key: The field, or the function of it.
        gone: Names of what is grouped by and, in this total, is taken together.

    Raises:
        Refusal: INVALID_FIELD, if the function cannot be had of the field.
    """
    if name_of(key) in gone:
        return Column("NULL", column(scope, key).field)
    if isinstance(key, Path):
        return scope.column(key)
    inner = scope.column(key.path)
    if key.function == GROUPING:
        is_gone = name_of(key.path) in gone
        return Column(str(int(is_gone)), FieldFact(inner.field.name, "int", flags="FSG"))
    if key.function in SHOWN:
        return inner
    if key.function in DATE_PARTS:
        return _date_part(scope, key, inner)
    kind = inner.field.type
    is_refused = (key.function in _NUMBERS_ONLY and kind not in NUMERIC) or (
        key.function not in _COUNTING and kind in _NOT_ORDERED
    )
    if is_refused or "F" not in inner.field.flags:
        problem = f"field {inner.field.name} does not support aggregate operator {key.function}"
        raise scope.refusal("INVALID_FIELD", key.at, problem)
    sql = _SQL[key.function].format(inner.compared)
    result = {"COUNT": "int", "COUNT_DISTINCT": "int", "AVG": "double"}.get(key.function, kind)
    return Column(sql, FieldFact(inner.field.name, result, flags="FSG"))


def is_grouped(query: Query, key: Path | Call) -> bool:
    """Tell whether a statement groups by a field, or by a part of a date."""
    is_flag = isinstance(key, Call) and key.function == GROUPING
    named = name_of(key.path if isinstance(key, Call) and is_flag else key)
    return named in {name_of(group) for group in query.group}


def taken_together(query: Query) -> list[frozenset[str]]:
    """Give what is no longer told apart, by name, in each of the groupings that are asked for."""
    names = [name_of(key) for key in query.group]
    match query.totals:
        case "rollup":
            return [frozenset(names[kept:]) for kept in range(len(names), -1, -1)]
        case "cube":
            return [
                frozenset(gone)
                for count in range(len(names) + 1)
                for gone in combinations(names, count)
            ]
    return [frozenset()]


def grouped_columns(scope: Scope, query: Query, gone: Collection[str] = ()) -> dict[str, Column]:
    """Give what each group shows, by the name it shows it under, in order; `gone` as in `column`.

    Raises:
        Refusal: If a field is neither grouped by nor aggregated, or two have one name.
    """
    for key in query.group:
        _check_groupable(scope, key)
    shown: dict[str, Column] = {}
    unnamed = 0
    for item in query.items:
        what = _plain(scope, item)
        is_total = isinstance(what, Call) and what.function in AGGREGATES
        if not is_total and not is_grouped(query, what):
            problem = f"Field must be grouped or aggregated: {_field_name(scope, what)}"
            raise scope.refusal("MALFORMED_QUERY", what.at, problem)
        needs_number = isinstance(what, Call) and not item.alias
        name = item.alias or (f"expr{unnamed}" if needs_number else _field_name(scope, what))
        unnamed += needs_number
        if name.lower() in {known.lower() for known in shown}:
            raise scope.refusal("MALFORMED_QUERY", what.at, f"duplicate alias: {name}")
        shown[name] = column(scope, what, gone)
    return shown


def _plain(scope: Scope, item: Item) -> Path | Call:
    if not isinstance(item.what, Path | Call):
        problem = "Grouped query cannot select rows of other objects"
        raise scope.refusal("MALFORMED_QUERY", item.at, problem)
    return item.what


def _check_groupable(scope: Scope, key: Path | Call) -> None:
    if isinstance(key, Call):
        if key.function in AGGREGATES:
            problem = f"Grouped field should not be aggregated: {key.path}"
            raise scope.refusal("MALFORMED_QUERY", key.at, problem)
        return
    field = scope.column(key).field
    if "G" not in field.flags:
        problem = f"field '{field.name}' can not be grouped in a query call"
        raise scope.refusal("INVALID_FIELD", key.at, problem)


def _date_part(scope: Scope, call: Call, inner: Column) -> Column:
    if inner.field.type not in {"date", "datetime"}:
        problem = f"field '{inner.field.name}' is not a date or dateTime field"
        raise scope.refusal("INVALID_FIELD", call.at, problem)
    sql = f"strftime('{DATE_PARTS[call.function]}', substr({inner.sql}, 1, 19))"
    if call.function == "DAY_ONLY":
        return Column(sql, FieldFact(inner.field.name, "date", flags="FSG"))
    sql = f"CAST({sql} AS INTEGER)"
    return Column(sql, FieldFact(inner.field.name, "int", flags="FSG"))


def name_of(key: Path | Call) -> str:
    """Name a field or a function, to find it among those that are grouped by."""
    return (str(key) if isinstance(key, Path) else f"{key.function}({key.path})").lower()


def _field_name(scope: Scope, key: Path | Call) -> str:
    return scope.column(key if isinstance(key, Path) else key.path).field.name
