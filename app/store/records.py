"""What the CRMs said: accounts, profiles and activities, each kept as it was last read."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from app.store import tables
from app.store.database import upsert
from connectors import Account, Activity, Person, Record

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
)
_ACTIVITY = ("channel", "at", "recipients", "duration_s", "happened", "is_deleted", "participants")
_ACCOUNT = ("name", "domain", "is_deleted", "merged_into")


def keep(session: Session, connection_id: int, records: Sequence[Record]) -> int:
    """Keep a page's records; one that differs from what was known is to be resolved again.

    Reading the same record again changes nothing, and so does a change that only moved the
    record's modification date: our own write-back does that.

    Returns:
        How many records are new or different.
    """
    people = [_profile(connection_id, r) for r in records if isinstance(r, Person)]
    accounts = [_account(connection_id, r) for r in records if isinstance(r, Account)]
    activities = [_activity(connection_id, r) for r in records if isinstance(r, Activity)]
    return (
        upsert(session, tables.Profile, _latest(people), compared=_PROFILE)
        + upsert(session, tables.Account, _latest(accounts), compared=_ACCOUNT)
        + upsert(session, tables.Activity, _latest(activities), compared=_ACTIVITY)
    )


def _latest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per record: a page may hold a record twice, and the later reading counts."""
    return list({row["external_id"]: row for row in rows}.values())


def _profile(connection_id: int, person: Person) -> dict[str, Any]:
    return {
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
        "is_resolved": False,
    }


def _account(connection_id: int, account: Account) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "external_id": account.id,
        "name": account.name,
        "domain": account.domain,
        "is_deleted": account.is_deleted,
        "merged_into": account.merged_into,
        "modified_at": account.modified_at,
    }


def _activity(connection_id: int, activity: Activity) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "external_id": activity.id,
        "channel": activity.channel.value,
        "at": activity.at,
        "recipients": activity.recipients,
        "duration_s": activity.duration_s,
        "happened": activity.happened,
        "is_deleted": activity.is_deleted,
        "modified_at": activity.modified_at,
        "participants": [[p.role.value, p.person_id, p.address] for p in activity.participants],
        "is_resolved": False,
    }
