"""Tieline: its connector and its pull stage into a new SQLite store, as a process of its own."""

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.peers.tool import Desk, Reading
from tests.benchmarks.peers.trust import ROOT

STORE = "tieline.db"


@dataclass
class Ours:
    """Tieline, reading one CRM."""

    crm: str
    all_kinds: frozenset[str]
    name: str = "Tieline"
    goes_by_the_crm: bool = True

    def install(self) -> None:
        """Do nothing: this is its environment."""

    def kinds(self) -> frozenset[str]:
        """Give the prefixes of the ids it reads."""
        return self.all_kinds

    def prepare(self, desk: Desk) -> None:
        """Begin with an empty store."""
        (desk.folder / STORE).unlink(missing_ok=True)

    def command(self, desk: Desk) -> list[str]:
        """Give what runs it once, from its store on."""
        run = [sys.executable, "-m", "tests.benchmarks.peers.pulling", self.crm, desk.url]
        where = f"PYTHONPATH={os.pathsep.join([str(ROOT)])}"
        return ["env", where, *run, str(desk.folder / STORE), str(desk.ahead_s)]

    def reading(self, desk: Desk, expected: Mapping[str, int]) -> Reading:
        """Look what its store has of what is expected, in the version expected."""
        said = (desk.folder / "out.txt").read_text().strip().splitlines()
        report: Any = json.loads(said[-1]) if said else {"status": "failed", "counts": {}}
        with contextlib.closing(sqlite3.connect(desk.folder / STORE)) as store:
            rows = store.execute(
                "SELECT external_id, modified_at FROM profile WHERE is_seen "
                "UNION ALL SELECT external_id, modified_at FROM activity"
            ).fetchall()
        current = {i for i, at in rows if i in expected and _ms(at) >= expected[i]}
        is_green = report["status"] == "ok"
        return Reading(frozenset(current), report["counts"].get("read", 0), is_green)


def _ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)
