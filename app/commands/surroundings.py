"""What most commands need: settings, database, key, and an end that says how it went."""

import sys
from collections.abc import Sequence

import typer
from sqlalchemy import Engine

from app.pipeline import Report
from app.security import Vault
from app.settings import Settings, read_settings
from app.store import database as store
from app.telemetry import set_up_logging


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


def fail_for(reports: Sequence[Report]) -> None:
    """End with exit code 1 if a stage did not do its work, and say why."""
    reasons = [report.reason for report in reports if not report.is_done]
    for reason in reasons:
        typer.echo(reason, err=True)
    if reasons:
        sys.exit(1)
