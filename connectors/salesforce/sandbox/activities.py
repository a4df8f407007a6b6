"""What Salesforce does by itself to tasks and events: people, times, relations, last activity."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import USER_ID, Org, View, stamp

MOST_WHOS = 50
"""Contacts that one activity can be related to; or it is related to one lead."""

WHO_LISTS = {"Task": "TaskWhoIds", "Event": "EventWhoIds"}
"""Names that a list of people can be written under where activities are shared."""

_RELATIONS = {"Task": ("TaskRelation", "TaskId"), "Event": ("EventRelation", "EventId")}
_CLOSED = frozenset({"Completed"})
_OF_ONE_CALENDAR = frozenset({"IsReminderSet", "ReminderDateTime", "ShowAs"})
_OF_PERSON = (
    'SELECT max("ActivityDate") FROM (SELECT t."ActivityDate" FROM "TaskRelation" r '
    'JOIN "Task" t ON t."Id" = r."TaskId" '
    'WHERE r."RelationId" = ?1 AND t."IsClosed" AND NOT t."IsDeleted" '
    'UNION ALL SELECT e."ActivityDate" FROM "EventRelation" r '
    'JOIN "Event" e ON e."Id" = r."EventId" WHERE r."RelationId" = ?1 AND NOT e."IsDeleted")'
)
_OF_THING = (
    'SELECT max("ActivityDate") FROM (SELECT "ActivityDate" FROM "Task" '
    'WHERE "WhatId" = ?1 AND "IsClosed" AND NOT "IsDeleted" '
    'UNION ALL SELECT "ActivityDate" FROM "Event" WHERE "WhatId" = ?1 AND NOT "IsDeleted")'
)
_AT_ACCOUNT = (
    '("WhatId" = ?1 OR "WhatId" IN (SELECT "Id" FROM "Opportunity" WHERE "AccountId" = ?1) '
    'OR "WhoId" IN (SELECT "Id" FROM "Contact" WHERE "AccountId" = ?1)) AND NOT "IsDeleted"'
)
_OF_ACCOUNT = (
    'SELECT max("ActivityDate") FROM (SELECT "ActivityDate" FROM "Task" '  # noqa: S608 ours
    f'WHERE {_AT_ACCOUNT} AND "IsClosed" '
    f'UNION ALL SELECT "ActivityDate" FROM "Event" WHERE {_AT_ACCOUNT})'
)
_LAST = {
    "003": ("Contact", _OF_PERSON),
    "00Q": ("Lead", _OF_PERSON),
    "001": ("Account", _OF_ACCOUNT),
    "006": ("Opportunity", _OF_THING),
    "701": ("Campaign", _OF_THING),
}


def taken_whos(fact: ObjectFact, values: dict[str, Any]) -> tuple[str, ...] | None:
    """Take the list of people out of the values of a row, the first of them first.

    Returns:
        None if the row says nothing of its people.

    Raises:
        RowRefusal: If they are none, or too many.
    """
    name = WHO_LISTS.get(fact.name, "")
    given = next((values.pop(key) for key in list(values) if key.lower() == name.lower()), None)
    first = next((value for key, value in values.items() if key.lower() == "whoid"), None)
    if given is None and not any(key.lower() == "whoid" for key in values):
        return None
    listed = given if isinstance(given, list) else []
    whos = [str(who) for who in (first, *listed) if who]
    for who in whos:
        if not is_id(who):
            raise RowRefusal("MALFORMED_ID", f"{name}: id value of incorrect type: {who}", name)
    found = tuple(dict.fromkeys(map(normal_id, whos)))
    leads = [who for who in found if who.startswith("00Q")]
    if len(found) > MOST_WHOS or (leads and len(found) > 1):
        problem = f"An activity is related to {MOST_WHOS} contacts or to one lead at most"
        raise RowRefusal("FIELD_INTEGRITY_EXCEPTION", problem, name)
    return found


def derived(
    org: Org,
    fact: ObjectFact,
    row: Mapping[str, Any],
    given: Mapping[str, Any],
    whos: Sequence[str] | None,
) -> dict[str, Any]:
    """Give the columns of a task or event that follow from the others.

    Args:
        org: The org.
        fact: Task or Event.
        row: The row as it will be, without what is given here.
        given: What the caller wrote.
        whos: Its people; None if they stay as they are.
    """
    columns: dict[str, Any] = {"WhatCount": int(bool(row.get("WhatId")))}
    if whos is not None:
        columns |= {"WhoId": whos[0] if whos else None, "WhoCount": len(whos)}
    columns["AccountId"] = account_of(
        org, row.get("WhatId"), columns.get("WhoId", row.get("WhoId"))
    )
    own = _task(org, row) if fact.name == "Task" else _event(row, given)
    return columns | own


def relate(org: Org, fact: ObjectFact, row_id: str, whos: Sequence[str] | None) -> None:
    """Make the relation rows of a task or event that was written fit its people and its thing."""
    relation, key = _RELATIONS[fact.name]
    what = org.db.execute(
        f'SELECT "WhatId" FROM "{fact.name}" WHERE "Id" = ?',  # noqa: S608 names of the schema
        (row_id,),
    ).fetchone()[0]
    link = '"IsWhat" = 1' if fact.name == "Task" else '"IsParent" = 1 AND "IsWhat" = 1'
    _replace(org, relation, key, row_id, link, [(what, True, False)] if what else [])
    if whos is not None:
        link = '"IsWhat" = 0' if fact.name == "Task" else '"IsParent" = 1 AND "IsWhat" = 0'
        people = [(who, False, who != whos[0]) for who in whos]
        _replace(org, relation, key, row_id, link, people)


def people_of(org: Org, fact: ObjectFact, row_id: str) -> set[str]:
    """Give everything a task or event hangs on: its people, its thing and their account."""
    if fact.name not in _RELATIONS:
        return set()
    relation, key = _RELATIONS[fact.name]
    rows = org.db.execute(
        f'SELECT "RelationId" FROM "{relation}" WHERE "{key}" = ?1 '  # noqa: S608 own names
        f'UNION SELECT "WhoId" FROM "{fact.name}" WHERE "Id" = ?1 '
        f'UNION SELECT "WhatId" FROM "{fact.name}" WHERE "Id" = ?1 '
        f'UNION SELECT "AccountId" FROM "{fact.name}" WHERE "Id" = ?1',
        (row_id,),
    )
    return {row[0] for row in rows if row[0]}


def retell_last_activity(org: Org, parents: Iterable[str]) -> None:
    """Compute `LastActivityDate` anew; a parent whose date moves is stamped by the system."""
    for parent in sorted(parents):
        if parent[:3] not in _LAST:
            continue
        name, query = _LAST[parent[:3]]
        latest = org.db.execute(query, (parent,)).fetchone()[0]
        org.db.execute(
            f'UPDATE "{name}" SET "LastActivityDate" = ?1, '  # noqa: S608 one of our names
            '"SystemModstamp" = ?2 WHERE "Id" = ?3 AND "LastActivityDate" IS NOT ?1',
            (latest, org.now(), parent),
        )


def invite(org: Org, view: View, relation: Mapping[str, Any]) -> None:
    """Make the copy of a group event that a colleague who is invited finds in their calendar."""
    event = org.row("Event", relation["EventId"]) or {}
    is_colleague = relation["RelationId"].startswith("005")
    whos = event.get("WhoCount") or 0
    group = {"IsGroupEvent": 1, "GroupEventType": "1", "SystemModstamp": org.now()}
    org.change("Event", event["Id"], group | {"WhoCount": whos + (not is_colleague)})
    if is_colleague:
        copy = {**event, **group, "Id": org.new_id("00U"), "IsChild": 1}
        copy |= {"OwnerId": relation["RelationId"], "CreatedById": view.user_id}
        org.insert("Event", tuple(copy), [tuple(copy.values())])
        org.db.execute("INSERT INTO event_copy VALUES (?, ?)", (copy["Id"], event["Id"]))


def retell_copies(org: Org, master: Mapping[str, Any]) -> None:
    """Let the copies of a group event that its invitees have be as their master now is."""
    own = {"Id", "OwnerId", "IsChild", "CreatedDate", "CreatedById", *_OF_ONE_CALENDAR}
    told = {name: value for name, value in master.items() if name not in own}
    for copy in copies_of(org, master["Id"]):
        org.change("Event", copy, told)


def copies_of(org: Org, master: str, person: str | None = None) -> list[str]:
    """Give the copies of a group event, or the one in one colleague's calendar."""
    found = org.db.execute(
        'SELECT copy FROM event_copy JOIN "Event" ON "Id" = copy WHERE master = ?1 '
        'AND NOT "IsDeleted" AND "OwnerId" = coalesce(?2, "OwnerId") ORDER BY copy',
        (master, person),
    )
    return [row[0] for row in found]


def _replace(
    org: Org, relation: str, key: str, row_id: str, link: str, wanted: list[tuple[str, bool, bool]]
) -> None:
    """Make a row's relations of one kind be these: who or what, whether what, whether invited."""
    found = org.db.execute(
        f'SELECT "RelationId" FROM "{relation}" WHERE "{key}" = ? AND {link}',  # noqa: S608
        (row_id,),
    )
    there = {row[0] for row in found}
    for gone in there - {target for target, *_ in wanted}:
        org.db.execute(
            f'DELETE FROM "{relation}" WHERE "{key}" = ? AND "RelationId" = ? AND {link}',  # noqa: S608
            (row_id, gone),
        )
    for target, is_what, is_invitee in wanted:
        if target not in there:
            at = account_of(org, target, None) if is_what else account_of(org, None, target)
            columns = {key: row_id, "RelationId": target, "IsWhat": is_what, "AccountId": at}
            _add(org, relation, columns, is_invitee)


def _add(org: Org, relation: str, columns: dict[str, Any], is_invitee: bool) -> None:
    is_event = relation == "EventRelation"
    prefix = "0RE" if is_event else "0RT"
    own = {"IsParent": True, "IsInvitee": is_invitee, "Status": "New"} if is_event else {}
    now = org.now()
    made = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
    by = {"CreatedById": USER_ID, "LastModifiedById": USER_ID}
    row = {"Id": org.new_id(prefix), **columns, **own, **made, **by}
    org.insert(relation, tuple(row), [tuple(row.values())])


def account_of(org: Org, what: str | None, who: str | None) -> str | None:
    """Give the account of an activity: its thing's, else its first person's."""
    if what and what.startswith("001"):
        return what
    name, found = ("Opportunity", what) if what and what.startswith("006") else ("Contact", who)
    row = org.db.execute(
        f'SELECT "AccountId" FROM "{name}" WHERE "Id" = ?',  # noqa: S608 one of two names
        (found,),
    ).fetchone()
    return row[0] if row else None


def _task(org: Org, row: Mapping[str, Any]) -> dict[str, Any]:
    is_closed = row.get("Status") in _CLOSED
    closed_at = row.get("CompletedDateTime") or org.now()
    return {
        "IsClosed": is_closed,
        "CompletedDateTime": closed_at if is_closed else None,
        "IsHighPriority": row.get("Priority") == "High",
    }


def _event(row: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the times of an event: what was not written follows from what was."""
    begins, minutes = _beginning(row, given), row.get("DurationInMinutes")
    is_moved = {"StartDateTime", "ActivityDateTime", "DurationInMinutes"} & given.keys()
    end = row.get("EndDateTime")
    if is_moved and "EndDateTime" not in given and minutes is not None:
        end = None
    if row.get("IsAllDayEvent") and end is None and minutes is None:
        minutes = 24 * 60
    if begins is None or (end is None and minutes is None):
        named = ["DurationInMinutes", "ActivityDateTime"]
        problem = f"Required fields are missing: [{', '.join(named)}]"
        raise RowRefusal("REQUIRED_FIELD_MISSING", problem, *named)
    ends = datetime.fromisoformat(end) if end else begins + timedelta(minutes=minutes or 0)
    if ends < begins:
        raise RowRefusal("FIELD_INTEGRITY_EXCEPTION", "End Date before Start Date", "EndDateTime")
    return {
        "StartDateTime": stamp(begins),
        "EndDateTime": stamp(ends),
        "DurationInMinutes": int((ends - begins).total_seconds() // 60),
        "ActivityDateTime": None if row.get("IsAllDayEvent") else stamp(begins),
        "ActivityDate": stamp(begins)[:10],
        "EndDate": stamp(ends)[:10],
    }


def _beginning(row: Mapping[str, Any], given: Mapping[str, Any]) -> datetime | None:
    is_by_activity = "ActivityDateTime" in given and "StartDateTime" not in given
    text = row.get("ActivityDateTime" if is_by_activity else "StartDateTime")
    if row.get("IsAllDayEvent") and row.get("ActivityDate") and not text:
        text = f"{row['ActivityDate']}T00:00:00.000+0000"
    return datetime.fromisoformat(text) if text else None
