"""An open connection, as a stage is given it."""

from dataclasses import dataclass, field

from app.allowance import Allowance, Unlimited
from connectors import Connector, Stream, Target


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection.

    Attributes:
        title: What people call it.
        streams: What its CRM can be read for.
        targets: The kinds of records that custom fields are written to.
        swept: The streams of which a record can vanish without a word.
        allowance: The calls it may make.
    """

    connection_id: int
    title: str
    connector: Connector
    streams: tuple[Stream, ...]
    targets: tuple[Target, ...] = tuple(Target)
    swept: tuple[Stream, ...] = ()
    allowance: Allowance | Unlimited = field(default_factory=Unlimited)
