"""What most commands need: settings, database, key, and an end that says how it went."""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline import Report
from app.security import Vault
from app.settings import Settings, read_settings
from app.store import audit
from app.store import database as store
from app.store.audit import COMMAND_LINE
from app.telemetry import set_up_logging

Params = ParamSpec("Params")
Result = TypeVar("Result")


def settings() -> Settings:
    """Read the settings, and set up logging by them."""
    found = read_settings()
    set_up_logging(found)
    return found


def database(settings: Settings) -> Engine:
    """Open the database, in this version's shape."""
    found = store.open_database(settings.database_url)
    store.migrate(found)
    return found


def vault(settings: Settings) -> Vault:
    """Open the vault that the connections' credentials are in."""
    return Vault(settings.secret_key.get_secret_value())


def noted(
    what: str,
) -> Callable[[Callable[Params, Result]], Callable[Params, Result]]:
    """Have a command keep in the audit log what it has changed, once it has.

    Args:
        what: The act, as `connection.paused`; on what is the first number the command was given.
    """

    def wrap(command: Callable[Params, Result]) -> Callable[Params, Result]:
        @functools.wraps(command)
        def run(*args: Params.args, **kwargs: Params.kwargs) -> Result:
            found = command(*args, **kwargs)
            subject = next((str(one) for one in (*args, *kwargs.values()) if _is_id(one)), "")
            with Session(database(settings())) as session, session.begin():
                audit.keep(session, COMMAND_LINE, what, subject)
            return found

        return run

    return wrap


def _is_id(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def fail_for(reports: Sequence[Report]) -> None:
    """End with exit code 1 if a stage did not do its work, and say why."""
    reasons = [report.reason for report in reports if not report.is_done]
    for reason in reasons:
        typer.echo(reason, err=True)
    if reasons:
        sys.exit(1)
