"""Scoring a file of events: what is read, what is written, what is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import Unreadable
from app.score_events import MEASURES, Measure, main, read, run

HEADER = "src,dst,timestamp,channel,n_recipients,role,duration\n"
AS_OF_S = 1_000_000_000
EVENTS = HEADER + (
    f'zoe,adam,{AS_OF_S - 100},email,1,"",0\n'
    f'adam,zoe,{AS_OF_S - 90_000},email,1,"",0\n'
    f"bob,adam,{AS_OF_S - 5_000},meeting,3,,3600\n"
    f"bob,zoe,{AS_OF_S + 1},email,1,,0\n"
)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_each_tie_is_written_once_in_order(events: Path, tmp_path: Path):
    out = tmp_path / "scores.csv"
    assert run(events, out, as_of_s=AS_OF_S, measure="strength") == 2
    assert [line.rsplit(",", 1)[0] for line in lines(out)] == ["a,b", "adam,bob", "adam,zoe"]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_a_number_for_every_tie(measure: Measure, events: Path, tmp_path: Path):
    out = tmp_path / "scores.csv"
    run(events, out, as_of_s=AS_OF_S, measure=measure)
    meeting, mail = (float(line.rsplit(",", 1)[1]) for line in lines(out)[1:])
    assert (meeting < mail) is (measure == "risk")


def test_the_same_events_give_the_same_bytes_in_any_order(events: Path, tmp_path: Path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    run(events, one, as_of_s=AS_OF_S, measure="strength")
    header, *rest = EVENTS.splitlines(keepends=True)
    events.write_text(header + "".join(reversed(rest)), encoding="utf-8")
    run(events, two, as_of_s=AS_OF_S, measure="strength")
    assert one.read_bytes() == two.read_bytes()


def test_ids_may_be_any_text(tmp_path: Path):
    path, out = tmp_path / "events.csv", tmp_path / "scores.csv"
    path.write_text(HEADER + '"a, b","ü ""x""",5,email,1,,\n', encoding="utf-8-sig")
    run(path, out, as_of_s=10, measure="alive")
    assert lines(out)[1].startswith('"a, b","ü ""x""",0.')


def test_empty_numbers_have_a_meaning_and_a_file_without_durations_is_fine(tmp_path: Path):
    path = tmp_path / "events.csv"
    path.write_text("src,dst,timestamp,channel,n_recipients\na,b,5.0,fax,\n\n", encoding="utf-8")
    _, interactions = read(path)
    assert (interactions.recipients.tolist(), interactions.at_s.tolist()) == ([1], [5])


def test_no_events_make_a_header_alone(tmp_path: Path):
    path, out = tmp_path / "events.csv", tmp_path / "scores.csv"
    path.write_text(HEADER, encoding="utf-8")
    assert run(path, out, as_of_s=10, measure="strength") == 0
    assert lines(out) == ["a,b,score"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the column src is missing."),
        ("src,dst,timestamp,channel\n", "line 1: the column n_recipients is missing."),
        (HEADER + "a,b,soon,email,1,,0\n", "line 2: timestamp must be a number, not 'soon'."),
        (HEADER + "a,b,nan,email,1,,0\n", "line 2: timestamp must be a number, not 'nan'."),
        (HEADER + "a,b,1e99,email,1,,0\n", "line 2: timestamp must be a number, not '1e99'."),
        (HEADER + "a,b,1,email,1,,0\n\na,b,1,email,many,,\n", "line 4: n_recipients must be"),
        (HEADER + "a,b,1,call,1,,long\n", "line 2: duration must be a number, not 'long'."),
        (HEADER + "a,b,1,email,1\n", "line 2: 7 values expected, 5 found."),
        (HEADER + "a,,1,email,1,,0\n", "line 2: dst must not be empty."),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(text: str, sentence: str, tmp_path: Path):
    path, out = tmp_path / "events.csv", tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as refused:
        run(path, out, as_of_s=10, measure="strength")
    assert sentence in str(refused.value)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00s", b"src,dst\x00", b'"' + b"x" * 200_000])
def test_a_file_that_is_no_text_is_refused(content: bytes, tmp_path: Path):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        read(path)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(Unreadable, match=r"cannot be read: No such file or directory\.$"):
        read(tmp_path / "none.csv")


def test_a_result_that_cannot_be_written_leaves_nothing_behind(events: Path, tmp_path: Path):
    out = tmp_path / "scores.csv"
    out.mkdir()
    with pytest.raises(Unreadable, match="cannot be written"):
        run(events, out, as_of_s=AS_OF_S, measure="strength")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv", "scores.csv"]


def test_a_refused_file_leaves_the_last_result_as_it_was(events: Path, tmp_path: Path):
    out = tmp_path / "scores.csv"
    out.write_text("kept", encoding="utf-8")
    events.write_text("nonsense", encoding="utf-8")
    with pytest.raises(Unreadable):
        run(events, out, as_of_s=AS_OF_S, measure="strength")
    assert out.read_text(encoding="utf-8") == "kept"


def test_the_command_line_says_one_sentence_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "none.csv"
    assert main(["--in", str(path), "--out", str(path), "--as-of", "1"]) == 1
    assert capsys.readouterr().err == f"{path} cannot be read: No such file or directory.\n"


def test_the_module_runs_as_a_program(events: Path, tmp_path: Path):
    out = tmp_path / "scores.csv"
    options = ["--in", events, "--out", out, "--as-of", str(AS_OF_S), "--measure", "risk"]
    subprocess.run([sys.executable, "-m", "app.score_events", *options], check=True)  # noqa: S603
    assert len(lines(out)) == 3
