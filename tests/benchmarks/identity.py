"""How well people are told apart: precision and recall on planted duplicates. By hand.

    python -m tests.benchmarks.identity [--persons 2000] [--seeds 3 4 5]

A company is made up whose people have several records: in both CRMs, under other addresses, after
a change of job, merged. Two records of one person are a pair; precision is the share of the pairs
found that were planted, recall the share of those planted that were found.
"""

import argparse
import tempfile
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from app import pipeline
from app.demo import company
from app.demo.identities import CRMS
from app.demo.teams import Company
from app.pipeline import Link
from app.store.database import migrate, open_database
from connectors import Account, Person, Stream
from tests.conftest import add_connection
from tests.fakes import FakeConnector
from tests.pipeline.test_identity import PRECISION, RECALL, found_in, planted_in, same

STREAMS = (Stream.COLLEAGUES, Stream.ACCOUNTS, Stream.CONTACTS, Stream.LEADS)
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def measure(persons: int, seed: int) -> tuple[int, float, float]:
    """Plant a company and find its people; gives the pairs planted, precision and recall."""
    planted = Company(persons, AT, seed)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder)}/tieline.db")
        migrate(database)
        links = []
        for crm in CRMS:
            world = company.world(planted, crm)
            people = list(takewhile(lambda one: isinstance(one, Account | Person), world))
            fake = FakeConnector(people, page_size=2_000)
            links.append(Link(add_connection(database, crm), crm, fake, STREAMS))
        pipeline.run(database, links, only=("pull", "resolve"), now=lambda: AT)
        found, told = same(found_in(database)), same(planted_in(planted))
        database.dispose()
    right = len(found & told)
    return len(told), right / len(found), right / len(told)


def main() -> None:
    """Print a line for each company."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--persons", type=int, default=2_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[3, 4, 5])
    given = parser.parse_args()
    print(f"promised: precision {PRECISION}, recall {RECALL}")
    for seed in given.seeds:
        pairs, precision, recall = measure(given.persons, seed)
        print(f"seed {seed}: {pairs:,} pairs, precision {precision:.4f}, recall {recall:.4f}")


if __name__ == "__main__":
    main()
