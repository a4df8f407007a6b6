"""The command line: ``tieline --help`` lists what it can do.

Every refusal is one sentence on standard error and a non-zero exit code, without a traceback.
"""

import sys

import typer
from sqlalchemy.exc import SQLAlchemyError

from app.commands import connecting, drawing, local, running, serving, writing
from app.errors import AppError
from app.pipeline import INTERRUPTED, Interrupted
from connectors import ConnectorError

DATABASE_HELP = (
    "check that it answers, that nobody else holds it, and that there is room on its disk."
)

tieline = typer.Typer(
    help="Relationship intelligence for your CRM: who knows whom, how well, and what to do next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (local, connecting, running, drawing, writing, serving):
    tieline.add_typer(part.commands)


def cli() -> None:
    """Run the command line; what is refused is told in one sentence."""
    try:
        tieline()
    except (AppError, ConnectorError) as error:
        typer.echo(str(error), err=True)
    except SQLAlchemyError as error:
        typer.echo(f"The database refused ({type(error).__name__}): {DATABASE_HELP}", err=True)
    except Interrupted:
        typer.echo(INTERRUPTED, err=True)
    sys.exit(1)


if __name__ == "__main__":
    cli()
