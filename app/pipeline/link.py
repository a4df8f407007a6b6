"""An open connection, as a stage is given it."""

from dataclasses import dataclass

from connectors import Connector, Stream


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection.

    Attributes:
        title: What people call it.
        streams: What its CRM can be read for.
    """

    connection_id: int
    title: str
    connector: Connector
    streams: tuple[Stream, ...]
