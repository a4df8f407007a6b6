"""The Enron email record as two CRMs would hold it. What is real is told in ``record/README.md``.

Outside: 146 mailboxes and everybody outside them that they wrote to or heard from, as users,
contacts and logged emails without direction. Inside: the traders as owners, everybody else as
contacts of the department they work in, and every email between the two with its recipients.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.demo.names import address, pseudonym
from connectors import (
    Account,
    Activity,
    Channel,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
)

_RECORD = Path(__file__).parent / "record"
_INSIDE_NUMBERS = 20_000  # the two parts of the record number different people
_SELLERS = "Trading"


def newest() -> datetime:
    """When the last email of the record was sent."""
    return max(_at(rows[-1], timedelta()) for rows in (_rows("outside_mail"), _rows("inside_mail")))


def shift_to(now: datetime) -> timedelta:
    """The whole days by which the record is moved so that it ends on the day of `now`."""
    days = timedelta(days=(now - newest()).days)
    return days if newest() + days <= now else days - timedelta(days=1)


def outside(shift: timedelta) -> Iterator[Record]:
    """The mailboxes and the world outside them: 146 colleagues, 18,433 contacts, their domains."""
    people = {row["id"]: row for row in _rows("outside_people")}
    mails = [
        (row, [other for other in row["others"].split() if people[other]["is_mailbox"] == "0"])
        for row in _rows("outside_mail")
    ]
    begun: dict[str, datetime] = {}
    for row, others in mails:
        for number in (row["mailbox"], *others):
            begun.setdefault(number, _at(row, shift))
    domains: dict[str, datetime] = {}
    for number, at in begun.items():
        if people[number]["is_mailbox"] == "0" and people[number]["domain"]:
            domains.setdefault(people[number]["domain"], at)
    for domain, at in domains.items():
        yield Account(ExternalId(domain), domain, domain, modified_at=at)
    for number, at in begun.items():
        yield _outsider(people[number], at)
    for index, (row, others) in enumerate(mails):
        if others:
            everybody = (row["mailbox"], *others)
            yield Activity(
                id=ExternalId(f"mail {index}"),
                channel=Channel.EMAIL,
                at=_at(row, shift),
                participants=tuple(Participant(Role.PARTY, ExternalId(n)) for n in everybody),
                recipients=int(row["recipients"]),
                modified_at=_at(row, shift),
            )


def inside(shift: timedelta) -> Iterator[Record]:
    """The traders and the colleagues they deal with: 60 owners, 96 contacts, their departments."""
    people = {row["id"]: row for row in _rows("inside_people")}
    sellers = {number for number, row in people.items() if row["department"] == _SELLERS}
    mails = [(row, row["recipients"].split()) for row in _rows("inside_mail")]
    begun = _at(mails[0][0], shift)
    units = {_unit(row) for number, row in people.items() if number not in sellers}
    for unit in sorted(filter(None, units)):
        yield Account(ExternalId(unit), unit, _domain(unit), modified_at=begun)
    for number, row in people.items():
        yield _insider(row, begun, is_seller=number in sellers)
    for index, (row, recipients) in enumerate(mails):
        everybody = {row["sender"], *recipients}
        if everybody & sellers and everybody - sellers:
            yield Activity(
                id=ExternalId(f"mail {index}"),
                channel=Channel.EMAIL,
                at=_at(row, shift),
                participants=(
                    Participant(Role.FROM, ExternalId(row["sender"])),
                    *(Participant(Role.TO, ExternalId(n)) for n in recipients),
                ),
                recipients=len(recipients),
                modified_at=_at(row, shift),
            )


def _outsider(row: dict[str, str], at: datetime) -> Person:
    name = pseudonym(int(row["id"]))
    is_user = row["is_mailbox"] == "1"
    return Person(
        id=ExternalId(row["id"]),
        kind=PersonKind.COLLEAGUE if is_user else PersonKind.CONTACT,
        name=name,
        addresses=(address(name, row["domain"]),) if row["domain"] else (),
        account_id=ExternalId(row["domain"]) if row["domain"] and not is_user else None,
        modified_at=at,
    )


def _insider(row: dict[str, str], at: datetime, *, is_seller: bool) -> Person:
    name, unit = pseudonym(_INSIDE_NUMBERS + int(row["id"])), _unit(row)
    return Person(
        id=ExternalId(row["id"]),
        kind=PersonKind.COLLEAGUE if is_seller else PersonKind.CONTACT,
        name=name,
        addresses=(address(name, _domain(unit)),),
        title=row["title"],
        department=unit,
        account_id=None if is_seller or unit is None else ExternalId(unit),
        modified_at=at,
    )


def _unit(row: dict[str, str]) -> str | None:
    """The department, where the record knows it."""
    return None if row["unit"] == "nan" else row["unit"]


def _domain(unit: str | None) -> str:
    return (unit or "elsewhere").lower().replace(" ", "-") + ".example"


def _at(row: dict[str, str], shift: timedelta) -> datetime:
    return datetime.fromtimestamp(int(row["at_s"]), UTC) + shift


def _rows(name: str) -> list[dict[str, str]]:
    packed = (_RECORD / f"{name}.csv.gz").read_bytes()
    return list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode())))
