"""The package that an admin deploys is what the connector creates, in another form."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from app.pipeline.fields import fields
from connectors import Field, Target, salesforce
from connectors._sandbox import Server
from connectors.salesforce.checking import full_name
from connectors.salesforce.mapping import SOBJECTS
from tests.connectors.salesforce_fixtures import open_org

FIELDS = [field for target in salesforce.TARGETS for field in fields(target)]
PACKAGE = salesforce.package(FIELDS)
SOURCE = "force-app/main/default"
DATA = "/services/data/v67.0"
TYPES = {"Number": "double", "Text": "string", "Picklist": "picklist", "Date": "date"}

Leaves = list[tuple[str, str]]


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """The bare API of an org that the connector has given all fields; nothing here changes it."""
    with open_org(server) as org:
        org.connect().create_fields(FIELDS)
        yield org.http()


def parsed(path: str) -> Leaves:
    return list(_of_xml(ET.fromstring(PACKAGE[path].encode())))  # noqa: S314 our own file


def _of_xml(element: ET.Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Give the texts of an element by their paths, in order."""
    for child in element:
        name = f"{path}/{child.tag.partition('}')[2]}"
        yield from _of_xml(child, name) if len(child) else [(name, child.text or "")]


def of_json(value: object, path: str = "") -> Leaves:
    """Give the texts of an answer by their paths, in order."""
    if isinstance(value, Mapping):
        return [leaf for name, one in value.items() for leaf in of_json(one, f"{path}/{name}")]
    if isinstance(value, list):
        return [leaf for one in value for leaf in of_json(one, path)]
    return [(path, str(value).lower() if isinstance(value, bool) else str(value))]


def by_path(leaves: Leaves) -> dict[str, list[str]]:
    return {name: [text for one, text in leaves if one == name] for name, _ in leaves}


def packaged(field: Field) -> dict[str, list[str]]:
    sobject, name = full_name(field).split(".")
    return by_path(parsed(f"{SOURCE}/objects/{sobject}/fields/{name}.field-meta.xml"))


def described(api: httpx.Client, target: Target) -> dict[str, dict[str, Any]]:
    answer = api.get(f"{DATA}/sobjects/{SOBJECTS[target]}/describe").json()
    return {one["name"]: one for one in answer["fields"]}


def query(api: httpx.Client, soql: str, where: str = "query") -> list[dict[str, Any]]:
    return list(api.get(f"{DATA}/{where}", params={"q": soql}).json()["records"])


@pytest.mark.parametrize("target", salesforce.TARGETS)
def test_what_the_org_describes_is_what_the_package_says(api: httpx.Client, target: Target):
    shown = described(api, target)
    for field in fields(target):
        said = packaged(field)
        one = shown[said["/fullName"][0]]
        values = [value["value"] for value in one["picklistValues"]]
        assert [one["label"]] == said["/label"]
        assert one["type"] == TYPES[said["/type"][0]]
        assert [str(one["length"])] == said.get("/length", [str(one["length"])])
        assert str(one["precision"]) == said.get("/precision", ["0"])[0]
        assert values == said.get("/valueSet/valueSetDefinition/value/fullName", [])


def test_what_the_org_holds_of_a_field_is_what_the_package_says(api: httpx.Client):
    soql = "SELECT Id, DeveloperName, TableEnumOrId FROM CustomField"
    rows = query(api, soql, "tooling/query")
    ids = {f"{row['TableEnumOrId']}.{row['DeveloperName']}__c": row["Id"] for row in rows}
    assert set(ids) == set(map(full_name, FIELDS))
    for field in FIELDS:
        answer = api.get(f"{DATA}/tooling/sobjects/CustomField/{ids[full_name(field)]}")
        held = by_path(of_json(answer.json()["Metadata"]))
        said = packaged(field)
        assert {name: held[name] for name in said if name != "/fullName"} == {
            name: texts for name, texts in said.items() if name != "/fullName"
        }


@pytest.mark.parametrize("name", ["Tieline", "Tieline_Viewer"])
def test_a_permission_set_grants_what_the_connectors_own_grants(api: httpx.Client, name: str):
    said = by_path(parsed(f"{SOURCE}/permissionsets/{name}.permissionset-meta.xml"))
    soql = f"SELECT Id, Label, Description FROM PermissionSet WHERE Name = '{name}'"  # noqa: S608 SOQL
    (held,) = query(api, soql)
    assert [held["Label"], held["Description"]] == said["/label"] + said["/description"]
    soql = "SELECT Field, PermissionsRead, PermissionsEdit FROM FieldPermissions"
    soql += f" WHERE ParentId = '{held['Id']}'"
    granted = {
        (row["Field"], *(str(row[f"Permissions{right}"]).lower() for right in ("Read", "Edit")))
        for row in query(api, soql)
    }
    parts = (said[f"/fieldPermissions/{part}"] for part in ("field", "readable", "editable"))
    assert granted == set(zip(*parts, strict=True))


def test_the_manifest_names_every_field_and_both_permission_sets():
    said = by_path(parsed("manifest/package.xml"))
    sets = ["Tieline", "Tieline_Viewer"]
    assert said["/types/members"] == [*sorted(map(full_name, FIELDS)), *sets]
    assert said["/types/name"] == ["CustomField", "PermissionSet"]


def test_what_xml_means_otherwise_is_escaped():
    odd = Field(Target.CONTACT, "odd", "R&D <x>", FIELDS[0].type, "Less < more & more.")
    (text,) = (t for path, t in salesforce.package([odd]).items() if "objects" in path)
    assert "<label>R&amp;D &lt;x&gt;</label>" in text


def test_the_order_in_which_fields_come_changes_nothing():
    assert list(salesforce.package(FIELDS[::-1]).items()) == list(PACKAGE.items())
