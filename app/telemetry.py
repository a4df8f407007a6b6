"""Logging: one line per record, made of nothing but what is known to be harmless.

Our own records (``tieline.*``) hold a sentence and the fields in `FIELDS`; nothing else that is
attached to a record is written. Of what libraries log, only the names of the place and of the error
are, because their messages quote URLs, headers and rows. Of an exception, whoever raises it, the
log gets types and places in the code, and a message only if it is one of ours.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

from app.errors import AppError
from app.settings import Settings

FIELDS = ("stage", "connection", "status", "reason", "counts", "seconds", "method", "route")
"""What a record may carry beside its sentence."""

OURS = ("tieline", "uvicorn.error")
"""Loggers whose sentences hold nothing that came from outside."""

_ADDRESS = re.compile(r"[^\s<>\"'=,;:()]+@[\w.-]+")
_QUERY = re.compile(r"(?<=\w)\?[^\s\"']*=[^\s\"']*")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+\S+")


def set_up_logging(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send all logging to one stream, standard error if none is given; replaces what was set up.

    A terminal gets ``key=value``, anything else a JSON object per line.
    """
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(Formatter(is_json=not target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"


class Formatter(logging.Formatter):
    """Writes a record as one line."""

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """Write what of the record may be written."""
        line = dict(_line(record))
        if self._is_json:
            return json.dumps(line, default=str)
        return " ".join(f"{key}={_quoted(value)}" for key, value in line.items())


def _line(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    yield "at", datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    yield "level", record.levelname
    yield "logger", record.name
    if _is_ours(record.name):
        yield "message", scrub(record.getMessage())
        for name in FIELDS:
            value = getattr(record, name, None)
            if value not in (None, "", {}):
                yield name, scrub(value) if isinstance(value, str) else value
    else:
        yield "place", f"{record.module}.{record.funcName}:{record.lineno}"
    if record.exc_info and record.exc_info[1]:
        yield "error", error_line(record.exc_info[1])


def _is_ours(name: str) -> bool:
    return any(name == ours or name.startswith(f"{ours}.") for ours in OURS)


def scrub(text: str) -> str:
    """Take addresses, queries and keys out of a text: they should not be there in the first place.

    A second line of defence; the first is not to log them.
    """
    text = _BEARER.sub(r"\1 <key>", text)
    return _ADDRESS.sub("<address>", _QUERY.sub("?<query>", text))


def error_line(error: BaseException) -> str:
    """Tell an exception and its causes by type and place; the message only if it is ours."""
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < len(FIELDS):
        frames = traceback.extract_tb(cause.__traceback__)
        where = " > ".join(f"{f.name}:{f.lineno}" for f in frames[-4:])
        message = f": {scrub(str(cause))}" if isinstance(cause, AppError) else ""
        told.append(f"{type(cause).__name__}{message} ({where})")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return ", after ".join(told)


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    is_plain = re.fullmatch(r"[\w.:+/-]+", text)
    return text if is_plain else json.dumps(text, ensure_ascii=False)
