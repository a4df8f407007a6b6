"""dlt's `rest_api` source, configured by us: dlt has none for a CRM that comes with the package."""

import contextlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors import Stream
from connectors.hubspot.streams import SOURCES as OBJECTS
from connectors.salesforce.sources import SOURCES as SOBJECTS
from connectors.salesforce.sources import Source
from tests.benchmarks.peers.pulling import STREAMS
from tests.benchmarks.peers.tool import SINCE, Desk, Package, Reading

LOADING = Path(__file__).with_name("dlt_loading.py")
NAMES = {
    Stream.CONTACTS: "contacts",
    Stream.EMAILS: "emails",
    Stream.MEETINGS: "meetings",
    Stream.CALLS: "calls",
    Stream.MESSAGES: "communications",
    Stream.TASKS: "tasks",
}
STORE = "store.db"


@dataclass
class Configured:
    """A pipeline of dlt.

    Attributes:
        tables: The prefix that the CRM's ids have here, by the name of an object there.
        searches: HubSpot is searched once everything is listed; without, it is always listed.
        lag_s: How far before the last moment read to begin again.
    """

    name: str
    crm: str
    package: Package
    tables: Mapping[str, str]
    searches: bool = False
    lag_s: float = 0.0
    goes_by_the_crm: bool = False

    def install(self) -> None:
        """Make its environment."""
        self.package.install()

    def kinds(self) -> frozenset[str]:
        """Give the prefixes of the ids it reads."""
        return frozenset(self.tables.values())

    def prepare(self, desk: Desk) -> None:
        """Write what it is told: the same columns that Tieline reads, and where."""
        asked = {
            "crm": self.crm,
            "folder": str(desk.folder),
            "url": desk.url.rstrip("/"),
            "secrets": dict(desk.secrets),
            "since": SINCE,
            "lag_s": self.lag_s,
            "searches": self.searches,
            "tables": {name: name.lower() for name in self.tables},
            "selected": selected(self.crm),
        }
        (desk.folder / "config.json").write_text(json.dumps(asked))

    def command(self, desk: Desk) -> list[str]:
        """Give what runs it once; it keeps its state itself."""
        program = self.package.program("python")
        return [program, "-P", str(LOADING), str(desk.folder / "config.json")]

    def reading(self, desk: Desk, expected: Mapping[str, int]) -> Reading:
        """Look what its store has of what is expected, in the version expected."""
        said = (desk.folder / "out.txt").read_text().strip().splitlines()
        rows = json.loads(said[-1])["rows"] if said and said[-1].startswith('{"rows"') else 0
        known = self._known(desk.folder / STORE)
        current = {i for i, at in known.items() if i in expected and _ms(at) >= expected[i]}
        return Reading(frozenset(current), rows)

    def _known(self, store: Path) -> dict[str, str]:
        found: dict[str, str] = {}
        with contextlib.closing(sqlite3.connect(store)) as db:
            there = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            at = "updated_at" if self.crm == "hubspot" else "system_modstamp"
            for name, kind in self.tables.items():
                if name.lower() in there:
                    query = f"SELECT id, {at} FROM {name.lower()}"  # noqa: S608 - our own names
                    begin = f"{kind}:" if self.crm == "hubspot" else ""
                    found |= {f"{begin}{row_id}": at for row_id, at in db.execute(query)}
        return found


def selected(crm: str) -> dict[str, Any]:
    """Give the columns that Tieline reads, by object: a list, or as SOQL has them."""
    if crm == "hubspot":
        return {NAMES[one]: OBJECTS[one].properties for one in STREAMS[crm]}
    return {SOBJECTS[one].sobject: _soql(SOBJECTS[one]) for one in STREAMS[crm]}


def _soql(source: Source) -> str:
    nested = [
        f"(SELECT {', '.join((one.key, *one.fields))} FROM {one.name} {one.then})"  # noqa: S608 - our own names
        for one in source.relations
    ]
    return ", ".join([*source.fields, *nested])


def _ms(moment: str) -> int:
    at = datetime.fromisoformat(moment)
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
