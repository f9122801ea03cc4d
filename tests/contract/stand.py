"""What the contract suite needs of a system: the same accounts in it, and ways to open it well and badly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from connectors.ports import Connector, Read, Source, SourceContext

SECRET = "Quicksilver-7-Pa55"
"""Every stand signs in with it where its system knows passwords; no text may hold it."""
PERSON = "Quillfeather"
"""Every account's name holds it; no message may hold it."""
GROUPS = ("EMEA", "AMER", "APAC")


def accounts(count: int = 90) -> list[dict[str, str | None]]:
    """Accounts with awkward but honest values; every seventh has no note."""
    return [
        {
            "account_id": f"A{number:04}",
            "name": f'{PERSON} & Söhne "{number}%", 日本\'s',
            "region": GROUPS[number % 3],
            "note": None if number % 7 == 0 else f"line one of {number}\nline two; with, every | delimiter",
        }
        for number in range(count)
    ]


@dataclass(frozen=True)
class Stand:
    """A system with accounts.

    Attributes:
        open: Opens a source with so many seconds for all.
        origin: What `from` says to read the accounts.
        key, name, group, optional: Its words for the account's id, name, region, and a column that some lack.
        filters: Whether it narrows by `only`.
        unreachable: Opens a source whose system does not answer; None where there is nothing to reach.
        refusing: Opens a source whose system refuses the login; None where there is no login.
        slow: Something to read that takes far longer than any test waits.
    """

    open: Callable[[float], Source]
    origin: str = "accounts"
    key: str = "account_id"
    name: str = "name"
    group: str = "region"
    optional: str = "note"
    filters: bool = True
    unreachable: Callable[[], Source] | None = None
    refusing: Callable[[], Source] | None = None
    slow: Read | None = None

    def read(self, *columns: str, **only: tuple[str, ...]) -> Read:
        """A read of the accounts."""
        return Read(self.origin, columns, only)


def opener(connector: Connector, folder: Path, **settings: Any) -> Callable[[float], Source]:
    """Opens a connector's source as the service does: settings read into their type, a context lent."""

    def open_source(seconds: float = 30.0) -> Source:
        context = SourceContext(str(folder), seconds, lambda: dt.datetime.now(dt.UTC))
        source: Source = connector.open(msgspec.convert(settings, connector.settings), context)
        return source

    return open_source
