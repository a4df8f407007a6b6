"""HubSpot's people and companies as Tieline's records, and our custom fields as its properties.

Ids of objects are unique only within their type, so ours are ``0-1:123`` (type, id); an owner is
``owner:12``. Activities are in `activities` and `emails`, deals in `deals`.

HubSpot's leads are no people: each is a sales stage attached to a contact, and the contact is read.
So no person is a lead here, and a merged-away person is named by the survivor, at once.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from connectors._records import (
    LONG_AGO,
    Account,
    ExternalId,
    Field,
    FieldType,
    FieldUpdate,
    FieldValue,
    Person,
    PersonKind,
    Target,
)
from connectors.hubspot.rows import (
    Raw,
    Unreadable,
    addresses,
    clean,
    id_of,
    moment,
    parts,
    text,
    to_moment,
)

CONTACT, COMPANY, DEAL = "0-1", "0-2", "0-3"
EMAIL, MEETING, CALL, COMMUNICATION, TASK = "0-49", "0-47", "0-48", "0-18", "0-27"

TARGETS = {Target.CONTACT: CONTACT, Target.ACCOUNT: COMPANY, Target.DEAL: DEAL}
"""The object type of each kind of record we write to; leads are not written to yet."""

PLURALS = {Target.CONTACT: "contacts", Target.ACCOUNT: "companies", Target.DEAL: "deals"}
"""What people call these object types, in addresses too."""

MODIFIED = {CONTACT: "lastmodifieddate"}
OTHERS_MODIFIED = "hs_lastmodifieddate"

MERGED = "hs_merged_object_ids"
MERGED_WHEN = "hs_calculated_merged_vids"
"""Contacts say it twice: as ``4;5``, and as ``4:1777863721000;5:1777863721001``."""

CONTACT_PROPERTIES = (
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "jobtitle",
    "associatedcompanyid",
    "lastmodifieddate",
    MERGED,
    MERGED_WHEN,
)
COMPANY_PROPERTIES = ("name", "domain", "industry", OTHERS_MODIFIED, MERGED)

PREFIX = GROUP = "tieline"

TYPES = {
    FieldType.NUMBER: ("number", "number"),
    FieldType.TEXT: ("string", "text"),
    FieldType.PICKLIST: ("enumeration", "select"),
    FieldType.DATE: ("date", "date"),
}
"""HubSpot's type and the widget it is shown in."""


def external_id(type_id: str, object_id: str) -> ExternalId:
    """Give the id Tieline knows an object by."""
    return ExternalId(f"{type_id}:{object_id}")


def owner_id(hubspot_id: str) -> ExternalId:
    """Give the id Tieline knows an owner by."""
    return ExternalId(f"owner:{hubspot_id}")


def object_id(target: Target, external: ExternalId) -> str | None:
    """Give HubSpot's id of a record we may write to; None if the id is not of that kind."""
    type_id, _, number = external.partition(":")
    return number if TARGETS.get(target) == type_id and number.isdigit() else None


def modified_property(type_id: str) -> str:
    """Name the property that tells when an object was changed: contacts have their own."""
    return MODIFIED.get(type_id, OTHERS_MODIFIED)


def modified_at(raw: Raw, type_id: str) -> datetime:
    """Tell when HubSpot last changed a row."""
    at = moment(raw, modified_property(type_id))
    return at or to_moment(clean(raw.get("updatedAt"), "updatedAt"), "updatedAt") or LONG_AGO


def to_contact(raw: Raw) -> Iterator[Person]:
    """Read a contact, and behind it a tombstone for each contact it has absorbed."""
    number, at = id_of(raw), modified_at(raw, CONTACT)
    company = text(raw, "associatedcompanyid")
    names = (text(raw, "firstname"), text(raw, "lastname"))
    mail = addresses(raw, "email") + addresses(raw, "hs_additional_emails")
    mail = tuple(dict.fromkeys(mail))
    survivor = Person(
        id=external_id(CONTACT, number),
        kind=PersonKind.CONTACT,
        name=" ".join(name for name in names if name),
        addresses=mail,
        title=text(raw, "jobtitle"),
        account_id=external_id(COMPANY, company) if company else None,
        modified_at=at,
        created_at=to_moment(clean(raw.get("createdAt"), "createdAt"), "createdAt"),
    )
    yield survivor
    for absorbed in absorbed_by(raw, number):
        yield Person(
            id=external_id(CONTACT, absorbed),
            kind=PersonKind.CONTACT,
            name="",
            modified_at=at,
            is_deleted=True,
            merged_into=survivor.id,
        )


def to_account(raw: Raw) -> Iterator[Account]:
    """Read a company, and behind it a tombstone for each company it has absorbed."""
    number, at = id_of(raw), modified_at(raw, COMPANY)
    domain = (text(raw, "domain") or "").lower().removeprefix("www.")
    survivor = Account(
        id=external_id(COMPANY, number),
        name=text(raw, "name") or domain,
        domain=domain or None,
        industry=_industry(text(raw, "industry")),
        modified_at=at,
    )
    yield survivor
    for absorbed in absorbed_by(raw, number):
        yield Account(
            id=external_id(COMPANY, absorbed),
            name="",
            modified_at=at,
            is_deleted=True,
            merged_into=survivor.id,
        )


def _industry(value: str | None) -> str | None:
    """An option's value is told in words: COMPUTER_SOFTWARE is Computer software."""
    return value.replace("_", " ").capitalize() if value and value.isupper() else value


def to_colleague(raw: Raw) -> Iterator[Person]:
    """Read an owner; nothing comes of a queue, which is nobody."""
    number = id_of(raw)
    if raw.get("type") == "QUEUE":
        return
    names = (clean(raw.get("firstName"), "firstName"), clean(raw.get("lastName"), "lastName"))
    mail = clean(raw.get("email"), "email")
    yield Person(
        id=owner_id(number),
        kind=PersonKind.COLLEAGUE,
        name=" ".join(name for name in names if name) or (mail or ""),
        addresses=(mail.lower(),) if mail else (),
        department=_main_team(raw),
        is_active=raw.get("archived") is not True,
        modified_at=to_moment(clean(raw.get("updatedAt"), "updatedAt"), "updatedAt") or LONG_AGO,
    )


def from_field(field: Field) -> dict[str, Any]:
    """Give the property that a custom field becomes, as HubSpot wants it created."""
    kind, widget = TYPES[field.type]
    property_ = {
        "name": called(field),
        "label": field.label,
        "description": field.description,
        "groupName": GROUP,
        "type": kind,
        "fieldType": widget,
        "formField": False,
    }
    return property_ | (
        {"options": to_options(field.options)} if field.type is FieldType.PICKLIST else {}
    )


def to_group() -> dict[str, object]:
    """Give the group that our properties are in."""
    return {"name": GROUP, "label": "Tieline", "displayOrder": -1}


def to_options(values: Iterable[str], *, first: int = 0) -> list[dict[str, object]]:
    """Give the options of a picklist, in their order from a place on."""
    return [
        {"label": value, "value": value, "displayOrder": place, "hidden": False}
        for place, value in enumerate(values, first)
    ]


def own_name(name: str) -> str:
    """Name the property of a custom field: ``strength`` is ``tieline_strength``."""
    return f"{PREFIX}_{name}"


def record_url(site: str, external_id: ExternalId) -> str:
    """Give the address of a record's page in the portal."""
    kind, _, number = external_id.partition(":")
    return f"{site}/record/{kind}/{number}"


def called(field: Field) -> str:
    """Name the property that a field is written to."""
    return field.called or own_name(field.name)


def from_update(update: FieldUpdate) -> dict[str, str]:
    """Give the properties to write, all of them text; an empty text clears one."""
    return {name: _written(value) for name, value in update.values.items()}


def _written(value: FieldValue) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def absorbed_by(raw: Raw, survivor: str) -> Iterator[str]:
    """Give the numbers that were merged into a row; HubSpot sometimes lists the row itself."""
    listed = (*parts(raw, MERGED), *(p.partition(":")[0] for p in parts(raw, MERGED_WHEN)))
    for merged in dict.fromkeys(listed):
        if not (merged.isascii() and merged.isdigit()):
            raise Unreadable(f"{MERGED} holds something other than ids.")
        if merged != survivor:
            yield merged


def _main_team(raw: Raw) -> str | None:
    """Name an owner's main team: the nearest that HubSpot has to a department."""
    teams = raw.get("teams")
    teams = [team for team in teams if isinstance(team, dict)] if isinstance(teams, list) else []
    teams.sort(key=lambda team: team.get("primary") is not True)
    return clean(teams[0].get("name"), "teams") if teams else None
