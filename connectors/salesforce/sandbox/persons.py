"""Person accounts: an account that is a person, and the contact that is its shadow.

The contact's own fields (``X__c``) are written on the account as ``X__pc``; a contact that is a
shadow takes none. Describes and queries of the account do not show them here.
"""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import USER_ID, Org, View

_OWN, _PERSONS = "__c", "__pc"


def names(view: View, fact: ObjectFact) -> tuple[str, ...]:
    """Give the names of contacts' fields on accounts; none in an org without person accounts."""
    contact = view.objects.get("contact")
    if fact.name != "Account" or "ispersonaccount" not in fact.fields or contact is None:
        return ()
    fields = (field.name for field in contact.fields.values() if field.is_custom)
    return tuple(name.removesuffix(_OWN) + _PERSONS for name in fields)


def parted(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part what is written to an account from what is written through it to its contact."""
    own = {name: value for name, value in given.items() if not name.lower().endswith(_PERSONS)}
    through = {name[: -len(_PERSONS)] + _OWN: given[name] for name in given if name not in own}
    return own, through


def check_shadow(fact: ObjectFact, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse a contact's own fields where the contact is an account's shadow.

    Raises:
        RowRefusal: If it is.
    """
    own = [name for name in wanted if name.lower().endswith(_OWN)]
    if fact.name == "Contact" and before.get("IsPersonAccount") and own:
        problem = f"Unable to create/update fields: {', '.join(own)}. Use the person account."
        raise RowRefusal("INVALID_FIELD_FOR_INSERT_UPDATE", problem, *own)


def shadow_of(before: Mapping[str, Any]) -> str:
    """Give the contact of a person account.

    Raises:
        RowRefusal: If the account is none.
    """
    if not before.get("PersonContactId"):
        raise RowRefusal("INVALID_FIELD_FOR_INSERT_UPDATE", "This is no person account")
    return str(before["PersonContactId"])


def make(org: Org, contact: Mapping[str, Any]) -> str:
    """Make a contact the shadow of a new person account, and give that."""
    org.set("has_person_accounts", value=True)
    row_id, now = org.new_id("001"), org.now()
    row = {"Id": row_id, "Name": contact["Name"], "OwnerId": USER_ID, "IsPersonAccount": 1}
    row |= {"PersonContactId": contact["Id"], "PersonEmail": contact["Email"], "IsDeleted": 0}
    row |= {"CreatedDate": now, "CreatedById": USER_ID, "SystemModstamp": now}
    row |= {"LastModifiedDate": now, "LastModifiedById": USER_ID}
    org.insert("Account", tuple(row), [tuple(row.values())])
    shadow = {"IsPersonAccount": 1, "AccountId": row_id, "SystemModstamp": now}
    org.change("Contact", contact["Id"], shadow)
    return row_id
