"""What Salesforce does by itself to an email: who is on it, and the task that stands for it."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox import activities
from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import standard_objects
from connectors.salesforce.sandbox.org import Org, View

ADDRESSES = {"ToIds": "ToAddress", "CcIds": "CcAddress", "BccIds": "BccAddress"}
"""Names that people can be written under, and the field that holds their addresses."""

_SENT = "3"
PEOPLE = {"003": "Contact", "00Q": "Lead", "005": "User"}
"""Objects of people, by the prefix of their ids."""

_EMAIL_OF = 'SELECT "Email" FROM "{}" WHERE "Id" = ?'
_WHO_HAS = (
    'SELECT "Id" FROM "User" WHERE "Email" = ?1 AND "IsActive" '
    'UNION ALL SELECT "Id" FROM "Contact" WHERE "Email" = ?1 AND NOT "IsDeleted" '
    'UNION ALL SELECT "Id" FROM "Lead" WHERE "Email" = ?1 AND NOT "IsDeleted" LIMIT 1'
)

People = dict[str, tuple[str, ...]]
"""Ids of people by the field that holds their addresses."""


def taken_people(wanted: dict[str, Any]) -> People:
    """Take the lists of people out of what is written.

    Raises:
        RowRefusal: If one of them is no id.
    """
    found: People = {}
    for name, field in ADDRESSES.items():
        key = next((key for key in wanted if key.lower() == name.lower()), None)
        given = wanted.pop(key) if key else None
        ids = [str(one) for one in given] if isinstance(given, list) else []
        for one in ids:
            if not is_id(one):
                raise RowRefusal("MALFORMED_ID", f"{name}: id value of incorrect type: {one}", name)
        found[field] = tuple(map(normal_id, ids))
    return found


def relate(org: Org, view: View, row: Mapping[str, Any], people: People) -> None:
    """Make a new email's relations, and the task that stands for it in the list of activities."""
    sender = (row.get("FromAddress"), row.get("FromId"))
    parties = [("FromAddress", *sender)] if any(sender) else []
    for field, ids in people.items():
        parties += [(field, address, who) for address, who in _parties(org, row.get(field), ids)]
    known = [(kind, address, who or _who_has(org, address)) for kind, address, who in parties]
    for kind, address, who in known:
        _add(org, view, row["Id"], (kind, address or email_of(org, who), who))
    if row.get("Status") == _SENT and not row.get("ActivityId"):
        task_id = _log(org, view, row, [who for _, _, who in known if who])
        org.change("EmailMessage", row["Id"], {"ActivityId": task_id})


def _parties(
    org: Org, text: str | None, ids: tuple[str, ...]
) -> list[tuple[str | None, str | None]]:
    """Pair the addresses of one field with the people named beside it."""
    by_address = {(email_of(org, who) or "").lower(): who for who in ids}
    addresses = [part.strip() for part in (text or "").split(";") if part.strip()]
    paired: list[tuple[str | None, str | None]] = [
        (address, by_address.pop(address.lower(), None)) for address in addresses
    ]
    return paired + [(None, who) for who in by_address.values()]


def _add(org: Org, view: View, email_id: str, party: tuple[str, str | None, str | None]) -> None:
    kind, address, who = party
    row = {
        "Id": org.new_id("0EM"),
        "EmailMessageId": email_id,
        "RelationId": who,
        "RelationType": kind,
        "RelationAddress": address,
        "RelationObjectType": PEOPLE.get((who or "")[:3]),
        "CreatedDate": org.now(),
        "CreatedById": view.user_id,
        "SystemModstamp": org.now(),
    }
    org.insert("EmailMessageRelation", tuple(row), [tuple(row.values())])


def _log(org: Org, view: View, row: Mapping[str, Any], people: list[str]) -> str:
    """Make the closed task of an email."""
    task = standard_objects()["task"]
    outside = [who for who in dict.fromkeys(people) if not who.startswith("005")]
    leads = [who for who in outside if who.startswith("00Q")]
    contacts = [who for who in outside if who.startswith("003")][: activities.MOST_WHOS]
    whos = contacts or leads[:1]
    at = row.get("MessageDate") or org.now()
    columns = {
        "Id": org.new_id("00T"),
        "OwnerId": view.user_id,
        "Subject": f"Email: {row.get('Subject') or ''}"[:255],
        "TaskSubtype": "Email",
        "Status": "Completed",
        "Priority": "Normal",
        "ActivityDate": at[:10],
        "CompletedDateTime": at,
        "WhatId": row.get("RelatedToId"),
        "CreatedDate": org.now(),
        "CreatedById": view.user_id,
        "LastModifiedDate": org.now(),
        "LastModifiedById": view.user_id,
        "SystemModstamp": org.now(),
    }
    columns |= activities.derived(org, task, columns, {}, whos)
    org.insert("Task", tuple(columns), [tuple(columns.values())])
    activities.relate(org, task, str(columns["Id"]), whos)
    activities.retell_last_activity(org, activities.people_of(org, task, str(columns["Id"])))
    return str(columns["Id"])


def email_of(org: Org, who: str | None) -> str | None:
    """Give the address of a user, contact or lead."""
    name = PEOPLE.get((who or "")[:3])
    if name is None:
        return None
    row = org.db.execute(_EMAIL_OF.format(name), (who,)).fetchone()
    return row[0] if row else None


def _who_has(org: Org, address: str | None) -> str | None:
    row = org.db.execute(_WHO_HAS, (address,)).fetchone() if address else None
    return row[0] if row else None
