"""Opens the database and brings its schema up to date."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from app.errors import ConfigurationError

_BUSY_MILLISECONDS = 30_000
_MIGRATING = 7_203_114
"""The lock that one migrating process holds; any number will do that nobody else takes in the same database."""

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_DRIVERS |= {driver: driver for driver in _DRIVERS.values()}


def open_database(url: str) -> Engine:
    """An engine for the URL; SQLite runs in WAL mode and waits for a writer instead of failing.

    Raises:
        ConfigurationError: The URL names neither SQLite nor PostgreSQL.
    """
    address = _address(url)
    # Errors are logged; what a statement carried (texts, names) is not.
    engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite", hide_parameters=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
            connection.execute("PRAGMA foreign_keys=ON")

    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; a database that is there already costs one query.

    Raises:
        ConfigurationError: The database cannot be reached, or lets nobody in.
    """
    try:
        with engine.begin() as connection:
            _upgrade(connection)
    except OperationalError as error:
        if error.connection_invalidated or error.statement is None:  # Nothing was asked yet: it was never reached.
            raise ConfigurationError(
                "The database of BATON_DATABASE_URL cannot be reached; check its host, port, name, user and password."
            ) from None
        raise


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    newest = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == newest:
        return
    if connection.dialect.name == "postgresql":  # Of several replicas that start together one migrates, the rest wait.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def one_at_a_time(connection: Connection, name: str) -> None:
    """Let one transaction at a time go on past here, of all that name the same; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        return address.set(drivername=_DRIVERS[address.drivername])
    except (ArgumentError, KeyError):
        raise ConfigurationError(
            "BATON_DATABASE_URL must be such as postgresql://user:password@host:5432/name, or sqlite:///file.db."
        ) from None


def migrations_folder() -> Path:
    """Where the Alembic revisions live."""
    return Path(str(resources.files("app.store").joinpath("migrations")))


def now_text(now: dt.datetime) -> str:
    """An instant as the store keeps it: ISO, UTC, to the microsecond, so that text order is time order."""
    return now.astimezone(dt.UTC).isoformat(timespec="microseconds")
