"""A tool in a scene: what each of its runs took, read, and did not read."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from connectors._sandbox import Running, Server, open_server
from connectors.hubspot.sandbox import signing_in, state
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET
from tests.benchmarks.peers import way, worlds
from tests.benchmarks.peers.scenes import Scene
from tests.benchmarks.peers.tool import CannotRun, Desk, Reading, Took, Tool, run

LONGEST_S, LONGEST_IN_TROUBLE_S = 900.0, 90.0
"""How long a run may take, and one that reads a few changes while something happens."""

BETWEEN = timedelta(minutes=10)
"""Between two runs of a tool that goes by the CRM's clock; the others follow at once."""

A_DAY = timedelta(days=1)
TOKEN = r"/oauth.*token"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to.

    Attributes:
        tokens: Of the calls, those for a token.
        lost: The records that were there to be read and that it has not.
    """

    took: Took
    calls: int
    tokens: int
    reading: Reading
    lost: frozenset[str]


@dataclass
class Stage:
    """A tool before a CRM of its own."""

    tool: Tool
    found: Running
    server: Server
    desk: Desk

    def run(self, expected: frozenset[str] | None = None, limit_s: float = LONGEST_S) -> Ran:
        """Run the tool once; it is expected to read these records, or all."""
        known = worlds.truth(self.found, self.tool.kinds())
        wanted = {i: at for i, at in known.items() if expected is None or i in expected}
        before, tokens = len(self.found.sandbox.calls), self.found.sandbox.count(TOKEN)
        took = run(self.tool.command(self.desk), self.desk, limit_s)
        calls = len(self.found.sandbox.calls) - before
        reading = self.tool.reading(self.desk, wanted)
        signed_in = self.found.sandbox.count(TOKEN) - tokens
        return Ran(took, calls, signed_in, reading, frozenset(wanted.keys() - reading.ids))

    def happen(self, scene: Scene) -> frozenset[str]:
        """Let what changes change, between two runs; gives the ids."""
        self.pass_time(BETWEEN / 2)
        ids = scene.happen(self.found)
        self.pass_time(BETWEEN / 2)
        return ids

    def pass_time(self, by: timedelta = BETWEEN) -> None:
        """Set the CRM's clock on, if the tool goes by it."""
        if self.tool.goes_by_the_crm:
            self.found.sandbox.clock.advance(by)
            self.desk = replace(self.desk, ahead_s=self.desk.ahead_s + by.total_seconds())


def usual(tool: Tool, scene: Scene, templates: "Templates") -> Iterator[tuple[str, Ran]]:
    """Read everything, then what changed, then nothing."""
    with _staged(tool, scene, templates) as stage:
        yield "full", stage.run()
        yield "incremental", stage.run(stage.happen(scene))
        stage.pass_time()
        yield "idle", stage.run(frozenset())


def troubled(tool: Tool, scene: Scene, templates: "Templates") -> tuple[Ran, frozenset[str]]:
    """Read what changed while something happens, and once more when it is over.

    Returns:
        The run in trouble, and what is lost for good: what neither run has read.
    """
    with _staged(tool, scene, templates) as stage:
        first = stage.run()
        if first.took.code != 0 or first.lost:
            raise CannotRun(f"loses {len(first.lost):,} rows before anything happens")
        changed = stage.happen(scene)
        scene.spoil(stage.found, stage.server)
        ran = stage.run(changed, LONGEST_IN_TROUBLE_S)
        scene.mend(stage.found)
        stage.found.sandbox.faults.clear()  # who gave up at the first has not met the others
        stage.pass_time(A_DAY)
        return ran, ran.lost & stage.run(changed, LONGEST_IN_TROUBLE_S).lost


@dataclass
class Templates:
    """State files of filled CRMs, made when first wanted."""

    folder: Path
    tell: Callable[[str], None]

    def of(self, crm: str, size: worlds.Size) -> Path:
        """Give the file of a CRM of this size."""
        file = self.folder / f"{crm}-{size.contacts}-{size.activities}.state"
        if not file.exists():
            self.tell(f"{crm}: filling {size.contacts:,} contacts, {size.activities:,} activities")
            worlds.make(crm, size, file)
        return file


@contextlib.contextmanager
def _staged(tool: Tool, scene: Scene, templates: Templates) -> Iterator[Stage]:
    template = templates.of(tool.crm, scene.size(tool.crm))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(open_server())
        found = stack.enter_context(worlds.opened(tool.crm, template, folder, server))
        led = stack.enter_context(way.opened(server))
        desk = Desk(folder, found.url, led.environment, _secrets(found))
        tool.prepare(desk)
        yield Stage(tool, found, server, desk)


def _secrets(found: Running) -> dict[str, str]:
    if found.name == "hubspot":
        app = signing_in.CLIENT_ID, signing_in.CLIENT_SECRET
        token = state.REFRESH_TOKEN
    else:
        app = CLIENT_ID, CLIENT_SECRET
        token = levers.issue_refresh_token(found.sandbox)
    return dict(zip(("client_id", "client_secret", "refresh_token"), (*app, token), strict=True))
