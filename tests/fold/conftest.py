"""The engines that the fold is tried on, each by the address that a user would give."""

import sys
from collections.abc import Iterator

import pytest
from pysail.spark import SparkConnectServer

ENGINES = ["duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "spark"]


@pytest.fixture(scope="session")
def spark_url() -> Iterator[str]:
    """A server that speaks Spark Connect, without a JVM."""
    # A worker of pytest-xdist has no file, which PySpark takes for its own doctests running.
    vars(sys.modules["__main__"]).setdefault("__file__", __file__)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield f"spark://127.0.0.1:{server.listening_address[1]}"
    server.stop()


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """An engine's address; a test that asks for it runs on all of them."""
    if request.param in ("postgres", "spark"):
        return str(request.getfixturevalue(f"{request.param}_url"))
    return {"duckdb": "duckdb", "sqlite": "sqlite://"}[request.param]
