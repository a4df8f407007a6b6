"""Our SOQL takes and refuses what the grammar that Salesforce publishes for editors does."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.soql import parse
from tests.clients.visiting import HERE, command, environment

_LINES = (HERE / "soql_corpus.txt").read_text(encoding="utf-8").splitlines()
CORPUS = {line[2:]: line[0] == "+" for line in _LINES if line[:2] in {"+ ", "- "}}
"""Statements, and whether they are SOQL."""


def is_taken(statement: str) -> bool:
    try:
        parse(statement)
    except Refusal:
        return False
    return True


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bool]:
    file = tmp_path_factory.mktemp("soql") / "statements.txt"
    file.write_text("\n".join(CORPUS), encoding="utf-8")
    return dict(zip(CORPUS, verdicts(file), strict=True))


def verdicts(statements: Path) -> Sequence[bool]:
    told = subprocess.run(  # noqa: S603 their grammar, in its own environment
        [*command("soql-common"), str(statements)],
        capture_output=True,
        check=True,
        env=environment("soql-common"),
    ).stdout
    return [json.loads(line)["taken"] for line in told.splitlines()]


@pytest.mark.parametrize("statement", CORPUS)
def test_both_grammars_agree(theirs: Mapping[str, bool], statement: str):
    assert theirs[statement] is is_taken(statement) is CORPUS[statement]
