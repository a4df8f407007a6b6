"""Mail in mbox files: who wrote to whom and when, whatever the headers look like."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import Activity, Channel, Participant, PersonKind, Role
from connectors.files import mbox
from tests.connectors.files.folders import Folder, mail


def one(folder: Folder, **headers: str) -> Activity:
    """The one activity of a mailbox with one message."""
    folder.put("a.mbox", mail(**headers))
    (found,) = folder.read().activities
    return found


def test_a_message_tells_who_wrote_to_whom_and_when(folder: Folder):
    found = one(folder, Cc="cy@far.example, Ada@near.example", Bcc="di@far.example")
    assert (found.channel, found.at) == (Channel.EMAIL, datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    assert found.participants == (
        Participant(Role.FROM, address="ada@near.example"),
        Participant(Role.TO, address="bo@far.example"),
        Participant(Role.CC, address="cy@far.example"),
        Participant(Role.BCC, address="di@far.example"),
    )
    assert (found.recipients, found.happened, found.is_bulk) == (3, True, False)


def test_people_are_colleagues_or_contacts_with_the_name_they_are_called_most(folder: Folder):
    named = ("B. Holm <bo@far.example>", "Bo Holm <bo@far.example>", '"Holm, Bo" <bo@far.example>')
    folder.put("a.mbox", b"".join(mail(n, To=to) for n, to in enumerate(named)))
    people = folder.read().people
    assert set(people) == {"Ada Lund", "Bo Holm"}
    assert people["Ada Lund"].kind is PersonKind.COLLEAGUE
    assert people["Bo Holm"].kind is PersonKind.CONTACT
    assert people["Bo Holm"].addresses == ("bo@far.example",)


def test_the_same_mail_in_two_mailboxes_is_one(folder: Folder):
    folder.put("ada.mbox", mail())
    folder.put(
        "bo/Inbox", b"From bo@far.example Mon Mar  2 10:30:00 2026\nX-Seen: 1\n" + mail()[32:]
    )
    assert len({found.id for found in folder.read().activities}) == 1


def test_ids_are_the_same_wherever_the_folder_is(tmp_path: Path):
    first, second = Folder(tmp_path / "here"), Folder(tmp_path / "there")
    for each in (first, second):
        each.put("a.mbox", mail() + mail(2, Message_ID=""))
    assert [r.id for r in first.read().records] == [r.id for r in second.read().records]
    assert str(tmp_path) not in repr(first.read())


def test_answers_are_of_one_thread(folder: Folder):
    first = mail(1)
    second = mail(2, In_Reply_To="<1@near.example>")
    third = mail(3, References="<1@near.example>\n <2@near.example>")
    folder.put("a.mbox", first + second + third)
    assert len({found.thread for found in folder.read().activities}) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"List_Id": "<l.far.example>"},
        {"List_Unsubscribe": "<mailto:x@far.example>"},
        {"Precedence": "Bulk"},
    ],
)
def test_what_goes_to_many_is_bulk_and_makes_no_contact(folder: Folder, headers: dict[str, str]):
    assert one(folder, **headers).is_bulk
    assert folder.read().people == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Content_Type": "multipart/report; report-type=delivery-status"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"X_Gmail_Labels": "Drafts,Important"},
    ],
)
def test_what_a_machine_sent_or_nobody_did_not_happen(folder: Folder, headers: dict[str, str]):
    assert not one(folder, **headers).happened


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("=?utf-8?q?J=C3=B6rg_M=C3=BCller?= <j@far.example>", "Jörg Müller"),
        ("=?iso-8859-1?B?SvZyZw==?= =?utf-8?q?_M=C3=BCller?= <j@far.example>", "Jörg Müller"),
        ("=?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <j@far.example>", "Jörg Müller"),
        ("Jörg Müller <j@far.example>", "Jörg Müller"),
        ("'j@far.example' <j@far.example>", ""),
        ("j@far.example (Jörg Müller)", "Jörg Müller"),
        ("=?nonsense?q?J=C3=B6rg?= <j@far.example>", "Jörg"),
        ('"Jörg \\"J\\" Müller" <j@far.example>', 'Jörg "J" Müller'),
        ("Team: j@far.example;", ""),
        ("Jörg <<j@far.example>>", ""),
    ],
)
def test_names_and_addresses_are_read_however_written(folder: Folder, written: str, name: str):
    assert one(folder, To=written).participants[1].address == "j@far.example"
    assert name in folder.read().people


def test_raw_latin_letters_are_read(folder: Folder):
    folder.put("a.mbox", mail(To="J@rg <j@far.example>").replace(b"J@rg", b"J\xf6rg"))
    assert "Jörg" in folder.read().people


def test_a_line_of_a_body_that_looks_like_a_message_is_none(folder: Folder):
    alone = b"\nFrom the beginning, in 2026\nwe said so.\n\nFrom me: to you\nTo: nobody\n\n"
    folder.put("a.mbox", mail(1) + alone + b"He said\nFrom 2026\nTo: us\n\n" + mail(2))
    found = folder.read()
    assert (len(found.activities), found.malformed) == (2, {})


def test_messages_with_other_line_ends_or_no_blank_line_between_are_found(folder: Folder):
    folder.put("crlf.mbox", (mail(1) + mail(2)).replace(b"\n", b"\r\n"))
    folder.put("dense.mbox", mail(3).rstrip() + b"\n" + mail(4))
    assert len({found.id for found in folder.read().activities}) == 4


def test_what_cannot_be_read_is_told_by_its_place_and_the_rest_is_read(folder: Folder):
    bad = mail(2, Date="some day"), mail(3, From="nobody"), mail(4, Date="Mon, 2 Mar 1926 10:30:00")
    folder.put("a.mbox", b"".join([mail(1), *bad, mail(5)]))
    found = folder.read()
    assert len(found.activities) == 2
    places = [f"a.mbox, byte {len(mail(1)) + at}" for at in (0, len(bad[0]), len(bad[0] + bad[1]))]
    assert list(found.malformed) == places
    assert "date" in found.malformed[places[0]]
    assert "nobody" not in repr(found.malformed)


def test_neither_subject_nor_body_is_kept(folder: Folder):
    folder.put("a.mbox", mail())
    shown = repr(folder.read())
    assert "secret" not in shown
    assert "Body" not in shown


def test_headers_without_end_are_set_aside(folder: Folder):
    endless = b"From - Mon Mar  2 10:30:00 2026\n" + b"X-A: b\n" * (mbox.LONGEST_HEADERS // 4)
    folder.put("a.mbox", mail(1) + endless + b"\n\n" + mail(2))
    found = folder.read()
    assert len(found.activities) == 2
    assert "too long" in found.malformed[f"a.mbox, byte {len(mail(1))}"]


def test_a_body_longer_than_what_is_held_in_memory_is_passed_over(folder: Folder):
    folder.put("a.mbox", mail(1) + b"x" * (2 * mbox.CHUNK + 7) + b"\n\n" + mail(2))
    assert len(folder.read().activities) == 2


@pytest.mark.parametrize("shift", range(-12, 40, 3))
def test_a_message_is_found_wherever_memory_ends(folder: Folder, shift: int):
    filler = b"x" * (mbox.CHUNK - len(mail(1)) - 2 + shift) + b"\n\n"
    folder.put("a.mbox", mail(1) + filler + mail(2))
    assert len(folder.read().activities) == 2


@pytest.mark.parametrize("value", ["(" * 60_000 + "a@b.example", "a" * 60_000 + "@", "<" * 60_000])
def test_headers_made_to_hang_a_reader_do_not(folder: Folder, value: str):
    folder.put("a.mbox", mail(1, Cc=value) + mail(2))
    assert len(folder.read().activities) == 2
