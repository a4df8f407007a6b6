"""Singer taps: a configuration, a catalog with what is chosen, a state; records on the output."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.peers.tool import SINCE, CannotRun, Desk, Package, Reading, run

DISCOVERY_S = 300


@dataclass
class Tap:
    """A tap.

    Attributes:
        program: Its command.
        streams: The streams to choose, and the prefix that the CRM's ids of each have here.
        more: Configuration beside secrets and the first date.
        names: What the configuration calls the secrets.
        also: Streams to choose whose records are no rows: associations.
        keys: The replication key of each stream, for a tap that cannot discover here: it wants
            to know of objects that the sandbox does not have. Its catalog is then written for it.
        fields: What of the records to read, for such a tap.
        catalog_option: Old taps call the catalog ``--properties``.
    """

    name: str
    crm: str
    package: Package
    program: str
    streams: Mapping[str, str]
    names: Mapping[str, str]
    more: Mapping[str, Any] = field(default_factory=dict)
    also: Sequence[str] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    fields: Sequence[str] = ()
    catalog_option: str = "--catalog"
    goes_by_the_crm: bool = False

    def install(self) -> None:
        """Make its environment."""
        self.package.install()

    def kinds(self) -> frozenset[str]:
        """Give the prefixes of the ids it reads."""
        return frozenset(kind for kinds in self.streams.values() for kind in kinds.split())

    def prepare(self, desk: Desk) -> None:
        """Write its configuration, let it discover, and choose."""
        secrets = {theirs: desk.secrets[ours] for theirs, ours in self.names.items()}
        config = {"start_date": SINCE, **secrets, **self.more}
        (desk.folder / "config.json").write_text(json.dumps(config))
        chosen = [self._written(stream) for stream in (*self.streams, *self.also)]
        if not self.keys:
            chosen = [self._chosen(stream) for stream in self._discovered(desk)]
        (desk.folder / "catalog.json").write_text(json.dumps({"streams": chosen}))

    def _discovered(self, desk: Desk) -> list[dict[str, Any]]:
        discover = [*self._program(desk), "--discover"]
        took = run(discover, desk, DISCOVERY_S, name="catalog")
        if took.code != 0:
            last = (desk.folder / "catalog.err.txt").read_text().strip().splitlines()[-1:]
            raise CannotRun(f"cannot discover: {' '.join(last)[-200:]}")
        found = json.loads((desk.folder / "catalog.txt").read_text())
        return [one for one in found["streams"] if one["tap_stream_id"] in self.streams]

    def _written(self, stream: str) -> dict[str, Any]:
        """Write what discovering would have given, as far as it is read."""
        key = self.keys.get(stream)
        names = ["id", *([key] if key else []), *self.fields]
        text = {"type": ["null", "string"]}
        whole: dict[str, Any] = {"selected": True, "inclusion": "available"}
        if key is not None:
            whole |= {"replication-method": "INCREMENTAL", "replication-key": key}
        parts = [
            {"breadcrumb": ["properties", name], "metadata": {"selected": True}} for name in names
        ]
        return {
            "stream": stream,
            "tap_stream_id": stream,
            "schema": {"type": "object", "properties": dict.fromkeys(names, text)},
            "metadata": [{"breadcrumb": [], "metadata": whole}, *parts],
            **({"replication_key": key, "replication_method": "INCREMENTAL"} if key else {}),
        }

    def command(self, desk: Desk) -> list[str]:
        """Give what runs it once, from its state on."""
        command = [*self._program(desk), self.catalog_option, str(desk.folder / "catalog.json")]
        state = desk.folder / "state.json"
        return [*command, "--state", str(state)] if state.exists() else command

    def reading(self, desk: Desk, expected: Mapping[str, int]) -> Reading:
        """Read its messages; the last state is where it goes on, as an orchestrator has it."""
        ids, rows, state = set(), 0, None
        for message in _messages(desk):
            if message["type"] == "RECORD" and message["stream"] in self.streams:
                ids.add(self._id(message["stream"], message["record"]))
                rows += 1
            elif message["type"] == "STATE":
                state = message["value"]
        if state is not None:
            (desk.folder / "state.json").write_text(json.dumps(state))
        return Reading(frozenset(ids & expected.keys()), rows)

    def _program(self, desk: Desk) -> list[str]:
        return [self.package.program(self.program), "--config", str(desk.folder / "config.json")]

    def _chosen(self, stream: dict[str, Any]) -> dict[str, Any]:
        """Choose a stream with all its fields."""
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
                if entry["metadata"].get("valid-replication-keys"):
                    entry["metadata"].setdefault("replication-method", "INCREMENTAL")
                    key = entry["metadata"]["valid-replication-keys"][0]
                    entry["metadata"].setdefault("replication-key", key)
            elif entry["metadata"].get("inclusion") == "available":
                entry["metadata"]["selected"] = True
        return stream

    def _id(self, stream: str, record: Mapping[str, Any]) -> str:
        kind = self.streams[stream]
        if stream == "engagements":
            return f"{_ENGAGEMENTS.get(record['engagement']['type'])}:{record['engagement_id']}"
        number = record.get("id") or record.get("Id")
        return f"{kind}:{number}" if self.crm == "hubspot" else str(number)


_ENGAGEMENTS = {"EMAIL": "0-49", "MEETING": "0-47", "CALL": "0-48", "TASK": "0-27"}


def _messages(desk: Desk) -> Iterator[dict[str, Any]]:
    with (desk.folder / "out.txt").open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("{") and line.endswith("}\n"):
                yield json.loads(line)
