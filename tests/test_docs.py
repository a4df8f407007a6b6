"""What the documents promise is there."""

import re
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("deploy/**/*.md"), *ROOT.glob("docs/**/*.md")])


def read(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def example() -> dict[str, str]:
    """Every setting of the example, commented out or not, with its value."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", read("deploy", ".env.example"), re.MULTILINE))


def test_the_example_holds_every_setting_and_no_other():
    ours = {name for name in example() if name.startswith("TIELINE_")}
    assert ours == {f"TIELINE_{name.upper()}" for name in Settings.model_fields}


def test_the_example_shows_the_defaults():
    fields = {f"TIELINE_{name.upper()}": field for name, field in Settings.model_fields.items()}
    shown = re.findall(r"^#(TIELINE_[A-Z_]+)=(.*)$", read("deploy", ".env.example"), re.MULTILINE)
    assert shown
    assert dict(shown) == {name: str(fields[name].default) for name, _ in shown}


def test_the_example_holds_no_secret():
    assert {example()[name] for name in example() if re.search("KEY|PASSWORD", name)} == {""}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_that_a_document_names_exists(document: Path):
    named = set(re.findall(r"\bTIELINE_[A-Z_]*[A-Z]", document.read_text(encoding="utf-8")))
    assert named <= set(example())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_exists(document: Path):
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^ *)make ([a-z-]+)", text, re.MULTILINE))
    assert named <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_what_the_image_copies_is_there_and_is_sent_to_the_builder():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    assert names == set(re.findall(r"^!(.+)$", read(".dockerignore"), re.MULTILINE))


def test_the_workflow_runs_targets_that_exist():
    run = set(re.findall(r"run: make ([a-z-]+)", read(".github", "workflows", "ci.yml")))
    assert run
    assert run <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
