"""What is particular to databases: what is sent, what may be done, how failures are told."""

from __future__ import annotations

import datetime as dt
import gc
import os
import signal
import socket
import sqlite3
import struct
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from connectors.errors import ConnectorError, SourceRefusedError, SourceUnavailableError
from connectors.ports import Read, Row, Source, SourceContext
from connectors.sql.connector import CONNECTOR, SqlSettings

PASSWORD = "Quicksilver-7-Pa55"
EVERYTHING = "SELECT account_id FROM accounts"


def open_source(url: str, place: Path = Path(), *, seconds: float = 30.0, **settings: Any) -> Source:
    context = SourceContext(str(place), seconds, lambda: dt.datetime.now(dt.UTC))
    source: Source = CONNECTOR.open(msgspec.convert({"url": url, **settings}, CONNECTOR.settings), context)
    return source


def rows(
    url: str, origin: str, *columns: str, only: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> list[Row]:
    with closing(open_source(url, **more)) as source:
        return list(source.rows(Read(origin, columns, only or {})))


def refusal(url: str, origin: str, *columns: str, **more: Any) -> str:
    with pytest.raises(SourceRefusedError) as caught:
        rows(url, origin, *columns, **more)
    return told(caught.value)


def told(error: ConnectorError) -> str:
    """The message, once neither it nor a printed traceback holds the password or a row's value."""
    shown = "".join(traceback.format_exception(error))
    assert PASSWORD not in shown and "Quillfeather" not in shown
    return error.message


@pytest.fixture
def postgres(postgres_url: str) -> str:
    """A database with accounts and an odd table."""
    with psycopg.connect(postgres_url) as database:
        database.execute("CREATE TABLE accounts (account_id text, seats int, price numeric, since date, active bool)")
        database.execute("INSERT INTO accounts VALUES ('A1', 10, 1.50, '2026-11-02', true), ('A2', 20, 2, NULL, false)")
        database.execute("CREATE VIEW renewals AS SELECT account_id FROM accounts WHERE seats > 15")
        database.execute("CREATE SCHEMA analytics")
        database.execute('CREATE TABLE analytics."Weekly % Usage; --" ("Week :start" text, "select" text, "a""b" text)')
        database.execute("""INSERT INTO analytics."Weekly % Usage; --" VALUES ('w', 's', 'Quillfeather')""")
    return postgres_url


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE accounts (account_id TEXT, seats INTEGER)")
        database.executemany("INSERT INTO accounts VALUES (?, ?)", [("A1", 10), ("A2", 20)])
        database.commit()
    return f"sqlite:///{tmp_path}/a.db"


def test_values_keep_the_types_of_the_database(postgres: str) -> None:
    row = rows(postgres, "accounts")[0]
    assert row == {
        "account_id": "A1",
        "seats": 10,
        "price": Decimal("1.50"),
        "since": dt.date(2026, 11, 2),
        "active": True,
    }


def test_a_view_and_a_schemas_table_with_an_odd_name_are_read(postgres: str) -> None:
    assert rows(postgres, "renewals") == [{"account_id": "A2"}]
    odd = {"Week :start": "w", "select": "s", 'a"b': "Quillfeather"}
    assert rows(postgres, "analytics.Weekly % Usage; --", *odd) == [odd]
    assert rows(postgres, "Weekly % Usage; --", schema="analytics") == [odd]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT account_id AS id FROM accounts WHERE seats > 15",
        "select account_id as id from accounts where seats > 15;",
        "\n  WITH big AS (SELECT * FROM accounts WHERE seats > 15) SELECT account_id AS id FROM big  ",
        "-- the big ones\n/* only */ SELECT account_id AS id FROM accounts WHERE seats > 15 -- no more",
        "SELECT account_id AS id FROM accounts WHERE account_id LIKE '%2' AND ' :x' <> '%(y)s'",
    ],
)
def test_a_query_is_read_like_a_table(postgres: str, sqlite: str, query: str) -> None:
    for url in (postgres, sqlite):
        assert rows(url, query, "id", only={"id": ("A1", "A2")}) == [{"id": "A2"}]
        assert rows(url, query, "id", only={"id": ("A1",)}) == []


def test_a_query_with_casts_of_postgresql_is_read(postgres: str) -> None:
    assert rows(postgres, "SELECT seats::text AS s, '12:30'::time::text AS t FROM accounts LIMIT 1") == [
        {"s": "10", "t": "12:30:00"}
    ]


def test_a_table_named_like_a_keyword_is_a_table(sqlite: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE with_orders (id TEXT)")
        database.execute('CREATE TABLE "select" (id TEXT)')
    assert rows(sqlite, "with_orders") == rows(sqlite, "select") == []


def test_columns_that_are_no_text_are_not_narrowed_on_the_server(postgres: str) -> None:
    for column, value in (("seats", "10"), ("price", "1.5"), ("active", "True"), ("since", "02.11.2026")):
        assert len(rows(postgres, "accounts", "account_id", only={column: (value,)})) == 2


def test_narrowing_happens_on_the_server(postgres: str) -> None:
    assert rows(postgres, "accounts", "seats", only={"account_id": ("A2",)}) == [{"seats": 20}]
    assert rows(postgres, "accounts", "seats", only={"account_id": ()}) == []


def test_more_values_than_a_statement_holds_give_more_rows(postgres: str, sqlite: str) -> None:
    many = tuple(f"A{number}" for number in range(5, 70_000))
    for url in (postgres, sqlite):
        assert len(rows(url, "accounts", "account_id", only={"account_id": many})) == 2
    both = dict.fromkeys(("account_id", "note"), many[:19_000])
    assert rows(sqlite, "SELECT account_id, 'n' AS note FROM accounts", "note", only=both) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS a) AS q; DELETE FROM accounts; --",
        "SELECT 1 AS a; DELETE FROM accounts",
        "WITH gone AS (DELETE FROM accounts RETURNING account_id) SELECT account_id FROM gone",
        "SELECT 1 AS a) AS q; COMMIT; DELETE FROM accounts; --",
        "SELECT nextval('numbers') AS a",
        "SELECT lo_create(0) AS a",
        "SELECT set_config('transaction_read_only', 'off', true) AS a, lo_create(0) AS b",
    ],
)
def test_a_query_changes_nothing(postgres: str, sqlite: str, query: str) -> None:
    with psycopg.connect(postgres) as database:
        database.execute("CREATE SEQUENCE numbers")
    for url in (postgres, sqlite):
        refusal(url, query)
        assert len(rows(url, EVERYTHING)) == 2


def test_sqlite_is_opened_for_reading_and_never_made(sqlite: str, tmp_path: Path) -> None:
    assert "`url`" in refusal("sqlite:///none.db", "accounts", place=tmp_path)
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database " * 100)
    assert "is not an SQLite database" in refusal("sqlite:///text.db", "accounts", place=tmp_path)


def test_a_path_of_sqlite_begins_at_the_configuring_file(sqlite: str, tmp_path: Path) -> None:
    (tmp_path / "100% #1?").mkdir()
    (tmp_path / "a.db").rename(tmp_path / "100% #1?" / "b.db")
    assert len(rows("sqlite:///b.db", "accounts", place=tmp_path / "100% #1?")) == 2


def test_two_columns_of_one_name_are_refused(postgres: str, sqlite: str) -> None:
    assert "two columns `a`" in refusal(postgres, "SELECT 1 AS a, 2 AS a", "a")
    assert rows(postgres, "SELECT 1 AS a, 2 AS a, 3 AS b", "b") == [{"b": 3}]


def test_misspelt_names_are_told_what_they_may_mean(postgres: str, sqlite: str) -> None:
    for url in (postgres, sqlite):
        assert "`acounts` (near: `accounts`)" in refusal(url, "acounts", "account_id")
        assert "`seat` (near: `seats`)" in refusal(url, "accounts", "seat")
        assert "`SEATS` (near: `seats`)" in refusal(url, "accounts", "SEATS")
        assert "`seat` (near: `seats`)" in refusal(url, "SELECT seats FROM accounts", "seat")
    assert "`renewal` (near: `renewals`)" in refusal(postgres, "renewal")


def test_a_table_that_may_not_be_read_is_told_from_one_that_is_not_there(postgres: str) -> None:
    with psycopg.connect(postgres) as database:
        role = f"reader_{database.info.dbname}"
        database.execute(f"CREATE ROLE {role} LOGIN")
    assert "grant it SELECT" in refusal(postgres.replace("postgres:", f"{role}:", 1), "accounts")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT FROM WHERE", "syntax"),
        ("SELECT nothing FROM accounts", "no such column"),
        ("SELECT 1 AS a FROM nothing", "no such table"),
        ("SELECT account_id::int AS a FROM accounts", "casts"),
        ("SELECT '24:00:00'::time AS a, 'Quillfeather' AS b", "cannot be read"),
    ],
)
def test_what_a_query_cannot_do_is_told_without_its_values(postgres: str, query: str, said: str) -> None:
    assert said in refusal(postgres, query)


def test_text_that_is_none_is_told_without_it(sqlite: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("INSERT INTO accounts VALUES (CAST(X'5175696C6C66656174686572FF' AS TEXT), 1)")
        database.commit()
    assert "not UTF-8" in refusal(sqlite, "accounts")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "is no database URL"),
        ("host/database", "is no database URL"),
        (f"postgresql://user:{PASSWORD}@host:port/database", "is no database URL"),
        (f"postgresql://user:pa@{PASSWORD}@host/database", "%40"),
        (f"nosuchdb://user:{PASSWORD}@host/database", "does not know"),
        (f"postgresql+nosuch://user:{PASSWORD}@host/database", "does not know"),
        (f"mysql://user:{PASSWORD}@host/database", "pip install mysqlclient"),
        (f"mysql+pymysql://user:{PASSWORD}@host/database", "pip install pymysql"),
        (f"postgresql+psycopg2://user:{PASSWORD}@host/database", "write postgresql://"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_it(url: str, said: str) -> None:
    with pytest.raises(SourceRefusedError) as caught:
        open_source(url)
    assert said in told(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_where_is_the_place_without_the_login(scheme: str) -> None:
    source = open_source(f"{scheme}://reader:{PASSWORD}@db.example:5432/analytics?sslpassword={PASSWORD}")
    assert source.where() == "postgresql at db.example:5432/analytics"
    assert open_source("postgresql://db.example/analytics").where() == "postgresql at db.example/analytics"
    assert open_source("sqlite:///some/where/a.db").where() == "sqlite file a.db"


def test_settings_never_show_the_url() -> None:
    settings = SqlSettings(url=f"postgresql://u:{PASSWORD}@h/d")
    assert PASSWORD not in repr(settings) + str(settings) + f"{settings.__rich_repr__()}"


def test_a_database_that_is_not_there_and_a_login_that_is_none_are_refused(postgres: str) -> None:
    gone = postgres.replace("/t", "/gone_t", 1)
    assert "refuses the connection" in refusal(gone, "accounts")
    assert "refuses the connection" in refusal(postgres.replace("postgres:", "nobody:", 1), "accounts")


@contextmanager
def answering(severity: str, text: str) -> Iterator[str]:
    """A server that meets every login with one message of PostgreSQL's protocol."""
    fields = b"".join(code + value.encode() + b"\0" for code, value in ((b"S", severity), (b"M", text))) + b"\0"
    message = b"E" + struct.pack("!i", len(fields) + 4) + fields

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.recv(65_536)
                line.sendall(message)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"postgresql://reader:{PASSWORD}@127.0.0.1:{listener.getsockname()[1]}/d?sslmode=disable&gssencmode=disable"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    ("severity", "text", "kind"),
    [
        ("FATAL", f'password authentication failed for user "{PASSWORD}"', SourceRefusedError),
        ("FATAL", f"Passwort-Authentifizierung fehlgeschlagen: {PASSWORD}", SourceRefusedError),
        ("ВАЖНО", "пользователь не прошёл проверку", SourceRefusedError),
        ("FATAL", 'no pg_hba.conf entry for host "127.0.0.1"', SourceRefusedError),
        ("FATAL", "the database system is starting up", SourceUnavailableError),
        ("FATAL", "sorry, too many clients already", SourceUnavailableError),
    ],
)
def test_a_login_that_is_wrong_is_told_from_a_server_that_is_busy(
    severity: str, text: str, kind: type[ConnectorError]
) -> None:
    with answering(severity, text) as url, pytest.raises(kind) as caught:
        rows(url, "accounts")
    told(caught.value)


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"postgresql://reader:{PASSWORD}@127.0.0.1:{listener.getsockname()[1]}/d"


@pytest.mark.parametrize("limits", [{"connect_timeout_seconds": 0.2}, {"seconds": 0.2}], ids=["connecting", "all"])
def test_a_server_that_never_greets_is_given_up(limits: dict[str, float]) -> None:
    with silent() as url, pytest.raises(SourceUnavailableError) as caught:
        rows(url, "accounts", **limits)
    told(caught.value)


@pytest.fixture
def many_rows(postgres_url: str) -> str:
    """A table of many pages."""
    with psycopg.connect(postgres_url) as database:
        database.execute(
            "CREATE TABLE events AS SELECT n::text AS id, 'Quillfeather' AS who FROM generate_series(1, 50000) n"
        )
    return postgres_url


def backend_of(url: str) -> int:
    with psycopg.connect(url) as database:
        found = database.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'baton' AND datname = current_database()"
        ).fetchall()
    ((pid,),) = found
    return int(pid)


def test_a_connection_that_dies_in_mid_read_is_unavailable(many_rows: str) -> None:
    with closing(open_source(many_rows, page_rows=100)) as source:
        reading = source.rows(Read("events", ("id", "who")))
        next(reading)
        with psycopg.connect(many_rows) as database:
            database.execute("SELECT pg_terminate_backend(%s)", (backend_of(many_rows),))
        with pytest.raises(SourceUnavailableError) as caught:
            list(reading)
        assert "SQLSTATE 57P01" in told(caught.value) or "does not answer" in told(caught.value)
        assert len(list(source.rows(Read("events", ("id",))))) == 50_000


@pytest.mark.parametrize(
    "query",
    [
        "SELECT {} AS a",
        "SELECT {} AS a FROM generate_series(1, 3) n",
        "WITH w AS MATERIALIZED (SELECT {} AS a) SELECT a FROM w",
    ],
)
def test_a_connection_that_dies_before_its_first_row_is_unavailable(postgres_url: str, query: str) -> None:
    with pytest.raises(SourceUnavailableError) as caught:
        rows(postgres_url, query.format("pg_terminate_backend(pg_backend_pid())::text"))
    told(caught.value)
    gc.collect()


def test_a_server_that_falls_silent_in_mid_read_is_given_up(many_rows: str) -> None:
    with closing(open_source(many_rows, page_rows=100, seconds=1.0)) as source:
        reading = source.rows(Read("events", ("id", "who")))
        next(reading)
        backend = backend_of(many_rows)
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(SourceUnavailableError, match="longer than 1 s") as caught:
                list(reading)
        finally:
            os.kill(backend, signal.SIGCONT)
        told(caught.value)


def test_a_server_that_falls_silent_before_its_first_row_is_given_up(postgres: str) -> None:
    caught: list[ConnectorError] = []

    def read() -> None:
        with pytest.raises(SourceUnavailableError, match="longer than 1 s") as error:
            rows(postgres, "accounts", seconds=1.0)
        caught.append(error.value)

    with psycopg.connect(postgres) as other:
        other.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        reader = threading.Thread(target=read)
        reader.start()
        waiting = "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database WHERE NOT granted AND datname = %s"
        while (found := other.execute(waiting, (other.info.dbname,)).fetchone()) is None:
            assert reader.is_alive()
        os.kill(found[0], signal.SIGSTOP)
        try:
            reader.join()
        finally:
            os.kill(found[0], signal.SIGCONT)
    told(caught.pop())
    gc.collect()


def test_a_statement_that_takes_too_long_is_given_up(postgres: str, sqlite: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS many FROM n"
    for url, query in ((postgres, "SELECT pg_sleep(600)::text AS a"), (sqlite, endless)):
        with pytest.raises(SourceUnavailableError) as caught:
            rows(url, query, statement_timeout_seconds=0.2)
        assert "`statement_timeout_seconds`" in told(caught.value)


def test_every_page_of_sqlite_has_its_own_time(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute(
            "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) SELECT i FROM n"
        )
        database.commit()
    with closing(open_source("sqlite:///a.db", tmp_path, page_rows=1, statement_timeout_seconds=0.3)) as source:
        reading = source.rows(Read("t", ("i",)))
        next(reading)
        threading.Event().wait(0.4)
        next(reading)
        threading.Event().wait(0.1)
        assert sum(1 for _ in zip(reading, range(20_000), strict=False)) == 20_000


def test_a_reader_who_dawdles_is_told_when_the_time_is_over(sqlite: str) -> None:
    with closing(open_source(sqlite, seconds=0.2, page_rows=1)) as source:
        reading = source.rows(Read("accounts", ("account_id",)))
        next(reading)
        threading.Event().wait(0.3)
        with pytest.raises(SourceUnavailableError, match=r"longer than 0\.2 s"):
            next(reading)


def test_a_locked_table_is_unavailable(postgres: str) -> None:
    with psycopg.connect(postgres) as other:
        other.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceUnavailableError):
            rows(postgres, "accounts", statement_timeout_seconds=0.2)


def test_a_query_tells_when_the_data_was_loaded(postgres: str, sqlite: str, tmp_path: Path) -> None:
    nine = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
    said = {
        "SELECT timestamptz '2026-11-16 10:00:00+01' AS t": nine,
        "SELECT timestamp '2026-11-16 09:00:00' AS t": nine,
        "SELECT '2026-11-16T09:00:00Z' AS t": nine,
        "SELECT max(since) AS t FROM accounts": dt.datetime(2026, 11, 2, tzinfo=dt.UTC),
        "SELECT max(since) AS t FROM accounts WHERE false": None,
        "SELECT since AS t FROM accounts WHERE false": None,
    }
    for query, instant in said.items():
        assert open_source(postgres, loaded_at_query=query).extracted_at() == instant
    assert open_source(sqlite).extracted_at() is None
    for query in ("SELECT 5 AS t", "SELECT 'Quillfeather' AS t"):
        with pytest.raises(SourceRefusedError, match="loaded_at_query") as caught:
            open_source(sqlite, loaded_at_query=query).extracted_at()
        told(caught.value)


def test_no_connection_stays_open_after_reading(postgres: str) -> None:
    with closing(open_source(postgres)) as source:
        list(source.rows(Read("accounts")))
        reading = source.rows(Read("accounts"))
        next(reading)
    counted = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'baton' AND datname = current_database()"
    with psycopg.connect(postgres, autocommit=True) as database:
        # The server notices a moment later that its caller has gone.
        counts = (database.execute(counted).fetchone() for _ in range(2_000))
        assert (0,) in counts
    assert list(reading) == []


def test_days_that_python_has_not_come_as_text_and_spoil_no_reading(postgres: str) -> None:
    row = rows(
        postgres,
        "SELECT 'infinity'::date AS a, '-infinity'::timestamp AS b, 'infinity'::timestamptz AS c,"
        " '12000-01-31'::date AS d, '2026-11-02'::date AS e",
    )[0]
    assert (row["a"], row["b"], row["c"], row["d"]) == ("infinity", "-infinity", "infinity", "12000-01-31")
    assert row["e"] == dt.date(2026, 11, 2)


@pytest.mark.parametrize("made", ["randomblob(900000000)", "replace(hex(zeroblob(8000000)), '0', 'aaaa')"])
def test_sqlite_makes_no_huge_value(sqlite: str, made: str) -> None:
    assert "more than 16 MiB" in refusal(sqlite, f"SELECT {made} AS x")


def test_a_line_that_was_cut_is_told_once_and_logs_no_traceback(
    many_rows: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_source(many_rows, seconds=0.5, page_rows=10)) as source:
        reading = source.rows(Read("events"))
        next(reading)
        threading.Event().wait(0.8)
        with pytest.raises(SourceUnavailableError):
            list(reading)
    assert [record.message for record in caplog.records if record.name.startswith("sqlalchemy")] == []


@pytest.mark.parametrize("query", ["timeout=abc", "cached_statements=many", "check_same_thread=perhaps"])
def test_options_that_sqlite_does_not_take_are_no_setting(query: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="options") as caught:
        open_source(f"sqlite:///{PASSWORD}.db?{query}-{PASSWORD}")
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
