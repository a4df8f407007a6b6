"""What the next write-back would do: the document that is kept, shown and answered as it is."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, select

from app.store import tables
from app.store.blanking import names

Value = str | int | None


class Sample(BaseModel):
    """One value that would be written."""

    model_config = ConfigDict(frozen=True)

    external_id: str
    before: Value = Field(description="What the field is known to hold; null for nothing.")
    after: Value


class PlannedField(BaseModel):
    """What would become of one custom field; all numbers count records."""

    model_config = ConfigDict(frozen=True)

    target: str = Field(description="contact, lead, account or deal")
    name: str
    label: str
    field: str = Field(description="What the CRM calls the field.")
    is_to_be_created: bool
    created: int = Field(description="Empty fields that would get a value.")
    changed: int = Field(description="Values that would be replaced.")
    cleared: int = Field(description="Values that would be emptied.")
    left: int = Field(description="Values that stay as they are.")
    blocked: int = Field(description="Values of records that were refused and wait.")
    edited: int = Field(description="Values that people put there and that are left to them.")
    samples: list[Sample]


class NotWritten(BaseModel):
    """A custom field that cannot be written."""

    model_config = ConfigDict(frozen=True)

    target: str
    name: str
    field: str
    reason: str


class Plan(BaseModel):
    """What the next write-back would do, if it ran now."""

    model_config = ConfigDict(frozen=True)

    planned_at: datetime
    shadow_since: datetime | None = Field(
        description="Since when nothing is written and differences add up; null while writing."
    )
    records: dict[str, int] = Field(description="Records that would be written, by kind.")
    calls: int = Field(
        description="Calls that it would take if nothing goes wrong, but for creating fields."
    )
    fields: list[PlannedField]
    not_written: list[NotWritten]


def keep(session: Session, connection_id: int, plan: Plan) -> None:
    """Keep a plan in the place of the last."""
    session.merge(tables.KeptPlan(connection_id=connection_id, body=plan.model_dump_json()))
    session.flush()


def last(session: Session, connection_id: int) -> Plan | None:
    """The last plan of a connection; None if there is none."""
    found = session.get(tables.KeptPlan, connection_id)
    return Plan.model_validate_json(found.body) if found else None


def forget(session: Session, words: Collection[str]) -> None:
    """Forget plans among whose samples is a record or a value of these; ask for a new one then."""
    for row in session.exec(select(tables.KeptPlan)).all():
        fields = Plan.model_validate_json(row.body).fields
        samples = [sample for field in fields for sample in field.samples]
        told = [str(one) for s in samples for one in (s.external_id, s.before, s.after)]
        if any(names(one, words) for one in told):
            session.delete(row)
    session.flush()
