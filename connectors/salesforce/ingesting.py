"""Writing very many records of one kind by a Bulk API 2.0 job.

A job takes 6 calls if it is done when it is first looked at: to make it, to give it its rows, to
let it begin, to look, for the rows that it wrote, and to throw it away; one more where rows were
refused, and one for each further look. A composite call writes 1,000 records, so a job pays from
about 11,000 on.

Only a row in the list of those that were written counts as written. What a job could not do, or
does otherwise than a collection, comes back to be written as usual: a job that fails or lasts too
long, a row that was locked, rows beyond what the org's automation takes, and rows that an alert of
a duplicate rule held back, since a job cannot save in spite of it.
"""

import contextlib
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from connectors._errors import AuthenticationFailed, ConnectorError, NeedsAttention
from connectors._records import ExternalId, FieldUpdate, Target, WriteResult
from connectors.salesforce import jobs
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import SOBJECTS, from_update
from connectors.salesforce.refusals import AUTOMATION, LOCKED, NOT_EDITABLE, refused

WORTH_ROWS, MOST_ROWS = 11_000, 20_000
JOB_CALLS = 6
LONGEST_JOB_S, FIRST_WAIT_S = 1800.0, 2.0
ROWS_A_SECOND = 1000
"""About how fast a job is."""

_EMPTY = "#N/A"
_DONE, _ENDED_BADLY = "JobComplete", frozenset({"Failed", "Aborted"})
_AGAIN = AUTOMATION | {LOCKED, NOT_EDITABLE, "DUPLICATES_DETECTED"}


def worth_jobs(count: int) -> int:
    """How many records of so many of one kind are written by jobs; the rest is too few for one."""
    whole, rest = divmod(count, MOST_ROWS)
    return whole * MOST_ROWS + (rest if rest > WORTH_ROWS else 0)


def calls_for(count: int) -> int:
    """Predict the calls that so many records take by jobs."""
    return JOB_CALLS * -(-count // MOST_ROWS)


def ingest(
    client: Client, target: Target, updates: Sequence[FieldUpdate]
) -> Iterator[Sequence[WriteResult]]:
    """Write records of one kind, and give what became of them; some may come without a result.

    Raises:
        ConnectorError: If Salesforce is busy, or refuses us as a whole; the job writes no more.
    """
    for begin in range(0, len(updates), MOST_ROWS):
        yield _ingested(client, target, updates[begin:][:MOST_ROWS])


def _ingested(
    client: Client, target: Target, updates: Sequence[FieldUpdate]
) -> Sequence[WriteResult]:
    doing, job_id = f"to write {SOBJECTS[target]} records by the Bulk API", ""
    try:
        job_id = jobs.make_ingest(client, doing, SOBJECTS[target])
        jobs.feed(client, doing, job_id, _table(updates))
        failed = _waited_for(client, doing, job_id, len(updates))
        found = [] if failed is None else _read(client, doing, job_id, target, failed)
    except AuthenticationFailed:
        raise
    except NeedsAttention:  # we may have no jobs, or not this one
        _end(client, doing, job_id)
        return []
    except ConnectorError:
        _end(client, doing, job_id)
        raise
    with contextlib.suppress(ConnectorError):  # it ends by itself after a week
        jobs.remove_ingest(client, doing, job_id)
    return found


def _end(client: Client, doing: str, job_id: str) -> None:
    """Let a job write nothing behind our back that is older than what we write next."""
    if job_id:
        with contextlib.suppress(ConnectorError):
            jobs.abort(client, doing, job_id)


def _waited_for(client: Client, doing: str, job_id: str, rows: int) -> int | None:
    """Wait until a job is done, and give how many rows it refused; None if it failed."""
    waited = wait_s = max(FIRST_WAIT_S, rows / ROWS_A_SECOND)
    while True:
        client.sleep(wait_s)
        state, failed = jobs.ingested(client, doing, job_id)
        if state == _DONE:
            return failed
        if state in _ENDED_BADLY:
            return None
        if waited >= LONGEST_JOB_S:
            _end(client, doing, job_id)
            return None
        wait_s = max(FIRST_WAIT_S, waited / 2)
        waited += wait_s


def _read(
    client: Client, doing: str, job_id: str, target: Target, failed: int
) -> list[WriteResult]:
    """Read what became of rows."""
    good = _rows(jobs.results(client, doing, job_id, "successfulResults"))
    found = [WriteResult(target, ExternalId(row["Id"]), ok=True) for row in good]
    for row in _rows(jobs.results(client, doing, job_id, "failedResults") if failed else ()):
        code = row.get("sf__Error", "").partition(":")[0]
        if code not in _AGAIN:
            found.append(refused(target, ExternalId(row["Id"]), code))
    return found


def _table(updates: Sequence[FieldUpdate]) -> str:
    """Give rows as CSV, where an empty cell leaves a field as it is."""
    records = [from_update(update) for update in updates]
    names = ["Id", *dict.fromkeys(name for update in updates for name in update.values)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for record in records:
        cells = [record["id"], *(_cell(record, name) for name in names[1:])]
        writer.writerow(cells)
    return text.getvalue()


def _cell(record: dict[str, object], name: str) -> object:
    if name not in record:
        return ""
    value = record[name]
    return _EMPTY if value is None or value == "" else value


def _rows(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(lines):
        if row.get("Id"):
            yield row
