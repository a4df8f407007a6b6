"""Our custom fields in HubSpot: properties ``tieline_*`` in a group of their own."""

from collections.abc import Sequence

from connectors._errors import Misconfigured
from connectors._records import Field
from connectors.hubspot.checking import properties
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import GROUP, TARGETS, TYPES, called, from_field
from connectors.hubspot.refusals import complaints

CONFLICT = 409
EXISTS = "PROPERTY_WITH_NAME_EXISTS"
INPUTS_PER_CALL = 100


def create_fields(client: Client, fields: Sequence[Field]) -> Sequence[Field]:
    """Create the properties that are missing; see `Connector.create_fields`.

    An archived property of the same name comes back with its old values. Fields of kinds of
    record that we do not write to in HubSpot (leads) are left out.
    """
    created: set[Field] = set()
    for target, type_id in TARGETS.items():
        wanted = [field for field in fields if field.target is target and not field.called]
        missing = _missing(client, type_id, wanted)
        if missing:
            _create_group(client, type_id)
            _create(client, type_id, missing)
            created.update(missing)
    return [field for field in fields if field in created]


def _missing(client: Client, type_id: str, fields: Sequence[Field]) -> list[Field]:
    if not fields:
        return []
    shown = properties(client, type_id)
    for field in fields:
        found = shown.get(called(field))
        if found is not None and found.get("type") != TYPES[field.type][0]:
            raise Misconfigured(
                f"HubSpot has a property {called(field)} of type {found.get('type')}, not "
                f"{TYPES[field.type][0]}: delete or rename it in HubSpot's settings."
            )
    return [field for field in fields if called(field) not in shown]


def _create_group(client: Client, type_id: str) -> None:
    """Create the group; that it exists already is as good."""
    group = {"name": GROUP, "label": "Tieline", "displayOrder": -1}
    client.ask(client.properties.groups_api.create, type_id, group, accept=(CONFLICT,))


def _create(client: Client, type_id: str, fields: Sequence[Field]) -> None:
    for begin in range(0, len(fields), INPUTS_PER_CALL):
        inputs = [from_field(field) for field in fields[begin : begin + INPUTS_PER_CALL]]
        answer = client.ask(client.properties.batch_api.create, type_id, {"inputs": inputs})
        refused = [c for c in complaints(answer.response) if not c.code.endswith(EXISTS)]
        if refused:
            codes = ", ".join(sorted({complaint.code for complaint in refused}))
            raise Misconfigured(
                f"HubSpot did not create all properties ({codes}): check in its settings "
                "whether the portal may have more of them."
            )
