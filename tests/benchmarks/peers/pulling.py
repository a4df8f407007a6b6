"""One pull of Tieline into a store of its own, as a process: the stage as the service runs it.

    python -m tests.benchmarks.peers.pulling CRM URL DATABASE AHEAD_S

AHEAD_S is how far the CRM's clock is ahead. Prints how the stage ended as one JSON object.
"""

import contextlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Allowance
from app.pipeline import Link, run
from app.store import connections, tables
from app.store.database import migrate, open_database
from connectors import Stream, module
from connectors._sandbox import sandbox_module

STREAMS = {
    "salesforce": (Stream.CONTACTS, Stream.MEETINGS, Stream.TASKS),
    "hubspot": (
        Stream.CONTACTS,
        Stream.EMAILS,
        Stream.MEETINGS,
        Stream.CALLS,
        Stream.MESSAGES,
        Stream.TASKS,
    ),
}
"""What the others read too."""


def pull(crm: str, url: str, file: Path, ahead: timedelta) -> dict[str, object]:
    """Pull once; gives how it ended."""
    database = open_database(f"sqlite:///{file}")
    migrate(database)

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    connection_id = _connection(database, crm, now())
    allowance = Allowance(database, connection_id, now)
    sandbox = sandbox_module(crm)
    credentials = getattr(sandbox, "oauth_credentials", sandbox.credentials)(url)
    connector = module(crm).connect(credentials, on_refresh=lambda _: None, permit=allowance.permit)
    allowance.quota = lambda: connector.quota
    with contextlib.closing(connector):
        link = Link(connection_id, crm, connector, STREAMS[crm], allowance=allowance)
        (report,) = run(database, [link], only=["pull"], now=now)
    database.dispose()
    return {"status": report.status, "reason": report.reason, "counts": report.counts}


def _connection(database: Engine, crm: str, at: datetime) -> int:
    with Session(database) as session, session.begin():
        for known in connections.every(session):
            assert known.id is not None
            return known.id
        made = tables.Connection(crm=crm, title=crm, tenant=crm, credentials=b"", created_at=at)
        return connections.add(session, made)


if __name__ == "__main__":
    name, address, store, seconds = sys.argv[1:]
    print(json.dumps(pull(name, address, Path(store), timedelta(seconds=float(seconds)))))
