"""Bulk ingest jobs: a CSV of rows to insert, update, upsert or delete, each with its own end."""

import csv
import io
from collections.abc import Callable
from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox import bulk, deleting, rows, rules, upserts
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.objects import NUMERIC, FieldFact, ObjectFact
from connectors.salesforce.sandbox.visits import Answer, Visit

MOST_BYTES = 150 * 1024 * 1024
CHUNK_ROWS = 200
"""What a trigger sees of a job at once."""

_NULL = "#N/A"
_OPERATIONS = frozenset({"insert", "update", "upsert", "delete"})
_NO_HARD_DELETE = (
    "FeatureNotEnabled : hardDelete operation requires special user profile permission, please "
    "contact your system administrator"
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

_Write = Callable[[dict[str, Any]], tuple[str, bool]]
"""Writes one row; gives its id, and whether it was made."""


def create(visit: Visit) -> Answer:
    """Answer ``POST /jobs/ingest``.

    Raises:
        Refusal: If there is no such object, operation or external id.
    """
    body = visit.json()
    about = bulk.shape(body)
    operation = body.get("operation")
    if operation == "hardDelete":
        raise bulk.problem(_NO_HARD_DELETE)
    if operation not in _OPERATIONS:
        raise bulk.problem("InvalidJob : operation must be insert, update, upsert or delete")
    fact = visit.view.objects.get(str(body.get("object", "")).lower())
    if fact is None or fact.name in bulk.UNSUPPORTED or not fact.flags:
        named = f"Entity '{body.get('object')}' is not supported by the Bulk API."
        raise Refusal(400, "INVALIDENTITY", named)
    about |= {"operation": operation, "object": fact.name}
    if operation == "upsert":
        named = str(body.get("externalIdFieldName") or "")
        try:
            about["externalIdFieldName"] = upserts.external_field(fact, named).name
        except Refusal as refusal:
            raise bulk.problem(f"InvalidJob : {refusal}") from refusal
    job = bulk.make(visit, "ingest", bulk.OPEN, about)
    address = f"services/data/v{visit.part('version')}/jobs/ingest/{job.id}/batches"
    return bulk.told(bulk.keep(visit.org, job, bulk.OPEN, contentUrl=address))


def upload(visit: Visit) -> Answer:
    """Answer ``PUT /jobs/ingest/{id}/batches``: the CSV, once."""
    job = bulk.find(visit, "ingest")
    if job.state != bulk.OPEN or bulk.stored(visit.org, job, "upload"):
        raise bulk.problem("InvalidJobState : The job takes no more data")
    if len(visit.body) > MOST_BYTES:
        raise bulk.problem("The data is larger than 150 MB")
    try:
        text = visit.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bulk.problem("InvalidJob : The data is not UTF-8") from error
    bulk.store(visit.org, job, "upload", [[text]])
    return Response(status_code=201)


def change(visit: Visit) -> Answer:
    """Answer ``PATCH /jobs/ingest/{id}``: all data is there, or the job is aborted."""
    job = bulk.find(visit, "ingest")
    state = visit.json().get("state")
    is_possible = state == bulk.CLOSED and job.state == bulk.OPEN
    if not is_possible and not (state == bulk.ABORTED and not job.is_ended):
        raise bulk.problem(f"InvalidJobState : A job that is {job.state} cannot become {state}")
    kept = bulk.keep(visit.org, job, str(state))
    if state == bulk.ABORTED:
        header, cells = _read(visit, kept)
        bulk.store(visit.org, kept, "unprocessed", cells)
        kept = bulk.keep(visit.org, kept, bulk.ABORTED, header=header)
    return _told(kept)


def read(visit: Visit) -> Answer:
    """Answer ``GET /jobs/ingest/{id}``; the job is done when this is asked."""
    return _told(_done(visit))


def remove(visit: Visit) -> Answer:
    """Answer ``DELETE /jobs/ingest/{id}``."""
    return bulk.remove(visit, "ingest")


def successful(visit: Visit) -> Answer:
    """Answer ``/jobs/ingest/{id}/successfulResults``."""
    return _file(visit, "successful", "sf__Id", "sf__Created")


def failed(visit: Visit) -> Answer:
    """Answer ``/jobs/ingest/{id}/failedResults``."""
    return _file(visit, "failed", "sf__Id", "sf__Error")


def unprocessed(visit: Visit) -> Answer:
    """Answer ``/jobs/ingest/{id}/unprocessedrecords``."""
    return _file(visit, "unprocessed")


def _file(visit: Visit, outcome: str, *columns: str) -> Response:
    job = _done(visit)
    if not job.is_ended:
        raise bulk.problem(f"InvalidJobState : There are no results of a job that is {job.state}")
    header = [*columns, *job.about.get("header", [])]
    return bulk.as_csv(job, header, bulk.stored(visit.org, job, outcome))


def _told(job: bulk.Job) -> dict[str, Any]:
    return {name: value for name, value in bulk.told(job).items() if name != "header"}


def _read(visit: Visit, job: bulk.Job) -> tuple[list[str], list[list[str]]]:
    uploaded = bulk.stored(visit.org, job, "upload")
    text = uploaded[0][0] if uploaded else ""
    delimiter = bulk.DELIMITERS[job.about["columnDelimiter"]]
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return (lines[0], [line for line in lines[1:] if line]) if lines else ([], [])


def _done(visit: Visit) -> bulk.Job:
    """Find the job, and write its rows when its time has come."""
    job = bulk.find(visit, "ingest")
    if not bulk.is_due(visit.org, job):
        return bulk.find(visit, "ingest")
    header, cells = _read(visit, job)
    fact = rows.fact_for(visit.view, job.about["object"])
    unknown = [name for name in header if name.lower() not in fact.fields]
    problem = visit.org.setting("failing_jobs", "")
    if unknown and not problem:
        problem = f"InvalidBatch : Field name not found : {unknown[0]}"
    if problem:
        bulk.store(visit.org, job, "unprocessed", cells)
        return bulk.keep(visit.org, job, bulk.FAILED, errorMessage=problem, header=header)
    failures = _write_all(visit, job, fact, (header, cells))
    counts = {"numberRecordsProcessed": len(cells), "numberRecordsFailed": failures}
    times = {"retries": 0, "totalProcessingTime": 100, "apiActiveProcessingTime": 50}
    return bulk.keep(visit.org, job, bulk.DONE, header=header, **counts, **times)


def _write_all(
    visit: Visit, job: bulk.Job, fact: ObjectFact, data: tuple[list[str], list[list[str]]]
) -> int:
    """Write every row, keep what came of it, and count the refused."""
    header, cells = data
    write = _writer(visit, fact, job.about)
    good: list[list[str]] = []
    bad: list[list[str]] = []
    with visit.org.step():
        for line in cells:
            try:
                rules.check_automation(visit.org, fact.name, min(len(cells), CHUNK_ROWS))
                row_id, is_made = write(_values(fact, header, line))
                good.append([row_id, "true" if is_made else "false", *line])
            except RowRefusal as refusal:
                told = f"{refusal.code}:{refusal}:{','.join(refusal.fields)} --"
                bad.append([_given_id(header, line), told, *line])
    if visit.org.setting("shuffles_results", default=False):
        good.reverse()
        bad.reverse()
    bulk.store(visit.org, job, "successful", good)
    bulk.store(visit.org, job, "failed", bad)
    return len(bad)


def _writer(visit: Visit, fact: ObjectFact, about: dict[str, Any]) -> _Write:
    org, view = visit.org, visit.view

    def insert(values: dict[str, Any]) -> tuple[str, bool]:
        return rows.create(org, view, fact, values), True

    def update(values: dict[str, Any]) -> tuple[str, bool]:
        row_id = _taken_id(values)
        rows.update(org, view, fact, row_id, values)
        return rows.checked_id(fact, row_id), False

    def upsert(values: dict[str, Any]) -> tuple[str, bool]:
        key = about["externalIdFieldName"]
        value = values.pop(key, None)
        if value is None and key != "Id":
            raise RowRefusal("MISSING_ARGUMENT", f"{key} not specified")
        return upserts.upsert(org, view, fact, (key, str(value or "")), values)

    def delete(values: dict[str, Any]) -> tuple[str, bool]:
        row_id = _taken_id(values)
        deleting.delete(org, view, fact, row_id)
        return rows.checked_id(fact, row_id), False

    writers = {"insert": insert, "update": update, "upsert": upsert, "delete": delete}
    return writers[about["operation"]]


def _taken_id(values: dict[str, Any]) -> str:
    row_id = values.pop("Id", None)
    if not row_id:
        raise RowRefusal("MISSING_ARGUMENT", "Id not specified")
    return str(row_id)


def _given_id(header: list[str], line: list[str]) -> str:
    named = dict(zip((name.lower() for name in header), line, strict=False))
    return named.get("id", "")


def _values(fact: ObjectFact, header: list[str], line: list[str]) -> dict[str, Any]:
    """Give the values of a line: an empty cell says nothing, ``#N/A`` empties the field."""
    fields = [fact.fields[name.lower()] for name in header]
    if len(line) != len(fields):
        raise RowRefusal("INVALID_BATCH", "The row has another number of columns than the header")
    return {
        field.name: None if cell == _NULL else _value(field, cell)
        for field, cell in zip(fields, line, strict=True)
        if cell
    }


def _value(field: FieldFact, cell: str) -> object:
    """Make a JSON value of a cell; what is none is left as it is, to be refused with its row."""
    if field.type == "boolean":
        return _BOOLEANS.get(cell.lower(), cell)
    if field.type not in NUMERIC:
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell
