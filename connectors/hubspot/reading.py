"""Reading HubSpot, page by page, by key.

Objects come from the search, 200 a call, always its first page: those changed since a moment whose
id is beyond the last one read, in the order of their ids (`places` says which moment). A row that
changes while we read keeps its place, so none is skipped; one that changes behind us is found by
the next look. HubSpot's own cursor is never used: it counts rows, ends at 10,000, and slips when
rows leave the result. The list would be faster (it is not held to five calls a second) but costs
twice the calls, of which a portal has so many a day, and knows no dates.

A page over which HubSpot breaks down (an HTTP 500, 502 or 504 at each try) is asked for by half,
and by a quarter, and so are those behind it until the pull is done.

Calls, for what has changed: n contacts or companies take ceil(n / 200), at least 1. Each kind of
activity, a of them, takes ceil(a / 200), at least 1, and ceil(a / 1000) for its contacts: more
only where one has over 500. So 500 contacts and 200 each of emails, meetings, calls, messages and
tasks take 13 calls, and nothing new takes 6. Deals take one kind of links more and, once per
connector, a call for the pipelines and the first search again; owners ceil(o / 100) for those
there are and as much for those who left, once an hour. A stream that a first pull finds empty
takes one call to believe it.

HubSpot does not tell what was archived since when: its list of that (``archived=true``) comes in
the order of ids, all of it every time. So `present` reads the ids of what is there, 200 a call,
as seldom as the caller likes. What was merged is told at once by the survivor. Nor does it tell of
associations that come and go without a change of the activity, as those of a contact who is deleted
and restored: `parts` asks for them, six calls for a thousand contacts.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors._errors import Misconfigured, PermissionMissing, Unavailable
from connectors._hints import Hint
from connectors._records import (
    START,
    Bookmark,
    ExternalId,
    Gap,
    Page,
    Presence,
    Record,
    Stream,
)
from connectors.hubspot import by_id, gaps, mapping
from connectors.hubspot.associations import INPUTS_PER_CALL, Link, links_of
from connectors.hubspot.client import Answer, Client
from connectors.hubspot.deals import Stages, read_stages
from connectors.hubspot.owners import read_owners, read_owners_again
from connectors.hubspot.parts import taken_part
from connectors.hubspot.places import Cursor, Read, behind, bookmark_of, place_of
from connectors.hubspot.refusals import UNREADABLE, TooMuch
from connectors.hubspot.rows import Raw, collected, id_of, ids
from connectors.hubspot.streams import Source, source_of

ROWS_PER_SEARCH = 200
MOST_HALVED = 4
"""The part of a page that is asked for at least, where HubSpot breaks down over all of it."""

SEARCHES_PER_PAGE = 5
"""Of activities, whose contacts are then read a thousand at a time."""

LONGEST_SEARCH = 2_900
"""Characters; HubSpot refuses 3,000."""

READS_PER_CALL = 100

NEEDED = frozenset({Stream.COLLEAGUES, Stream.CONTACTS})
"""Streams without which there is nothing to score."""


class Reader:
    """Reads one portal; remembers its pipelines and what it refuses, and nothing of a pull."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stages: Stages | None = None
        self._refused: dict[Stream, Gap] = {}
        self._met: set[str] = set()
        self._fewer: dict[str, int] = {}

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        """Read the next page of each stream; see `Connector.read`."""
        pages: dict[Stream, Page] = {
            stream: self._page(stream, bookmarks[stream])
            for stream in Stream
            if stream in bookmarks and stream is not Stream.COLLEAGUES
        }
        if Stream.COLLEAGUES in bookmarks:  # last, when an answer has told HubSpot's time
            pages[Stream.COLLEAGUES] = read_owners(self._client, bookmarks[Stream.COLLEAGUES])
        return [pages[stream] for stream in Stream if stream in pages]

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        """Read the next ids of what is there; see `Connector.present`."""
        source, last_id = source_of(stream, Stages()), int(bookmark or 0)
        answer = self._search(replace(source, properties=()), Cursor(last_id=last_id))
        found = [int(number) for number in ids(answer.rows())]
        is_last = _left(answer) == 0
        if not is_last and max(found, default=0) <= last_id:
            raise Unavailable(UNREADABLE)
        if is_last:
            self._fewer.pop(source.type_id, None)
        if not bookmark and not found:
            self._believe_empty(source)
        known = tuple(mapping.external_id(source.type_id, str(number)) for number in found)
        return Presence(known, Bookmark(str(max(found, default=last_id))), is_last)

    def read_again(self, stream: Stream, given: Sequence[ExternalId]) -> Sequence[Page]:
        """Read these records; see `Connector.read_again`. Owners have no batch: all are read."""
        if stream is Stream.COLLEAGUES:
            return read_owners_again(self._client, given)
        numbers = by_id.numbers_of(source_of(stream, Stages()).type_id, given)
        if stream is Stream.DEALS and numbers and self._stages is None:
            self._stages = read_stages(self._client)
        shares = range(0, len(numbers), INPUTS_PER_CALL)
        return [self._again(stream, numbers[at : at + INPUTS_PER_CALL]) for at in shares]

    def taken_part(self, people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:
        """Name what contacts take part in; see `Connector.taken_part`."""
        return taken_part(self._client, people, refused=self._refused)

    def _again(self, stream: Stream, numbers: Sequence[str]) -> Page:
        source = source_of(stream, self._stages or Stages())
        rows = by_id.rows_of(self._client, source, numbers)
        if stream is Stream.DEALS and self._learn_stages(rows):
            source = source_of(stream, self._stages or Stages())
            rows = by_id.rows_of(self._client, source, numbers)
        links, _ = self._links(source, [row for row in rows if not by_id.is_archived(row)])

        def records_of(raw: Raw) -> Iterable[Record]:
            found = source.to_records(raw, links.get(id_of(raw), {}))
            return map(by_id.gone, found) if by_id.is_archived(raw) else found

        records, malformed = collected(rows, source.type_id, records_of)
        return Page(stream, records, START, is_last=True, malformed=malformed)

    def _page(self, stream: Stream, bookmark: Bookmark) -> Page:
        if stream not in self._refused:
            try:
                return self._read(stream, bookmark)
            except (PermissionMissing, Misconfigured) as error:
                if stream in NEEDED:
                    raise
                self._refused[stream] = gaps.whole(stream, error)
        return Page(stream, (), bookmark, is_last=True, gaps=(self._refused[stream],))

    def _read(self, stream: Stream, bookmark: Bookmark) -> Page:
        place = place_of(bookmark)
        source, rows, read = self._rows(stream, place.cursor())
        if not rows and place.cursor() == Cursor():
            self._believe_empty(source)
        links, missing = self._links(source, rows)
        records, malformed = collected(
            rows, source.type_id, lambda raw: source.to_records(raw, links.get(id_of(raw), {}))
        )
        following, is_last = behind(place, read)
        if is_last:
            self._fewer.pop(source.type_id, None)  # the next pull asks for as many as usual
        return Page(
            stream,
            records,
            bookmark_of(following),
            is_last,
            malformed,
            known_until=place.known_until(),
            left=place.left if place.is_looking else read.left,
            gaps=(*gaps.within(source, rows), *missing),
        )

    def _rows(self, stream: Stream, cursor: Cursor) -> tuple[Source, list[Any], Read]:
        """Search until a page is full, or nothing is left."""
        source, answer = self._first(stream, cursor)
        rows, began = answer.rows(), answer.at
        last_id = _beyond(cursor, answer)
        for _ in range(SEARCHES_PER_PAGE - 1 if source.linked else 0):
            if _left(answer) == 0:
                break
            answer = self._search(source, Cursor(cursor.since, last_id))
            rows = rows + answer.rows()
            last_id = _beyond(Cursor(cursor.since, last_id), answer)
        left = _left(answer)
        return source, rows, Read(last_id, began, answer.at, left == 0, left)

    def _first(self, stream: Stream, cursor: Cursor) -> tuple[Source, Answer]:
        """Search once; deals in stages we do not know have us ask for the stages, and again."""
        source = source_of(stream, self._stages or Stages())
        answer = self._search(source, cursor)
        if stream is not Stream.DEALS or not self._learn_stages(answer.rows()):
            return source, answer
        source = source_of(stream, self._stages or Stages())
        return source, self._search(source, cursor)

    def _learn_stages(self, rows: Sequence[Any]) -> bool:
        """Read the pipelines if a deal stands in a stage that nobody has told us of."""
        found = {str(row["properties"].get("dealstage")) for row in rows if _has_properties(row)}
        if found <= self._met:
            return False
        self._stages = read_stages(self._client)
        self._met |= {*found, *self._stages.by_id}
        return True

    def _search(self, source: Source, cursor: Cursor) -> Answer:
        asked = question(source, cursor)
        answer = self._ask(source, asked)
        if not set(source.extra) <= set(asked["properties"]):
            self._add_extra(source, answer.rows())
        return answer

    def _ask(self, source: Source, asked: dict[str, Any]) -> Answer:
        """Search, for fewer rows at a time if HubSpot breaks down over as many as usual.

        Raises:
            ConnectorError: If it does over the fewest too.
        """
        while True:
            rows = asked["limit"] = self._fewer.get(source.type_id, ROWS_PER_SEARCH)
            try:
                return self._client.ask(self._client.search_api.do_search, source.type_id, asked)
            except TooMuch:
                if rows <= ROWS_PER_SEARCH // MOST_HALVED:
                    raise
            self._fewer[source.type_id] = rows // 2

    def _add_extra(self, source: Source, rows: Sequence[Any]) -> None:
        """Ask by id, a hundred rows a call, for the properties that no search has room for."""
        by_number = {id_of(row): row for row in rows if _has_properties(row) and any(ids([row]))}
        numbers = list(by_number)
        for begin in range(0, len(numbers), READS_PER_CALL):
            wanted = {
                "properties": list(source.extra),
                "propertiesWithHistory": [],
                "inputs": [{"id": number} for number in numbers[begin : begin + READS_PER_CALL]],
            }
            answer = self._client.ask(self._client.batch_api.read, source.type_id, wanted)
            for row in answer.rows():
                if _has_properties(row) and (number := next(ids([row]), None)) in by_number:
                    by_number[number]["properties"] |= row["properties"]

    def _links(
        self, source: Source, rows: Sequence[Any]
    ) -> tuple[dict[str, dict[str, Sequence[Link]]], list[Gap]]:
        """Read what the rows are associated with; a type that is refused is a gap, contacts not."""
        numbers = list(dict.fromkeys(ids(rows)))
        links: dict[str, dict[str, Sequence[Link]]] = {number: {} for number in numbers}
        missing: list[Gap] = []
        for type_id in source.linked if numbers else ():
            try:
                found = links_of(self._client, source.type_id, type_id, numbers)
            except PermissionMissing as error:
                if type_id == mapping.CONTACT:
                    raise
                missing.append(gaps.part(error))
                continue
            for number, ends in found.items():
                links[number][type_id] = ends
        return links, missing

    def _believe_empty(self, source: Source) -> None:
        """Ask the list whether there really is nothing; it does not tell one kind from another.

        Raises:
            Unavailable: If there is something: the search has lost it, or has yet to find it.
        """
        if source.filters:
            return
        answer = self._client.ask(self._client.basic_api.get_page, source.type_id, limit=1)
        if answer.rows():
            raise Unavailable(
                "HubSpot's search finds nothing where its list shows records; Tieline believes "
                "neither, and tries again by itself."
            )


def question(source: Source, cursor: Cursor) -> dict[str, Any]:
    """Give the search for the rows beyond a cursor, short enough for HubSpot."""
    filters = [
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(cursor.last_id)},
        *source.filters,
    ]
    if cursor.since is not None and cursor.since > 0:  # HubSpot fails when asked about 1970
        modified = mapping.modified_property(source.type_id)
        filters.append({"propertyName": modified, "operator": "GTE", "value": str(cursor.since)})
    asked = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": [*source.properties, *source.extra],
        "limit": ROWS_PER_SEARCH,
    }
    if len(json.dumps(asked)) > LONGEST_SEARCH:
        asked["properties"] = list(source.properties)
    return asked


def _left(answer: Answer) -> int | None:
    """Tell how many rows lie beyond an answer; HubSpot counts what the question matches."""
    found, total = len(answer.rows()), answer.body.get("total")
    if isinstance(total, int):
        return max(0, total - found)
    return None if found else 0


def _beyond(cursor: Cursor, answer: Answer) -> int:
    """Give the greatest id of an answer, which must lead on unless it is the last."""
    last_id = max((int(number) for number in ids(answer.rows())), default=cursor.last_id)
    if _left(answer) != 0 and last_id <= cursor.last_id:
        raise Unavailable(UNREADABLE)
    return last_id


def _has_properties(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("properties"), dict)
