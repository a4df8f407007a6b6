"""The packages of custom fields that are committed are the ones that the table makes."""

from pathlib import Path

import pytest

from connectors import module, names
from tests.shell import Cli

DEPLOY = Path(__file__).parents[1] / "deploy"
FOLDERS = {"hubspot": DEPLOY / "hubspot", "salesforce": DEPLOY / "salesforce" / "custom-fields"}


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, but for the page that tells how to use it."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("crm", FOLDERS)
def test_the_committed_package_is_the_one_that_the_table_makes(
    tieline: Cli, tmp_path: Path, crm: str
):
    assert tieline("package", crm, str(tmp_path)).code == 0
    assert files(FOLDERS[crm]) == files(tmp_path), "Run `make packages`."


def test_every_crm_that_is_written_to_has_a_package():
    assert set(FOLDERS) == {name for name in names() if module(name).TARGETS}


def test_a_source_that_takes_no_fields_says_so(tieline: Cli, tmp_path: Path):
    answer = tieline("package", "files", str(tmp_path))
    assert (answer.code, answer.err) == (
        1,
        "Files takes no custom fields: there is nothing to create.\n",
    )
    assert files(tmp_path) == {}


def test_a_folder_that_cannot_be_written_is_told(tieline: Cli, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.touch()
    answer = tieline("package", "hubspot", str(taken))
    assert (answer.code, "taken cannot be written" in answer.err) == (1, True)
