"""The custom fields of a connection: which are written, where to, and how they stand in the CRM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from app import writing
from app.api.deps import DatabaseDep, Id, OpenDep
from app.api.problems import told
from app.writing import Choice, Policy
from connectors import FieldState, FieldType, Target

router = APIRouter(tags=["fields"])

FieldName = Annotated[str, Path(max_length=100, description="As `GET …/fields` names it.")]


class CustomField(BaseModel):
    """A custom field of the catalogue, as it is on one connection."""

    target: Target
    name: str
    label: str
    type: FieldType
    length: int = Field(description="Characters of a text, digits of a number, at most.")
    options: list[str] = Field(description="The values of a picklist.")
    meaning: str = Field(description="What it says, and when it is empty.")
    field: str = Field(description="What the CRM calls the field that is written.")
    called: str = Field(description="The same if an admin mapped it to a field; else empty.")
    policy: Policy = Field(
        description="Where a person has edited it: overwrite writes our next value; respect leaves "
        "the field of that record to people until somebody empties it; alert does too, and the run "
        "is partial."
    )
    is_on: bool = Field(description="Whether it is written if nothing is in its way.")
    state: FieldState | None = Field(description="When last looked at; null before the first time.")
    paused: str = Field(description="Why it is not written now, and what to do; empty while it is.")
    paused_at: datetime | None


class CustomFields(BaseModel):
    """The custom fields of a connection, in the order of the catalogue."""

    items: list[CustomField]


class FieldChoice(BaseModel):
    """What is to be so of a custom field."""

    called: str = Field(
        default="", max_length=255, description="The CRM's field to write to; empty for our own."
    )
    policy: Policy = Policy.OVERWRITE
    is_on: bool = True


class FieldThere(BaseModel):
    """A field of the CRM that somebody added, and that could be written to."""

    name: str = Field(description="What to give as `called`.")
    label: str
    type: FieldType
    length: int
    options: list[str]


class FieldsThere(BaseModel):
    """Fields of the CRM, by label."""

    items: list[FieldThere]


class FieldNamed(BaseModel):
    """A custom field, by kind of record and name."""

    target: Target
    name: str = Field(max_length=100)


class FieldsNamed(BaseModel):
    """Custom fields; none is all that are wanted."""

    fields: list[FieldNamed] = Field(default=[], max_length=200)


@router.get("/connections/{connection_id}/fields", operation_id="listFields", responses=told(404))
def list_fields(connection_id: Id, database: DatabaseDep, open_one: OpenDep) -> CustomFields:
    """List the custom fields of a connection, as they stood when last looked at; calls nothing."""
    with open_one(connection_id) as link:
        return _fields(writing.fields(database, link))


@router.get(
    "/connections/{connection_id}/fields/choices",
    operation_id="listFieldChoices",
    responses=told(404, 502),
)
def list_choices(
    connection_id: Id,
    open_one: OpenDep,
    target: Annotated[Target, Query(description="The kind of record.")],
) -> FieldsThere:
    """List the fields of the CRM that a custom field could be mapped to; asks the CRM."""
    with open_one(connection_id) as link:
        found = writing.choices(link, target)
    return FieldsThere(
        items=[
            FieldThere(
                name=one.called or one.name,
                label=one.label,
                type=one.type,
                length=one.length,
                options=list(one.options),
            )
            for one in found
        ]
    )


@router.put(
    "/connections/{connection_id}/fields/{target}/{name}",
    operation_id="chooseField",
    responses=told(404, 409, 502),
)
def choose_field(
    connection_id: Id,
    target: Target,
    name: FieldName,
    choice: FieldChoice,
    database: DatabaseDep,
    open_one: OpenDep,
) -> CustomField:
    """Say whether a custom field is written, where to, and what of a person's edits.

    A field of another type, too short, read-only or without our values is refused with the reason.
    """
    said = writing.Said(choice.called, choice.policy, choice.is_on)
    with open_one(connection_id) as link:
        return _field(writing.choose(database, link, (target.value, name), said))


@router.post(
    "/connections/{connection_id}/fields/create",
    operation_id="createFields",
    responses=told(404, 502),
)
def create_fields(
    connection_id: Id, named: FieldsNamed, database: DatabaseDep, open_one: OpenDep
) -> CustomFields:
    """Create custom fields in the CRM now, those that were lost too; the next run fills them."""
    names = [(one.target.value, one.name) for one in named.fields]
    with open_one(connection_id) as link:
        return _fields(writing.create(database, link, names))


def _fields(every: Sequence[Choice]) -> CustomFields:
    return CustomFields(items=[_field(one) for one in every])


def _field(one: Choice) -> CustomField:
    return CustomField(
        target=one.target,
        name=one.column.name,
        label=one.column.label,
        type=one.column.type,
        length=one.column.length,
        options=list(one.column.options),
        meaning=one.column.description,
        field=one.name_there,
        called=one.called,
        policy=one.policy,
        is_on=one.is_on,
        state=one.state,
        paused=one.paused,
        paused_at=one.paused_at,
    )
