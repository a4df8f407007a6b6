"""A local Salesforce: a real HTTP server on one state file, to be read and written like an org.

Read `objects` (facts: objects, fields, flags), `soql` (the grammar), `queries` (statements made to
run); `rows` with `values` (what a field takes), `rules` (what holds a row back), `activities`,
`mail` and `deals` (what Salesforce does by itself), `upserts`, `deleting` and `merging`; `batches`,
`composite`, `graphs`, `trees`, `bulk_query` and `bulk_ingest` (many rows in one call); `tooling`
with `custom_fields`, and `describes`; `signing_in` with `consent`, `assertions` and `sessions`;
`routes` (the table of addresses) with `asking` and `writing`, `filling` (records in), and `levers`
(what is done to the org behind its API).

Beside HTTP: `change_log`, `change_bodies` and `change_events` tell every write to the objects that
are selected, and `pubsub` serves that, if what it needs is installed.

What is not emulated answers as Salesforce answers an unknown resource.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from connectors._records import ExternalId, FieldValue, Record, Target
from connectors._sandbox import Gate, Sandbox
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.mapping import SOBJECTS, from_own_name
from connectors.salesforce.sandbox import filling
from connectors.salesforce.sandbox.addresses import OneSlash
from connectors.salesforce.sandbox.beside import serve_beside
from connectors.salesforce.sandbox.org import STATE_VERSION, Org
from connectors.salesforce.sandbox.outbound import Delivering
from connectors.salesforce.sandbox.routes import add_routes
from connectors.salesforce.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET
from connectors.salesforce.sandbox.truth import records

__all__ = [
    "STATE_VERSION",
    "create_app",
    "credentials",
    "custom_values",
    "fill",
    "records",
    "serve_beside",
]


def create_app(sandbox: Sandbox) -> ASGIApp:
    """Make the HTTP server of this org, behind a `Gate`."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    add_routes(api, Org(sandbox))
    return OneSlash(Delivering(Gate(api, sandbox), sandbox))


def fill(sandbox: Sandbox, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
    """Put records into the org in one transaction; see `SandboxModule.fill`."""
    ids = filling.fill(sandbox, records)
    Org(sandbox).changes.commit()
    return ids


def credentials(url: str) -> Credentials:
    """Give credentials that the sandbox at this URL accepts for everything."""
    return Credentials(
        instance_url=url, client_id=CLIENT_ID, client_secret=SecretStr(CLIENT_SECRET)
    )


def custom_values(
    sandbox: Sandbox, target: Target, record_id: ExternalId
) -> Mapping[str, FieldValue]:
    """Look up what Tieline's custom fields hold on a record, by `Field.name`; None if empty."""
    org = Org(sandbox)
    fact = org.objects()[SOBJECTS[target].lower()]
    fields = [field for field in fact.fields.values() if field.is_custom]
    if not fields:
        return {}
    selected = ", ".join(f'"{field.name}"' for field in fields)
    row = org.db.execute(
        f'SELECT {selected} FROM "{fact.name}" WHERE "Id" = ?',  # noqa: S608 names of the schema
        (record_id,),
    ).fetchone()
    return {
        from_own_name(field.name): _value(field.type, value)
        for field, value in zip(fields, row or [None] * len(fields), strict=True)
    }


def _value(kind: str, value: str | float | None) -> FieldValue:
    if value is None:
        return None
    match kind:
        case "double":
            return int(value)
        case "date":
            return date.fromisoformat(str(value))
    return str(value)
