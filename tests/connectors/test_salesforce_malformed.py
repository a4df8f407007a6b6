"""A row that cannot be read is set aside with its reason and holds up nothing."""

import json

import pytest

from connectors import (
    START,
    Person,
    Stream,
    Unavailable,
)
from connectors._sandbox import Fault
from tests.connectors.salesforce_fixtures import (
    Org,
    one,
)

ROW = {"Id": "0035e0000000001AAA", "SystemModstamp": "2026-01-02T03:04:05.000+0000", "Name": "A"}


def _planned(org: Org, *rows: object, is_done: bool = True) -> None:
    body = json.dumps({"totalSize": len(rows), "done": is_done, "records": rows}).encode()
    org.sandbox.faults.append(Fault("queryAll", 200, body))


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"Id": None}, "Id is missing."),
        ({"SystemModstamp": None}, "SystemModstamp is missing."),
        ({"SystemModstamp": "0001-01-01T00:00:00.000+0000"}, "SystemModstamp lies outside"),
        ({"SystemModstamp": 7}, "SystemModstamp is no time."),
        ({"Name": ["A"]}, "Name is no text."),
        ({"IsDeleted": "no"}, "IsDeleted is neither true nor false."),
        ({"AccountId": "short"}, "AccountId is no id."),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_reason(
    org: Org, spoilt: dict[str, object], reason: str
):
    _planned(org, {**ROW, **spoilt}, {**ROW, "Id": "0035e0000000002AAA"})
    (page,) = org.connect().read({Stream.CONTACTS: START})
    assert [record.id for record in page.records] == ["0035e0000000002AAA"]
    assert [bad.reason.startswith(reason) for bad in page.malformed] == [True]
    assert page.is_last


def test_a_row_that_is_no_object_is_set_aside(org: Org):
    _planned(org, None, ROW)
    (page,) = org.connect().read({Stream.CONTACTS: START})
    assert (len(page.records), len(page.malformed)) == (1, 1)


def test_text_that_no_database_keeps_is_cleaned(org: Org):
    _planned(org, {**ROW, "Name": "A\0nn\ud800e"})
    person = one(org.connect(), Stream.CONTACTS)
    assert isinstance(person, Person)
    assert person.name == "Ann?e"


def test_a_bad_row_at_the_end_of_a_page_does_not_hold_up_the_bookmark(org: Org):
    _planned(org, ROW, {**ROW, "SystemModstamp": None}, is_done=False)
    (page,) = org.connect().read({Stream.CONTACTS: START})
    assert json.loads(page.bookmark)["id"] == ROW["Id"]
    assert not page.is_last


@pytest.mark.parametrize("rows", [[], [{**ROW, "Id": None}]])
def test_a_page_that_leads_nowhere_is_tried_again_later(org: Org, rows: list[object]):
    _planned(org, *rows, is_done=False)
    with pytest.raises(Unavailable, match="more contacts"):
        org.connect().read({Stream.CONTACTS: START})
