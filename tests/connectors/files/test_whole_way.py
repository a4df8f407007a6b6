"""From a folder of files to scores over the API, on the command line, with no CRM at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.__main__ import cli
from app.main import create_app
from app.security import new_key
from app.settings import Settings
from tests.connectors.files.folders import Folder, mail
from tests.connectors.files.test_tables import CONNECTIONS

Cli = Callable[..., str]


def there_and_back(at: datetime) -> bytes:
    """A mail of Ada to Bo, and his answer."""
    date, bo, ada = format_datetime(at), "Bo Holm <bo@far.example>", "Ada Lund <ada@near.example>"
    return mail(2 * at.day + at.month * 100, Date=date, To=bo) + mail(
        2 * at.day + 1 + at.month * 100, Date=date, From=bo, To=ada
    )


@pytest.fixture
def files(tmp_path: Path) -> Folder:
    """Mail there and back between Ada of near.example and Bo, every week of last year."""
    folder = Folder(tmp_path / "our files")
    now = datetime.now(UTC)
    for half in range(2):
        weeks = [now - timedelta(days=7 * n + 2) for n in range(half, 40, 2)]
        folder.put(f"{half}.mbox", b"".join(there_and_back(at) for at in weeks))
    folder.put("linkedin/Connections.csv", CONNECTIONS)
    return folder


@pytest.fixture
def tieline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Cli:
    """Run a command as a shell would; gives what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIELINE_DATABASE_URL", f"sqlite:///{tmp_path}/tieline.db")
    monkeypatch.setenv("TIELINE_SECRET_KEY", new_key())
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["tieline", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli()
        told = capsys.readouterr()
        assert not ended.value.code, told.err
        return told.out

    return run


def test_a_folder_of_files_becomes_scores(tieline: Cli, files: Folder, tmp_path: Path):
    assert "connection 1" in tieline(
        "connect", "files", f"folder={files.path.name}", "own=near.example"
    )
    told = tieline("run")
    assert "failed" not in told
    assert "write back" not in told
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/tieline.db",
        secret_key=SecretStr(""),
        pull_every_minutes=0,
    )
    with TestClient(create_app(settings)) as client:
        (bo,) = client.get("/v1/people", params={"search": "bo@far.example"}).json()["items"]
        card = client.get(f"/v1/people/{bo['id']}/scores").json()
        assert bo["name"] == "Bo Holm"
        assert (card["best"]["other"]["name"], card["best"]["band"]) == ("Ada Lund", "strong")
        assert client.get("/v1/connections").json()["items"][0]["crm"] == "files"
    assert "0.mbox: Mail (mbox): 40 rows" in tieline("doctor")
    assert "partial" not in tieline("run")
