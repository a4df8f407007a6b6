"""Which tools there are: the peers with their pinned versions, and Tieline."""

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.peers.airbyte import Source
from tests.benchmarks.peers.dlt_rest import Configured
from tests.benchmarks.peers.ours import Ours
from tests.benchmarks.peers.singer import Tap
from tests.benchmarks.peers.tool import SINCE, Package, Tool
from tests.benchmarks.peers.worlds import KINDS

OAUTH = {name: name for name in ("client_id", "client_secret", "refresh_token")}

OLD_ENGAGEMENTS = "0-49 0-47 0-48 0-27"
ACTIVITIES = {"emails": "0-49", "meetings": "0-47", "calls": "0-48", "tasks": "0-27"}
KEPT = (*ACTIVITIES, "communications")
DLT = Package("dlt", "1.31.0", "sqlalchemy")
LAG_S = 3600.0

NOTES = {
    "hubspot": (
        (
            "tap-hubspot reads engagements, which has no communications, and contacts as a whole; "
            "airbyte-source-hubspot has no communications either: of these nothing counts as lost."
        ),
        (
            "Tieline makes at most 4 searches a second, as HubSpot wants; the sandbox here"
            " would let everybody make any number."
        ),
        (
            "dlt is configured by us: rows listed 100 a call, or searched by the moment of their "
            "change; its tables are merged by key into SQLite. A lag begins that much earlier."
        ),
    ),
    "salesforce": (
        (
            "The sandbox finds the rows behind a query locator anew. If an org keeps them as they "
            "were, tap-salesforce and dlt do not lose those that move."
        ),
        "dlt is configured by us: queries in the order of SystemModstamp, merged into SQLite.",
    ),
}
"""What to know of a CRM's tables."""

MISSING = (
    (
        "dlt's own sources for HubSpot and Salesforce are not in the registry: `dlt init` fetches "
        "them from a repository. Measured is the `rest_api` of its package, configured by us."
    ),
)
"""What could not be had at all."""


def _hubspot(secrets: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "start_date": SINCE,
        "credentials": {"credentials_title": "OAuth Credentials", **secrets},
    }


def _salesforce(secrets: Mapping[str, str]) -> Mapping[str, Any]:
    criteria = [{"criteria": "exacts", "value": name} for name in ("Contact", "Task", "Event")]
    chosen = {name: secrets[name] for name in OAUTH}
    more = {"auth_type": "Client", "is_sandbox": False, "streams_criteria": criteria}
    return {"start_date": SINCE, **chosen, **more}


def tools(crm: str) -> list[Tool]:
    """Give the tools that read a CRM, Tieline first."""
    ours = Ours(crm, frozenset(KINDS[crm]))
    if crm == "salesforce":
        rows = {"Contact": "003", "Task": "00T", "Event": "00U"}
        rest = {"api_type": "REST", "select_fields_by_default": True}
        return [
            ours,
            Tap(
                "tap-salesforce 2.8.1",
                crm,
                Package("tap-salesforce", "2.8.1"),
                "tap-salesforce",
                rows,
                OAUTH,
                rest,
                catalog_option="--properties",
            ),
            Source(
                "airbyte-source-salesforce 2.10.3",
                crm,
                Package("airbyte-source-salesforce", "2.10.3"),
                "source-salesforce",
                rows,
                _salesforce,
            ),
            Configured("dlt 1.31.0 rest_api", crm, DLT, rows),
            Configured("dlt 1.31.0 rest_api, lag 1 h", crm, DLT, rows, lag_s=LAG_S),
        ]
    objects = {"contacts": "0-1", "communications": "0-18", **ACTIVITIES}
    return [
        ours,
        Tap(
            "tap-hubspot 4.5.0",
            crm,
            Package("tap-hubspot", "4.5.0"),
            "tap-hubspot",
            {"contacts": "0-1", "engagements": OLD_ENGAGEMENTS},
            OAUTH,
            {"redirect_uri": "http://127.0.0.1/"},
            keys={"contacts": "updatedAt", "engagements": "lastUpdated"},
            fields=["property_email", "property_firstname", "property_lastname"],
            catalog_option="--properties",
        ),
        Tap(
            "meltano-tap-hubspot 0.10.1",
            crm,
            Package("meltano-tap-hubspot", "0.10.1"),
            "tap-hubspot",
            objects,
            OAUTH,
            {"associations": {name: ["contacts"] for name in KEPT}},
            keys={"contacts": "lastmodifieddate"} | dict.fromkeys(KEPT, "hs_lastmodifieddate"),
            also=[f"{name}_contacts_associations" for name in KEPT],
        ),
        Source(
            "airbyte-source-hubspot 5.7.0",
            crm,
            Package("airbyte-source-hubspot", "5.7.0"),
            "source-hubspot",
            {"contacts": "0-1"} | {f"engagements_{name}": k for name, k in ACTIVITIES.items()},
            _hubspot,
            dict.fromkeys(
                ["contacts", *(f"engagements_{name}" for name in ACTIVITIES)], "updatedAt"
            ),
        ),
        Configured("dlt 1.31.0 rest_api, lists", crm, DLT, objects),
        Configured("dlt 1.31.0 rest_api, search", crm, DLT, objects, searches=True),
        Configured(
            *("dlt 1.31.0 rest_api, search, lag 1 h", crm, DLT, objects), searches=True, lag_s=LAG_S
        ),
    ]
