"""Answers to whoever reads other than by query: describes, limits, counts, single rows."""

import hashlib
import json
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox import describes, queries, rows
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.ids import is_id
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.visits import MISSING, Answer, Visit, as_json, usage

_LIMITS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
    "HourlyPublishedPlatformEvents": 50_000,
    "SingleEmail": 15,
}
"""What a developer org is allowed, besides calls; the sandbox uses none of it up."""


def limits(visit: Visit) -> Answer:
    """Answer ``/limits``."""
    used, most = usage(visit.org)
    unused = {name: {"Max": most, "Remaining": most} for name, most in _LIMITS.items()}
    return {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)}, **unused}


def record_count(visit: Visit) -> Answer:
    """Answer ``/limits/recordCount?sObjects=``: rows of the objects that are named, or of all."""
    names = [name.strip().lower() for name in visit.asked("sObjects").split(",") if name.strip()]
    facts = [fact for key, fact in visit.view.objects.items() if not names or key in names]
    counts = [{"count": _count(visit, fact), "name": fact.name} for fact in facts]
    return {"sObjects": sorted(counts, key=lambda count: str(count["name"]))}


def describe_global(visit: Visit) -> Answer:
    """Answer ``/sobjects``."""
    return _unless_known(visit, "", describes.describe_global(visit.view, visit.part("version")))


def describe(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/describe``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    return _unless_known(
        visit, fact.name, describes.describe(visit.view, fact, visit.part("version"))
    )


def summary(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}``; nobody has looked at anything lately."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    return {"objectDescribe": describes.brief(fact, visit.part("version")), "recentItems": []}


def read_row(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/{id}?fields=``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    if not is_id(visit.part("id")):
        raise MISSING
    found = _find(visit, fact, "Id")
    if not found:
        raise MISSING
    if found[0].get("IsDeleted"):
        raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted")
    return _as_asked(visit, fact, found[0])


def read_row_by(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/{field}/{value}?fields=``: the row with this external id."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    field = fact.fields.get(visit.part("field").lower())
    if field is None or not (field.is_external_id or field.type == "id"):
        problem = "Provided external ID field does not exist or is not accessible: "
        raise Refusal(404, "NOT_FOUND", problem + visit.part("field"))
    found = [row for row in _find(visit, fact, field.name) if not row.get("IsDeleted")]
    if not found:
        raise MISSING
    if len(found) > 1:
        return as_json([row["attributes"]["url"] for row in found], 300)
    return _as_asked(visit, fact, found[0])


def _count(visit: Visit, fact: ObjectFact) -> int:
    kept = ' WHERE "IsDeleted" = 0' if "isdeleted" in fact.fields else ""
    row = visit.org.db.execute(f'SELECT count(*) FROM "{fact.name}"{kept}')  # noqa: S608 own names
    return int(row.fetchone()[0])


def _unless_known(visit: Visit, name: str, body: dict[str, Any]) -> Response:
    """Answer with a describe, or with 304 if it is the one that the caller has.

    A describe is as old as the first request that was answered with it.
    """
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    key = f"described {visit.part('version')} {name}"
    known = visit.org.setting(key, ["", ""])
    if known[0] != digest:
        known = [digest, visit.org.now()]
        visit.org.set(key, known)
    modified = datetime.fromisoformat(known[1])
    if modified <= _since(visit, modified):
        return Response(status_code=304)
    response = as_json(body, 200)
    response.headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    return response


def _since(visit: Visit, modified: datetime) -> datetime:
    """Give the time of If-Modified-Since; a time before the describe's if there is none."""
    header = visit.request.headers.get("If-Modified-Since", "")
    try:
        return parsedate_to_datetime(header).replace(tzinfo=modified.tzinfo)
    except ValueError:
        return datetime.min.replace(tzinfo=modified.tzinfo)


def _find(visit: Visit, fact: ObjectFact, field: str) -> list[dict[str, Any]]:
    """Find the rows, deleted ones too, whose field holds what the address ends in."""
    names = ", ".join(known.name for known in fact.fields.values())
    wanted = visit.part("id" if field == "Id" and visit.part("id") else "value")
    quoted = wanted.replace("\\", "\\\\").replace("'", "\\'")
    literal = quoted if fact.fields[field.lower()].type == "double" else f"'{quoted}'"
    text = f"SELECT {names} FROM {fact.name} WHERE {field} = {literal}"  # noqa: S608 SOQL
    asked = Asked(visit.org, visit.view, text, visit.part("version"), is_all=True)
    return queries.run(asked, 0, queries.PAGE).records


def _as_asked(visit: Visit, fact: ObjectFact, row: dict[str, Any]) -> dict[str, Any]:
    """Cut a row down to ``?fields=``, if that is said."""
    wanted = [name.strip() for name in visit.asked("fields").split(",") if name.strip()]
    if not wanted:
        return row
    rows.check_known(fact, dict.fromkeys(wanted))
    names = [fact.fields[name.lower()].name for name in wanted]
    return {"attributes": row["attributes"], **{name: row[name] for name in (*names, "Id")}}
