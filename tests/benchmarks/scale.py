"""What a full rescore of a large file costs, beside hand-written SQL for the same sums.

Run ``make bench-scale``, or with ``ARGS="--activities 100000000 --rounds 1 --memory 6GB"``. DuckDB
makes a file of activities in a temporary folder: a hundredth as many people, a tenth as many pairs,
half of whose activities fall on a quarter of them, mail, calls and meetings over three years. Then,
in turns: the sums alone, by SQL written by hand for DuckDB and for nothing else, and a whole
rescore as ``tieline score --engine duckdb`` does it, sums, scores and all, but for the writing of
the file. Shown are medians, in time of the clock and of the processor, and the greatest memory of a
process. Each measurement is a process of its own. At last, what one event costs where scores are
kept running.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.engine import assess
from app.fold import scoring
from app.fold.places import opened
from tests.benchmarks.incremental import contacts, of_engine, table

START_S, SPAN_S = 1_700_000_000, 94_608_000
AS_OF_S = START_S + SPAN_S
TARGET = 1.5
PEOPLE, KEPT = 2_000, 50_000

ACTIVITIES = """
COPY (
    WITH drawn AS (
        SELECT (random() * random() * {pairs})::BIGINT AS pair, random() AS way, random() AS moment,
            random() AS kind, random() AS size
        FROM range({activities})
    ), met AS (
        SELECT *, (hash(pair * 2 + 1) % {people})::BIGINT AS one,
            (hash(pair * 3 + 7) % {people})::BIGINT AS other
        FROM drawn
    )
    SELECT if(way < 0.5, one, other) AS src, if(way < 0.5, other, one) AS dst,
        ({start} + moment * {span})::BIGINT AS timestamp,
        CASE WHEN kind < 0.85 THEN 'email' WHEN kind < 0.9 THEN 'email_undirected'
            WHEN kind < 0.94 THEN 'call' ELSE 'meeting' END AS channel,
        (1 + floor(40 * size ** 6))::INTEGER AS n_recipients,
        CASE WHEN kind < 0.9 THEN 0 ELSE floor(5400 * size) END AS duration
    FROM met
) TO '{file}' (FORMAT parquet)
"""

DAYS_BY_HAND = """
CREATE OR REPLACE TEMP VIEW met AS
WITH read AS (
    SELECT least(src, dst) AS a, greatest(src, dst) AS b, timestamp AS at_s,
        timestamp // 86400 AS day, channel IN ('call', 'meeting') AS is_talk, channel,
        CASE WHEN channel IN ('email_undirected', 'meeting') THEN 2 WHEN src < dst THEN 0 ELSE 1
            END AS way,
        n_recipients + (channel IN ('call', 'meeting'))::INTEGER AS size,
        duration / 60 AS minutes
    FROM '{file}' WHERE src <> dst AND timestamp <= {as_of}
)
SELECT a, b, at_s, day, way, channel, is_talk,
    size <= if(is_talk, 12, 8) AS is_small,
    CASE channel WHEN 'call' THEN 2 * if(minutes > 0, least(greatest(minutes, 1), 480), 0.5)
        WHEN 'meeting' THEN 3 * if(minutes > 0, least(greatest(minutes, 1), 480), 30)
        WHEN 'email_undirected' THEN 0.5 ELSE 1.0 END::DOUBLE / sqrt(size)
    * CASE WHEN is_talk AND size > 12 THEN (12.0 / size) ** 4
        WHEN NOT is_talk AND size > 8 THEN sqrt(8.0 / size) ELSE 1 END AS volume,
    channel = 'meeting' OR (channel = 'call' AND minutes > 0) AS is_spoken
FROM read;
CREATE OR REPLACE TEMP TABLE days AS
SELECT a, b, day, sum(volume) FILTER (way = 0) AS v0, sum(volume) FILTER (way = 1) AS v1,
    sum(volume) FILTER (way = 2) AS v2
FROM met GROUP BY a, b, day
"""

DECAY = (
    "(0.493 * exp2({0} / -1.5) + 0.332 * exp2({0} / -6) + 0.115 * exp2({0} / -24)"
    " + 0.0265 * exp2({0} / -96) + 0.0109 * exp2({0} / -480))"
).replace("exp2(", "exp(0.6931471805599453::DOUBLE * ")

PAIRS_BY_HAND = """
WITH aged AS (
    SELECT a, b, ln(1 + coalesce(v0, 0)) AS l0, ln(1 + coalesce(v1, 0)) AS l1,
        ln(1 + coalesce(v2, 0)) AS l2, day, {as_of} / 86400.0::DOUBLE - day AS age,
        lead(day) OVER (PARTITION BY a, b ORDER BY day) - day AS gap,
        max(day) OVER (PARTITION BY a, b) - day AS until_last
    FROM days
), decayed AS (
    SELECT *, {decay_age} AS kept, {decay_then} AS kept_then FROM aged
), summed AS (
    SELECT a, b, count(*) AS active_days, sum(ln(gap)) AS log_gaps,
        sum(least(coalesce(gap, 7), 7) / 7 * if({as_of} // 86400 - day < 182, 1, 0.25)) AS weeks,
        sum(least(coalesce(gap, 7), 7) / 7 * if(until_last < 182, 1, 0.25)) AS weeks_then,
        sum((l0 + l1 + l2) / (1 + age / 30)) AS attention,
        sum(exp(0.6931471805599453::DOUBLE * age / -30)) AS frequency,
        sum(l0 * kept) AS s0, sum(l1 * kept) AS s1, sum(l2 * kept) AS s2,
        sum(l0 * kept_then) AS t0, sum(l1 * kept_then) AS t1, sum(l2 * kept_then) AS t2
    FROM decayed GROUP BY a, b
), counted AS (
    SELECT a, b, min(at_s) AS first_s, sum(volume) FILTER (is_small) AS small_volume,
        count(*) FILTER (is_small AND is_spoken AND channel = 'call') AS calls,
        count(*) FILTER (is_small AND is_spoken AND channel = 'meeting') AS meetings,
        count(*) FILTER (is_small AND is_talk AND at_s > {as_of} - 31536000) AS year_talks,
        count(*) FILTER (way = 0) AS c0, count(*) FILTER (way = 1) AS c1,
        count(*) FILTER (way = 2) AS c2,
        max(at_s) FILTER (way = 0) AS m0, max(at_s) FILTER (way = 1) AS m1,
        max(at_s) FILTER (way = 2) AS m2,
        count(*) FILTER (way = 0 AND is_small) AS p0, count(*) FILTER (way = 1 AND is_small) AS p1,
        count(*) FILTER (way = 2 AND is_small) AS p2,
        count(*) FILTER (way = 0 AND is_small AND NOT is_talk AND at_s > {as_of} - 31536000) y0,
        count(*) FILTER (way = 1 AND is_small AND NOT is_talk AND at_s > {as_of} - 31536000) y1,
        count(*) FILTER (way = 2 AND is_small AND NOT is_talk AND at_s > {as_of} - 31536000) y2
    FROM met GROUP BY a, b
)
SELECT * FROM counted JOIN summed USING (a, b)
"""

PEOPLE_BY_HAND = """
SELECT person, least(1, sum(exp(0.6931471805599453::DOUBLE * ({as_of} / 86400.0 - day) / -30))
    * (1 - 2 ** (-1 / 30))) AS pace
FROM (SELECT a AS person, day FROM days UNION SELECT b, day FROM days) GROUP BY person
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one measurement took.

    Attributes:
        rows: Pairs that came of it.
        total: Their strength, or by hand their decayed sums, added up.
    """

    clock_s: float
    processor_s: float
    memory_mb: float
    rows: int
    total: float


def generate(file: Path, activities: int, memory: str) -> None:
    """Make a file of activities; hashes choose who is in a pair, so that the file needs no room."""
    with duckdb.connect(config={"memory_limit": memory}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            ACTIVITIES.format(
                activities=activities,
                pairs=activities // 10,
                people=max(activities // 100, 2),
                start=START_S,
                span=SPAN_S,
                file=file,
            )
        )


def by_hand(file: str, memory: str) -> tuple[int, float]:
    """The sums, by SQL; rows are fetched as the rescore fetches them."""
    with duckdb.connect(config={"memory_limit": memory}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(DAYS_BY_HAND.format(file=file, as_of=AS_OF_S))
        pairs = connection.sql(pairs_by_hand()).to_arrow_table()
        connection.sql(PEOPLE_BY_HAND.format(as_of=AS_OF_S)).to_arrow_table()
        return len(pairs), float(sum(pairs[name].to_numpy().sum() for name in ("s0", "s1", "s2")))


def rescore(file: str, memory: str) -> tuple[int, float]:
    """Everything that `tieline score --engine duckdb` finds."""
    with opened(f"duckdb://?memory_limit={memory}") as place:
        tied = scoring.fold(place, file, as_of_s=AS_OF_S)
    scores = assess(tied.ties, colleagues=scoring.NOBODY)
    return len(scores), float(scores.ties.sums.sum())


def pairs_by_hand() -> str:
    """The query for pairs."""
    now, then = DECAY.format("age"), DECAY.format("until_last")
    return PAIRS_BY_HAND.format(as_of=AS_OF_S, decay_age=now, decay_then=then)


WAYS = {"by hand": by_hand, "rescore": rescore}


def measure(way: str, file: str, memory: str) -> None:
    """Measure in this process, and say what came of it."""
    clock, processor = time.perf_counter(), time.process_time()
    rows, total = WAYS[way](file, memory)
    cost = {
        "clock_s": time.perf_counter() - clock,
        "processor_s": time.process_time() - processor,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": rows,
        "total": total,
    }
    print(json.dumps(cost))


def measured(way: str, file: Path, memory: str) -> Cost:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--measure", way, "--file", str(file), "--memory", memory]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def report(costs: dict[str, list[Cost]]) -> None:
    """Print medians, and how the two compare."""
    print(f"{'':12}{'clock s':>10}{'processor s':>13}{'memory MB':>11}{'pairs':>12}")
    medians = {}
    for way, found in costs.items():
        clock = statistics.median(cost.clock_s for cost in found)
        processor = statistics.median(cost.processor_s for cost in found)
        memory = max(cost.memory_mb for cost in found)
        medians[way] = clock, processor
        print(f"{way:12}{clock:10.1f}{processor:13.1f}{memory:11.0f}{found[0].rows:12,}")
    clock, processor = (ours / sql for ours, sql in zip(*reversed(medians.values()), strict=True))
    print(f"{'ratio':12}{clock:10.2f}{processor:13.2f}   at most {TARGET} by the clock is wanted")
    sums = [found[0].total for found in costs.values()]
    np.testing.assert_allclose(sums[0], sums[1], rtol=1e-9)


def main() -> None:
    """Generate, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="6GB", help="What DuckDB may take of it.")
    parser.add_argument("--folder", type=Path, help="Where the file is made; else a temporary one.")
    parser.add_argument("--measure", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.file, chosen.memory)
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        file = Path(folder) / "activities.parquet"
        generate(file, chosen.activities, chosen.memory)
        print(f"{chosen.activities:,} activities, {file.stat().st_size / 2**20:,.0f} MB of Parquet")
        costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
        for _ in range(chosen.rounds):
            for way, found in costs.items():
                found.append(measured(way, file, chosen.memory))
        report(costs)
    print(f"\nScores that are kept running, {KEPT:,} interactions:\n")
    print(table(of_engine(contacts(PEOPLE, KEPT), PEOPLE)))


if __name__ == "__main__":
    main()
