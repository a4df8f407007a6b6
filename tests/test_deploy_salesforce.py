"""What is deployed to Salesforce: well-formed, and with the signature that we take."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

import pytest

from connectors.salesforce.hints import SIGNATURE, STAMP

FOLDER = Path(__file__).parents[1] / "deploy" / "salesforce"
FILES = sorted(FOLDER.rglob("*-meta.xml"))
SOURCE = (FOLDER / "force-app/main/default/classes/TielineNotify.cls").read_text(encoding="utf-8")


def roots(file: Path) -> Iterator[str]:
    """The elements of a file, the outermost first."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    parser.Parse(file.read_bytes(), True)  # noqa: FBT003 the parser's own: this is all
    yield from names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_well_formed_and_of_the_kind_that_its_name_says(file: Path):
    kinds = {"site": "RemoteSiteSetting", "cls": "ApexClass", "object": "CustomObject"}
    kinds |= {"field": "CustomField", "flow": "Flow", "workflow": "Workflow"}
    kinds |= {"permissionset": "PermissionSet"}
    ending = file.name.removesuffix("-meta.xml").rpartition(".")[2].removeprefix("remote").lower()
    first = next(roots(file))
    assert first == f"http://soap.sforce.com/2006/04/metadata {kinds[ending]}"


def test_every_class_has_its_description_and_every_flow_is_a_draft():
    classes = {file.stem for file in FOLDER.rglob("*.cls")}
    assert classes == {f.name.removesuffix(".cls-meta.xml") for f in FOLDER.rglob("*.cls-meta.xml")}
    flows = [f.read_text(encoding="utf-8") for f in FOLDER.rglob("*.flow-meta.xml")]
    assert flows
    assert all("<status>Draft</status>" in flow for flow in flows)


def test_the_class_signs_as_we_take_it():
    headers = {name.lower() for name in re.findall(r"setHeader\('([\w-]+)'", SOURCE)}
    assert {SIGNATURE, STAMP} <= headers
    assert "Blob.valueOf(stamp + '.' + body)" in SOURCE
    assert re.findall(r"'(org|records|object|id)' =>", SOURCE) == ["object", "id", "org", "records"]


def test_nothing_that_people_wrote_is_told():
    messages = [f.read_text(encoding="utf-8") for f in FOLDER.rglob("*.workflow-meta.xml")]
    assert [re.findall("<fields>(.*?)</fields>", one) for one in messages] == [["Id"]]
