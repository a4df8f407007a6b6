"""The PostgreSQL that other tests run on: empty for each of them, and gone after the last."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Cluster, running

pytestmark = pytest.mark.postgres

TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"

SERVE_AND_WAIT = """
from tests.postgres import running
with running() as cluster:
    print(cluster.folder, flush=True)
    input()
"""


def run(cluster: Cluster, database: str, statement: str) -> psycopg.rows.TupleRow | None:
    address = f"host={cluster.folder} user=postgres dbname={database}"
    with psycopg.connect(address) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_what_one_test_keeps_is_not_there_for_the_next(postgres: Cluster):
    with postgres.database() as name:
        run(postgres, name, "CREATE TABLE kept (id integer)")
    with postgres.database() as name:
        assert run(postgres, name, TABLES) == (0,)


def test_a_database_can_begin_as_a_copy_of_another(postgres: Cluster):
    with postgres.database() as first:
        run(postgres, first, "CREATE TABLE kept (id integer)")
        with postgres.database(template=first) as second:
            assert run(postgres, second, TABLES) == (1,)


def test_a_database_is_dropped_even_while_somebody_is_in_it(postgres: Cluster):
    with postgres.database() as name:
        guest = psycopg.connect(f"host={postgres.folder} user=postgres dbname={name}")
    with guest, pytest.raises(psycopg.OperationalError):
        guest.execute("SELECT 1")


def test_nothing_is_left_of_a_server():
    with running() as cluster:
        assert cluster.folder.exists()
    assert not cluster.folder.exists()


def test_the_server_goes_even_when_the_tests_are_killed():
    command = [sys.executable, "-c", SERVE_AND_WAIT]
    with subprocess.Popen(  # noqa: S603 the program is ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout
        folder = Path(tests.stdout.readline().strip())
        os.kill(tests.pid, signal.SIGKILL)
    pauses = itertools.takewhile(lambda _: folder.exists(), range(200))
    for _ in pauses:
        time.sleep(0.05)
    assert not folder.exists()
