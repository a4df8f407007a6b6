"""Writing values of custom fields in as few calls as the org takes.

m records take ceil(m / 1000) calls: five collections of 200 in a composite call, each of which is
saved by itself. Very many of one kind go by a Bulk API job (`ingesting`). Records are sent by kind
and account, because Salesforce locks the account of a contact that is written.

Packing is safe as long as nothing says otherwise. A batch of which every record is refused by a
trigger or flow may have been too much for it ("Too many SOQL queries: 101"): its first records are
tried in a call of their own, then in smaller ones (200, 100, 50, 10, 1), and what is taken is the
size from then on, for the connector's life. If even single records are refused, it was not the
size, and the refusals stand. That is told by trying and not by the message, which any admin words.

Locked records are tried again at the end, after waits with jitter and in smaller batches.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from simple_salesforce.format import format_soql

from connectors._errors import (
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    RateLimited,
    TryLater,
)
from connectors._records import ExternalId, FieldUpdate, Target, WriteResult
from connectors.salesforce.client import Client
from connectors.salesforce.ingesting import calls_for, ingest, worth_jobs
from connectors.salesforce.refusals import AUTOMATION, LOCKED, NOT_EDITABLE, is_unknown
from connectors.salesforce.saving import (
    MOST_PARTS,
    MOST_ROWS,
    Said,
    explained,
    not_writable,
    save,
    save_together,
)

PACKED = MOST_ROWS * MOST_PARTS
SIZES = (PACKED, MOST_ROWS, 100, 50, 10, 1)
TRIED_ALONE = 3
"""So many single records are tried before a size is not to blame."""

LOCK_SIZES = (200, 100, 50, 25)
FIRST_LOCK_WAIT_S = 2.0

_KINDS = {target: place for place, target in enumerate(Target)}


class Writer:
    """Writes to one org, and learns how much its automation takes at once.

    Attributes:
        rows: How many records a call writes at most, one of `SIZES`.
    """

    def __init__(self, client: Client) -> None:
        self.rows = PACKED
        self._client = client
        self._has_persons = True
        self._is_not_the_size: set[Target] = set()

    def calls_for(self, counts: Mapping[Target, int]) -> int:
        """Predict the calls that so many records take."""
        by_job = [self._by_jobs(count) for count in counts.values()]
        rest = sum(counts.values()) - sum(by_job)
        return sum(map(calls_for, by_job)) + -(-rest // self.rows)

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        """Write updates; see `Connector.write`."""
        self._is_not_the_size.clear()
        known = {(update.target, update.id): update for update in updates}
        locked: list[FieldUpdate] = []
        for results in self._first(in_order(updates)):
            locked += [known[r.target, r.id] for r in results if r.code == LOCKED]
            yield from _some([r for r in results if r.code != LOCKED])
        yield from self._locked(locked)

    def _by_jobs(self, count: int) -> int:
        return worth_jobs(count) if self.rows == PACKED else 0

    def _first(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        kinds: dict[Target, list[FieldUpdate]] = defaultdict(list)
        for update in updates:
            kinds[update.target].append(update)
        left: list[FieldUpdate] = []
        for target, some in kinds.items():
            done: set[ExternalId] = set()
            for results in ingest(self._client, target, some[: self._by_jobs(len(some))]):
                done |= {result.id for result in results}
                yield from _some(results)
            left += [update for update in some if update.id not in done]
        yield from self._all(left)

    def _all(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        begin = 0
        while begin < len(updates):
            taken = updates[begin : begin + self.rows]
            begin += len(taken)
            yield from self._sent(_cut(taken, MOST_ROWS))

    def _locked(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        """Try locked records again; those that stay locked are told so behind the last try."""
        for turn, size in enumerate(LOCK_SIZES):
            if not updates:
                return
            self._client.sleep(random.uniform(0.5, 1.0) * FIRST_LOCK_WAIT_S * 2**turn)  # noqa: S311
            is_last = size == LOCK_SIZES[-1]
            parts = _cut(updates, min(size, self.rows))
            known, updates = {(u.target, u.id): u for u in updates}, []
            packed = MOST_PARTS if self.rows == PACKED else 1
            for begin in range(0, len(parts), packed):
                for results in self._sent(parts[begin : begin + packed]):
                    held = "" if is_last else LOCKED
                    updates += [known[r.target, r.id] for r in results if held and r.code == held]
                    yield from _some([r for r in results if r.ok or r.code != held])

    def _sent(self, parts: Sequence[Sequence[FieldUpdate]]) -> Iterator[Sequence[WriteResult]]:
        """Write parts in one call, then look after what was refused for no fault of a record."""
        answers = self._answers(parts)
        if answers is None:
            for part in parts:
                yield from self._sent([part])
            return
        good = [answer for answer in answers if not isinstance(answer, ConnectorError)]
        refusals = [
            explained(self._client, part, refusal)
            for part, refusal in zip(parts, answers, strict=True)
            if isinstance(refusal, ConnectorError)
        ]
        yield from self._settled(good, refusals, is_packed=len(parts) > 1)

    def _settled(
        self,
        answers: Sequence[Sequence[Said]],
        refusals: Sequence[ConnectorError] = (),
        *,
        is_packed: bool,
    ) -> Iterator[Sequence[WriteResult]]:
        """Give what is certain, and only then look after the rest.

        Raises:
            ConnectorError: The first of the refusals.
        """
        odd = [self._strange(group) for answer in answers for group in _by_kind(answer)]
        strange = {(one.update.target, one.update.id) for group in odd for one in group}
        for answer in answers:
            results = [one.result for one in answer]
            yield from _some([r for r in results if (r.target, r.id) not in strange])
        if refusals:
            raise refusals[0]
        for group in filter(None, odd):
            if group[0].result.code in AUTOMATION:
                yield from self._tried_smaller(group, is_packed=is_packed)
            else:
                yield from self._through_accounts(group)

    def _answers(
        self, parts: Sequence[Sequence[FieldUpdate]]
    ) -> Sequence[list[Said] | ConnectorError] | None:
        """Make the call; None if it may not be made for several parts at once."""
        try:
            if len(parts) == 1:
                return [save(self._client, parts[0])]
            return save_together(self._client, parts)
        except (AuthenticationFailed, RateLimited):
            raise
        except (TryLater, Misconfigured, PermissionMissing):  # less may be done, or allowed
            if len(parts) == 1:
                raise
            self.rows = MOST_ROWS
            return None

    def _strange(self, group: Sequence[Said]) -> list[Said]:
        """Give those of a kind whose refusal may be the batch's or a field's fault."""
        codes = {one.result.code for one in group}
        is_known = group[0].update.target in self._is_not_the_size
        if len(group) > 1 and len(codes) == 1 and codes <= AUTOMATION and not is_known:
            return list(group)
        return [one for one in group if one.result.code == NOT_EDITABLE]

    def _tried_smaller(
        self, group: Sequence[Said], *, is_packed: bool
    ) -> Iterator[Sequence[WriteResult]]:
        """Find out how many records the org's automation takes at once, and write them so."""
        left = [one.update for one in group]
        if left[0].target in self._is_not_the_size:  # found out meanwhile, as below
            yield [one.result for one in group]
            return
        if self.rows < (PACKED if is_packed else len(left)):
            yield from self._all(left)
            return
        for size in SIZES[1:-1]:
            if size < len(left) or (is_packed and size == MOST_ROWS):
                answer = save(self._client, left[:size])
                if not _is_refused_by_automation(answer):
                    self.rows = size
                    yield from self._settled([answer], is_packed=False)
                    yield from self._all(left[size:])
                    return
        yield from self._tried_alone(group)

    def _tried_alone(self, group: Sequence[Said]) -> Iterator[Sequence[WriteResult]]:
        """Write single records until one is taken; if none of the first is, it is not the size."""
        for place, one in enumerate(group[:TRIED_ALONE], 1):
            answer = save(self._client, [one.update])
            yield from self._settled([answer], is_packed=False)
            if not _is_refused_by_automation(answer):
                self.rows = 1
                yield from self._all([one.update for one in group[place:]])
                return
        self._is_not_the_size.add(group[0].update.target)
        yield from _some([one.result for one in group[TRIED_ALONE:]])

    def _through_accounts(self, group: Sequence[Said]) -> Iterator[Sequence[WriteResult]]:
        """Write contacts that are the shadow of a person account through the account.

        Raises:
            FieldsRefused: If others are left, and so the fields cannot be edited.
        """
        updates = [one.update for one in group]
        accounts = self._accounts(updates)
        persons = [update for update in updates if update.id in accounts]
        if persons:
            yield [one.result for one in save(self._client, persons, accounts)]
        left = [one for one in group if one.update.id not in accounts]
        fields = {(u.update.target, n) for u in left for n in u.fields if n in u.update.values}
        if fields:
            raise not_writable(sorted(fields))
        yield from _some([one.result for one in left])

    def _accounts(self, updates: Sequence[FieldUpdate]) -> dict[ExternalId, str]:
        """Give the person accounts of contacts that are one; an org without them knows none."""
        ids = [str(update.id) for update in updates if update.target is Target.CONTACT]
        if not ids or not self._has_persons:
            return {}
        soql = format_soql(
            "SELECT Id, AccountId FROM Contact WHERE IsPersonAccount = true AND Id IN {}", ids
        )
        try:
            found = self._client.query("to look for person accounts", soql).rows
        except ConnectorError as error:
            if not is_unknown(error):
                raise
            self._has_persons = False
            return {}
        return {ExternalId(str(row["Id"])): str(row["AccountId"]) for row in found}


def in_order(updates: Iterable[FieldUpdate]) -> list[FieldUpdate]:
    """Order updates by kind and account, so that two batches seldom lock the same account."""
    return sorted(updates, key=lambda u: (_KINDS[u.target], u.account_id or "", u.id))


def _is_refused_by_automation(answer: Sequence[Said]) -> bool:
    codes = {one.result.code for one in answer}
    return len(codes) == 1 and codes <= AUTOMATION


def _by_kind(answer: Sequence[Said]) -> Iterator[list[Said]]:
    kinds: dict[Target, list[Said]] = defaultdict(list)
    for one in answer:
        kinds[one.update.target].append(one)
    yield from kinds.values()


def _cut(updates: Sequence[FieldUpdate], size: int) -> list[Sequence[FieldUpdate]]:
    return [updates[begin : begin + size] for begin in range(0, len(updates), size)]


def _some(results: Sequence[WriteResult]) -> Iterator[Sequence[WriteResult]]:
    """Give results, if there are any."""
    if results:
        yield results
