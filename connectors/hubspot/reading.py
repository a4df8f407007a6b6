"""Reading HubSpot, page by page, by key.

Objects come from the search, 200 a call, always its first page: those changed since `since` whose
id is beyond the last one read, in the order of their ids. A row that changes while we read keeps
its place, so none is skipped; one that changes behind us is found by the next pull, which begins
an hour before this one did, because the search shows changes late. HubSpot's own cursor is never
used: it counts rows, ends at 10,000, and slips when rows leave the result.

The first pull uses the same search without a date. The list would be faster (it is not held to
five calls a second) but costs twice the calls, of which a portal has so many a day, and would be a
second way to read the same thing.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from connectors._errors import Unavailable
from connectors._records import START, Bookmark, Malformed, Page, Presence, Record, Stream
from connectors.hubspot import activities, mapping
from connectors.hubspot.associations import contacts_of
from connectors.hubspot.client import Answer, Client
from connectors.hubspot.refusals import UNREADABLE
from connectors.hubspot.rows import Raw, Unreadable, id_of

ROWS_PER_SEARCH = 200
SEARCHES_PER_PAGE = 5
"""Of activities, whose contacts are then read a thousand at a time."""

OVERLAP = timedelta(hours=1)
OWNERS_PER_CALL = 100


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a stream comes from; `link` reads a row of activities, `alone` any other."""

    type_id: str
    properties: tuple[str, ...]
    alone: Callable[[Raw], Iterable[Record]] | None = None
    linked: Callable[[Raw, Sequence[str]], Record] | None = None


SOURCES = {
    Stream.ACCOUNTS: _Source(mapping.COMPANY, mapping.COMPANY_PROPERTIES, alone=mapping.to_account),
    Stream.CONTACTS: _Source(mapping.CONTACT, mapping.CONTACT_PROPERTIES, alone=mapping.to_contact),
    Stream.EMAILS: _Source(mapping.EMAIL, activities.EMAIL_PROPERTIES, linked=activities.to_email),
    Stream.MEETINGS: _Source(
        mapping.MEETING, activities.MEETING_PROPERTIES, linked=activities.to_meeting
    ),
    Stream.CALLS: _Source(mapping.CALL, activities.CALL_PROPERTIES, linked=activities.to_call),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a stream is read.

    Attributes:
        since: Rows changed before this are known (ms since 1970); None for all rows.
        last_id: The greatest id read in this pull.
        started: HubSpot's time when this pull began (ms); None before its first call.
    """

    since: int | None = None
    last_id: int = 0
    started: int | None = None


def read(client: Client, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
    """Read the next page of each stream; see `Connector.read`."""
    return [
        _read_owners(client, bookmarks[stream])
        if stream is Stream.COLLEAGUES
        else _read_objects(client, stream, bookmarks[stream])
        for stream in Stream
        if stream in bookmarks
    ]


def present(client: Client, stream: Stream, bookmark: Bookmark) -> Presence:
    """Read the next ids of what is there; see `Connector.present`."""
    type_id, last_id = SOURCES[stream].type_id, int(bookmark or 0)
    question = _question(_Source(type_id, ()), _Place(last_id=last_id))
    answer = client.ask(client.search_api.do_search, type_id, question)
    found = [int(row_id) for row_id in _ids(answer.rows())]
    is_last = _is_last(answer)
    if not is_last and max(found, default=0) <= last_id:
        raise Unavailable(UNREADABLE)
    ids = tuple(mapping.external_id(type_id, str(row_id)) for row_id in found)
    return Presence(ids, Bookmark(str(max(found, default=last_id))), is_last)


def _read_objects(client: Client, stream: Stream, bookmark: Bookmark) -> Page:
    source = SOURCES[stream]
    place = _place(bookmark)
    rows: list[Any] = []
    is_last = False
    for _ in range(SEARCHES_PER_PAGE if source.linked else 1):
        answer = client.ask(client.search_api.do_search, source.type_id, _question(source, place))
        found = answer.rows()
        rows.extend(found)
        is_last = _is_last(answer)
        place = _moved(place, found, answer.at, is_last=is_last)
        if is_last:
            break
    records, malformed = _records(client, source, rows)
    return Page(stream, records, _bookmark(place), is_last, malformed)


def _question(source: _Source, place: _Place) -> dict[str, Any]:
    filters = [
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(place.last_id)},
    ]
    if place.since is not None:
        modified = mapping.modified_property(source.type_id)
        filters.append({"propertyName": modified, "operator": "GTE", "value": str(place.since)})
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(source.properties),
        "limit": ROWS_PER_SEARCH,
    }


def _is_last(answer: Answer) -> bool:
    """Whether nothing lies beyond this page; HubSpot counts what the question matches."""
    found, total = len(answer.rows()), answer.body.get("total")
    if isinstance(total, int):
        return total <= found
    return found < ROWS_PER_SEARCH


def _moved(place: _Place, rows: Iterable[object], at: datetime, *, is_last: bool) -> _Place:
    """Give the place behind these rows; behind the last ones, where the next pull begins."""
    started = _ms(at) if place.started is None else place.started
    if is_last:
        return _Place(since=started - int(OVERLAP.total_seconds() * 1000))
    last_id = max((int(row_id) for row_id in _ids(rows)), default=0)
    if last_id <= place.last_id:
        raise Unavailable(UNREADABLE)
    return replace(place, last_id=last_id, started=started)


def _records(
    client: Client, source: _Source, rows: Sequence[Any]
) -> tuple[tuple[Record, ...], tuple[Malformed, ...]]:
    alone, linked = source.alone, source.linked
    if linked is None:
        return _collect(rows, source.type_id, cast("Callable[[Raw], Iterable[Record]]", alone))
    contacts = contacts_of(client, source.type_id, list(_ids(rows)))

    def with_contacts(raw: Raw) -> Iterable[Record]:
        return (linked(raw, contacts.get(id_of(raw), ())),)

    return _collect(rows, source.type_id, with_contacts)


def _collect(
    rows: Iterable[Any], type_id: str, to_records: Callable[[Raw], Iterable[Record]]
) -> tuple[tuple[Record, ...], tuple[Malformed, ...]]:
    """Read each row; what cannot be read is set aside with its reason."""
    records: list[Record] = []
    malformed: list[Malformed] = []
    for row in rows:
        try:
            id_of(row)
            records.extend(tuple(to_records(row)))
        except Unreadable as error:
            row_id = next(iter(_ids([row])), None)
            known = mapping.external_id(type_id, row_id) if row_id else None
            malformed.append(Malformed(known, str(error)))
    return tuple(records), tuple(malformed)


def _ids(rows: Iterable[object]) -> Iterator[str]:
    """Give the ids of the rows that have one."""
    for row in rows:
        try:
            yield id_of(row)
        except Unreadable:
            continue


def _read_owners(client: Client, bookmark: Bookmark) -> Page:
    """Read a page of owners: those there are, then those who have left.

    Owners cannot be asked for by date, so each pull reads them all, from `START`.
    """
    place = json.loads(bookmark) if bookmark else {}
    archived, after = bool(place.get("archived")), place.get("after")
    options = {"after": after} if after else {}
    answer = client.ask(
        client.owners_api.get_page, limit=OWNERS_PER_CALL, archived=archived, **options
    )
    records, malformed = _collect(answer.rows(), "owner", mapping.to_colleague)
    following = answer.after()
    if following is not None and following == after:
        raise Unavailable(UNREADABLE)
    is_last = archived and following is None
    behind = {"archived": archived, "after": following} if following else {"archived": True}
    left = START if is_last else _compact(behind)
    return Page(Stream.COLLEAGUES, records, left, is_last, malformed)


def _place(bookmark: Bookmark) -> _Place:
    return _Place(**json.loads(bookmark)) if bookmark else _Place()


def _bookmark(place: _Place) -> Bookmark:
    kept = {"since": place.since, "last_id": place.last_id, "started": place.started}
    return _compact({name: value for name, value in kept.items() if value})


def _compact(value: object) -> Bookmark:
    return Bookmark(json.dumps(value, separators=(",", ":")))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
