"""What every record should show by its scores, beside what the CRM is known to hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from app.engine.deals import stage_order
from app.pipeline.fields import Column
from app.pipeline.looking import Columns, Look
from app.pipeline.standing import DealStanding, Passed, PersonStanding, Tasks
from app.store import ledger, outbox, standings
from app.store.owed import Known, Values
from connectors import FieldValue, PersonKind, Target

PAGE = 2_000
NOTHING = Known()

_KINDS = {Target.CONTACT: PersonKind.CONTACT, Target.LEAD: PersonKind.LEAD}
_TARGETS = {kind.value: target for target, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """Some records of one kind.

    Attributes:
        fresh: What the scores say that each should show, by external id.
        gone: Those that the CRM has deleted.
    """

    target: Target
    fresh: Mapping[str, Values]
    gone: Sequence[str]


def shown(session: Session, connection_id: int, columns: Columns) -> Iterator[Shown]:
    """What every record should show, page by page; accounts and deals follow from the people."""
    deals = _Deals.of(session, connection_id) if Target.DEAL in columns else None
    passed = Passed(deals.people if deals else frozenset())
    for target, kind in _KINDS.items():
        for page in _people(session, connection_id, kind):
            here = [(row, PersonStanding.of(row)) for row in page if not row.is_deleted]
            for row, standing in here:
                passed.add(row, standing)
            if target in columns:
                fresh = {row.external_id: standing for row, standing in here}
                gone = [row.external_id for row in page if row.is_deleted]
                yield _shown(target, columns[target], fresh, gone)
    for rows in _accounts(session, connection_id) if Target.ACCOUNT in columns else ():
        accounts = {e: passed.account(e) for e, is_deleted in rows if not is_deleted}
        gone = [external_id for external_id, is_deleted in rows if is_deleted]
        yield _shown(Target.ACCOUNT, columns[Target.ACCOUNT], accounts, gone)
    for found in standings.every_deal(session, connection_id, page=PAGE) if deals else ():
        standing_now = {
            row.external_id: deals.standing(row, passed) if deals else None
            for row in found
            if not row.is_deleted
        }
        gone = [row.external_id for row in found if row.is_deleted]
        yield _shown(Target.DEAL, columns[Target.DEAL], standing_now, gone)


@dataclass(frozen=True, slots=True)
class _Deals:
    """What is known of all deals before the first one is looked at.

    Attributes:
        people: The records on a deal that is open.
        advised: What is recommended for each deal, and why.
    """

    tasks: Tasks
    people: frozenset[str]
    advised: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, session: Session, connection_id: int) -> "_Deals":
        histories, closed, people = list[tuple[str, ...]](), set[str](), set[str]()
        for page in standings.every_deal(session, connection_id, page=PAGE):
            histories.extend(row.stages for row in page)
            closed.update(row.stage for row in page if row.is_closed)
            people.update(one for row in page if not row.is_closed for one in row.contacts)
        advised = standings.advice_on_deals(session, connection_id)
        return cls(Tasks(stage_order(histories, closed)), frozenset(people), advised)

    def standing(self, row: standings.DealRow, passed: Passed) -> DealStanding | None:
        """How a deal stands; None for one that is closed."""
        if row.is_closed:
            return None
        return passed.deal(row, self.tasks, self.advised.get(row.external_id))


def owe(
    session: Session,
    connection_id: int,
    columns: Columns,
    since: Look | None = None,
    *,
    commit: Callable[[], None] = lambda: None,
) -> Look:
    """Note what every record should hold; only of those that changed since an earlier look, if any.

    Args:
        session: The store.
        connection_id: Whose records.
        columns: The fields that are written, by kind of record.
        since: The earlier look.
        commit: Called behind every page: each stands by itself, and others want to write as well.

    Returns:
        What was looked at, to be given the next time.
    """
    look = Look.of(session, connection_id, columns)
    if since is None or since.columns != look.columns:
        pages = shown(session, connection_id, columns)
    else:
        pages = _shown_since(session, connection_id, columns, (since, look))
    for page in pages:
        target = page.target.value
        known = outbox.known(session, connection_id, target, sorted(page.fresh))
        changed = wanted(columns[page.target], page, known)
        outbox.want(session, connection_id, target, changed)
        outbox.forget(session, connection_id, target, page.gone)
        ledger.forget(session, connection_id, target, page.gone)
        commit()
    return look


def _shown_since(
    session: Session, connection_id: int, columns: Columns, looks: tuple[Look, Look]
) -> Iterator[Shown]:
    """What those records should show that changed, and those whose people did."""
    since, now = looks
    news = now.since(since)
    needed = now.needed(news)
    passed, fresh = Passed(news.on_deals), dict[Target, dict[str, PersonStanding | None]]()
    for row in standings.of_these(session, connection_id, needed):
        if row.is_deleted:
            continue
        standing = PersonStanding.of(row)
        passed.add(row, standing)
        if row.external_id in news.people:
            target = _TARGETS[now.people[row.external_id].kind]
            fresh.setdefault(target, {})[row.external_id] = standing
    gone = [one for one in news.people if now.people[one].is_deleted]
    for target, kind in _KINDS.items():
        if target in columns:
            lost = [one for one in gone if now.people[one].kind == kind.value]
            yield _shown(target, columns[target], fresh.get(target, {}), lost)
    if Target.ACCOUNT in columns:
        accounts = {one: passed.account(one) for one in news.accounts if not now.accounts[one]}
        lost = [one for one in news.accounts if now.accounts[one]]
        yield _shown(Target.ACCOUNT, columns[Target.ACCOUNT], accounts, lost)
    if Target.DEAL in columns:
        deals = _Deals(Tasks(now.order), news.on_deals, now.advised)
        rows = [now.deals[one] for one in news.deals]
        open_now = {r.external_id: deals.standing(r, passed) for r in rows if not r.is_deleted}
        lost = [row.external_id for row in rows if row.is_deleted]
        yield _shown(Target.DEAL, columns[Target.DEAL], open_now, lost)


def wanted(
    columns: Sequence[Column[Any]], page: Shown, known: Mapping[str, Known]
) -> dict[str, Known]:
    """The records of a page that should hold something else than was wanted before."""
    changed = {}
    for external_id, fresh in page.fresh.items():
        before = known.get(external_id, NOTHING)
        steady = settle(columns, fresh, before.acknowledged, before.undone)
        undone = _still_undone(columns, fresh, before.undone)
        is_worth = before.wanted or any(value is not None for value in steady.values())
        if is_worth and (steady != before.wanted or undone != before.undone):
            changed[external_id] = replace(before, undone=undone).wanting(steady)
    return changed


def _still_undone(
    columns: Sequence[Column[Any]], fresh: Values, undone: Mapping[str, Sequence[Any]]
) -> Values:
    """What stays taken back; not where the scores have said something else since."""
    known = {column.name: column for column in columns}
    return {
        name: both
        for name, both in undone.items()
        if name not in known or _is_near(known[name], fresh[name], both[0])
    }


def settle(
    columns: Sequence[Column[Any]],
    fresh: Values,
    acknowledged: Values,
    undone: Mapping[str, Sequence[Any]] = MappingProxyType({}),
) -> Values:
    """Leave as they are: numbers within their dead-band, and texts that only follow.

    Args:
        columns: The custom fields of the record.
        fresh: What the scores say.
        acknowledged: What the CRM is known to hold.
        undone: What was taken back, and what stands there instead: it does, while the scores say
            no more than what was taken back.

    Returns:
        What the record should hold.
    """
    steady = dict(fresh)
    for column in columns:
        new, old = fresh[column.name], acknowledged.get(column.name)
        if _is_near(column, new, old):
            steady[column.name] = old
        taken_back = undone.get(column.name)
        if taken_back and _is_near(column, new, taken_back[0]):
            steady[column.name] = taken_back[1]
    leaders = [column.name for column in columns if not column.follows]
    if all(steady[name] == acknowledged.get(name) for name in leaders):
        steady.update({c.name: acknowledged.get(c.name) for c in columns if c.follows})
    return steady


def _is_near(column: Column[Any], new: FieldValue, old: FieldValue) -> bool:
    """Tell whether a value says the same as another, or nearly."""
    if isinstance(new, int) and isinstance(old, int) and column.dead_band:
        return abs(new - old) < column.dead_band
    return new == old


def _shown(
    target: Target,
    columns: Sequence[Column[Any]],
    alive: Mapping[str, object | None],
    gone: Sequence[str],
) -> Shown:
    return Shown(target, {e: _values(columns, standing) for e, standing in alive.items()}, gone)


def _values(columns: Sequence[Column[Any]], standing: object | None) -> Values:
    """The values of a record's fields as they are kept: dates as ISO text, texts cut to length."""
    if standing is None:
        return {column.name: None for column in columns}
    return {column.name: _plain(column, column.value(standing)) for column in columns}


def _plain(column: Column[Any], value: FieldValue) -> str | int | None:
    if isinstance(value, date):
        return value.isoformat()
    return value[: column.length] if isinstance(value, str) else value


def _people(
    session: Session, connection_id: int, kind: PersonKind
) -> Iterator[Sequence[standings.Standing]]:
    after = ""
    while page := standings.of_people(session, connection_id, kind, after=after, limit=PAGE):
        yield page
        after = page[-1][0]


def _accounts(session: Session, connection_id: int) -> Iterator[Sequence[tuple[str, bool]]]:
    after = ""
    while page := standings.of_accounts(session, connection_id, after=after, limit=PAGE):
        yield page
        after = page[-1][0]
