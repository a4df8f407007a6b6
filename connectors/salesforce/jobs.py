"""The calls of the Bulk API 2.0: queries that are read, and rows that are ingested."""

from typing import Any

from connectors.salesforce.client import Client
from connectors.salesforce.refusals import translated

_QUERY, _INGEST = "jobs/query", "jobs/ingest"
_CSV, _AS_CSV = {"Content-Type": "text/csv; charset=UTF-8"}, {"Accept": "text/csv"}


def make_query(client: Client, doing: str, soql: str) -> str:
    """Make a query of everything, deleted rows too, and give its id."""
    return _made(client, doing, _QUERY, {"operation": "queryAll", "query": soql})


def query_state(client: Client, job_id: str) -> str:
    """Look how far a query is."""
    return str(_looked_at(client, "how far a bulk query is", f"{_QUERY}/{job_id}")["state"])


def query_part(client: Client, job_id: str, locator: str, rows: int) -> tuple[list[str], str]:
    """Give a part of a query's result.

    Returns:
        Its lines as CSV, and the locator of the next part, or "" behind the last.
    """
    params = {"maxRecords": str(rows)} | ({"locator": locator} if locator else {})
    doing = "for the result of a bulk query"
    with translated(doing):
        answer = client.raw(
            doing, "GET", f"{_QUERY}/{job_id}/results", params=params, headers=_AS_CSV
        )
        told = answer.headers["Sforce-Locator"]
    return answer.text.splitlines(keepends=True), "" if told == "null" else told


def remove_query(client: Client, job_id: str) -> None:
    """Throw a query and its result away."""
    client.rest("to throw a bulk query away", f"{_QUERY}/{job_id}", method="DELETE")


def make_ingest(client: Client, doing: str, sobject: str) -> str:
    """Make a job that updates records, and give its id."""
    about = {"operation": "update", "object": sobject, "contentType": "CSV", "lineEnding": "LF"}
    return _made(client, doing, _INGEST, about)


def feed(client: Client, doing: str, job_id: str, text: str) -> None:
    """Give a job its rows as CSV, and let it begin."""
    path = f"{_INGEST}/{job_id}"
    client.raw(doing, "PUT", f"{path}/batches", data=text.encode(), headers=_CSV)
    client.rest(doing, path, method="PATCH", json={"state": "UploadComplete"})


def ingested(client: Client, doing: str, job_id: str) -> tuple[str, int]:
    """Look how far a job is, and how many rows it could not write."""
    found = _looked_at(client, doing, f"{_INGEST}/{job_id}")
    return str(found["state"]), int(found.get("numberRecordsFailed") or 0)


def results(client: Client, doing: str, job_id: str, outcome: str) -> list[str]:
    """Give the lines of ``successfulResults`` or ``failedResults`` as CSV."""
    answer = client.raw(doing, "GET", f"{_INGEST}/{job_id}/{outcome}", headers=_AS_CSV)
    return answer.text.splitlines(keepends=True)


def abort(client: Client, doing: str, job_id: str) -> None:
    """Let a job write no more."""
    client.rest(doing, f"{_INGEST}/{job_id}", method="PATCH", json={"state": "Aborted"})


def remove_ingest(client: Client, doing: str, job_id: str) -> None:
    """Throw a job and what it was given away."""
    client.rest(doing, f"{_INGEST}/{job_id}", method="DELETE")


def _made(client: Client, doing: str, path: str, about: dict[str, str]) -> str:
    with translated(doing):
        return str(client.rest(doing, path, method="POST", json=about)["id"])


def _looked_at(client: Client, doing: str, path: str) -> dict[str, Any]:
    with translated(doing):
        found = dict(client.rest(doing, path))
        return {**found, "state": found["state"]}
