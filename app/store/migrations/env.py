"""Alembic's entry: `database.migrate` hands it an open connection."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from app.store import tables


def _plain(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write our own types into a revision as what the database sees: it must outlive them."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, tables.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_item=_plain,
)
with context.begin_transaction():
    context.run_migrations()
