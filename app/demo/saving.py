"""Writing a planted company to files, on all of the machine's cores.

A file is made of pieces: what some teams add in one pass over the company. Pieces are made side by
side and written in order, so that a file's bytes are the same however many cores there are, and
only a few pieces are in memory at any time.
"""

import gzip
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.demo import truth
from app.demo.company import PASSES
from app.demo.identities import CRMS
from app.demo.teams import Company
from connectors._worlds import lines

PIECE = 50
"""Teams in a piece: some 60,000 records, 16 MB before they are packed."""

WORTH_CORES = 20_000
"""People from which on other cores save more time than they take to start."""

_FASTEST = 1
_Piece = tuple[int, range]
"""A pass, and the teams."""

_Made = tuple[int, bytes]
"""How many records, and their lines."""

_Make = Callable[[Callable[[_Piece], _Made], Sequence[_Piece]], Iterator[_Made]]
"""Makes the pieces, in their order."""

Watch = Callable[[Path, int, int], None]
"""Is told of a file how many pieces of how many are written."""


def unwatched(_: Path, _done: int, _pieces: int) -> None:
    """Show nobody how far it is."""


def save(
    company: Company,
    file: Path,
    *,
    is_per_crm: bool = False,
    watch: Watch = unwatched,
    cores: int | None = None,
) -> Mapping[Path, int]:
    """Write the company as world files, and its truth beside them.

    Args:
        company: Which.
        file: The world file (``acme.ndjson.gz``); the truth goes into ``acme.truth.json``.
        is_per_crm: Write one world file per CRM instead (``acme.<crm>.ndjson.gz``).
        watch: Is told of each file how far it is.
        cores: How many processes to make it with; else all cores if that is worth it.

    Returns:
        How many records went into each world file.
    """
    stem, ending = _split(file)
    told = stem.with_name(f"{stem.name}.truth.json")
    files: dict[Path, str | None] = {file: None}
    if is_per_crm:
        files = {stem.with_name(f"{stem.name}.{crm}{ending}"): crm for crm in CRMS}
    with _workers(cores or _cores_for(company)) as make:
        pieces = [(0, teams) for teams in _teams(company)]
        whole = (truth.head(company).encode(), make(partial(_truth, company), pieces), b"\n]}\n")
        _write(told, whole, partial(watch, told), len(pieces))
        found: dict[Path, int] = {}
        for part, crm in files.items():
            pieces = [(step, teams) for step in range(len(PASSES)) for teams in _teams(company)]
            piece = partial(_lines, company, crm, is_packed=part.suffix == ".gz")
            whole = (b"", make(piece, pieces), b"")
            found[part] = _write(part, whole, partial(watch, part), len(pieces))
    return found


def _write(
    file: Path,
    whole: tuple[bytes, Iterator[_Made], bytes],
    watch: Callable[[int, int], None],
    pieces: int,
) -> int:
    """Write what comes first, the pieces and what comes last; half a file is not left behind."""
    head, made, tail = whole
    records = 0
    try:
        with file.open("wb") as out:
            out.write(head)
            for done, (count, piece) in enumerate(made, 1):
                out.write(piece)
                records += count
                watch(done, pieces)
            out.write(tail)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return records


def _lines(company: Company, crm: str | None, piece: _Piece, *, is_packed: bool) -> _Made:
    """Make a piece of a world file; packed pieces, one after the other, are a packed file."""
    number, teams = piece
    made = list(lines(PASSES[number](company, crm, teams)))
    text = b"".join(made)
    return len(made), gzip.compress(text, _FASTEST, mtime=0) if is_packed else text


def _truth(company: Company, piece: _Piece) -> _Made:
    _, teams = piece
    told = [json.dumps(one) for one in truth.communities(company, teams)]
    return len(told), (("," if teams.start else "") + "\n" + ",\n".join(told)).encode()


def _teams(company: Company) -> list[range]:
    every = range(company.teams)
    return [every[start : start + PIECE] for start in every[::PIECE]]


@contextmanager
def _workers(cores: int) -> Iterator[_Make]:
    """Give what makes pieces: here, or in processes that end with the context."""
    if cores == 1:
        yield map
        return
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(cores, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        yield pool.imap


def _cores_for(company: Company) -> int:
    return (os.cpu_count() or 1) if company.people >= WORTH_CORES else 1


def _split(file: Path) -> tuple[Path, str]:
    """Give a file's path without its endings, and its endings: ``acme`` and ``.ndjson.gz``."""
    endings = [suffix for suffix in file.suffixes[-2:] if suffix in {".ndjson", ".gz", ".json"}]
    ending = "".join(endings)
    return file.with_name(file.name.removesuffix(ending)), ending
