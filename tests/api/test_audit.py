"""What programs and commands change stands in the audit log."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from app import signing_in
from app.security import Role
from app.signing_in import Visitor
from app.store import audit
from app.store.database import open_database
from tests.api.filled import Filled
from tests.shell import Cli


def told(database: Engine) -> list[tuple[str, str, dict[str, str]]]:
    with Session(database) as session:
        return [(one.actor, one.what, one.after) for one in audit.every(session)]


def test_what_a_program_changed_is_kept_with_its_key(own: Filled, own_client: TestClient):
    owner = Visitor(Role.OWNER, "ada")
    key = signing_in.add_key(own.database, owner, "Warehouse", Role.ADMIN)
    own_client.headers["Authorization"] = f"Bearer {key}"
    assert own_client.post("/v1/connections/1/resume").status_code == 200
    assert told(own.database)[1:] == [
        (f"key {key[:12]}", "api.resumeConnection", {"connection_id": "1"})
    ]


def test_what_was_only_looked_at_or_refused_is_not(own: Filled, own_client: TestClient):
    assert own_client.get("/v1/connections").status_code == 200
    assert own_client.post("/v1/connections/77/resume").status_code == 404
    assert told(own.database) == []


def test_a_key_that_was_never_made_opens_nothing_where_none_is_asked_for(own_client: TestClient):
    own_client.headers["Authorization"] = "Bearer tieline_made-up"
    assert own_client.get("/v1/connections").status_code == 401


def test_another_site_cannot_have_a_browser_ask_where_no_key_is_asked_for(own_client: TestClient):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert own_client.post("/v1/connections/1/resume", headers=headers).status_code == 403


def test_a_viewers_key_changes_nothing(own: Filled, own_client: TestClient):
    owner = Visitor(Role.OWNER, "ada")
    key = signing_in.add_key(own.database, owner, "Wall", Role.VIEWER)
    own_client.headers["Authorization"] = f"Bearer {key}"
    assert own_client.post("/v1/connections/1/resume").status_code == 403


def test_what_a_command_changed_is_kept(tieline: Cli, tmp_path: Path):
    folder = tmp_path / "mail"
    folder.mkdir()
    tieline("connect", "files", f"folder={folder}", "own=x.example")
    tieline("allow", "1", "500")
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    with Session(database) as session:
        kept = [(one.actor, one.what, one.subject) for one in audit.every(session)]
    database.dispose()
    assert kept[-1] == ("command line", "allowance.set", "1")
