"""What the sandbox serves beside HTTP: the Pub/Sub API, if what it needs is installed."""

import contextlib
import sys
from collections.abc import Iterator, Mapping

from connectors._sandbox import Sandbox

try:
    from connectors.salesforce.sandbox.pubsub import serve as serve_beside
except ModuleNotFoundError:

    @contextlib.contextmanager
    def serve_beside(sandbox: Sandbox, port: int = 0) -> Iterator[Mapping[str, str]]:  # noqa: ARG001 as the true one
        """Say that there is no Pub/Sub API."""
        sys.stderr.write("Pub/Sub is off: install tieline[pubsub] to have it.\n")
        yield {}


__all__ = ["serve_beside"]
