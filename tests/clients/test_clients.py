"""Clients written by others, unmodified, get from the local CRMs what the real ones give."""

from collections.abc import Iterator, Mapping

import pytest

from tests.clients import table
from tests.clients.visiting import CLIENTS, ROOT, Visit, jobs

NOT_YET: Mapping[tuple[str, str], str] = {
    ("hubspot-api-client", "the_usual_groups_are_there"): "HubSpot's own groups are not there",
}
"""Jobs that ask for what is not emulated, and what that is."""


def _cases() -> Iterator[object]:
    for client in CLIENTS:
        for job in jobs(client):
            marks = [
                pytest.mark.xfail(reason=reason, strict=True)
                for reason in [NOT_YET.get((client, job))]
                if reason
            ]
            yield pytest.param(client, job, id=f"{client}-{job}", marks=marks)


@pytest.mark.parametrize(("client", "job"), list(_cases()))
def test_a_client_gets_what_it_asks_for(visits: Mapping[str, Visit], client: str, job: str):
    visit = visits[client]
    problem = visit.problems.get(job, f"It never came to this: {visit.words}")
    assert not problem, problem


def test_the_documents_show_who_proves_what(visits: Mapping[str, Visit]):
    assert all(visits[client].problems for client in CLIENTS)
    shown = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in table.rows(list(CLIENTS)) if line not in shown] == []
    assert [line for line in shown if "✓" in line and line not in table.rows(list(CLIENTS))] == []
