"""Reads an organisation's objects by SOQL, page by page, through ended sessions, lost cursors and short outages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import requests
import tenacity
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from connectors.errors import ConnectorError, SourceUnavailableError
from connectors.ports import Read, Row, SourceContext
from connectors.salesforce.answers import (
    PassingError,
    error_code,
    fields_of,
    is_ended_session,
    is_passing,
    overdue,
    page_of,
    said_error,
)
from connectors.salesforce.places import host_of, origin_of
from connectors.salesforce.rows import shape_of, to_row
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.sign_in import Grant, sign_in
from connectors.salesforce.soql import Query, queries
from connectors.salesforce.wire import open_session
from connectors.toolkit.deadline import Deadline

_TRIES = 4
_FAILURES = (SalesforceError, requests.RequestException, PassingError, RecursionError)
_UNFILTERABLE = frozenset({"INVALID_FIELD", "INVALID_QUERY_FILTER_OPERATOR"})

Ask = Callable[[Salesforce, dict[str, Any]], Any]


class SalesforceSource:
    """One organisation, signed in when first read; satisfies `connectors.ports.Source`."""

    def __init__(self, settings: SalesforceSettings, context: SourceContext) -> None:
        self._settings = settings
        self._folder = Path(context.folder)
        self._clock = context.clock
        self._deadline = Deadline(context.timeout_seconds)
        self._session = open_session(settings, self._folder, self._deadline)
        self._client: Salesforce | None = None

    def rows(self, read: Read) -> Iterator[Row]:
        """The records of an object; filtered where Salesforce can filter by the field, all of them otherwise."""
        columns = read.paths or read.columns or self._all_fields(read.origin)
        try:
            yield from self._rows(read.origin, columns, read.only)
        except _UnfilterableError:
            # Asked for as columns, filters that do not exist are still told from those that cannot be filtered by.
            names = {column.casefold() for column in columns}
            filters = (name for name in read.only if name.casefold() not in names)
            yield from self._rows(read.origin, (*columns, *filters), {})

    def extracted_at(self) -> dt.datetime | None:
        """Salesforce is read live."""
        return None

    def where(self) -> str:
        """The organisation's host, and how the source signs in."""
        host = host_of(origin_of(self._settings.instance_url or self._settings.login_url))
        return f"Salesforce at {host} ({self._settings.way_in})"

    def close(self) -> None:
        """Give the connections back."""
        self._client = None
        self._session.close()

    def _rows(self, origin: str, columns: tuple[str, ...], only: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
        shape = shape_of(columns)
        given = _Given()
        for query in queries(origin, columns, only):
            for record in self._records(query, given):
                yield to_row(record, shape)

    def _records(self, query: Query, given: _Given) -> Iterator[dict[str, Any]]:
        """The records not given yet; a cursor that was lost is opened anew once."""
        reopened = False
        page = page_of(self._ask(_first(query), query))
        came = 0
        while True:
            came += len(page.records)
            yield from given.new(page.records)
            if not page.following:
                if came < page.total:
                    raise SourceUnavailableError(
                        f"Salesforce gave {came:,} of {page.total:,} records of {query.origin}: repeat later."
                    )
                return
            try:
                page = page_of(self._ask(_following(page.following), query))
            except _LostCursorError:
                if reopened or given.without_id:
                    raise
                reopened = True
                page, came = page_of(self._ask(_first(query), query)), 0

    def _all_fields(self, origin: str) -> tuple[str, ...]:
        """The names of an object's fields, where the mapping takes all there are."""
        return fields_of(self._ask(_describe(origin), next(queries(origin, (), {}))))

    def _ask(self, ask: Ask, query: Query) -> Any:
        """One answer: repeated while the failure may pass, and once more with a new token when the session ended."""
        try:
            try:
                return self._patiently(lambda: ask(self._signed_in(), self._options()))
            except SalesforceError as error:
                if not is_ended_session(error) or self._settings.access_token:
                    raise
                self._client = None
            return self._patiently(lambda: ask(self._signed_in(), self._options()))
        except _FAILURES as error:
            failure: Exception = error
        # Outside the block, so that the client's error, which holds addresses, tokens and answers, goes no further.
        self._raise(failure, query)

    def _raise(self, error: Exception, query: Query) -> NoReturn:
        code = error_code(error) if isinstance(error, SalesforceError) else ""
        if code == "INVALID_QUERY_LOCATOR":
            raise _LostCursorError
        if code in _UNFILTERABLE and " WHERE " in query.text:
            raise _UnfilterableError
        raise said_error(error, query, self._known(query.origin) if code == "INVALID_FIELD" else ())

    def _known(self, origin: str) -> tuple[str, ...]:
        """An object's fields, for a hint; none where they are not to be had."""
        try:
            return fields_of(_describe(origin)(self._signed_in(), self._options()))
        except (*_FAILURES, ConnectorError):
            return ()

    def _patiently(self, attempt: Callable[[], Any]) -> Any:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(is_passing),
            stop=lambda state: state.attempt_number >= _TRIES or state.upcoming_sleep >= self._deadline.left_seconds(),
            wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=5, jitter=0.2),
            reraise=True,
        )
        return retrying(attempt)

    def _signed_in(self) -> Salesforce:
        if self._client is None:
            grant = sign_in(
                self._settings,
                self._session,
                folder=self._folder,
                timeout_seconds=self._timeout_seconds(),
                now=self._clock(),
            )
            self._client = _client(grant, self._settings.version, self._session)
        return self._client

    def _options(self) -> dict[str, Any]:
        return {
            "headers": {"Sforce-Query-Options": f"batchSize={self._settings.page_size}"},
            "timeout": self._timeout_seconds(),
            "allow_redirects": False,
        }

    def _timeout_seconds(self) -> float:
        left = self._deadline.left_seconds()
        if not left:
            raise overdue()
        return min(self._settings.timeout_seconds, left)


class _UnfilterableError(Exception):
    """The object's fields can be read, but not filtered by."""


class _LostCursorError(SourceUnavailableError):
    """The query must be asked anew."""

    def __init__(self) -> None:
        super().__init__("Salesforce forgot the query before its end was read (INVALID_QUERY_LOCATOR): repeat later.")


class _Given:
    """The records of one reading that were given already."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self.without_id = False

    def new(self, records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The records not given before, from now on given."""
        for record in records:
            record_id = record.get("Id")
            if not isinstance(record_id, str):
                self.without_id = True
            elif record_id in self._ids:
                continue
            else:
                self._ids.add(record_id)
            yield record


def _client(grant: Grant, version: str, session: requests.Session) -> Salesforce:
    client = Salesforce(
        session_id=grant.access_token,
        instance_url=grant.instance,
        version=version,
        session=session,
        object_pairs_hook=None,
    )
    # The client itself would speak https to any address; on this machine plain http will do.
    client.base_url = f"{grant.instance}/services/data/v{version}/"
    client.headers.pop("X-PrettyPrint", None)
    return client


def _first(query: Query) -> Ask:
    return lambda client, options: client.query(query.text, **options)


def _following(locator: str) -> Ask:
    return lambda client, options: client.query_more(locator, **options)


def _describe(origin: str) -> Ask:
    return lambda client, options: client.restful(f"sobjects/{origin}/describe", **options)
