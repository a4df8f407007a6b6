"""Score a file of events: CSV in, CSV out, no database. `tieline score-events` calls `run`.

In: a header and the columns src, dst, timestamp (seconds since 1970), channel, n_recipients, and
if wanted duration (seconds); others are ignored. Ids may be any text. The channels are email,
email_undirected, call, meeting, sms, chat (or im), linkedin; any other one counts as a message of
weight 1.
`email_undirected` and `meeting` carry no direction. Out: a, b, score, sorted by a and b.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

import numpy as np

from app.engine import CHANNELS, Interactions, Scores, score
from app.engine.interactions import MAX_RECIPIENTS
from app.errors import AppError, Unreadable

Measure = Literal["strength", "importance", "risk", "alive"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)

NEEDED: Final = ("src", "dst", "timestamp", "channel", "n_recipients")
UNDIRECTED: Final = frozenset({"email_undirected", "meeting"})
ALSO_CALLED: Final = {"email_undirected": "email", "im": "chat"}
LONGEST_S: Final = 2**62

Value = TypeVar("Value", int, float)


def run(events: Path, out: Path, *, as_of_s: int, measure: Measure) -> int:
    """Score the ties in a file of events and write one line for each.

    The result replaces `out` in one step, or not at all.

    Args:
        events: The file to read; events after `as_of_s` and of people with themselves are ignored.
        out: The file to write.
        as_of_s: Seconds since 1970 (UTC).
        measure: What to write as the score.

    Returns:
        How many ties were written.

    Raises:
        Unreadable: If a file cannot be read or written, naming the line where there is one.
    """
    people, interactions = read(events)
    nobody = np.zeros(0, dtype=np.int64)
    scores = score(interactions, as_of_s=as_of_s, colleagues=nobody)
    write(out, people, scores, measure)
    return len(scores)


def read(path: Path) -> tuple[list[str], Interactions]:
    """Read a file of events.

    Returns:
        The ids in alphabetical order, and the events with people numbered by their place in it.

    Raises:
        Unreadable: If the file cannot be read, naming the line where there is one.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns, lines = _columns(csv.reader(file), path)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not a text file in UTF-8.") from error
    for name in ("src", "dst"):
        if "" in columns[name]:
            line = lines[columns[name].index("")]
            raise Unreadable(f"{path}, line {line}: {name} must not be empty.")
    people = sorted({*columns["src"], *columns["dst"]})
    number = {person: index for index, person in enumerate(people)}
    channel = {name: index for index, name in enumerate(CHANNELS)}
    channel |= {name: channel[same] for name, same in ALSO_CALLED.items()}

    def parse(name: str, to_value: Callable[[str], Value]) -> list[Value]:
        return _parse(columns[name], to_value, f"{path}, line {{}}: {name}", lines)

    return people, Interactions(
        source=np.array([number[person] for person in columns["src"]], dtype=np.int64),
        target=np.array([number[person] for person in columns["dst"]], dtype=np.int64),
        at_s=np.array(parse("timestamp", _to_moment), dtype=np.int64),
        channel=np.array([channel.get(name, -1) for name in columns["channel"]], dtype=np.int8),
        recipients=np.array(parse("n_recipients", _to_count), dtype=np.int32),
        duration_s=np.array(parse("duration", _to_duration), dtype=np.float64),
        is_directed=np.array([name not in UNDIRECTED for name in columns["channel"]], dtype=bool),
    )


def _columns(rows: Iterable[list[str]], path: Path) -> tuple[dict[str, Sequence[str]], list[int]]:
    """Turn rows into columns by name, with the line on which each row ends."""
    reader = iter(rows)
    kept: list[list[str]] = []
    lines: list[int] = []
    line_of = getattr(rows, "line_num", 0)
    try:
        header = next(reader, [])
        missing = [name for name in NEEDED if name not in header]
        if missing:
            raise Unreadable(f"{path}, line 1: the column {missing[0]} is missing.")
        for row in reader:
            line_of = getattr(rows, "line_num", 0)
            if not row:
                continue
            if len(row) != len(header):
                raise Unreadable(
                    f"{path}, line {line_of}: {len(header)} values expected, {len(row)} found."
                )
            kept.append(row)
            lines.append(line_of)
    except csv.Error as error:
        raise Unreadable(f"{path}, line {line_of + 1}: {error}.") from error
    columns: list[Sequence[str]] = list(zip(*kept, strict=True)) or [()] * len(header)
    named = dict(zip(header, columns, strict=True))
    named.setdefault("duration", ("",) * len(kept))
    return named, lines


def _parse(
    column: Sequence[str], to_value: Callable[[str], Value], where: str, lines: Sequence[int]
) -> list[Value]:
    values: list[Value] = []
    try:
        values.extend(map(to_value, column))
    except (ValueError, OverflowError) as error:
        place = len(values)
        message = f"{where.format(lines[place])} must be a number, not {column[place]!r}."
        raise Unreadable(message) from error
    return values


def _to_moment(text: str) -> int:
    try:
        moment = int(text)
    except ValueError:
        moment = int(float(text))
    if abs(moment) > LONGEST_S:
        raise OverflowError
    return moment


def _to_count(text: str) -> int:
    return max(1, min(int(text or "1"), MAX_RECIPIENTS))


def _to_duration(text: str) -> float:
    return float(text or "0")


def write(path: Path, people: Sequence[str] | None, scores: Scores, measure: Measure) -> None:
    """Write one line for each tie, in place of what the file was.

    Args:
        path: The file.
        people: Everybody's id by their number; None if it is the number.
        scores: What to write.
        measure: Which of it.

    Raises:
        Unreadable: If the file cannot be written.
    """
    ends = (scores.ties.a.tolist(), scores.ties.b.tolist())
    a, b = ends if people is None else ([people[one] for one in end] for end in ends)
    values = map(repr, getattr(scores, measure).tolist())

    def lines(file: Path) -> None:
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(("a", "b", "score"))
            writer.writerows(zip(a, b, values, strict=True))

    replace(path, lines)


def replace(path: Path, fill: Callable[[Path], None]) -> None:
    """Have a file written beside another and put in its place, or leave everything as it was.

    Raises:
        Unreadable: If that cannot be done.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        fill(Path(temporary))
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise Unreadable(f"{path} cannot be written: {error.strerror}.") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from a command line; 0 if all went well, 1 with a sentence on standard error if not."""
    parser = argparse.ArgumentParser(prog="tieline score-events", description=run.__doc__)
    parser.add_argument("--in", dest="events", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--as-of", dest="as_of_s", type=int, required=True)
    parser.add_argument("--measure", choices=MEASURES, default="strength")
    chosen = parser.parse_args(arguments)
    try:
        run(chosen.events, chosen.out, as_of_s=chosen.as_of_s, measure=chosen.measure)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
