"""sObject collections: up to 200 rows in one call, each with an answer of its own."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from connectors.salesforce.sandbox import rows
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import Org, View

MOST_ROWS, MOST_CHUNKS = 200, 10

_Row = tuple[ObjectFact, dict[str, Any]]


def update(org: Org, view: View, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answer ``PATCH /composite/sobjects``: one result per row, in the order of the rows.

    Raises:
        Refusal: If the request as a whole cannot be read; then no row was touched.
    """

    def change(row: _Row) -> str:
        fact, values = row
        row_id = str(values.pop("id", None) or values.pop("Id", ""))
        rows.update(org, view, fact, row_id, values)
        return row_id

    return _each(org, _read(view, body), change, is_all_or_none=body.get("allOrNone") is True)


def create(org: Org, view: View, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answer ``POST /composite/sobjects``.

    Raises:
        Refusal: If the request as a whole cannot be read; then no row was made.
    """

    def make(row: _Row) -> str:
        return rows.create(org, view, *row)

    return _each(org, _read(view, body), make, is_all_or_none=body.get("allOrNone") is True)


def _read(view: View, body: Mapping[str, Any]) -> list[_Row]:
    records = body.get("records")
    if not isinstance(records, list) or not records:
        raise Refusal(400, "JSON_PARSER_ERROR", "Missing or empty records")
    if len(records) > MOST_ROWS:
        problem = f"The number of records exceeds the limit of {MOST_ROWS}"
        raise Refusal(400, "EXCEEDED_MAX_SIZE_REQUEST", problem)
    types = [str(record.get("attributes", {}).get("type", "")) for record in records]
    if sum(1 for _ in groupby(types)) > MOST_CHUNKS:
        problem = f"Only up to {MOST_CHUNKS} chunks of different types are allowed"
        raise Refusal(400, "INVALID_INPUT", problem)
    return [_row(view, kind, record) for kind, record in zip(types, records, strict=True)]


def _row(view: View, kind: str, record: Mapping[str, Any]) -> _Row:
    if kind.lower() not in view.objects:
        raise Refusal(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    fact = view.objects[kind.lower()]
    values = {name: value for name, value in record.items() if name != "attributes"}
    rows.check_known(fact, values)
    return fact, values


def _each(
    org: Org, wanted: list[_Row], change: Callable[[_Row], str], *, is_all_or_none: bool
) -> list[dict[str, Any]]:
    org.db.execute("BEGIN")
    is_kept = False
    try:
        results = [_result(row, change) for row in wanted]
        is_kept = not is_all_or_none or all(result["success"] for result in results)
    finally:
        org.db.execute("COMMIT" if is_kept else "ROLLBACK")
    return results if is_kept else [_rolled_back(result) for result in results]


def _result(row: _Row, change: Callable[[_Row], str]) -> dict[str, Any]:
    try:
        return {"id": change(row), "success": True, "errors": []}
    except RowRefusal as refusal:
        return {"success": False, "errors": [refusal.error()]}


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return result
    refusal = RowRefusal(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using "
        "AllOrNone header",
    )
    return {"success": False, "errors": [refusal.error()]}
