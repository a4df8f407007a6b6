"""Airbyte's sources: a configuration, a chosen catalog, a state; records on the output."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.peers.tool import CannotRun, Desk, Package, Reading, run

DISCOVERY_S = 300


@dataclass
class Source:
    """A source.

    Attributes:
        program: Its command.
        streams: The streams to choose, and the prefix that the CRM's ids of each have here.
        config: Makes its configuration of the secrets.
        cursors: The cursor field of each stream, for a source that cannot discover here: it wants
            to know of objects that the sandbox does not have. Its catalog is then written for it.
    """

    name: str
    crm: str
    package: Package
    program: str
    streams: Mapping[str, str]
    config: Callable[[Mapping[str, str]], Mapping[str, Any]]
    cursors: Mapping[str, str] = field(default_factory=dict)
    goes_by_the_crm: bool = False

    def install(self) -> None:
        """Make its environment."""
        self.package.install()

    def kinds(self) -> frozenset[str]:
        """Give the prefixes of the ids it reads."""
        return frozenset(self.streams.values())

    def prepare(self, desk: Desk) -> None:
        """Write its configuration, let it discover, and choose."""
        (desk.folder / "config.json").write_text(json.dumps(self.config(desk.secrets)))
        found = self._discovered(desk) if not self.cursors else map(self._written, self.streams)
        chosen = [_chosen(stream) for stream in found if stream["name"] in self.streams]
        (desk.folder / "catalog.json").write_text(json.dumps({"streams": chosen}))

    def _discovered(self, desk: Desk) -> list[dict[str, Any]]:
        took = run([*self._program("discover", desk)], desk, DISCOVERY_S, name="catalog")
        found = [m["catalog"] for m in _messages(desk, "catalog") if m["type"] == "CATALOG"]
        if took.code != 0 or not found:
            raise CannotRun(f"cannot discover: {_last_trace(desk)}")
        return list(found[0]["streams"])

    def _written(self, stream: str) -> dict[str, Any]:
        """Write what discovering would have given, as far as it is read."""
        return {
            "name": stream,
            "json_schema": {"type": "object", "properties": {}},
            "supported_sync_modes": ["full_refresh", "incremental"],
            "source_defined_cursor": True,
            "default_cursor_field": [self.cursors[stream]],
            "source_defined_primary_key": [["id"]],
        }

    def command(self, desk: Desk) -> list[str]:
        """Give what runs it once, from its state on."""
        catalog, state = desk.folder / "catalog.json", desk.folder / "state.json"
        command = [*self._program("read", desk), "--catalog", str(catalog)]
        return [*command, "--state", str(state)] if state.exists() else command

    def reading(self, desk: Desk, expected: Mapping[str, int]) -> Reading:
        """Read its messages; the last state of each stream is where it goes on."""
        path = desk.folder / "state.json"
        states = {_owner(s): s for s in (json.loads(path.read_text()) if path.exists() else [])}
        ids, rows = set(), 0
        for message in _messages(desk, "out"):
            if message["type"] == "RECORD":
                ids.add(self._id(message["record"]))
                rows += 1
            elif message["type"] == "STATE":
                states[_owner(message["state"])] = message["state"]
        if states:
            path.write_text(json.dumps(list(states.values())))
        return Reading(frozenset(ids & expected.keys()), rows)

    def _program(self, verb: str, desk: Desk) -> list[str]:
        config = str(desk.folder / "config.json")
        return [self.package.program(self.program), verb, "--config", config]

    def _id(self, record: Mapping[str, Any]) -> str:
        values, kind = record["data"], self.streams[record["stream"]]
        return f"{kind}:{values['id']}" if self.crm == "hubspot" else str(values["Id"])


def _chosen(stream: Mapping[str, Any]) -> dict[str, Any]:
    is_incremental = "incremental" in stream.get("supported_sync_modes", [])
    return {
        "stream": stream,
        "sync_mode": "incremental" if is_incremental else "full_refresh",
        "destination_sync_mode": "append",
        "cursor_field": stream.get("default_cursor_field", []),
    }


def _owner(state: Mapping[str, Any]) -> str:
    return str(state.get("stream", {}).get("stream_descriptor", {}).get("name"))


def _messages(desk: Desk, name: str) -> Iterator[dict[str, Any]]:
    with (desk.folder / f"{name}.txt").open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith('{"type"') and line.endswith("}\n"):
                yield json.loads(line)


def _last_trace(desk: Desk) -> str:
    errors = [
        message["trace"]["error"]["message"]
        for message in _messages(desk, "catalog")
        if message["type"] == "TRACE" and "error" in message["trace"]
    ]
    words = (desk.folder / "catalog.err.txt").read_text().strip().splitlines()
    return " ".join(errors[-1:] or words[-1:])[-200:]
