"""The Tooling API's CustomField: a field made here stays invisible until it is permitted."""

import json
import re
from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.org import STAMPS, USER_ID, Org, column, custom_field

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_LONGEST_NAME = 43
_MOST_DIGITS = 18
_LONGEST_TEXT = 255
_NEEDED = {"Number": ("precision", "scale"), "Text": ("length",), "Picklist": ("valueSet",)}


def create_field(org: Org, body: Mapping[str, Any]) -> str:
    """Make a custom field from ``FullName`` and ``Metadata``, and give its id.

    Raises:
        Refusal: As Salesforce words it.
    """
    if not org.may("CustomizeApplication"):
        raise Refusal(
            403,
            "INSUFFICIENT_ACCESS",
            "You do not have the level of access necessary to perform "
            "the operation you requested. Please contact the owner of the record or your "
            "administrator if access is necessary.",
        )
    owner, _, name = str(body.get("FullName", "")).partition(".")
    metadata = body.get("Metadata") or {}
    objects = org.objects()
    if owner.lower() not in objects or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise Refusal(
            400,
            "FIELD_INTEGRITY_EXCEPTION",
            "Field: bad value for custom field name",
            ("FullName",),
        )
    if name.lower() in objects[owner.lower()].fields:
        raise Refusal(
            400,
            "DUPLICATE_DEVELOPER_NAME",
            f"There is already a field named {name.removesuffix('__c')} on {owner}.",
            ("DeveloperName",),
        )
    _check_metadata(metadata)
    return _store(org, objects[owner.lower()].name, name, metadata)


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    kind = metadata.get("type")
    if kind not in {"Number", "Text", "Picklist", "Date"} or not metadata.get("label"):
        raise Refusal(
            400, "FIELD_INTEGRITY_EXCEPTION", "Must specify a valid type and label", ("type",)
        )
    for name in _NEEDED.get(kind, ()):
        if name not in metadata:
            problem = f"Must specify '{name}' for a CustomField of type {kind}"
            raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", problem, (name,))
    is_long = metadata.get("length", 1) > _LONGEST_TEXT
    if is_long or metadata.get("precision", 1) > _MOST_DIGITS:
        problem = "Field length or precision is out of range"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", problem)


def _store(org: Org, owner: str, name: str, metadata: Mapping[str, Any]) -> str:
    field_id = org.new_id("00N")
    now = org.now()
    named = (field_id, name.removesuffix("__c"), owner, f"{owner}.{name}")
    org.insert(
        "CustomField",
        ("Id", "DeveloperName", "TableEnumOrId", "FullName", "Metadata", *STAMPS),
        [(*named, json.dumps(metadata), now, USER_ID, now, now, USER_ID)],
    )
    declared = column(custom_field(name, dict(metadata)))
    org.db.execute(f'ALTER TABLE "{owner}" ADD COLUMN {declared}')
    return field_id
