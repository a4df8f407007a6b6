"""The custom fields: what each is called, what it means, and where its value comes from.

One table, a file for each kind of record: `people`, `accounts`, `deals`. To add a field, add a line
there: code, docs and console are made from it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from app.pipeline.fields._column import Column
from app.pipeline.fields.accounts import ACCOUNT
from app.pipeline.fields.deals import DEAL
from app.pipeline.fields.people import PERSON
from connectors import Field, Target

__all__ = ["ACCOUNT", "COLUMNS", "DEAL", "PERSON", "Column", "fields"]

COLUMNS: Final[Mapping[Target, Sequence[Column[Any]]]] = MappingProxyType(
    {
        Target.CONTACT: PERSON,
        Target.LEAD: PERSON,
        Target.ACCOUNT: ACCOUNT,
        Target.DEAL: DEAL,
    }
)


def fields(target: Target) -> tuple[Field, ...]:
    """The custom fields of one kind of record."""
    return tuple(column.on(target) for column in COLUMNS[target])
