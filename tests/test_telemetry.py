"""Logging: what is told, and above all what never is."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import Conflict, NotReady
from app.pipeline import Link
from app.schedule import Schedule
from app.settings import Settings
from app.store import connections, tables
from app.telemetry import scrub, set_up_logging
from connectors import Stream, Unavailable
from tests.fakes import NOW, FakeConnector, colleague, contact, email

ADDRESS, TOKEN = "canary@secret.example", "canary-00D-token"
URL = f"https://crm.example/query?q=SELECT+{TOKEN}+{ADDRESS}"

LOGGERS = ("", "tieline", "uvicorn", "uvicorn.error", "uvicorn.access")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


def logged(stream: io.StringIO | None = None, level: str = "DEBUG") -> io.StringIO:
    """Set logging up to go where the test can read it."""
    written = stream or io.StringIO()
    set_up_logging(Settings(_env_file=None, log_level=level), stream=written)
    return written


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_record_is_one_line_of_json_with_its_fields():
    written = logged()
    fields = {"stage": "pull", "counts": {"read": 3}, "password": TOKEN}
    logging.getLogger("tieline.schedule").info("A stage\nended.", extra=fields)
    (line,) = lines(written)
    assert (line["message"], line["stage"], line["counts"]) == (
        "A stage\nended.",
        "pull",
        {"read": 3},
    )
    assert TOKEN not in written.getvalue()


def test_a_terminal_gets_names_and_values_on_one_line():
    written = logged(Terminal())
    logging.getLogger("tieline.schedule").info("A stage\nended.", extra={"stage": "pull"})
    (line,) = written.getvalue().splitlines()
    assert 'message="A stage\\nended." stage=pull' in line


def test_what_is_less_urgent_than_the_level_is_not_told():
    written = logged(level="WARNING")
    logging.getLogger("tieline.schedule").info("A stage ended.")
    assert written.getvalue() == ""


@pytest.mark.parametrize("name", ["httpx", "urllib3.connectionpool", "hubspot", "sqlalchemy.pool"])
def test_of_a_library_only_the_place_is_told(name: str):
    written = logged()
    logging.getLogger(name).info("GET %s", URL)
    logging.getLogger(name).warning("GET %s failed for %s", URL, ADDRESS)
    (line,) = lines(written)
    assert (line["logger"], line["level"]) == (name, "WARNING")
    assert "message" not in line
    assert "canary" not in written.getvalue()


def test_of_a_foreign_error_only_type_and_place_are_told():
    written = logged()
    error = raised(ValueError(f"{TOKEN} {ADDRESS}"))
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    (line,) = lines(written)
    assert str(line["error"]).startswith("ValueError (raised:")
    assert "canary" not in written.getvalue()


def test_an_error_of_ours_is_told_with_its_sentence():
    written = logged()
    error = raised(NotReady("Set TIELINE_SECRET_KEY."))
    logging.getLogger("tieline.schedule").error("A run failed.", exc_info=error)
    assert "NotReady: Set TIELINE_SECRET_KEY." in str(lines(written)[0]["error"])


def test_requests_are_not_logged_by_the_server():
    written = logged()
    logging.getLogger("uvicorn.access").warning('127.0.0.1 - "GET /v1/people?search=%s"', ADDRESS)
    assert written.getvalue() == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"Wrote to {ADDRESS}.", "Wrote to <address>"),
        (f"GET {URL} failed", "GET https://crm.example/query?<query> failed"),
        (f"authorization: Bearer {TOKEN}", "authorization: Bearer <key>"),
        ("Is it there? Yes.", "Is it there? Yes."),
    ],
)
def test_what_should_not_be_in_a_sentence_is_taken_out(text: str, told: str):
    assert scrub(text).startswith(told)
    assert "canary" not in scrub(text)


class Leaky(FakeConnector):
    """A CRM that quotes secrets in every error, and whose records hold addresses."""

    def __init__(self) -> None:
        bo = contact("Bo", ADDRESS)
        super().__init__([colleague("Ada"), bo, email(1, "Ada", "Bo")])
        self.done = threading.Event()
        self.faults: list[Exception] = [
            ValueError(f"401 for {URL} with Bearer {TOKEN}"),
            httpx.ConnectError(f"no route to {URL}", request=httpx.Request("GET", URL)),
            Unavailable("The CRM does not answer."),
        ]

    def _call(self) -> None:
        super()._call()
        logging.getLogger("httpx").warning("HTTP Request: GET %s", URL)
        logging.getLogger("tieline.transport").debug("GET %s -> 401", URL)
        if self.faults:
            error = self.faults.pop(0)
            raise error from KeyError(TOKEN)
        self.done.set()


def test_no_secret_and_no_address_is_ever_logged(database: Engine):
    written, crm = logged(), Leaky()
    with Session(database) as session, session.begin():
        row = tables.Connection(
            crm="fake", title=ADDRESS, tenant="x", credentials=TOKEN.encode(), created_at=NOW
        )
        link = Link(connections.add(session, row), ADDRESS, crm, tuple(Stream))

    @contextmanager
    def links() -> Iterator[list[Link]]:
        yield [link]

    schedule = Schedule(database, links, every_minutes=60)
    schedule.start()
    for _ in range(500):
        with suppress(Conflict):
            schedule.run_now()
        if crm.done.wait(0.02):
            break
    schedule.stop()
    assert crm.done.is_set()
    told = {line.get("message") for line in lines(written)}
    assert {"A stage failed.", "A stage ended."} <= told
    assert "canary" not in written.getvalue()
