"""A connection's life, on both databases."""

import contextlib
import itertools
from collections.abc import Iterator

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from app import connections
from app.connections import Offer
from app.errors import NotFound, NotReady, Unreadable
from app.security import Vault, new_key
from app.store import tables
from connectors import AuthenticationFailed, module
from connectors._sandbox import (
    Fault,
    Sandbox,
    open_state,
    running,
    sandbox_module,
    sandbox_names,
    served,
)
from tests.conftest import Run
from tests.fakes import FakeConnector, colleague, contact, email
from tests.hands import HANDS


@pytest.fixture
def vault() -> Vault:
    return Vault(new_key())


@pytest.fixture(params=sandbox_names())
def offer(request: pytest.FixtureRequest) -> Iterator[Offer]:
    of, sandbox = sandbox_module(request.param), Sandbox(open_state(None))
    of.fill(sandbox, [colleague("Ada")])
    with contextlib.closing(sandbox.db), served(of.create_app(sandbox)) as url:
        yield Offer(request.param, of.credentials(url))


def secrets_of(credentials: BaseModel) -> list[str]:
    values = credentials.model_dump().values()
    return [v.get_secret_value() for v in values if isinstance(v, SecretStr)]


def test_credentials_are_kept_sealed(database: Engine, vault: Vault, offer: Offer):
    connections.connect(database, vault, offer)
    with Session(database) as session:
        sealed = session.exec(select(tables.Connection.credentials)).one()
    assert isinstance(offer.credentials, BaseModel)
    assert all(secret.encode() not in sealed for secret in secrets_of(offer.credentials))


def test_the_same_org_again_is_the_same_connection(database: Engine, vault: Vault, offer: Offer):
    first = connections.connect(database, vault, offer)
    assert connections.connect(database, vault, offer) == first


def test_credentials_sealed_with_another_key_are_told(database: Engine, vault: Vault, offer: Offer):
    connections.connect(database, vault, offer)
    with (
        pytest.raises(NotReady, match="TIELINE_SECRET_KEY"),
        connections.opened(database, Vault(new_key())),
    ):
        pass


def test_credentials_of_one_connection_do_not_open_another(vault: Vault):
    sealed = vault.seal(b"secret", "connection/1/credentials")
    with pytest.raises(NotReady):
        vault.open(sealed, "connection/2/credentials")


def test_what_is_refused_is_not_kept(database: Engine, vault: Vault, offer: Offer):
    assert isinstance(offer.credentials, BaseModel)
    wrong = {
        k: "wrong" if isinstance(v, SecretStr) else v
        for k, v in offer.credentials.model_dump().items()
    }
    with pytest.raises(AuthenticationFailed):
        connections.connect(database, vault, Offer(offer.crm, wrong))
    with Session(database) as session:
        assert session.exec(select(tables.Connection)).all() == []


def test_a_missing_credential_is_named(database: Engine, vault: Vault):
    with pytest.raises(Unreadable):
        connections.connect(database, vault, Offer(sandbox_names()[0], {}))


def test_a_paused_connection_is_not_opened(database: Engine, vault: Vault, offer: Offer):
    connection = connections.connect(database, vault, offer)
    with Session(database) as session, session.begin():
        session.get_one(tables.Connection, connection).paused = "Refused."
    with connections.opened(database, vault) as links:
        assert links == []
    connections.resume(database, connection)
    with connections.opened(database, vault) as links:
        assert len(links) == 1


def test_what_was_refused_is_tried_again_on_resume(database: Engine, run: Run, connection_id: int):
    fake = FakeConnector([colleague("Ada"), contact("Bo"), email(1, "Ada", "Bo")])
    fake.refused = {"Bo"}
    run(fake)
    fake.refused = set()
    connections.resume(database, connection_id)
    *_, report = run(fake)
    assert report.counts["written"] == 1


def test_disconnecting_forgets_what_was_known_from_it_alone(
    database: Engine, run: Run, connection_id: int
):
    mine = FakeConnector([colleague("Ada"), contact("Bo"), email(1, "Ada", "Bo")])
    other = FakeConnector([colleague("Ada"), contact("Cy"), email(1, "Ada", "Cy")])
    run(mine, other)
    connections.disconnect(database, connection_id)
    with Session(database) as session:
        kept = (tables.Person, tables.Profile, tables.Interaction, tables.Claim)
        counts = [session.exec(select(func.count()).select_from(t)).one() for t in kept]
        assert counts == [2, 2, 1, 2]


@pytest.mark.parametrize("name", sandbox_names())
def test_who_is_asked_to_forget_us_lets_us_in_no_more(database: Engine, vault: Vault, name: str):
    with running(name) as crm:
        offered = HANDS[name].rotating(crm)
        connection_id = connections.connect(database, vault, Offer(name, offered))
        with connections.opened_one(database, vault, connection_id) as link:
            link.connector.identify()
        assert connections.revoke(database, vault, connection_id) == ""
        asked = len(crm.sandbox.calls)
        assert connections.revoke(database, vault, connection_id) == ""
        assert len(crm.sandbox.calls) == asked + 1
        HANDS[name].expire(crm.sandbox)
        forget_token(database)
        with (
            connections.opened_one(database, vault, connection_id) as link,
            pytest.raises(AuthenticationFailed),
        ):
            link.connector.identify()


def test_a_crm_that_does_not_forget_us_is_told_of(database: Engine, vault: Vault):
    with running("salesforce") as crm:
        offered = HANDS["salesforce"].rotating(crm)
        connection_id = connections.connect(database, vault, Offer("salesforce", offered))
        refusal = b'{"error":"unsupported_token_type"}'
        crm.sandbox.faults.append(Fault("revoke", 400, refusal))
        left = connections.revoke(database, vault, connection_id)
    assert "answered 400" in left
    assert left.endswith("Take the app or its key away in Salesforce yourself.")


def forget_token(database: Engine) -> None:
    with Session(database) as session, session.begin():
        session.exec(select(tables.Connection)).one().token = b""


def test_where_there_is_nothing_to_give_back_it_is_told(
    database: Engine, vault: Vault, offer: Offer
):
    connection_id = connections.connect(database, vault, offer)
    left = connections.revoke(database, vault, connection_id)
    assert "still" in left
    assert module(offer.crm).TITLE in left


@pytest.mark.parametrize("name", sandbox_names())
def test_a_crm_that_does_not_answer_is_asked_once(database: Engine, vault: Vault, name: str):
    with running(name) as crm:
        offered = HANDS[name].rotating(crm)
        connection_id = connections.connect(database, vault, Offer(name, offered))
        crm.sandbox.faults.append(Fault("revoke", 503, times=9))
        asked = len(crm.sandbox.calls)
        left = connections.revoke(database, vault, connection_id)
        assert len(crm.sandbox.calls) == asked + 1
    assert "does not answer" in left
    assert "does not answer" in connections.revoke(database, vault, connection_id)
    assert "TIELINE_SECRET_KEY" in connections.revoke(database, Vault(new_key()), connection_id)
    connections.disconnect(database, connection_id)


def test_there_is_no_connection_that_never_was(database: Engine):
    with pytest.raises(NotFound):
        connections.disconnect(database, 7)


def test_no_two_keys_are_alike():
    keys = [new_key() for _ in range(3)]
    assert all(one != other for one, other in itertools.combinations(keys, 2))
