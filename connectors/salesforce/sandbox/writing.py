"""Answers to whoever writes: single rows, collections, custom fields."""

from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox import batches, rows, tooling
from connectors.salesforce.sandbox.visits import Answer, Visit, as_json


def create_row(visit: Visit) -> Answer:
    """Answer ``POST /sobjects/{name}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = _values(visit)
    rows.check_known(fact, values)
    row_id = rows.create(visit.org, visit.view, fact, values)
    return as_json({"id": row_id, "success": True, "errors": []}, 201)


def update_row(visit: Visit) -> Answer:
    """Answer ``PATCH /sobjects/{name}/{id}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = _values(visit)
    rows.check_known(fact, values)
    rows.update(visit.org, visit.view, fact, visit.part("id"), values)
    return Response(status_code=204)


def update_collection(visit: Visit) -> Answer:
    """Answer ``PATCH /composite/sobjects``."""
    return batches.update(visit.org, visit.view, visit.json())


def create_collection(visit: Visit) -> Answer:
    """Answer ``POST /composite/sobjects``."""
    return batches.create(visit.org, visit.view, visit.json())


def create_field(visit: Visit) -> Answer:
    """Answer ``POST /tooling/sobjects/CustomField``."""
    field_id = tooling.create_field(visit.org, visit.json())
    created = {"id": field_id, "success": True, "errors": [], "warnings": [], "infos": []}
    return as_json(created, 201)


def _values(visit: Visit) -> dict[str, Any]:
    return {name: value for name, value in visit.json().items() if name != "attributes"}
