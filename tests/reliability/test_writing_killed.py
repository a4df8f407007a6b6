"""W3: killed while writing, before any statement: every value arrives, and few calls are repeated.

A few statements, spread over the run, are tried; all of them with ``TIELINE_KILLS=1000``.
"""

import os
import re
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, select

from app import connections, pipeline, writing
from app.store import chosen, tables
from app.store.asked import ASKED
from connectors import Target
from tests.fakes import contact, email
from tests.reliability.following import Following
from tests.reliability.killed_writing import die

STEP = max(1, 90 // int(os.environ.get("TIELINE_KILLS", "3")))
CONTACTS = 5
CHANGES = r"PATCH .*/sobjects|/batch/update"
"""Calls that change records, one at a time here."""


def talk(following: Following) -> None:
    """Have people of another company and Ada write to each other."""
    following.put(*(contact(f"Cy{n}") for n in range(CONTACTS)))
    for n in range(2 * CONTACTS):
        cy = following.id_of(f"Cy{n % CONTACTS}")
        mail = email(1000 + n, *(cy, following.id_of("Ada"))[:: 1 if n < CONTACTS else -1])
        at = following.crm.sandbox.clock.now() - timedelta(days=2 + n)
        following.put(replace(mail, at=at))
    following.pass_time(hours=3)


def some(following: Following, *only: str) -> None:
    """Run some stages here."""
    with connections.opened(following.database, following.vault) as links:
        pipeline.run(following.database, links, only=only, now=following.now)


def killed_again_and_again(following: Following, stage: str) -> int:
    """Run a stage in other processes until one lives to the end; gives how many did not."""
    url, kills = following.database.url.render_as_string(hide_password=False), 0
    while die(url, following.key, 1 + STEP * (1 + kills), stage):
        kills += 1
    return kills


def holds(following: Following) -> dict[str, dict[str, object]]:
    """What the CRM holds in our fields."""
    found = {}
    for n in range(CONTACTS):
        one = following.id_of(f"Cy{n}")
        held = following.crm.of.custom_values(following.crm.sandbox, Target.CONTACT, one)
        found[str(one)] = {name: str(value) for name, value in held.items() if value is not None}
    return found


def wanted(following: Following) -> dict[str, dict[str, object]]:
    """What it should hold."""
    with Session(following.database) as session:
        rows = session.exec(select(tables.Owed).where(tables.Owed.target == "contact")).all()
    return {
        row.external_id: {n: str(v) for n, v in row.wanted.items() if v is not None} for row in rows
    }


def updates(following: Following, since: int) -> int:
    """How many calls that change records were made since."""
    told = [f"{call.method} {call.path}" for call in following.crm.sandbox.calls[since:]]
    return len([call for call in told if re.search(CHANGES, call)])


def test_w3_a_write_back_killed_again_and_again_loses_nothing(following: Following):
    talk(following)
    some(following, "pull", "resolve", "score")
    before = len(following.crm.sandbox.calls)
    kills = killed_again_and_again(following, "write back")
    assert kills >= 2
    assert holds(following) == wanted(following)
    assert CONTACTS <= updates(following, before) <= CONTACTS + kills
    since = len(following.crm.sandbox.calls)
    some(following, "write back")
    assert updates(following, since) == 0


def test_w3_values_of_a_killed_run_are_never_taken_for_a_persons(following: Following):
    talk(following)
    with Session(following.database) as session, session.begin():
        for name in ("strength", "band", "best_colleague", "last_touch"):
            chosen.keep(session, following.connection_id, ("contact", name), policy="respect")
    some(following, "pull", "resolve", "score")
    killed_again_and_again(following, "write back")
    assert holds(following) == wanted(following)
    with Session(following.database) as session:
        assert not [row.theirs for row in session.exec(select(tables.Owed)) if row.theirs]


def test_w11_an_undo_killed_again_and_again_takes_everything_back_once(following: Following):
    talk(following)
    some(following, "pull", "resolve", "score", "write back")
    with Session(following.database) as session:
        query = select(tables.Run.id).where(tables.Run.stage == "write back")
        run_id = session.exec(query).one() or 0
    writing.ask_undo(following.database, run_id)
    before = len(following.crm.sandbox.calls)
    kills = killed_again_and_again(following, ASKED)
    assert kills >= 1
    assert CONTACTS <= updates(following, before) <= CONTACTS + kills
    assert all(held == {} for held in holds(following).values())
    since = len(following.crm.sandbox.calls)
    some(following, "pull", "resolve", "score", "write back")
    assert updates(following, since) == 0
