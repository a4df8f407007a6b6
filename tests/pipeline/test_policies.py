"""Where people edit our fields: overwritten, respected, or respected and told."""

from dataclasses import replace

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.store import chosen, revising, tables
from tests.conftest import Run
from tests.fakes import FakeConnector, colleague
from tests.pipeline.crms import BO, crm

NAME = ("contact", "best_colleague")


def say(database: Engine, policy: str) -> None:
    with Session(database) as session, session.begin():
        chosen.keep(session, 1, NAME, policy=policy)


def rename(fake: FakeConnector, name: str) -> None:
    fake.records.append(replace(colleague("Ada"), name=name))


def edited(run: Run, database: Engine, policy: str) -> FakeConnector:
    """A CRM in which somebody knows better, and we want to write something else since."""
    fake = crm()
    run(fake)
    say(database, policy)
    fake.values[BO]["best_colleague"] = "Zoe, I say"
    rename(fake, "Ada Lund")
    return fake


def theirs(database: Engine) -> list[str]:
    with Session(database) as session:
        return [next(iter(t.values())) for _, _, t, _ in revising.yielded(session, 1, limit=9)]


def test_an_edit_is_overwritten_by_default_and_nothing_is_asked(run: Run, database: Engine):
    fake = edited(run, database, "overwrite")
    calls = run(fake)[-1].counts["calls"]
    assert fake.values[BO]["best_colleague"] == "Ada Lund"
    assert calls == 4 + 1


def test_an_edit_is_respected(run: Run, database: Engine):
    fake = edited(run, database, "respect")
    report = run(fake)[-1]
    assert (report.status, report.counts["respected"]) == ("ok", 1)
    assert fake.values[BO]["best_colleague"] == "Zoe, I say"
    assert "Ada Lund" in str(fake.values[BO]["route"])
    assert theirs(database) == ["Zoe, I say"]


def test_an_edit_that_is_to_be_told_makes_the_run_partial(run: Run, database: Engine):
    fake = edited(run, database, "alert")
    report = run(fake)[-1]
    assert (report.status, report.reason) == ("partial", "1 edited by people.")
    assert fake.values[BO]["best_colleague"] == "Zoe, I say"


def test_what_is_left_to_people_is_not_asked_for_again_while_we_want_the_same(
    run: Run, database: Engine
):
    fake = edited(run, database, "respect")
    run(fake)
    assert run(fake)[-1].counts["calls"] == 0


def test_a_field_that_somebody_empties_is_ours_again_with_the_next_value(
    run: Run, database: Engine
):
    fake = edited(run, database, "respect")
    run(fake)
    fake.values[BO]["best_colleague"] = None
    rename(fake, "Ada Holm")
    run(fake)
    assert fake.values[BO]["best_colleague"] == "Ada Holm"
    assert theirs(database) == []


def test_what_nobody_edited_is_written_under_every_policy(run: Run, database: Engine):
    fake = crm()
    run(fake)
    say(database, "respect")
    rename(fake, "Ada Lund")
    run(fake)
    assert fake.values[BO]["best_colleague"] == "Ada Lund"


def test_a_value_that_is_there_before_our_first_is_a_persons(run: Run, database: Engine):
    fake = crm()
    say(database, "respect")
    fake.values[BO] = {"best_colleague": "Zoe"}
    run(fake)
    assert fake.values[BO]["best_colleague"] == "Zoe"


def test_our_own_value_is_no_edit_though_we_fell_before_we_knew_of_it(run: Run, database: Engine):
    fake = crm()
    run(fake)
    say(database, "respect")
    rename(fake, "Ada Lund")
    run(fake, only=("pull", "resolve", "score"))
    taken = fake.values[BO] | {"best_colleague": "Ada Lund", "route": "Ask Ada Lund"}
    fake.answers_left = 5  # four looks at the fields, and what is held
    run(fake, only=("write back",))
    fake.values[BO] = taken  # the CRM took it; we never heard
    fake.answers_left = None
    rename(fake, "Ada Holm")
    run(fake)
    assert fake.values[BO]["best_colleague"] == "Ada Holm"


def test_the_ledger_tells_what_a_person_had_put_there(run: Run, database: Engine):
    fake = crm()
    run(fake)
    say(database, "respect")
    fake.values[BO]["route"] = "Just call him"
    rename(fake, "Ada Lund")
    run(fake)
    with Session(database) as session:
        query = select(tables.Written).where(tables.Written.external_id == "Bo")
        last = session.exec(query.order_by(col(tables.Written.id).desc())).first()
    assert last is not None
    assert last.before == {"best_colleague": "Ada", "route": "Just call him"}
    assert last.after["best_colleague"] == "Ada Lund"


def test_a_crm_that_does_not_tell_what_it_holds_is_not_written_to(run: Run, database: Engine):
    fake = edited(run, database, "respect")
    run(fake, only=("pull", "resolve", "score"))
    fake.writes.clear()
    fake.answers_left = 3  # three looks at the fields
    assert run(fake, only=("write back",))[-1].status == "paused"
    assert fake.writes == []
