"""Our custom fields in HubSpot: properties ``tieline_*`` in a group of their own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors._errors import Misconfigured
from connectors._records import Field
from connectors.hubspot.checking import Shown, missing_options, properties
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import (
    PLURALS,
    TARGETS,
    TYPES,
    called,
    from_field,
    to_group,
    to_options,
)
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
        shown = properties(client, type_id) if wanted else {}
        missing = _missing(shown, wanted)
        for field in wanted:
            _add_options(client, type_id, field, shown.get(called(field)))
        if missing:
            _create_group(client, type_id)
            _create(client, type_id, missing)
            created.update(missing)
    return [field for field in fields if field in created]


def package(fields: Sequence[Field]) -> Mapping[str, str]:
    """Give the group, and per object type the body of the batch call; see `Module.package`."""
    told: dict[str, object] = {"group": to_group()}
    for target in TARGETS:
        inputs = [from_field(field) for field in fields if field.target is target]
        told[PLURALS[target]] = {"inputs": inputs}
    return {"properties.json": json.dumps(told, indent=2, ensure_ascii=False) + "\n"}


def _add_options(
    client: Client, type_id: str, field: Field, shown: Mapping[str, Any] | None
) -> None:
    """Give a property the options that it lacks, behind those that it has."""
    lacking = missing_options(field, shown) if shown is not None else []
    if shown is None or not lacking:
        return
    options = [*shown["options"], *to_options(lacking, first=len(shown["options"]))]
    api, name = client.properties.core_api, called(field)
    client.ask(api.update, type_id, name, {"options": options})


def _missing(shown: Shown, fields: Sequence[Field]) -> list[Field]:
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
    client.ask(client.properties.groups_api.create, type_id, to_group(), accept=(CONFLICT,))


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
