"""What a planted company costs: making its world file, and reading it back.

    python -m tests.benchmarks.world --people 1000000

Each is done in processes of its own. Seconds of the processor are those of all of them together,
memory is that of the largest.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.demo.saving import save
from app.demo.teams import Company
from connectors._worlds import read

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def make(people: int, file: Path) -> None:
    records = sum(save(Company(people, UNTIL, seed=1), file).values())
    truth = file.with_name("world.truth.json").stat().st_size / 1e6
    size = file.stat().st_size / 1e6
    print(
        f"{people:,} people: {records:,} records, {size:,.0f} MB packed, {truth:,.0f} MB of truth"
    )


def read_back(_: int, file: Path) -> None:
    deque(read(file), maxlen=0)


def measured(doing: Callable[[int, Path], None], people: int, file: Path) -> None:
    """Do something, and tell what it cost."""
    begun = time.perf_counter()
    doing(people, file)
    wall = time.perf_counter() - begun
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    busy = sum(one.ru_utime + one.ru_stime for one in both)
    memory = max(one.ru_maxrss for one in both) / 1024
    print(f"  {doing.__name__}: {wall:,.0f} s, {busy:,.0f} s of the processor, {memory:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    people = parser.parse_args().people
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for doing in (make, read_back):
            given = (doing, people, Path(folder) / "world.ndjson.gz")
            process = spawn.Process(target=measured, args=given)
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(process.exitcode)


if __name__ == "__main__":
    main()
