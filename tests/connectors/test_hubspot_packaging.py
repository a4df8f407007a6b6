"""The package of properties is what the connector creates, and its page says how to create it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from app.pipeline.fields import fields
from connectors import Field, FieldState, Verdict, hubspot
from connectors.hubspot.mapping import PLURALS, TARGETS
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import Portal

FIELDS = [field for target in hubspot.TARGETS for field in fields(target)]
PACKAGE = json.loads(hubspot.package(FIELDS)["properties.json"])
README = Path(__file__).parents[2] / "deploy" / "hubspot" / "README.md"
LINE = re.compile(r'jq \.(\S+) properties\.json .* "https://api\.hubapi\.com(/\S+)"')


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """The calls that the page has an admin make: address and body."""
    for kind in PLURALS.values():
        for told, address in LINE.findall(README.read_text(encoding="utf-8")):
            yield address.replace("$type", kind), PACKAGE[told.replace("$type", kind)]


def definition(portal: Portal, field: Field) -> dict[str, Any]:
    name = hubspot.own_name(field.name)
    return dict(levers.definition(portal.sandbox, TARGETS[field.target], name))


def packaged(field: Field) -> dict[str, Any]:
    name = hubspot.own_name(field.name)
    inputs = PACKAGE[PLURALS[field.target]]["inputs"]
    (found,) = (one for one in inputs if one["name"] == name)
    return dict(found)


def test_what_the_connector_creates_is_what_the_package_says(portal: Portal):
    portal.connect().create_fields(FIELDS)
    for field in FIELDS:
        said, held = packaged(field), definition(portal, field)
        options = [one.items() for one in said.pop("options", [])]
        assert {name: held[name] for name in said} == said
        assert len(held.get("options", [])) == len(options)
        assert all(a <= b.items() for a, b in zip(options, held.get("options", []), strict=True))


def test_a_portal_that_was_given_the_package_lacks_nothing(portal: Portal, http: httpx.Client):
    assert {http.post(address, json=body).status_code for address, body in steps()} == {201}
    connector = portal.connect()
    assert {check.state for check in connector.check_fields(FIELDS)} == {FieldState.READY}
    assert list(connector.create_fields(FIELDS)) == []


def test_a_key_that_may_not_create_lacks_nothing_then(portal: Portal, http: httpx.Client):
    for address, body in steps():
        http.post(address, json=body)
    for kind in PLURALS.values():
        levers.revoke_scope(portal.sandbox, f"crm.schemas.{kind}.write")
    connector = portal.connect()
    assert {check.state for check in connector.check_fields(FIELDS)} == {FieldState.READY}
    assert list(connector.create_fields(FIELDS)) == []
    looked = [one for one in connector.examine() if one.about.startswith("Fields of")]
    assert {one.verdict for one in looked} == {Verdict.GOOD}
    assert all("others cannot be created" in one.told for one in looked)


def test_a_batch_is_not_longer_than_hubspot_takes():
    assert {kind: len(PACKAGE[kind]["inputs"]) <= 100 for kind in PLURALS.values()} == (
        dict.fromkeys(PLURALS.values(), True)
    )
