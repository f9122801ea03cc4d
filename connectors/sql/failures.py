"""Says what a database's error means, without its text: that holds the statement, its values and parts of rows."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from connectors.errors import ConnectorError, SourceRefusedError, SourceUnavailableError

_LATER = "repeat later."
_TRANSIENT_CLASSES = ("08", "40", "53", "55", "57", "58")
_REFUSALS = {
    "28": "refuses the login; check user and password in `url`.",
    "3D": "has no such database; check the name in `url`.",
    "42501": "does not let this login read that; grant it SELECT.",
    "42P01": "has no such table or view; check `from`, `query` and `schema`.",
    "42703": "has no such column; check the query.",
    "42702": "finds a column of the query ambiguous; name it with AS.",
    "42601": "cannot read the query; check its syntax.",
    "42": "cannot run the query; try it in a client of the database.",
    "3F": "has no such schema; check `schema`.",
    "25": "ends what would write; a source is only read.",
    "22": "cannot convert a value that the query touches; check its casts.",
}
_SQLITE_TRANSIENT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_NOMEM", "SQLITE_PROTOCOL")
_SQLITE_REFUSALS = {
    "SQLITE_CANTOPEN": "cannot be opened; check the path in `url` and the rights of the file and its folder.",
    "SQLITE_NOTADB": "is not an SQLite database.",
    "SQLITE_CORRUPT": "is damaged; restore it.",
    "SQLITE_PERM": "may not be read; check its rights.",
    "SQLITE_AUTH": "may not be read; check its rights.",
    "SQLITE_READONLY": "ends what would write; a source is only read.",
    "SQLITE_TOOBIG": "holds or makes a value of more than 16 MiB; leave it out by a `query`.",
    "SQLITE_ERROR": "cannot run the query; check its tables, columns and syntax.",
}
# The client library tells no code for a failed login, only the server's text: its severity in capitals, then why.
_SERVER_SAID_NO = re.compile(r"failed: [^\W\d_a-z]{3,}:")
_SERVER_SAID_LATER = re.compile(r"starting up|shutting down|recovery|not yet accepting|too many|remaining connection")
_CLIENT_SAID_NO = re.compile(r"password|SSL|certificate|invalid connection option|sslmode", re.I)


def failure(error: SQLAlchemyError, where: str, *, statement_seconds: float) -> ConnectorError:
    """The error to raise in place of a database's."""
    if isinstance(error, PoolTimeoutError):
        return SourceUnavailableError(f"{where} has no free connection; {_LATER}")
    if not isinstance(error, DBAPIError) or error.orig is None:
        return SourceRefusedError(f"{where}: the statement cannot be built; check `from`, `query` and the columns.")
    state = getattr(error.orig, "sqlstate", None)
    name = getattr(error.orig, "sqlite_errorname", None)
    if state:
        return _by_state(state, where, statement_seconds)
    if name:
        return _by_sqlite_name(name, where, statement_seconds)
    return _by_kind(error, str(error.orig), where)


def _by_state(state: str, where: str, statement_seconds: float) -> ConnectorError:
    if state == "57014":
        return SourceUnavailableError(f"{where} {_too_slow(statement_seconds)}")
    if state[:2] in _TRANSIENT_CLASSES:
        return SourceUnavailableError(f"{where} broke off (SQLSTATE {state}); {_LATER}")
    for prefix in (state, state[:2]):
        if prefix in _REFUSALS:
            return SourceRefusedError(f"{where} {_REFUSALS[prefix]}")
    return SourceRefusedError(f"{where} refuses the statement (SQLSTATE {state}).")


def _by_sqlite_name(name: str, where: str, statement_seconds: float) -> ConnectorError:
    if name == "SQLITE_INTERRUPT":
        return SourceUnavailableError(f"{where} {_too_slow(statement_seconds)}")
    if name.startswith(_SQLITE_TRANSIENT):
        return SourceUnavailableError(f"{where} is busy or locked; {_LATER}")
    for prefix, meaning in _SQLITE_REFUSALS.items():
        if name.startswith(prefix):
            return SourceRefusedError(f"{where} {meaning}")
    return SourceRefusedError(f"{where} refuses the statement ({name}).")


def _by_kind(error: DBAPIError, text: str, where: str) -> ConnectorError:
    if isinstance(error, OperationalError | InterfaceError):
        said_no = _SERVER_SAID_NO.search(text) and not _SERVER_SAID_LATER.search(text)
        if said_no or _CLIENT_SAID_NO.search(text):
            return SourceRefusedError(
                f"{where} refuses the connection; check user, password, database and TLS in `url`."
            )
        if "decode to UTF-8" in text:
            return SourceRefusedError(f"{where} holds text that is not UTF-8; leave it out by a `query`.")
        return SourceUnavailableError(f"{where} does not answer; {_LATER}")
    return SourceRefusedError(
        f"{where} gave a value that cannot be read, such as a date after the year 9999, or refuses the statement;"
        " leave it out by a `query`."
    )


def _too_slow(seconds: float) -> str:
    return (
        f"did not answer within {seconds:g} s; {_LATER[:-1]}, or raise `statement_timeout_seconds` or the time for all."
    )
