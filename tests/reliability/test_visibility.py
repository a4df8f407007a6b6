"""What is shown to us without a word: it is there within a week, whatever its dates say."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors import ExternalId
from connectors._sandbox import Sandbox
from tests.fakes import contact, email
from tests.reliability.following import Following, person


def _in_salesforce(crm: Sandbox, one: ExternalId, *, is_shown: bool) -> None:
    table = {"003": "Contact", "00T": "Task"}[one[:3]]
    crm.db.execute(f'UPDATE "{table}" SET "IsDeleted" = ? WHERE "Id" = ?', (not is_shown, one))  # noqa: S608 ours


def _in_hubspot(crm: Sandbox, one: ExternalId, *, is_shown: bool) -> None:
    kind, _, number = one.partition(":")
    query = "UPDATE objects SET archived = ? WHERE type = ? AND id = ?"
    crm.db.execute(query, (not is_shown, kind, number))


Show = Callable[..., None]
SHOW: Mapping[str, Show] = {"hubspot": _in_hubspot, "salesforce": _in_salesforce}
"""Takes a record out of our sight, or gives it back, without a new date."""


def a_week_later(following: Following) -> Mapping[str, int]:
    following.pass_time(days=8)
    return following.run().counts


def test_a_record_of_old_dates_that_is_shared_with_us_is_read(following: Following):
    following.run()
    long_ago = following.crm.sandbox.clock.now() - timedelta(days=400)
    cy = replace(person(contact, "Cy"), modified_at=long_ago)
    ids = following.crm.put([cy])
    mail = email(99, following.id_of("Ada"), ids[cy.id])
    following.crm.put([replace(mail, at=long_ago, modified_at=long_ago)])
    following.pass_time(hours=1)
    assert following.run().counts["changed"] == 0
    assert a_week_later(following)["missed"] == 2
    following.check()
    assert "missed" not in a_week_later(following)


@pytest.mark.parametrize("which", ["Bo1", "email 3"])
def test_what_was_taken_for_gone_comes_back(following: Following, which: str):
    following.run()
    one = following.crm.ids[ExternalId(which)]
    show = SHOW[following.crm.name]
    show(following.crm.sandbox, one, is_shown=False)
    assert a_week_later(following)["vanished"] == 1
    show(following.crm.sandbox, one, is_shown=True)
    assert a_week_later(following)["missed"] == 1
    following.check()
    assert "missed" not in a_week_later(following)


def test_what_the_crm_says_is_deleted_is_not_asked_for(following: Following):
    following.run()
    following.hands.delete(following.crm.sandbox, following.id_of("Bo1"))
    following.hands.merge(following.crm.sandbox, following.id_of("Bo2"), following.id_of("Bo3"))
    following.run()
    a_week_later(following)
    assert "missed" not in a_week_later(following)
    following.check()
