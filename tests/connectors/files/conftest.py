"""A folder of files for each test."""

from pathlib import Path

import pytest

from tests.connectors.files.folders import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
