"""How many requests a second `getScores` answers, beside what FastAPI answers from memory.

Run ``make bench-api``, or ``python tests/benchmarks/api.py --seconds 5 --rounds 5``. Each service
is a uvicorn process of its own with one worker; the load comes from one more process over kept-open
connections. The rounds of all services are interleaved, and medians are shown, so that a machine
that slows down slows all of them. A card of about 3 kB is the answer everywhere, from memory always
the same one.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr
from sqlmodel import Session

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.main import create_app
from app.settings import Settings
from app.store import snapshots, tables
from app.store.cards import Card, CardTie, Named
from app.store.database import migrate, open_database
from app.store.snapshots import Scored
from tests.postgres import running

KEY = "a-key-of-thirty-two-characters--"
PEOPLE = 20_000
AT = datetime(2026, 11, 20, tzinfo=UTC)
TARGET = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """How hard to ask."""

    clients: int
    seconds: float


def card(person: int) -> str:
    """A card with ten ties."""
    who = Named(id=person, name=f"Person {person}", is_colleague=False)
    ties = [
        CardTie(
            other=Named(id=other, name=f"Colleague {other}", is_colleague=True),
            strength=other,
            band="strong",
            status="active",
            trend=2,
            depth=51,
            momentum=other - 51,
            alive=0.93,
            confidence=0.8,
            doubts=[],
            overlap=0.12,
            is_personal=True,
            sent=41,
            received=38,
            undirected=0,
            active_days=60,
            first_contact=AT,
            last_contact=AT,
            rhythm_days=3.5,
            answers_in_h=4.5,
            answered_in_h=20.0,
        )
        for other in range(70, 80)
    ]
    return Card(
        person=who,
        as_of=AT,
        model="1",
        best=ties[0],
        ties_in_all=25,
        last_contact=AT,
        ties=ties,
        recommendations=[],
    ).model_dump_json()


def fill(url: str) -> None:
    """Put everybody's card into a new database."""
    database = open_database(url)
    migrate(database)
    snapshot = tables.Snapshot(
        as_of=AT,
        scored_at=AT,
        model="1",
        weights=0,
        ties=0,
        alive={},
    )
    cards = [{"person_id": i, "body": card(i)} for i in range(1, PEOPLE + 1)]
    with Session(database) as session, session.begin():
        snapshots.keep(session, snapshot, Scored(None, None, [], cards, [], []))
    database.dispose()


def from_memory() -> FastAPI:
    """The least that FastAPI can do: the same path, the same bytes, kept in memory."""
    app, body = FastAPI(), card(1).encode()

    @app.get("/v1/people/{person_id}/scores")
    async def get_scores(person_id: int) -> Response:  # noqa: ARG001 - it is read from the path
        return Response(body, media_type="application/json")

    return app


def from_session(url: str) -> FastAPI:
    """The same read as FastAPI's tutorial has it: a plain function and a session."""
    app = FastAPI()
    app.state.database = open_database(url)

    @app.get("/v1/people/{person_id}/scores")
    def get_scores(person_id: int, request: Request) -> Card:
        with Session(request.app.state.database) as session:
            return Card.model_validate_json(session.get_one(tables.ScoreCard, person_id).body or "")

    return app


def ours(url: str) -> FastAPI:
    """Tieline itself, with a key."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic's own, of which its types say nothing
        database_url=url,
        api_key=SecretStr(KEY),
        pull_every_minutes=0,
    )
    return create_app(settings)


def serve(make: Callable[[], FastAPI], port: int) -> None:
    """Be one service, until killed."""
    uvicorn.run(make(), host="127.0.0.1", port=port, access_log=False, log_level="critical")


@contextlib.contextmanager
def served(make: Callable[[], FastAPI]) -> Iterator[int]:
    """Run a service in a process of its own while the context lasts; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("fork").Process(target=serve, args=(make, port))
    process.start()
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.join()


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("The service did not start.")


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, times: list[float], end: float, number: int) -> None:
        self._times = times
        self._end = end
        self._person = number
        self._left = 0
        self._asked = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Count what came; when it is all of an answer, ask again."""
        if self._left <= 0:
            head, _, body = data.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            self._left = length - len(body)
        else:
            self._left -= len(data)
        if self._left <= 0:
            now = time.perf_counter()
            self._times.append(now - self._asked)
            if now < self._end:
                self._ask()
            else:
                self._transport.close()
                self.done.set_result(None)

    def _ask(self) -> None:
        self._person = self._person * 7919 % PEOPLE + 1
        self._asked = time.perf_counter()
        self._transport.write(
            b"GET /v1/people/%d/scores HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer %s\r\n\r\n" % (self._person, KEY.encode())
        )


async def ask(port: int, load: Load, times: list[float]) -> None:
    """Ask with so many clients for so long."""
    loop = asyncio.get_running_loop()
    end = time.perf_counter() + load.seconds
    made = [
        loop.create_connection(partial(Client, times, end, i), "127.0.0.1", port)
        for i in range(load.clients)
    ]
    clients = [client for _, client in await asyncio.gather(*made)]
    await asyncio.gather(*(client.done for client in clients))


def measure(port: int, load: Load) -> tuple[float, float]:
    """Requests a second, and the 99th percentile of the time to an answer in milliseconds."""
    times: list[float] = []
    begun = time.perf_counter()
    asyncio.run(ask(port, load, times))
    took = time.perf_counter() - begun
    return len(times) / took, statistics.quantiles(times, n=100)[98] * 1000


def main() -> int:
    """Print the table; fail if the target is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=3.0, help="of one measurement")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--clients", type=int, default=32)
    given = options.parse_args()
    load = Load(given.clients, given.seconds)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        sqlite = f"sqlite:///{folder}/tieline.db"
        cluster = stack.enter_context(running())
        postgres = cluster.url(stack.enter_context(cluster.database()))
        for url in (sqlite, postgres):
            fill(url)
        services = {
            "FastAPI, from memory": from_memory,
            "Tieline, SQLite": lambda: ours(sqlite),
            "Tieline, PostgreSQL": lambda: ours(postgres),
            "def + session, SQLite": lambda: from_session(sqlite),
        }
        ports = {name: stack.enter_context(served(make)) for name, make in services.items()}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in services}
        for port in ports.values():
            measure(port, Load(load.clients, 0.5))
        for _ in range(given.rounds):
            for name, port in ports.items():
                found[name].append(measure(port, load))
    return show(found)


def show(found: dict[str, list[tuple[float, float]]]) -> int:
    """Print medians over the rounds, and each round's ratio to memory."""
    memory = [rate for rate, _ in found["FastAPI, from memory"]]
    print(f"{'getScores':24}{'req/s':>10}{'p99 ms':>10}{'ratio':>10}   ratio by round")
    ratios: dict[str, float] = {}
    for name, rounds in found.items():
        each = [rate / base for (rate, _), base in zip(rounds, memory, strict=True)]
        ratios[name] = statistics.median(each)
        rate = statistics.median(rate for rate, _ in rounds)
        slow = statistics.median(slow for _, slow in rounds)
        shown = " ".join(f"{one:.2f}" for one in each)
        print(f"{name:24}{rate:10,.0f}{slow:10.1f}{ratios[name]:10.2f}   {shown}")
    is_met = ratios["Tieline, SQLite"] >= TARGET
    print(f"At least {TARGET} of memory on SQLite: {'yes' if is_met else 'NO'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
