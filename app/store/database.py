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
from sqlalchemy import Engine, create_engine, event

_BUSY_MILLISECONDS = 30_000


def open_database(url: str) -> Engine:
    """An engine for the URL; SQLite runs in WAL mode and waits for a writer instead of failing."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
            connection.execute("PRAGMA foreign_keys=ON")

    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; a database that is there already costs one query."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def migrations_folder() -> Path:
    """Where the Alembic revisions live."""
    return Path(str(resources.files("app.store").joinpath("migrations")))


def now_text(now: dt.datetime) -> str:
    """An instant as the store keeps it: ISO, UTC, to the microsecond, so that text order is time order."""
    return now.astimezone(dt.UTC).isoformat(timespec="microseconds")
