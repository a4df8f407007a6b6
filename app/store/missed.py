"""What is to be read again for the sake of people who were not there when it was read.

A CRM hides who took part in something while they are deleted, and says nothing of it when they are
brought back: their own record has changed, what they took part in has not. So it is noted what was
read without somebody, and, of people who are there again, that they may have been missed in what
was read while they were not. An address that was forgotten with its owner is missed as well.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices, upsert
from connectors import START, Activity, Deal, ExternalId, Hint, Page, Person, PersonKind, Stream

ALL = ""
"""In the place of a stream and an id: whatever somebody took part in; of a person: nobody's."""

SHOWN_LATE = timedelta(hours=1)
"""What was changed so shortly before somebody was is read again in any case."""


def note(session: Session, connection_id: int, page: Page, *, out: Collection[str] = ()) -> None:
    """Note of a page who is there again, and who is missing in what they were in before.

    Args:
        session: Nothing is committed.
        connection_id: Whose page it is.
        page: Before its records are kept.
        out: Records of people who objected: nothing is read again for their sake.
    """
    people = [
        one
        for one in page.records
        if isinstance(one, Person)
        and _is_contact(one)
        and {one.id, one.merged_into}.isdisjoint(out)
    ]
    parts = {one.id: _people_in(one) for one in page.records if isinstance(one, Activity | Deal)}
    if people:
        _note_back(session, connection_id, page, people)
    if parts and not _is_first(page):
        _note_lost(session, connection_id, page.stream, parts)


def note_forgotten(
    session: Session, connection_id: int, person: str, activities: Iterable[tuple[str, str]]
) -> None:
    """Note which activities, by stream and id, somebody who goes is taken out of."""
    _note(session, connection_id, {(person, stream, one) for stream, one in activities})


def forget(session: Session, connection_id: int, person: str) -> None:
    """Forget what somebody's record was missed in: they are erased."""
    row = tables.Missed
    session.connection().execute(
        delete(row).where(col(row.connection_id) == connection_id, col(row.person) == person)
    )


def whose(session: Session, connection_id: int, *, most: int) -> Sequence[ExternalId]:
    """People who are there again, and of whom it is not known yet what they took part in."""
    row = tables.Missed
    query = (
        select(row.person)
        .where(row.connection_id == connection_id, row.stream == ALL, col(row.is_due))
        .order_by(row.person)
        .limit(most)
    )
    return [ExternalId(one) for one in session.exec(query)]


def spread(
    session: Session, connection_id: int, people: Sequence[ExternalId], found: Iterable[Hint]
) -> None:
    """Put what people took part in, in their place."""
    keys = {(ALL, hint.stream.value, str(hint.id)) for hint in found}
    _note(session, connection_id, keys, is_due=True)
    row = tables.Missed
    for few in slices(people):
        session.connection().execute(
            delete(row).where(
                col(row.connection_id) == connection_id,
                col(row.stream) == ALL,
                col(row.person).in_(few),
            )
        )


def look_at(session: Session, connection_id: int, *, after: str, most: int) -> Sequence[ExternalId]:
    """The next people who are there, by id, to see whether we know all they took part in."""
    profile = tables.Profile
    query = (
        select(profile.external_id)
        .where(profile.connection_id == connection_id, ~col(profile.is_deleted))
        .where(col(profile.is_seen), ~col(profile.is_out))
        .where(profile.kind != PersonKind.COLLEAGUE.value)
        .where(profile.external_id > after)
        .order_by(profile.external_id)
        .limit(most)
    )
    return [ExternalId(one) for one in session.exec(query)]


def compare(
    session: Session, connection_id: int, found: Mapping[Hint, Collection[ExternalId]]
) -> None:
    """Note what is to be read again, because we do not know of all who are in it.

    Whose address stands in it is known to be in it. What we do not have at all is none of our
    business here.
    """
    profile = tables.Profile
    addresses: dict[str, set[str]] = {}
    for few in slices(sorted({person for people in found.values() for person in people})):
        query = select(profile.external_id, profile.addresses).where(
            profile.connection_id == connection_id, col(profile.external_id).in_(few)
        )
        addresses |= {person: {person, *known} for person, known in session.exec(query)}
    for stream in sorted({hint.stream for hint in found}):
        people_in = {
            str(hint.id): people for hint, people in found.items() if hint.stream is stream
        }
        lacking = {
            (ALL, stream.value, one)
            for one, held in _held(session, connection_id, stream, sorted(people_in))
            if any(addresses[person].isdisjoint(held) for person in people_in[one])
        }
        _note(session, connection_id, lacking, is_due=True)


def due(session: Session, connection_id: int, *, most: int) -> Sequence[Hint]:
    """What is to be read again now: some of it, all of one stream."""
    row = tables.Missed
    mine = (row.connection_id == connection_id, row.stream != ALL, col(row.is_due))
    stream = session.exec(select(row.stream).where(*mine).limit(1)).first()
    if stream is None:
        return []
    query = select(row.external_id).where(*mine, row.stream == stream).distinct().limit(most)
    return [Hint(Stream(stream), ExternalId(one)) for one in session.exec(query)]


def done(session: Session, connection_id: int, found: Sequence[Hint]) -> None:
    """Take what was read again off the list."""
    row = tables.Missed
    for few in slices(found):
        session.connection().execute(
            delete(row).where(
                col(row.connection_id) == connection_id,
                col(row.stream) == few[0].stream.value,
                col(row.external_id).in_([hint.id for hint in few]),
                col(row.is_due),
            )
        )


def _note_back(session: Session, connection_id: int, page: Page, people: Sequence[Person]) -> None:
    """Note who was not there when we last knew, and what was read without those who are."""
    profile = tables.Profile
    states: dict[str, tables.Profile] = {}
    for few in slices(sorted({one.id for one in people})):
        query = select(profile).where(
            profile.connection_id == connection_id, col(profile.external_id).in_(few)
        )
        states |= {row.external_id: row for row in session.exec(query)}
    back = {one.merged_into or one.id for one in people if _is_back(one, states.get(one.id), page)}
    _note(session, connection_id, {(one, ALL, ALL) for one in back}, is_due=True)
    row = tables.Missed
    for few in slices(sorted(one.id for one in people if not _is_gone(one))):
        session.connection().execute(
            update(row)
            .where(col(row.connection_id) == connection_id, col(row.person).in_(few))
            .values(is_due=True)
            .execution_options(synchronize_session=False)
        )


def _is_back(person: Person, held: tables.Profile | None, page: Page) -> bool:
    """Whether somebody is there, or lives on in another, who was not there for us before."""
    if _is_gone(person):
        return False
    if held is not None and held.is_seen:
        return held.is_deleted and held.merged_into is None
    if _is_first(page):
        return False
    if person.merged_into is not None:
        return True
    known_until = page.known_until or person.modified_at - SHOWN_LATE
    return person.created_at is not None and person.created_at < known_until


def _note_lost(
    session: Session,
    connection_id: int,
    stream: Stream,
    parts: Mapping[ExternalId, set[str]],
) -> None:
    """Note who was in these records and is not any more."""
    lost: dict[str, set[str]] = {}
    for one, people in _held(session, connection_id, stream, sorted(parts)):
        for person in people - parts[ExternalId(one)]:
            lost.setdefault(person, set()).add(one)
    profile = tables.Profile
    for few in slices(sorted(lost)):
        contacts = select(profile.external_id).where(
            profile.connection_id == connection_id,
            col(profile.external_id).in_(few),
            profile.kind != PersonKind.COLLEAGUE.value,
            ~col(profile.is_out),
        )
        keys = {(p, stream.value, one) for p in session.exec(contacts) for one in lost[p]}
        _note(session, connection_id, keys)


def _held(
    session: Session, connection_id: int, stream: Stream, ids: Sequence[str]
) -> Iterable[tuple[str, set[str]]]:
    """Who was in these records when we last read them, by record and by address."""
    activity, deal = tables.Activity, tables.Deal
    for few in slices(ids):
        if stream is Stream.DEALS:
            deals = select(deal.external_id, deal.contacts).where(
                deal.connection_id == connection_id, col(deal.external_id).in_(few)
            )
            yield from (
                (e, {str(person) for person, *_ in held}) for e, held in session.exec(deals)
            )
        else:
            activities = select(activity.external_id, activity.participants).where(
                activity.connection_id == connection_id, col(activity.external_id).in_(few)
            )
            for one, held in session.exec(activities):
                yield one, {name for _, *names in held for name in names if name is not None}


def _note(
    session: Session,
    connection_id: int,
    keys: Iterable[tuple[str, str, str]],
    *,
    is_due: bool = False,
) -> None:
    rows = [
        {
            "connection_id": connection_id,
            "person": person,
            "stream": stream,
            "external_id": one,
            "is_due": is_due,
        }
        for person, stream, one in keys
    ]
    upsert(session, tables.Missed, rows, compared=("is_due",))


def _people_in(record: Activity | Deal) -> set[str]:
    parts = record.contacts if isinstance(record, Deal) else record.participants
    return {part.person_id for part in parts if part.person_id is not None}


def _is_first(page: Page) -> bool:
    """Whether a page is of a first reading, before which nothing was read; by id we read later."""
    return page.known_until is None and page.bookmark != START


def _is_contact(person: Person) -> bool:
    return person.kind is not PersonKind.COLLEAGUE


def _is_gone(person: Person) -> bool:
    return person.is_deleted and person.merged_into is None
