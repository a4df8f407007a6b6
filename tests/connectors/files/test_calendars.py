"""Meetings in iCalendar files: who was there, when, how often."""

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors import Activity, Participant, Role
from connectors.files import repeating
from connectors.files.zones import WINDOWS, zone
from tests.connectors.files.folders import Folder

PEOPLE = """\
ORGANIZER;CN=Ada Lund:mailto:Ada@near.example
ATTENDEE;PARTSTAT=ACCEPTED;CN="Lund, Ada":mailto:ada@near.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Bo Holm:mailto:bo@far.example
"""


def calendar(*events: str, people: str = PEOPLE, head: str = "") -> str:
    told = "".join(
        f"BEGIN:VEVENT\n{'' if 'UID:' in event else 'UID:1'}\n{event}\nSUMMARY:Top secret\n{people}"
        "BEGIN:VALARM\nDURATION:PT9H\nEND:VALARM\nEND:VEVENT\n"
        for event in events
    )
    return f"BEGIN:VCALENDAR\n{head}{told}END:VCALENDAR\n".replace("\n\n", "\n").replace(
        "\n", "\r\n"
    )


def one(folder: Folder, event: str, people: str = PEOPLE, head: str = "") -> Activity:
    folder.put("a.ics", calendar(event, people=people, head=head))
    (found,) = folder.read().activities
    return found


def starts(folder: Folder, *events: str) -> list[datetime]:
    folder.put("a.ics", calendar(*events))
    return sorted(found.at for found in folder.read().activities if found.happened)


def days(*numbers: int, hour: int = 9) -> list[datetime]:
    return [datetime(2026, 3, day, hour, tzinfo=UTC) for day in numbers]


def test_a_meeting_tells_who_was_there_when_and_how_long(folder: Folder):
    found = one(folder, "DTSTART:20260302T090000Z\nDTEND:20260302T093000Z")
    assert (found.at, found.duration_s, found.recipients) == (days(2)[0], 1800.0, 1)
    assert [p.role for p in found.participants] == [Role.PARTY] * 2
    assert [p.address for p in found.participants] == ["ada@near.example", "bo@far.example"]
    assert set(folder.read().people) == {"Ada Lund", "Bo Holm"}
    assert "secret" not in repr(folder.read())


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART;TZID=Europe/Berlin:20260302T100000",
        "DTSTART;TZID=W. Europe Standard Time:20260302T100000",
        'DTSTART;TZID="/freeassociation.sourceforge.net/Europe/Berlin":20260302T100000',
        "DTSTART:20260302T100000",
    ],
)
def test_a_time_is_read_in_its_zone(folder: Folder, start: str):
    assert one(folder, start, head="X-WR-TIMEZONE:Europe/Berlin\n").at == days(2)[0]


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_every_zone_of_windows_is_one_of_the_worlds(name: str):
    assert zone(name).utcoffset(datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)) is not None


def test_an_unknown_zone_is_told_and_the_rest_is_read(folder: Folder):
    other = "UID:2\nDTSTART:20260302T090000Z"
    folder.put("a.ics", calendar("DTSTART;TZID=Customized:20260302T100000", other))
    found = folder.read()
    assert len(found.activities) == 1
    assert found.malformed == {"a.ics, line 2": "The event's time zone is not known."}


def test_who_declined_was_not_there_and_rooms_are_nobody(folder: Folder):
    people = PEOPLE + (
        "ATTENDEE;PARTSTAT=DECLINED:mailto:cy@far.example\n"
        "ATTENDEE;CUTYPE=ROOM:mailto:room@near.example\n"
        "ATTENDEE;EMAIL=di@far.example:urn:uuid:1\n"
    )
    found = one(folder, "DTSTART:20260302T090000Z", people)
    addresses = {p.address for p in found.participants}
    assert addresses == {"ada@near.example", "bo@far.example", "di@far.example"}


@pytest.mark.parametrize(
    ("event", "people", "head"),
    [
        ("STATUS:CANCELLED", PEOPLE, ""),
        ("", PEOPLE, "METHOD:CANCEL\n"),
        ("", PEOPLE.replace("ACCEPTED;CN=Bo", "DECLINED;CN=Bo"), ""),
    ],
)
def test_a_meeting_called_off_or_refused_did_not_happen(
    folder: Folder, event: str, people: str, head: str
):
    assert not one(folder, f"DTSTART:20260302T090000Z\n{event}", people, head).happened


@pytest.mark.parametrize(("extra", "people"), [("CLASS:PRIVATE", PEOPLE), ("", "")])
def test_private_events_and_ones_own_plans_are_left_out(folder: Folder, extra: str, people: str):
    folder.put("a.ics", calendar(f"DTSTART:20260302T090000Z\n{extra}", people=people))
    found = folder.read()
    assert (found.activities, found.malformed) == ([], {})


def test_whole_days_and_absurd_lengths_have_no_duration(folder: Folder):
    day = "UID:2\nDTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260303"
    long = "DTSTART:20260302T000000Z\nDURATION:P9D"
    folder.put("a.ics", calendar(day, long))
    assert {(a.at, a.duration_s) for a in folder.read().activities} == {(days(2, hour=0)[0], 0.0)}


def test_what_repeats_is_told_each_time_by_the_clock_of_its_zone(folder: Folder):
    rule = "DTSTART;TZID=Europe/Berlin:20260323T100000\nRRULE:FREQ=WEEKLY;COUNT=2"
    summer = datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert starts(folder, rule) == [*days(23), summer]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("FREQ=DAILY;UNTIL=20260304T090000Z", days(2, 3, 4)),
        ("FREQ=DAILY;UNTIL=20260304", days(2, 3, 4)),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", days(2, 4, 9)),
        ("FREQ=MONTHLY;BYDAY=1MO;UNTIL=20260331", days(2)),
        ("FREQ=DAILY;COUNT=4\nEXDATE:20260303T090000Z,20260304T090000Z", days(2, 5)),
        ("FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20260303", days(2)),
    ],
)
def test_rules_are_followed(folder: Folder, rule: str, found: list[datetime]):
    assert starts(folder, f"DTSTART:20260302T090000Z\nRRULE:{rule}") == found


def test_one_time_that_was_moved_or_called_off_is_told_by_itself(folder: Folder):
    moved = "RECURRENCE-ID:20260303T090000Z\nDTSTART:20260306T090000Z"
    off = "RECURRENCE-ID:20260304T090000Z\nDTSTART:20260304T090000Z\nSTATUS:CANCELLED"
    rule = "DTSTART:20260302T090000Z\nRRULE:FREQ=DAILY;COUNT=4"
    assert starts(folder, moved, rule, off) == days(2, 5, 6)


def test_what_repeats_for_ever_is_told_up_to_now_and_again_as_time_passes(folder: Folder):
    folder.put("a.ics", calendar("DTSTART:20260302T090000Z\nRRULE:FREQ=WEEKLY"))
    first = folder.read()
    assert max(found.at for found in first.activities) <= folder.now
    folder.now += timedelta(days=8)
    again = folder.read(first.bookmarks)
    assert len(again.activities) == len(first.activities) + 1
    assert {a.id for a in first.activities} < {a.id for a in again.activities}


def test_of_what_repeats_too_often_the_last_are_told(folder: Folder):
    found = starts(folder, "DTSTART:19900101T090000Z\nRRULE:FREQ=DAILY")
    assert (len(found), found[-1].date()) == (repeating.MOST_TIMES, date(2026, 6, 1))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=MONTHLY;BYSETPOS=0",
        "COUNT=3",
        "nonsense",
    ],
)
def test_rules_without_sense_or_end_are_set_aside(folder: Folder, rule: str):
    folder.put("a.ics", calendar(f"DTSTART:20260302T090000Z\nRRULE:{rule}"))
    found = folder.read()
    assert found.activities == []
    assert "repeats" in found.malformed["a.ics, line 2"]


def test_the_same_meeting_in_two_calendars_is_one(folder: Folder):
    event = "DTSTART:20260302T090000Z\nRRULE:FREQ=DAILY;COUNT=2"
    folder.put("ada.ics", calendar(event))
    folder.put("bo.ics", calendar(event))
    assert len({found.id for found in folder.read().activities}) == 2


def test_folded_lines_and_lines_cut_short_are_read(folder: Folder):
    folder.put(
        "a.ics", calendar("DTST\n ART:20260302T09\n\t0000Z").replace("END:VCALENDAR\r\n", "")
    )
    folder.put("b.ics", calendar("UID:2\nDTSTART:20260303T090000Z")[:-40])
    found = folder.read()
    assert len(found.activities) == 1
    assert "does not end" in found.malformed["b.ics, line 2"]


def test_people_of_meetings_are_people(folder: Folder):
    one(folder, "DTSTART:20260302T090000Z")
    assert (
        Participant(Role.PARTY, address="bo@far.example")
        in folder.read().activities[0].participants
    )
    assert folder.read().people["Bo Holm"].addresses == ("bo@far.example",)
