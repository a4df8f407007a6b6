"""Files and tables of events are scored on an engine as `score-events` scores them here."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from app import fold, score_events
from app.errors import Unreadable
from app.fold import scoring
from app.fold.places import opened
from tests.shell import Cli

AS_OF_S = 1_000_000_000
EVENTS = (
    "src,dst,timestamp,channel,n_recipients,duration\n"
    f"zoe,Adam,{AS_OF_S - 100},email,1,0\n"
    f"Adam,zoe,{AS_OF_S - 90_000},email,1,0\n"
    f"émile,Adam,{AS_OF_S - 5_000},meeting,3,3600\n"
    f"émile,zoe,{AS_OF_S - 700_000},email_undirected,2,0\n"
    f"zoe,émile,{AS_OF_S - 800_000},im,,\n"
    f"zoe,émile,{AS_OF_S + 800_000},call,1,60\n"
    f"007,zoe,{AS_OF_S - 800_000},fax,1,\n"
)
"""People whose order depends on who sorts them."""

TEXT = {"src": pa.string(), "dst": pa.string(), "channel": pa.string()}


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path


@pytest.fixture
def table(events: Path) -> pa.Table:
    return pa.csv.read_csv(events, convert_options=pa.csv.ConvertOptions(column_types=TEXT))


@pytest.fixture
def parquet(table: pa.Table, tmp_path: Path) -> Path:
    path = tmp_path / "events.parquet"
    pq.write_table(table, path)
    return path


def scored(path: Path) -> dict[tuple[str, str], float]:
    with path.open(encoding="utf-8") as file:
        return {(row["a"], row["b"]): float(row["score"]) for row in csv.DictReader(file)}


def here(events: Path) -> dict[tuple[str, str], float]:
    out = events.with_name("here.csv")
    score_events.run(events, out, as_of_s=AS_OF_S, measure="strength")
    return scored(out)


def there(url: str, source: object, folder: Path) -> dict[tuple[str, str], float]:
    out = folder / "there.csv"
    fold.run(url, str(source), out, as_of_s=AS_OF_S, measure="strength")
    return scored(out)


def test_a_parquet_file_is_scored_as_its_csv_is_here(
    engine_url: str, events: Path, parquet: Path, tmp_path: Path
):
    found, expected = there(engine_url, parquet, tmp_path), here(events)
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, rel=1e-9, abs=0)


def test_a_csv_file_is_scored_as_it_is_here(engine_url: str, events: Path, tmp_path: Path):
    assert there(engine_url, events, tmp_path) == pytest.approx(here(events), rel=1e-9, abs=0)


def test_a_table_is_scored_where_it_is(events: Path, table: pa.Table, tmp_path: Path):
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(file) as warehouse:
        warehouse.register("given", table)
        warehouse.execute("CREATE SCHEMA crm; CREATE TABLE crm.contact AS FROM given")
    found = there(f"duckdb:///{file}", "crm.contact", tmp_path)
    assert found == pytest.approx(here(events), rel=1e-9, abs=0)


def test_a_view_of_a_cluster_is_scored_where_it_is(parquet: Path, events: Path, spark_url: str):
    with opened(spark_url) as place:
        place.backend.read_parquet(parquet, table_name="contact")
        tied = scoring.fold(place, "contact", as_of_s=AS_OF_S)
    assert tied.names == sorted({end for pair in here(events) for end in pair})


def test_people_may_be_numbers_and_moments_timestamps(table: pa.Table, tmp_path: Path):
    people, path = ["zoe", "Adam", "émile", "007"], tmp_path / "events.parquet"
    moments = [datetime.fromtimestamp(at, UTC) for at in table["timestamp"].to_pylist()]
    numbers = [[people.index(one) for one in table[end].to_pylist()] for end in ("src", "dst")]
    changed = {"src": numbers[0], "dst": numbers[1], "timestamp": moments}
    pq.write_table(
        pa.table({**dict(zip(table.column_names, table.columns, strict=True)), **changed}), path
    )
    assert list(there("duckdb", path, tmp_path)) == [("0", "1"), ("0", "2"), ("0", "3"), ("1", "2")]


def test_scores_are_written_as_parquet_too(parquet: Path, events: Path, tmp_path: Path):
    out = tmp_path / "out.parquet"
    fold.run("duckdb", str(parquet), out, as_of_s=AS_OF_S, measure="strength")
    rows = pq.read_table(out).to_pylist()
    found = {(row["a"], row["b"]): row["score"] for row in rows}
    assert found == pytest.approx(here(events), rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("source", "said"),
    [("nowhere", "nowhere cannot be read"), ("none.parquet", "none.parquet cannot be read")],
)
def test_events_that_are_not_there_are_told(source: str, said: str, tmp_path: Path):
    with pytest.raises(Unreadable, match=said):
        there("duckdb", source, tmp_path)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("src", ["", *"bcdefg"], "must not be empty; they are, 1 times"),
        ("dst", [None, *"bcdefg"], "must not be empty; they are, 1 times"),
        ("dst", [0.5] * 7, "dst must be a whole number or text, not float64"),
        ("timestamp", ["noon"] * 7, "timestamp must be a number of seconds or a moment"),
    ],
)
def test_events_that_cannot_be_read_are_told(
    column: str, values: list[object], said: str, table: pa.Table, tmp_path: Path
):
    path = tmp_path / "odd.parquet"
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, pa.array(values)), path)
    with pytest.raises(Unreadable, match=said):
        there("duckdb", path, tmp_path)


def test_a_missing_column_is_named(table: pa.Table, tmp_path: Path):
    path = tmp_path / "odd.parquet"
    pq.write_table(table.drop_columns(["channel"]), path)
    with pytest.raises(Unreadable, match="the column channel is missing"):
        there("duckdb", path, tmp_path)


def test_the_command_scores_a_file_on_an_engine(tieline: Cli, parquet: Path, events: Path):
    arguments = ("--engine", "duckdb", "--in", str(parquet), "--out", "out.csv")
    answer = tieline("score", *arguments, "--as-of", str(AS_OF_S))
    assert (answer.code, answer.err) == (0, "")
    assert scored(Path("out.csv")) == pytest.approx(here(events), rel=1e-9, abs=0)


@pytest.mark.parametrize(
    "arguments", [("--in", "a.csv"), ("--engine", "duckdb", "--in", "a.csv"), ("--out", "b.csv")]
)
def test_half_a_command_is_refused(tieline: Cli, arguments: tuple[str, ...]):
    assert tieline("score", *arguments).code == 2
