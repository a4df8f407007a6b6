"""Weights that somebody proposes: presets, files, and what is refused."""

from pathlib import Path

import pytest

from app.backtest import proposed
from app.engine import BANDWIDTH, CHANNELS, DEFAULT
from app.errors import Unreadable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.json"


def test_a_preset_is_found_by_its_name():
    assert proposed("bandwidth").weights == BANDWIDTH
    assert proposed("default").weights == DEFAULT


def test_a_file_changes_what_it_names_and_nothing_else(file: Path):
    file.write_text('{"channels": {"meeting": 5}, "talk_cap": 20, "kernel": [[30, 1]]}')
    found = proposed(str(file))
    assert found.name == "mine.json"
    assert found.weights.channels[CHANNELS.index("meeting")] == 5
    assert found.weights.channels[CHANNELS.index("email")] == 1
    assert (found.weights.talk_cap, found.weights.kernel) == (20, ((30.0, 1.0),))
    assert found.weights.liveness_half_life_days == DEFAULT.liveness_half_life_days


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not a file of JSON in UTF-8."),
        ("[1]", "must hold one object of JSON"),
        ('{"half_life": 3}', "half_life is none of channels, kernel, smoothing"),
        ('{"channels": {"fax": 1}}', "channels must name some of email, call"),
        ('{"channels": [1, 2]}', "channels must name some of email, call"),
        ('{"channels": {"email": -1}}', "email must be a number, not below 0."),
        ('{"channels": {%s}}', "at least one channel must weigh more than 0."),
        ('{"smoothing": NaN}', "smoothing must be a number, not below 0."),
        ('{"smoothing": true}', "smoothing must be a number, not below 0."),
        ('{"liveness_half_life_days": 0}', "liveness_half_life_days must be a number, above 0."),
        ('{"talk_cap": 2.5}', "talk_cap must be a whole number."),
        ('{"kernel": [[0, 1]]}', "kernel_days must be a number, above 0."),
        ('{"kernel": [1]}', "kernel must be a list of [half-life in days, weight]."),
    ],
)
def test_what_cannot_be_a_weight_is_refused(text: str, sentence: str, file: Path):
    file.write_text(text.replace("%s", ", ".join(f'"{channel}": 0' for channel in CHANNELS)))
    with pytest.raises(Unreadable) as refused:
        proposed(str(file))
    assert sentence in str(refused.value)


def test_what_is_neither_preset_nor_file_is_refused(tmp_path: Path):
    with pytest.raises(Unreadable, match=r"is no preset \(default, bandwidth\), and no file"):
        proposed(str(tmp_path / "none"))
