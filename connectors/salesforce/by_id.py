"""Reading by id: which rows are there, and some of them again.

Neither moves a bookmark. What an org does not have is found out when it refuses it, and remembered
as long as the connector lives: two calls more, once. Five queries go to a call, so 2,000 rows are
read again in one.
"""

from collections.abc import Callable, Sequence

from connectors._errors import ConnectorError, PermissionMissing, TryLater
from connectors._records import START, Bookmark, ExternalId, Page, Presence, Stream
from connectors.salesforce import mapping
from connectors.salesforce.asked import sorted_out, unreadable
from connectors.salesforce.client import Answer, Client, Found, Question
from connectors.salesforce.refusals import is_unknown
from connectors.salesforce.relations import complete
from connectors.salesforce.sources import (
    NOTHING,
    SOURCES,
    Source,
    describes,
    gaps,
    is_refused,
    lacking_of,
    without,
)
from connectors.salesforce.statements import ids_behind, those
from connectors.salesforce.together import Together

IDS_PER_PAGE = 2000

IDS_PER_QUERY = 400
"""An address has 16,384 bytes, where a query is asked by itself; an id takes 27 of them."""

_ID_LENGTH, _CASED, _ENDINGS = 18, 15, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

Statements = Callable[[Source], Sequence[str]]


class ById:
    """Reads rows of one org by their ids."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._together = Together(client)
        self._lacking: dict[Stream, frozenset[str]] = {}

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        """Read the next ids of what is there; see `Connector.present`."""
        (found,) = self._answers(stream, lambda s: [ids_behind(s, bookmark, IDS_PER_PAGE)])
        ids = tuple(mapping.row_id(row) for row in found.rows)
        is_last = found.is_done and len(ids) < IDS_PER_PAGE
        return Presence(ids, Bookmark(ids[-1]) if ids else bookmark, is_last)

    def read_again(self, stream: Stream, ids: Sequence[ExternalId]) -> Sequence[Page]:
        """Read these records; see `Connector.read_again`."""
        wanted = [one for one in dict.fromkeys(ids) if _is_id(one)]
        shares = [wanted[n : n + IDS_PER_QUERY] for n in range(0, len(wanted), IDS_PER_QUERY)]
        pages: list[Page] = []
        while shares:
            answers = self._those(stream, shares)
            pages += [self._page(stream, answer) for answer in answers]
            left = [_left(stream, *one) for one in zip(shares, answers, strict=True)]
            shares = list(filter(None, left))
        return pages

    def _those(self, stream: Stream, shares: Sequence[Sequence[ExternalId]]) -> Sequence[Answer]:
        return self._answers(stream, lambda source: [those(source, few) for few in shares])

    def _page(self, stream: Stream, answer: Answer) -> Page:
        source = SOURCES[stream]
        complete(self._client, source, answer)
        records, malformed = sorted_out(source.read, answer.rows)
        return Page(stream, records, START, is_last=True, malformed=malformed)

    def _answers(self, stream: Stream, statements: Statements) -> Sequence[Answer]:
        """Ask for rows of a stream; once more if the org does not know all that is asked for.

        Raises:
            ConnectorError: If it is refused all the same.
        """
        found = self._asked(stream, statements)
        if any(isinstance(one, ConnectorError) and is_unknown(one) for one in found):
            self._learn(stream)
            found = self._asked(stream, statements)
        return [_answer(stream, one) for one in found]

    def _asked(self, stream: Stream, statements: Statements) -> Sequence[Found | ConnectorError]:
        source = without(SOURCES[stream], self._lacking.get(stream, NOTHING))
        doing = f"to read {source.sobject}"
        questions = [Question(doing, "queryAll", soql) for soql in statements(source)]
        return self._together.ask(questions)

    def _learn(self, stream: Stream) -> None:
        """Find out what of a stream we are not shown.

        Raises:
            ConnectorError: If that leaves nothing, or Salesforce is too busy to tell.
        """
        source = SOURCES[stream]
        objects = describes([source])
        found = dict(zip(objects, self._together.ask(list(objects.values())), strict=True))
        for problem in found.values():
            if isinstance(problem, TryLater):
                raise problem
        shown = {name: one if isinstance(one, dict) else None for name, one in found.items()}
        self._lacking[stream] = lacking = lacking_of(source, shown)
        if is_refused(source, lacking):
            raise PermissionMissing(gaps(source, lacking)[0].reason)


def _answer(stream: Stream, found: Found | ConnectorError) -> Answer:
    if isinstance(found, ConnectorError):
        raise found
    if not isinstance(found, Answer):
        raise unreadable(stream)
    return found


def _left(stream: Stream, wanted: list[ExternalId], answer: Answer) -> list[ExternalId]:
    """Give what was asked for and is still to come, of an answer that was cut short.

    Raises:
        Unavailable: If such an answer has nothing of it.
    """
    if answer.is_done:
        return []
    got = {row.get("Id") for row in answer.rows if isinstance(row, dict)}
    left = [one for one in wanted if one not in got]
    if len(left) == len(wanted):
        raise unreadable(stream)
    return left


def _is_id(given: ExternalId) -> bool:
    """Whether Salesforce may be asked for it: one wrong id, and it refuses all.

    The last three characters of an id tell which of the others are capitals.
    """
    is_plain = len(given) == _ID_LENGTH and given.isascii() and given.isalnum()
    fives = (given[at : at + 5] for at in range(0, _CASED, 5))
    bits = (sum(one.isupper() << place for place, one in enumerate(five)) for five in fives)
    return is_plain and given[_CASED:] == "".join(_ENDINGS[bit] for bit in bits)
