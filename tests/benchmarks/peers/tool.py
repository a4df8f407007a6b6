"""What a tool is to the benchmark: something that reads a CRM and goes on where it was."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.peers.trust import HOME, trust

LAUNCH = Path(__file__).with_name("launch.py")
SINCE = "2025-01-01T00:00:00Z"
"""From when on the tools are to read; everything in the worlds is younger."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool works with.

    Attributes:
        folder: Its own: its configuration, its state and its output are kept here.
        url: The sandbox, by http.
        environment: The variables that lead to the sandbox by https.
        secrets: What it signs in with, by name.
        ahead_s: How far the CRM's clock is ahead.
    """

    folder: Path
    url: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    ahead_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run read.

    Attributes:
        ids: The records whose present version it has, as the CRM names them.
        rows: How many it read, some of them perhaps twice.
        is_green: It says itself that all went well.
    """

    ids: frozenset[str] = frozenset()
    rows: int = 0
    is_green: bool = True


@dataclass(frozen=True, slots=True)
class Took:
    """What a run took; `code` is None where it had no end."""

    code: int | None
    seconds: float
    peak_mb: float


class Tool(Protocol):
    """Something that reads a CRM.

    Attributes:
        name: What people call it, with its version.
        crm: The CRM it reads.
        goes_by_the_crm: All its times are the CRM's, whose clock may be set on between two runs.
    """

    name: str
    crm: str
    goes_by_the_crm: bool

    def install(self) -> None:
        """Make its environment, unless it is there.

        Raises:
            CannotInstall: If the registry does not give it, or it cannot be built.
        """

    def kinds(self) -> frozenset[str]:
        """Give the prefixes of the ids of the records that it reads."""

    def prepare(self, desk: Desk) -> None:
        """Set it up, once for a world; what that calls is not counted."""

    def command(self, desk: Desk) -> list[str]:
        """Give what runs it once."""

    def reading(self, desk: Desk, expected: Mapping[str, int]) -> Reading:
        """Tell what the last run read, and keep where it was for the next.

        Args:
            desk: Where it ran.
            expected: The records to look for, and when they changed last (ms since 1970).
        """


class CannotInstall(Exception):
    """A peer could not be installed; the message is the end of what the installer said."""


class CannotRun(Exception):
    """A peer cannot be set up against the sandbox; the message says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the registry, in an environment of its own, perhaps with others beside it."""

    name: str
    version: str
    extra: str = ""
    beside: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its environment is."""
        return HOME / self.name

    def program(self, name: str) -> str:
        """Give the path of one of its programs."""
        return str(self.folder / "bin" / name)

    def install(self) -> None:
        """Make the environment, unless it is there."""
        stamp = self.folder / f".made-{self.version}"
        if stamp.exists():
            trust(self.folder)
            return
        HOME.mkdir(exist_ok=True)
        print(f"Installing {self.name} {self.version}, this once.", file=sys.stderr, flush=True)
        pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        wanted = f"{self.name}{f'[{self.extra}]' if self.extra else ''}=={self.version}"
        commands = [
            [sys.executable, "-m", "venv", "--clear", str(self.folder)],
            [self.program("python"), *pip, wanted, *self.beside],
        ]
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise CannotInstall("; ".join(done.stderr.strip().splitlines()[-1:]))
        trust(self.folder)
        stamp.touch()


def run(command: list[str], desk: Desk, limit_s: float, *, name: str = "out") -> Took:
    """Run a command at a desk to its end or to the limit; its words go to files there."""
    report = desk.folder / "took.json"
    report.unlink(missing_ok=True)
    launch = [sys.executable, "-I", "-S", str(LAUNCH), str(limit_s), str(report), *command]
    with (
        (desk.folder / f"{name}.txt").open("wb") as out,
        (desk.folder / f"{name}.err.txt").open("wb") as err,
    ):
        subprocess.run(
            launch, stdout=out, stderr=err, env=dict(desk.environment), cwd=desk.folder, check=True
        )
    return Took(**json.loads(report.read_text()))
