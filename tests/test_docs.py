"""What the documents promise is there."""

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

from app import score_events
from app.__main__ import tieline
from app.engine import explain, recommendations, score
from app.pipeline.fields import fields
from app.settings import Settings
from app.store.events import MORE, TEST, EventType
from connectors import Field, FieldType, Target, hubspot, salesforce

ROOT = Path(__file__).parents[1]
PLACES = ("*.md", "app/**/*.md", "deploy/**/*.md", "docs/**/*.md")
DOCUMENTS = sorted(path for place in PLACES for path in ROOT.glob(place))

YEARS_END = 1_767_225_600
OPERATION = re.compile(r"^\| `([A-Z]+) (/\S+)` \|", re.MULTILINE)


def read(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def block(document: str, language: str) -> str:
    """The one block of a document that is in this language."""
    fenced = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    (found,) = fenced.findall(read("docs", document))
    return str(found)


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


def every_field() -> Iterator[Field]:
    for target in Target:
        yield from fields(target)


def kind(field: Field) -> str:
    """The type of a field, as an admin would choose it."""
    return {
        FieldType.NUMBER: f"Number({field.length}, 0)",
        FieldType.TEXT: f"Text({field.length})",
        FieldType.DATE: "Date",
        FieldType.PICKLIST: f"Picklist: {', '.join(field.options)}",
    }[field.type]


def test_the_admins_page_names_every_custom_field_as_each_crm_does():
    page = read("docs", "admin.md")
    crms = (salesforce, hubspot)
    rows = {
        f"| {f.label} | {' | '.join(f'`{crm.own_name(f.name)}`' for crm in crms)} | {kind(f)} |"
        for f in every_field()
    }
    assert sorted(row for row in rows if row not in page) == []


def test_the_reps_page_explains_every_custom_field_and_every_rule():
    page = read("docs", "rep.md")
    titles = {recommendations.rule(name).TITLE for name in recommendations.names()}
    explained = {f"**{field.label}**" for field in every_field()} | {f"**{t}**" for t in titles}
    assert sorted(title for title in explained if title not in page) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_document_names_exists(document: Path):
    text = document.read_text(encoding="utf-8")
    code = re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL)
    named = {n for part in code for n in re.findall(r"\btieline (?!tieline\b)([a-z][a-z-]+)", part)}
    there = set(typer.main.get_command(tieline).commands)
    assert named <= there


def test_every_refusal_that_the_admins_page_quotes_is_told_somewhere():
    sources = [*ROOT.glob("connectors/**/*.py"), *ROOT.glob("app/**/*.py")]
    told = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    told = re.sub(r'"\s*\n\s*f?"', "", told)
    quoted = re.findall(r"“([^”]+)”", read("docs", "admin.md"))
    assert quoted
    assert [sentence for sentence in quoted if sentence not in told] == []


def test_the_developers_page_names_every_operation_and_no_other():
    paths = json.loads(read("openapi", "tieline.json"))["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert set(OPERATION.findall(read("docs", "developer.md"))) == there


def test_the_developers_page_tells_of_every_event():
    page = read("docs", "developer.md")
    assert [one for one in (*EventType, MORE, TEST) if f"| `{one}` |" not in page] == []


def test_the_score_that_is_recomputed_by_hand_is_the_engines(tmp_path: Path):
    events = tmp_path / "events.csv"
    events.write_text(block("model.md", "csv"), encoding="utf-8")
    people, met = score_events.read(events)
    assert people == ["anna", "ben"]
    found = score(met, as_of_s=YEARS_END, colleagues=np.zeros(0, dtype=np.int64))
    parts = explain(met, found, (0, 1))
    assert parts is not None
    out, back, unsaid = found.ties.sums[:, 0].tolist()
    weeks, points = float(found.ties.weeks[0]), float(found.shown[0])
    factors = [parts.breadth, parts.liveness, parts.overlap, parts.strength]
    frequency, rhythm = float(found.ties.frequency[0]), float(found.ties.gap_days[0])
    hold = parts.strength * (frequency / parts.core) ** 0.5
    lapsing = [frequency, hold, rhythm, float(found.risk[0])]
    engines = [out, back, unsaid, parts.core, weeks, *factors, points, *lapsing]
    lines = re.findall(r"^    (\w+) += .+ = (-?[\d.]+)$", read("docs", "model.md"), re.MULTILINE)
    assert [float(number) for _, number in lines] == pytest.approx(engines, abs=5e-5)


def test_the_record_is_turned_into_events_as_the_models_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "convert.py").write_text(block("model.md", "python"), encoding="utf-8")
    (tmp_path / "app").symlink_to(ROOT / "app")
    monkeypatch.chdir(tmp_path)
    runpy.run_path("convert.py")
    assert len(score_events.read(tmp_path / "inside.csv")[1]) == 38_278


def test_the_developers_page_shows_a_sandbox_that_answers(capsys: pytest.CaptureFixture[str]):
    exec(block("developer.md", "python"), {})  # noqa: S102 - our own document
    assert capsys.readouterr().out == "00D5e0000000001EAA\n1 3\n"
