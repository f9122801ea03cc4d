"""Runs from their first row to their end, whoever ends them, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from app.drafts.rows import list_drafts
from app.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
    TooLargeError,
    UnavailableError,
)
from app.runs.showing import shown
from app.security.principal import LOCAL, Principal
from app.store.tables import drafts, payloads, repeats, runs
from connectors.errors import InvalidPayloadError
from tests.unit.app.runs.conftest import PAYLOAD, Answering, Clock, OpenDesk, order

STRANGER = Principal("other", "local", LOCAL.scopes)
COLLEAGUE = Principal("default", "colleague", LOCAL.scopes)


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def row(engine: Engine) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(runs)).one()


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_run_has_a_row_from_its_first_moment_and_ends_with_report_and_drafts(
    engine: Engine, open_desk: OpenDesk
) -> None:
    answers = Answering()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        assert row(engine).status in ("queued", "running")
        assert (row(engine).run_id, row(engine).report) == (taken.run_id, None)
        await until(lambda: answers.runs)
        waiting = await parts.desk.wait(LOCAL, taken.run_id, 0)
        assert (waiting.state.status, waiting.report) == ("running", None)
        answers.release.set()
        seen = await parts.desk.wait(LOCAL, taken.run_id, 10)
        assert seen.state.status == "succeeded"
        assert seen.report == await parts.desk.report(LOCAL, taken.run_id)
    assert (row(engine).status, row(engine).correlation_id, row(engine).thread_id) == (
        "succeeded",
        "corr-1",
        seen.state.thread_id,
    )
    assert list_drafts(engine, LOCAL)[0][0]["run_id"] == taken.run_id


async def test_progress_reaches_the_row_while_the_run_goes_on(engine: Engine, open_desk: OpenDesk) -> None:
    answers = Answering()
    async with open_desk(answers) as parts:
        await parts.desk.take(order())
        await until(lambda: row(engine).stage == "risk")
        assert (row(engine).status, row(engine).done, row(engine).total) == ("running", 1, 2)


async def test_a_failed_run_says_why_in_its_row_and_never_what_was_sent(engine: Engine, open_desk: OpenDesk) -> None:
    answers = Answering(fails=InvalidPayloadError("No.", errors=(("/as_of", "no such day"),)))
    answers.release.set()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        state = (await parts.desk.wait(LOCAL, taken.run_id, 10)).state
        error = shown(state)["error"]
        assert (state.status, error["status"], error["code"]) == ("failed", 422, "invalid_payload")
        assert (error["correlation_id"], error["errors"][0]["pointer"]) == ("corr-1", "/input/payload/as_of")
        assert shown(await parts.desk.state(LOCAL, taken.run_id))["error"] == error
    assert count(engine, drafts) == 0


async def test_an_unexpected_failure_shows_nothing_of_itself(open_desk: OpenDesk) -> None:
    answers = Answering(fails=ValueError("anna@alpine.example"))
    answers.release.set()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        state = (await parts.desk.wait(LOCAL, taken.run_id, 10)).state
    assert state.error["code"] == "internal"
    assert "anna" not in str(state.error)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"payload": {"schema_version": "9"}}, RejectedError),
        ({"payload": {"schema_version": "1", "accounts": 4}}, InvalidPayloadError),
        ({"payload": {"schema_version": "1", "as_of": "soon"}}, InvalidPayloadError),
        ({"payload": {"schema_version": "1", "accounts": [{}, {}, {}]}}, TooLargeError),
        ({"payload": {}}, RejectedError),
        ({"thread_id": "a\n"}, RejectedError),
        ({"callback_url": "https://hooks.example/x"}, RejectedError),
        ({"principal": Principal("default", "local", frozenset())}, ForbiddenError),
    ],
    ids=["version", "no list", "day", "too many", "no source", "thread", "callbacks off", "scope"],
)
async def test_what_can_never_be_answered_is_refused_before_there_is_a_run(
    engine: Engine, open_desk: OpenDesk, more: dict[str, Any], error: type[Exception]
) -> None:
    async with open_desk(Answering()) as parts:
        with pytest.raises(error):
            await parts.desk.take(order(**more))
    assert count(engine, runs) == 0


async def test_a_full_queue_refuses_and_says_when_to_come_back(engine: Engine, open_desk: OpenDesk) -> None:
    async with open_desk(Answering(), most=2, concurrent=1) as parts:
        first, second = await parts.desk.take(order()), await parts.desk.take(order())
        with pytest.raises(UnavailableError) as caught:
            await parts.desk.take(order())
        assert caught.value.retry_after_seconds > 0
        await until(lambda: row_status(engine, first.run_id) == "running")
        assert (await parts.desk.state(LOCAL, second.run_id)).status == "queued"
        await parts.desk.cancel(LOCAL, second.run_id)
        await parts.desk.take(order())


def row_status(engine: Engine, run_id: str) -> str:
    with engine.connect() as connection:
        return str(connection.execute(select(runs.c.status).where(runs.c.run_id == run_id)).scalar_one())


async def test_a_cancelled_run_keeps_nothing_and_cancelling_again_changes_nothing(
    engine: Engine, open_desk: OpenDesk
) -> None:
    answers = Answering()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        await until(lambda: answers.runs)
        for _ in range(2):
            assert (await parts.desk.cancel(LOCAL, taken.run_id)).status == "cancelled"
        answers.release.set()
        assert (await parts.desk.wait(LOCAL, taken.run_id, 10)).state.status == "cancelled"
        with pytest.raises(NotFoundError):
            await parts.desk.report(LOCAL, taken.run_id)
    assert (count(engine, drafts), count(engine, payloads), row(engine).report) == (0, 0, None)


async def test_a_finished_run_cannot_be_cancelled_any_more(open_desk: OpenDesk) -> None:
    answers = Answering()
    answers.release.set()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        await parts.desk.wait(LOCAL, taken.run_id, 10)
        assert (await parts.desk.cancel(LOCAL, taken.run_id)).status == "succeeded"


async def test_an_answer_that_comes_after_the_end_of_its_run_is_not_saved(engine: Engine, open_desk: OpenDesk) -> None:
    answers = Answering()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        await until(lambda: answers.runs)
        await parts.register.end(taken.run_id, "cancelled", {})  # As another process does, and just before the save.
        answers.release.set()
        assert (await parts.desk.wait(LOCAL, taken.run_id, 10)).state.status == "cancelled"
    assert (count(engine, drafts), count(engine, payloads)) == (0, 0)


async def test_a_run_is_cancelled_followed_and_read_from_another_process(engine: Engine, open_desk: OpenDesk) -> None:
    answers = Answering()
    async with open_desk(answers) as here, open_desk(Answering()) as there:
        taken = await here.desk.take(order())
        await until(lambda: row(engine).status == "running")
        watched = []

        async def watch() -> None:
            async for state in there.desk.states(LOCAL, taken.run_id):
                watched.append(state.status)  # noqa: PERF401 - the test looks at it meanwhile

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0.1)
        assert (await there.desk.cancel(LOCAL, taken.run_id)).status == "cancelled"
        await until(lambda: here.executor.live(taken.run_id) is None)
        await watching
        assert (watched[0], watched[-1]) == ("running", "cancelled")
        assert (await here.desk.state(LOCAL, taken.run_id)).status == "cancelled"


async def test_a_watcher_that_comes_late_sees_the_present_state_first_and_several_see_the_end(
    open_desk: OpenDesk,
) -> None:
    answers = Answering()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order())
        await until(lambda: answers.runs)
        await asyncio.sleep(0)

        hearing = []

        async def watch() -> list[Any]:
            states = []
            async for state in parts.desk.states(LOCAL, taken.run_id):
                hearing.append(state)
                states.append(state)
            return states

        watching = [asyncio.create_task(watch()) for _ in range(5)]
        gone = asyncio.create_task(watch())
        await until(lambda: len(hearing) >= 6)
        gone.cancel()
        answers.release.set()
        for states in await asyncio.gather(*watching):
            assert (states[0].status, states[0].stage) == ("running", "risk")
            assert states[-1].status == "succeeded"


async def test_a_run_that_nobody_renews_reads_as_failed(engine: Engine, open_desk: OpenDesk, clock: Clock) -> None:
    async with open_desk(Answering()) as parts:
        taken = await parts.desk.take(order())
    with engine.begin() as connection:
        connection.execute(update(runs).values(status="running", error="", finished_at=""))
    async with open_desk(Answering()) as parts:
        assert (await parts.desk.state(LOCAL, taken.run_id)).status == "running"
        clock.now += dt.timedelta(seconds=31)
        state = await parts.desk.state(LOCAL, taken.run_id)
        assert (state.status, state.error["code"]) == ("failed", "run_interrupted")


async def test_what_a_dead_process_left_is_marked_at_the_next_start(
    engine: Engine, open_desk: OpenDesk, clock: Clock
) -> None:
    async with open_desk(Answering()) as parts:
        await parts.desk.take(order())
    with engine.begin() as connection:
        connection.execute(update(runs).values(status="running", error="", finished_at=""))
    clock.now += dt.timedelta(seconds=31)
    async with open_desk(Answering()):
        await until(lambda: row(engine).status == "failed")
    assert "run_interrupted" in row(engine).error


async def test_a_run_at_work_is_renewed_however_long_it_takes(
    engine: Engine, open_desk: OpenDesk, clock: Clock
) -> None:
    answers = Answering()
    async with open_desk(answers) as here, open_desk(Answering()) as there:
        taken = await here.desk.take(order())
        await until(lambda: row(engine).stage == "risk")
        clock.now += dt.timedelta(seconds=20)
        await until(lambda: row(engine).heartbeat_at.startswith("2026-11-20T12:00:20"))
        clock.now += dt.timedelta(seconds=20)
        assert (await there.desk.state(LOCAL, taken.run_id)).in_work


async def test_runs_at_work_when_the_process_ends_are_marked_as_interrupted(
    engine: Engine, open_desk: OpenDesk
) -> None:
    answers = Answering()
    async with open_desk(answers, concurrent=1) as parts:
        await parts.desk.take(order())
        await parts.desk.take(order())
        await until(lambda: answers.runs)
    with engine.connect() as connection:
        ended = connection.execute(select(runs.c.status, runs.c.error)).all()
    assert [status for status, _ in ended] == ["failed", "failed"]
    assert all("run_interrupted" in error for _, error in ended)


async def test_a_dry_run_answers_and_keeps_neither_payload_nor_drafts_nor_thread(
    engine: Engine, open_desk: OpenDesk
) -> None:
    answers = Answering()
    answers.release.set()
    async with open_desk(answers) as parts:
        taken = await parts.desk.take(order(thread_id="t", dry_run=True))
        seen = await parts.desk.wait(LOCAL, taken.run_id, 10)
        assert shown(seen.state)["dry_run"] is True
        assert await parts.desk.report(LOCAL, taken.run_id) == seen.report
    assert answers.remembered == [False]
    assert (count(engine, payloads), count(engine, drafts), row(engine).thread_id) == (0, 0, "")


@pytest.mark.parametrize("stranger", [STRANGER, COLLEAGUE], ids=["tenant", "person"])
async def test_anothers_run_is_not_there(open_desk: OpenDesk, stranger: Principal) -> None:
    async with open_desk(Answering()) as parts:
        taken = await parts.desk.take(order())
        desk = parts.desk
        with pytest.raises(NotFoundError):
            await desk.wait(stranger, taken.run_id, 5)
        for ask in (desk.state, desk.report, desk.cancel):
            with pytest.raises(NotFoundError):
                await ask(stranger, taken.run_id)
        with pytest.raises(NotFoundError):
            await anext(desk.states(stranger, taken.run_id))
        assert (await desk.state(LOCAL, taken.run_id)).in_work


@pytest.mark.parametrize("run_id", ["run_0", "run_\x00", "", "run_" + "0" * 24])
async def test_an_id_that_no_run_has_is_not_there(open_desk: OpenDesk, run_id: str) -> None:
    async with open_desk(Answering()) as parts:
        with pytest.raises(NotFoundError):
            await parts.desk.state(LOCAL, run_id)


async def test_many_posts_with_one_key_are_one_run_across_processes(engine: Engine, open_desk: OpenDesk) -> None:
    answers = Answering()
    async with open_desk(answers) as here, open_desk(answers) as there:
        desks = [here.desk, there.desk] * 10
        taken = await asyncio.gather(*(desk.take(order(key="k")) for desk in desks))
        assert len({one.run_id for one in taken}) == 1
        assert [one.replayed for one in taken].count(False) == 1
        answers.release.set()
        seen = await asyncio.gather(*(desk.wait(LOCAL, taken[0].run_id, 10) for desk in desks))
        assert {one.state.status for one in seen} == {"succeeded"}
        assert len({one.report for one in seen}) == 1
    assert (count(engine, runs), count(engine, repeats), len(answers.runs)) == (1, 1, 1)


async def test_a_key_with_another_body_or_person_is_refused_and_another_tenant_or_client_has_its_own(
    engine: Engine, open_desk: OpenDesk
) -> None:
    mule = Principal("default", "anna", LOCAL.scopes, client="mule")
    async with open_desk(Answering()) as parts:
        first = await parts.desk.take(order(mule, key="k"))
        other_body = order(mule, key="k", payload={**PAYLOAD, "accounts": []})
        other_person = order(Principal("default", "ben", LOCAL.scopes, client="mule"), key="k")
        for refused in (other_body, other_person):
            with pytest.raises(ConflictError) as caught:
                await parts.desk.take(refused)
            assert caught.value.code == "idempotency_mismatch"
        for principal in (
            Principal("other", "anna", LOCAL.scopes, client="mule"),
            Principal("default", "anna", LOCAL.scopes, client="flow"),
        ):
            assert (await parts.desk.take(order(principal, key="k"))).run_id != first.run_id
    assert count(engine, runs) == 3


async def test_a_key_begins_a_new_run_where_the_first_ones_process_ended(open_desk: OpenDesk) -> None:
    async with open_desk(Answering()) as parts:
        first = await parts.desk.take(order(key="k"))
    async with open_desk(Answering()) as parts:
        again = await parts.desk.take(order(key="k"))
        assert (again.run_id == first.run_id, again.replayed) == (False, False)
        assert (await parts.desk.take(order(key="k"))).run_id == again.run_id


async def test_a_run_asked_under_wider_limits_is_not_there(open_desk: OpenDesk) -> None:
    limited = replace(LOCAL, regions=("EMEA",))
    answers = Answering()
    answers.release.set()
    async with open_desk(answers) as parts:
        wide, narrow = await parts.desk.take(order()), await parts.desk.take(order(limited))
        await parts.desk.wait(LOCAL, wide.run_id, 10)
        for ask in (parts.desk.state, parts.desk.report):
            with pytest.raises(NotFoundError):
                await ask(limited, wide.run_id)
        assert (await parts.desk.state(limited, narrow.run_id)).run_id == narrow.run_id
        assert (await parts.desk.state(LOCAL, narrow.run_id)).run_id == narrow.run_id


async def test_a_key_is_new_again_when_its_time_is_over(open_desk: OpenDesk, clock: Clock) -> None:
    async with open_desk(Answering()) as parts:
        first = await parts.desk.take(order(key="k"))
        clock.now += dt.timedelta(hours=23)
        assert (await parts.desk.take(order(key="k"))).run_id == first.run_id
        clock.now += dt.timedelta(hours=2)
        assert (await parts.desk.take(order(key="k"))).run_id != first.run_id


async def test_a_refused_request_uses_up_no_key(engine: Engine, open_desk: OpenDesk) -> None:
    async with open_desk(Answering(), most=0) as parts:
        with pytest.raises(UnavailableError):
            await parts.desk.take(order(key="k"))
    assert count(engine, repeats) == 0
