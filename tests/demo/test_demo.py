"""The demo as a newcomer starts it: real processes, on two small CRMs."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.demo.sandboxes import Place, serve
from app.errors import NotReady
from connectors import Account, ExternalId, Record
from connectors._sandbox import Sandbox, open_state, sandbox_module, sandbox_names
from tests.fakes import colleague, contact, email

PATIENCE_S = 120.0


def company() -> Iterator[Record]:
    """A year of mail between two colleagues and three contacts, which ended yesterday."""
    begun = datetime.now(UTC) - timedelta(days=400)
    yield Account(ExternalId("Far"), "far.example", "far.example", modified_at=begun)
    for name in ("Ada", "Cy"):
        yield replace(colleague(name), name=f"{name} Lund", modified_at=begun)
    for name in ("Bo", "Di", "Ed"):
        yield replace(contact(name, account="Far"), name=f"{name} Holm", modified_at=begun)
    for week in range(50):
        for number, (one, other) in enumerate((("Ada", "Bo"), ("Cy", "Di"), ("Bo", "Ada"))):
            at = (datetime.now(UTC) - timedelta(days=7 * week + 1)).replace(microsecond=0)
            yield replace(email(10 * week + number, one, other), at=at, modified_at=at)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A demo folder, with spaces in its name, whose CRMs are filled already."""
    place = tmp_path / "a demo"
    place.mkdir()
    for crm in sandbox_names():
        sandbox = Sandbox(open_state(place / f"{crm}.db"))
        sandbox_module(crm).fill(sandbox, company())
        sandbox.db.close()
    return place


@contextlib.contextmanager
def start(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Have a demo; whatever goes wrong meanwhile, it ends."""
    command = [sys.executable, "-m", "app", "demo", "--folder", str(folder), *options]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def once(folder: Path) -> tuple[int, str]:
    with start(folder, "--once") as process:
        said, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def until_it_stays_up(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    for line in process.stdout:
        if "Ctrl-C" in line:
            return
    raise AssertionError("The demo ended by itself.")


def left(folder: Path) -> list[str]:
    """The processes that still have to do with the folder."""
    lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    return [line.decode() for line in lines if str(folder).encode() in line]


def nothing_is_left(folder: Path) -> bool:
    for _ in range(100):
        if not left(folder):
            return True
        time.sleep(0.1)
    return False


pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="Processes are found in /proc.")


def test_once_ends_well_and_leaves_no_process(folder: Path):
    code, said = once(folder)
    assert code == 0, said
    assert "now holds on" in said
    assert nothing_is_left(folder)


def test_a_second_demo_writes_nothing(folder: Path):
    once(folder)
    code, said = once(folder)
    assert code == 0
    assert "\n0 records written back." in said


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_ends_when_told_to_and_leaves_no_process(folder: Path, ending: signal.Signals):
    with start(folder, "--port", "0") as process:
        until_it_stays_up(process)
        os.killpg(process.pid, ending)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert nothing_is_left(folder)


def test_a_demo_that_is_killed_takes_its_crms_with_it(folder: Path):
    with start(folder, "--port", "0") as process:
        until_it_stays_up(process)
        process.kill()
    assert nothing_is_left(folder)


def test_two_demos_do_not_share_a_folder(folder: Path):
    with start(folder, "--port", "0") as process:
        until_it_stays_up(process)
        code, said = once(folder)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert code == 1
    assert said.startswith("Another demo is running")


def test_a_crm_that_could_not_be_filled_is_not_there(tmp_path: Path):
    (tmp_path / "world.ndjson").write_text('{"kind": "account", "id": "a", "name": "A"}\nno json\n')
    state = tmp_path / "states" / f"{sandbox_names()[0]}.db"
    place = Place(state=state, world=tmp_path / "world.ndjson")
    with pytest.raises(NotReady):
        serve(sandbox_names()[0], place, until=threading.Event())
    assert list(state.parent.iterdir()) == []


def test_a_crm_that_was_filled_is_there_and_nothing_else(tmp_path: Path):
    (tmp_path / "world.ndjson").write_text('{"kind": "account", "id": "a", "name": "A"}\n')
    state, ended = tmp_path / "states" / f"{sandbox_names()[0]}.db", threading.Event()
    ended.set()
    serve(sandbox_names()[0], Place(state=state, world=tmp_path / "world.ndjson"), until=ended)
    assert [file.name for file in state.parent.iterdir()] == [state.name]
    with contextlib.closing(open_state(state)) as db:
        held = sandbox_module(sandbox_names()[0]).records(Sandbox(db))
        assert [record.name for record in held if isinstance(record, Account)] == ["A"]


def test_the_key_is_for_nobody_else_to_read(folder: Path):
    once(folder)
    assert (folder / "secret.key").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    code, said = once(tmp_path / "file")
    assert code == 1
    assert said.count("\n") == 1
