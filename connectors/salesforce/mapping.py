"""Salesforce's people and accounts made into Tieline's records, and updates into rows; pure.

`activities` and `deals` do the same for what people do. A row that cannot be read raises
`columns.Unreadable` with a reason that tells no value. A contact's only address is its ``Email``:
what else an org keeps in fields of its own is not asked for.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors._records import (
    Account,
    ExternalId,
    FieldUpdate,
    FieldValue,
    Person,
    PersonKind,
    Target,
)
from connectors.salesforce.columns import Unreadable, flag, instant, reference, text

SOBJECTS = {
    Target.CONTACT: "Contact",
    Target.LEAD: "Lead",
    Target.ACCOUNT: "Account",
    Target.DEAL: "Opportunity",
}

PREFIX = "Tieline_"
_SUFFIX, _PERSONS_SUFFIX = "__c", "__pc"


def to_colleague(raw: dict[str, Any]) -> Person:
    """Read a User."""
    return Person(
        **_person(raw),
        kind=PersonKind.COLLEAGUE,
        department=text(raw, "Department"),
        is_active=flag(raw, "IsActive"),
    )


def to_contact(raw: dict[str, Any]) -> Person:
    """Read a Contact, deleted and merged ones too."""
    master = reference(raw, "MasterRecordId")
    return Person(
        **_person(raw),
        kind=PersonKind.CONTACT,
        department=text(raw, "Department"),
        account_id=reference(raw, "AccountId"),
        is_deleted=flag(raw, "IsDeleted") or master is not None,
        merged_into=master,
    )


def to_lead(raw: dict[str, Any]) -> Person:
    """Read a Lead; a converted one lives on as its contact."""
    heir = reference(raw, "MasterRecordId") or reference(raw, "ConvertedContactId")
    is_gone = flag(raw, "IsDeleted") or flag(raw, "IsConverted")
    return Person(
        **_person(raw),
        kind=PersonKind.LEAD,
        is_deleted=is_gone or heir is not None,
        merged_into=heir,
    )


def to_account(raw: dict[str, Any]) -> Account:
    """Read an Account; its domain is that of its web site.

    A person account is no organisation: its person is read as the contact it also is.
    """
    master = reference(raw, "MasterRecordId")
    return Account(
        id=row_id(raw),
        name=text(raw, "Name") or "",
        domain=_domain(text(raw, "Website")),
        industry=text(raw, "Industry"),
        modified_at=modified_at(raw),
        is_deleted=flag(raw, "IsDeleted") or flag(raw, "IsPersonAccount") or master is not None,
        merged_into=master,
    )


def from_update(update: FieldUpdate, *, account: str | None = None) -> dict[str, object]:
    """Give the record of a collections call.

    Args:
        update: What to write.
        account: The person account to write a contact's fields through, which has them as well,
            under another name.
    """
    values = {
        name if account is None else _persons_name(name): _wire(value)
        for name, value in update.values.items()
    }
    sobject = SOBJECTS[update.target if account is None else Target.ACCOUNT]
    return {"attributes": {"type": sobject}, "id": account or update.id, **values}


def own_name(name: str) -> str:
    """Give a custom field's API name: ``best_colleague`` is ``Tieline_Best_Colleague__c``."""
    camel = "_".join(part.capitalize() for part in name.split("_"))
    return f"{PREFIX}{camel}{_SUFFIX}"


def record_url(site: str, external_id: ExternalId) -> str:
    """Give the address of a record's page, which the org forwards to the right one."""
    return f"{site}/{external_id}"


def is_own_name(name: str) -> bool:
    """Tell whether a field is one of ours, on a person account too."""
    return name.startswith(PREFIX) and name.endswith((_SUFFIX, _PERSONS_SUFFIX))


def from_own_name(name: str) -> str:
    """Undo `own_name`."""
    return name.removeprefix(PREFIX).removesuffix(_SUFFIX).lower()


def row_id(raw: dict[str, Any]) -> ExternalId:
    """Give a row's id.

    Raises:
        Unreadable: If it has none.
    """
    found = reference(raw, "Id")
    if found is None:
        raise Unreadable("Id is missing.")
    return found


def modified_at(raw: dict[str, Any]) -> datetime:
    """Give a row's SystemModstamp.

    Raises:
        Unreadable: If it has none.
    """
    found = instant(raw, "SystemModstamp")
    if found is None:
        raise Unreadable("SystemModstamp is missing.")
    return found


def _person(raw: dict[str, Any]) -> dict[str, Any]:
    email = text(raw, "Email")
    return {
        "id": row_id(raw),
        "name": text(raw, "Name") or "",
        "addresses": (email.strip().lower(),) if email and "@" in email else (),
        "title": text(raw, "Title"),
        "modified_at": modified_at(raw),
    }


def _persons_name(name: str) -> str:
    """Name a contact's field on the person account: ``Rank__c`` is ``Rank__pc``."""
    if name.endswith(_SUFFIX):
        return name.removesuffix(_SUFFIX) + _PERSONS_SUFFIX
    return f"Person{name}"


def _domain(site: str | None) -> str | None:
    if site is None:
        return None
    try:
        host = urlsplit(site if "//" in site else f"//{site}").hostname or ""
    except ValueError:
        return None
    domain = host.strip().lower().removeprefix("www.")
    return domain if "." in domain else None


def _wire(value: FieldValue) -> object:
    return value if value is None or isinstance(value, str | int) else value.isoformat()
