"""The CRMs' content, the clients' visits, and the table of who proved what."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors import _worlds
from tests.clients import table
from tests.clients.visiting import CLIENTS, Visit, visit
from tests.clients.world import records


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave these tests to who names their folder: they need what `make test-clients` installs."""
    return None if any("clients" in argument for argument in config.args) else True


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clients") / "world.ndjson"
    _worlds.write(records(), file)
    return file


@pytest.fixture(scope="session")
def visits(world: Path) -> Mapping[str, Visit]:
    """Every client's visit; a client goes when it is first asked about."""
    return _Visits(world)


class _Visits(dict[str, Visit]):
    def __init__(self, world: Path) -> None:
        super().__init__()
        self._world = world

    def __missing__(self, client: str) -> Visit:
        self[client] = visit(client, self._world)
        table.add(client, CLIENTS[client], self[client].calls)
        return self[client]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print who proved what."""
    for line in table.lines(list(CLIENTS)):
        terminalreporter.write_line(line)
