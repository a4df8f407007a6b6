"""What a connection to an org needs, looked at for an admin."""

from collections.abc import Iterator
from typing import Protocol

from connectors._errors import ConnectorError
from connectors._records import Finding, Identity, Quota, Verdict


class _Org(Protocol):
    @property
    def quota(self) -> Quota | None: ...

    def identify(self) -> Identity: ...


def examine(org: _Org) -> Iterator[Finding]:
    """Look at the sign-in, then at the calls that are left; see `Connector.examine`."""
    try:
        identity = org.identify()
    except ConnectorError as error:
        yield Finding("Sign-in", Verdict.BAD, "Salesforce does not let us in.", str(error))
        return
    yield Finding("Sign-in", Verdict.GOOD, f"Connected to {identity.name}.")
    if org.quota is not None:
        left = max(0, org.quota.limit - org.quota.used)
        told = f"{left:,} of {org.quota.limit:,} calls are left for all apps together."
        yield Finding("Daily calls", Verdict.GOOD, told)
