"""Many rows or many requests in one call: collections, composite and its references, batches."""

from typing import Any

import httpx
import pytest

from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    CLARA,
    DAVID,
    Org,
    people,
)
from tests.connectors.salesforce_sdk import sdk

API = "/services/data/v67.0"
CONTACT = {"type": "Contact"}


def part(name: str, method: str, path: str, **body: object) -> dict[str, Any]:
    return {"referenceId": name, "method": method, "url": f"{API}/{path}", "body": body or None}


def composed(org: Org, *parts: dict[str, Any], **options: object) -> list[dict[str, Any]]:
    body = {"compositeRequest": list(parts), **options}
    answer = org.http().post(f"{API}/composite", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return found


def codes(answers: list[dict[str, Any]]) -> list[object]:
    """Give the status of what was done, and the code of what was refused."""
    return [
        one["body"][0]["errorCode"] if one["httpStatusCode"] >= 400 else one["httpStatusCode"]
        for one in answers
    ]


def count(org: Org, name: str) -> int:
    soql = f"SELECT count() FROM {name}"  # noqa: S608 SOQL
    return int(org.http().get(f"{API}/query", params={"q": soql}).json()["totalSize"])


def row(**values: object) -> dict[str, object]:
    return {"attributes": CONTACT, **values}


def test_a_collection_is_answered_by_index(org: Org):
    body = {"records": [row(LastName="A"), row(FirstName="B"), row(LastName="C")]}
    with sdk(org) as client:
        results = client.restful("composite/sobjects", method="POST", json=body)
    assert [result["success"] for result in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert "id" not in results[1]


def test_a_collection_is_upserted_by_an_external_id(org: Org):
    ids = org.fill(people())
    records = [row(Email="clara@acme.com", Title="CEO"), row(Email="new@acme.com", LastName="N")]
    answer = (
        org.http()
        .patch(f"{API}/composite/sobjects/Contact/Email", json={"records": records})
        .json()
    )
    assert [one["created"] for one in answer] == [False, True]
    assert answer[0]["id"] == ids[CLARA]


def test_a_collection_is_deleted_by_ids(org: Org):
    ids = org.fill(people())
    wanted = ",".join([ids[CLARA], "0035e0000000009AAA", "nonsense"])
    answer = org.http().delete(f"{API}/composite/sobjects", params={"ids": wanted}).json()
    assert [one["success"] for one in answer] == [True, False, False]
    assert count(org, "Contact") == 1


def test_all_or_none_deletes_none(org: Org):
    ids = org.fill(people())
    asked = {"ids": f"{ids[CLARA]},0035e0000000009AAA", "allOrNone": "true"}
    answer = org.http().delete(f"{API}/composite/sobjects", params=asked).json()
    assert answer[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert count(org, "Contact") == 2


def test_a_collection_is_read_by_ids_with_null_for_what_is_not_there(org: Org):
    ids = org.fill(people())
    body = {"ids": [ids[DAVID], "0035e0000000009AAA", ids[CLARA]], "fields": ["Name"]}
    answer = org.http().post(f"{API}/composite/sobjects/Contact", json=body).json()
    assert [one and one["Name"] for one in answer] == ["David Small", None, "Clara Stone"]


@pytest.mark.parametrize(
    "records", [[], [row(LastName="A")] * 201, [row(), {"attributes": {"type": "Lead"}}] * 6]
)
def test_a_collection_that_is_too_large_or_too_mixed_is_refused_as_a_whole(
    org: Org, records: list[dict[str, object]]
):
    answer = org.http().post(f"{API}/composite/sobjects", json={"records": records})
    assert answer.status_code == 400
    assert "errorCode" in answer.json()[0]


def test_a_part_refers_to_what_came_before_it(org: Org):
    answers = composed(
        org,
        part("account", "POST", "sobjects/Account", Name="Acme"),
        part("contact", "POST", "sobjects/Contact", LastName="A", AccountId="@{account.id}"),
        part("query", "GET", "query?q=SELECT+AccountId+FROM+Contact+WHERE+Id='@{contact.id}'"),
        part("again", "GET", "sobjects/Account/@{query.records[0].AccountId}"),
    )
    assert codes(answers) == [201, 201, 200, 200]
    assert answers[3]["body"]["Name"] == "Acme"
    assert answers[0]["httpHeaders"]["Location"].endswith(answers[0]["body"]["id"])


def test_what_depends_on_a_refused_part_is_halted_and_the_rest_is_done(org: Org):
    answers = composed(
        org,
        part("account", "POST", "sobjects/Account", Phone="1"),
        part("contact", "POST", "sobjects/Contact", LastName="A", AccountId="@{account.id}"),
        part("other", "POST", "sobjects/Contact", LastName="B"),
    )
    assert codes(answers) == ["REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", 201]


def test_all_or_none_takes_back_what_the_other_parts_did(org: Org):
    answers = composed(
        org,
        part("one", "POST", "sobjects/Contact", LastName="A"),
        part("two", "POST", "sobjects/Contact", Phone="1"),
        allOrNone=True,
    )
    assert codes(answers) == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert count(org, "Contact") == 0


@pytest.mark.parametrize(
    ("path", "method", "code"),
    [("nothing", "GET", "NOT_FOUND"), ("limits", "DELETE", "METHOD_NOT_ALLOWED")],
)
def test_a_part_that_has_no_address_is_refused_alone(org: Org, path: str, method: str, code: str):
    assert codes(composed(org, part("a", method, path))) == [code]


def test_a_composite_carries_collections_and_counts_as_one_call(org: Org):
    body = {"records": [row(LastName="A"), row(LastName="B")]}
    client = org.http()
    wanted = {"compositeRequest": [part("c", "POST", "composite/sobjects", **body)]}
    answer = client.post(f"{API}/composite", json=wanted)
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=1/")
    assert count(org, "Contact") == 2


@pytest.mark.parametrize(
    "parts",
    [
        [part(f"p{n}", "GET", "limits") for n in range(26)],
        [part(f"p{n}", "GET", "query?q=SELECT+Id+FROM+User") for n in range(6)],
        [part("same", "GET", "limits")] * 2,
        [],
    ],
)
def test_a_composite_over_its_limits_is_refused_as_a_whole(org: Org, parts: list[dict[str, Any]]):
    answer = org.http().post(f"{API}/composite", json={"compositeRequest": parts})
    assert answer.status_code == 400


def test_a_batch_goes_on_unless_told_to_halt_and_counts_each_part(org: Org):
    parts = [{"method": "GET", "url": f"v67.0/{path}"} for path in ("limits", "nothing", "limits")]
    client = org.http()
    answers: list[httpx.Response] = [
        client.post(f"{API}/composite/batch", json={"batchRequests": parts, "haltOnError": halts})
        for halts in (False, True)
    ]
    seen = [[one["statusCode"] for one in answer.json()["results"]] for answer in answers]
    assert seen == [[200, 404, 200], [200, 404, 412]]
    assert answers[0].headers["Sforce-Limit-Info"].startswith("api-usage=3/")


def test_a_locked_row_of_a_collection_holds_up_no_other(org: Org):
    ids = org.fill(people())
    levers.lock_row(org.sandbox, ids[CLARA])
    records = [row(id=ids[who], Title="CEO") for who in (CLARA, DAVID)]
    answer = org.http().patch(f"{API}/composite/sobjects", json={"records": records}).json()
    assert answer[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert answer[1]["success"]
