"""Reading: one query per stream and page, and the bookmark behind it.

Pages are keyset pages in the order (SystemModstamp, Id), so an edit between two pages moves a row
forward and never out of sight, and no cursor of Salesforce's has to survive. When a stream has
been read to its end, its bookmark goes back to Salesforce's time at the beginning of that pull,
less an overlap: a row that became visible late, under an older stamp, is read by the next pull.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from simple_salesforce.format import format_soql

from connectors._errors import ConnectorError, PermissionMissing, Unavailable
from connectors._records import (
    START,
    Bookmark,
    ExternalId,
    Malformed,
    Page,
    Presence,
    Record,
    Stream,
)
from connectors.salesforce import mapping
from connectors.salesforce.client import Answer, Client
from connectors.salesforce.columns import Unreadable
from connectors.salesforce.refusals import is_unknown

PAGE_ROWS = 2000
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream's records come from. Subjects, descriptions and bodies are not in it.

    Attributes:
        relation: A child relationship to read along, with `relation_soql`.
    """

    sobject: str
    fields: tuple[str, ...]
    read: Callable[[dict[str, Any]], Record]
    where: str = ""
    relation: str = ""
    relation_soql: str = ""


_GONE = ("Id", "SystemModstamp", "IsDeleted")
_TASK = (*_GONE, "OwnerId", "WhoId", "CreatedDate", "ActivityDate", "CompletedDateTime", "IsClosed")
_EVENT = (
    *_GONE,
    *("OwnerId", "WhoId", "StartDateTime", "EndDateTime", "ActivityDate", "IsAllDayEvent"),
)
_TASK_RELATIONS = "SELECT RelationId FROM TaskRelations WHERE IsWhat = false"

SOURCES: Mapping[Stream, Source] = {
    Stream.COLLEAGUES: Source(
        "User",
        ("Id", "SystemModstamp", "Name", "Email", "Title", "Department", "IsActive"),
        mapping.to_colleague,
        where="UserType = 'Standard'",
    ),
    Stream.ACCOUNTS: Source(
        "Account", (*_GONE, "MasterRecordId", "Name", "Website"), mapping.to_account
    ),
    Stream.CONTACTS: Source(
        "Contact",
        (*_GONE, "MasterRecordId", "Name", "Email", "Title", "Department", "AccountId"),
        mapping.to_contact,
    ),
    Stream.LEADS: Source(
        "Lead",
        (*_GONE, "MasterRecordId", "Name", "Email", "Title", "IsConverted", "ConvertedContactId"),
        mapping.to_lead,
    ),
    Stream.EMAILS: Source(
        "Task",
        _TASK,
        mapping.to_email,
        where="TaskSubtype = 'Email' AND IsRecurrence = false",
        relation="TaskRelations",
        relation_soql=_TASK_RELATIONS,
    ),
    Stream.MEETINGS: Source(
        "Event",
        _EVENT,
        mapping.to_meeting,
        where="IsChild = false AND IsRecurrence = false AND IsPrivate = false "
        "AND GroupEventType != '3'",
        relation="EventRelations",
        relation_soql="SELECT RelationId, Status FROM EventRelations WHERE IsDeleted = false",
    ),
    Stream.CALLS: Source(
        "Task",
        (*_TASK, "CallDurationInSeconds", "CallType"),
        mapping.to_call,
        where="TaskSubtype = 'Call' AND IsRecurrence = false",
        relation="TaskRelations",
        relation_soql=_TASK_RELATIONS,
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A bookmark, opened.

    Attributes:
        at: The stamp to read from; None from the beginning.
        id: The last row read with that stamp; None to read all of them.
        started: Salesforce's time when this pull began; None before its first page.
    """

    at: datetime | None = None
    id: str | None = None
    started: datetime | None = None

    @classmethod
    def of(cls, bookmark: Bookmark) -> "Place":
        """Open a bookmark."""
        if bookmark == START:
            return cls()
        parts = json.loads(bookmark)
        return cls(_time(parts.get("at")), parts.get("id"), _time(parts.get("started")))

    def bookmark(self) -> Bookmark:
        """Close it again."""
        parts = {"at": _text(self.at), "id": self.id, "started": _text(self.started)}
        kept = {name: part for name, part in parts.items() if part is not None}
        return Bookmark(json.dumps(kept, separators=(",", ":")))


class Reader:
    """Reads pages of streams through a client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._absent: set[str] = set()

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        """Read the next page of each stream; see `Connector.read`."""
        places = {stream: Place.of(bookmarks[stream]) for stream in Stream if stream in bookmarks}
        answers = [self._answer(stream, place) for stream, place in places.items()]
        return [
            page(stream, place, answer)
            for (stream, place), answer in zip(places.items(), answers, strict=True)
        ]

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        """Read the next ids of what is there; see `Connector.present`."""
        name = SOURCES[stream].sobject
        where = format_soql(" WHERE Id > {}", bookmark) if bookmark else ""
        soql = f"SELECT Id FROM {name}{where} ORDER BY Id LIMIT {PAGE_ROWS}"  # noqa: S608 our names
        answer = self._client.query(f"to look for what is gone of {name}", soql)
        ids = tuple(mapping.row_id(row) for row in answer.rows)
        is_last = answer.is_done and len(ids) < PAGE_ROWS
        return Presence(ids, Bookmark(ids[-1]) if ids else bookmark, is_last)

    def _answer(self, stream: Stream, place: Place) -> Answer:
        source = SOURCES[stream]
        try:
            return self._ask(source, place)
        except ConnectorError as error:
            if not is_unknown(error):
                raise
            self._find_missing(source, error)
            return self._ask(source, place)

    def _ask(self, source: Source, place: Place) -> Answer:
        has_relation = bool(source.relation) and source.relation not in self._absent
        soql = statement(source, place, has_relation=has_relation)
        return self._client.query(f"to read {source.sobject}", soql, with_deleted=True)

    def _find_missing(self, source: Source, error: ConnectorError) -> None:
        """Find what of a query Salesforce does not show us; only a relation can be done without.

        An org without Shared Activities has no TaskRelations: then a task has one person.

        Raises:
            PermissionMissing: Naming the object or the fields.
        """
        shown = self._client.describe(source.sobject)
        names = {str(field["name"]) for field in shown["fields"]}
        missing = [f"{source.sobject}.{name}" for name in source.fields if name not in names]
        if missing:
            raise PermissionMissing(
                f"Salesforce does not let us read {', '.join(missing)}: "
                "give the integration user read access to it in a permission set."
            ) from error
        relations = {str(child["relationshipName"]) for child in shown["childRelationships"]}
        if not source.relation or source.relation in relations | self._absent:
            raise error
        self._absent.add(source.relation)


def statement(source: Source, place: Place, *, has_relation: bool = True) -> str:
    """Give the SOQL of the page at a place."""
    nested = f", ({source.relation_soql})" if has_relation and source.relation else ""
    conditions = [*filter(None, (source.where,)), *_behind(place)]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT {', '.join(source.fields)}{nested} FROM {source.sobject}{where} "  # noqa: S608
        f"ORDER BY SystemModstamp, Id LIMIT {PAGE_ROWS}"
    )


def page(stream: Stream, place: Place, answer: Answer) -> Page:
    """Make a page of an answer, with the bookmark behind it."""
    records, malformed = _sorted_out(SOURCES[stream].read, answer.rows)
    started = place.started or answer.at
    is_last = answer.is_done and len(answer.rows) < PAGE_ROWS
    behind = Place(at=started - OVERLAP) if is_last else _after(stream, place, answer.rows, started)
    return Page(stream, records, behind.bookmark(), is_last, malformed)


def _behind(place: Place) -> list[str]:
    """Give the keyset condition of a place."""
    if place.at is None:
        return []
    at = _literal(place.at)
    if place.id is None:
        return [format_soql("SystemModstamp >= {:literal}", at)]
    after = "SystemModstamp >= {0:literal} AND (SystemModstamp > {0:literal} OR Id > {1})"
    return [format_soql(after, at, place.id)]


def _after(stream: Stream, place: Place, rows: list[Any], started: datetime) -> Place:
    """Give the place behind the last row that has a place.

    Raises:
        Unavailable: If no row leads on, though there are more.
    """
    for row in reversed(rows):
        try:
            behind = Place(mapping.modified_at(row), mapping.row_id(row), started)
        except (Unreadable, AttributeError):
            continue
        if (behind.at, behind.id) != (place.at, place.id):
            return behind
    raise Unavailable(
        f"Salesforce says there are more {stream} and shows none that can be read; "
        "Tieline tries again by itself."
    )


def _sorted_out(
    read: Callable[[dict[str, Any]], Record], rows: Iterable[Any]
) -> tuple[tuple[Record, ...], tuple[Malformed, ...]]:
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


def _literal(at: datetime) -> str:
    """Give a datetime literal; Salesforce's own stamps are of whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
