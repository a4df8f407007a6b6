"""The committed description of the API is the one that the service gives."""

import json
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.main import create_app, openapi_json
from app.settings import Settings

COMMITTED = Path(__file__).parents[1] / "openapi" / "tieline.json"


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi_json(Settings(_env_file=None)))
    return found


def operations() -> list[dict[str, Any]]:
    return [one for path in document()["paths"].values() for one in path.values()]


def test_the_committed_document_is_the_one_the_service_gives():
    now = openapi_json(Settings(_env_file=None))
    assert COMMITTED.read_text(encoding="utf-8") == now, "Run `make openapi`."


def test_the_document_does_not_depend_on_the_settings():
    locked = Settings(_env_file=None, api_key=SecretStr("key"), pull_every_minutes=0)
    assert openapi_json(locked) == openapi_json(Settings(_env_file=None))


def test_the_document_needs_no_database():
    nowhere = Settings(_env_file=None, database_url="sqlite:////nowhere/tieline.db")
    assert create_app(nowhere).openapi()["paths"]


def test_every_operation_has_a_name_of_its_own_that_code_can_carry():
    names = [one["operationId"] for one in operations()]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and len(name) <= 30 for name in names)


def test_every_problem_has_the_media_type_of_problems():
    told = [r for one in operations() for r in one["responses"].values() if "content" in r]
    problems = [r["content"] for r in told if "Problem" in json.dumps(r["content"])]
    assert problems
    assert {kind for content in problems for kind in content} == {"application/problem+json"}
