"""Writing on the command line: which fields, a dry run, and a run taken back."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors import ExternalId, Record, Target
from connectors._sandbox import Running, running, sandbox_names
from tests.fakes import colleague, contact, email
from tests.shell import Cli


def people() -> Iterator[Record]:
    yield from (colleague("Ada"), contact("Bo"))
    for n in range(8):
        sender, to = ("Ada", "Bo") if n % 2 else ("Bo", "Ada")
        yield replace(email(n, sender, to, days_ago=3 * n + 2), id=ExternalId(f"mail {n}"))


@pytest.fixture(params=sandbox_names())
def crm(request: pytest.FixtureRequest, tieline: Cli) -> Iterator[Running]:
    """A CRM that is connected, read and scored, and not written to."""
    with running(request.param, people()) as crm:
        shown = crm.of.credentials(crm.url).model_dump()
        given = {
            name: value.get_secret_value() if hasattr(value, "get_secret_value") else value
            for name, value in shown.items()
        }
        values = [f"{name}={value}" for name, value in given.items() if value is not None]
        assert tieline("connect", crm.name, *values).code == 0
        assert tieline("pull").code == tieline("score").code == 0
        yield crm


def held(crm: Running) -> dict[str, object]:
    found = crm.of.custom_values(crm.sandbox, Target.CONTACT, crm.ids[ExternalId("Bo")])
    return {name: value for name, value in found.items() if value is not None}


def test_a_dry_run_tells_people_and_programs_and_writes_nothing(tieline: Cli, crm: Running):
    assert "Ada" in tieline("write-back", "--dry-run").out
    (plan,) = json.loads(tieline("write-back", "--dry-run", "--json").out).values()
    band = next(one for one in plan["fields"] if one["name"] == "band")
    assert (band["is_to_be_created"], band["created"], plan["records"]) == (True, 1, {"contact": 1})
    assert held(crm) == {}


@pytest.mark.usefixtures("crm")
def test_names_are_told_whole_in_a_narrow_terminal(tieline: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    told = tieline("write-back", "--dry-run").out
    assert "…" not in "".join(line.split("  ")[1] for line in told.splitlines() if "  " in line)


@pytest.mark.usefixtures("crm")
def test_where_no_field_could_be_chosen_it_is_said(tieline: Cli):
    assert tieline("choices", "1", "contact").out.startswith("No field of contacts could be")


def test_a_run_is_written_and_taken_back(tieline: Cli, crm: Running):
    assert tieline("write-back").code == 0
    assert held(crm)["best_colleague"] == "Ada"
    listed = [line.split() for line in tieline("runs").out.splitlines()]
    (run_id,) = [words[0] for words in listed if words[1:3] == ["write", "back"]]
    answer = tieline("undo", run_id)
    assert (answer.code, answer.err) == (0, "")
    assert "undo" in answer.out
    assert held(crm) == {}


def test_what_cannot_be_taken_back_is_told(tieline: Cli, crm: Running):
    answer = tieline("undo", "1")
    assert (answer.code, answer.err) == (
        1,
        "The run 1 wrote to no CRM: there is nothing to take back.\n",
    )
    assert held(crm) == {}
    assert tieline("undo", "99").err == "There is no run 99: `tieline runs` lists them.\n"


def test_a_field_is_switched_off_and_listed_so(tieline: Cli, crm: Running):
    assert tieline("choose", "1", "contact", "band", "--off").code == 0
    listed = tieline("fields", "1").out.splitlines()
    assert [line.split()[-1] for line in listed if line.startswith("contact  band ")] == ["off"]
    tieline("write-back")
    assert "band" not in held(crm)


@pytest.mark.usefixtures("crm")
def test_what_is_not_said_of_a_field_stays_as_it_is(tieline: Cli):
    tieline("choose", "1", "contact", "band", "--policy", "respect", "--off")
    tieline("choose", "1", "contact", "band", "--on")
    line = next(x for x in tieline("fields", "1").out.splitlines() if "contact  band " in x)
    assert "respect" in line
    assert not line.endswith("off")


def test_a_field_that_is_not_to_be_had_is_refused_in_a_sentence(tieline: Cli, crm: Running):
    answer = tieline("choose", "1", "contact", "band", "--to", "Email")
    assert (answer.code, "is no field of contacts that somebody added" in answer.err) == (1, True)
    assert "Email" not in tieline("choices", "1", "contact").out
    assert held(crm) == {}


def test_a_connection_in_the_shadow_writes_nothing(tieline: Cli, crm: Running):
    assert tieline("writing", "1", "--shadow").code == 0
    assert "writes nothing" in tieline("connections").out
    assert tieline("write-back").code == 0
    assert held(crm) == {}
    tieline("writing", "1", "--no-shadow")
    tieline("write-back")
    assert held(crm)["best_colleague"] == "Ada"


def test_fields_are_created_before_anything_is_written(tieline: Cli, crm: Running):
    assert "ready" in tieline("fields", "1", "--create").out
    assert "not looked at" not in tieline("fields", "1").out
    assert held(crm) == {}
