"""Reads a database's URL: its driver, its file where it is one, and its place without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from connectors.errors import SourceRefusedError

_WITH_DRIVER = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_EXAMPLE = "postgresql://user:password@host:5432/database"


@dataclass(frozen=True)
class Address:
    """Where a database is.

    Attributes:
        url: With its password; never shown.
        file: Of an SQLite database; None for a server.
        where: For an operator, without secrets.
    """

    url: URL = field(repr=False)
    file: Path | None
    where: str


def address_of(text: str, folder: Path) -> Address:
    """The address that a URL names; nothing is opened.

    Raises:
        SourceRefusedError: It is no URL of a database.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SourceRefusedError(f"`url` is no database URL; write one such as {_EXAMPLE}.") from None
    url = url.set(drivername=_WITH_DRIVER.get(url.drivername, url.drivername))
    system = url.get_backend_name()
    if system == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise SourceRefusedError("`url` must name a file of SQLite, such as sqlite:///analytics.db.")
        file = Path(folder, str(url.database))
        return Address(url, file, f"sqlite file {file.name}")
    if "@" in (url.host or ""):
        # A password with an @ in it was cut in two, and its second half would be shown as the host.
        raise SourceRefusedError("`url` has an `@` in its password; write it as %40.")
    place = f"{url.host}:{url.port}" if url.port else url.host or "a local socket"
    return Address(url, None, f"{system} at {place}/{url.database or ''}".rstrip("/"))


def refuse_bad_options(text: str) -> None:
    """Refuse options of an SQLite URL that its driver does not take; other drivers check theirs when they connect.

    Raises:
        ValueError: There is one; the message says nothing of it.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return  # Said when it is opened, with an example.
    if url.get_backend_name() != "sqlite":
        return
    try:
        url.get_dialect()().create_connect_args(url)
    except (ArgumentError, NoSuchModuleError, TypeError, ValueError):
        raise ValueError("`url` has options that its driver does not take; leave them out") from None
