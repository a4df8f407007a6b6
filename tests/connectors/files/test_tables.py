"""CSV files: columns by their names, in any encoding, and LinkedIn's own."""

from datetime import UTC, date, datetime

import pytest

from connectors import Account, Acquaintance, Channel, Participant, PersonKind, Role
from connectors.files.lines import LONGEST_LINE
from tests.connectors.files.folders import Folder

ACTIVITIES = """\
at,channel,from,to,cc,minutes
2026-03-02T10:30:00+01:00,email,Ada Lund <ada@near.example>,bo@far.example; cy@far.example,,
2026-03-03 09:00,call,ada@near.example,bo@far.example,,12.5
2026-03-04 09:00,meeting,,"ada@near.example, Bo Holm <bo@far.example>",cy@far.example,30
2026-03-05 09:00,chat,bo@far.example,ada@near.example,,
"""

CONNECTIONS = """\
Notes:
"When exporting your connection data, you may notice that some of the email addresses are missing."

First Name,Last Name,URL,Email Address,Company,Position,Connected On
Bo,Holm,https://www.linkedin.com/in/Bo-Holm,,Far Inc,Buyer,05 Mar 2021
Cy,Berg,https://www.linkedin.com/in/cy,cy@far.example,Far Inc,,06 Mar 2021
"""

ADA, BO, CY = (f"https://www.linkedin.com/in/{name}" for name in ("ada", "bo-holm", "cy"))
COLUMNS = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,"
    "SUBJECT,CONTENT,FOLDER"
)


def said(
    sender: str,
    to: str,
    *,
    at: str = "2026-03-02 09:30:00 UTC",
    thread: str = "t1",
    extra: str = "hi",
) -> str:
    names = {ADA: "Ada Lund", BO: "Bo Holm", CY: "Cy Berg"}
    return f'{thread},,{names.get(sender, "Shop")},{sender},{names[to]},{to},{at},,"{extra}",INBOX'


def messages(*lines: str) -> str:
    return "\n".join([COLUMNS, *lines, ""])


def test_activities_of_all_channels_are_read(folder: Folder):
    folder.put("a.csv", ACTIVITIES)
    found = {activity.channel: activity for activity in folder.read().activities}
    assert set(found) == {Channel.EMAIL, Channel.CALL, Channel.MEETING, Channel.CHAT}
    assert found[Channel.EMAIL].at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert found[Channel.EMAIL].recipients == 2
    assert found[Channel.CALL].duration_s == 750.0
    assert found[Channel.MEETING].recipients == 2
    assert {p.role for p in found[Channel.MEETING].participants} == {Role.PARTY}
    assert found[Channel.CHAT].participants[0] == Participant(Role.FROM, address="bo@far.example")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_recognised(folder: Folder, encoding: str, delimiter: str):
    rows = [
        ("Name", "E-Mail", "Email"),
        ("Jörg Ångström", "x", "j@far.example"),
        ("Zoë\x0a", "", "z@z.z"),
    ]
    text = "\r\n".join(delimiter.join(row).replace("\n", "") for row in rows)
    folder.put("people.csv", text.encode(encoding))
    people = folder.read().people
    assert set(people) == {"Jörg Ångström", "Zoë"}


def test_rows_that_cannot_be_read_are_told_by_line_and_never_by_value(folder: Folder):
    bad = [
        "noon,email,a@b.c,d@e.f,,",
        "2026-03-02,pigeon,a@b.c,d@e.f,,",
        "2026-03-02,email,a@b.c,,,",
        "2026-03-02,call,a@b.c,d@e.f,,ages",
        "2026-03-02,call,a@b.c,d@e.f,,99999",
        '2026-03-02,"call"x,a@b.c,d@e.f,,',
        "x" * (LONGEST_LINE + 5),
    ]
    folder.put("a.csv", ACTIVITIES + "\n".join(bad) + "\n2026-03-09,email,a@b.c,d@e.f,,\n")
    found = folder.read()
    assert len(found.activities) == 5
    assert list(found.malformed) == [f"a.csv, line {line}" for line in range(6, 13)]
    assert "too long" in found.malformed["a.csv, line 12"]
    assert "pigeon" not in repr(found.malformed)


@pytest.mark.parametrize("filling", ["\u0a0a", "\u0a00", "\u000d"])
def test_lines_in_utf_16_end_where_they_do_and_no_earlier(folder: Folder, filling: str):
    long = f"2026-03-06,email,a@b.c,d@e.f,,{filling * LONGEST_LINE}\n"
    last = "2026-03-06,email,a@b.c,d@e.f,,\n"
    folder.put("a.csv", (ACTIVITIES + long + last).encode("utf-16"))
    found = folder.read()
    assert (len(found.activities), set(found.malformed)) == (5, {"a.csv, line 6"})


def test_a_quote_that_is_never_closed_costs_no_more_than_its_rows(folder: Folder):
    broken = '2026-03-06,email,"a@b.c,d@e.f,,\n' + "2026-03-06,email,a@b.c,d@e.f,,\n" * 9000
    folder.put("a.csv", ACTIVITIES + broken)
    found = folder.read()
    assert "a.csv, line 6" in found.malformed
    assert len({a.id for a in found.activities}) == 5


def test_the_same_row_twice_is_one_activity_wherever_it_stands(folder: Folder):
    folder.put("a.csv", ACTIVITIES)
    folder.put(
        "b.csv", "\n".join(reversed(ACTIVITIES.splitlines()[1:])).join([ACTIVITIES[:30], ""])
    )
    assert len({found.id for found in folder.read().activities}) == 4


def test_contacts_bring_names_titles_and_companies(folder: Folder):
    folder.put(
        "c.csv", "Name,Email,Company,Title\nBo Holm,BO@far.example,Far Inc,Buyer\nEd,,,\n,,x,\n"
    )
    found = folder.read()
    bo = found.people["Bo Holm"]
    assert (bo.addresses, bo.title) == (("bo@far.example",), "Buyer")
    (account,) = (one for one in found.records if isinstance(one, Account))
    assert (account.name, account.id) == ("Far Inc", bo.account_id)
    assert set(found.malformed) == {"c.csv, line 4"}


def test_a_csv_of_unknown_columns_is_told_until_it_is_gone(folder: Folder):
    file = folder.put("x.csv", "colour,size\nred,2\n")
    first = folder.read()
    assert first.gaps == {"x.csv"}
    assert folder.read(first.bookmarks).gaps == {"x.csv"}
    file.unlink()
    assert folder.read(first.bookmarks).gaps == set()


def test_linkedins_connections_are_contacts_and_no_activities(folder: Folder):
    folder.put("Connections.csv", CONNECTIONS)
    found = folder.read()
    assert found.activities == []
    assert found.people["Cy Berg"].addresses == ("cy@far.example",)
    bo = found.people["Bo Holm"]
    assert (bo.kind, bo.addresses, bo.title) == (PersonKind.CONTACT, (), "Buyer")
    assert bo.account_id == found.people["Cy Berg"].account_id is not None


def test_linkedins_messages_are_read_and_their_owner_is_who_is_in_all(folder: Folder):
    folder.own = "ada@near.example"
    folder.put("Connections.csv", CONNECTIONS)
    folder.put("messages.csv", messages(said(ADA, BO), said(CY, ADA, thread="t2")))
    found = folder.read()
    assert {a.channel for a in found.activities} == {Channel.LINKEDIN}
    ada, bo = found.people["Ada Lund"], found.people["Bo Holm"]
    assert (ada.kind, ada.addresses) == (PersonKind.COLLEAGUE, ("ada@near.example",))
    first = next(a for a in found.activities if a.participants[0].person_id == ada.id)
    assert first.participants[1] == Participant(Role.TO, bo.id)
    assert len({a.thread for a in found.activities}) == 2


def test_advertisements_and_drafts_are_dropped_and_nothing_said_is_kept(folder: Folder):
    ads = (said("", ADA), said(CY, ADA, extra="<p class=spinmail-quill-editor>Buy"))
    folder.put("messages.csv", messages(*ads, said(ADA, BO, extra="Top secret,\nindeed"), "t,,x"))
    found = folder.read()
    assert len(found.activities) == 1
    assert "secret" not in repr(found)
    assert "Buy" not in repr(found)


def test_rows_of_linkedin_that_have_shifted_are_set_aside(folder: Folder):
    folder.put(
        "Connections.csv", CONNECTIONS + "Di,Em,https://www.linkedin.com/in/di,,A,B,C\nEd,Fo,,,,,\n"
    )
    found = folder.read()
    assert set(found.malformed) == {"Connections.csv, line 7", "Connections.csv, line 8"}


def test_a_connection_is_linked_with_whom_the_folder_is_called_after(folder: Folder):
    folder.put("Ada@Near.example/Connections.csv", CONNECTIONS)
    people = folder.read().people
    (ada,) = (one for one in people.values() if one.kind is PersonKind.COLLEAGUE)
    assert (ada.kind, ada.addresses) == (PersonKind.COLLEAGUE, ("ada@near.example",))
    assert people["Bo Holm"].linked == (Acquaintance(ada.id, date(2021, 3, 5)),)


def test_the_lists_of_two_colleagues_may_name_the_same_person(folder: Folder):
    for owner in ("ada", "eve"):
        folder.put(f"{owner}@near.example/Connections.csv", CONNECTIONS)
    bo = folder.read().people["Bo Holm"]
    assert len({one.colleague_id for one in bo.linked}) == 2


@pytest.mark.parametrize(
    ("own", "name", "links"),
    [
        ("ada@near.example", "Connections.csv", 1),
        ("near.example", "Connections.csv", 0),
        ("near.example", "bo@far.example/Connections.csv", 0),
        ("ada@near.example, eve@near.example", "linkedin/Connections.csv", 0),
    ],
)
def test_a_list_is_nobodys_unless_it_can_be_told_whose(
    folder: Folder, own: str, name: str, links: int
):
    folder.own = own
    folder.put(name, CONNECTIONS)
    assert len(folder.read().people["Bo Holm"].linked) == links
