"""The command line: what is refused is one sentence, a non-zero exit code, and no change."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from app.store import tables, weights
from app.store.database import migrate, open_database
from connectors import ExternalId, module, names
from connectors._sandbox import Fault, Sandbox, open_state, sandbox_module, sandbox_names, served
from tests.fakes import colleague, contact, email
from tests.shell import Cli

FORBIDDEN = {
    "hubspot": Fault(
        "POST .*0-1/search|POST .*contacts/search",
        403,
        b'{"status":"error","message":"This app hasn\'t been granted all required scopes to make '
        b'this call.","category":"MISSING_SCOPES","errors":[{"message":"One or more of the '
        b'following scopes are required.","context":{"requiredGranularScopes":'
        b'["crm.objects.contacts.read"]}}]}',
        (("content-type", "application/json"),),
        times=9,
    ),
    "salesforce": Fault(
        "GET .*/query|POST .*/composite",
        403,
        b'[{"message":"The REST API is not enabled for this Organization.",'
        b'"errorCode":"API_DISABLED_FOR_ORG"}]',
        (("content-type", "application/json"),),
        times=99,
    ),
}


@dataclass
class Crm:
    """A sandbox CRM, and the values that connect to it on the command line."""

    name: str
    sandbox: Sandbox
    values: list[str]


@pytest.fixture(params=sandbox_names())
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    of, sandbox = sandbox_module(request.param), Sandbox(open_state(None))
    people = [colleague("Ada"), contact("Bo")]
    records = [*people, *(email(n, "Ada", "Bo", days_ago=n + 1) for n in range(3))]
    of.fill(sandbox, [replace(r, id=ExternalId(r.id)) for r in records])
    with contextlib.closing(sandbox.db), served(of.create_app(sandbox)) as url:
        shown = of.credentials(url).model_dump()
        secrets = {
            k: v.get_secret_value() if hasattr(v, "get_secret_value") else v
            for k, v in shown.items()
        }
        yield Crm(request.param, sandbox, [f"{k}={v}" for k, v in secrets.items() if v is not None])


def test_who_disconnects_is_told_what_is_left_to_do_in_the_crm(
    tieline: Cli, crm: Crm, tmp_path: Path
):
    tieline("connect", crm.name, *crm.values)
    answer = tieline("disconnect", "1")
    assert (answer.code, "still" in answer.err) == (0, True)
    assert rows(tmp_path)["connection"] == 0
    assert is_one_sentence(tieline("disconnect", "1").err)


def rows(tmp_path: Path) -> dict[str, int]:
    """How many rows of each kind of record the store holds."""
    database: Engine = open_database(f"sqlite:///{tmp_path}/tieline.db")
    migrate(database)
    kept = (tables.Connection, tables.Profile, tables.Activity, tables.Tie, tables.Owed)
    with database.connect() as connection:
        counts = {
            t.__tablename__: connection.execute(text(f'SELECT count(*) FROM "{t.__tablename__}"'))  # noqa: S608
            for t in kept
        }
        found = {name: result.scalar_one() for name, result in counts.items()}
    database.dispose()
    return found


def is_one_sentence(said: str) -> bool:
    return said.count("\n") == 1 and said.endswith(".\n") and "Traceback" not in said


def test_a_crm_is_connected_and_everything_run(tieline: Cli, crm: Crm, tmp_path: Path):
    assert tieline("connect", crm.name, *crm.values).code == 0
    answer = tieline("run")
    assert (answer.code, answer.err) == (0, "")
    assert rows(tmp_path)["tie"] == 1
    assert "working" in tieline("connections").out


def test_a_wrong_token_is_told_and_nothing_is_kept(tieline: Cli, crm: Crm, tmp_path: Path):
    kept = [v for v in crm.values if not v.startswith(("access_token", "client_secret"))]
    secret = next(v.partition("=")[0] for v in crm.values if v not in kept)
    answer = tieline("connect", crm.name, *kept, f"{secret}=wrong-one")
    assert answer.code == 1
    assert is_one_sentence(answer.err)
    assert "wrong-one" not in answer.err
    assert rows(tmp_path)["connection"] == 0


def test_a_host_where_nobody_answers_is_told(
    tieline: Cli, crm: Crm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr("connectors._transport.FIRST_WAIT_S", 0.0)
    elsewhere = [v.rpartition(":")[0] + ":1" if "://" in v else v for v in crm.values]
    answer = tieline("connect", crm.name, *elsewhere)
    assert answer.code == 1
    assert is_one_sentence(answer.err)
    assert rows(tmp_path)["connection"] == 0


def test_a_host_that_is_not_the_crms_is_refused(tieline: Cli, crm: Crm):
    elsewhere = [
        "=".join((v.partition("=")[0], "https://evil.example")) if "://" in v else v
        for v in crm.values
    ]
    answer = tieline("connect", crm.name, *elsewhere)
    assert answer.code == 1
    assert is_one_sentence(answer.err)


def test_a_missing_permission_is_named_and_nothing_is_kept(tieline: Cli, crm: Crm, tmp_path: Path):
    tieline("connect", crm.name, *crm.values)
    before = rows(tmp_path)
    crm.sandbox.faults.append(replace(FORBIDDEN[crm.name]))
    answer = tieline("run")
    assert answer.code == 1
    assert is_one_sentence(answer.err)
    assert rows(tmp_path) == before
    assert crm.sandbox.faults[0].times < FORBIDDEN[crm.name].times


def test_a_paused_connection_is_left_alone_until_it_is_resumed(tieline: Cli, crm: Crm):
    tieline("connect", crm.name, *crm.values)
    crm.sandbox.faults.append(replace(FORBIDDEN[crm.name]))
    tieline("run")
    crm.sandbox.faults.clear()
    assert "tieline connections" in tieline("run").err
    tieline("resume", "1")
    assert tieline("run").code == 0


def test_the_doctor_says_that_all_is_well_and_calls_nothing_that_writes(tieline: Cli, crm: Crm):
    tieline("connect", crm.name, *crm.values)
    before = len(crm.sandbox.calls)
    answer = tieline("doctor")
    assert (answer.code, "BAD" in answer.out) == (0, False), answer.out
    assert "ok   Sign-in" in answer.out
    asked = {(c.method, c.path) for c in crm.sandbox.calls[before:]}
    assert not [path for method, path in asked if method in {"PUT", "PATCH", "DELETE"}]


def test_the_doctor_says_what_does_not_work_and_looks_at_a_paused_connection(
    tieline: Cli, crm: Crm
):
    tieline("connect", crm.name, *crm.values)
    crm.sandbox.faults.append(replace(FORBIDDEN[crm.name], pattern=".", times=1000))
    tieline("run")
    answer = tieline("doctor", "1")
    assert answer.code == 1
    assert "BAD" in answer.out


def test_an_allowance_is_kept(tieline: Cli, crm: Crm):
    tieline("connect", crm.name, *crm.values)
    assert tieline("allow", "1", "1").code == 0
    answer = tieline("run")
    assert "allowance of 1 calls" in answer.out + answer.err
    tieline("allow", "1")
    assert tieline("run").code == 0


def test_a_secret_can_be_read_from_a_file(tieline: Cli, crm: Crm, tmp_path: Path):
    name, _, secret = next(v for v in crm.values if "token=" in v or "secret=" in v).partition("=")
    (tmp_path / "secret.txt").write_text(secret + "\n")
    others = [v for v in crm.values if not v.startswith(name)]
    assert tieline("connect", crm.name, *others, f"{name}=@{tmp_path}/secret.txt").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("connect", "nowhere"), "There is no connector"),
        (("connect", names()[0]), "Check"),
        (("run",), "tieline connect"),
        (("resume", "7"), "There is no connection 7"),
        (("hook", "7"), "TIELINE_PUBLIC_URL"),
        (("serve", "--host", "0.0.0.0"), "TIELINE_API_KEY"),  # noqa: S104
        (("sandbox", "nowhere"), "There is no sandbox"),
        (("sandbox", sandbox_names()[0], "--world", "none.ndjson"), "none.ndjson cannot be read"),
        (("world", "--out", "no/folder/x.ndjson"), "no/folder/x.ndjson cannot be written"),
        (("score-events", "--in", "none.csv", "--out", "o.csv", "--as-of", "1"), "cannot be read"),
        (("backtest", "--in", "none.csv"), "cannot be read"),
        (("backtest", "--weights", "none"), "none is no preset"),
        (("picture", "person", "1", "--out", "x.svg"), "Nothing is scored yet"),
        (("backtest",), "There is no contact to test on: `tieline run`"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    tieline: Cli, arguments: tuple[str, ...], said: str
):
    answer = tieline(*arguments)
    assert answer.code == 1
    assert is_one_sentence(answer.err)
    assert said in answer.err


def test_an_address_for_deliveries_is_made_once(
    tieline: Cli, crm: Crm, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TIELINE_PUBLIC_URL", "https://tieline.example")
    assert tieline("connect", crm.name, *crm.values).code == 0
    first = tieline("hook", "1")
    assert "address: https://tieline.example/hooks/" in first.out
    assert tieline("hook", "1").out == first.out


@pytest.mark.parametrize("crm", ["salesforce"], indirect=True)
def test_who_is_listened_to_needs_no_public_address(tieline: Cli, crm: Crm):
    assert tieline("connect", crm.name, *crm.values).code == 0
    answer = tieline("hook", "1", "--listen")
    assert (answer.code, answer.err) == (0, "")
    assert "address: none, until TIELINE_PUBLIC_URL is set" in answer.out


def test_without_a_key_nothing_is_kept(tieline: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TIELINE_SECRET_KEY")
    answer = tieline("connect", names()[0])
    assert "tieline new-key" in answer.err
    assert is_one_sentence(answer.err)


def test_a_setting_that_cannot_be_is_named(tieline: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIELINE_PULL_EVERY_MINUTES", "often")
    answer = tieline("migrate")
    assert answer.code == 1
    assert "TIELINE_PULL_EVERY_MINUTES" in answer.err


def test_a_picture_is_drawn_and_told_in_words(tieline: Cli, crm: Crm, tmp_path: Path):
    tieline("connect", crm.name, *crm.values)
    tieline("run")
    answer = tieline("picture", "person", "1", "--out", "ada.svg", "--table")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("ada.svg: Whom ")
    assert "a colleague and a contact" in answer.out
    assert (tmp_path / "ada.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_company_is_made_up_with_its_truth_beside(tieline: Cli, tmp_path: Path):
    answer = tieline("world", "--people", "100", "--out", "acme.ndjson.gz", "--until", "2026-11-01")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("acme.ndjson.gz: ")
    assert {file.name for file in tmp_path.glob("acme*")} == {"acme.ndjson.gz", "acme.truth.json"}


def test_every_crm_says_what_it_needs(tieline: Cli):
    assert all(module(name).Credentials.model_fields for name in names())
    assert tieline("--help").code == 0


def test_a_back_test_of_a_file_is_written_twice_and_told(tieline: Cli, tmp_path: Path):
    days = range(1_700_000_000, 1_740_000_000, 86_400)
    lines = (f"a,b{n % 7},{at},email,1\nb{n % 5},a,{at},email,1\n" for n, at in enumerate(days))
    (tmp_path / "e.csv").write_text("src,dst,timestamp,channel,n_recipients\n" + "".join(lines))
    answer = tieline("backtest", "--in", "e.csv", "--out", "x/test.html", "--as-of", "2025-01-31")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("There is too little history to judge by: of pairs asked about")
    found = json.loads((tmp_path / "x/test.json").read_text(encoding="utf-8"))
    assert found["as_of"] == "2025-01-31T23:59:59+00:00"
    assert found["in_short"][0] in (tmp_path / "x/test.html").read_text(encoding="utf-8")


def test_a_back_test_of_what_a_crm_told_ends_with_the_last_contact(
    tieline: Cli, crm: Crm, tmp_path: Path
):
    tieline("connect", crm.name, *crm.values)
    tieline("run")
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    with Session(database) as session, session.begin():
        weights.choose(
            session, weights.of_numbers({"email": 4.0}), author="Ada", at=datetime.now(UTC)
        )
    database.dispose()
    assert tieline("backtest", "--out", "test.html").code == 0
    found = json.loads((tmp_path / "test.json").read_text(encoding="utf-8"))
    assert found["as_of"][:10] == found["history"]["last"][:10]
    assert found["weights"]["email"] == 4
    assert "Bo" not in (tmp_path / "test.html").read_text(encoding="utf-8")
