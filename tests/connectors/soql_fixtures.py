"""A small org with deals, and how to ask it in SOQL."""

from datetime import timedelta
from typing import Any

import httpx

from connectors import Channel, ExternalId
from connectors.salesforce.sandbox.org import STAMPS, USER_ID
from connectors.salesforce.sandbox.org import Org as State
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    CLARA,
    DAVID,
    LEA,
    THEN,
    Org,
    activity,
    people,
)

API = "/services/data/v67.0"
STAMP = "2026-03-02T09:30:00.000+0000"


def ask(org: Org, soql: str, resource: str = "query") -> httpx.Response:
    """Ask a statement over HTTP."""
    return org.http().get(f"{API}/{resource}", params={"q": soql})


def rows(org: Org, soql: str, resource: str = "query") -> list[dict[str, Any]]:
    """Ask a statement and give its records without what stands around them."""
    records: list[dict[str, Any]] = ask(org, soql, resource).json()["records"]
    return [{name: row[name] for name in row if name != "attributes"} for row in records]


def problem(org: Org, soql: str) -> tuple[str, str]:
    """Ask a statement that is refused; give the code and the last line of the message."""
    error = ask(org, soql).json()[0]
    return error["errorCode"], error["message"].rpartition("\n")[2]


def put(org: Org, name: str, prefix: str, **values: object) -> str:
    """Put a row into the org as it is, and give its id."""
    state = State(org.sandbox)
    row_id = state.new_id(prefix)
    stamps = (STAMP, USER_ID, STAMP, STAMP, USER_ID)
    stamped = dict(zip(STAMPS, stamps, strict=True))
    fact = state.objects()[name.lower()]
    known = {key: value for key, value in stamped.items() if key.lower() in fact.fields}
    columns = {"Id": row_id, **known, **values}
    state.insert(name, tuple(columns), [tuple(columns.values())])
    return row_id


def company(org: Org) -> dict[ExternalId, ExternalId]:
    """Fill an org whose clock stands a month after all of it, with three deals of one account."""
    org.sandbox.clock.advance(THEN + timedelta(days=30) - org.sandbox.clock.now())
    mail = activity("mail", Channel.EMAIL, ANNE, CLARA, DAVID)
    ids = dict(org.fill([*people(), mail, activity("call", Channel.CALL, ANNE, LEA)]))
    account = {"AccountId": ids[ACME], "OwnerId": ids[ANNE]}
    put(org, "Opportunity", "006", Name="A", StageName="Prospecting", Amount=10, **account)
    put(org, "Opportunity", "006", Name="B", StageName="Prospecting", Amount=30, **account)
    put(org, "Opportunity", "006", Name="C", StageName="Closed Won", IsWon=1, **account)
    org.sandbox.db.execute('UPDATE "Contact" SET "AccountId" = ?', (ids[ACME],))
    return ids
