"""Deals made of Opportunities, their contacts' roles and the history of their stages; pure."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from connectors._records import Deal, DealContact, StageChange
from connectors.salesforce.activities import sub_rows
from connectors.salesforce.columns import amount, date_of, flag, instant, reference, text
from connectors.salesforce.mapping import modified_at, row_id


def to_deal(raw: dict[str, Any]) -> Deal:
    """Read an Opportunity; of one that is private or deleted nothing but that it is gone."""
    if flag(raw, "IsPrivate") or flag(raw, "IsDeleted"):
        return Deal(row_id(raw), "", "", modified_at=modified_at(raw), is_deleted=True)
    changed = modified_at(raw)
    return Deal(
        id=row_id(raw),
        name=text(raw, "Name") or "",
        stage=text(raw, "StageName") or "",
        is_closed=flag(raw, "IsClosed"),
        is_won=flag(raw, "IsWon"),
        account_id=reference(raw, "AccountId"),
        owner_id=reference(raw, "OwnerId"),
        amount=amount(raw, "Amount"),
        currency=text(raw, "CurrencyIsoCode"),
        created_at=instant(raw, "CreatedDate") or changed,
        closes_on=date_of(raw, "CloseDate"),
        contacts=tuple(_contacts(raw)),
        stages=_stages(raw),
        modified_at=changed,
    )


def _contacts(raw: dict[str, Any]) -> Iterator[DealContact]:
    for row in sub_rows(raw, "OpportunityContactRoles"):
        who = reference(row, "ContactId")
        if who is not None:
            yield DealContact(who, text(row, "Role"), is_primary=flag(row, "IsPrimary"))


def _stages(raw: dict[str, Any]) -> tuple[StageChange, ...]:
    """Give the changes of stage; a new amount or date is noted by Salesforce in the same place."""
    noted = (
        (text(row, "StageName"), instant(row, "CreatedDate"))
        for row in sub_rows(raw, "OpportunityHistories")
    )
    into = (next(rows) for _, rows in groupby(noted, key=lambda one: one[0]))
    return tuple(StageChange(stage, at) for stage, at in into if stage and at)
