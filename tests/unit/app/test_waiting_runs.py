"""What a run waits for is part of its budget."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

from app.bootstrap import open_store
from app.runs.service import Door, RunService
from app.security.principal import LOCAL
from app.settings import load_settings
from tests.unit.app.bare_workflow import BareReport, bare_workflow

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PAYLOAD = {"schema_version": "1", "accounts": [{"account_id": "1"}]}


async def test_a_runs_budget_begins_before_it_waits_for_a_slot(tmp_path: Path) -> None:
    given, release = [], asyncio.Event()

    async def answers(*_: Any, **__: Any) -> BareReport:
        await release.wait()
        return BareReport()

    def models(tenant: str) -> Any:
        given.append(tenant)

    workflow = bare_workflow(answers)
    engine, vault = open_store(load_settings(data_dir=tmp_path))
    service = RunService(
        workflow, answers, engine, vault, clock=lambda: NOW, reader=None, models=models, concurrent_runs=1
    )
    runs = [asyncio.create_task(service.run({"payload": PAYLOAD}, Door(LOCAL, "c"))) for _ in range(3)]
    await asyncio.sleep(0.05)
    waiting = len(given)
    release.set()
    await asyncio.gather(*runs)
    engine.dispose()
    assert waiting == 3
