"""Clients written by others, unmodified, get from the local CRMs what the real ones give."""

from collections.abc import Iterator, Mapping

import pytest

from tests.clients.visiting import CLIENTS, Visit, jobs

_BULK = "Bulk 2.0 is not emulated"
_COMPOSITE = "composite requests are not emulated"
NOT_YET: Mapping[tuple[str, str], str] = {
    ("simple-salesforce", "composite_requests_refer_to_each_other"): _COMPOSITE,
    ("simple-salesforce", "bulk_query_gives_csv"): _BULK,
    ("simple-salesforce", "bulk_rows_are_made_and_changed"): _BULK,
    ("simple-salesforce", "failed_bulk_rows_are_told"): _BULK,
    ("jsforce", "many_rows_are_read_together"): "collections are not read by POST",
    ("jsforce", "composite_requests_refer_to_each_other"): _COMPOSITE,
    ("jsforce", "bulk_query_streams_rows"): _BULK,
    ("jsforce", "bulk_rows_are_made"): _BULK,
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
