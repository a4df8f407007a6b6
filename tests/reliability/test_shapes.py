"""R12, R13: rows that are none, and more of everything than fits."""

import logging
import os
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from connectors import Channel
from connectors._sandbox import Server, running
from connectors.hubspot.sandbox import levers as hubspot
from tests.fakes import contact, email
from tests.reliability.following import Following, person

GIANT = int(os.environ.get("TIELINE_GIANT", "1200"))
"""Activities of one contact; 100,001 in the long mode."""


def in_salesforce(table: str, column: str, value: object) -> Callable[[Following], object]:
    """Have a value be in one row, as no user could."""

    def spoil(following: Following) -> None:
        db = following.crm.sandbox.db
        db.execute(
            f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = (SELECT max(rowid) FROM "{table}")',  # noqa: S608 ours
            (value,),
        )

    return spoil


def in_hubspot(type_id: str, name: str, value: str) -> Callable[[Following], object]:
    def spoil(following: Following) -> None:
        ids = [i for i in following.crm.ids.values() if i.startswith(f"{type_id}:")]
        hubspot.touch(following.crm.sandbox, ids[-1], **{name: value})

    return spoil


ROWS = {
    "salesforce": [
        in_salesforce("Contact", "Name", "Canary \0 Nul"),
        in_salesforce("Contact", "Title", "x" * 1_000_000),
        in_salesforce("Contact", "Email", "canary at nowhere"),
        in_salesforce("Task", "ActivityDate", "0001-01-01"),
        in_salesforce("Task", "ActivityDate", "9999-12-31"),
        in_salesforce("Task", "ActivityDate", "N/A"),
        in_salesforce("Task", "CreatedDate", None),
    ],
    "hubspot": [
        in_hubspot("0-1", "lastname", "Canary \0 Nul"),
        in_hubspot("0-1", "jobtitle", "x" * 1_000_000),
        in_hubspot("0-1", "email", "canary at nowhere"),
        in_hubspot("0-49", "hs_timestamp", "1970-01-01T00:00:00Z"),
        in_hubspot("0-49", "hs_timestamp", "9999-12-31T23:59:59Z"),
        in_hubspot("0-49", "hs_timestamp", "0001-01-01T00:00:00Z"),
        in_hubspot("0-49", "hs_timestamp", "N/A"),
    ],
}


def test_r12_what_no_database_can_keep_is_kept_without_it(following_anywhere: Following):
    ROWS[following_anywhere.crm.name][0](following_anywhere)
    assert following_anywhere.run().is_done
    assert len(following_anywhere.mirror()) == len(following_anywhere.truth())


@pytest.mark.parametrize("which", range(7))
def test_r12_a_row_that_is_none_stops_no_other_and_is_told(following: Following, which: int):
    whole = len(following.truth())
    ROWS[following.crm.name][which](following)
    report = following.run()
    assert report.status in {"ok", "partial"}
    assert (report.status == "partial") == (report.counts["malformed"] > 0)
    assert len(following.mirror()) + report.counts["malformed"] == whole
    following.pass_time(hours=3)
    following.run()
    following.pass_time(hours=3)
    assert following.run().counts["changed"] == 0
    following.check_quiet()


def test_r13_a_contact_of_very_many_activities_is_read_whole(
    name: str, server: Server, store: Engine
):
    with running(name, server=server) as crm:
        following = Following(crm, store)
        following.fill(contacts=1, emails=0)
        bo, at = following.id_of("Bo0"), crm.sandbox.clock.now()
        crm.put(
            replace(email(n, following.id_of("Ada"), bo), at=at, modified_at=at)
            for n in range(GIANT)
        )
        following.connect()
        following.run()
        following.check(settled_in=1)


MOST_AT_ONCE = {"hubspot": 500, "salesforce": 49}
"""Links that come with an activity in one piece; Salesforce has no more than 50 of them."""


def test_r13_an_activity_of_very_many_contacts_has_all_of_them(
    name: str, server: Server, store: Engine
):
    with running(name, server=server) as crm:
        following = Following(crm, store)
        following.fill(contacts=1, emails=0)
        guests = following.put(*(person(contact, f"Cy{n}") for n in range(600)))
        crowd = replace(email(1, following.id_of("Ada"), *guests), channel=Channel.MEETING)
        following.put(replace(crowd, at=crm.sandbox.clock.now()))
        following.connect()
        following.run()
        (held,) = [one[1] for one in following.truth() if isinstance(one[1], frozenset)]
        assert len(held) > MOST_AT_ONCE[name]
        following.check(settled_in=1)


def peak(following: Following, emails: int) -> int:
    """The most memory that reading so many more emails takes, in bytes."""
    bo, at = following.id_of("Bo1"), following.crm.sandbox.clock.now()
    following.crm.put(
        replace(email(1000 + emails + n, following.id_of("Ada"), bo), at=at, modified_at=at)
        for n in range(emails)
    )
    following.crm.sandbox.calls.clear()
    logging.disable()  # pytest keeps what is logged
    tracemalloc.start()
    following.run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    logging.disable(logging.NOTSET)
    return most


def test_r13_four_times_as_much_takes_no_more_memory(following: Following):
    following.run()
    few = peak(following, 80)
    following.pass_time(hours=3)
    following.run()
    following.pass_time(hours=3)
    following.run()
    assert peak(following, 320) < 1.5 * few
    following.check(settled_in=1)
