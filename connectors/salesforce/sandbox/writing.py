"""Answers to whoever writes: single rows, collections, custom fields."""

from dataclasses import replace
from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox import (
    batches,
    deleting,
    queries,
    rows,
    tooling,
    upserts,
)
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import View
from connectors.salesforce.sandbox.visits import MISSING, Answer, Visit, as_json

_LAST_SILENT = 46.0
"""The version since which an upsert that changed a row tells so, and does not only answer 204."""


def create_row(visit: Visit) -> Answer:
    """Answer ``POST /sobjects/{name}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = _values(visit, fact)
    row_id = rows.create(visit.org, _writer(visit), fact, values)
    made = as_json({"id": row_id, "success": True, "errors": []}, 201)
    made.headers["Location"] = _address(visit, fact, row_id)
    return made


def update_row(visit: Visit) -> Answer:
    """Answer ``PATCH /sobjects/{name}/{id}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = _values(visit, fact)
    if any(name.lower() == "id" for name in values):
        problem = "The Id field should not be specified in the sobject data."
        raise Refusal(400, "INVALID_FIELD", problem)
    rows.update(visit.org, _writer(visit), fact, _known_id(visit, fact), values)
    return Response(status_code=204)


def delete_row(visit: Visit) -> Answer:
    """Answer ``DELETE /sobjects/{name}/{id}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    deleting.delete(visit.org, visit.view, fact, _known_id(visit, fact))
    return Response(status_code=204)


def upsert_row(visit: Visit) -> Answer:
    """Answer ``PATCH /sobjects/{name}/{field}/{value}``: 201, 200, or 300 for several rows."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    field = upserts.external_field(fact, visit.part("field"))
    values = _values(visit, fact)
    if any(name.lower() == field.name.lower() for name in values):
        problem = f"The {field.name} field should not be specified in the sobject data."
        raise Refusal(400, "INVALID_FIELD", problem)
    key = (field.name, visit.part("value"))
    try:
        row_id, is_made = upserts.upsert(visit.org, _writer(visit), fact, key, values)
    except upserts.SeveralRows as found:
        return as_json([_address(visit, fact, row_id) for row_id in found.ids], 300)
    if not is_made and float(visit.part("version")) < _LAST_SILENT:
        return Response(status_code=204)
    told = {"id": row_id, "success": True, "errors": [], "created": is_made}
    answer = as_json(told, 201 if is_made else 200)
    if is_made:
        answer.headers["Location"] = _address(visit, fact, row_id)
    return answer


def delete_by_key(visit: Visit) -> Answer:
    """Answer ``DELETE /sobjects/{name}/{field}/{value}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    field = upserts.external_field(fact, visit.part("field"))
    found = upserts.find(visit.org, fact, field, visit.part("value"))
    if not found:
        raise MISSING
    if len(found) > 1:
        return as_json([_address(visit, fact, row_id) for row_id in found], 300)
    deleting.delete(visit.org, visit.view, fact, found[0])
    return Response(status_code=204)


def create_collection(visit: Visit) -> Answer:
    """Answer ``POST /composite/sobjects``."""
    return batches.create(visit.org, _writer(visit), visit.json())


def update_collection(visit: Visit) -> Answer:
    """Answer ``PATCH /composite/sobjects``."""
    return batches.update(visit.org, _writer(visit), visit.json())


def upsert_collection(visit: Visit) -> Answer:
    """Answer ``PATCH /composite/sobjects/{name}/{field}``."""
    key = (visit.part("name"), visit.part("field"))
    return batches.upsert(visit.org, _writer(visit), key, visit.json())


def delete_collection(visit: Visit) -> Answer:
    """Answer ``DELETE /composite/sobjects?ids=``."""
    is_all_or_none = visit.asked("allOrNone").lower() == "true"
    ids = [one.strip() for one in visit.asked("ids").split(",") if one.strip()]
    return batches.delete(visit.org, visit.view, ids, is_all_or_none=is_all_or_none)


def read_collection(visit: Visit) -> Answer:
    """Answer ``/composite/sobjects/{name}``: rows by id, in the order asked for, null for none."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    body = visit.json() if visit.request.method == "POST" else {}
    ids = body.get("ids") or [one for one in visit.asked("ids").split(",") if one]
    names = body.get("fields") or [one for one in visit.asked("fields").split(",") if one]
    rows.check_known(fact, dict.fromkeys(names))
    listed = ", ".join(f"'{normal_id(one)}'" for one in ids if is_id(one)) or "''"
    soql = f"SELECT {', '.join(names)} FROM {fact.name} WHERE Id IN ({listed})"  # noqa: S608 SOQL
    asked = Asked(visit.org, visit.view, soql, visit.part("version"))
    found = queries.run(asked, 0, len(ids)).records if listed != "''" else []
    by_id = {record["attributes"]["url"].rpartition("/")[2]: record for record in found}
    return [by_id.get(normal_id(one)) for one in ids]


def create_field(visit: Visit) -> Answer:
    """Answer ``POST /tooling/sobjects/CustomField``."""
    field_id = tooling.create_field(visit.org, visit.view, visit.json())
    created = {"id": field_id, "success": True, "errors": [], "warnings": [], "infos": []}
    return as_json(created, 201)


def read_field(visit: Visit) -> Answer:
    """Answer ``GET /tooling/sobjects/CustomField/{id}``."""
    url = f"/services/data/v{visit.part('version')}/tooling/sobjects/CustomField/{visit.part('id')}"
    found = tooling.read_field(visit.org, visit.part("id"))
    return {"attributes": {"type": "CustomField", "url": url}, **found}


def change_field(visit: Visit) -> Answer:
    """Answer ``PATCH /tooling/sobjects/CustomField/{id}``."""
    tooling.change_field(visit.org, visit.view, visit.part("id"), visit.json())
    return Response(status_code=204)


def delete_field(visit: Visit) -> Answer:
    """Answer ``DELETE /tooling/sobjects/CustomField/{id}``."""
    tooling.delete_field(visit.org, visit.part("id"))
    return Response(status_code=204)


def _writer(visit: Visit) -> View:
    """Give the caller, with what the headers say of duplicates."""
    rule = visit.request.headers.get("Sforce-Duplicate-Rule-Header", "")
    is_allowed = "allowsave=true" in rule.lower().replace(" ", "")
    return replace(visit.view, allows_duplicates=is_allowed)


def _values(visit: Visit, fact: ObjectFact) -> dict[str, Any]:
    body = visit.json()
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be an object")
    values = {name: value for name, value in body.items() if name != "attributes"}
    rows.check_known(fact, values, rows.junctions(visit.view, fact))
    return values


def _known_id(visit: Visit, fact: ObjectFact) -> str:
    """Give the row's id from the address.

    Raises:
        Refusal: NOT_FOUND if there never was such a row, or the recycle bin was emptied of it.
    """
    row_id = visit.part("id")
    if not is_id(row_id) or visit.org.row(fact.name, normal_id(row_id)) is None:
        raise MISSING
    return normal_id(row_id)


def _address(visit: Visit, fact: ObjectFact, row_id: str) -> str:
    return f"/services/data/v{visit.part('version')}/sobjects/{fact.name}/{row_id}"
