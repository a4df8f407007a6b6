"""Scores -> outbox -> CRM: only what differs from what the CRM has confirmed to hold.

Only a positive answer counts as written. Our own write moves the record's modification date: if an
unchanged score were written again, the loop would never end.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline.fields import COLUMNS, AccountStanding, Column, PersonStanding, fields
from app.pipeline.link import Link
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import outbox, standings
from app.store.cards import Card
from app.store.outbox import Due, Values
from connectors import (
    Connector,
    ExternalId,
    FieldType,
    FieldUpdate,
    FieldValue,
    PersonKind,
    Target,
    WriteResult,
)

BATCH = 2_000
SILENCE = "The CRM did not say what became of this record; it is written again later."

_KINDS = {Target.CONTACT: PersonKind.CONTACT, Target.LEAD: PersonKind.LEAD}


def write_back(
    database: Engine, link: Link, *, now: Callable[[], datetime], watch: Watch = unwatched
) -> Counter[str]:
    """Write the custom fields that changed; nothing is called when nothing did.

    Missing fields are created before the first value is written. Every call's answers are
    committed before the next call is made, so a crash sends at most one batch again, unchanged.

    Returns:
        How many records were looked at and written, how many stand refused, by this run or an
        earlier one, how many fields were created, and how many calls it took.

    Raises:
        ConnectorError: What was written by then is known; the rest stays due.
    """
    connection_id, connector = link.connection_id, link.connector
    targets = [target for target in Target if target in link.targets]
    counts = Counter(records=0, written=0, refused=0, created=0)
    calls_before = connector.calls
    with Session(database) as session:
        counts["records"] = _want(session, connection_id, targets)
        session.commit()
        if outbox.count_due(session, connection_id, at=now()):
            counts["created"] = _create_fields(session, connection_id, connector, targets)
            session.commit()
        done, total = 0, outbox.count_due(session, connection_id, at=now())
        while due := outbox.due(session, connection_id, at=now(), limit=BATCH):
            for results in _answers(link, due):
                link.hold(session)
                outbox.acknowledge(session, connection_id, results, at=now())
                session.commit()
                counts["written"] += sum(result.ok for result in results)
                done += len(results)
                watch(Progress("write back", "records", done, total))
        counts["refused"] = sum(number for *_, number in outbox.refused(session, connection_id))
    counts["calls"] = connector.calls - calls_before
    return counts


def _answers(link: Link, due: Sequence[Due]) -> Iterator[Sequence[WriteResult]]:
    """What the CRM says to each record, call by call; its silence about one is a refusal."""
    unanswered = {(one.target, one.external_id) for one in due}
    with link.allowance.spent_on(Purpose.WRITING):
        for results in link.connector.write([_update(one) for one in due]):
            unanswered -= {(result.target.value, result.id) for result in results}
            yield results
    yield [
        WriteResult(
            Target(target),
            ExternalId(external_id),
            ok=False,
            code="UNANSWERED",
            reason=SILENCE,
            is_final=False,
        )
        for target, external_id in sorted(unanswered)
    ]


def _create_fields(
    session: Session, connection_id: int, connector: Connector, targets: Sequence[Target]
) -> int:
    """Create the fields that are missing; what a lost one had held is to be written again."""
    wanted = [field for target in targets for field in fields(target)]
    created = connector.create_fields(wanted)
    by_target: dict[str, set[str]] = {}
    for field in created:
        by_target.setdefault(field.target.value, set()).add(field.name)
    outbox.doubt(session, connection_id, by_target)
    return len(created)


def _want(session: Session, connection_id: int, targets: Sequence[Target]) -> int:
    """Say what every record should hold; gives how many records there are."""
    members: dict[str, list[PersonStanding]] = {}
    seen = 0
    for target in targets:
        if target is Target.ACCOUNT:
            continue
        for page in _people(session, connection_id, _KINDS[target]):
            people = {row.external_id: _standing(row.card) for row in page}
            for row in page:
                person = people[row.external_id]
                if row.account_id and person and not row.is_deleted:
                    members.setdefault(row.account_id, []).append(person)
            alive = {r.external_id: people[r.external_id] for r in page if not r.is_deleted}
            _owe(session, connection_id, target, alive)
            gone = [row.external_id for row in page if row.is_deleted]
            outbox.forget(session, connection_id, target.value, gone)
            seen += len(alive)
    for rows in _accounts(session, connection_id) if Target.ACCOUNT in targets else ():
        accounts = {e: _sum(members.get(e)) for e, is_deleted in rows if not is_deleted}
        _owe(session, connection_id, Target.ACCOUNT, accounts)
        gone = [external_id for external_id, is_deleted in rows if is_deleted]
        outbox.forget(session, connection_id, Target.ACCOUNT.value, gone)
        seen += len(accounts)
    return seen


def _standing(card: str | None) -> PersonStanding | None:
    if card is None:
        return None
    read = Card.model_validate_json(card)
    return PersonStanding(read.best, read) if read.best else None


def _sum(people: Sequence[PersonStanding] | None) -> AccountStanding | None:
    return AccountStanding.of(people) if people else None


def _owe(
    session: Session,
    connection_id: int,
    target: Target,
    alive: Mapping[str, PersonStanding | AccountStanding | None],
) -> None:
    """Compare what records should hold with what they are known to, and note what differs."""
    known = outbox.known(session, connection_id, target.value, sorted(alive))
    changed: dict[str, tuple[Values, Values]] = {}
    for external_id, standing in alive.items():
        fresh = _values(COLUMNS[target], standing)
        wanted, acknowledged = known.get(external_id, ({}, {}))
        steady = settle(COLUMNS[target], fresh, acknowledged)
        if steady != wanted and (wanted or any(v is not None for v in steady.values())):
            changed[external_id] = (steady, acknowledged)
    outbox.want(session, connection_id, target.value, changed)


def settle(columns: Sequence[Column[Any]], fresh: Values, acknowledged: Values) -> Values:
    """Leave as they are: numbers within their dead-band, and texts that only follow.

    Args:
        columns: The custom fields of the record.
        fresh: What the scores say.
        acknowledged: What the CRM is known to hold.

    Returns:
        What the record should hold.
    """
    steady = dict(fresh)
    for column in columns:
        new, old = fresh[column.name], acknowledged.get(column.name)
        is_near = new is not None and old is not None and column.dead_band > 0
        if is_near and abs(new - old) < column.dead_band:
            steady[column.name] = old
    leaders = [column.name for column in columns if not column.follows]
    if all(steady[name] == acknowledged.get(name) for name in leaders):
        steady.update({c.name: acknowledged.get(c.name) for c in columns if c.follows})
    return steady


def _values(columns: Sequence[Column[Any]], standing: object | None) -> Values:
    """The values of a record's fields as they are kept: dates as ISO text, texts cut to length."""
    if standing is None:
        return {column.name: None for column in columns}
    return {column.name: _plain(column, column.value(standing)) for column in columns}


def _plain(column: Column[Any], value: FieldValue) -> str | int | None:
    if isinstance(value, date):
        return value.isoformat()
    return value[: column.length] if isinstance(value, str) else value


def _update(due: Due) -> FieldUpdate:
    target = Target(due.target)
    dates = {c.name for c in COLUMNS[target] if c.type is FieldType.DATE}
    values = {
        name: date.fromisoformat(value) if name in dates and value else value
        for name, value in due.values.items()
    }
    return FieldUpdate(target, ExternalId(due.external_id), values)


def _people(
    session: Session, connection_id: int, kind: PersonKind
) -> Iterator[Sequence[standings.Standing]]:
    after = ""
    while page := standings.of_people(session, connection_id, kind, after=after, limit=BATCH):
        yield page
        after = page[-1][0]


def _accounts(session: Session, connection_id: int) -> Iterator[Sequence[tuple[str, bool]]]:
    after = ""
    while page := standings.of_accounts(session, connection_id, after=after, limit=BATCH):
        yield page
        after = page[-1][0]
