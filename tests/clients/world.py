"""What the clients find: a few people with names, and a crowd to page through."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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

CROWD = 2100
"""More contacts than a page of any API holds; the programs know the number."""

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_ANNE, _CLARA, _ACME = ExternalId("anne"), ExternalId("clara"), ExternalId("acme")


def records() -> Iterator[Record]:
    """Give the records, those that others name before the others."""
    yield Account(_ACME, "Acme", "acme.example", modified_at=THEN)
    yield _person(_ANNE, PersonKind.COLLEAGUE, "Anne Abel", "anne@ours.example")
    yield _person(_CLARA, PersonKind.CONTACT, "Clara Crow", "clara@acme.example")
    for number in range(CROWD - 1):
        name = f"c{number}"
        yield _person(
            ExternalId(name), PersonKind.CONTACT, f"Carl Number{number}", f"{name}@acme.example"
        )
    yield from (_email(number) for number in range(3))


def _person(person_id: ExternalId, kind: PersonKind, name: str, address: str) -> Person:
    return Person(person_id, kind, name, (address,), modified_at=THEN)


def _email(number: int) -> Activity:
    at = THEN + timedelta(days=number)
    parties = (Participant(Role.FROM, person_id=_ANNE), Participant(Role.TO, person_id=_CLARA))
    return Activity(ExternalId(f"m{number}"), Channel.EMAIL, at, parties, 1, modified_at=at)
