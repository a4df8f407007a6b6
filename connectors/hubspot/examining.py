"""What a connection to a portal needs, looked at for an admin."""

from collections.abc import Iterator
from typing import Protocol

from connectors._errors import ConnectorError
from connectors._records import Finding, Identity, Quota, Verdict


class _Portal(Protocol):
    @property
    def quota(self) -> Quota | None: ...

    def identify(self) -> Identity: ...


def examine(portal: _Portal) -> Iterator[Finding]:
    """Look at the sign-in, then at the calls that are left; see `Connector.examine`."""
    try:
        identity = portal.identify()
    except ConnectorError as error:
        yield Finding("Sign-in", Verdict.BAD, "HubSpot does not let us in.", str(error))
        return
    yield Finding("Sign-in", Verdict.GOOD, f"Connected to {identity.name}.")
    if portal.quota is not None:
        left = max(0, portal.quota.limit - portal.quota.used)
        told = f"{left:,} of {portal.quota.limit:,} calls are left for all apps together."
        yield Finding("Daily calls", Verdict.GOOD, told)
