"""Pictures of ties, as files."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from app.commands import surroundings
from app.errors import NotReady
from app.pictures import Scene, account_picture, paint, person_picture
from app.store import lookups, scores

commands = typer.Typer()


@commands.command()
def picture(
    what: Annotated[Literal["person", "account"], typer.Argument(help="Whose ties.")],
    number: Annotated[int, typer.Argument(help="The id, as in the API.")],
    *,
    out: Annotated[Path, typer.Option(help="SVG file to write.")],
    table: Annotated[bool, typer.Option("--table", help="Say every tie in words too.")] = False,
) -> None:
    """Draw whom a person knows, or who of ours knows whom at an account."""
    scene = _scene(what, number)
    try:
        out.write_text(paint(scene), encoding="utf-8", newline="\n")
    except OSError as error:
        raise NotReady(f"{out} cannot be written: {error.strerror}.") from error
    typer.echo(f"{out}: {scene.title}. {scene.summary}")
    if table:
        Console().print(_table(scene))


def _scene(what: str, number: int) -> Scene:
    draw = person_picture if what == "person" else account_picture
    with Session(surroundings.database(surroundings.settings())) as session:
        _, found, _ = lookups.refold(session, scores.snapshot(session))
        return draw(session, found, number)


def _table(scene: Scene) -> Table:
    table = Table("One", "Other", "Tie of", "Strength", "Days silent", "Bridge to")
    for row in scene.rows:
        days, strength = str(row.last_days), str(row.strength)
        table.add_row(row.one, row.other, row.kind, strength, days, row.bridge)
    return table
