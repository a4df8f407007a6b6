"""A person is erased on request, and whoever asked gets a certificate."""

from fastapi.testclient import TestClient

from tests.api.filled import Filled

SAYS = {"author": "Eva"}


def test_whom_an_admin_erases_is_gone_and_certified(own_client: TestClient, own: Filled):
    cleo = own.id_of("Cleo")
    preview = own_client.post("/v1/erasures/preview", json={"person": cleo}).json()["counts"]
    made = own_client.post("/v1/erasures", json={**SAYS, "person": cleo, "reference": "T-1"}).json()
    assert made["counts"].items() <= preview.items()
    assert own_client.get(f"/v1/people/{cleo}").status_code == 404
    own.run()
    assert own_client.get(f"/v1/people/{cleo}/scores").status_code == 404
    told = own_client.get(f"/v1/erasures/{made['id']}").json()
    assert told["done_at"]
    assert told["fields"] == told["confirmed"]
    assert own_client.get("/v1/erasures").json()["items"] == [told]


def test_there_is_no_certificate_of_what_was_not_asked(own_client: TestClient):
    assert own_client.get("/v1/erasures/none").status_code == 404


def test_who_objects_is_gone_until_they_take_it_back(own_client: TestClient, own: Filled):
    wanted = {**SAYS, "address": "Cleo@acme.example"}
    assert own_client.post("/v1/opt-outs", json=wanted).json()["erasure"]["counts"]["person"] == 1
    own.run()
    assert "Cleo" not in own_client.get("/v1/people").text
    assert [one["author"] for one in own_client.get("/v1/opt-outs").json()["items"]] == ["Eva"]
    assert own_client.post("/v1/opt-outs/lift", json=wanted).status_code == 204
    own.run()
    assert "Cleo" in own_client.get("/v1/people").text
    assert own_client.post("/v1/opt-outs/lift", json=wanted).status_code == 404
