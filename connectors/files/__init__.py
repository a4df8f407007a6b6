"""Files behind the contract, read only: a team sees its network before any CRM is connected.

Read `found` (what all readers give), then by kind of file: `mbox` and `headers`; `properties`,
`repeating` and `calendars`; `tables`, `sheets` and `linkedin`; then `kinds` (one of them per file),
`folder`, `people` (names, counted), `places` and `reading`, and `examining`. Ids are digests of
message ids, addresses and profiles, so they are the same on every machine, and a mail that is in
two mailboxes is one.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from connectors._contract import Connector, Renewing, alone
from connectors._errors import Misconfigured
from connectors._hints import Delivery, Forged, Hint, Hints, Hook, Signer
from connectors._records import (
    Bookmark,
    ExternalId,
    Field,
    FieldCheck,
    FieldUpdate,
    FieldValue,
    Finding,
    Identity,
    Page,
    Presence,
    Quota,
    Stream,
    Target,
    WriteResult,
)
from connectors._ways import Telling
from connectors.files.credentials import Credentials
from connectors.files.examining import examine
from connectors.files.folder import Folder
from connectors.files.found import Ours
from connectors.files.reading import Reader
from connectors.files.ways import WAYS

__all__ = [
    "LISTENS",
    "SIGNER",
    "STREAMS",
    "SWEPT",
    "TARGETS",
    "TELLINGS",
    "TITLE",
    "WAYS",
    "Credentials",
    "connect",
    "hints",
    "own_name",
    "package",
    "record_url",
    "revoke",
]

TITLE = "Files"

STREAMS = (
    Stream.COLLEAGUES,
    Stream.ACCOUNTS,
    Stream.CONTACTS,
    Stream.EMAILS,
    Stream.MEETINGS,
    Stream.CALLS,
    Stream.MESSAGES,
)
SWEPT: tuple[Stream, ...] = ()
TARGETS: tuple[Target, ...] = ()
TELLINGS: tuple[Telling, ...] = ()
SIGNER = Signer.NOBODY
LISTENS = False

READ_ONLY = "Files are read only: connect a CRM to write scores to."


def own_name(name: str) -> str:
    """Give the name as it is: nothing is written."""
    return name


def record_url(_site: str, _external_id: ExternalId) -> str:
    """Give none: nobody sees a file as records."""
    return ""


def package(_fields: Sequence[Field]) -> Mapping[str, str]:
    """Give no files: nothing is written."""
    return {}


def revoke(_credentials: BaseModel) -> str:
    """Do nothing: nobody was signed in."""
    return ""


def connect(
    credentials: BaseModel,
    *,
    on_refresh: Callable[[BaseModel], None],  # noqa: ARG001  # nothing to renew
    permit: Callable[[], None] = lambda: None,
    renewing: Renewing = alone,  # noqa: ARG001  # nothing to renew
    sleep: Callable[[float], None] = time.sleep,  # noqa: ARG001  # nothing to wait for
) -> Connector:
    """Make a connector to a folder; see `Module.connect`."""
    if not isinstance(credentials, Credentials):
        raise Misconfigured("These are no folder and domains: enter them again.")
    return _Files(credentials, permit, lambda: datetime.now(UTC))


def hints(_delivery: Delivery, _hook: Hook) -> Hints:
    """Refuse it: files send nothing."""
    raise Forged("Files send nothing by themselves.")


class _Files:
    """A folder of files."""

    def __init__(
        self, credentials: Credentials, permit: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._own = credentials.own
        self._ours = Ours(credentials.listed())
        self._now = now
        self._folder = Folder(Path(credentials.folder), permit)
        self._reader = Reader(self._folder, self._ours, now)

    @property
    def calls(self) -> int:
        return self._folder.calls

    @property
    def quota(self) -> Quota | None:
        return None

    def examine(self) -> Iterator[Finding]:
        return examine(self._folder, self._ours, self._now)

    def identify(self) -> Identity:
        self._folder.check()
        tenant = hashlib.sha256(self._own.encode()).hexdigest()[:16]
        return Identity(tenant=f"files-{tenant}", name=f"of {self._own}")

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        return self._reader.read(bookmarks)

    def present(self, _stream: Stream, _bookmark: Bookmark) -> Presence:
        raise Misconfigured("What is gone from files is not looked for.")

    def read_again(self, _stream: Stream, _ids: Sequence[ExternalId]) -> Sequence[Page]:
        raise Misconfigured("Files have no ids to ask by: they are read as a whole.")

    def taken_part(self, _people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:
        return {}

    def check_fields(self, _fields: Sequence[Field]) -> Sequence[FieldCheck]:
        raise Misconfigured(READ_ONLY)

    def choices(self, _target: Target) -> Sequence[Field]:
        return []

    def create_fields(self, _fields: Sequence[Field]) -> Sequence[Field]:
        raise Misconfigured(READ_ONLY)

    def held(
        self, _target: Target, _ids: Sequence[ExternalId], _names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        raise Misconfigured(READ_ONLY)

    def visible(
        self, _user: ExternalId, _target: Target, _ids: Sequence[ExternalId]
    ) -> Mapping[ExternalId, bool]:
        return {}

    def calls_to_write(self, _counts: Mapping[Target, int]) -> int:
        return 0

    def write(self, _updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        raise Misconfigured(READ_ONLY)

    def close(self) -> None:
        self._reader.close()
