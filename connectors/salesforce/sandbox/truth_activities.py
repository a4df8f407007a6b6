"""What the org really holds of activities: tasks, with the emails behind them, and events."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.salesforce.sandbox.filling_activities import BULK, KINDS, RELATION_TYPES
from connectors.salesforce.sandbox.org import USER_ID

_SIDES = {
    "Outbound": (Role.FROM, Role.TO),
    "Inbound": (Role.TO, Role.FROM),
    None: (Role.PARTY, Role.PARTY),
}
"""The roles of a call's owner and of the others, by its `CallType`."""

_CHANNELS = {(subtype, kind): channel for channel, (_, subtype, kind) in KINDS.items()}
_ROLES = {kind: role for role, kind in RELATION_TYPES.items()}

_LIVING = '"RelationId" NOT IN (SELECT "id" FROM recycle_bin)'
"""Who is in the recycle bin takes part in nothing, whatever rows still name them."""

_TASKS = (
    'SELECT coalesce(e."Id", t."Id"), t."TaskSubtype", t."Type", t."OwnerId", '  # noqa: S608
    'coalesce(t."CompletedDateTime", t."ActivityDate"), t."CallDurationInSeconds", t."CallType", '
    't."IsClosed", t."SystemModstamp", '
    '(SELECT group_concat("RelationId") FROM "TaskRelation" WHERE "TaskId" = t."Id" '
    f'AND NOT "IsWhat" AND {_LIVING}), iif(e."Id" IS NULL, NULL, t."Id"), e."ThreadIdentifier", '
    '(SELECT json_group_array(json_array("RelationType", "RelationId", "RelationAddress")) '
    'FROM "EmailMessageRelation" WHERE "EmailMessageId" = e."Id") '
    'FROM "Task" t LEFT JOIN "EmailMessage" e ON e."ActivityId" = t."Id" AND NOT e."IsDeleted" '
    'WHERE NOT t."IsDeleted" '
    "AND (t.\"TaskSubtype\" IN ('Email', 'ListEmail', 'Call', 'LinkedIn') "
    "OR t.\"TaskSubtype\" = 'Task' AND t.\"Type\" IN ('SMS', 'Chat'))"
)
_EVENTS = (
    'SELECT "Id", "OwnerId", "StartDateTime", "DurationInMinutes", "SystemModstamp", '  # noqa: S608
    '(SELECT group_concat("RelationId") FROM "EventRelation" WHERE "EventId" = "Event"."Id" '
    f'AND NOT "IsWhat" AND NOT "IsDeleted" AND {_LIVING} AND "Status" IS NOT \'Declined\'), '
    '(SELECT group_concat("RelationId") FROM "EventRelation" WHERE "EventId" = "Event"."Id" '
    f'AND NOT "IsWhat" AND NOT "IsDeleted" AND {_LIVING} AND "Status" = \'Declined\') '
    'FROM "Event" WHERE NOT "IsDeleted" AND NOT "IsChild" AND NOT "IsRecurrence" '
    'AND NOT "IsRecurrence2Exclusion" AND "GroupEventType" IS NOT \'3\''
)


def tasks(db: sqlite3.Connection) -> Iterator[Activity]:
    """Give the emails, calls and messages."""
    return map(_task, db.execute(_TASKS))


def events(db: sqlite3.Connection) -> Iterator[Activity]:
    """Give the meetings, each once and without who declined; all of them, where all did."""
    return map(_event, db.execute(_EVENTS))


def moment(text: str) -> datetime:
    """Read a stamp, or a date, which begins at midnight UTC."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+0000")


def _task(row: tuple[Any, ...]) -> Activity:
    row_id, subtype, kind, owner, at, duration_s, call_type, is_closed, modified, *rest = row
    whos, superseded, thread, relations = rest
    ours, theirs = _SIDES[call_type]
    people = _written(relations) or _people(owner, ours, whos, theirs)
    to = [party for party in people if party.role is not Role.FROM]
    is_written = any(party.role is Role.FROM for party in people)
    return Activity(
        ExternalId(row_id),
        Channel.EMAIL if subtype == BULK else _channel(subtype, kind),
        moment(at),
        people,
        recipients=max(1, len(to) - (not is_written)),
        duration_s=float(duration_s or 0),
        happened=bool(is_closed),
        thread=thread,
        is_bulk=subtype == BULK,
        supersedes=superseded,
        modified_at=moment(modified),
    )


def _channel(subtype: str, kind: str | None) -> Channel:
    return _CHANNELS.get((subtype, kind)) or _CHANNELS[subtype, None]


def _written(relations: str | None) -> tuple[Participant, ...]:
    """Give the people of an EmailMessage; nobody where there is none."""
    found = json.loads(relations or "[]")
    return tuple(
        Participant(_ROLES[kind], ExternalId(who)) if who else Participant(_ROLES[kind], None, to)
        for kind, who, to in found
    )


def _event(row: tuple[Any, ...]) -> Activity:
    row_id, owner, at, minutes, modified, coming, declined = row
    return Activity(
        ExternalId(row_id),
        Channel.MEETING,
        moment(at),
        people := _people(owner, Role.PARTY, coming or declined, Role.PARTY),
        recipients=max(1, len(people) - 1),
        duration_s=float(minutes or 0) * 60,
        happened=bool(coming) or not declined,
        modified_at=moment(modified),
    )


def _people(owner: str, ours: Role, others: str | None, theirs: Role) -> tuple[Participant, ...]:
    """Give the owner, unless it is the integration user, and the others, each once."""
    named = sorted(set(filter(None, (others or "").split(","))) - {owner})
    own = [] if owner == USER_ID else [Participant(ours, ExternalId(owner))]
    return (*own, *(Participant(theirs, ExternalId(other)) for other in named))
