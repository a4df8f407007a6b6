"""How a file of each kind is read: from a place on, what it tells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO

from connectors._records import Activity, ExternalId, Malformed
from connectors.files import calendars, linkedin, sheets
from connectors.files.folder import Kind, Source, kind_of
from connectors.files.found import Found, Named, Ours, Place, Unreadable
from connectors.files.headers import to_email
from connectors.files.mbox import messages
from connectors.files.tables import Row, Table, rows

TOO_LONG = "The message's headers are too long to be any."
MOST_KNOWN = 256

ToFound = Callable[[Row], tuple[tuple[Activity, ...], tuple[Named, ...]]]


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a file as a whole.

    Attributes:
        owner: Whose messages these are, as `linkedin.profile` spells it; "" if not known.
        own_address: The address of whose file it is; "" if not known.
    """

    kind: Kind
    table: Table | None = None
    outline: calendars.Outline | None = None
    owner: str = ""
    own_address: str = ""

    @property
    def repeats(self) -> bool:
        """Whether time alone brings more of it."""
        return self.outline is not None and self.outline.repeats


class Files:
    """Reads files of all kinds; what a look at the whole of one told is kept for the next page."""

    def __init__(self, ours: Ours, now: Callable[[], datetime]) -> None:
        self._ours = ours
        self._now = now
        self._known: dict[Source, About] = {}

    def about(self, source: Source, file: BinaryIO) -> About:
        """Look at a file as a whole."""
        if source not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[source] = _look(source, file, self._ours)
        return self._known[source]

    def read(self, about: About, file: BinaryIO, place: Place) -> Iterator[Found]:
        """Give what the file tells from a place on."""
        if about.kind is Kind.MAIL:
            return _mail(file, place)
        if about.kind is Kind.CALENDAR:
            told = about.outline or calendars.Outline()
            return calendars.read(file, place, told, self._now())
        if about.table is None:
            return iter(())
        to_found: dict[Kind, ToFound] = {
            Kind.ACTIVITIES: _activity,
            Kind.CONTACTS: lambda row: ((), (sheets.to_contact(row.values or {}),)),
            Kind.CONNECTIONS: partial(_connection, about.own_address),
            Kind.MESSAGES: partial(_message, about.owner, about.own_address),
        }
        return _rows(file, about.table, place, to_found[about.kind])


def malformed(source: Source, found: Found) -> Malformed:
    """Tell of a row that could not be read, by its file and place."""
    return Malformed(ExternalId(f"{source.name}, {found.where}"), found.reason)


def _look(source: Source, file: BinaryIO, ours: Ours) -> About:
    kind, table = kind_of(source, file)
    if kind is Kind.CALENDAR:
        return About(kind, outline=calendars.outline(file))
    if kind is Kind.MESSAGES and table is not None:
        values = (row.values for row in rows(file, table, table.place))
        owner = linkedin.owner_of(v for v in values if v)
        return About(kind, table, owner=owner, own_address=ours.whose(source.name))
    return About(kind, table, own_address=ours.whose(source.name))


def _mail(file: BinaryIO, place: Place) -> Iterator[Found]:
    for message in messages(file, place.offset):
        end, where = Place(message.body), f"byte {message.begin}"
        if message.headers is None:
            yield Found(end, reason=TOO_LONG, where=where)
            continue
        try:
            activity, people = to_email(message.headers)
        except Unreadable as error:
            yield Found(end, reason=str(error), where=where)
        else:
            yield Found(end, (activity,), people)


def _rows(file: BinaryIO, table: Table, place: Place, to_found: ToFound) -> Iterator[Found]:
    for row in rows(file, table, place):
        where = f"line {row.line}"
        if row.values is None:
            yield Found(row.end, reason=row.reason, where=where)
            continue
        try:
            activities, people = to_found(row)
        except Unreadable as error:
            yield Found(row.end, reason=str(error), where=where)
        else:
            yield Found(row.end, activities, people)


def _activity(row: Row) -> tuple[tuple[Activity, ...], tuple[Named, ...]]:
    activity, people = sheets.to_activity(row.values or {})
    return (activity,), people


def _connection(owner: str, row: Row) -> tuple[tuple[Activity, ...], tuple[Named, ...]]:
    found = linkedin.to_connection(row.values or {}, owner)
    ours = (Named(owner, addresses=(owner,)),) if found.linked_with else ()
    return (), (*ours, found)


def _message(
    owner: str, own_address: str, row: Row
) -> tuple[tuple[Activity, ...], tuple[Named, ...]]:
    values = row.values or {}
    if linkedin.is_advertised(values):
        return (), ()
    activity, people = linkedin.to_message(values, owner, own_address)
    return (activity,), people
