"""Owners as colleagues: those there are, then those who have left.

HubSpot does not tell which owners have changed, so all are read, and at most once an hour by its
clock; an activity of an owner whom we do not know yet names the owner all the same.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors._errors import Unavailable
from connectors._records import START, Bookmark, ExternalId, Page, Stream
from connectors.hubspot import mapping
from connectors.hubspot.client import Client
from connectors.hubspot.places import compact
from connectors.hubspot.refusals import UNREADABLE
from connectors.hubspot.rows import collected

OWNERS_PER_CALL = 100
READ_EVERY = timedelta(hours=1)


def read_owners(client: Client, bookmark: Bookmark) -> Page:
    """Read a page of owners; without a call if the last reading is fresh.

    Raises:
        ConnectorError: If HubSpot does not show them.
    """
    place = json.loads(bookmark) if bookmark else {}
    now = client.now()
    if _is_fresh(place, now):
        return Page(Stream.COLLEAGUES, (), bookmark, is_last=True)
    archived, after = bool(place.get("archived")), place.get("after")
    options = {"after": after} if after else {}
    answer = client.ask(
        client.owners_api.get_page, limit=OWNERS_PER_CALL, archived=archived, **options
    )
    records, malformed = collected(answer.rows(), "owner", mapping.to_colleague)
    following = answer.after()
    if following is not None and following == after:
        raise Unavailable(UNREADABLE)
    started = {"started": place.get("started") or int(answer.at.timestamp())}
    if archived and following is None:
        mark = compact({"read": started["started"]})
        return Page(Stream.COLLEAGUES, records, mark, is_last=True, malformed=malformed)
    behind = {"archived": archived, "after": following} if following else {"archived": True}
    mark = compact(behind | started)
    return Page(Stream.COLLEAGUES, records, mark, is_last=False, malformed=malformed)


def read_owners_again(client: Client, ids: Collection[ExternalId]) -> Sequence[Page]:
    """Read all owners, and give these.

    Raises:
        ConnectorError: If HubSpot does not show them.
    """
    pages, bookmark, is_last = [], START, False
    while ids and not is_last:
        page = read_owners(client, bookmark)
        pages.append(replace(page, records=tuple(r for r in page.records if r.id in ids)))
        bookmark, is_last = page.bookmark, page.is_last
    return pages


def _is_fresh(place: dict[str, int], now: datetime | None) -> bool:
    """Whether the owners were read within the hour; a clock set back makes them stale."""
    if now is None or "read" not in place:
        return False
    return 0 <= now.timestamp() - place["read"] < READ_EVERY.total_seconds()
