"""What the CRMs said: accounts, profiles, deals, activities, each kept as it was last read."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col

from app.store import erasing, missed, tables
from app.store.database import slices, upsert
from connectors import Account, Activity, Deal, Page, Person, PersonKind, Record

_PROFILE = (
    "kind",
    "name",
    "addresses",
    "title",
    "department",
    "account_id",
    "is_active",
    "is_deleted",
    "merged_into",
    "is_seen",
    "is_out",
    "linked",
)
_ACTIVITY = (
    "channel",
    "at",
    "recipients",
    "duration_s",
    "happened",
    "thread",
    "is_bulk",
    "supersedes",
    "is_deleted",
    "participants",
)
_ACCOUNT = ("name", "domain", "industry", "is_deleted", "merged_into")
_DEAL = (
    "name",
    "stage",
    "is_closed",
    "is_won",
    "account_id",
    "owner_id",
    "amount",
    "currency",
    "created_at",
    "closes_on",
    "contacts",
    "stages",
    "is_deleted",
    "merged_into",
)


class Kept(NamedTuple):
    """How many records of a page are new or different, came late, or stood in it twice."""

    changed: int
    late: int
    twice: int


def keep(session: Session, connection_id: int, page: Page, *, out: Collection[str] = ()) -> Kept:
    """Keep a page's records; one that differs from what was known is to be resolved again.

    Reading the same record again changes nothing, and so does a change that only moved the
    record's modification date: our own write-back does that. Of records that are `out`, somebody's
    who objected, nothing is kept but that they are there.
    """
    missed.note(session, connection_id, page, out=out)
    known_until = page.known_until
    late = [r for r in page.records if known_until is not None and r.modified_at < known_until]
    fresh = [r for r in page.records if known_until is None or r.modified_at >= known_until]
    came_late = _keep(session, connection_id, page, late, out)
    ids = {(type(record), record.id) for record in page.records}
    changed = came_late + _keep(session, connection_id, page, fresh, out)
    return Kept(changed, came_late, len(page.records) - len(ids))


def _keep(
    session: Session,
    connection_id: int,
    page: Page,
    records: Sequence[Record],
    out: Collection[str],
) -> int:
    people = [
        _profile(connection_id, r, is_out=r.id in out) for r in records if isinstance(r, Person)
    ]
    accounts = [_account(connection_id, r) for r in records if isinstance(r, Account)]
    activities = [_activity(connection_id, page, r) for r in records if isinstance(r, Activity)]
    deals = [_deal(connection_id, r) for r in records if isinstance(r, Deal)]
    gone = [r.id for r in records if isinstance(r, Person) and _is_to_forget(r)]
    erasing.forget_addresses(session, connection_id, gone)
    erasing.forget_written(session, connection_id, gone)
    kept = upsert(session, tables.Activity, _latest(activities), compared=_ACTIVITY)
    if kept:
        _reopen(session, connection_id, activities)
    return (
        kept
        + upsert(session, tables.Profile, _latest(people), compared=_PROFILE)
        + upsert(session, tables.Account, _latest(accounts), compared=_ACCOUNT)
        + upsert(session, tables.Deal, _latest(deals), compared=_DEAL)
    )


def _reopen(session: Session, connection_id: int, activities: Iterable[dict[str, Any]]) -> None:
    """Have the activities resolved again that others supersede, now or no more."""
    activity = tables.Activity
    superseded = {row["supersedes"] for row in activities if row["supersedes"]}
    for few in slices(sorted(superseded)):
        session.connection().execute(
            update(activity)
            .where(col(activity.connection_id) == connection_id, col(activity.external_id).in_(few))
            .values(is_resolved=False)
            .execution_options(synchronize_session=False)
        )


def _latest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per record: a page may hold a record twice, and the later reading counts."""
    return list({row["external_id"]: row for row in rows}.values())


def _is_to_forget(person: Person) -> bool:
    """Whether nothing is to be left of somebody but that they were there."""
    is_contact = person.kind is not PersonKind.COLLEAGUE
    return is_contact and person.is_deleted and person.merged_into is None


def _profile(connection_id: int, person: Person, *, is_out: bool) -> dict[str, Any]:
    row = {
        "connection_id": connection_id,
        "external_id": person.id,
        "kind": person.kind.value,
        "name": person.name,
        "addresses": list(person.addresses),
        "title": person.title,
        "department": person.department,
        "account_id": person.account_id,
        "is_active": person.is_active,
        "is_deleted": person.is_deleted,
        "merged_into": person.merged_into,
        "is_seen": True,
        "modified_at": person.modified_at,
        "is_out": is_out,
        "is_resolved": is_out,
        "linked": [[one.colleague_id, one.since.isoformat()] for one in person.linked],
    }
    if is_out:
        return row | erasing.BLANK | {"account_id": None}
    return row | erasing.BLANK if _is_to_forget(person) else row


def _account(connection_id: int, account: Account) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "external_id": account.id,
        "name": account.name,
        "domain": account.domain,
        "industry": account.industry,
        "is_deleted": account.is_deleted,
        "merged_into": account.merged_into,
        "modified_at": account.modified_at,
    }


def _activity(connection_id: int, page: Page, activity: Activity) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "external_id": activity.id,
        "stream": page.stream.value,
        "channel": activity.channel.value,
        "at": activity.at,
        "recipients": activity.recipients,
        "duration_s": activity.duration_s,
        "happened": activity.happened,
        "thread": activity.thread,
        "is_bulk": activity.is_bulk,
        "supersedes": activity.supersedes,
        "is_deleted": activity.is_deleted,
        "modified_at": activity.modified_at,
        "participants": [[p.role.value, p.person_id, p.address] for p in activity.participants],
        "is_resolved": False,
    }


def _deal(connection_id: int, deal: Deal) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "external_id": deal.id,
        "name": deal.name,
        "stage": deal.stage,
        "is_closed": deal.is_closed,
        "is_won": deal.is_won,
        "account_id": deal.account_id,
        "owner_id": deal.owner_id,
        "amount": deal.amount,
        "currency": deal.currency,
        "created_at": deal.created_at,
        "closes_on": deal.closes_on,
        "contacts": [[one.person_id, one.role, one.is_primary] for one in deal.contacts],
        "stages": [[one.stage, one.at.isoformat()] for one in deal.stages],
        "is_deleted": deal.is_deleted,
        "merged_into": deal.merged_into,
        "modified_at": deal.modified_at,
    }
