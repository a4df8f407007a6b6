"""Reading the rest of a long first reading by a Bulk API 2.0 query, where that takes fewer calls.

A job takes 1 call to make, some to see whether it is done, ceil(rows / 10,000) for its result and 1
to throw it away; pages of the same rows take ceil(rows / 2000). But pages of five streams share a
call, so a stream is read by a job only if it is the longest by more than the job costs, and if its
rows have no relations, which the Bulk API cannot read along: tasks, events, mails and deals are
read by pages. Where a job is refused, fails or is lost, pages go on from where it began.

Each step follows from the place in the bookmark: a job that is known is gone on with after a crash,
and thrown away only when its last part has been kept.
"""

import contextlib
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from connectors._errors import AuthenticationFailed, NeedsAttention
from connectors._records import Stream
from connectors.salesforce import jobs
from connectors.salesforce.client import Client
from connectors.salesforce.places import Job, Place
from connectors.salesforce.sources import SOURCES, Source
from connectors.salesforce.statements import all_behind

PAGE_ROWS, PART_ROWS = 2000, 10_000
WORTH_ROWS = 20_000
JOB_CALLS = 7
"""To make a job, ask five times whether it is done, and throw it away."""

LONGEST_JOB = timedelta(hours=2)
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 60.0

_END = "end"
_DONE, _ENDED_BADLY = "JobComplete", frozenset({"Failed", "Aborted"})


@dataclass(frozen=True, slots=True)
class Part:
    """What a step gave.

    Attributes:
        is_waiting: The job is not done yet, and nothing else is to be done for the stream.
    """

    rows: Sequence[dict[str, Any]]
    place: Place
    is_waiting: bool = False


def worth_a_job(left: Mapping[Stream, int]) -> frozenset[Stream]:
    """Choose the streams to read by a job.

    Args:
        left: How many rows each stream of a backfill has still to read.
    """
    chosen: set[Stream] = set()
    longest = sorted(left, key=lambda stream: -left[stream])
    for stream, rest in zip_longest(longest, longest[1:]):
        count = left[stream]
        saved = _calls(count, PAGE_ROWS) - (_calls(left[rest], PAGE_ROWS) if rest else 0)
        costs = JOB_CALLS + _calls(count, PART_ROWS)
        if SOURCES[stream].relations or count < WORTH_ROWS or saved <= costs:
            break
        chosen.add(stream)
    return frozenset(chosen)


def step(client: Client, source: Source, place: Place, job: Job) -> Part:
    """Go one call further with a job.

    Raises:
        ConnectorError: If Salesforce is busy, or refuses us as a whole.
    """
    try:
        if not job.id:
            return _made(client, source, place)
        if not job.is_done:
            return _looked_at(client, place, job)
        if job.locator == _END:
            return _thrown_away(client, place, job)
        return _read(client, source, place, job)
    except AuthenticationFailed:
        raise
    except NeedsAttention:  # there is no such job any more, or we may have none
        return Part((), replace(place, job=None))


def wait_s(place: Place, client: Client) -> float:
    """How long to wait before a job is asked for again: a tenth of the time that it has taken."""
    since = place.job.since if place.job else None
    taken = (client.answered_at - since).total_seconds() if since else 0.0
    return min(max(FIRST_WAIT_S, taken / 10), LONGEST_WAIT_S)


def _made(client: Client, source: Source, place: Place) -> Part:
    doing = f"to read {source.sobject} by the Bulk API"
    made = jobs.make_query(client, doing, all_behind(source, place))
    return Part((), replace(place, job=Job(made, since=client.answered_at)))


def _looked_at(client: Client, place: Place, job: Job) -> Part:
    state = jobs.query_state(client, job.id)
    if state == _DONE:
        return Part((), replace(place, job=replace(job, is_done=True)))
    is_late = job.since is not None and client.answered_at - job.since > LONGEST_JOB
    if state in _ENDED_BADLY or is_late:
        return Part((), replace(place, job=None))
    return Part((), place.kept(client.answered_at), is_waiting=True)


def _read(client: Client, source: Source, place: Place, job: Job) -> Part:
    lines, locator = jobs.query_part(client, job.id, job.locator, PART_ROWS)
    reader = csv.reader(lines)
    names = next(reader, [])
    rows = [_row(source.sobject, dict(zip(names, cells, strict=False))) for cells in reader]
    left = None if place.left is None else max(0, place.left - len(rows))
    behind = replace(place, job=replace(job, locator=locator or _END), left=left)
    return Part(rows, behind.kept(client.answered_at))


def _thrown_away(client: Client, place: Place, job: Job) -> Part:
    """Be done; a job that cannot be thrown away ends by itself after a week."""
    with contextlib.suppress(NeedsAttention):
        jobs.remove_query(client, job.id)
    return Part((), place.behind(None, client.answered_at))


def _row(name: str, cells: dict[str, str]) -> dict[str, Any]:
    """Give the row that a query would: every checkbox that we read begins with ``Is``."""
    row: dict[str, Any] = {"attributes": {"type": name}}
    for column, cell in cells.items():
        row[column] = (cell == "true") if column.startswith("Is") else cell or None
    return row


def _calls(rows: int, in_one: int) -> int:
    return -(-rows // in_one)
