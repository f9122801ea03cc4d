"""The systems that the contract suite runs on; a new source needs one fixture `<name>_stand` and its name below."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import socket
import sqlite3
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from hatchling.builders.wheel import WheelBuilder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.files.connector import CONNECTOR as FILES
from connectors.ports import Read
from connectors.salesforce.connector import CONNECTOR as SALESFORCE
from connectors.sample.salesforce_server import App, SalesforceServer
from connectors.shim.serving import served
from connectors.sql.connector import CONNECTOR as SQL
from tests.contract.stand import SECRET, Stand, accounts, opener
from tests.postgres import module_postgres_url, postgres_server, postgres_url

__all__ = ["module_postgres_url", "postgres_server", "postgres_url"]

STANDS = ("csv", "csv_gz", "jsonl", "json", "parquet", "sqlite", "postgresql", "salesforce", "plug_in")
ROWS = accounts()
NAMES = list(ROWS[0])
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS many FROM n"


@pytest.fixture(params=STANDS)
def stand(request: pytest.FixtureRequest) -> Stand:
    """Each system in turn."""
    found: Stand = request.getfixturevalue(f"{request.param}_stand")
    return found


@pytest.fixture(scope="module")
def csv_stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("csv")
    write_csv(folder / "accounts.csv")
    return Stand(opener(FILES, folder), origin="accounts.csv")


@pytest.fixture(scope="module")
def csv_gz_stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("csv_gz")
    write_csv(folder / "accounts.csv")
    (folder / "accounts.csv.gz").write_bytes(gzip.compress((folder / "accounts.csv").read_bytes()))
    return Stand(opener(FILES, folder), origin="accounts.csv.gz")


@pytest.fixture(scope="module")
def jsonl_stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("jsonl")
    lines = ({name: value for name, value in row.items() if value is not None} for row in ROWS)
    (folder / "accounts.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return Stand(opener(FILES, folder), origin="accounts.jsonl")


@pytest.fixture(scope="module")
def json_stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("json")
    (folder / "accounts.json").write_text(json.dumps(ROWS), encoding="utf-8")
    return Stand(opener(FILES, folder), origin="accounts.json")


@pytest.fixture(scope="module")
def parquet_stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("parquet")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), folder / "accounts.parquet")
    return Stand(opener(FILES, folder), origin="accounts.parquet")


@pytest.fixture(scope="module")
def sqlite_stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("sqlite")
    for name in ("accounts.db", "locked.db"):
        with sqlite3.connect(folder / name) as database:
            fill(database)
        database.close()
    lock = sqlite3.connect(folder / "locked.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    locked = opener(SQL, folder, url="sqlite:///locked.db", connect_timeout_seconds=0.05)
    yield Stand(
        opener(SQL, folder, url="sqlite:///accounts.db"),
        unreachable=lambda: locked(30.0),
        slow=Read(ENDLESS, ("many",)),
    )
    lock.close()


@pytest.fixture(scope="module")
def postgresql_stand(module_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    folder = tmp_path_factory.mktemp("postgresql")
    with psycopg.connect(module_postgres_url) as database:
        fill(database.cursor())
        locked_out_role = f"locked_out_{database.info.dbname}"
        database.execute(f"CREATE ROLE {locked_out_role} NOLOGIN")
    url = module_postgres_url.replace("postgres:@", f"postgres:{SECRET}@")
    nobody = opener(SQL, folder, url=f"postgresql://baton:{SECRET}@127.0.0.1:{unused_port()}/baton")
    locked_out = opener(SQL, folder, url=url.replace("postgres:", f"{locked_out_role}:", 1))
    return Stand(
        opener(SQL, folder, url=url),
        unreachable=lambda: nobody(30.0),
        refusing=lambda: locked_out(30.0),
        slow=Read("SELECT pg_sleep(600)::text AS many", ("many",)),
    )


@pytest.fixture(scope="module")
def salesforce_stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("salesforce")
    words = {"account_id": "Id", "name": "Name", "region": "Region__c", "note": "Note__c"}
    records = [{words[name]: value for name, value in row.items()} for row in ROWS]
    salesforce = SalesforceServer({"Account": records}, apps=[App("baton", SECRET)], page_size=40)
    with served(sleeping(salesforce.app, "Asleep__c")) as url:
        login = {"login_url": url, "client_id": "baton"}
        nobody = opener(
            SALESFORCE, folder, **{**login, "login_url": f"http://127.0.0.1:{unused_port()}"}, client_secret=SECRET
        )
        stranger = opener(SALESFORCE, folder, **login, client_secret=f"{SECRET}-of-another")
        yield Stand(
            opener(SALESFORCE, folder, **login, client_secret=SECRET),
            origin="Account",
            key="Id",
            name="Name",
            group="Region__c",
            optional="Note__c",
            unreachable=lambda: nobody(30.0),
            refusing=lambda: stranger(30.0),
            slow=Read("Asleep__c", ("Id",)),
        )


@pytest.fixture(scope="module")
def plug_in_stand(installed_plug_in: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    (connector,) = (entry.load() for entry in entry_points(group="baton.connectors") if entry.name == "helpdesk")
    folder = tmp_path_factory.mktemp("plug_in")
    with served(helpdesk()) as url:
        nobody = opener(connector, folder, url=f"http://127.0.0.1:{unused_port()}", token=SECRET)
        stranger = opener(connector, folder, url=url, token=f"{SECRET}-of-another")
        yield Stand(
            opener(connector, folder, url=url, token=SECRET),
            filters=False,
            unreachable=lambda: nobody(30.0),
            refusing=lambda: stranger(30.0),
            slow=Read("asleep"),
        )


@pytest.fixture(scope="session")
def installed_plug_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The guide's plug-in, built as a wheel and unpacked where Python looks for packages."""
    built, installed = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    example = Path(__file__).parent / "plugin_example"
    (wheel,) = WheelBuilder(str(example)).build(directory=str(built), versions=["standard"])
    with ZipFile(wheel) as archive:
        archive.extractall(installed)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(installed)
        yield


def write_csv(file: Path) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, NAMES)
        writer.writeheader()
        writer.writerows(ROWS)


def fill(database: Any) -> None:
    """The accounts in a table, by either database's own driver."""
    mark = "?" if isinstance(database, sqlite3.Connection) else "%s"
    database.execute("CREATE TABLE accounts (account_id text, name text, region text, note text)")
    values = [tuple(row[name] for name in NAMES) for row in ROWS]
    database.executemany(f"INSERT INTO accounts VALUES ({', '.join([mark] * 4)})", values)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def sleeping(app: Any, word: str) -> Any:
    """The application, but a request whose query string holds the word is never answered."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if word.encode() in scope.get("query_string", b""):
            await asyncio.sleep(600)
        await app(scope, receive, send)

    return answer


def helpdesk(page_size: int = 40) -> Starlette:
    """A help desk that wants a token and gives its lists in pages; the list `asleep` never comes."""

    async def listing(request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return Response(status_code=401)
        if request.path_params["name"] == "asleep":
            await asyncio.sleep(600)
        if request.path_params["name"] != "accounts":
            return Response(status_code=404)
        page = int(request.query_params["page"])
        items = ROWS[(page - 1) * page_size : page * page_size]
        return JSONResponse({"items": items, "next_page": page + 1 if page * page_size < len(ROWS) else None})

    return Starlette(routes=[Route("/{name}", listing)])
