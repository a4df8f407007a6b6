"""Custom fields: describe, create what is missing, and permit it, or it stays invisible.

A field that was just made is in no describe, query or update until a permission set that our user
holds grants it. Each step looks first and does only what lacks, so that a run that lost its way
half-way is mended by the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simple_salesforce.format import format_soql

from connectors._errors import ConnectorError, Misconfigured, PermissionMissing
from connectors._records import Field, FieldType
from connectors.salesforce import tooling
from connectors.salesforce.batches import save_all
from connectors.salesforce.checking import (
    TYPES,
    Shown,
    describe,
    full_name,
    is_short,
    key,
    missing_options,
)
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import SOBJECTS
from connectors.salesforce.refusals import is_duplicate
from connectors.salesforce.saving import MOST_ROWS


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set that grants Tieline's fields.

    Attributes:
        is_ours: Edits, and is assigned to our user; otherwise it reads, and an admin assigns it.
    """

    name: str
    label: str
    description: str
    is_ours: bool

    @property
    def rights(self) -> dict[str, bool]:
        """What it allows with each field, as ``FieldPermissions`` has it."""
        return {"PermissionsRead": True, "PermissionsEdit": self.is_ours}


WRITERS = PermissionSet(
    "Tieline", "Tieline", "Lets the integration user write Tieline's fields.", is_ours=True
)
READERS = PermissionSet(
    "Tieline_Viewer",
    "Tieline Viewer",
    "Shows Tieline's fields. Assign it to everybody who should see them.",
    is_ours=False,
)
PERMISSION_SETS = (WRITERS, READERS)

_MOST_DIGITS = 18


def create_fields(client: Client, fields: Sequence[Field]) -> Sequence[Field]:
    """Create and permit custom fields; see `Connector.create_fields`."""
    ours = [field for field in fields if not field.called]
    shown = _describe(client, ours)
    _check_types(ours, shown)
    unusable = [field for field in ours if not _is_usable(field, shown)]
    _grow(client, [field for field in ours if _is_outgrown(field, shown)])
    if not unusable:
        return []
    created = [f for f in unusable if key(f) not in shown and _create(client, f)]
    _permit(client, unusable)
    shown = _describe(client, unusable)
    _check_types(unusable, shown)
    _check_usable(unusable, shown)
    return created


def _is_outgrown(field: Field, shown: Shown) -> bool:
    found = shown.get(key(field))
    return found is not None and (is_short(field, found) or bool(missing_options(field, found)))


def _grow(client: Client, fields: Sequence[Field]) -> None:
    """Give fields the length and the values that they lack; what an admin changed stays."""
    ids = tooling.defined(client, map(full_name, fields)) if fields else {}
    for field in fields:
        if full_name(field) in ids:
            field_id = ids[full_name(field)]
            grown = _grown(field, tooling.definition(client, field_id))
            tooling.define(client, field_id, grown)


def _grown(field: Field, known: Mapping[str, Any]) -> dict[str, Any]:
    wanted = metadata(field)
    if field.type is not FieldType.PICKLIST:
        return {**known, "length": wanted["length"]}
    values = known["valueSet"]["valueSetDefinition"]["value"]
    there = {str(value["fullName"]) for value in values}
    added = [_option(option) for option in field.options if option not in there]
    definition = {**known["valueSet"]["valueSetDefinition"], "value": [*values, *added]}
    return {**known, "valueSet": {**known["valueSet"], "valueSetDefinition": definition}}


def _option(value: str) -> dict[str, object]:
    return {"fullName": value, "label": value, "default": False}


def _describe(client: Client, fields: Iterable[Field]) -> Shown:
    return describe(client, (field.target for field in fields))


def metadata(field: Field) -> dict[str, object]:
    """Give the ``Metadata`` of a field, for the Tooling API and for the files of a package."""
    common: dict[str, object] = {
        "label": field.label,
        "description": field.description,
        "inlineHelpText": field.description[:255],
        "required": False,
    }
    match field.type:
        case FieldType.NUMBER:
            digits = min(field.length, _MOST_DIGITS)
            return common | {"type": "Number", "precision": digits, "scale": 0}
        case FieldType.TEXT:
            return common | {"type": "Text", "length": field.length}
        case FieldType.DATE:
            return common | {"type": "Date"}
    definition = {"sorted": False, "value": [_option(value) for value in field.options]}
    return common | {
        "type": "Picklist",
        "valueSet": {"restricted": True, "valueSetDefinition": definition},
    }


def _is_usable(field: Field, shown: Shown) -> bool:
    return bool(shown.get(key(field), {}).get("updateable"))


def _check_types(fields: Iterable[Field], shown: Shown) -> None:
    for field in fields:
        found = shown.get(key(field))
        if found is not None and found["type"] not in TYPES[field.type]:
            raise Misconfigured(
                f"{full_name(field)} exists in Salesforce as a {found['type']} and not as a "
                f"{field.type}: rename or delete it, then let Tieline create it."
            )


def _check_usable(fields: Iterable[Field], shown: Shown) -> None:
    missing = [full_name(field) for field in fields if not _is_usable(field, shown)]
    if missing:
        raise PermissionMissing(
            f"Salesforce still does not let us write {', '.join(missing)}: give the integration "
            f"user edit access to it through the permission set {WRITERS.name}."
        )


def _create(client: Client, field: Field) -> bool:
    """Create a field; False where it exists already and was only invisible."""
    try:
        tooling.create_field(client, full_name(field), metadata(field))
    except PermissionMissing as error:
        raise PermissionMissing(
            f"Salesforce does not let us create {full_name(field)}: give the integration user "
            "the permission Customize Application, or create the field by hand."
        ) from error
    except ConnectorError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def _permit(client: Client, fields: Sequence[Field]) -> None:
    """Grant fields to our user, and to those who are to see them, through permission sets."""
    try:
        for wanted in PERMISSION_SETS:
            permission_set = _find_or_create(client, wanted)
            _grant(client, permission_set, wanted, fields)
            if wanted.is_ours:
                _assign(client, permission_set)
    except PermissionMissing as error:
        raise PermissionMissing(
            "Salesforce does not let us make Tieline's fields visible: give the integration user "
            "the permission Manage Profiles and Permission Sets, or create the permission set "
            f"{WRITERS.name} by hand with edit access to them."
        ) from error


def _find_or_create(client: Client, wanted: PermissionSet) -> str:
    soql = format_soql("SELECT Id FROM PermissionSet WHERE Name = {}", wanted.name)
    found = client.query("to look for the permission set", soql).rows
    if found:
        return str(found[0]["Id"])
    values = {"Name": wanted.name, "Label": wanted.label, "Description": wanted.description}
    return client.create("to create the permission set", "PermissionSet", values)


def _grant(
    client: Client, permission_set: str, wanted: PermissionSet, fields: Sequence[Field]
) -> None:
    """Grant what is not granted yet; a right to edit that was lost is given back to us."""
    soql = format_soql(
        "SELECT Id, Field, PermissionsEdit FROM FieldPermissions WHERE ParentId = {}",
        permission_set,
    )
    rows = client.query("to look for field permissions", soql).rows
    known = {str(row["Field"]).lower(): row for row in rows}
    added, changed = [], []
    for field in fields:
        row = known.get(full_name(field).lower())
        if row is None:
            target = {"ParentId": permission_set, "SobjectType": SOBJECTS[field.target]}
            name = {"Field": full_name(field)}
            added.append({**_record("FieldPermissions"), **target, **name, **wanted.rights})
        elif wanted.is_ours and row["PermissionsEdit"] is not True:
            changed.append({"id": row["Id"], **_record("FieldPermissions"), **wanted.rights})
    _save(client, "POST", added)
    _save(client, "PATCH", changed)


def _record(name: str) -> dict[str, object]:
    return {"attributes": {"type": name}}


def _save(client: Client, method: str, records: list[dict[str, object]]) -> None:
    """Save set-up records; one that is refused shows in the describe that follows."""
    for begin in range(0, len(records), MOST_ROWS):
        save_all(client, "to grant Tieline's fields", method, records[begin : begin + MOST_ROWS])


def _assign(client: Client, permission_set: str) -> None:
    user = client.sign_in().user_id
    soql = format_soql(
        "SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = {} AND AssigneeId = {}",
        permission_set,
        user,
    )
    if client.query("to look for the permission set's users", soql).rows:
        return
    values = {"AssigneeId": user, "PermissionSetId": permission_set}
    client.create("to assign the permission set", "PermissionSetAssignment", values)
