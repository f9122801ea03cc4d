"""The Salesforce source, read by the real client from the stand-in, through everything that goes wrong there."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.ports import Read
from connectors.pull import pull
from connectors.sample import organisation as sample_organisation
from connectors.sample.crm_server import crm_app
from connectors.sample.salesforce_server import App, SalesforceServer
from connectors.sample.salesforce_server.trees import objects_of
from connectors.sample.systems import crm_records
from connectors.source_config import load_sources
from tests.salesforce_stand_in import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNERS,
    READY_TOKEN,
    Interposed,
    Send,
    accounts,
    answering,
    opened,
    organisation,
    served,
)

QUERY = "/services/data/v61.0/query"
READ = Read("Account", ("Id", "Name", "Region__c", "Owner.Email"))
ALL = [account["Id"] for account in accounts(2_500)]
BY_TOKEN = {"access_token": READY_TOKEN}


def ids(rows: Any) -> list[str]:
    return [row["Id"] for row in rows]


def read_through(door: Any, read: Read = READ, **options: Any) -> list[Any]:
    """All rows that a source gives whose Salesforce stands behind a door."""
    with served(door) as url:
        source = opened(url, **options)
        try:
            return list(source.rows(read))
        finally:
            source.close()


@pytest.mark.parametrize(
    ("allowed", "asked", "calls"), [(2_000, 2_000, 2), (2_000, 200, 13), (500, 2_000, 5), (333, 2_000, 8)]
)
def test_every_record_comes_once_whatever_the_page_size(allowed: int, asked: int, calls: int) -> None:
    salesforce = organisation(2_500, page_size=allowed)
    assert ids(read_through(salesforce.app, page_size=asked)) == ALL
    assert salesforce.api_requests == calls


def test_rows_nest_relationships_and_lose_attributes() -> None:
    rows = read_through(organisation(3).app)
    assert rows[1:] == [
        {"Id": ALL[1], "Name": "Account 1", "Region__c": "AMER", "Owner": {"Email": OWNERS[1]["Email"]}},
        {"Id": ALL[2], "Name": "Account 2", "Region__c": "APAC", "Owner": {"Email": OWNERS[2]["Email"]}},
    ]
    assert rows[0]["Owner"] is None


def test_paths_say_what_is_read_of_a_column() -> None:
    read = Read("Account", ("Name", "Owner"), paths=("Name", "Owner.Email"))
    assert read_through(organisation(2).app, read)[1] == {
        "Id": ALL[1],
        "Name": "Account 1",
        "Owner": {"Email": OWNERS[1]["Email"]},
    }


def test_object_without_records_gives_no_row() -> None:
    assert (
        read_through(SalesforceServer({"Account": []}, token=READY_TOKEN).app, Read("Account", ("Id",)), **BY_TOKEN)
        == []
    )


def test_read_without_columns_gives_every_field() -> None:
    rows = read_through(organisation(2).app, Read("Account"))
    assert rows == accounts(2)


def test_only_filters_at_salesforce_by_every_column() -> None:
    salesforce = organisation(60)
    only = {"Region__c": ("EMEA", "APAC"), "Owner.Name": ("Owner 2",)}
    rows = read_through(salesforce.app, Read("Account", ("Id", "Region__c"), only))
    assert {row["Region__c"] for row in rows} == {"APAC"} and len(rows) == 17
    assert " WHERE " in salesforce.queries[0]


INJECTIONS = ("') OR (Id != '", "EMEA' OR Name LIKE '%", "\\", "\\'", "'", "EMEA\n", "x' --", "') LIMIT 0")


@pytest.mark.parametrize("value", INJECTIONS)
def test_value_that_looks_like_soql_matches_nothing_but_itself(value: str) -> None:
    records = [{"Id": "0011", "Region__c": value}, {"Id": "0012", "Region__c": "EMEA"}]
    door = SalesforceServer({"Account": records}, token=READY_TOKEN).app
    read = Read("Account", ("Id",), {"Region__c": (value,)})
    assert ids(read_through(door, read, **BY_TOKEN)) == ["0011"]


def test_long_list_of_values_is_asked_for_in_several_queries() -> None:
    salesforce = organisation(2_500)
    wanted = tuple(reversed(ALL[:2_000]))
    assert sorted(ids(read_through(salesforce.app, Read("Account", ("Id",), {"Id": wanted})))) == ALL[:2_000]
    assert len(salesforce.queries) > 2


def test_same_value_in_two_spellings_gives_its_records_once() -> None:
    many = tuple(f"No such region {n}" for n in range(900))
    read = Read("Account", ("Id",), {"Region__c": ("EMEA", *many, "emea")})
    rows = ids(read_through(organisation(30).app, read))
    assert len(rows) == len(set(rows)) == 10


@pytest.mark.parametrize("column", ["ARR__c", "Is_Key__c"])
def test_field_that_cannot_be_filtered_by_text_is_read_whole(column: str) -> None:
    read = Read("Account", ("Id", column), {column: ("1001", "true")})
    assert len(read_through(organisation(30).app, read)) == 30


def test_session_that_ends_in_mid_read_is_renewed_and_the_page_asked_again() -> None:
    salesforce = organisation(2_500, page_size=200, session_requests=4)
    assert ids(read_through(salesforce.app)) == ALL
    assert salesforce.sign_ins == 4
    assert len(salesforce.queries) == 1


def test_session_that_is_ended_from_outside_is_renewed() -> None:
    salesforce = organisation(2_500, page_size=200)
    with served(salesforce.app) as url:
        source = opened(url)
        rows = source.rows(READ)
        first = [next(rows) for _ in range(300)]
        salesforce.end_sessions()
        assert ids([*first, *rows]) == ALL
        source.close()
    assert salesforce.sign_ins == 2


def test_second_ended_session_in_a_row_is_refused() -> None:
    ended = answering(401, b'[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]')
    door = Interposed(organisation(3).app, QUERY, ended, ended)
    with pytest.raises(SourceRefusedError, match="INVALID_SESSION_ID"):
        read_through(door)
    assert door.requests.count(QUERY + "/") == 2


def test_ready_token_that_has_expired_is_refused_at_once() -> None:
    door = Interposed(organisation(3).app, "")
    with pytest.raises(SourceRefusedError, match="INVALID_SESSION_ID"):
        read_through(door, access_token="expired-1")
    assert door.requests == [QUERY + "/"]


def test_used_up_request_limit_is_said_and_not_tried_again() -> None:
    salesforce = organisation(2_500, page_size=200)
    with served(salesforce.app) as url:
        source = opened(url)
        rows = source.rows(READ)
        next(rows)
        salesforce.use_up_requests()
        with pytest.raises(SourceUnavailableError, match="limit of API requests is used up"):
            list(rows)
        source.close()
    assert salesforce.api_requests == 2


@pytest.mark.parametrize("status", [403, 429, 503])
def test_used_up_request_limit_is_not_taken_for_an_outage(status: int) -> None:
    refusal = answering(status, b'[{"message": "TotalRequests", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]')
    door = Interposed(organisation(3).app, QUERY, *[refusal] * 9)
    with pytest.raises(SourceUnavailableError, match="limit of API requests is used up"):
        read_through(door)
    assert len(door.requests) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_short_outage_is_ridden_out(status: int) -> None:
    down = answering(status, b"<html>down</html>", "text/html")
    door = Interposed(organisation(450, page_size=200).app, QUERY, None, down, down)
    assert ids(read_through(door)) == ALL[:450]


def test_outage_that_lasts_is_unavailable() -> None:
    down = answering(503, b'[{"message": "x", "errorCode": "SERVER_UNAVAILABLE"}]')
    with pytest.raises(SourceUnavailableError, match="503 SERVER_UNAVAILABLE"):
        read_through(Interposed(organisation(3).app, QUERY, *[down] * 9), seconds=1.0)


async def hang(_send: Send) -> None:
    await asyncio.sleep(60)


def test_server_that_hangs_is_given_up_within_the_time() -> None:
    door = Interposed(organisation(3).app, QUERY, *[hang] * 9)
    with pytest.raises(SourceUnavailableError, match=r"did not answer .ReadTimeout"):
        read_through(door, seconds=0.6, timeout_seconds=60)


def test_request_that_stays_silent_is_asked_again() -> None:
    door = Interposed(organisation(3).app, QUERY, hang)
    assert len(read_through(door, seconds=30, timeout_seconds=0.4)) == 3


def test_server_that_trickles_is_given_up_within_the_time() -> None:
    async def trickle(send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100000")]})
        for _ in range(60):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)

    with pytest.raises(SourceUnavailableError, match="in the time allowed"):
        read_through(Interposed(organisation(3).app, QUERY, trickle), seconds=0.6, timeout_seconds=10)


def test_server_whose_head_lines_drip_is_given_up_within_the_time() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            line, _ = listener.accept()
            with line, suppress(OSError):
                line.sendall(b"HTTP/1.1 200 OK\r\n")
                for number in range(300):
                    line.sendall(b"X-%d: y\r\n" % number)
                    if stop.wait(0.1):
                        return

        server = threading.Thread(target=drip)
        server.start()
        source = opened(f"http://127.0.0.1:{listener.getsockname()[1]}", seconds=0.6, timeout_seconds=10, **BY_TOKEN)
        try:
            with pytest.raises(SourceUnavailableError, match="in the time allowed"):
                list(source.rows(READ))
        finally:
            source.close()
            stop.set()
            server.join()


def test_page_of_endless_empty_objects_is_refused_unparsed() -> None:
    body = b'{"done": true, "records": [' + b"{}," * 1_000_000 + b"{}]}"
    with pytest.raises(SourceRefusedError, match="larger than any page"):
        read_through(Interposed(organisation(3).app, QUERY, answering(200, body)))


@pytest.mark.parametrize("total", [2, 5_000])
def test_fewer_records_than_salesforce_counted_are_not_taken_for_all(total: int) -> None:
    body = {"totalSize": total, "done": True, "records": [{"Id": "1"}]}
    with pytest.raises(SourceUnavailableError, match=f"1 of {total:,} records of Account"):
        read_through(Interposed(organisation(3).app, QUERY, answering(200, json.dumps(body).encode())))


def test_server_that_dies_in_mid_page_is_asked_again() -> None:
    async def die(send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5000")]})
        await send({"type": "http.response.body", "body": b'{"records": [', "more_body": True})
        raise ConnectionAbortedError

    door = Interposed(organisation(450, page_size=200).app, QUERY, None, die)
    assert ids(read_through(door)) == ALL[:450]
    always = Interposed(organisation(450, page_size=200).app, QUERY, None, *[die] * 9)
    with pytest.raises(SourceUnavailableError, match="did not answer"):
        read_through(always, seconds=1.0)


def test_server_that_is_not_there_is_unavailable() -> None:
    source = opened("http://127.0.0.1:9", seconds=0.5)
    with pytest.raises(SourceUnavailableError, match="did not answer"):
        list(source.rows(READ))
    source.close()


def test_lost_cursor_is_opened_anew_and_no_row_comes_twice() -> None:
    salesforce = organisation(2_500, page_size=200)
    with served(salesforce.app) as url:
        source = opened(url)
        rows = source.rows(Read("Account", ("Name",)))
        first = [next(rows) for _ in range(900)]
        salesforce.forget_cursors()
        assert [row["Name"] for row in (*first, *rows)] == [f"Account {n}" for n in range(2_500)]
        source.close()
    assert len(salesforce.queries) == 2


def test_cursor_lost_a_second_time_is_unavailable() -> None:
    salesforce = organisation(2_500, page_size=200)
    with served(salesforce.app) as url:
        source = opened(url)
        rows = source.rows(READ)
        next(rows)
        salesforce.forget_cursors()
        for _ in range(400):
            next(rows)
        salesforce.forget_cursors()
        with pytest.raises(SourceUnavailableError, match="INVALID_QUERY_LOCATOR"):
            list(rows)
        source.close()


def test_cursor_lost_on_the_first_page_is_unavailable() -> None:
    lost = answering(400, b'[{"errorCode": "INVALID_QUERY_LOCATOR"}]')
    with pytest.raises(SourceUnavailableError, match="INVALID_QUERY_LOCATOR"):
        read_through(Interposed(organisation(3).app, QUERY, lost))


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (Read("Account", ("Id", "Zzz")), "no field `Zzz` of Account .INVALID_FIELD"),
        (Read("Account", ("Id", "Owner.Nick__c")), "no field `Owner.Nick__c` of Account"),
        (Read("Account", ("Id", "Boss__r.Name")), "no field `Boss__r.Name` of Account"),
        (Read("Account", ("Id", "Nope__c"), {"Region__c": ("EMEA",)}), "no field `Nope__c` of Account"),
        (Read("Account", ("Id", "Regions__c")), "`Regions__c` .near: `Region__c`. of Account"),
        (Read("Account", ("Id",), {"Nope__c": ("EMEA",)}), "no field `Nope__c` of Account"),
        (Read("Account", ("Id", "Owner")), "mapped as a path, such as Owner.Email"),
        (Read("Accounts", ("Id",)), "no object `Accounts` .INVALID_TYPE"),
        (Read("Accounts"), "no object `Accounts` .INVALID_TYPE"),
    ],
)
def test_unknown_name_is_refused_by_its_name_in_the_mapping(read: Read, said: str) -> None:
    with pytest.raises(SourceRefusedError, match=said):
        read_through(organisation(3).app, read)


def test_message_of_an_error_is_never_passed_on() -> None:
    body = json.dumps([{"message": "Person Alpine 'Region__c' secret-3", "errorCode": "INVALID_FIELD"}]).encode()
    with pytest.raises(SourceRefusedError, match="no field `Region__c`") as caught:
        read_through(Interposed(organisation(3).app, QUERY, answering(400, body)))
    assert "secret-3" not in str(caught.value) and "Alpine" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (403, b'[{"errorCode": "API_DISABLED_FOR_ORG"}]', SourceRefusedError, "403 API_DISABLED_FOR_ORG"),
        (404, b'[{"errorCode": "NOT_FOUND"}]', SourceRefusedError, "check api_version"),
        (400, b'[{"errorCode": "QUERY_TIMEOUT"}]', SourceUnavailableError, "QUERY_TIMEOUT"),
        (401, b'[{"errorCode": "INVALID_AUTH_HEADER"}]', SourceRefusedError, "INVALID_AUTH_HEADER"),
        (400, b'[{"errorCode": "<script>"}]', SourceRefusedError, r"\(400\)"),
        (400, b'{"errorCode": 7}', SourceRefusedError, r"\(400\)"),
        (400, b"[]", SourceRefusedError, r"\(400\)"),
        (403, b"<html>blocked</html>", SourceRefusedError, r"\(403\)"),
    ],
)
def test_other_errors_are_told_by_their_code(status: int, body: bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_through(Interposed(organisation(3).app, QUERY, answering(status, body)))


MORE = {"totalSize": 9, "done": False, "records": [{"Id": "1"}]}


@pytest.mark.parametrize(
    "body",
    [
        "<html>maintenance</html>",
        "",
        "[" * 100_000,
        "null",
        "[]",
        "{}",
        {"done": True, "records": None},
        {"done": True, "records": ["Alpine"]},
        {"records": []},
        MORE,
        {**MORE, "nextRecordsUrl": "https://evil.example/services/data/v61.0/query/01g0-1"},
        {**MORE, "nextRecordsUrl": "//evil.example/services/data/v61.0/query/01g0-1"},
        {**MORE, "nextRecordsUrl": "@evil.example/services/data/v61.0/query/01g0-1"},
        {**MORE, "nextRecordsUrl": "/services/data/v61.0/query/../../../x-1"},
        {**MORE, "nextRecordsUrl": "/services/data/v61.0/query/01g0-1?x=1"},
        {**MORE, "nextRecordsUrl": "/services/apexrest/01g0-1"},
        {**MORE, "nextRecordsUrl": 7},
    ],
    ids=lambda body: str(body)[:40],
)
def test_answer_that_is_no_page_is_refused(body: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    door = Interposed(organisation(3).app, QUERY, answering(200, text.encode()))
    with pytest.raises(SourceRefusedError, match=r"is no page of records|is not JSON"):
        read_through(door)
    assert len(door.requests) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_refused_and_the_token_stays(status: int) -> None:
    elsewhere = Interposed(organisation(3).app, "")
    with served(elsewhere) as other:
        moved = answering(status, b"{}", location=other + QUERY)
        with pytest.raises(SourceRefusedError, match="redirect"):
            read_through(Interposed(organisation(3).app, QUERY, moved))
    assert elsewhere.requests == []


def test_answer_that_never_ends_is_refused() -> None:
    async def flood(send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(400):
            await send({"type": "http.response.body", "body": b" " * 2**20, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    with pytest.raises(SourceRefusedError, match="larger than any page"):
        read_through(Interposed(organisation(3).app, QUERY, flood))


def test_record_of_a_schema_never_seen_still_has_the_columns_asked_for() -> None:
    body = {"done": True, "records": [{"Id": "1", "Surprise__c": [1, {"a": 2}]}, {"Owner": "no relationship"}]}
    door = Interposed(organisation(3).app, QUERY, answering(200, json.dumps(body).encode()))
    assert read_through(door) == [
        {"Id": "1", "Name": None, "Region__c": None, "Owner": None, "Surprise__c": [1, {"a": 2}]},
        {"Id": None, "Name": None, "Region__c": None, "Owner": "no relationship"},
    ]


def test_source_is_live() -> None:
    source = opened("https://example.my.salesforce.com")
    assert source.extracted_at() is None
    assert source.where() == "Salesforce at example.my.salesforce.com (client credentials)"
    source.close()


def test_sample_organisation_is_read_with_its_owners() -> None:
    records = crm_records(sample_organisation(dt.date(2026, 11, 20)))
    door = crm_app(records, token=READY_TOKEN, page_size=200)
    rows = read_through(door, Read("Account", ("Id", "Name", "Owner.Email", "ARR__c")), **BY_TOKEN)
    assert ids(rows) == [account["Id"] for account in records["Account"]]
    owners = {user["Id"]: user["Email"] for user in records["User"]}
    assert rows[0]["Owner"]["Email"] == owners[records["Account"][0]["OwnerId"]]


SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "salesforce"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data is not here")
def test_records_of_public_sample_organisations_are_read() -> None:
    trees = [json.loads(file.read_text()) for file in sorted(SHARED.glob("ebikes_*.json"))]
    salesforce = SalesforceServer(objects_of(trees), token=READY_TOKEN)
    cases = read_through(salesforce.app, Read("Case", ("Subject", "Priority", "Account.Name")), **BY_TOKEN)
    assert cases[0]["Account"]["Name"] == "Trailblazers" and cases[0]["Priority"] == "High"


async def test_file_of_the_guide_reads_the_sample_organisation(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "salesforce-source.md").read_text()
    [whole] = [block for block in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL) if block.startswith("version")]
    (tmp_path / "sources.yaml").write_text(whole)
    sample = sample_organisation(dt.date(2026, 11, 20))
    salesforce = SalesforceServer(crm_records(sample), apps=[App(CLIENT_ID, CLIENT_SECRET)])
    with served(salesforce.app) as url:
        environ = {
            "SALESFORCE_LOGIN_URL": url,
            "SALESFORCE_CLIENT_ID": CLIENT_ID,
            "SALESFORCE_CLIENT_SECRET": CLIENT_SECRET,
        }
        pulled = await pull(
            load_sources(tmp_path / "sources.yaml", environ=environ).sources,
            as_of=dt.date(2026, 11, 20),
            clock=lambda: dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC),
            timeout_seconds=30,
        )
    accounts_read = {account["account_id"]: account for account in pulled.document["accounts"]}
    assert set(accounts_read) == {account.account_id for account in sample.accounts}
    truth = next(account for account in sample.accounts if account.owner and account.contacts and account.tickets)
    account = accounts_read[truth.account_id]
    assert account["owner"]["email"] == truth.owner.email if truth.owner else False
    assert account["region"] == truth.region
    for kind in ("contacts", "tickets", "activities", "surveys"):
        assert len(account[kind]) == len(getattr(truth, kind))
