"""Reading goes on where it was left, tells what changed behind its back, and takes any bytes."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import START, Bookmark, Misconfigured, Person, PersonKind, Stream, Verdict, files
from connectors.files import looking, reading
from connectors.files.credentials import Credentials
from connectors.files.folder import MOST_FILES
from tests.connectors.files.folders import Folder, mail
from tests.connectors.files.test_calendars import calendar
from tests.connectors.files.test_tables import ACTIVITIES, CONNECTIONS, messages

LATER_NS = 10**18 * 2


def touched(file: Path, content: bytes) -> None:
    """Change a file, and its time with it however fast the test runs."""
    file.write_bytes(content)
    os.utime(file, ns=(LATER_NS, file.stat().st_mtime_ns + 1))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_RECORDS", 2)
    monkeypatch.setattr(looking, "MOST_RECORDS", 2)
    monkeypatch.setattr(looking, "MOST_NAMED", 3)


def many(count: int) -> bytes:
    return b"".join(mail(n, To=f"P{n} <p{n}@far.example>") for n in range(count))


@pytest.mark.usefixtures("small_pages")
def test_every_page_follows_from_its_bookmark_alone(folder: Folder):
    folder.put("a.mbox", many(7))
    folder.put("a.ics", calendar("DTSTART:20260302T090000Z\nRRULE:FREQ=DAILY;COUNT=5"))
    folder.put("a.csv", ACTIVITIES)
    whole, ids = folder.read(), []
    pending = dict.fromkeys(files.STREAMS, START)
    for _ in range(100):
        with folder.connector() as connector:  # each page by a process of its own
            for _ in range(50):
                pages = connector.read(pending)
                if any(page.records or page.is_last for page in pages):
                    break
        ids += [record.id for page in pages for record in page.records]
        pending = {page.stream: page.bookmark for page in pages if not page.is_last}
        if not pending:
            break
    assert not pending
    assert sorted(ids) == sorted(record.id for record in whole.records)


def test_nothing_new_opens_nothing_and_brings_nothing(folder: Folder):
    folder.put("a.mbox", many(3))
    folder.put("a.csv", ACTIVITIES)
    first = folder.read()
    again = folder.read(first.bookmarks)
    assert (again.records, folder.calls) == ([], 0)
    assert again.bookmarks == first.bookmarks


def test_only_mail_that_was_added_is_read(folder: Folder):
    file = folder.put("a.mbox", many(3))
    first = folder.read()
    touched(file, many(5))
    again = folder.read(first.bookmarks)
    assert len(again.activities) == 2
    assert again.gaps == set()


def test_a_mail_program_that_marks_mail_in_place_makes_nothing_to_be_read_again(folder: Folder):
    content = mail(1, X_Mozilla_Status="0000") + mail(2, X_Mozilla_Status="0000")
    file = folder.put("a.mbox", content)
    first = folder.read()
    touched(file, content.replace(b"Status: 0000", b"Status: 0001") + mail(3))
    assert len(folder.read(first.bookmarks).activities) == 1


def test_a_message_that_is_still_being_written_is_read_whole_later(folder: Folder):
    file = folder.put("a.mbox", mail(1) + mail(2)[:60])
    first = folder.read()
    touched(file, mail(1) + mail(2) + mail(3))
    again = folder.read(first.bookmarks)
    assert len({a.id for a in again.activities}) == 2


@pytest.mark.parametrize("content", [many(1), many(4)[10:], b""])
def test_a_mailbox_that_shrank_or_was_replaced_is_told_once_and_read_anew(
    folder: Folder, content: bytes
):
    file = folder.put("a.mbox", many(3))
    first = folder.read()
    touched(file, content)
    again = folder.read(first.bookmarks)
    assert again.gaps == {"a.mbox"}
    assert {a.id for a in again.activities} == {a.id for a in folder.read().activities}
    assert folder.read(again.bookmarks).gaps == set()


def test_a_file_that_vanished_is_told_once_in_every_page_of_that_pull(folder: Folder):
    folder.put("a.mbox", many(3))
    first = folder.read()
    (folder.path / "a.mbox").rename(folder.path / "b.mbox")
    again = folder.read(first.bookmarks)
    assert again.gaps == {"a.mbox"}
    assert {a.id for a in again.activities} == {a.id for a in first.activities}
    assert folder.read(again.bookmarks).gaps == set()


def test_a_list_that_was_edited_is_read_anew_without_a_word(folder: Folder):
    file = folder.put("a.csv", ACTIVITIES)
    first = folder.read()
    touched(file, ACTIVITIES.replace("12.5", "15.00").encode())
    again = folder.read(first.bookmarks)
    assert {a.id for a in again.activities} == {a.id for a in first.activities}
    assert 900.0 in {a.duration_s for a in again.activities}
    assert again.gaps == set()


def test_a_list_that_shrank_is_told_once(folder: Folder):
    file = folder.put("a.csv", ACTIVITIES)
    first = folder.read()
    touched(file, ACTIVITIES.encode()[:-60])
    again = folder.read(first.bookmarks)
    assert again.gaps == {"a.csv"}
    assert folder.read(again.bookmarks).gaps == set()


@pytest.mark.usefixtures("small_pages")
def test_a_mailbox_that_changes_with_every_page_does_not_keep_a_pull_for_ever(folder: Folder):
    file = folder.put("a.mbox", many(9))
    pending = {Stream.EMAILS: START}
    with folder.connector() as connector:
        for count in range(20):
            (page,) = connector.read(pending)
            pending = {Stream.EMAILS: page.bookmark}
            touched(file, mail(100 + count) + many(9))
            if page.is_last:
                break
    assert page.is_last
    assert {a.id for a in folder.read(pending).activities} >= {
        a.id for a in folder.read().activities
    }


@pytest.mark.parametrize(
    "bookmark", ["oops", "[]", '{"files": 3}', '{"files": {"a": {"x": 1}}}', "7"]
)
def test_a_bookmark_that_cannot_be_read_is_the_beginning(folder: Folder, bookmark: str):
    folder.put("a.mbox", many(2))
    found = folder.read(dict.fromkeys(files.STREAMS, Bookmark(bookmark)))
    assert len(found.activities) == 2
    assert found.people


def test_bookmarks_are_small_and_name_no_place_on_the_machine(folder: Folder):
    folder.put("sub/a.mbox", many(3))
    bookmarks = folder.read().bookmarks
    assert str(folder.path) not in "".join(bookmarks.values())
    assert all(len(json.dumps(bookmark)) < 600 for bookmark in bookmarks.values())


def test_hidden_files_and_links_to_elsewhere_are_left_alone(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "b.mbox"
    elsewhere.write_bytes(many(1))
    folder.put(".hidden.mbox", many(1))
    (folder.path / "link.mbox").symlink_to(elsewhere)
    (folder.path / "there").symlink_to(elsewhere.parent)
    os.mkfifo(folder.path / "pipe.mbox")
    assert folder.read().records == []


def test_a_file_that_may_not_be_read_is_told_and_the_rest_is_read(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
):
    secret, opened = folder.put("a.mbox", many(1)), Path.open
    folder.put("b.mbox", many(2))

    def refusing(path: Path, *given: str) -> object:
        if path == secret:
            raise PermissionError
        return opened(path, *given)

    monkeypatch.setattr(Path, "open", refusing)
    found = folder.read()
    assert len(found.activities) == 2
    assert found.gaps == {"a.mbox"}


def test_of_too_many_files_the_first_are_read_and_the_rest_told(folder: Folder):
    for number in range(MOST_FILES + 1):
        folder.put(f"{number:05}.csv", "")
    folder.put("00000.csv", ACTIVITIES)
    found = folder.read()
    assert len(found.activities) == 4
    assert "other files" in found.gaps


def test_own_addresses_are_colleagues_even_if_no_file_names_them(folder: Folder):
    folder.own = "ada@gmail.com"
    (ada,) = (one for one in folder.read().records if isinstance(one, Person))
    assert (ada.kind, ada.addresses) == (PersonKind.COLLEAGUE, ("ada@gmail.com",))


def test_the_same_owner_is_the_same_tenant_whatever_the_folder(tmp_path: Path):
    def tenant(name: str, own: str) -> str:
        (tmp_path / name).mkdir(exist_ok=True)
        with Folder(tmp_path / name, own).connector() as connector:
            return connector.identify().tenant

    assert tenant("a", "Acme.com, ada@gmail.com") == tenant("b", "ada@gmail.com; @acme.com")
    assert tenant("a", "acme.com") != tenant("a", "acme.org")


def test_a_folder_that_is_not_there_is_told(folder: Folder):
    with Folder(folder.path / "none").connector() as connector:
        with pytest.raises(Misconfigured, match="not there"):
            connector.identify()
        assert [found.verdict for found in connector.examine()] == [Verdict.BAD]


@pytest.mark.parametrize("own", ["", "not a domain!", "@", "a@b@c..d"])
def test_owners_that_are_none_are_refused(own: str):
    with pytest.raises(ValueError, match="own"):
        Credentials(folder=".", own=own)


def test_nothing_is_ever_written(folder: Folder):
    with folder.connector() as connector:
        for write in (connector.write, connector.create_fields):
            with pytest.raises(Misconfigured, match="read only"):
                write([])


def test_an_examination_tells_of_every_file(folder: Folder):
    folder.put("a.mbox", many(2) + mail(9, Date="never"))
    folder.put("c.csv", CONNECTIONS)
    folder.put("notes.txt", "Hello")
    folder.put("x.csv", "colour\n")
    with folder.connector() as connector:
        found = {one.about: one for one in connector.examine()}
    assert "3 rows, 2026-03-02 to 2026-03-02. 1 of them" in found["a.mbox"].told
    assert (found["c.csv"].verdict, found["x.csv"].verdict) == (Verdict.WARNING, Verdict.WARNING)
    assert found["c.csv"].advice
    assert "passed over" in found["notes.txt"].told
    assert "Colleagues" not in found


def test_an_examination_tells_if_nobody_is_ours(folder: Folder):
    folder.own = "other.example"
    folder.put("a.mbox", many(2))
    with folder.connector() as connector:
        *_, last = connector.examine()
    assert (last.about, last.verdict) == ("Colleagues", Verdict.BAD)


PIECES = [
    b"\n\nFrom - Mon Mar  2 10:30:00 2026\n",
    b"From: ",
    b"To: a@b.example, ",
    b"Date: Mon, 02 Mar 2026 10:30:00 +0100\n",
    b"=?utf-8?b?",
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
    b"DTSTART:20260302T090000Z\r\n",
    b'DTSTART;TZID="',
    b"RRULE:FREQ=DAILY;UNTIL=",
    b"EXDATE:",
    b"RECURRENCE-ID:2026",
    b"ATTENDEE:mailto:a@b.example\r\n",
    b'"',
    b",",
    b"\0",
    b"2026-03-02,call,a@b.example,c@d.example,,1\n",
    b"00010101T000000",
    b"99991231T235959Z",
]
BEGINNINGS = {
    "a.mbox": mail(),
    "a.ics": calendar("DTSTART:20260302T090000Z").encode(),
    "a.csv": ACTIVITIES.encode(),
    "b.csv": ACTIVITIES.encode("utf-16"),
    "c.csv": CONNECTIONS.encode(),
    "messages.csv": messages().encode(),
    "nothing.ics": b"",
    "nothing.csv": b"",
    "Inbox": b"From ",
}


@pytest.mark.parametrize("name", BEGINNINGS)
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rest=st.lists(st.sampled_from(PIECES) | st.binary(max_size=40), max_size=25))
def test_any_bytes_are_read_or_set_aside(folder: Folder, name: str, rest: list[bytes]):
    folder.put(name, BEGINNINGS[name] + b"".join(rest))
    found = folder.read()
    assert all(place.startswith(f"{name}, ") for place in found.malformed)
    assert folder.read(found.bookmarks).gaps == found.gaps
