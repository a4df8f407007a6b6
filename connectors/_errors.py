"""What can go wrong with a CRM, sorted by what to do about it.

    ConnectorError
      NeedsAttention          pause the connection and tell a person
        AuthenticationFailed    the token or the app is refused
        PermissionMissing       a scope, an object or a field may not be read or written
        Misconfigured           the address, the app or the API version is wrong
        FieldsRefused           some custom fields take no value any more; leave these out
      TryLater                keep the bookmark and come back, after `retry_after_s` if it is known
        RateLimited             the burst limit or the daily allowance is used up
        Unavailable             the CRM, or the way to it, does not answer

A message is one sentence that an admin can act on. It never holds a token, an address of a person
or a record's values. Vendor exceptions are translated once, in their connector, ``from`` the
original. What one record is refused for is no exception but a `WriteResult`.
"""

from collections.abc import Iterable

from connectors._records import Target


class ConnectorError(Exception):
    """Anything a connector raises."""


class NeedsAttention(ConnectorError):
    """Trying again will not help until a person has acted."""


class AuthenticationFailed(NeedsAttention):
    """The CRM refuses the credentials."""


class PermissionMissing(NeedsAttention):
    """The CRM knows us, and does not let us."""


class Misconfigured(NeedsAttention):
    """What the connection was told about its CRM is not so."""


class FieldsRefused(NeedsAttention):
    """The CRM takes no value for some custom fields any more: all others can still be written.

    Attributes:
        fields: Which, by the kind of record and the CRM's own name.
    """

    def __init__(self, message: str, fields: Iterable[tuple[Target, str]]) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


class TryLater(ConnectorError):
    """The same request may succeed later."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimited(TryLater):
    """The CRM's burst limit or daily allowance is used up."""


class Unavailable(TryLater):
    """The CRM, or the network on the way to it, does not answer."""
