"""What a CRM must do to be a connector. Read `_records` first.

A connector is one customer's authenticated link to one CRM. It blocks, it keeps nothing between
two calls but its token, and it raises only `ConnectorError`.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from connectors._hints import Delivery, Hint, Hints, Hook, Signer
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
from connectors._ways import Telling, Way


@dataclass(slots=True)
class Renewal:
    """A token that nobody else renews meanwhile.

    Attributes:
        credentials: As they are kept now; None if nobody else could have changed them.
        answer: What the CRM answered when it last gave somebody a token, without a refresh token;
            empty if that token has run out. Whoever asks for a new one leaves the answer here.
        life_s: For how many seconds the token in it is still good.
    """

    credentials: BaseModel | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    life_s: float = 0.0


Renewing = Callable[[], AbstractContextManager[Renewal]]
"""Gives a context in which nobody else renews a connection's token."""


def alone() -> AbstractContextManager[Renewal]:
    """Renew a token that nobody else uses."""
    return nullcontext(Renewal())


class Connector(Protocol):
    """One authenticated link to a CRM."""

    @property
    def calls(self) -> int:
        """How many HTTP requests it has made so far, failed ones and renewed tokens included."""

    @property
    def quota(self) -> Quota | None:
        """The CRM's daily limit as its last answer told it; None before it has told."""

    def examine(self) -> Iterator[Finding]:
        """Look at everything that a connection needs, for an admin; changes nothing.

        A refusal is a finding, never an exception.
        """

    def identify(self) -> Identity:
        """Ask the CRM who we are: the cheapest proof that the credentials work."""

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        """Read the next page of each of these streams, in as few calls as the CRM allows.

        A page follows from its bookmark alone (keyset paging), so a crash repeats at most one page
        and neither an edit nor a new token between two pages can skip a record. Pages overlap
        where the CRM shows changes late: a record may be read again, never missed. While old
        records are read for the first time, pages of fresh changes come in between.

        What we are not shown is a `Gap` of its page: a field is left out; a stream that is refused
        as a whole gives no records, its bookmark as it was, and `is_last`. Without colleagues or
        contacts there is nothing to score: these are refused.

        Args:
            bookmarks: Where each stream was left; `START` from the beginning. Only streams of
                the module's `STREAMS`.

        Returns:
            One page per stream, in the order of `Stream`.

        Raises:
            ConnectorError: If colleagues or contacts are refused, or the CRM as a whole: then no
                page is returned.
        """

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        """Read the next ids of the records of a stream that are there, to find those that are not.

        Some CRMs never tell that a record is gone for good. Keyset paging from `START`, as `read`.

        Raises:
            ConnectorError: As `read`.
        """

    def read_again(self, stream: Stream, ids: Sequence[ExternalId]) -> Sequence[Page]:
        """Read records by their ids, in as few calls as the CRM allows; no bookmark is moved.

        Returns:
            Pages in any order, of which only records and malformed rows count. A record that is
            gone comes as deleted where the CRM tells it; one merged into another comes so, or only
            by the other. What the CRM does not know, or not as of this stream, does not come.

        Raises:
            ConnectorError: As `read`; also if the CRM shows us nothing of the stream, and
                `Misconfigured` if it has no ids to ask by.
        """

    def taken_part(self, people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:
        """Name what contacts or leads take part in, where that can change without a word.

        A CRM may hide who took part in something while they are deleted, and show them again,
        and call none of it a change of what they took part in.

        Returns:
            Activities and deals, with those of the people who are in each; none of a CRM that
            tells it as their change.

        Raises:
            ConnectorError: As `read`; what is refused as a whole is left out.
        """

    def check_fields(self, fields: Sequence[Field]) -> Sequence[FieldCheck]:
        """See how custom fields stand in the CRM, with one call per kind of record.

        Returns:
            One for each, in the order asked for.
        """

    def choices(self, target: Target) -> Sequence[Field]:
        """Give the fields of the customer's own that a field of ours could be mapped to.

        Only what an admin has added and we may write: a field of the CRM's own has a meaning there.
        """

    def create_fields(self, fields: Sequence[Field]) -> Sequence[Field]:
        """Create those of these custom fields that are missing, and make them visible to us.

        Idempotent; a field that exists is left as it is, and so is one that is mapped.

        Returns:
            The ones created, in the order asked for.

        Raises:
            PermissionMissing: If we may not create them, or not make them visible.
            Misconfigured: If a field of that name exists with another type.
        """

    def held(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        """Read what fields of records hold now, in as few calls as the CRM allows.

        Args:
            target: The kind of record.
            ids: Any number.
            names: The CRM's own names of the fields.

        Returns:
            All of these fields for each record that is there; one that is gone is absent.

        Raises:
            FieldsRefused: If a field is not there for us to read.
        """

    def visible(
        self, user: ExternalId, target: Target, ids: Sequence[ExternalId]
    ) -> Mapping[ExternalId, bool]:
        """Ask which records a user of the CRM may read there; changes nothing.

        Args:
            user: A colleague, by the id that `Stream.COLLEAGUES` gives.
            target: The kind of record.
            ids: Any number.

        Returns:
            What the CRM says of each record; one that it does not say anything of is absent.
        """

    def calls_to_write(self, counts: Mapping[Target, int]) -> int:
        """Predict the calls that `write` makes for so many records, if nothing goes wrong.

        A renewed token is not counted.
        """

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        """Write values of custom fields, in batches.

        Args:
            updates: At most one per record.

        Yields:
            The results that are known, before the next call is made: one for each update in the
            end. Only a positive answer of the CRM about that record is `ok`.

        Raises:
            FieldsRefused: If the CRM refuses a field itself and not a record. Without that field
                the updates that have no result yet can be written.
        """

    def close(self) -> None:
        """Close the connections to the CRM; the connector is of no use afterwards."""


class Module(Protocol):
    """What the package of a CRM gives: a folder in `connectors/` without an underscore is one.

    Attributes:
        TITLE: What people call the CRM.
        STREAMS: The streams it has, in the order of `Stream`.
        SWEPT: Those of which a record can vanish without a word, so that `present` is asked.
        TARGETS: The kinds of records that custom fields can be written to.
        Credentials: What it needs to know to connect; an admin's form is made from it.
        WAYS: How it can be connected, the usual way first.
        TELLINGS: How it can tell by itself what changes, the simplest first; none if it cannot.
        SIGNER: Whose secret proves what it delivers by itself.
        LISTENS: It has a stream of events: its connector is `Listening`.
    """

    TITLE: str
    STREAMS: tuple[Stream, ...]
    SWEPT: tuple[Stream, ...]
    TARGETS: tuple[Target, ...]
    Credentials: type[BaseModel]
    WAYS: tuple[Way, ...]
    TELLINGS: tuple[Telling, ...]
    SIGNER: Signer
    LISTENS: bool

    def hints(self, delivery: Delivery, hook: Hook) -> Hints:
        """Say what a request to us is about: which records to read again.

        Reads nothing of the body before the request has proved whose it is, where the CRM gives a
        proof; calls nobody. What is genuine and not understood is no error: it is said to be
        strange, and what changed has to be read.

        Raises:
            Forged: If the request is not the CRM's, not for this connection, or too old.
        """

    def own_name(self, name: str) -> str:
        """Give what the CRM calls a field of ours, by its `Field.name`."""

    def record_url(self, site: str, external_id: ExternalId) -> str:
        """Give the address at which people see a record, by `Identity.site`; "" if none."""

    def package(self, fields: Sequence[Field]) -> Mapping[str, str]:
        """Give files with which an admin creates custom fields, as `create_fields` would.

        What is made of a field is one definition, there and here.

        Returns:
            The texts of the files by their paths in the package's folder; none for a CRM that takes
            no custom fields.
        """

    def revoke(self, credentials: BaseModel) -> str:
        """Have the CRM forget that it let us in, where it can be asked to; asks once.

        Returns:
            What an admin has still to do there, in words; "" if nothing.

        Raises:
            ConnectorError: If the CRM cannot be reached, or does not do it.
        """

    def connect(
        self,
        credentials: BaseModel,
        *,
        on_refresh: Callable[[BaseModel], None],
        permit: Callable[[], None] = lambda: None,
        renewing: Renewing = alone,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Connector:
        """Make a connector; nothing is called before the first use.

        Args:
            credentials: An instance of the module's `Credentials`.
            on_refresh: Called with the changed credentials before a new token is used, when the
                CRM hands out a new refresh token; whoever keeps the credentials must store it.
            permit: Called before every HTTP request; raises `TryLater` if it may not be made.
            renewing: Entered to use a refresh token up, because it may work only once: two
                processes that use one connection must not both use it, and of those that come
                when a token has run out, one renews it for all.
            sleep: How the connector waits before another try.

        Raises:
            Misconfigured: If the address in the credentials cannot be this CRM's.
        """
