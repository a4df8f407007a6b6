"""Whoever listens to change events, if what that needs is installed."""

from collections.abc import Iterator

from connectors._errors import Misconfigured
from connectors._hints import Heard
from connectors.salesforce.client import Client

try:
    from connectors.salesforce.subscribing import Subscriber
except ModuleNotFoundError:

    class Subscriber:  # type: ignore[no-redef] # it stands in for the other one
        """Says that nobody can listen."""

        def __init__(self, client: Client, address: str, instance_url: str) -> None:
            """Take what the other one takes."""

        def listen(self, place: str) -> Iterator[Heard]:  # noqa: ARG002 as the true one
            """Refuse it."""
            raise Misconfigured("To listen to change events, install tieline[pubsub].")

        def close(self) -> None:
            """Do nothing."""


__all__ = ["Subscriber"]
