"""What the database finds of an address is never less than what is looked for."""

import pytest
from sqlalchemy import Engine, literal, select

from app.pipeline.mailboxes import canonical, spellings
from app.store.spelled import Spelled, may_hold

RAW = (
    "Zoe+News@Canary.example",
    "z.o.e+x@GoogleMail.com",
    "zoe@gmail.com",
    "Zoë@canary.example",
    "zoe@müller.example",
    "100%_a/b@x.example",
)


def is_found(database: Engine, text: str, spelled: list[Spelled]) -> bool:
    with database.connect() as connection:
        return bool(connection.execute(select(may_hold(literal(text), spelled))).scalar())


@pytest.mark.parametrize("raw", RAW)
def test_every_spelling_of_an_address_is_found(database: Engine, raw: str) -> None:
    text = f'[["from", null, "{raw}"]]'
    spelled = [Spelled(*one) for one in spellings(canonical(raw))]
    assert is_found(database, text, spelled)


@pytest.mark.parametrize("other", ["zoa@canary.example", "zoe@canary.test", "100xya/b@x.example"])
def test_another_address_is_not(database: Engine, other: str) -> None:
    spelled = [Spelled(*one) for raw in (RAW[0], RAW[5]) for one in spellings(raw)]
    assert not is_found(database, other, spelled)
