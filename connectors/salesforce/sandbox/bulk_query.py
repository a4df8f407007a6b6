"""Bulk query jobs: a statement's result as a file, read in parts."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.salesforce.sandbox import aggregates, bulk, queries
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.soql import parse
from connectors.salesforce.sandbox.syntax import Path, Query
from connectors.salesforce.sandbox.visits import Answer, Visit, as_json

_PAGE = 50_000
_OPERATIONS = frozenset({"query", "queryAll"})


def create(visit: Visit) -> Answer:
    """Answer ``POST /jobs/query``.

    Raises:
        Refusal: If the statement is wrong, or is none for the Bulk API.
    """
    body = visit.json()
    about = bulk.shape(body)
    if body.get("operation") not in _OPERATIONS:
        raise bulk.problem("InvalidJob : operation must be query or queryAll")
    query = parse(str(body.get("query", "")))
    _check(query)
    about |= {"operation": body["operation"], "query": str(body["query"]), "object": query.source}
    queries.run(_asked(visit, about), 0, 1)
    return _told(bulk.make(visit, "query", bulk.CLOSED, about))


def read(visit: Visit) -> Answer:
    """Answer ``GET /jobs/query/{id}``; the job is done when this is asked."""
    return as_json(_told(_done(visit)), 200)


def change(visit: Visit) -> Answer:
    """Answer ``PATCH /jobs/query/{id}``: it can be aborted, and nothing else."""
    job = bulk.find(visit, "query")
    if visit.json().get("state") != bulk.ABORTED or job.is_ended:
        raise bulk.problem("InvalidJobState : The job cannot be changed to this state")
    return _told(bulk.keep(visit.org, job, bulk.ABORTED))


def remove(visit: Visit) -> Answer:
    """Answer ``DELETE /jobs/query/{id}``."""
    return bulk.remove(visit, "query")


def results(visit: Visit) -> Answer:
    """Answer ``GET /jobs/query/{id}/results``: a part of the file, and where the next begins.

    Raises:
        Refusal: 409 for another version than the job's; 400 if there is no file, or no such part.
    """
    job = _done(visit)
    if float(visit.part("version")) != job.about["apiVersion"]:
        wanted = f"The job was created with API version {job.about['apiVersion']}"
        raise Refusal(409, "API_ERROR", f"InvalidJob : {wanted}")
    if job.state != bulk.DONE:
        raise bulk.problem(f"InvalidJobState : There are no results of a job that is {job.state}")
    first, most = _first(visit.asked("locator")), visit.asked("maxRecords")
    limit = int(most) if most.isdigit() and int(most) else _PAGE
    rows = bulk.stored(visit.org, job, "query", first, limit)
    behind = first + len(rows)
    is_last = behind >= job.about["numberRecordsProcessed"]
    answer = bulk.as_csv(job, _header(parse(job.about["query"])), rows)
    answer.headers["Sforce-NumberOfRecords"] = str(len(rows))
    answer.headers["Sforce-Locator"] = "null" if is_last else _locator(behind)
    return answer


def _check(query: Query) -> None:
    """Refuse what the Bulk API cannot put into a file."""
    if query.source in bulk.UNSUPPORTED:
        named = f"Entity '{query.source}' is not supported by the Bulk API."
        raise Refusal(400, "INVALIDENTITY", named)
    if query.children:
        raise bulk.problem(
            "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
        )
    is_plain = all(isinstance(item.what, Path) for item in query.items) and query.items
    if not is_plain or aggregates.is_aggregate(query) or query.offset:
        raise bulk.problem(
            "GROUP BY, OFFSET, TYPEOF, FIELDS() and aggregate functions such as COUNT() are not "
            "supported in Bulk V2 Query"
        )


def _done(visit: Visit) -> bulk.Job:
    """Find the job, and run its statement when its time has come."""
    job = bulk.find(visit, "query")
    if not bulk.is_due(visit.org, job):
        return bulk.find(visit, "query")
    if problem := visit.org.setting("failing_jobs", ""):
        return bulk.keep(visit.org, job, bulk.FAILED, errorMessage=problem)
    asked = _asked(visit, job.about)
    paths = [item.what for item in parse(asked.text).items if isinstance(item.what, Path)]
    count = 0
    for records in _pages(asked):
        rows = [[_cell(record, path.names) for path in paths] for record in records]
        bulk.store(visit.org, job, "query", rows)
        count += len(rows)
    kept = {"numberRecordsProcessed": count, "retries": 0, "totalProcessingTime": 100}
    return bulk.keep(visit.org, job, bulk.DONE, **kept)


def _pages(asked: Asked) -> Iterator[list[dict[str, Any]]]:
    first, total = 0, 1
    while first < total:
        found = queries.run(asked, first, _PAGE)
        total = found.total
        if not found.records:
            return
        first += len(found.records)
        yield found.records


def _asked(visit: Visit, about: Mapping[str, Any]) -> Asked:
    is_all = about["operation"] == "queryAll"
    text = about["query"]
    return Asked(visit.org, visit.view, text, visit.part("version"), is_all=is_all)


def _header(query: Query) -> list[str]:
    return [str(item.what) for item in query.items]


def _cell(record: Mapping[str, Any] | None, names: tuple[str, ...]) -> str:
    value: Any = record
    for name in names:
        known = {key.lower(): one for key, one in value.items()} if value else {}
        value = known.get(name.lower())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace(".000+0000", ".000Z") if isinstance(value, str) else str(value)


def _told(job: bulk.Job) -> dict[str, Any]:
    return {name: value for name, value in bulk.told(job).items() if name != "query"}


def _locator(first: int) -> str:
    return base64.urlsafe_b64encode(f"row{first}".encode()).decode().rstrip("=")


def _first(locator: str) -> int:
    if not locator:
        return 0
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not text.startswith("row") or not text[3:].isdigit():
        raise bulk.problem("InvalidLocator : The locator is not one of this job's")
    return int(text[3:])
