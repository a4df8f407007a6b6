"""Which custom fields of a connection are written, where to, and what is done where people edit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from app.pipeline.fields import COLUMNS, Column
from app.pipeline.link import Link
from app.store import chosen
from app.store.tables import ChosenField
from connectors import Field, FieldState, Target


class Policy(StrEnum):
    """What is done where a person has edited a field.

    OVERWRITE writes our next value. RESPECT leaves the field of that record to people until
    somebody empties it. ALERT does the same, and says so.
    """

    OVERWRITE = "overwrite"
    RESPECT = "respect"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Choice:
    """One custom field of a connection; see `tables.ChosenField`.

    Attributes:
        own_name: What the CRM calls a field of ours of that name.
        called: The CRM's name of the field that it is mapped to; "" for ours.
        state: How it stood when last looked at; None before that.
        paused: Why it is not written now; "" while it is.
    """

    target: Target
    column: Column[Any]
    own_name: str
    called: str = ""
    policy: Policy = Policy.OVERWRITE
    is_on: bool = True
    state: FieldState | None = None
    paused: str = ""
    paused_at: datetime | None = None
    mapped_at: datetime | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is a field of Tieline's, and not one that was there."""
        return not self.called

    @property
    def is_written(self) -> bool:
        """Whether it is wanted, and nothing is in its way."""
        return self.is_on and not self.paused

    @property
    def key(self) -> chosen.Name:
        """By what the store knows it."""
        return self.target.value, self.column.name

    @property
    def name_there(self) -> str:
        """What the CRM calls the field that is written."""
        return self.called or self.own_name

    @property
    def field(self) -> Field:
        """What the connector is to look for, or to create."""
        return replace(self.column.on(self.target), called=self.called)


class Choices:
    """The custom fields of a connection, in the order of the catalogue."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self.every = tuple(choices)
        self._by_key = {choice.key: choice for choice in choices}

    @classmethod
    def of(cls, session: Session, link: Link) -> "Choices":
        """Read what is said of the fields of a connection."""
        said = chosen.of(session, link.connection_id)
        return cls(
            [
                choice(link, target, column, said.get((target.value, column.name)))
                for target in COLUMNS
                if target in link.targets
                for column in COLUMNS[target]
            ]
        )

    @property
    def columns(self) -> Mapping[Target, Sequence[Column[Any]]]:
        """The fields that are written, by kind of record; kinds without any are left out."""
        found: dict[Target, list[Column[Any]]] = {}
        for one in self.every:
            if one.is_written:
                found.setdefault(one.target, []).append(one.column)
        return found

    @property
    def paused(self) -> Sequence[Choice]:
        """The fields that are wanted and cannot be written."""
        return [one for one in self.every if one.is_on and one.paused]

    @property
    def is_known(self) -> bool:
        """Whether it has been looked at least once how each field stands that is wanted."""
        return all(one.state is not None for one in self.every if one.is_on)

    def get(self, target: str, name: str) -> Choice | None:
        """The field of a name; None if there is none."""
        return self._by_key.get((target, name))

    def of_target(self, target: str) -> dict[str, Choice]:
        """The fields of a kind of record, by `Field.name`."""
        return {one.column.name: one for one in self.every if one.target.value == target}

    def named_there(self, names: Collection[tuple[Target, str]]) -> list[Choice]:
        """The fields that the CRM calls so."""
        return [one for one in self.every if (one.target, one.name_there) in names]


def choice(link: Link, target: Target, column: Column[Any], said: ChosenField | None) -> Choice:
    """A field as it is said to be; None is as it is by default."""
    usual = Choice(target, column, link.own_name(column.name))
    if said is None:
        return usual
    return replace(
        usual,
        called=said.called,
        policy=Policy(said.policy),
        is_on=said.is_on,
        state=FieldState(said.state) if said.state else None,
        paused=said.paused,
        paused_at=said.paused_at,
        mapped_at=said.mapped_at,
    )
