"""What HubSpot's documents leave open and a portal can be asked without changing it.

Each is tried as reading does it, by the same code, so that what is good here is good there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from connectors._errors import ConnectorError, NeedsAttention, Unavailable
from connectors._records import LONG_AGO, Finding, Target, Verdict
from connectors.hubspot import mapping
from connectors.hubspot.by_id import rows_of
from connectors.hubspot.client import Answer, Client
from connectors.hubspot.places import Cursor
from connectors.hubspot.reading import question
from connectors.hubspot.rows import ids, parts, to_moment
from connectors.hubspot.streams import Source

ROWS = 10

DAY = timedelta(days=1)

NOBODYS_ID = "999999999999999"
"""An id that no portal has come to."""

MOST_OF_OURS = 16
"""So many properties Tieline has of one kind of record at most."""


def search(client: Client, source: Source, cursor: Cursor) -> Answer:
    """Give the first rows behind a cursor.

    Raises:
        ConnectorError: If HubSpot does not answer.
    """
    asked = question(source, cursor) | {"limit": ROWS}
    return client.ask(client.search_api.do_search, source.type_id, asked)


def changed(client: Client, source: Source, about: str, rows: Sequence[Any]) -> Iterator[Finding]:
    """Try whether records are found by when they were changed: these were, a day later at most."""
    whole = [row for row in rows if isinstance(row, dict)]
    told = [row["updatedAt"] for row in whole if isinstance(row.get("updatedAt"), str)]
    times = [at for at in (to_moment(one, "updatedAt") for one in told) if at]
    since = min(times, default=None)
    if since is None or since <= LONG_AGO + DAY:
        return
    if search(client, source, Cursor(since=int((since - DAY).timestamp() * 1000))).rows():
        return
    said = "The search finds no record by when it was changed: nothing that changes would be read."
    advice = "Do not use this connection; tell Tieline's developers."
    yield Finding(about, Verdict.BAD, said, advice)


def by_id(client: Client, source: Source, about: str, rows: Sequence[Any]) -> Iterator[Finding]:
    """Try to read records by id, one that is not there among them."""
    asked = [*ids(rows), NOBODYS_ID]
    try:
        found = set(ids(rows_of(client, source, asked)))
    except (Unavailable, NeedsAttention) as error:
        told = "Records cannot be read by id if one of them is gone: what webhooks announce fails."
        yield Finding(about, Verdict.WARNING, told, str(error))
        return
    if found.isdisjoint(asked):
        told = "Records that the search shows cannot be read by id: webhooks bring nothing."
        advice = "Let Tieline pull on schedule; what changes is read by the search."
        yield Finding(about, Verdict.WARNING, told, advice)


def merged(client: Client, source: Source, rows: Sequence[Any]) -> Iterator[Finding]:
    """Try to read a record by the id of one that was merged into it: no answer is one, too."""
    whole = [row for row in rows if isinstance(row, dict) and row.get("properties")]
    gone = list(chain.from_iterable(parts(row, mapping.MERGED) for row in whole))[:ROWS]
    if not gone:
        return
    try:
        rows_of(client, source, gone)
    except ConnectorError as error:
        told = "Reading a contact by the id that it had before a merge is refused."
        yield Finding("Merges", Verdict.WARNING, told, str(error))


def room(client: Client, target: Target, ours: int) -> Iterator[Finding]:
    """Tell how many more properties the portal takes, if too few; so many of ours are there."""
    try:
        told = client.get("/crm/v3/limits/custom-properties").body
    except NeedsAttention:
        return
    left = min(_left(told, mapping.TARGETS[target]), default=MOST_OF_OURS)
    if ours + left < MOST_OF_OURS:
        about = f"Fields of {mapping.PLURALS[target]}"
        said = f"The portal takes {left} more custom properties, and Tieline has {MOST_OF_OURS}."
        advice = "Choose fewer fields in Tieline, or delete properties that nobody uses."
        yield Finding(about, Verdict.WARNING, said, advice)


def _left(told: Mapping[str, Any], type_id: str) -> Iterator[int]:
    """Give what is left of each limit that an answer tells."""
    rows = told.get("byObjectType")
    kinds = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    mine = (one for one in kinds if one.get("objectTypeId") == type_id)
    limits = [(one.get("limit"), one.get("usage")) for one in mine]
    for limit, usage in (*limits, (told.get("overallLimit"), told.get("overallUsage"))):
        if isinstance(limit, int) and isinstance(usage, int):
            yield max(0, limit - usage)
