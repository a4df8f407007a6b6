"""How many calls reading a CRM takes, and what is lost: Tieline beside tools by others.

Run ``make bench-calls``, or ``python -m tests.benchmarks.api_calls --only tieline --crm hubspot``.
Each tool runs as a process of its own, against a sandbox CRM of its own filled alike: once to read
everything, once when some of it has changed, once when nothing has; and once while each of some
troubles happens, and again when it is over. Peers are installed from the registry when first
wanted, pinned, each into an environment of its own under ``.peers/``. Rows are compared with what
the sandbox holds, by id. `tests/benchmarks/peers` tells how all this is done.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import ceil
from pathlib import Path

from tests.benchmarks.peers.catalogue import MISSING, NOTES, tools
from tests.benchmarks.peers.scenes import TROUBLES, USUAL, Scene
from tests.benchmarks.peers.tool import CannotInstall, CannotRun, Tool
from tests.benchmarks.peers.trying import LONGEST_IN_TROUBLE_S, Ran, Templates, troubled, usual
from tests.benchmarks.peers.worlds import Size

TITLES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
Runs = dict[str, Ran]


def tell(words: str) -> None:
    """Say how far we are."""
    print(words, file=sys.stderr, flush=True)


def measure(tool: Tool, scene: Scene, templates: Templates) -> Runs:
    """Run a tool as usual."""
    runs: Runs = {}
    for name, ran in usual(tool, scene, templates):
        runs[name] = ran
        took = f"{ran.took.seconds:.0f} s, {ran.took.peak_mb:.0f} MB, {len(ran.lost):,} lost"
        tell(f"{tool.crm}: {tool.name}: {name}: {ran.calls:,} calls, {took}")
    return runs


def verdict(ran: Ran, lost_for_good: int) -> str:
    """Say in a few words how a run in trouble ended."""
    if ran.took.code is None:
        return f"no end in {LONGEST_IN_TROUBLE_S:.0f} s ({ran.calls:,} calls)"
    is_said = ran.took.code == 0
    end = "ok" if is_said and ran.reading.is_green else "pauses" if is_said else "dies"
    if not ran.lost:
        return f"{end}, {ran.calls:,} calls, {ran.took.seconds:.0f} s"
    after = f"{lost_for_good:,} lost for good" if lost_for_good else "the next run has them"
    said = "says ok" if end == "ok" else end
    return f"{said}, {len(ran.lost):,} not read: {after}"


def usual_lines(found: Mapping[str, Runs]) -> Iterator[str]:
    """Give the table of what reading takes."""
    yield (
        "| tool | full: calls | s | MB | lost | incremental: calls | s | MB | read | lost "
        "| idle: calls | s |"
    )
    yield "|---|" + "--:|" * 11
    for name, runs in found.items():
        cells = [name]
        for kind, ran in runs.items():
            end = ", no end" if ran.took.code is None else ", dies" if ran.took.code else ""
            cells += [f"{ran.calls:,}{end}", f"{ran.took.seconds:.0f}"]
            if kind != "idle":
                cells.append(f"{ran.took.peak_mb:.0f}")
                cells += [f"{ran.reading.rows:,}"] if kind == "incremental" else []
                cells.append(f"{len(ran.lost):,}")
        yield "| " + " | ".join(cells) + " |"


def floors(crm: str, size: Size, changed: Size) -> tuple[str, dict[str, int]]:
    """Give the formula of the fewest calls, without tokens, in words and for each kind of run."""
    if crm == "salesforce":
        each, less = size.activities // 2, changed.activities // 2
        rounds = ceil(max(size.contacts, each) / 2000)
        words = (
            "a composite call reads 2,000 rows of each object: max(1, ceil(n / 2000)) of the "
            "longest, and one to count where that is more than a call"
        )
        few = max(1, ceil(max(changed.contacts, less) / 2000))
        return words, {"full": rounds + (rounds > 1), "incremental": few, "idle": 1}
    words = (
        "max(1, ceil(n / 200)) for contacts; for each of 5 kinds of activity "
        "max(1, ceil(a / 200)) + ceil(a / 1000)"
    )
    return words, {
        "full": _hubspot(size.contacts, size.activities // 5),
        "incremental": _hubspot(changed.contacts, changed.activities // 5),
        "idle": _hubspot(0, 0),
    }


def _hubspot(contacts: int, each: int) -> int:
    return max(1, ceil(contacts / 200)) + 5 * (max(1, ceil(each / 200)) + ceil(each / 1000))


def floor_lines(crm: str, scene: Scene, runs: Runs) -> Iterator[str]:
    """Give the formula, and Tieline's calls beside it."""
    words, least = floors(crm, scene.size(crm), scene.changed(crm))
    yield f"Formula: {words}."
    for kind, ran in runs.items():
        calls = ran.calls - ran.tokens
        token = f" and {ran.tokens} for a token" if ran.tokens else ""
        ratio = calls / least[kind]
        yield f"Tieline, {kind}: {calls:,} calls{token}; formula {least[kind]:,}; ratio {ratio:.2f}"


def shown(crm: str, chosen: list[Tool], given: argparse.Namespace, templates: Templates) -> None:
    """Measure one CRM and print its tables."""
    found: dict[str, Runs] = {}
    cells: dict[str, list[str]] = {}
    feet: list[str] = []
    scene = replace(USUAL, size=lambda _: Size(1000, 5000), changed=lambda _: Size(50, 100))
    scene = scene if given.small else USUAL
    troubles = [one for one in TROUBLES if given.scenario in (None, one.name)]
    for tool in chosen:
        try:
            tool.install()
            if given.scenario in (None, "usual"):
                found[tool.name] = measure(tool, scene, templates)
        except (CannotInstall, CannotRun) as problem:
            feet.append(f"{tool.name}: {problem}")
            continue
        cells[tool.name] = [_troubled(tool, trouble, templates) for trouble in troubles]
    print(f"\n{TITLES[crm]}\n")
    if found:
        print("\n".join(usual_lines(found)))
        if "Tieline" in found:
            print("", *floor_lines(crm, scene, found["Tieline"]), sep="\n")
    if troubles:
        print("\n| tool |", " | ".join(one.name for one in troubles), "|")
        print("|---|" + "---|" * len(troubles))
        for name, row in cells.items():
            print(f"| {name} |", " | ".join(row), "|")
    notes = NOTES[crm] if len(chosen) > 1 else ()
    print("", *feet, *notes, sep="\n", flush=True)


def _troubled(tool: Tool, trouble: Scene, templates: Templates) -> str:
    try:
        ran, lost = troubled(tool, trouble, templates)
    except CannotRun as problem:
        return str(problem)
    words = verdict(ran, len(lost))
    tell(f"{tool.crm}: {tool.name}: {trouble.name}: {words}")
    return words


def main() -> None:
    """Measure what was asked for."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--crm", choices=list(TITLES), action="append")
    options.add_argument("--scenario", choices=["usual", *(one.name for one in TROUBLES)])
    options.add_argument("--only", help="tools with this in their name, as tieline")
    options.add_argument("--small", action="store_true", help="a tenth of the usual rows")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        templates = Templates(Path(folder), tell)
        for crm in given.crm or TITLES:
            wanted = (given.only or "").lower()
            chosen = [tool for tool in tools(crm) if wanted in tool.name.lower()]
            shown(crm, chosen, given, templates)
    print(*([] if given.only else MISSING), sep="\n")


if __name__ == "__main__":
    main()
