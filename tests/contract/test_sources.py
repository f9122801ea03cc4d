"""What every source promises, tried on each implementation."""

from __future__ import annotations

import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConnectorError, SourceRefusedError, SourceUnavailableError
from connectors.ports import Read, Row, Source
from connectors.registry import connectors
from connectors.source_config import load_sources
from tests.contract.stand import PERSON, SECRET, Stand, accounts

ALL = accounts()
HOSTILE = (
    "' OR '1'='1",
    "x'; DROP TABLE accounts; --",
    '" OR ""="',
    "EMEA'--",
    "\\' OR 1=1 -- ",
    "EMEA%",
    "_MEA",
    "%(x)s :x ? $1 {0}",
    "EME\u0410",
    "ＥＭＥＡ",
    "\ud800",
    "EMEA\0",
    "'; SELECT pg_sleep(600); --",
    "\n",
    "",
)


@pytest.fixture
def source(stand: Stand) -> Iterator[Source]:
    with closing(stand.open(30.0)) as opened:
        yield opened


def test_rows_stream_with_the_columns_asked_for(stand: Stand, source: Source) -> None:
    columns = (stand.key, stand.name, stand.optional)
    rows = source.rows(stand.read(*columns))
    first = next(rows)
    given = [first, *rows]
    assert all(set(columns) <= set(row) for row in given)
    assert sorted((row[stand.key], row[stand.name]) for row in given) == sorted(
        (account["account_id"], account["name"]) for account in ALL
    )


def test_rows_have_every_column_when_none_is_asked_for(stand: Stand, source: Source) -> None:
    names = {name for row in source.rows(stand.read()) for name in row}
    assert {stand.key, stand.name, stand.group, stand.optional} <= names


def test_an_absent_value_is_none(stand: Stand, source: Source) -> None:
    notes = {row[stand.key]: row[stand.optional] for row in source.rows(stand.read(stand.key, stand.optional))}
    assert notes == {account["account_id"]: account["note"] for account in ALL}


def test_two_reads_give_the_same_rows(stand: Stand, source: Source) -> None:
    read = stand.read(stand.key)
    assert keys(stand, source.rows(read)) == keys(stand, source.rows(read))


def test_a_read_left_half_way_does_not_disturb_the_next(stand: Stand, source: Source) -> None:
    next(source.rows(stand.read(stand.key)))
    assert len(list(source.rows(stand.read(stand.key)))) == len(ALL)


def test_only_narrows_or_gives_more_but_never_less(stand: Stand, source: Source) -> None:
    given = keys(stand, source.rows(stand.read(stand.key, **{stand.group: ("EMEA", "APAC")})))
    wanted = {account["account_id"] for account in ALL if account["region"] in ("EMEA", "APAC")}
    assert wanted <= set(given)
    assert not stand.filters or wanted == set(given)


def test_only_takes_ten_thousand_values(stand: Stand, source: Source) -> None:
    values = (*(f"region '{number}" for number in range(10_000)), "EMEA")
    given = keys(stand, source.rows(stand.read(stand.key, **{stand.group: values})))
    assert {account["account_id"] for account in ALL if account["region"] == "EMEA"} <= set(given)


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_hostile_value_finds_nothing_and_changes_nothing(stand: Stand, source: Source, value: str) -> None:
    given = keys(stand, source.rows(stand.read(stand.key, **{stand.group: (value,)})))
    assert not given if stand.filters else len(given) == len(ALL)
    assert len(list(source.rows(stand.read(stand.key)))) == len(ALL)


def test_an_unknown_origin_is_refused(stand: Stand, source: Source) -> None:
    for origin in ("no_such_thing", "x'; DROP TABLE accounts; --", "../accounts", "acc\0unts", ""):
        assert_safe(failing(SourceRefusedError, lambda: list(source.rows(Read(origin, ("id",))))))  # noqa: B023
    assert len(list(source.rows(stand.read(stand.key)))) == len(ALL)


@pytest.mark.parametrize("column", ["no_such_column", "name, (SELECT 1)", '"', "*", "1"])
def test_an_unknown_column_is_refused_by_its_name(stand: Stand, source: Source, column: str) -> None:
    error = failing(SourceRefusedError, lambda: list(source.rows(stand.read(stand.key, column))))
    assert column in error.message
    assert_safe(error)


def test_an_unknown_column_in_only_is_refused(stand: Stand, source: Source) -> None:
    read = stand.read(stand.key, no_such_column=("x",))
    assert "no_such_column" in failing(SourceRefusedError, lambda: list(source.rows(read))).message


def test_a_misspelt_column_is_told_what_it_may_mean(stand: Stand, source: Source) -> None:
    error = failing(SourceRefusedError, lambda: list(source.rows(stand.read(stand.key, f"{stand.group}s"))))
    assert f"`{stand.group}`" in error.message


def test_a_system_that_does_not_answer_is_unavailable(stand: Stand) -> None:
    if stand.unreachable is None:
        pytest.skip("a local folder is always there")
    with closing(stand.unreachable()) as source:
        assert_safe(failing(SourceUnavailableError, lambda: list(source.rows(stand.read(stand.key)))))


def test_a_login_that_is_not_taken_is_refused(stand: Stand) -> None:
    if stand.refusing is None:
        pytest.skip("files know no login")
    with closing(stand.refusing()) as source:
        assert_safe(failing(SourceRefusedError, lambda: list(source.rows(stand.read(stand.key)))))


def test_a_slow_system_is_given_up_when_the_time_is_over(stand: Stand) -> None:
    if stand.slow is None:
        pytest.skip("nothing in a local folder is slow")
    slow = stand.slow
    with closing(stand.open(0.3)) as source:
        assert_safe(failing(SourceUnavailableError, lambda: list(source.rows(slow))))


def test_nothing_is_read_once_the_time_is_over(stand: Stand) -> None:
    with closing(stand.open(0.0)) as source:
        failing(SourceUnavailableError, lambda: list(source.rows(stand.read(stand.key))))


def test_a_source_is_closed_twice_and_in_mid_read(stand: Stand) -> None:
    source = stand.open(30.0)
    next(source.rows(stand.read(stand.key)))
    source.close()
    source.close()


def test_a_source_never_read_is_closed(stand: Stand) -> None:
    stand.open(30.0).close()


def test_where_says_a_place_and_no_secret(source: Source) -> None:
    assert source.where()
    assert SECRET not in source.where()
    assert SECRET not in repr(source)


def test_extracted_at_is_aware_or_nothing(stand: Stand, source: Source) -> None:
    list(source.rows(stand.read(stand.key)))
    instant = source.extracted_at()
    assert instant is None or instant.tzinfo is not None


def test_a_source_opened_in_one_thread_is_read_in_another(stand: Stand, source: Source) -> None:
    rows: list[Row] = []
    reader = threading.Thread(target=lambda: rows.extend(source.rows(stand.read(stand.key))))
    reader.start()
    reader.join()
    assert len(rows) == len(ALL)


def test_four_sources_are_read_at_the_same_time(stand: Stand) -> None:
    counts: list[int] = []

    def read() -> None:
        with closing(stand.open(30.0)) as source:
            counts.append(len(list(source.rows(stand.read(stand.key)))))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert counts == [len(ALL)] * 4


def test_the_plug_in_is_found_by_its_entry_point(installed_plug_in: None) -> None:
    assert connectors()["helpdesk"].settings.__name__ == "HelpdeskSettings"
    assert {"files", "sql"} <= set(connectors())


@pytest.mark.parametrize("file", ["helpdesk_connector.py", "pyproject.toml"])
def test_the_guide_shows_the_plug_in_that_is_tested(file: str) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "add-a-source.md").read_text(encoding="utf-8")
    assert (Path(__file__).parent / "plugin_example" / file).read_text(encoding="utf-8") in guide


def test_the_guides_configuration_is_one(installed_plug_in: None, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "add-a-source.md").read_text(encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(guide.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    loaded = load_sources(tmp_path / "sources.yaml", environ={"HELPDESK_TOKEN": SECRET})
    assert [source.name for source in loaded.sources] == ["crm", "helpdesk"]


def keys(stand: Stand, rows: Iterator[Row]) -> Counter[Any]:
    return Counter(row[stand.key] for row in rows)


def failing(kind: type[ConnectorError], act: Callable[[], object]) -> ConnectorError:
    with pytest.raises(kind) as caught:
        act()
    return caught.value


def assert_safe(error: ConnectorError) -> None:
    """Neither the message nor a printed traceback holds a row's value or a secret."""
    shown = "".join(traceback.format_exception(error))
    assert SECRET not in shown
    assert PERSON not in shown
