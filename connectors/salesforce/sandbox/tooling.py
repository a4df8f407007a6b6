"""The Tooling API's CustomField: a field made here stays invisible until it is permitted."""

import json
import re
from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox import custom_fields
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import STAMPS, Org, View, column

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_LONGEST_NAME = 43
_MISSING = Refusal(404, "NOT_FOUND", "The requested resource does not exist")


def create_field(org: Org, view: View, body: Mapping[str, Any]) -> str:
    """Make a custom field from ``FullName`` and ``Metadata``, and give its id.

    Raises:
        Refusal: As Salesforce words it.
    """
    _check_right(org)
    owner, _, name = str(body.get("FullName", "")).partition(".")
    metadata = body.get("Metadata") or {}
    fact = org.objects().get(owner.lower())
    if fact is None or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        problem = "Field: bad value for custom field name"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", problem, ("FullName",))
    if name.lower() in fact.fields:
        problem = f"There is already a field named {name.removesuffix('__c')} on {owner}."
        raise Refusal(400, "DUPLICATE_DEVELOPER_NAME", problem, ("DeveloperName",))
    custom_fields.check(metadata)
    _check_target(org, metadata)
    return _store(org, view, fact, name, metadata)


def read_field(org: Org, field_id: str) -> dict[str, Any]:
    """Give a custom field with its metadata.

    Raises:
        Refusal: If there is none.
    """
    row = _find(org, field_id)
    return {**row, "Metadata": json.loads(row["Metadata"])}


def change_field(org: Org, view: View, field_id: str, body: Mapping[str, Any]) -> None:
    """Replace the metadata of a custom field; its type stays.

    Raises:
        Refusal: As Salesforce words it.
    """
    _check_right(org)
    row = _find(org, field_id)
    metadata = body.get("Metadata") or {}
    custom_fields.check(metadata)
    if metadata["type"] != json.loads(row["Metadata"])["type"]:
        problem = "Cannot change the type of a custom field"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", problem, ("type",))
    stamps = {"LastModifiedDate": org.now(), "LastModifiedById": view.user_id}
    changed = {"Metadata": json.dumps(metadata), "SystemModstamp": org.now(), **stamps}
    org.change("CustomField", row["Id"], changed)


def delete_field(org: Org, field_id: str) -> None:
    """Delete a custom field, with what it held and who was permitted to see it.

    Raises:
        Refusal: As Salesforce words it.
    """
    _check_right(org)
    row = _find(org, field_id)
    owner, _, name = row["FullName"].partition(".")
    with org.step():
        org.db.execute('DELETE FROM "CustomField" WHERE "Id" = ?', (row["Id"],))
        org.db.execute('DELETE FROM "FieldPermissions" WHERE "Field" = ?', (row["FullName"],))
        with org.changes.unwatched():
            org.db.execute(f'ALTER TABLE "{owner}" DROP COLUMN "{name}"')


def _check_right(org: Org) -> None:
    if not org.may("CustomizeApplication"):
        raise Refusal(
            403,
            "INSUFFICIENT_ACCESS",
            "You do not have the level of access necessary to perform "
            "the operation you requested. Please contact the owner of the record or your "
            "administrator if access is necessary.",
        )


def _check_target(org: Org, metadata: Mapping[str, Any]) -> None:
    target = metadata.get("referenceTo")
    if target is not None and str(target).lower() not in org.objects():
        problem = f"referenceTo value of '{target}' does not resolve to a valid sObject type"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", problem, ("referenceTo",))


def _find(org: Org, field_id: str) -> dict[str, Any]:
    row = org.row("CustomField", field_id)
    if row is None:
        raise _MISSING
    return row


def _store(org: Org, view: View, fact: ObjectFact, name: str, metadata: Mapping[str, Any]) -> str:
    field_id = org.new_id("00N")
    now, user = org.now(), view.user_id
    named = (field_id, name.removesuffix("__c"), fact.name, f"{fact.name}.{name}")
    org.insert(
        "CustomField",
        ("Id", "DeveloperName", "TableEnumOrId", "FullName", "Metadata", *STAMPS),
        [(*named, json.dumps(metadata), now, user, now, now, user)],
    )
    declared = column(custom_fields.fact(name, metadata))
    with org.changes.unwatched():
        org.db.execute(f'ALTER TABLE "{fact.name}" ADD COLUMN {declared}')
    return field_id
