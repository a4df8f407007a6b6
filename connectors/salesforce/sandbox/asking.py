"""Answers to whoever reads other than by query: describes, limits, single rows."""

from connectors.salesforce.sandbox import describes, queries, rows
from connectors.salesforce.sandbox.ids import is_id
from connectors.salesforce.sandbox.visits import MISSING, Answer, Visit, usage


def limits(visit: Visit) -> Answer:
    """Answer ``/limits``."""
    used, most = usage(visit.org)
    return {
        "DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
    }


def describe_global(visit: Visit) -> Answer:
    """Answer ``/sobjects``."""
    return describes.describe_global(visit.view, visit.part("version"))


def describe(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/describe``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    return describes.describe(visit.view, fact, visit.part("version"))


def read_row(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/{id}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    fields = ", ".join(field.name for field in fact.fields.values())
    if not is_id(visit.part("id")):
        raise MISSING
    text = f"SELECT {fields} FROM {fact.name} WHERE Id = '{visit.part('id')}'"  # noqa: S608 SOQL
    found = queries.run(queries.Asked(visit.org, visit.view, text, visit.part("version")), 0, 1)
    if not found.records:
        raise MISSING
    return found.records[0]
