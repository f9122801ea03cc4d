"""What the parts are wired with: models for each run, and a clean-up at the start."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from app.bootstrap import open_models, open_parts, open_store
from app.runs.rows import KeptPayload, save_payload, seal_payload, stored_payload
from app.runs.service import Door, RunService
from app.security.principal import LOCAL, Principal
from app.settings import Settings
from app.store.answers import SqlAnswers
from chains.context import RunContext
from chains.models import KeptAnswer
from tests.unit.app.bare_workflow import BareReport, bare_workflow

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PAYLOAD = {"schema_version": "1", "accounts": [{"account_id": "A"}]}


def settings(folder: Path, **given: Any) -> Settings:
    key = SecretStr("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    return Settings(data_dir=folder, encryption_key=key, **given)


async def runs_of(given: Settings, *principals: Principal) -> list[RunContext]:
    """The run contexts that a workflow is handed, one a principal."""
    seen: list[RunContext] = []

    async def answers(
        _request: Mapping[str, Any], run: RunContext, *, thread_key: str, remember: bool = True
    ) -> BaseModel:
        seen.append(run)
        return BareReport()

    workflow = bare_workflow(answers)
    engine, vault = open_store(given)
    async with open_models(given, engine, vault, lambda: NOW) as models:
        service = RunService(workflow, answers, engine, vault, clock=lambda: NOW, reader=None, models=models)
        for principal in principals:
            await service.run({"payload": PAYLOAD}, Door(principal=principal, correlation_id="c"))
    engine.dispose()
    return seen


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


async def test_without_a_model_a_run_has_none(tmp_path: Path) -> None:
    (run,) = await runs_of(settings(tmp_path), LOCAL)
    assert run.models is None


async def test_each_run_has_models_with_a_budget_of_its_own(tmp_path: Path) -> None:
    given = settings(tmp_path, llm_model="m", llm_base_url="http://127.0.0.1:9/v1", models={"run_tokens": 7})
    first, second = await runs_of(given, LOCAL, LOCAL)
    assert first.models is not None and second.models is not None
    assert first.models.usage is not second.models.usage
    assert first.models.serves("reason") and first.models.config.run_tokens == 7


async def test_opening_forgets_old_payloads_and_answers_and_keeps_the_young(tmp_path: Path) -> None:
    given = settings(tmp_path, retention={"payload_days": 30}, models={"reuse_days": 7})
    engine, vault = open_store(given)
    with engine.begin() as connection:
        for name, days in (("old", 31), ("young", 29)):
            sealed = seal_payload(vault, LOCAL, name, b"{}")
            save_payload(connection, LOCAL, name, KeptPayload(sealed), NOW - dt.timedelta(days=days))
    for name, days in (("old", 8), ("young", 6)):
        when = NOW - dt.timedelta(days=days)
        answers = SqlAnswers(engine, vault, reuse_days=7, clock=lambda when=when: when)
        await answers.of("default").put(name, KeptAnswer("x", "m"))
        answers.close()
    async with open_parts(given, clock=lambda: NOW):
        await asyncio.sleep(0)
    assert stored_payload(engine, vault, LOCAL, "old") is None
    kept = stored_payload(engine, vault, LOCAL, "young")
    assert kept is not None and kept.body == b"{}"
    everything = SqlAnswers(engine, vault, reuse_days=1_000, clock=lambda: NOW)
    assert await everything.of("default").get("old") is None
    assert await everything.of("default").get("young") == KeptAnswer("x", "m")
    everything.close()
    engine.dispose()
