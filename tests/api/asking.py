"""Somebody who asks the service, on the machine it runs on."""

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient


def asking(app: FastAPI, **options: Any) -> TestClient:  # noqa: ANN401 as the client takes them
    """Ask by the name that a machine has for itself."""
    return TestClient(app, base_url="http://127.0.0.1", **options)
