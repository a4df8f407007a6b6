"""From a folder of files to scores over the API, on the command line, with no CRM at all."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.api.asking import asking
from tests.connectors.files.folders import Folder, mail
from tests.connectors.files.test_tables import CONNECTIONS
from tests.shell import Cli


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
    listed = CONNECTIONS.replace("Bo-Holm,,", "Bo-Holm,bo@far.example,")
    folder.put("ada@near.example/Connections.csv", listed)
    return folder


def test_a_folder_of_files_becomes_scores(tieline: Cli, files: Folder, tmp_path: Path):
    connected = tieline("connect", "files", f"folder={files.path.name}", "own=near.example")
    assert "connection 1" in connected.out, connected.err
    told = tieline("run")
    assert (told.code, "failed" in told.out, "write back" in told.out) == (0, False, False)
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/tieline.db",
        secret_key=SecretStr(""),
        pull_every_minutes=0,
    )
    with asking(create_app(settings)) as client:
        (bo,) = client.get("/v1/people", params={"search": "bo@far.example"}).json()["items"]
        card = client.get(f"/v1/people/{bo['id']}/scores").json()
        assert bo["name"] == "Bo Holm"
        assert (card["best"]["other"]["name"], card["best"]["band"]) == ("Ada Lund", "strong")
        (cy,) = client.get("/v1/people", params={"search": "cy@far.example"}).json()["items"]
        ada = card["best"]["other"]["id"]
        found = client.get("/v1/routes", params={"asker": ada, "person": cy["id"]}).json()
        assert (found["routes"], found["linked"][0]["colleague"]["id"]) == ([], ada)
        direct = client.get("/v1/routes", params={"asker": ada, "person": bo["id"]}).json()
        assert direct["direct"]["linked_since"] == "2021-03-05"
        evidence = client.get("/v1/communities").json()["evidence"]
        assert ("connected on LinkedIn", 2) in {(e["evidence"], e["edges"]) for e in evidence}
        assert client.get(f"/v1/people/{ada}/position").json()["linked"] == 2
        assert client.get("/v1/connections").json()["items"][0]["crm"] == "files"
    assert "0.mbox: Mail (mbox): 40 rows" in tieline("doctor").out
    assert "partial" not in tieline("run").out
