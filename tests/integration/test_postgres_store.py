"""The whole service on a real PostgreSQL: it starts, migrates, answers, keeps, and says what is wrong with its address."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from app.drafts.rows import DraftRow, list_drafts, save_drafts
from app.errors import ConfigurationError
from app.main import create_app
from app.security.principal import LOCAL
from app.settings import load_settings
from app.store.answers import SqlAnswers
from app.store.crypto import Vault
from app.store.database import migrate, open_database
from app.store.tables import metadata
from chains.churn.schema import FLAGSHIP_QUESTION
from chains.models.answers import KeptAnswer
from connectors.payload import LONGEST_ID
from connectors.shim.serving import served
from tests.integration.conftest import fixed_clock
from tests.postgres import postgres_server, postgres_url  # noqa: F401 - fixtures

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
NOWHERE = "postgresql://baton:secret-word@127.0.0.1:1/baton"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:  # noqa: F811
    """A migrated database."""
    engine = open_database(postgres_url)
    migrate(engine)
    yield engine
    engine.dispose()


def started(database_url: str, data: Path) -> Iterator[httpx.Client]:
    """A client of a service over that database; its key stands in the data directory."""
    settings = load_settings(data_dir=data, port=0, database_url=database_url)
    with (
        served(create_app(settings, clock=fixed_clock)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield client


def ask(client: httpx.Client, question: str, thread_id: str = "monday") -> dict[str, object]:
    body = {"input": {"question": question}, "config": {"configurable": {"thread_id": thread_id}}}
    answer = client.post("/churn/invoke", json=body)
    assert answer.status_code == 200, answer.text
    report: dict[str, object] = answer.json()["output"]
    return report


def test_the_service_answers_goes_on_and_lists_drafts_from_postgresql(postgres_url: str, data: Path) -> None:  # noqa: F811
    for client in started(postgres_url, data):
        assert client.get("/readyz").json()["checks"]["database"] == "ok"
        first = ask(client, FLAGSHIP_QUESTION)
        followed = ask(client, "only those in Germany")
        assert 0 < len(followed["accounts"]) < len(first["accounts"])  # type: ignore[arg-type]
    with psycopg.connect(postgres_url) as database:
        assert database.execute("SELECT count(*) FROM runs WHERE status = 'succeeded'").fetchone() == (2,)
    assert not (data / "baton.db").exists()
    for client in started(postgres_url, data):
        drafts = client.get("/v1/drafts", params={"status": "awaiting_approval", "limit": 200}).json()["items"]
        assert {draft["account_id"] for draft in drafts} <= {account["account_id"] for account in first["accounts"]}  # type: ignore[attr-defined]
        one = client.get(f"/v1/drafts/{drafts[0]['draft_id']}").json()
        assert (one["digest"], one["body"]) == (drafts[0]["digest"], drafts[0]["body"])
        assert ask(client, "only those in Germany")["accounts"]


def test_pages_of_drafts_hold_every_draft_once(postgres_url: str, data: Path) -> None:  # noqa: F811
    for client in started(postgres_url, data):
        ask(client, FLAGSHIP_QUESTION)
        whole = client.get("/v1/drafts", params={"limit": 200}).json()["items"]
        paged, cursor = [], ""
        while True:
            page = client.get("/v1/drafts", params={"limit": 3, "cursor": cursor}).json()
            paged += page["items"]
            if not (cursor := page["next_cursor"]):
                break
        assert [draft["draft_id"] for draft in paged] == [draft["draft_id"] for draft in whole]


def test_the_migrated_schema_is_the_one_the_code_reads(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_replicas_that_start_together_migrate_once(postgres_url: str) -> None:  # noqa: F811
    engines = [open_database(postgres_url) for _ in range(6)]
    with ThreadPoolExecutor(len(engines)) as threads:
        list(threads.map(migrate, engines))
    assert set(inspect(engines[0]).get_table_names()) >= set(metadata.tables)
    for engine in engines:
        engine.dispose()


async def test_answers_of_models_are_kept_and_replaced(engine: Engine) -> None:
    answers = SqlAnswers(engine, Vault(os.urandom(32)), reuse_days=7, clock=lambda: NOW)
    for text in ("first", "second"):
        await answers.of("default").put("k" * 64, KeptAnswer(text, "openai:small"))
        kept = await answers.of("default").get("k" * 64)
        assert kept is not None
        assert kept.text == text
    assert await answers.of("other").get("k" * 64) is None
    answers.close()


def test_a_draft_of_an_account_with_the_longest_id_is_kept_whole(engine: Engine) -> None:
    content = {"draft": {"subject": "Umlaut ä \u2028 and a \x00"}, "account_name": "", "facts": [], "placeholders": []}
    row = DraftRow("dft_1", "ä" * LONGEST_ID, "retention", "awaiting_approval", "0" * 64, content)
    with engine.begin() as connection:
        save_drafts(connection, [row], principal=LOCAL, run_id="run_1", created_at="2026-11-20")
    (kept,), _ = list_drafts(engine, LOCAL)
    assert (kept["account_id"], kept["subject"]) == (row.account_id, content["draft"]["subject"])


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_each_usual_spelling_of_a_postgresql_address_opens_it(postgres_url: str, scheme: str) -> None:  # noqa: F811
    engine = open_database(postgres_url.replace("postgresql", scheme, 1))
    assert (engine.dialect.name, engine.dialect.driver) == ("postgresql", "psycopg")
    migrate(engine)
    engine.dispose()


@pytest.mark.parametrize(
    "address", ["mysql://baton:secret-word@db/baton", "secret-word", "postgresql+psycopg2://a:secret-word@db/x"]
)
def test_an_address_of_another_database_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError, match="BATON_DATABASE_URL must be such as") as refused:
        open_database(address)
    assert "secret-word" not in str(refused.value)


def test_a_database_that_does_not_answer_is_said_without_its_password() -> None:
    engine = open_database(NOWHERE)
    with pytest.raises(ConfigurationError, match="cannot be reached") as refused:
        migrate(engine)
    assert "secret-word" not in str(refused.value)
    engine.dispose()
