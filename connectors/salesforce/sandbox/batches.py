"""sObject collections: up to 200 rows in one call, each with an answer of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from connectors.salesforce.sandbox import deleting, rows, rules, upserts
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import Org, View

T = TypeVar("T")

MOST_ROWS, MOST_CHUNKS = 200, 10

_Row = tuple[ObjectFact, dict[str, Any]]
_Result = dict[str, Any]


def create(org: Org, view: View, body: Mapping[str, Any]) -> list[_Result]:
    """Answer ``POST /composite/sobjects``: one result per row, in the order of the rows.

    Raises:
        Refusal: If the request as a whole cannot be read; then no row was made.
    """

    def make(row: _Row) -> _Result:
        return {"id": rows.create(org, view, *row)}

    return _each(org, _read(view, body), make, is_all_or_none=body.get("allOrNone") is True)


def update(org: Org, view: View, body: Mapping[str, Any]) -> list[_Result]:
    """Answer ``PATCH /composite/sobjects``.

    Raises:
        Refusal: If the request as a whole cannot be read; then no row was touched.
    """
    wanted = _read(view, body)
    sizes = Counter(fact.name for fact, _ in wanted)

    def change(row: _Row) -> _Result:
        fact, values = row
        rules.check_automation(org, fact.name, sizes[fact.name])
        row_id = str(values.pop("id", None) or values.pop("Id", None) or "")
        if not row_id:
            raise RowRefusal("MISSING_ARGUMENT", "Id not specified in an update call")
        rows.update(org, view, fact, row_id, values)
        return {"id": row_id}

    return _each(org, wanted, change, is_all_or_none=body.get("allOrNone") is True)


def upsert(org: Org, view: View, key: tuple[str, str], body: Mapping[str, Any]) -> list[_Result]:
    """Answer ``PATCH /composite/sobjects/{name}/{field}``.

    Raises:
        Refusal: If the request as a whole cannot be read; then no row was touched.
    """
    field = upserts.external_field(rows.fact_for(view, key[0]), key[1]).name

    def put(row: _Row) -> _Result:
        fact, values = row
        named = next((name for name in values if name.lower() == field.lower()), "")
        value = values.pop(named, None)
        if value is None and field != "Id":
            raise RowRefusal("MISSING_ARGUMENT", f"{field} not specified")
        text = "" if value is None else str(value)
        row_id, is_made = upserts.upsert(org, view, fact, (field, text), values)
        return {"id": row_id, "created": is_made}

    wanted = _read(view, body)
    if any(fact.name.lower() != key[0].lower() for fact, _ in wanted):
        raise Refusal(400, "INVALID_INPUT", f"All records must be of type {key[0]}")
    return _each(org, wanted, put, is_all_or_none=body.get("allOrNone") is True)


def delete(org: Org, view: View, ids: Sequence[str], *, is_all_or_none: bool) -> list[_Result]:
    """Answer ``DELETE /composite/sobjects?ids=``.

    Raises:
        Refusal: If there are no ids, or too many.
    """
    _check_size(ids)
    by_prefix = {fact.prefix: fact for fact in view.objects.values()}

    def remove(row_id: str) -> _Result:
        fact = by_prefix.get(row_id[:3])
        if fact is None:
            raise RowRefusal("MALFORMED_ID", f"malformed id {row_id}")
        deleting.delete(org, view, fact, row_id)
        return {"id": row_id}

    return _each(org, ids, remove, is_all_or_none=is_all_or_none)


def _read(view: View, body: Mapping[str, Any]) -> list[_Row]:
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list):
        raise Refusal(400, "JSON_PARSER_ERROR", "Missing or empty records")
    _check_size(records)
    types = [str(record.get("attributes", {}).get("type", "")) for record in records]
    if sum(1 for _ in groupby(types)) > MOST_CHUNKS:
        problem = f"Only up to {MOST_CHUNKS} chunks of different types are allowed"
        raise Refusal(400, "INVALID_INPUT", problem)
    return [_row(view, kind, record) for kind, record in zip(types, records, strict=True)]


def _check_size(records: Sequence[object]) -> None:
    if not records:
        raise Refusal(400, "INVALID_INPUT", "Missing or empty records")
    if len(records) > MOST_ROWS:
        problem = f"The number of records exceeds the limit of {MOST_ROWS}"
        raise Refusal(400, "EXCEEDED_MAX_SIZE_REQUEST", problem)


def _row(view: View, kind: str, record: Mapping[str, Any]) -> _Row:
    if kind.lower() not in view.objects:
        raise Refusal(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    fact = rows.fact_for(view, kind)
    values = {name: value for name, value in record.items() if name != "attributes"}
    rows.check_known(fact, values, rows.junctions(view, fact))
    return fact, values


def _each(
    org: Org, wanted: Iterable[T], change: Callable[[T], _Result], *, is_all_or_none: bool
) -> list[_Result]:
    """Do each; keep what was done unless all or none was asked for and one was refused."""
    org.db.execute("SAVEPOINT collection")
    is_kept = False
    try:
        results = [_result(row, change) for row in wanted]
        is_kept = not is_all_or_none or all(result["success"] for result in results)
    finally:
        if not is_kept:
            org.db.execute("ROLLBACK TO collection")
        org.db.execute("RELEASE collection")
    return results if is_kept else [_rolled_back(result) for result in results]


def _result(row: T, change: Callable[[T], _Result]) -> _Result:
    try:
        return {**change(row), "success": True, "errors": []}
    except RowRefusal as refusal:
        return {"success": False, "errors": refusal.errors()}


def _rolled_back(result: _Result) -> _Result:
    if not result["success"]:
        return result
    refusal = RowRefusal(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using "
        "AllOrNone header",
    )
    return {"success": False, "errors": refusal.errors()}
