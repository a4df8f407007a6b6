"""What the CRMs hold, what changes in them, and what is true of them."""

import contextlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors import (
    Activity,
    Channel,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
)
from connectors._sandbox import Running, Sandbox, Server, open_state, running, sandbox_module
from connectors.hubspot.sandbox import levers as portal_levers
from connectors.hubspot.sandbox import state
from connectors.salesforce.sandbox import edits
from connectors.salesforce.sandbox import levers as org_levers

KINDS = {
    "hubspot": ("0-1", "0-49", "0-47", "0-48", "0-18", "0-27"),
    "salesforce": ("003", "00T", "00U"),
}
"""How the ids of a CRM's contacts begin, then those of each kind of activity."""

CHANNELS = {
    "hubspot": (Channel.EMAIL, Channel.MEETING, Channel.CALL, Channel.SMS),
    "salesforce": (Channel.CALL, Channel.MEETING),
}
TASK, CONTACT, MEETING = "0-27", "0-1", "0-47"
TABLES = {"003": "Contact", "00T": "Task", "00U": "Event"}
AGE = timedelta(days=300)
ANNE = ExternalId("anne")


@dataclass(frozen=True, slots=True)
class Size:
    """How much of what there is."""

    contacts: int
    activities: int

    def __truediv__(self, by: int) -> "Size":
        return Size(self.contacts // by, self.activities // by)


def make(crm: str, size: Size, file: Path) -> None:
    """Fill a state file, so that many worlds can begin as copies of it."""
    with contextlib.closing(open_state(file)) as db:
        sandbox = Sandbox(db)
        each = size.activities // (len(KINDS[crm]) - 1)
        ids = sandbox_module(crm).fill(sandbox, _records(crm, size.contacts, each))
        if crm == "hubspot":
            contacts = [ids[ExternalId(f"c{n}")] for n in range(size.contacts)]
            _put_tasks(sandbox, each, contacts)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextlib.contextmanager
def opened(crm: str, template: Path, folder: Path, server: Server) -> Iterator[Running]:
    """Run a copy of a world while the context lasts."""
    copy = folder / f"{crm}.state"
    shutil.copyfile(template, copy)
    with running(crm, state=copy, server=server) as found:
        if crm == "salesforce":
            org_levers.allow_calls(found.sandbox, 100_000)
        yield found


def truth(found: Running, kinds: Iterable[str]) -> Mapping[str, int]:
    """Give every record of these kinds, and when it changed last (ms since 1970)."""
    query = found.sandbox.db.execute
    if found.name == "hubspot":
        rows = query("SELECT type, id, modified FROM objects WHERE archived = 0").fetchall()
        return {f"{kind}:{number}": at for kind, number, at in rows if kind in kinds}
    known: dict[str, int] = {}
    for kind in kinds:
        # The names are our own.
        sql = f'SELECT "Id", "SystemModstamp" FROM "{TABLES[kind]}" WHERE NOT "IsDeleted"'  # noqa: S608
        known |= {row_id: _ms(at) for row_id, at in query(sql)}
    return known


def change(found: Running, contacts: int, activities: int) -> frozenset[str]:
    """Have somebody change so many contacts and activities, of all kinds alike; gives their ids."""
    first, *others = KINDS[found.name]
    wanted = {first: contacts} | dict.fromkeys(others, activities // len(others))
    chosen = [
        one
        for kind, number in wanted.items()
        for one in _spread(sorted(truth(found, [kind])), number)
    ]
    for one in chosen:
        edit(found, ExternalId(one))
    return frozenset(chosen)


def edit(found: Running, record_id: ExternalId) -> None:
    """Have somebody change a record now: a contact's job, an activity's time or length."""
    now = found.sandbox.clock.now()
    if found.name == "hubspot":
        at = state.iso(state.to_ms(now))
        is_contact = record_id.startswith(f"{CONTACT}:")
        values = {"jobtitle": f"CTO since {at}"} if is_contact else {"hs_timestamp": at}
        if record_id.startswith(f"{MEETING}:"):
            values |= {"hs_meeting_start_time": at, "hs_meeting_end_time": at}
        portal_levers.touch(found.sandbox, record_id, **values)
        return
    at = now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    columns: dict[str, dict[str, str | int]] = {
        "003": {"Title": f"CTO since {at}"},
        "00T": {"CallDurationInSeconds": now.second + now.minute * 60 + 1},
        "00U": {"DurationInMinutes": now.second + 1},
    }
    edits.edit(found.sandbox, record_id, **columns[record_id[:3]])


def _spread(ids: list[str], number: int) -> list[str]:
    step = max(1, len(ids) // number) if number else 1
    return ids[::step][:number]


def _records(crm: str, contacts: int, each: int) -> Iterator[Record]:
    """Give a colleague, contacts, and as many activities of each channel, each at its own time."""
    begin = datetime.now(UTC).replace(microsecond=0) - AGE
    step = (AGE - timedelta(days=1)) / max(contacts, each)
    yield Person(ANNE, PersonKind.COLLEAGUE, "Anne Abel", ("anne@ours.example",), modified_at=begin)
    for n in range(contacts):
        name, at = ExternalId(f"c{n}"), _whole(begin + n * step)
        address = (f"c{n}@acme.example",)
        yield Person(name, PersonKind.CONTACT, f"Carl Number{n}", address, modified_at=at)
    for channel in CHANNELS[crm]:
        for n in range(each):
            at = _whole(begin + n * step)
            who = ExternalId(f"c{n % contacts}")
            parties = (Participant(Role.FROM, ANNE), Participant(Role.TO, who))
            name = ExternalId(f"{channel} {n}")
            yield Activity(name, channel, at, parties, duration_s=600.0, modified_at=at)


def _put_tasks(sandbox: Sandbox, number: int, contacts: list[ExternalId]) -> None:
    """Put tasks on LinkedIn in, which no neutral record becomes."""
    db, begin = sandbox.db, datetime.now(UTC) - AGE
    step = (AGE - timedelta(days=1)) / max(number, 1)
    db.execute("BEGIN")
    for n in range(number):
        at = state.to_ms(begin + n * step)
        key = TASK, state.next_id(db, TASK)
        values = {
            "hs_timestamp": state.iso(at),
            "hs_task_type": "LINKED_IN_MESSAGE",
            "hs_task_status": "COMPLETED",
            "hubspot_owner_id": "101",
        }
        state.put_object(db, *key, values, at)
        state.link(db, key, (CONTACT, int(contacts[n % len(contacts)].partition(":")[2])))
    db.execute("COMMIT")


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _ms(stamp: str) -> int:
    return round(datetime.fromisoformat(stamp).timestamp() * 1000)
