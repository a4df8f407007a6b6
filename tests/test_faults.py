"""What enemies, tired admins and unlucky machines do to the whole path.

Runs against the sandbox CRMs over HTTP where an answer matters, else against a list in memory.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from app import connections, pipeline
from app.__main__ import cli
from app.connections import Offer
from app.errors import NotReady
from app.pipeline import Link, Report
from app.security import Vault, new_key
from app.store import tables
from app.store.database import migrate, open_database
from connectors import (
    AuthenticationFailed,
    ExternalId,
    Misconfigured,
    Record,
    Stream,
    Target,
    Unavailable,
)
from connectors._sandbox import Fault, Sandbox, open_state, sandbox_module, sandbox_names, served
from connectors._transport import Transport
from connectors.salesforce.sandbox import levers
from tests.conftest import add_connection
from tests.fakes import NOW, FakeConnector, colleague, contact, email

JSON = (("content-type", "application/json"),)
FIRST_QUESTION = "(GET|POST) .*(query|search|composite$)"


class Tenant:
    """A company with one CRM, in which Ada and Bo wrote to each other, and Tieline beside it."""

    def __init__(self, folder: Path, crm: str) -> None:
        self.crm, self.of = crm, sandbox_module(crm)
        self.sandbox, self.key = Sandbox(open_state(None)), new_key()
        self.vault = Vault(self.key)
        self.database: Engine = open_database(f"sqlite:///{folder}/tieline.db")
        migrate(self.database)
        self.ids = dict(self.of.fill(self.sandbox, history()))
        self.sandbox.clock.advance(timedelta(hours=3))

    def connect(self, credentials: BaseModel) -> None:
        connections.connect(self.database, self.vault, Offer(self.crm, credentials))

    def run(self) -> dict[str, Report]:
        """Run the pipeline once, as the schedule does; gives the report of each stage."""
        with connections.opened(self.database, self.vault) as links:
            reports = pipeline.run(self.database, links, now=self.sandbox.clock.now)
        return {report.stage: report for report in reports}

    def held(self) -> object:
        """Whom the CRM names as Bo's best-connected colleague."""
        bo = self.ids[ExternalId("Bo")]
        return self.of.custom_values(self.sandbox, Target.CONTACT, bo).get("best_colleague")


def history() -> Iterator[Record]:
    now = datetime.now(UTC).replace(microsecond=0)
    for person in (colleague("Ada"), contact("Bo")):
        yield replace(person, modified_at=now - timedelta(days=90))
    for number in range(6):
        sender, to = ("Ada", "Bo") if number % 2 else ("Bo", "Ada")
        at = now - timedelta(days=9 * number + 3)
        yield replace(email(number, sender, to), at=at, modified_at=at)


@pytest.fixture(params=sandbox_names())
def tenant(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tenant]:
    tenant = Tenant(tmp_path, request.param)
    with contextlib.closing(tenant.sandbox.db), served(tenant.of.create_app(tenant.sandbox)) as url:
        tenant.connect(tenant.of.credentials(url))
        yield tenant
    tenant.database.dispose()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(FIRST_QUESTION, 200, b"<html>"), id="a proxy's page"),
        pytest.param(Fault(FIRST_QUESTION, 200, b"[]", JSON), id="a list"),
        pytest.param(Fault(FIRST_QUESTION, 200, b'{"results":[', JSON), id="half an answer"),
        pytest.param(Fault(FIRST_QUESTION, 200, b"\0", JSON), id="a NUL"),
        pytest.param(Fault(FIRST_QUESTION, 204), id="nothing"),
    ],
)
def test_an_answer_that_is_none_is_told_and_loses_nothing(tenant: Tenant, fault: Fault):
    tenant.sandbox.faults.append(replace(fault))
    assert tenant.run()["pull"].status == "paused"
    assert tenant.run()["pull"].status == "ok"
    assert tenant.held() == "Ada"


def test_rows_that_are_no_rows_are_counted_and_stop_no_other(tenant: Tenant):
    rows = {"records": [7, None, []], "results": [7, None, []], "done": True, "total": 3}
    parts = [
        {"referenceId": f"part{at}", "httpStatusCode": 200, "body": rows, "httpHeaders": {}}
        for at in range(5)
    ]
    body = json.dumps({**rows, "compositeResponse": parts}).encode()
    tenant.sandbox.faults.append(Fault(FIRST_QUESTION, 200, body, JSON))
    streams = {"hubspot": 1, "salesforce": len(parts)}[tenant.crm]
    assert tenant.run()["pull"].counts["malformed"] == 3 * streams


def test_a_renewed_refresh_token_is_there_for_the_next_run(tmp_path: Path):
    tenant = Tenant(tmp_path, "salesforce")
    with contextlib.closing(tenant.sandbox.db), served(tenant.of.create_app(tenant.sandbox)) as url:
        levers.rotate_refresh_tokens(tenant.sandbox)
        token = SecretStr(levers.issue_refresh_token(tenant.sandbox))
        tenant.connect(tenant.of.credentials(url).model_copy(update={"refresh_token": token}))
        assert [tenant.run()["pull"].status for _ in range(3)] == ["ok"] * 3
    tenant.database.dispose()


def test_a_command_that_could_not_pull_fails(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    tenant.sandbox.faults.append(Fault(FIRST_QUESTION, 200, b"<html>"))
    monkeypatch.setenv("TIELINE_DATABASE_URL", str(tenant.database.url))
    monkeypatch.setenv("TIELINE_SECRET_KEY", tenant.key)
    monkeypatch.setattr("sys.argv", ["tieline", "run"])
    with pytest.raises(SystemExit) as ended:
        cli()
    assert ended.value.code == 1
    assert "tries again by itself" in capsys.readouterr().err


def test_a_write_whose_answer_was_lost_is_made_once_more_and_then_known(tenant: Tenant):
    lost = Fault("PATCH .*composite|POST .*batch/update", 200, b"[]", JSON, is_after=True)
    tenant.sandbox.faults.append(lost)
    written = []
    for _ in range(3):
        written.append(tenant.run()["write back"].counts.get("written", 0))
        tenant.sandbox.clock.advance(timedelta(minutes=10))
    assert written == [0, 1, 0]
    assert tenant.held() == "Ada"


def test_what_is_sealed_for_one_place_is_not_opened_in_another():
    vault = Vault(new_key())
    sealed = vault.seal(b"secret", "connection/1/credentials")
    with pytest.raises(NotReady):
        vault.open(sealed, "connection/2/credentials")


def test_nothing_is_sent_unencrypted_to_a_known_host():
    transport = Transport("Somewhere", ["*.example"], sleep=lambda _: None)
    with contextlib.closing(transport), pytest.raises(Misconfigured):
        transport.send(httpx.Request("GET", "http://crm.example/"))
    assert transport.calls == 0


FakeRun = Callable[..., dict[str, Report]]


@pytest.fixture
def run(database: Engine) -> FakeRun:
    """Run the pipeline against lists, each of them one connection, on both databases."""
    known: dict[int, int] = {}

    def run(*fakes: FakeConnector, at: datetime = NOW) -> dict[str, Report]:
        for fake in fakes:
            if id(fake) not in known:
                known[id(fake)] = add_connection(database, f"Fake {len(known)}")
        links = [Link(known[id(f)], f"Fake {known[id(f)]}", f, tuple(Stream)) for f in fakes]
        return {r.stage: r for r in pipeline.run(database, links, now=lambda: at)}

    return run


def friends() -> FakeConnector:
    """Ada, Bo, and what they wrote to each other."""
    return FakeConnector(
        [colleague("Ada"), contact("Bo"), email(1, "Ada", "Bo"), email(2, "Bo", "Ada")]
    )


def bo(fake: FakeConnector) -> dict[str, object]:
    """What our fields hold on Bo."""
    return fake.values.get((Target.CONTACT, ExternalId("Bo")), {})


def test_a_contact_without_their_last_activity_is_emptied_once(run: FakeRun):
    fake = friends()
    run(fake)
    fake.records += [replace(email(n, "Ada", "Bo"), is_deleted=True) for n in (1, 2)]
    run(fake)
    assert set(bo(fake).values()) == {None}
    assert run(fake)["write back"].counts["written"] == 0


def test_who_was_deleted_everywhere_is_nobodys_tie(run: FakeRun):
    fake = friends()
    assert run(fake)["score"].counts["ties"] == 1
    fake.records.append(replace(contact("Bo"), is_deleted=True))
    assert run(fake)["score"].counts["ties"] == 0


def test_a_final_refusal_is_tried_again_after_a_week_and_not_before(run: FakeRun):
    fake = friends()
    fake.refused = {ExternalId("Bo")}
    run(fake)
    fake.refused = set()
    assert run(fake, at=NOW + timedelta(hours=11))["write back"].counts["written"] == 0
    assert run(fake, at=NOW + timedelta(days=7))["write back"].counts["written"] == 1


def test_a_crm_that_refuses_the_pull_is_not_written_to(run: FakeRun):
    fake = friends()
    fake.refused = {ExternalId("Bo")}
    run(fake)
    fake.refused, fake.failures = set(), [AuthenticationFailed("The token is refused.")]
    assert run(fake, at=NOW + timedelta(days=7))["pull"].status == "failed"
    assert not fake.writes


def test_a_database_that_refuses_tells_nobodys_address(run: FakeRun, database: Engine):
    with database.begin() as connection:
        connection.execute(text("DROP TABLE claim"))
    with pytest.raises(SQLAlchemyError) as refused:
        run(friends())
    assert "fake.example" not in str(refused.value)


def test_an_answer_without_the_rows_it_promises_is_not_the_end_of_a_stream(tenant: Tenant):
    contacts = "GET .*query|POST .*(0-1|contacts)/search"
    tenant.sandbox.faults.append(Fault(contacts, 200, b'{"message":"Later."}', JSON))
    tenant.run()
    tenant.run()
    assert tenant.held() == "Ada"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((("content-encoding", "gzip"), *JSON), id="what is no gzip"),
        pytest.param((("date", "yesterday"), *JSON), id="a date that is none"),
        pytest.param((("retry-after", "²"),), id="a wait that is none"),
    ],
)
def test_headers_that_lie_put_the_pull_off(tenant: Tenant, headers: tuple[tuple[str, str], ...]):
    status = 200 if JSON[0] in headers else 503
    tenant.sandbox.faults.append(Fault(FIRST_QUESTION, status, b'{"total":0}', headers))
    assert tenant.run()["pull"].status in {"ok", "paused"}


def test_a_crm_that_could_not_be_read_to_the_end_is_not_written_to(run: FakeRun):
    fake = friends()
    fake.refused = {ExternalId("Bo")}
    run(fake)
    fake.refused, fake.failures = set(), [Unavailable("The CRM does not answer.")]
    assert run(fake, at=NOW + timedelta(days=7))["pull"].status == "paused"
    assert not fake.writes


def test_a_run_that_leaves_refused_records_as_they_are_is_not_ok(run: FakeRun):
    fake = friends()
    fake.refused = {ExternalId("Bo")}
    run(fake)
    assert run(fake)["write back"].status == "partial"


def test_contacts_with_one_address_by_mistake_part_when_it_is_corrected(
    run: FakeRun, database: Engine
):
    fake = FakeConnector([contact("Bo", "x@far.example"), contact("Cy", "x@far.example")])
    run(fake)
    fake.records.append(contact("Cy", "cy@far.example"))
    run(fake)
    assert len(set(people_of(database).values())) == 2


def test_an_address_that_was_handed_on_belongs_to_who_has_it_now(run: FakeRun, database: Engine):
    fake = FakeConnector([contact("Bo", "sales@far.example")])
    run(fake)
    fake.records.append(contact("Bo", "bo@far.example"))
    run(fake)
    fake.records.append(contact("Cy", "sales@far.example"))
    run(fake)
    assert len(set(people_of(database).values())) == 2


def test_a_record_merged_before_the_first_pull_belongs_to_who_lives_on(
    run: FakeRun, database: Engine
):
    lost = replace(contact("Old"), is_deleted=True, merged_into=ExternalId("Zed"))
    run(FakeConnector([lost, contact("Zed"), colleague("Ada"), email(1, "Ada", "Old")]))
    assert people_of(database)["Old"] == people_of(database)["Zed"]


def test_a_colleague_who_left_is_not_who_to_ask(run: FakeRun):
    fake = friends()
    fake.records[0] = replace(colleague("Ada"), is_active=False)
    run(fake)
    assert bo(fake).get("route") is None


def people_of(database: Engine) -> dict[str, int | None]:
    """Who stands behind each record."""
    with Session(database) as session:
        return {p.external_id: p.person_id for p in session.exec(select(tables.Profile))}
