"""Custom fields as the Tooling API defines them, those that are hidden from us too."""

from collections.abc import Iterable, Mapping
from typing import Any

from simple_salesforce.format import format_soql

from connectors.salesforce.client import Client
from connectors.salesforce.refusals import translated

_FIELDS = "tooling/sobjects/CustomField"


def defined(client: Client, names: Iterable[str]) -> dict[str, str]:
    """Look custom fields up by full name, and give the ids of those that there are."""
    parted = [name.removesuffix("__c").partition(".") for name in names]
    soql = format_soql(
        "SELECT Id, DeveloperName, TableEnumOrId FROM CustomField WHERE DeveloperName IN {}",
        sorted({name for _, _, name in parted}),
    )
    doing = "to look for custom fields"
    with translated(doing):
        rows = client.rest(doing, "tooling/query/", params={"q": soql})["records"]
        there = {(row["TableEnumOrId"], row["DeveloperName"]): str(row["Id"]) for row in rows}
    return {f"{o}.{n}__c": there[o, n] for o, _, n in parted if (o, n) in there}


def definition(client: Client, field_id: str) -> dict[str, Any]:
    """Give the ``Metadata`` of a custom field."""
    doing = "to look at a custom field"
    with translated(doing):
        return dict(client.rest(doing, f"{_FIELDS}/{field_id}")["Metadata"])


def define(client: Client, field_id: str, metadata: Mapping[str, object]) -> None:
    """Replace the ``Metadata`` of a custom field."""
    body = {"Metadata": dict(metadata)}
    client.rest("to change a custom field", f"{_FIELDS}/{field_id}", method="PATCH", json=body)


def create_field(client: Client, full_name: str, metadata: Mapping[str, object]) -> None:
    """Create a custom field."""
    body = {"FullName": full_name, "Metadata": dict(metadata)}
    client.rest(f"to create the field {full_name}", _FIELDS, method="POST", json=body)
