"""Answers of models: kept by tenant, sealed, committed before `put` returns, and never a run's undoing."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.dialects import postgresql

from app.store.answers import REST_SECONDS, SqlAnswers, purge_answers, upsert
from app.store.crypto import Vault
from app.store.database import migrate, open_database
from chains.models import KeptAnswer

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
KEY = bytes(range(32))
ANSWER = KeptAnswer("Seats fell to 140.", "openai:small", 900, 40)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.seconds = 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = opened(tmp_path)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def answers(engine: Engine, clock: Clock) -> Iterator[SqlAnswers]:
    answers = store(engine, clock)
    yield answers
    answers.close()


def opened(folder: Path) -> Engine:
    return open_database(f"sqlite:///{folder / 'baton.db'}")


def store(engine: Engine, clock: Clock, *, key: bytes = KEY, reuse_days: int = 7) -> SqlAnswers:
    return SqlAnswers(
        engine,
        Vault(key),
        reuse_days=reuse_days,
        clock=lambda: clock.now,
        seconds=lambda: clock.seconds,
        patience_seconds=0.5,
    )


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


async def test_an_answer_is_kept_for_its_tenant_and_key_alone(answers: SqlAnswers) -> None:
    await answers.of("a").put("k", ANSWER)
    assert await answers.of("a").get("k") == ANSWER
    assert await answers.of("b").get("k") is None
    assert await answers.of("a").get("other") is None


async def test_many_at_once_each_get_their_own(answers: SqlAnswers) -> None:
    async def one(number: int) -> bool:
        mine, other = answers.of(f"t{number % 3}"), answers.of(f"t{(number + 1) % 3}")
        assert await mine.get(digest(number)) is None
        await mine.put(digest(number), KeptAnswer(str(number), "m"))
        assert await other.get(digest(number)) is None
        return await mine.get(digest(number)) == KeptAnswer(str(number), "m")

    assert all(await asyncio.gather(*(one(number) for number in range(200))))


async def test_what_waits_together_is_committed_together(engine: Engine, answers: SqlAnswers) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    await asyncio.gather(*(answers.of("a").put(digest(number), ANSWER) for number in range(200)))
    assert 1 <= len(commits) <= 3


async def test_the_same_answer_put_many_times_is_one_row(engine: Engine, answers: SqlAnswers) -> None:
    await asyncio.gather(*(answers.of("a").put("k", ANSWER) for _ in range(40)))
    await answers.of("a").put("k", ANSWER)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM model_answers")).scalar_one() == 1


async def test_answers_are_sealed_on_disk(engine: Engine, answers: SqlAnswers, tmp_path: Path) -> None:
    await answers.of("a").put("k", KeptAnswer("x" * 20 + "Seats fell" * 3, "openai:small"))
    engine.dispose()
    assert all(b"Seats fell" not in file.read_bytes() for file in tmp_path.iterdir())


async def test_an_old_answer_is_not_seen_and_a_new_one_takes_its_place(answers: SqlAnswers, clock: Clock) -> None:
    await answers.of("a").put("k", ANSWER)
    clock.now = NOW + dt.timedelta(days=7)
    assert await answers.of("a").get("k") == ANSWER
    clock.now = NOW + dt.timedelta(days=7, seconds=1)
    assert await answers.of("a").get("k") is None
    await answers.of("a").put("k", KeptAnswer("new", "m"))
    assert await answers.of("a").get("k") == KeptAnswer("new", "m")


async def test_an_answer_sealed_with_another_key_is_not_seen_and_is_replaced(engine: Engine, clock: Clock) -> None:
    first, second = store(engine, clock), store(engine, clock, key=os.urandom(32))
    await first.of("a").put("k", ANSWER)
    assert await second.of("a").get("k") is None
    await second.of("a").put("k", ANSWER)
    assert await second.of("a").get("k") == ANSWER
    first.close()
    second.close()


async def test_with_no_days_of_reuse_nothing_is_kept(engine: Engine, clock: Clock) -> None:
    answers = store(engine, clock, reuse_days=0)
    await answers.of("a").put("k", ANSWER)
    assert await answers.of("a").get("k") is None
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM model_answers")).scalar_one() == 0
    answers.close()


async def test_purging_forgets_old_answers_alone(engine: Engine, answers: SqlAnswers, clock: Clock) -> None:
    await answers.of("a").put("old", ANSWER)
    clock.now = NOW + dt.timedelta(days=2)
    await answers.of("a").put("young", ANSWER)
    with engine.begin() as connection:
        assert purge_answers(connection, NOW + dt.timedelta(days=1)) == 1
    assert await answers.of("a").get("old") is None
    assert await answers.of("a").get("young") == ANSWER


def test_a_store_serves_one_event_loop_after_another_and_two_at_once(engine: Engine, clock: Clock) -> None:
    answers = store(engine, clock)
    asyncio.run(answers.of("a").put("k", ANSWER))
    assert asyncio.run(answers.of("a").get("k")) == ANSWER
    found: list[KeptAnswer | None] = []

    async def many(start: int) -> None:
        keys = [digest(number) for number in range(start, start + 50)]
        await asyncio.gather(*(answers.of("a").put(key, ANSWER) for key in keys))
        found.extend(await asyncio.gather(*(answers.of("a").get(key) for key in keys)))

    threads = [threading.Thread(target=lambda start=start: asyncio.run(many(start))) for start in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ANSWER] * 100
    answers.close()


async def test_two_stores_on_one_file_see_each_others_answers(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    other_engine = opened(tmp_path)
    stores = [store(engine, clock), store(other_engine, clock)]
    keys = [digest(number) for number in range(100)]
    await asyncio.gather(*(each.of("a").put(key, ANSWER) for each in stores for key in keys))
    for each in stores:
        assert await asyncio.gather(*(each.of("a").get(key) for key in keys)) == [ANSWER] * 100
        each.close()
    other_engine.dispose()


async def test_a_failing_database_is_said_once_and_asked_again_later(
    engine: Engine, answers: SqlAnswers, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE model_answers RENAME TO gone"))
    await asyncio.gather(*(answers.of("a").put(digest(number), ANSWER) for number in range(40)))
    assert await answers.of("a").get("k") is None
    clock.seconds += REST_SECONDS
    assert await answers.of("a").get("k") is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO model_answers"))
    clock.seconds += REST_SECONDS
    await answers.of("a").put("k", ANSWER)
    assert await answers.of("a").get("k") == ANSWER


async def test_a_database_that_is_held_by_another_does_not_hold_the_run(
    engine: Engine, answers: SqlAnswers, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(answers.of("a").put(digest(number), ANSWER) for number in range(40)))
        assert asyncio.get_running_loop().time() - started < 3
        connection.rollback()
    assert len(caplog.records) == 1
    clock.seconds += REST_SECONDS
    await answers.of("a").put("k", ANSWER)
    assert await answers.of("a").get("k") == ANSWER


async def test_who_gives_up_waiting_does_not_disturb_the_others(answers: SqlAnswers) -> None:
    puts = [asyncio.create_task(answers.of("a").put(digest(number), ANSWER)) for number in range(40)]
    await asyncio.sleep(0)
    for put in puts[::2]:
        put.cancel()
    done = await asyncio.gather(*puts, return_exceptions=True)
    assert done[1::2] == [None] * 20
    assert await asyncio.gather(*(answers.of("a").get(digest(number)) for number in range(1, 40, 2))) == [ANSWER] * 20


async def test_an_answer_that_cannot_be_written_spoils_no_other(answers: SqlAnswers) -> None:
    broken = KeptAnswer("half a pair \ud800", "m")
    await asyncio.gather(answers.of("a").put("broken", broken), answers.of("a").put("whole", ANSWER))
    assert await answers.of("a").get("whole") == ANSWER
    assert await answers.of("a").get("broken") is None


def test_what_was_acknowledged_survives_a_kill(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    script = """
    import asyncio, datetime as dt, sys
    from app.store.answers import SqlAnswers
    from app.store.crypto import Vault
    from app.store.database import open_database
    from chains.models.answers import KeptAnswer

    now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    engine = open_database(sys.argv[1])
    answers = SqlAnswers(engine, Vault(bytes(range(32))), reuse_days=7, clock=lambda: now).of("a")

    async def one(number):
        while True:
            await answers.put(f"k{number}", KeptAnswer("kept", "m"))
            print(f"k{number}", flush=True)
            number += 32

    async def all_of_them():
        await asyncio.gather(*(one(number) for number in range(32)))

    asyncio.run(all_of_them())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), f"sqlite:///{tmp_path / 'baton.db'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(200)]
        process.send_signal(signal.SIGKILL)
        said += [line.strip() for line in process.stdout if line.endswith("\n")]
    answers = store(engine, clock)

    async def kept() -> list[KeptAnswer | None]:
        return await asyncio.gather(*(answers.of("a").get(key) for key in said))

    assert len(said) >= 200 and asyncio.run(kept()) == [KeptAnswer("kept", "m")] * len(said)
    answers.close()


def test_postgresql_is_told_to_replace_a_row_that_is_there() -> None:
    statement = str(upsert("postgresql").compile(dialect=postgresql.dialect()))
    assert "ON CONFLICT (tenant, key) DO UPDATE SET created_at = excluded.created_at, body = excluded.body" in statement
