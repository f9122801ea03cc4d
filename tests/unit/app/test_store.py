"""What is kept, sealed and told apart by tenant."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from app.drafts.rows import DraftRow, get_draft, list_drafts, save_drafts
from app.errors import ConfigurationError, ForbiddenError, NotFoundError, RejectedError
from app.runs.rows import (
    KeptPayload,
    StoredRun,
    last_run,
    purge_payloads,
    purge_runs,
    save_payload,
    save_run,
    seal_payload,
    seal_report,
    stored_payload,
    stored_report,
)
from app.security.principal import LOCAL, Principal
from app.store.crypto import Vault, key_from_file, key_from_text
from app.store.database import migrate, now_text, open_database
from app.store.source_reads import SqlReadHistory
from app.store.tables import metadata
from connectors.ports import SeenTable

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
STRANGER = Principal(tenant="other", person="local", scopes=LOCAL.scopes)
COLLEAGUE = Principal(tenant="default", person="colleague", scopes=LOCAL.scopes)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'baton.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def vault() -> Vault:
    return Vault(os.urandom(32))


def keep_run(engine: Engine, vault: Vault, run_id: str = "run_1", minute: int = 0) -> None:
    when = NOW + dt.timedelta(minutes=minute)
    with engine.begin() as connection:
        sealed = seal_payload(vault, LOCAL, f"pay_{run_id}", b'{"a": 1}')
        save_payload(connection, LOCAL, f"pay_{run_id}", KeptPayload(sealed), when)
        save_run(
            connection,
            LOCAL,
            run=StoredRun(run_id, f"pay_{run_id}", "2026-11-20"),
            thread_id="t",
            workflow="churn",
            correlation_id="c",
            sealed_report=seal_report(vault, LOCAL, run_id, b'{"summary": "x"}'),
            now=when,
        )


def test_the_migrations_make_exactly_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)


def test_the_newest_run_of_a_thread_is_found_by_its_person_alone(engine: Engine, vault: Vault) -> None:
    keep_run(engine, vault, "run_1")
    keep_run(engine, vault, "run_2", minute=1)
    finished_at = now_text(NOW + dt.timedelta(minutes=1))
    assert last_run(engine, LOCAL, "t") == StoredRun("run_2", "pay_run_2", "2026-11-20", finished_at)
    assert last_run(engine, LOCAL, "another") is None
    for stranger in (STRANGER, COLLEAGUE):
        assert last_run(engine, stranger, "t") is None
        assert stored_payload(engine, vault, stranger, "pay_run_2") is None
        assert stored_report(engine, vault, stranger, "run_2") is None


def test_payloads_and_reports_are_sealed_on_disk(engine: Engine, vault: Vault, tmp_path: Path) -> None:
    keep_run(engine, vault)
    engine.dispose()
    assert all(b"summary" not in file.read_bytes() for file in tmp_path.iterdir())
    assert stored_payload(engine, vault, LOCAL, "pay_run_1") == KeptPayload(b'{"a": 1}', created_at=now_text(NOW))
    assert stored_report(engine, vault, LOCAL, "run_1") == b'{"summary": "x"}'


def test_what_was_sealed_for_one_row_does_not_open_for_another_nor_with_another_key(vault: Vault) -> None:
    sealed = vault.seal(b"secret", row="a")
    with pytest.raises(ConfigurationError):
        vault.open(sealed, row="b")
    with pytest.raises(ConfigurationError):
        Vault(os.urandom(32)).open(sealed, row="a")


def test_purging_forgets_old_payloads_alone(engine: Engine, vault: Vault) -> None:
    keep_run(engine, vault, "run_1")
    keep_run(engine, vault, "run_2", minute=10)
    assert purge_payloads(engine, before=NOW + dt.timedelta(minutes=5)) == 1
    assert stored_payload(engine, vault, LOCAL, "pay_run_1") is None
    assert stored_payload(engine, vault, LOCAL, "pay_run_2") is not None


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    key = key_from_file(file)
    assert key_from_file(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "short", "c2hvcnQ=", "!!!"])
def test_a_key_that_is_not_32_bytes_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes"):
        key_from_text(text)


def draft(draft_id: str, account: str = "A", status: str = "awaiting_approval", purpose: str = "retention") -> DraftRow:
    content = {"account_name": account, "draft": {"subject": "s", "body": "b"}, "facts": [], "placeholders": []}
    return DraftRow(draft_id, account, purpose, status, "0" * 64, content)


def save(engine: Engine, *rows: DraftRow, run: str, minute: int = 0, principal: Principal = LOCAL) -> None:
    with engine.begin() as connection:
        save_drafts(
            connection,
            list(rows),
            principal=principal,
            run_id=run,
            created_at=f"2026-11-20T12:{minute:02d}:00.000000+00:00",
        )


def statuses(engine: Engine) -> dict[str, str]:
    return {item["draft_id"]: item["status"] for item in list_drafts(engine, LOCAL)[0]}


def test_a_newer_draft_supersedes_what_waits_for_the_same_account_and_purpose(engine: Engine) -> None:
    save(engine, draft("d1"), draft("d2", account="B"), draft("d3", purpose="campaign"), run="r1")
    save(engine, draft("d4"), run="r2", minute=1)
    assert statuses(engine) == {
        "d1": "superseded",
        "d2": "awaiting_approval",
        "d3": "awaiting_approval",
        "d4": "awaiting_approval",
    }


@pytest.mark.parametrize("decided", ["approved", "rejected", "expired"])
def test_a_decided_draft_is_never_superseded(engine: Engine, decided: str) -> None:
    save(engine, draft("d1", status=decided), run="r1")
    save(engine, draft("d2"), run="r2", minute=1)
    assert statuses(engine)["d1"] == decided


def test_another_tenants_drafts_are_neither_seen_nor_superseded(engine: Engine) -> None:
    save(engine, draft("d1"), run="r1")
    save(engine, draft("d2"), run="r2", principal=STRANGER)
    assert statuses(engine) == {"d1": "awaiting_approval"}
    with pytest.raises(NotFoundError):
        get_draft(engine, LOCAL, "d2")


def test_saving_the_same_draft_again_is_one_draft(engine: Engine) -> None:
    save(engine, draft("d1"), run="r1")
    save(engine, draft("d1"), run="r1")
    assert list(statuses(engine)) == ["d1"]


@pytest.mark.parametrize(
    ("arguments", "pointer"),
    [
        ({"status": "lost"}, "/status"),
        ({"limit": 0}, "/limit"),
        ({"limit": 201}, "/limit"),
        ({"cursor": "x"}, "/cursor"),
    ],
)
def test_a_wrong_page_request_is_pointed_at(engine: Engine, arguments: dict, pointer: str) -> None:
    with pytest.raises(RejectedError) as caught:
        list_drafts(engine, LOCAL, **arguments)
    assert caught.value.errors[0][0] == pointer


def test_drafts_need_their_scope(engine: Engine) -> None:
    with pytest.raises(ForbiddenError, match="drafts:read"):
        list_drafts(engine, Principal("default", "local", frozenset({"churn:run"})))


def test_the_last_reading_of_a_source_is_kept_by_record_kind(engine: Engine) -> None:
    history = SqlReadHistory(engine)
    history.keep("billing", "invoices", SeenTable(4_000, ("id", "amount"), NOW))
    history.keep("billing", "invoices", SeenTable(12, ("id",), NOW + dt.timedelta(days=1)))
    assert history.last("billing", "invoices") == SeenTable(12, ("id",), NOW + dt.timedelta(days=1))
    assert history.last("billing", "changes") is None
    most = SeenTable(12, ("id",), NOW, most=4_000, most_at=NOW - dt.timedelta(days=1))
    history.keep("billing", "invoices", most)
    assert history.last("billing", "invoices") == most


@pytest.mark.parametrize(
    ("made", "now", "seen"),
    [
        ((), (), True),
        (("EMEA",), (), True),
        ((), ("EMEA",), False),
        (("EMEA",), ("emea", "APAC"), True),
        (("EMEA", "APAC"), ("EMEA",), False),
    ],
    ids=["no limits", "narrower", "wider", "within", "partly"],
)
def test_a_report_is_seen_by_whose_limits_cover_those_it_was_made_under(
    engine: Engine, vault: Vault, made: tuple[str, ...], now: tuple[str, ...], seen: bool
) -> None:
    maker, reader = replace(LOCAL, regions=made), replace(LOCAL, regions=now)
    with engine.begin() as connection:
        save_run(
            connection,
            maker,
            run=StoredRun("run_1", "", "2026-11-20"),
            thread_id="t",
            workflow="churn",
            correlation_id="c",
            sealed_report=seal_report(vault, maker, "run_1", b"{}"),
            now=NOW,
        )
    save(engine, draft("d1"), run="run_1", principal=maker)
    assert (stored_report(engine, vault, reader, "run_1") is not None) == seen
    assert bool(list_drafts(engine, reader)[0]) == seen
    if not seen:
        with pytest.raises(NotFoundError):
            get_draft(engine, reader, "d1")


def test_a_colleagues_question_leaves_my_waiting_draft_alone(engine: Engine) -> None:
    save(engine, draft("d1"), run="run_1")
    save(engine, draft("d2"), run="run_2", minute=1, principal=COLLEAGUE)
    assert statuses(engine) == {"d1": "awaiting_approval", "d2": "awaiting_approval"}


def test_an_id_that_no_store_can_hold_is_no_draft(engine: Engine) -> None:
    with pytest.raises(NotFoundError):
        get_draft(engine, LOCAL, "a\x00b")


def test_purging_runs_forgets_their_reports_and_drafts_and_keeps_the_young(engine: Engine, vault: Vault) -> None:
    for run_id, minute in (("run_1", 0), ("run_2", 10)):
        keep_run(engine, vault, run_id, minute)
        save(engine, draft(f"draft_of_{run_id}", account=run_id), run=run_id, minute=minute)
    with engine.begin() as connection:
        assert purge_runs(connection, before=NOW + dt.timedelta(minutes=5)) == 1
    assert stored_report(engine, vault, LOCAL, "run_1") is None
    assert stored_report(engine, vault, LOCAL, "run_2") is not None
    assert list(statuses(engine)) == ["draft_of_run_2"]
