"""What the org really holds of deals: opportunities, their contacts' roles and their stages."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from connectors._records import Deal, DealContact, ExternalId, StageChange
from connectors.salesforce.sandbox.org import USER_ID
from connectors.salesforce.sandbox.truth_activities import moment

_DEALS = (
    'SELECT "Id", "Name", "StageName", "IsClosed", "IsWon", "AccountId", "OwnerId", "Amount", '
    '"CurrencyIsoCode", "CreatedDate", "CloseDate", "SystemModstamp", '
    '(SELECT json_group_array(json_array("ContactId", "Role", "IsPrimary")) FROM '
    '(SELECT * FROM "OpportunityContactRole" WHERE "OpportunityId" = "Opportunity"."Id" '
    'AND NOT "IsDeleted" ORDER BY "Id")), '
    '(SELECT json_group_array(json_array("StageName", "CreatedDate")) FROM '
    '(SELECT * FROM "OpportunityHistory" WHERE "OpportunityId" = "Opportunity"."Id" '
    'ORDER BY "CreatedDate", "Id")) '
    'FROM "Opportunity" WHERE NOT "IsDeleted"'
)


def deals(db: sqlite3.Connection) -> Iterator[Deal]:
    """Give the opportunities."""
    return map(_deal, db.execute(_DEALS))


def _deal(row: tuple[Any, ...]) -> Deal:
    row_id, name, stage, is_closed, is_won, account, owner, amount, currency, *rest = row
    created, closes, modified, contacts, history = rest
    return Deal(
        ExternalId(row_id),
        name,
        stage,
        is_closed=bool(is_closed),
        is_won=bool(is_won),
        account_id=account,
        owner_id=None if owner == USER_ID else owner,
        amount=amount,
        currency=currency,
        created_at=moment(created),
        closes_on=date.fromisoformat(closes),
        contacts=tuple(
            DealContact(ExternalId(who), role, is_primary=bool(is_primary))
            for who, role, is_primary in json.loads(contacts)
        ),
        stages=_stages(json.loads(history)),
        modified_at=moment(modified),
    )


def _stages(history: list[tuple[str, str]]) -> tuple[StageChange, ...]:
    """Give the changes of stage: a new amount or date is noted by Salesforce in the same place."""
    into = (next(rows) for _, rows in groupby(history, key=lambda noted: noted[0]))
    return tuple(StageChange(stage, moment(at)) for stage, at in into)
