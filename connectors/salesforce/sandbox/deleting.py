"""The recycle bin: what is deleted takes its children along, may come back, and is purged."""

from datetime import timedelta

from connectors.salesforce.sandbox import activities, rows
from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact, standard_objects
from connectors.salesforce.sandbox.org import Org, View, stamp

KEPT = timedelta(days=15)
"""How long the recycle bin holds a row."""

_CHILDREN = {
    "Account": "Contact.AccountId Opportunity.AccountId AccountContactRelation.AccountId "
    "Task.WhatId Event.WhatId",
    "Contact": "OpportunityContactRole.ContactId CampaignMember.ContactId "
    "AccountContactRelation.ContactId Task.WhoId Event.WhoId",
    "Lead": "CampaignMember.LeadId Task.WhoId Event.WhoId",
    "Opportunity": "OpportunityContactRole.OpportunityId OpportunityHistory.OpportunityId "
    "Task.WhatId Event.WhatId",
    "Campaign": "CampaignMember.CampaignId",
    "Event": "EventRelation.EventId",
    "EmailMessage": "EmailMessageRelation.EmailMessageId",
}
"""What goes with a row: the object and the field that names it."""

_RELATIONS_OF = dict.fromkeys(("Contact", "Lead"), ("TaskRelation", "EventRelation"))
"""What names somebody beside others, and is gone when they are for good."""

_FOR_GOOD = frozenset({"TaskRelation"})
"""Objects whose rows the recycle bin does not hold."""


def delete(org: Org, view: View, fact: ObjectFact, row_id: str) -> None:
    """Move a row and what hangs on it to the recycle bin.

    Raises:
        RowRefusal: If Salesforce would not; then nothing was moved.
    """
    row_id = rows.checked_id(fact, row_id)
    rows.living(org, fact, row_id)
    if "D" not in fact.flags or (fact.setup_permission and not org.may(fact.setup_permission)):
        problem = "insufficient access rights on object id"
        raise RowRefusal("INSUFFICIENT_ACCESS_OR_READONLY", problem)
    parents = activities.people_of(org, fact, row_id)
    with org.step():
        if "isdeleted" in fact.fields and fact.name not in _FOR_GOOD:
            _bin(org, view, fact, row_id, row_id)
        else:
            _remove(org, fact.name, row_id, org.now())
        activities.retell_last_activity(org, parents)


def undelete(org: Org, view: View, fact: ObjectFact, row_id: str) -> None:
    """Bring a row back from the recycle bin, with all that was deleted with it.

    Raises:
        RowRefusal: If the bin does not hold it, or holds it as a part of something else.
    """
    row_id = rows.checked_id(fact, row_id)
    held = org.db.execute("SELECT root FROM recycle_bin WHERE id = ?", (row_id,)).fetchone()
    if held is None:
        raise RowRefusal("UNDELETE_FAILED", "Entity is not in the recycle bin")
    if held[0] != row_id:
        raise RowRefusal("UNDELETE_FAILED", "Undelete the record that it was deleted with")
    with org.step():
        found = org.db.execute("SELECT id, object FROM recycle_bin WHERE root = ?", (row_id,))
        for one, name in found.fetchall():
            stamps = _stamps(org, view, standard_objects()[name.lower()])
            cleared = {"MasterRecordId": None} if name in {"Account", "Contact", "Lead"} else {}
            org.change(name, one, {"IsDeleted": 0, **cleared, **stamps})
        org.db.execute("DELETE FROM recycle_bin WHERE root = ?", (row_id,))
        activities.retell_last_activity(org, activities.people_of(org, fact, row_id))


def purge(org: Org) -> None:
    """Remove for good what has been in the recycle bin for 15 days."""
    since = stamp(org.clock.now() - KEPT)
    _empty(org, since)
    org.db.execute("DELETE FROM tombstone WHERE deleted_at <= ?", (since,))


def empty_bin(org: Org) -> None:
    """Remove for good what is in the recycle bin; `getDeleted` tells of it for its 15 days."""
    _empty(org, org.now())


def _empty(org: Org, until: str) -> None:
    found = org.db.execute(
        "SELECT id, object, deleted_at FROM recycle_bin WHERE deleted_at <= ?", (until,)
    )
    for row_id, name, deleted_at in found.fetchall():
        _remove(org, name, row_id, deleted_at)
        org.db.execute("DELETE FROM recycle_bin WHERE id = ?", (row_id,))


def bin_alone(org: Org, view: View, fact: ObjectFact, row_id: str) -> None:
    """Move one row to the recycle bin and leave what hung on it."""
    org.change(fact.name, row_id, {"IsDeleted": 1, **_stamps(org, view, fact)})
    org.db.execute(
        "INSERT OR REPLACE INTO recycle_bin VALUES (?, ?, ?, ?)",
        (row_id, fact.name, row_id, org.now()),
    )


def _bin(org: Org, view: View, fact: ObjectFact, row_id: str, root: str) -> None:
    org.change(fact.name, row_id, {"IsDeleted": 1, **_stamps(org, view, fact)})
    org.db.execute(
        "INSERT OR REPLACE INTO recycle_bin VALUES (?, ?, ?, ?)",
        (row_id, fact.name, root, org.now()),
    )
    for copy in _copies(org, fact, row_id):
        _bin(org, view, standard_objects()["event"], copy, root)
    for child in _CHILDREN.get(fact.name, "").split():
        name, _, key = child.partition(".")
        child_fact = standard_objects()[name.lower()]
        found = org.db.execute(
            f'SELECT "Id" FROM "{name}" WHERE "{key}" = ? AND "IsDeleted" = 0',  # noqa: S608
            (row_id,),
        )
        for (one,) in found.fetchall():
            if not _outlives(org, child_fact, one, row_id):
                _bin(org, view, child_fact, one, root)


def _copies(org: Org, fact: ObjectFact, row_id: str) -> list[str]:
    """Give the events in colleagues' calendars that go with an event, or with an invitation."""
    if fact.name == "Event":
        return activities.copies_of(org, row_id)
    if fact.name != "EventRelation":
        return []
    link = org.row(fact.name, row_id) or {}
    return activities.copies_of(org, link["EventId"], link["RelationId"])


def _outlives(org: Org, fact: ObjectFact, activity_id: str, person_id: str) -> bool:
    """Take a deleted person off an activity that others are on too."""
    row = org.row(fact.name, activity_id) or {}
    if row.get("WhoId") != person_id or (row.get("WhoCount") or 0) <= 1:
        return False
    relation = f"{fact.name}Relation"
    found = org.db.execute(
        f'SELECT "RelationId" FROM "{relation}" WHERE "{fact.name}Id" = ? '  # noqa: S608
        'AND "IsWhat" = 0 AND "RelationId" <> ? ORDER BY "Id"',
        (activity_id, person_id),
    )
    left = [one for (one,) in found]
    org.change(
        fact.name,
        activity_id,
        {"WhoId": left[0] if left else None, "WhoCount": len(left), "SystemModstamp": org.now()},
    )
    activities.relate(org, fact, activity_id, left)
    return True


def _remove(org: Org, name: str, row_id: str, deleted_at: str) -> None:
    org.db.execute(f'DELETE FROM "{name}" WHERE "Id" = ?', (row_id,))  # noqa: S608 our own names
    for relation in _RELATIONS_OF.get(name, ()):
        org.db.execute(f'DELETE FROM "{relation}" WHERE "RelationId" = ?', (row_id,))  # noqa: S608
    org.db.execute("INSERT OR REPLACE INTO tombstone VALUES (?, ?, ?)", (row_id, name, deleted_at))


def _stamps(org: Org, view: View, fact: ObjectFact) -> dict[str, object]:
    now = org.now()
    stamps = {"SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": view.user_id}
    return {name: value for name, value in stamps.items() if name.lower() in fact.fields}
