"""Clients written by others, unmodified, get from the local CRMs what the real ones give."""

from collections.abc import Mapping

import pytest

from tests.clients import table
from tests.clients.visiting import CLIENTS, ROOT, Visit, jobs

CASES = [(client, job) for client in CLIENTS for job in jobs(client)]


@pytest.mark.parametrize(("client", "job"), CASES)
def test_a_client_gets_what_it_asks_for(visits: Mapping[str, Visit], client: str, job: str):
    visit = visits[client]
    problem = visit.problems.get(job, f"It never came to this: {visit.words}")
    assert not problem, problem


def test_the_documents_show_who_proves_what(visits: Mapping[str, Visit]):
    assert all(visits[client].problems for client in CLIENTS)
    shown = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in table.rows(list(CLIENTS)) if line not in shown] == []
    assert [line for line in shown if "✓" in line and line not in table.rows(list(CLIENTS))] == []
