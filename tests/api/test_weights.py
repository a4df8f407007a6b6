"""What the channels weigh, as the API tells and takes it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.engine import CHANNELS
from tests.api.filled import Filled


def test_before_anybody_chose_the_default_weights_are_told(client: TestClient):
    told = client.get("/v1/weights").json()
    assert (told["version"], told["preset"], told["author"]) == (0, "default", "")
    assert list(told["channels"]) == list(CHANNELS)
    assert told["channels"]["meeting"] == 3
    assert told["presets"]["bandwidth"] == {
        "email": 0.07, "call": 0.41, "meeting": 1.0, "sms": 0.07, "chat": 0.07, "linkedin": 0.07,
        "other": 0.07,
    }  # fmt: skip


def test_other_weights_change_the_scores_with_the_next_run(own_client: TestClient, own: Filled):
    ben, dan = own.id_of("Ben"), own.id_of("Dan")
    path = f"/v1/people/{ben}/scores/{dan}"
    before = own_client.get(path).json()["strength"]
    chosen = own_client.put("/v1/weights", json={"preset": "bandwidth", "author": "Ida"}).json()
    assert (chosen["version"], chosen["author"]) == (1, "Ida")
    assert own_client.get(path).json()["strength"] == before
    own.run()
    after = own_client.get(path).json()
    assert after["strength"] < before
    assert sum(part["strength"] for part in after["parts"]) == pytest.approx(after["strength"])
    assert own_client.get("/v1/snapshot").json()["weights"] == 1


def test_a_channel_that_is_not_named_weighs_as_by_default(own_client: TestClient):
    wanted = {"channels": {"linkedin": 0.5}, "author": "Ida"}
    told = own_client.put("/v1/weights", json=wanted).json()
    assert (told["preset"], told["channels"]["linkedin"], told["channels"]["call"]) == (
        "own",
        0.5,
        2,
    )
    assert own_client.put("/v1/weights", json=wanted).json() == told
    assert own_client.get("/v1/weights").json() == told


def test_half_lives_and_bands_are_set_and_followed(own_client: TestClient, own: Filled):
    ben, dan = own.id_of("Ben"), own.id_of("Dan")
    path = f"/v1/people/{ben}/scores/{dan}"
    before = own_client.get(path).json()
    wanted = {
        "half_lives_days": [3, 12, 48, 192, 960],
        "silence_half_life_days": 42,
        "bands": {"weak": 1, "moderate": 2, "strong": 3},
        "author": "Ida",
    }
    told = own_client.put("/v1/weights", json=wanted).json()
    assert {name: told[name] for name in wanted} == wanted
    assert (told["preset"], told["channels"]["meeting"]) == ("own", 3)
    own.run()
    after = own_client.get(path).json()
    assert after["strength"] > before["strength"]
    bands = {one["band"] for one in own_client.get(f"/v1/people/{dan}/scores").json()["ties"]}
    assert bands == {"strong"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"author": "Ida"},
        {"half_lives_days": [1, 2, 3, 4], "author": "Ida"},
        {"half_lives_days": [1, 2, 3, 4, 4], "author": "Ida"},
        {"half_lives_days": [0, 2, 3, 4, 5], "author": "Ida"},
        {"silence_half_life_days": 0, "author": "Ida"},
        {"silence_half_life_days": 4000, "author": "Ida"},
        {"bands": {"strong": 20}, "author": "Ida"},
        {"bands": {"none": 1}, "author": "Ida"},
        {"preset": "default", "bands": {"strong": 70}, "author": "Ida"},
        {"preset": "bandwidth", "channels": {"email": 1}, "author": "Ida"},
        {"preset": "heavy", "author": "Ida"},
        {"channels": {"email": -1}, "author": "Ida"},
        {"channels": {"email": 101}, "author": "Ida"},
        {"channels": {"pigeon": 1}, "author": "Ida"},
        {"channels": dict.fromkeys(CHANNELS, 0), "author": "Ida"},
        {"preset": "bandwidth"},
        {"preset": "bandwidth", "author": ""},
    ],
)
def test_weights_that_cannot_be_are_refused(client: TestClient, wanted: dict[str, Any]):
    assert client.put("/v1/weights", json=wanted).status_code == 422
    assert client.get("/v1/weights").json()["version"] == 0
