"""One record instead of two: merges, and leads made into contacts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.salesforce.sandbox import activities, deleting, rows
from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.objects import FieldFact, ObjectFact, standard_objects
from connectors.salesforce.sandbox.org import Org, View, stamp
from connectors.salesforce.sandbox.tables_activities import DERIVED

_STAYING = frozenset({"MasterRecordId", "ConvertedAccountId", "ConvertedContactId"})
_ONCE = {
    "TaskRelation": "TaskId",
    "EventRelation": "EventId",
    "CampaignMember": "CampaignId",
    "OpportunityContactRole": "OpportunityId",
    "AccountContactRelation": "AccountId",
}
"""Objects that name a record once for each of what this field names."""

_CLOSES_IN = timedelta(days=90)
_COPIED = (
    "FirstName",
    "LastName",
    "Salutation",
    "Title",
    "Email",
    "Phone",
    "MobilePhone",
    "OwnerId",
)


@dataclass(frozen=True, slots=True)
class Converted:
    """What a lead was made into; no opportunity unless one was asked for."""

    account_id: str
    contact_id: str
    opportunity_id: str | None


def merge(org: Org, view: View, fact: ObjectFact, loser: str, winner: str) -> None:
    """Merge one record into another of its kind, with everything that hangs on it.

    Raises:
        RowRefusal: If there is no merging the two.
    """
    loser, winner = rows.checked_id(fact, loser), rows.checked_id(fact, winner)
    if "G" not in fact.flags or loser == winner:
        raise RowRefusal("INVALID_OPERATION", f"{fact.name} records cannot be merged")
    for row_id in (loser, winner):
        rows.living(org, fact, row_id)
    with org.step():
        _move(org, view, fact, loser, winner)
        deleting.bin_alone(org, view, fact, loser)
        org.change(fact.name, loser, {"MasterRecordId": winner})
        org.change(fact.name, winner, _stamps(org, view))
        activities.retell_last_activity(org, [winner])


def convert(
    org: Org,
    view: View,
    lead_id: str,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity: str | None = None,
) -> Converted:
    """Make a lead into a contact at an account, into new ones where none are given.

    Args:
        org: The org.
        view: Who converts, seeing all fields.
        lead_id: The lead.
        account_id: Where the contact works.
        contact_id: Who the lead turned out to be.
        opportunity: The name of an opportunity to make, if any.

    Raises:
        RowRefusal: If the lead is converted already, or one of the others is not there.
    """
    lead = standard_objects()["lead"]
    row = rows.living(org, lead, rows.checked_id(lead, lead_id))
    if row["IsConverted"]:
        raise RowRefusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    with org.step():
        account_id, contact_id = _home(org, view, row, account_id, contact_id)
        deal_id = _deal(org, view, account_id, contact_id, opportunity) if opportunity else None
        _take_over(org, view, row["Id"], contact_id, deal_id or account_id)
        ends = {
            "IsConverted": 1,
            "Status": "Closed - Converted",
            "ConvertedDate": org.now()[:10],
            "ConvertedAccountId": account_id,
            "ConvertedContactId": contact_id,
            "ConvertedOpportunityId": deal_id,
        }
        org.change("Lead", row["Id"], ends | _stamps(org, view))
        activities.retell_last_activity(org, filter(None, [account_id, contact_id, deal_id]))
    return Converted(account_id, contact_id, deal_id)


def _home(
    org: Org, view: View, lead: dict[str, Any], account_id: str | None, contact_id: str | None
) -> tuple[str, str]:
    """Give the account and the contact, made where they are not given."""
    objects = standard_objects()
    if contact_id:
        known = rows.living(org, objects["contact"], contact_id)
        account_id = account_id or known["AccountId"]
    if not account_id:
        named = {"Name": lead["Company"], "Website": lead["Website"], "OwnerId": lead["OwnerId"]}
        account_id = rows.create(org, view, objects["account"], named)
    if not contact_id:
        values = {name: lead[name] for name in _COPIED} | {"AccountId": account_id}
        contact_id = rows.create(org, view, objects["contact"], values)
    return account_id, contact_id


def _deal(org: Org, view: View, account_id: str, contact_id: str, name: str) -> str:
    objects = standard_objects()
    closes = stamp(org.clock.now() + _CLOSES_IN)[:10]
    values = {"Name": name, "StageName": "Prospecting", "CloseDate": closes}
    deal = rows.create(org, view, objects["opportunity"], {**values, "AccountId": account_id})
    role = {"OpportunityId": deal, "ContactId": contact_id, "IsPrimary": True}
    rows.create(org, view, objects["opportunitycontactrole"], role)
    return deal


def _take_over(org: Org, view: View, lead_id: str, contact_id: str, what_id: str) -> None:
    """Move a lead's activities to its contact, and to the deal or account."""
    lead, contact = standard_objects()["lead"], standard_objects()["contact"]
    for name in ("Task", "Event"):
        fact = standard_objects()[name.lower()]
        found = org.db.execute(f'SELECT "Id" FROM "{name}" WHERE "WhoId" = ?', (lead_id,))  # noqa: S608
        for (row_id,) in found.fetchall():
            org.change(name, row_id, {"WhatId": what_id, "WhatCount": 1})
            activities.relate(org, fact, row_id, None)
    org.db.execute(
        'UPDATE "CampaignMember" SET "ContactId" = ?2, "LeadOrContactId" = ?2 WHERE "LeadId" = ?1',
        (lead_id, contact_id),
    )
    _move(org, view, lead, lead_id, contact_id, heir=contact)


def _move(
    org: Org, view: View, fact: ObjectFact, old: str, new: str, heir: ObjectFact | None = None
) -> None:
    """Let everything that names one record name another instead."""
    for owner in standard_objects().values():
        if owner.name in DERIVED:
            continue
        for field in owner.fields.values():
            names = {fact.name, heir.name if heir else fact.name}
            if names <= set(field.refers_to) and field.name not in _STAYING:
                _rename(org, view, owner, field, old, new)
    if new.startswith("003"):
        for name in ("Task", "Event"):
            _account_anew(org, name, new)


def _rename(org: Org, view: View, owner: ObjectFact, field: FieldFact, old: str, new: str) -> None:
    if other := _ONCE.get(owner.name):
        org.db.execute(
            f'DELETE FROM "{owner.name}" WHERE "{field.name}" = ?1 AND "{other}" IN '  # noqa: S608
            f'(SELECT "{other}" FROM "{owner.name}" WHERE "{field.name}" = ?2) '
            f"AND '{field.name}' <> '{other}'",
            (old, new),
        )
    stamps = {n: v for n, v in _stamps(org, view).items() if n.lower() in owner.fields}
    assigned = ", ".join(f'"{name}" = ?' for name in (field.name, *stamps))
    org.db.execute(
        f'UPDATE "{owner.name}" SET {assigned} WHERE "{field.name}" = ?',  # noqa: S608 own names
        (new, *stamps.values(), old),
    )
    if owner.name in {"TaskRelation", "EventRelation"}:
        _touch_masters(org, view, owner, new)


def _touch_masters(org: Org, view: View, relation: ObjectFact, person: str) -> None:
    """Stamp the activities whose people have changed."""
    name = relation.name.removesuffix("Relation")
    stamps = _stamps(org, view)
    assigned = ", ".join(f'"{column}" = ?' for column in stamps)
    org.db.execute(
        f'UPDATE "{name}" SET {assigned}, "WhoCount" = (SELECT count(*) '  # noqa: S608 own names
        f'FROM "{relation.name}" r WHERE r."{name}Id" = "{name}"."Id" AND r."IsWhat" = 0 '
        "AND r.\"RelationId\" NOT LIKE '005%') "
        f'WHERE "Id" IN (SELECT "{name}Id" FROM "{relation.name}" WHERE "RelationId" = ? '
        'AND "SystemModstamp" = ?)',
        (*stamps.values(), person, org.now()),
    )


def _account_anew(org: Org, name: str, contact_id: str) -> None:
    """Let the activities of a contact know their account anew."""
    found = org.db.execute(
        f'SELECT "Id", "WhatId", "WhoId" FROM "{name}" WHERE "WhoId" = ?',  # noqa: S608 own names
        (contact_id,),
    )
    for row_id, what, who in found.fetchall():
        org.change(name, row_id, {"AccountId": activities.account_of(org, what, who)})


def _stamps(org: Org, view: View) -> dict[str, object]:
    now = org.now()
    return {"SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": view.user_id}
