"""An admin says how long activities are kept one by one."""

from fastapi.testclient import TestClient


def test_everything_is_kept_until_somebody_says_otherwise(empty_client: TestClient):
    assert empty_client.get("/v1/retention").json() == {"days": None}
    said = {"days": 90, "author": "Eva"}
    assert empty_client.put("/v1/retention", json=said).json() == {"days": 90}
    assert empty_client.get("/v1/retention").json() == {"days": 90}


def test_a_length_that_cannot_be_chosen_is_refused(empty_client: TestClient):
    assert empty_client.put("/v1/retention", json={"days": 5, "author": "Eva"}).status_code == 422
