"""The configured sources, read no further than a caller may see and, where it is asked for, than a question needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import open_store
from app.errors import RejectedError
from app.runs.reading import NARROWED, Gathered
from app.runs.service import Door, RunService
from app.runs.sources_reader import SourcesReader
from app.security.principal import LOCAL, Principal
from app.settings import load_settings
from chains.churn.config import ChurnConfig
from chains.churn.narrowing import narrow
from chains.churn.schema import FLAGSHIP_QUESTION
from chains.registry import Places
from tests.unit.app.bare_workflow import BareReport, bare_workflow
from tests.unit.connectors.memory_source import AS_OF, NOW, MemorySource, Readings, backed, configured

CRM = {
    "name": "crm",
    "kind": "crm",
    "records": {
        "accounts": {"from": "Account", "fields": {"account_id": "Id", "segment": "Segment", "region": "Region"}}
    },
}
ROWS = [
    {"Id": "1", "Segment": "Enterprise", "Region": "EMEA"},
    {"Id": "2", "Segment": "SMB", "Region": "EMEA"},
    {"Id": "3", "Segment": "Enterprise", "Region": "APAC"},
]


def reader(folder: Path, *, filters_first: bool = False, tenants: tuple[str, ...] = ("default",)) -> SourcesReader:
    (crm,) = configured(folder, CRM)

    def asked(question: str, known: Places, today: dt.date) -> Places:
        return narrow(question, known, today, ChurnConfig())

    return SourcesReader(
        [backed(crm, MemorySource({"Account": ROWS}))],
        clock=lambda: NOW,
        timeout_seconds=10,
        history=Readings(),
        tenants=frozenset(tenants),
        narrow=asked if filters_first else None,
    )


def ids(gathered: Gathered) -> list[str]:
    return [account["account_id"] for account in gathered.document["accounts"]]


async def test_a_caller_without_limits_reads_everything(tmp_path: Path) -> None:
    gathered = await reader(tmp_path).gather(AS_OF, LOCAL, FLAGSHIP_QUESTION)
    assert ids(gathered) == ["1", "2", "3"]
    assert gathered.origin == "sources"


async def test_sources_are_their_tenants_alone(tmp_path: Path) -> None:
    stranger = replace(LOCAL, tenant="another")
    with pytest.raises(RejectedError, match="another tenant"):
        await reader(tmp_path).gather(AS_OF, stranger, FLAGSHIP_QUESTION)
    assert ids(await reader(tmp_path, tenants=("another",)).gather(AS_OF, stranger, "")) == ["1", "2", "3"]


async def test_a_limited_caller_reads_within_the_limits(tmp_path: Path) -> None:
    limited = replace(LOCAL, regions=("emea",))
    assert ids(await reader(tmp_path).gather(AS_OF, limited, FLAGSHIP_QUESTION)) == ["1", "2"]


async def test_a_question_narrows_the_reading_once_the_houses_words_are_known(tmp_path: Path) -> None:
    sources = reader(tmp_path, filters_first=True)
    assert ids(await sources.gather(AS_OF, LOCAL, FLAGSHIP_QUESTION)) == ["1", "2", "3"]
    second = await sources.gather(AS_OF, LOCAL, FLAGSHIP_QUESTION)
    assert ids(second) == ["1"]
    assert [finding.code for finding in second.findings] == [NARROWED]
    assert "Enterprise and EMEA" in second.warnings[0]


async def test_a_question_beyond_the_limits_reads_within_them(tmp_path: Path) -> None:
    sources = reader(tmp_path, filters_first=True)
    await sources.gather(AS_OF, LOCAL, FLAGSHIP_QUESTION)
    limited = replace(LOCAL, regions=("APAC",))
    assert ids(await sources.gather(AS_OF, limited, FLAGSHIP_QUESTION)) == ["3"]


async def test_a_conversation_that_began_narrowed_goes_on_with_everything(tmp_path: Path) -> None:
    seen: list[int] = []

    async def answers(request: Any, *_: Any, **__: Any) -> BareReport:
        seen.append(len(request["payload"]["accounts"]))
        return BareReport()

    workflow = bare_workflow(answers)
    engine, vault = open_store(load_settings(data_dir=tmp_path / "data"))
    sources = reader(tmp_path, filters_first=True)
    service = RunService(workflow, answers, engine, vault, clock=lambda: NOW, reader=sources)
    for thread, question in (("a", FLAGSHIP_QUESTION), ("b", FLAGSHIP_QUESTION), ("b", "and in APAC?")):
        await service.run({"question": question}, Door(Principal("default", "ada", LOCAL.scopes), "c", thread))
    engine.dispose()
    assert seen == [3, 1, 3]


async def test_a_conversation_begun_under_limits_is_read_anew_by_who_sees_more(tmp_path: Path) -> None:
    seen: list[int] = []

    async def answers(request: Any, *_: Any, **__: Any) -> BareReport:
        seen.append(len(request["payload"]["accounts"]))
        return BareReport()

    engine, vault = open_store(load_settings(data_dir=tmp_path / "data"))
    service = RunService(
        bare_workflow(answers),
        answers,
        engine,
        vault,
        clock=lambda: NOW,
        reader=reader(tmp_path),
    )
    ada = Principal("default", "ada", LOCAL.scopes)
    for caller in (replace(ada, regions=("APAC",)), ada):
        await service.run({"question": FLAGSHIP_QUESTION}, Door(caller, "c", "thread"))
    engine.dispose()
    assert seen == [1, 3]
