"""Bulk API 2.0 jobs: made, fed, closed, waited for, read and thrown away."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.org import Org
from connectors.salesforce.sandbox.visits import MISSING, Visit

DELIMITERS = {
    "COMMA": ",",
    "TAB": "\t",
    "SEMICOLON": ";",
    "PIPE": "|",
    "BACKQUOTE": "`",
    "CARET": "^",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
UNSUPPORTED = frozenset({"EventWhoRelation", "TaskWhoRelation"})
"""Objects that the Bulk API does not take."""

OPEN, CLOSED, RUNNING = "Open", "UploadComplete", "InProgress"
DONE, FAILED, ABORTED = "JobComplete", "Failed", "Aborted"
_ENDED = frozenset({DONE, FAILED, ABORTED})


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was asked for, and how far it is.

    Attributes:
        kind: ``query`` or ``ingest``: the word in its address.
        about: What was asked for, and what it came to.
        polls: How often it will still say that it is in progress.
    """

    id: str
    kind: str
    state: str
    about: dict[str, Any]
    polls: int

    @property
    def is_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in _ENDED


def make(visit: Visit, kind: str, state: str, about: dict[str, Any]) -> Job:
    """Make a job in the state that it begins in."""
    org = visit.org
    now = org.now()
    told: dict[str, object] = {"createdById": visit.view.user_id}
    told |= {"createdDate": now, "systemModstamp": now}
    told |= {"concurrencyMode": "Parallel", "contentType": "CSV"}
    told |= {"apiVersion": float(visit.part("version")), "jobType": f"V2{kind.title()}"}
    job = Job(org.new_id("750"), kind, state, {**about, **told}, org.setting("job_polls", 0))
    org.db.execute(
        "INSERT INTO job VALUES (?, ?, ?, ?, ?)",
        (job.id, kind, state, json.dumps(job.about), job.polls),
    )
    return job


def find(visit: Visit, kind: str) -> Job:
    """Find the job in the address.

    Raises:
        Refusal: NOT_FOUND if there is none of this kind.
    """
    row = visit.org.db.execute(
        "SELECT id, kind, state, about, polls FROM job WHERE id = ? AND kind = ?",
        (visit.part("id"), kind),
    ).fetchone()
    if row is None:
        raise MISSING
    return Job(row[0], row[1], row[2], json.loads(row[3]), row[4])


def keep(org: Org, job: Job, state: str, **about: object) -> Job:
    """Note how far a job is, and what more there is to tell of it."""
    now = org.now()
    kept = Job(job.id, job.kind, state, {**job.about, **about, "systemModstamp": now}, job.polls)
    org.db.execute(
        "UPDATE job SET state = ?, about = ? WHERE id = ?",
        (state, json.dumps(kept.about), job.id),
    )
    return kept


def is_due(org: Org, job: Job) -> bool:
    """Tell whether a closed job is to be done now; each time it is not counts as one more poll."""
    if job.state not in {CLOSED, RUNNING}:
        return False
    if job.polls > 0:
        org.db.execute(
            "UPDATE job SET polls = polls - 1, state = ? WHERE id = ?", (RUNNING, job.id)
        )
    return job.polls <= 0


def told(job: Job) -> dict[str, Any]:
    """Give what the API tells of a job."""
    return {"id": job.id, "state": job.state, **job.about}


def remove(visit: Visit, kind: str) -> Response:
    """Throw a job away.

    Raises:
        Refusal: If it is still running.
    """
    job = find(visit, kind)
    if not job.is_ended and not (job.state == CLOSED and kind == "ingest"):
        raise problem("InvalidJobState : The job is not completed, failed or aborted")
    for table in ("job", "job_row"):
        key = "id" if table == "job" else "job"
        visit.org.db.execute(f"DELETE FROM {table} WHERE {key} = ?", (job.id,))  # noqa: S608
    return Response(status_code=204)


def store(org: Org, job: Job, outcome: str, rows: Iterable[Sequence[str]]) -> None:
    """Keep rows of a result file: ``query``, ``successful``, ``failed`` or ``unprocessed``."""
    first = org.db.execute(
        "SELECT count(*) FROM job_row WHERE job = ? AND outcome = ?", (job.id, outcome)
    ).fetchone()[0]
    org.db.executemany(
        "INSERT INTO job_row VALUES (?, ?, ?, ?)",
        ((job.id, outcome, first + n, json.dumps(row)) for n, row in enumerate(rows)),
    )


def stored(org: Org, job: Job, outcome: str, first: int = 0, most: int = -1) -> list[list[str]]:
    """Give rows of a result file, in the order in which they were kept."""
    found = org.db.execute(
        "SELECT line FROM job_row WHERE job = ? AND outcome = ? AND number >= ? "
        "ORDER BY number LIMIT ?",
        (job.id, outcome, first, most),
    )
    return [json.loads(line) for (line,) in found]


def as_csv(job: Job, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """Make a result file as the job asked for it."""
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=DELIMITERS[job.about["columnDelimiter"]],
        lineterminator=LINE_ENDINGS[job.about["lineEnding"]],
        quoting=csv.QUOTE_ALL,
    )
    writer.writerow(header)
    writer.writerows(rows)
    return Response(text.getvalue().encode(), media_type="text/csv;charset=UTF-8")


def shape(body: object) -> dict[str, Any]:
    """Read what the caller wants their CSV to look like.

    Raises:
        Refusal: If there is no such delimiter, line ending or content type.
    """
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be an object")
    delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
        raise problem("InvalidJob : Unknown columnDelimiter or lineEnding")
    if body.get("contentType", "CSV") != "CSV":
        raise problem("InvalidJob : Unable to parse Job : contentType must be CSV")
    return {"columnDelimiter": delimiter, "lineEnding": ending}


def problem(text: str) -> Refusal:
    """Word a refusal of the Bulk API's."""
    return Refusal(400, "API_ERROR", text)
