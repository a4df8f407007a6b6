"""Spark Connect: a session on a server that speaks it, through the client that needs no Java."""

import socket
from urllib.parse import urlsplit

import ibis
from ibis.backends import BaseBackend
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

PORT = 15002
TIMEOUT_S = 10.0

ERRORS = (PySparkException,)


def connected(url: str) -> BaseBackend:
    """Begin a session of our own; it ends when the backend is closed.

    Args:
        url: As Spark takes it, ``sc://host:15002/;token=...``.

    Raises:
        OSError: If nobody listens there; Spark's client would wait for minutes.
    """
    address = urlsplit(url)
    where = (address.hostname or "localhost", address.port or PORT)
    socket.create_connection(where, timeout=TIMEOUT_S).close()
    return ibis.pyspark.connect(SparkSession.builder.remote(url).create())
