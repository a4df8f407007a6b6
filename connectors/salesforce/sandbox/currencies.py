"""The currencies of an org: one and unnamed, or several, of which one is the company's own."""

from connectors.salesforce.sandbox.facts import CURRENCIES
from connectors.salesforce.sandbox.ids import numbered_id
from connectors.salesforce.sandbox.org import USER_ID, Org

_PREFIX = "01L"


def corporate(org: Org) -> str | None:
    """Give the company's own currency; None in an org that has only one."""
    found = org.setting("currencies", [])
    return str(found[0]) if found else None


def add(org: Org, code: str) -> None:
    """Let records be in this currency; the first one is the company's, and that of all there are.

    The rate of exchange is 1; a lever moves it.
    """
    known = org.setting("currencies", [])
    if code in known:
        return
    org.set("currencies", [*known, code])
    now = org.now()
    row_id = numbered_id(_PREFIX, len(known) + 1)
    org.db.execute(
        'INSERT INTO "CurrencyType" ("Id", "IsoCode", "ConversionRate", "DecimalPlaces", '
        '"IsActive", "IsCorporate", "CreatedDate", "CreatedById", "SystemModstamp", '
        '"LastModifiedDate", "LastModifiedById") '
        "VALUES (?1, ?2, 1.0, 2, 1, ?3, ?4, ?5, ?4, ?4, ?5)",
        (row_id, code, not known, now, USER_ID),
    )


def settle(org: Org) -> None:
    """Give whatever names no currency the company's, in an org that has several."""
    own = corporate(org)
    for name in CURRENCIES if own else ():
        owner, _, field = name.partition(".")
        if field:
            org.db.execute(
                f'UPDATE "{owner}" SET "{field}" = ? WHERE "{field}" IS NULL',  # noqa: S608 ours
                (own,),
            )
