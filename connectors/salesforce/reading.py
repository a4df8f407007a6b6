"""Reading: one page of every stream, five streams to a call.

A page is a keyset page in the order (SystemModstamp, Id), so an edit between two pages moves a row
forward and never out of sight, and no cursor of Salesforce's has to survive. Read `sources` (what
is asked), `places` (bookmarks), `statements` (SOQL) and `together` (calls) first.

What it costs, in calls, retries and a token every two hours left out: a round of k streams is
ceil(k / 5) composite calls, whether it is idle, incremental or one of a backfill's; the rounds of a
pull are those of its longest stream, max(1, ceil(rows / 2000)), unless `bulk` reads it in fewer
calls. On top, at most once for a connector: 1 to count what a backfill has to read, 2 for all
streams together where Salesforce does not show us something. Rows whose relations changed alone
are looked for in the free places of a call. A row with more relations than fit beside it costs a
call for each further part of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors._errors import (
    ConnectorError,
    NeedsAttention,
    PermissionMissing,
    TryLater,
    Unavailable,
)
from connectors._records import Bookmark, Page, Stream
from connectors.salesforce.asked import (
    Asked,
    is_begun,
    last_of,
    refusal_of,
    sorted_out,
    unseen_changes,
    with_left,
    with_touched,
)
from connectors.salesforce.bulk import step, wait_s, worth_a_job
from connectors.salesforce.client import Answer, Client, Found
from connectors.salesforce.places import Cursor, Job, Place
from connectors.salesforce.refusals import is_unknown
from connectors.salesforce.relations import complete
from connectors.salesforce.sources import SOURCES, describes, gaps, lacking_of, without
from connectors.salesforce.together import MOST_QUERIES, Together

PAGE_ROWS, FEW_ROWS = 2000, 200

NEEDED = frozenset({Stream.COLLEAGUES, Stream.CONTACTS})
"""Without these there is nothing to score: they are read, or nothing is."""


class Reader:
    """Reads pages of streams through a client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._together = Together(client)
        self._lacking: dict[Stream, frozenset[str]] = {}
        self._rows: dict[Stream, int] = {}
        self._counts: dict[str, int] | None = None

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        """Read the next page of each stream; see `Connector.read`."""
        asked = [self._asked(s, Place.of(bookmarks[s])) for s in Stream if s in bookmarks]
        self._ask([one for one in asked if not one.is_refused and one.place.by_job is None])
        for one in asked:
            self._check_needed(one)
        pages = [self._page(one, bookmarks[one.stream]) for one in asked]
        waits = [wait_s(one.place, self._client) for one in asked if one.is_waiting]
        if waits and len(waits) == sum(1 for page in pages if not page.is_last):
            self._client.sleep(min(waits))
        return self._with_left(asked, pages)

    def _asked(self, stream: Stream, place: Place) -> Asked:
        source = SOURCES[stream]
        if place.looked is None and not place.lacking:
            place = replace(place, lacking=source.rare)
        assumed = place.lacking & source.features
        lacking = self._lacking.get(stream, assumed)
        return Asked(stream, place, lacking, self._rows.get(stream, PAGE_ROWS))

    def _ask(self, asked: Sequence[Asked]) -> None:
        """Ask for every page, and beside them for what can be had in the same calls."""
        free = -len(asked) % MOST_QUERIES
        due = [(one, q) for one in asked if (q := one.touched_question())]
        due.sort(key=lambda pair: pair[0].touched_since)
        looked_up = [one for one in asked if self._is_look_due(one)]
        pages = [one.question() for one in asked]
        beside = [question for _, question in due[:free]]
        objects = describes(one.source for one in looked_up)
        found = self._together.ask([*pages, *beside, *objects.values()])
        for one, answer in zip(asked, found, strict=False):
            one.found = answer
        for (one, _), answer in zip(due[:free], found[len(pages) :], strict=False):
            one.touched = answer
        described = dict(zip(objects, found[len(pages) + len(beside) :], strict=True))
        self._note(looked_up, described)
        self._mend([one for one in asked if _is_unknown(one.found)])
        for one in asked:
            if isinstance(one.found, Unavailable):
                self._ask_for_less(one)

    def _is_look_due(self, one: Asked) -> bool:
        """Tell whether it is time to see if the org has a feature by now."""
        if one.stream in self._lacking or not one.place.is_look_due:
            return False
        return bool(one.place.lacking & one.source.features)

    def _mend(self, asked: Sequence[Asked]) -> None:
        """Find out what we are not shown, and ask again without it."""
        if not asked:
            return
        self._look_up([one for one in asked if one.lacking == self._known(one)])
        for one in asked:
            one.lacking = self._known(one)
        again = [one for one in asked if not one.is_refused]
        found = self._together.ask([one.question() for one in again])
        for one, answer in zip(again, found, strict=True):
            one.found = answer

    def _look_up(self, asked: Sequence[Asked]) -> None:
        """Describe the objects of these streams.

        Raises:
            TryLater: If Salesforce is too busy for that.
        """
        objects = describes(one.source for one in asked)
        found = self._together.ask(list(objects.values()))
        for problem in found:
            if isinstance(problem, TryLater):
                raise problem
        self._note(asked, dict(zip(objects, found, strict=True)))
        for one in asked:
            one.lacking = self._known(one)

    def _known(self, one: Asked) -> frozenset[str]:
        """Give what a stream lacks, as far as this connector has found out."""
        return self._lacking.get(one.stream, one.lacking)

    def _note(
        self, asked: Iterable[Asked], described: Mapping[str, Found | ConnectorError]
    ) -> None:
        """Note what describes tell; nothing of a stream of which one was not to be had now."""
        shown = {
            name: found if isinstance(found, dict) else None for name, found in described.items()
        }
        for one in asked:
            if any(isinstance(described[name], TryLater) for name in one.source.objects):
                continue
            self._lacking[one.stream] = lacking_of(one.source, shown)
            one.place = replace(one.place, looked=self._client.answered_at)

    def _ask_for_less(self, one: Asked) -> None:
        """Ask again for a page that was too much for Salesforce, alone and with fewer rows."""
        self._rows[one.stream] = one.rows = FEW_ROWS
        one.found = self._together.ask_alone(one.question())

    def _check_needed(self, one: Asked) -> None:
        """Let no page be given if what scoring needs is refused.

        Raises:
            ConnectorError: If it is.
        """
        if one.stream not in NEEDED:
            return
        if one.is_refused:
            (gap, *_) = gaps(one.source, one.lacking)
            raise PermissionMissing(gap.reason)
        if isinstance(one.found, ConnectorError):
            raise one.found

    def _page(self, one: Asked, bookmark: Bookmark) -> Page:
        if one.place.by_job is not None:
            return self._part(one, one.place.by_job)
        if one.is_refused:
            return Page(one.stream, (), bookmark, is_last=True, gaps=gaps(one.source, one.lacking))
        if not isinstance(one.found, Answer):
            return Page(one.stream, (), bookmark, is_last=True, gaps=(refusal_of(one),))
        for answer in (one.found, one.touched):
            if isinstance(answer, Answer):
                complete(self._client, one.source, answer)
        place, rows, is_last = self._moved(one, one.found)
        records, malformed = sorted_out(one.source.read, rows)
        return Page(
            one.stream,
            records,
            place.bookmark(),
            is_last,
            malformed,
            known_until=one.place.known,
            left=place.left if not is_last else 0 if one.place.is_first else None,
            gaps=(*gaps(one.source, one.lacking), *unseen_changes(one)),
        )

    def _part(self, one: Asked, job: Job) -> Page:
        """Read a part of a bulk query's result, or wait for it."""
        source = without(one.source, one.lacking)
        part = step(self._client, source, one.place, job)
        records, malformed = sorted_out(one.source.read, part.rows)
        is_last = part.place.started is None
        one.is_waiting = part.is_waiting
        left = 0 if is_last else part.place.left
        told = gaps(one.source, one.lacking)
        return Page(
            one.stream, records, part.place.bookmark(), is_last, malformed, left=left, gaps=told
        )

    def _moved(self, one: Asked, answer: Answer) -> tuple[Place, list[Any], bool]:
        """Give the place behind a page, the page's rows, and whether the pull is done."""
        is_short = answer.is_done and len(answer.rows) < one.rows
        last = None if is_short else last_of(one, answer.rows)
        place = one.place.behind(last, answer.at)
        if place.left is not None and one.place.reads_old:
            place = replace(place, left=max(0, place.left - len(answer.rows)))
        rows, is_last = answer.rows, place.started is None
        if isinstance(one.touched, Answer):
            rows, place = with_touched(one, rows, one.touched, place)
            is_last = is_last and (place.touched or Cursor()).id is None
        lacking = self._known(one)
        if one.place.lacking - lacking:
            return Place(lacking=lacking, looked=place.looked, is_again=True), rows, False
        return replace(place, lacking=lacking), rows, is_last

    def _with_left(self, asked: Sequence[Asked], pages: Sequence[Page]) -> Sequence[Page]:
        """Tell how much is left once a first reading's first page is read, and how to go on."""
        places = {page.stream: Place.of(page.bookmark) for page in pages if not page.is_last}
        new = [one for one in asked if one.place.reads_old and is_begun(places.get(one.stream))]
        if not new:
            return pages
        counts = self._count(asked)
        counted = {s: place.left for s, place in places.items() if place.left is not None}
        for one in new:
            rows = one.found.rows if isinstance(one.found, Answer) else ()
            if one.source.sobject in counts:
                counted[one.stream] = max(0, counts[one.source.sobject] - len(rows))
        by_job = worth_a_job(counted)
        told = {one.stream: counted.get(one.stream) for one in new}
        return [with_left(page, told, by_job) if page.stream in told else page for page in pages]

    def _count(self, asked: Iterable[Asked]) -> dict[str, int]:
        """Count what there is of all streams that are read; nothing where we may not."""
        if self._counts is None:
            names = dict.fromkeys(one.source.sobject for one in asked if not one.is_refused)
            try:
                self._counts = self._client.counts(names)
            except NeedsAttention:
                self._counts = {}
        return self._counts


def _is_unknown(found: Found | ConnectorError | None) -> bool:
    return isinstance(found, ConnectorError) and is_unknown(found)
