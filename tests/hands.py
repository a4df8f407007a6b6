"""What people do to a CRM, alike for all sandbox CRMs: by hand, not through its API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr

from connectors import ExternalId
from connectors._sandbox import Running, Sandbox
from connectors.hubspot import reading as hubspot_reading
from connectors.hubspot import sandbox as portal
from connectors.hubspot.sandbox import levers as hubspot
from connectors.salesforce import by_id as salesforce_by_id
from connectors.salesforce import reading as salesforce_reading
from connectors.salesforce.sandbox import levers as salesforce


@dataclass(frozen=True)
class Hands:
    """What people do to one CRM.

    Attributes:
        purge: Has a record gone for good, as privacy or an emptied bin wants it.
        rotating: Has each refresh token work once; gives credentials with the first.
    """

    rename: Callable[[Sandbox, ExternalId, str], object]
    delete: Callable[[Sandbox, ExternalId], object]
    undelete: Callable[[Sandbox, ExternalId], object]
    merge: Callable[[Sandbox, ExternalId, ExternalId], ExternalId]
    expire: Callable[[Sandbox], object]
    lag: Callable[[Sandbox, int], object]
    purge: Callable[[Sandbox, ExternalId], object]
    rotating: Callable[[Running], BaseModel]


def _merge_in_salesforce(crm: Sandbox, loser: ExternalId, winner: ExternalId) -> ExternalId:
    salesforce.merge(crm, loser, winner)
    return winner


def _purge_in_salesforce(crm: Sandbox, one: ExternalId) -> None:
    salesforce.delete(crm, one)
    salesforce.empty_bin(crm)


def _rotating_org(crm: Running) -> BaseModel:
    salesforce.rotate_refresh_tokens(crm.sandbox)
    token = SecretStr(salesforce.issue_refresh_token(crm.sandbox))
    return crm.of.credentials(crm.url).model_copy(update={"refresh_token": token})


def _rotating_portal(crm: Running) -> BaseModel:
    hubspot.turn(crm.sandbox, "rotate_refresh_tokens", 1)
    return portal.oauth_credentials(crm.url)


def _expire_in_hubspot(crm: Sandbox) -> None:
    crm.db.execute("DELETE FROM tokens WHERE kind = 'oauth'")


HANDS: Mapping[str, Hands] = {
    "salesforce": Hands(
        rename=lambda crm, one, name: salesforce.edit(crm, one, LastName=name, Name=name),
        delete=salesforce.delete,
        undelete=salesforce.undelete,
        merge=_merge_in_salesforce,
        expire=salesforce.expire_tokens,
        lag=lambda _crm, _seconds: None,
        purge=_purge_in_salesforce,
        rotating=_rotating_org,
    ),
    "hubspot": Hands(
        rename=lambda crm, one, name: hubspot.touch(crm, one, lastname=name),
        delete=hubspot.archive,
        undelete=hubspot.restore,
        merge=lambda crm, loser, winner: hubspot.merge(crm, winner, loser),
        expire=_expire_in_hubspot,
        lag=lambda crm, seconds: hubspot.turn(crm, "index_lag_ms", 1000 * seconds),
        purge=hubspot.erase,
        rotating=_rotating_portal,
    ),
}
PAGES: Mapping[str, tuple[Any, str]] = {
    "salesforce": (salesforce_reading, "PAGE_ROWS"),
    "hubspot": (hubspot_reading, "ROWS_PER_SEARCH"),
}
"""Where each connector says how many rows a page has."""

SWEPT_PAGES: Mapping[str, tuple[Any, str]] = {
    "salesforce": (salesforce_by_id, "IDS_PER_PAGE"),
    "hubspot": (hubspot_reading, "ROWS_PER_SEARCH"),
}
"""Where each says how many ids it reads at a time, looking for what vanished."""
