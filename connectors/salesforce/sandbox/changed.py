"""What changed between two moments: getUpdated and getDeleted, with how far they reach back."""

import re
from datetime import UTC, datetime, timedelta

from connectors.salesforce.sandbox import rows
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import stamp
from connectors.salesforce.sandbox.visits import Answer, Visit

UPDATED_REACH, DELETED_REACH = timedelta(days=30), timedelta(days=15)
"""How far back one may ask."""

MOST_IDS = 600_000
"""Ids that one answer holds."""

_MINUTE = timedelta(minutes=1)


def updated(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/updated?start=&end=``: ids of what was made or changed."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    start, end = _window(visit, UPDATED_REACH)
    found = _rows(visit, fact, start, end, is_deleted=False)
    return {"ids": [row_id for row_id, _ in found], "latestDateCovered": stamp(end)}


def deleted(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/deleted?start=&end=``: ids of what was deleted, and when."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    start, end = _window(visit, DELETED_REACH)
    found = _rows(visit, fact, start, end, is_deleted=True) + _gone(visit, fact, start, end)
    found.sort(key=lambda one: (one[1], one[0]))
    return {
        "deletedRecords": [{"id": row_id, "deletedDate": at} for row_id, at in found],
        "earliestDateAvailable": stamp(visit.org.clock.now() - DELETED_REACH),
        "latestDateCovered": stamp(end),
    }


def _window(visit: Visit, reach: timedelta) -> tuple[datetime, datetime]:
    """Give the minutes that are asked for; the seconds count for nothing, and the future is cut."""
    now = visit.org.clock.now()
    start, end = (_minute(_time(visit, name)) for name in ("start", "end"))
    if start < _minute(now) - reach:
        problem = f"startDate must be within the last {reach.days} days"
        raise Refusal(400, "INVALID_REPLICATION_DATE", problem)
    if end - start < _MINUTE:
        problem = "endDate must be at least one minute greater than startDate"
        raise Refusal(400, "INVALID_REPLICATION_DATE", problem)
    return start, min(end, _minute(now))


def _time(visit: Visit, name: str) -> datetime:
    text = visit.asked(name)
    if not text:
        raise Refusal(400, "MISSING_ARGUMENT", f"Required parameter missing: {name}")
    # A plus that was not escaped arrives as a space.
    written = re.sub(r"[ +](\d\d):?(\d\d)$", r"+\1:\2", text)
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise Refusal(400, "INVALID_FIELD", f"Invalid dateTime: {text}") from error
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _rows(
    visit: Visit, fact: ObjectFact, start: datetime, end: datetime, *, is_deleted: bool
) -> list[tuple[str, str]]:
    tests = '"SystemModstamp" >= ? AND "SystemModstamp" < ?'
    if "isdeleted" in fact.fields:
        tests += f' AND "IsDeleted" = {int(is_deleted)}'
    elif is_deleted:
        return []
    most = int(visit.org.setting("most_ids", MOST_IDS))
    found = visit.org.db.execute(
        f'SELECT "Id", "SystemModstamp" FROM "{fact.name}" '  # noqa: S608 names of the schema
        f'WHERE {tests} ORDER BY "SystemModstamp", "Id" LIMIT ?',
        (stamp(start), stamp(end), most + 1),
    ).fetchall()
    if len(found) > most:
        raise Refusal(400, "EXCEEDED_ID_LIMIT", f"The query matched more than {most} ids")
    return found


def _gone(visit: Visit, fact: ObjectFact, start: datetime, end: datetime) -> list[tuple[str, str]]:
    """Give the rows that are in no recycle bin any more, or never were."""
    return visit.org.db.execute(
        "SELECT id, deleted_at FROM tombstone WHERE object = ? AND deleted_at >= ? "
        "AND deleted_at < ? ORDER BY deleted_at, id",
        (fact.name, stamp(start), stamp(end)),
    ).fetchall()
