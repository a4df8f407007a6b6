"""Bulk API 2.0: jobs, their states, and the files that go in and come out."""

import csv
import io
from typing import Any

import httpx
import pytest
from simple_salesforce.exceptions import SalesforceOperationError

from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    CLARA,
    Org,
    contacts,
    people,
)
from tests.connectors.salesforce_sdk import sdk

JOBS = "/services/data/v67.0/jobs"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def job(client: httpx.Client, kind: str, **body: object) -> dict[str, Any]:
    answer = client.post(f"{JOBS}/{kind}", json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ingest(client: httpx.Client, data: str, **body: object) -> str:
    """Make an ingest job, feed it and close it; give its address."""
    made = job(client, "ingest", **{"object": "Contact", "operation": "insert", **body})
    uploaded = client.put("/" + made["contentUrl"], content=data)
    assert (uploaded.status_code, uploaded.content) == (201, b"")
    address = f"{JOBS}/ingest/{made['id']}"
    client.patch(address, json={"state": "UploadComplete"})
    return address


def state(client: httpx.Client, address: str) -> str:
    return str(client.get(address).json()["state"])


def test_simple_salesforce_reads_a_query_in_parts(org: Org):
    org.fill(contacts(25))
    with sdk(org) as client:
        soql = "SELECT Id, Name, Account.Name, IsEmailBounced FROM Contact ORDER BY Name"
        parts = list(client.bulk2.Contact.query(soql, max_records=10, wait=0.01))
    rows = [row for part in parts for row in read(part)]
    assert [len(read(part)) for part in parts] == [10, 10, 5]
    assert rows[0] | {"Id": ""} == {
        "Id": "",
        "Name": "Carl Number0",
        "Account.Name": "",
        "IsEmailBounced": "false",
    }


def test_simple_salesforce_inserts_updates_upserts_and_deletes(org: Org):
    with sdk(org) as client:
        bulk = client.bulk2.Contact
        people = [{"LastName": "A", "Email": "a@acme.com"}, {"LastName": "B", "Email": "bad"}]
        (made,) = bulk.insert(records=people, wait=0.01)
        ids = [row["sf__Id"] for row in read(bulk.get_successful_records(made["job_id"]))]
        (bad,) = read(bulk.get_failed_records(made["job_id"]))
        bulk.update(records=[{"Id": ids[0], "Title": "CEO"}], wait=0.01)
        mails = [{"Email": "a@acme.com", "Department": "R&D"}]
        bulk.upsert(records=mails, external_id_field="Email", wait=0.01)
        row = client.Contact.get(ids[0])
        (gone,) = bulk.delete(records=[{"Id": ids[0]}], wait=0.01)
    assert (made["numberRecordsProcessed"], made["numberRecordsFailed"]) == (2, 1)
    assert bad["sf__Error"] == "INVALID_EMAIL_ADDRESS:Email: invalid email address: bad:Email --"
    assert (row["Title"], row["Department"]) == ("CEO", "R&D")
    assert gone["numberRecordsFailed"] == 0


def test_simple_salesforce_is_told_why_a_job_failed(org: Org):
    with sdk(org) as client, pytest.raises(SalesforceOperationError, match="Nonsense"):
        client.bulk2.Contact.insert(records=[{"Nonsense": "1"}], wait=0.01)


def test_an_upsert_tells_which_rows_it_made(org: Org):
    org.fill(people())
    data = "Email,LastName\nclara@acme.com,Stone\nnew@acme.com,New\n"
    client = org.http()
    address = ingest(client, data, operation="upsert", externalIdFieldName="Email")
    rows = read(client.get(f"{address}/successfulResults/").text)
    assert [row["sf__Created"] for row in rows] == ["false", "true"]


def test_an_empty_cell_says_nothing_and_a_null_mark_empties(org: Org):
    ids, client = org.fill(people()), org.http()
    ingest_rows = f"Id,Title,Department\n{ids[CLARA]},CEO,R&D\n"
    state(client, ingest(client, ingest_rows, operation="update"))
    state(client, ingest(client, f"Id,Title,Department\n{ids[CLARA]},,#N/A\n", operation="update"))
    row = client.get(f"/services/data/v67.0/sobjects/Contact/{ids[CLARA]}").json()
    assert (row["Title"], row["Department"]) == ("CEO", None)


def test_a_job_says_that_it_is_in_progress_before_it_is_done(org: Org):
    levers.slow_jobs(org.sandbox, 2)
    client = org.http()
    address = ingest(client, "LastName\nA\n")
    assert client.get(f"{address}/successfulResults").status_code == 400
    assert [state(client, address) for _ in range(2)] == ["InProgress", "JobComplete"]


def test_an_aborted_job_gives_back_what_it_did_not_do(org: Org):
    client = org.http()
    made = job(client, "ingest", object="Contact", operation="insert")
    client.put("/" + made["contentUrl"], content="LastName\nA\n")
    address = f"{JOBS}/ingest/{made['id']}"
    assert client.patch(address, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert read(client.get(f"{address}/unprocessedrecords").text) == [{"LastName": "A"}]
    assert client.patch(address, json={"state": "UploadComplete"}).status_code == 400


def test_a_job_that_fails_writes_nothing(org: Org):
    levers.fail_jobs(org.sandbox, "InternalServerError")
    client = org.http()
    address = ingest(client, "LastName\nA\n")
    assert client.get(address).json()["errorMessage"] == "InternalServerError"
    assert read(client.get(f"{address}/unprocessedrecords").text) == [{"LastName": "A"}]


def test_results_may_come_in_another_order(org: Org):
    levers.shuffle_results(org.sandbox)
    client = org.http()
    address = ingest(client, "LastName\nA\nB\n")
    rows = read(client.get(f"{address}/successfulResults").text)
    assert [row["LastName"] for row in rows] == ["B", "A"]


def test_a_job_that_was_thrown_away_is_gone(org: Org):
    client = org.http()
    address = ingest(client, "LastName\nA\n")
    state(client, address)
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_a_file_is_written_as_it_was_asked_for(org: Org):
    client = org.http()
    address = ingest(client, "LastName|Title\r\nA|x\r\n", columnDelimiter="PIPE", lineEnding="CRLF")
    text = client.get(f"{address}/successfulResults").text
    assert text.startswith('"sf__Id"|"sf__Created"|"LastName"|"Title"\r\n"003')


def test_a_result_holds_what_was_there_when_the_job_was_done(org: Org):
    ids, client = org.fill(people()), org.http()
    made = job(client, "query", operation="query", query="SELECT Id FROM Contact")
    state(client, f"{JOBS}/query/{made['id']}")
    levers.delete(org.sandbox, ids[CLARA])
    answer = client.get(f"{JOBS}/query/{made['id']}/results")
    assert answer.headers["Sforce-NumberOfRecords"] == "2"
    assert answer.headers["Sforce-Locator"] == "null"


def test_results_are_read_with_the_version_that_the_job_was_made_with(org: Org):
    client = org.http()
    made = job(client, "query", operation="query", query="SELECT Id FROM Contact")
    address = f"/services/data/v66.0/jobs/query/{made['id']}/results"
    assert client.get(address).status_code == 409


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT count() FROM Contact", "API_ERROR"),
        ("SELECT LastName FROM Contact GROUP BY LastName", "API_ERROR"),
        ("SELECT Id FROM Contact LIMIT 1 OFFSET 1", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Tasks) FROM Contact", "API_ERROR"),
        ("SELECT Id FROM TaskWhoRelation", "INVALIDENTITY"),
        ("SELECT Nothing FROM Contact", "INVALID_FIELD"),
        ("SELECT FROM Contact", "MALFORMED_QUERY"),
    ],
)
def test_what_fits_in_no_file_is_refused(org: Org, soql: str, code: str):
    answer = org.http().post(f"{JOBS}/query", json={"operation": "query", "query": soql})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "hardDelete"},
        {"operation": "magic"},
        {"object": "Nothing"},
        {"operation": "upsert", "externalIdFieldName": "Title"},
        {"columnDelimiter": "SNOWMAN"},
        {"contentType": "JSON"},
    ],
)
def test_a_job_that_cannot_be_is_refused(org: Org, body: dict[str, str]):
    wanted = {"object": "Contact", "operation": "insert", **body}
    assert org.http().post(f"{JOBS}/ingest", json=wanted).status_code == 400
