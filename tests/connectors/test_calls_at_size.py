"""Reading takes the fewest calls that a CRM allows: counted in its own log, at the size promised.

The number that changed is the promised one, 500 contacts and 1,000 activities; how much there is
beside it does not count, and is less here than in `tests.benchmarks.api_calls`.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from connectors import START, Bookmark, Connector, Stream
from connectors._sandbox import Running, Server
from tests.benchmarks.peers import worlds
from tests.benchmarks.peers.pulling import STREAMS
from tests.benchmarks.peers.worlds import Size

WORLD, CHANGED = Size(600, 2000), Size(500, 1000)
FIRST = {"hubspot": 3 + 5 * (2 + 1), "salesforce": 1}
NEXT = {"hubspot": 13, "salesforce": 1}
IDLE = {"hubspot": 6, "salesforce": 1}
MOST_ROUNDS = 100

Marks = Mapping[Stream, Bookmark]


@pytest.fixture(params=["hubspot", "salesforce"])
def crm(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> Iterator[Running]:
    worlds.make(request.param, WORLD, tmp_path / "world.state")
    with worlds.opened(request.param, tmp_path / "world.state", tmp_path, server) as found:
        yield found


def pull(crm: Running, connector: Connector, marks: Marks) -> tuple[int, set[str], Marks]:
    """Pull as the service does; gives the calls without tokens, what was read, the bookmarks."""
    before, tokens = len(crm.sandbox.calls), crm.sandbox.count("/oauth")
    ids: set[str] = set()
    done, pending = dict(marks), dict(marks)
    for _ in range(MOST_ROUNDS):
        pages = connector.read(pending)
        ids |= {record.id for page in pages for record in page.records}
        done |= {page.stream: page.bookmark for page in pages}
        pending = {page.stream: page.bookmark for page in pages if not page.is_last}
        if not pending:
            break
    renewed = crm.sandbox.count("/oauth") - tokens
    return len(crm.sandbox.calls) - before - renewed, ids, done


def read_once(crm: Running) -> tuple[int, set[str], Marks]:
    return pull(crm, crm.connect(), dict.fromkeys(STREAMS[crm.name], START))


def test_the_first_reading_takes_the_formulas_calls(crm: Running):
    calls, ids, _ = read_once(crm)
    assert ids == worlds.truth(crm, worlds.KINDS[crm.name]).keys()
    assert calls == FIRST[crm.name]


def test_what_changed_and_nothing_new_take_the_formulas_calls(crm: Running):
    _, _, marks = read_once(crm)
    crm.sandbox.clock.advance(timedelta(minutes=5))
    changed = worlds.change(crm, CHANGED.contacts, CHANGED.activities)
    crm.sandbox.clock.advance(timedelta(minutes=5))
    calls, ids, marks = pull(crm, crm.connect(), marks)
    crm.sandbox.clock.advance(timedelta(minutes=5))
    idle, _, _ = pull(crm, crm.connect(), marks)
    assert ids == changed
    assert (calls, idle) == (NEXT[crm.name], IDLE[crm.name])
