"""The real service on loopback, with a data directory of its own and a fixed clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.main import create_app
from app.settings import load_settings
from connectors.sample import Organisation, organisation
from connectors.shim.serving import served
from tests.postgres import postgres_server, postgres_url

__all__ = ["client", "postgres_server", "postgres_url", "sample", "service"]

TODAY = dt.date(2026, 11, 20)


def fixed_clock() -> dt.datetime:
    """Noon of the day the tests live on."""
    return dt.datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def sample() -> Organisation:
    """The sample organisation as of the tests' day."""
    return organisation(TODAY)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running service."""
    unlimited = {"requests_a_minute": 0}
    settings = load_settings(data_dir=Path(tmp_path_factory.mktemp("data")), port=0, limits=unlimited)
    with served(create_app(settings, clock=fixed_clock)) as url:
        yield url


@pytest.fixture
def client(service: str) -> Iterator[httpx.Client]:
    """An HTTP client of the service."""
    with httpx.Client(base_url=service, timeout=60, trust_env=False) as client:
        yield client
