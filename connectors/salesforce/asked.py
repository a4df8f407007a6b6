"""One stream in one round of reading: what is asked of it, and what is made of the answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors._errors import ConnectorError, NeedsAttention, Unavailable
from connectors._records import LONG_AGO, ExternalId, Gap, Malformed, Page, Record, Stream
from connectors.salesforce import mapping
from connectors.salesforce.client import Answer, Found, Question
from connectors.salesforce.columns import Unreadable
from connectors.salesforce.places import OVERLAP, Cursor, Job, Place
from connectors.salesforce.sources import SOURCES, Source, is_refused, without
from connectors.salesforce.statements import page_of, touched_by


@dataclass(slots=True)
class Asked:
    """One stream in one round: where it is, what is asked of it, and what came of that.

    Attributes:
        lacking: What is not asked for.
        rows: How many rows a page has at most.
        found: The page.
        touched: Rows whose relations changed alone.
        is_waiting: A job of it is not done yet.
    """

    stream: Stream
    place: Place
    lacking: frozenset[str]
    rows: int
    found: Found | ConnectorError | None = None
    touched: Found | ConnectorError | None = None
    is_waiting: bool = False

    @property
    def source(self) -> Source:
        """All that would be asked for."""
        return SOURCES[self.stream]

    @property
    def is_refused(self) -> bool:
        """Whether there is nothing that could be read."""
        return is_refused(self.source, self.lacking)

    @property
    def touched_since(self) -> datetime:
        """Since when relations that changed alone have not been looked for."""
        touched = self.place.touched
        return touched.at if touched and touched.at else LONG_AGO

    def question(self) -> Question:
        """Ask for the page."""
        soql = page_of(without(self.source, self.lacking), self.place, self.rows)
        return Question(f"to read {self.source.sobject}", "queryAll", soql)

    def touched_question(self) -> Question | None:
        """Ask for what the place says is due, if the relation can be seen."""
        source = without(self.source, self.lacking)
        telling = next((one for one in source.relations if one.is_telling), None)
        if telling is None or self.place.touched is None or not self.place.is_touched_due:
            return None
        soql = touched_by(source, telling, self.place.touched, self.rows)
        return Question(f"to read {source.sobject}", "queryAll", soql)


def refusal_of(one: Asked) -> Gap:
    """Tell why a stream that was asked for gave no page."""
    reason = str(one.found if isinstance(one.found, ConnectorError) else unreadable(one.stream))
    return Gap(one.source.sobject, reason, is_whole=True)


def unseen_changes(one: Asked) -> Iterator[Gap]:
    """Tell that relations which change alone cannot be looked for."""
    if isinstance(one.touched, NeedsAttention):
        yield Gap(
            f"{one.source.relations[0].sobject}.SystemModstamp",
            "Salesforce does not tell which of these rows changed: what they say is read again "
            f"only when the {one.source.sobject} itself changes.",
        )


def unreadable(stream: Stream) -> Unavailable:
    """Word that an answer leads nowhere."""
    return Unavailable(
        f"Salesforce says there are more {stream} and shows none that can be read; "
        "Tieline tries again by itself."
    )


def with_touched(
    one: Asked, rows: list[Any], touched: Answer, place: Place
) -> tuple[list[Any], Place]:
    """Put rows whose relations changed beside those of the page, and note until when we know."""
    there = {row.get("Id") for row in rows if isinstance(row, dict)}
    new = [row for row in touched.rows if not (isinstance(row, dict) and row.get("Id") in there)]
    ids = [row["Id"] for row in touched.rows if isinstance(row, dict) and row.get("Id")]
    is_done = touched.is_done and len(touched.rows) < one.rows
    since = (one.place.touched or Cursor()).at
    behind = Cursor(touched.at - OVERLAP) if is_done or not ids else Cursor(since, ids[-1])
    return [*rows, *new], replace(place, touched=behind)


def is_begun(place: Place | None) -> bool:
    """Tell whether a place is behind the first page of a first reading that goes on."""
    if place is None or place.left is not None or place.job is not None:
        return False
    return place.is_first and place.cursor.at is not None


def with_left(page: Page, left: Mapping[Stream, int | None], by_job: frozenset[Stream]) -> Page:
    """Note how much is left behind a page, and whether a job is to read it."""
    job = Job() if page.stream in by_job else None
    place = replace(Place.of(page.bookmark), left=left[page.stream], job=job)
    return replace(page, bookmark=place.bookmark(), left=place.left)


def last_of(one: Asked, rows: Sequence[Any]) -> Cursor:
    """Give the last row of a page that has a place.

    Raises:
        Unavailable: If no row leads on, though there are more.
    """
    for row in reversed(rows):
        try:
            found = Cursor(mapping.modified_at(row), mapping.row_id(row))
        except (Unreadable, AttributeError):
            continue
        if found != one.place.next:
            return found
    raise unreadable(one.stream)


def sorted_out(
    read: Callable[[dict[str, Any]], Record], rows: Iterable[Any]
) -> tuple[tuple[Record, ...], tuple[Malformed, ...]]:
    """Make records of rows, and put aside those that cannot be read."""
    records, malformed = [], []
    for row in rows:
        try:
            records.append(read(row))
        except Unreadable as error:
            malformed.append(Malformed(_id_of(row), str(error)))
        except AttributeError:
            malformed.append(Malformed(None, "The row is no object."))
    return tuple(records), tuple(malformed)


def _id_of(row: dict[str, Any]) -> ExternalId | None:
    try:
        return mapping.row_id(row)
    except Unreadable:
        return None
