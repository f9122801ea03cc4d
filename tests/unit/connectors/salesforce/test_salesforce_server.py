from typing import Any

import pytest
from starlette.testclient import TestClient

from connectors.sample.salesforce_server import SalesforceServer
from connectors.sample.salesforce_server.errors import ApiError
from connectors.sample.salesforce_server.soql import Condition, Select, parse
from connectors.sample.salesforce_server.trees import objects_of

DATA = "/services/data/v61.0"
OBJECTS: dict[str, list[dict[str, Any]]] = {
    "User": [{"Id": "0051", "Name": "Ada", "Email": "ada@vendor.example", "ManagerId": "0052"}, {"Id": "0052", "Name": "Max"}],
    "Account": [
        {"Id": "0011", "Name": "Alpine", "Seats__c": 5, "OwnerId": "0051", "Parent__c": None},
        {"Id": "0012", "Name": "Borealis", "Seats__c": None, "OwnerId": None, "Parent__c": "0011"},
        {"Id": "0013", "Name": "alpine", "Seats__c": 9, "OwnerId": "0051", "Notes__c": "x" * 300},
    ],
}  # fmt: skip


def asked(soql: str, **options: Any) -> Any:
    client = TestClient(SalesforceServer(OBJECTS, **options).app)
    return client.get(f"{DATA}/query", params={"q": soql}).json()


def names(soql: str) -> list[str]:
    return [record["Name"] for record in asked(soql)["records"]]


def test_statement_is_read_in_all_its_parts() -> None:
    assert parse(
        "select Id, Owner.Name from Account where A__c = 'x' and B IN (1, -2.5,null) order by C desc limit 7"
    ) == (
        Select(
            ("Id", "Owner.Name"),
            "Account",
            (Condition("A__c", ("x",)), Condition("B", (1.0, -2.5, None))),
            "C",
            True,
            7,
        )
    )


@pytest.mark.parametrize(
    ("literal", "value"),
    [(r"'a\'b\\c\"'", "a'b\\c\""), (r"'\n\t\r\b\f'", "\n\t\r\b\f"), (r"'\u00e9'", "é"), ("'\n'", "\n"), ("''", "")],
)
def test_string_literal_is_unescaped(literal: str, value: str) -> None:
    assert parse(f"SELECT Id FROM A WHERE B = {literal}").where == (Condition("B", (value,)),)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM A WHERE B = 'it's'",
        "SELECT Id FROM A WHERE B = 'x\\y'",
        "SELECT Id FROM A WHERE B = 'open",
        "SELECT Id FROM A WHERE B IN ()",
        "SELECT Id FROM A WHERE B = x",
        "SELECT Id FROM A; DELETE",
        "SELECT Id FROM A LIMIT",
        "SELECT FROM A",
        "SELECT Id FROM A WHERE B = 'x' OR C = 'y'",
        "SELECT Id FROM A " + "x" * 100_000,
    ],
    ids=lambda soql: soql[:50],
)
def test_statement_not_understood_is_malformed(soql: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(soql)
    assert (caught.value.status, caught.value.code) == (400, "MALFORMED_QUERY")


def test_relationships_are_followed_and_nested() -> None:
    first, second, _ = asked("SELECT Name, Owner.Name, Owner.Manager.Name, Parent__r.Name FROM Account")["records"]
    assert first["Owner"]["Name"] == "Ada" and first["Owner"]["Manager"]["Name"] == "Max"
    assert first["Owner"]["attributes"]["type"] == "User" and first["Parent__r"] is None
    assert second["Owner"] is None and second["Parent__r"]["Name"] == "Alpine"


def test_filters_compare_texts_without_case_and_numbers_as_numbers() -> None:
    assert names("SELECT Name FROM Account WHERE Name = 'ALPINE'") == ["Alpine", "alpine"]
    assert names("SELECT Name FROM Account WHERE Seats__c IN (5, null)") == ["Alpine", "Borealis"]
    assert names("SELECT Name FROM Account WHERE Owner.Name = 'Ada' AND Seats__c = 9") == ["alpine"]
    assert names("SELECT Name FROM Account ORDER BY Seats__c DESC LIMIT 2") == ["alpine", "Alpine"]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Seats__c FROM Account WHERE Seats__c = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Notes__c = 'x'", "INVALID_FIELD"),
        ("SELECT Owner.Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id, ID FROM Account", "MALFORMED_QUERY"),
    ],
)
def test_statement_that_salesforce_would_refuse_is_refused(soql: str, code: str) -> None:
    assert asked(soql)[0]["errorCode"] == code


def test_limit_info_counts_until_the_requests_are_used_up() -> None:
    client = TestClient(SalesforceServer(OBJECTS, daily_requests=2).app)
    answers = [client.get(f"{DATA}/query", params={"q": "SELECT Id FROM User"}) for _ in range(3)]
    assert [answer.headers["Sforce-Limit-Info"] for answer in answers[:2]] == ["api-usage=1/2", "api-usage=2/2"]
    assert (answers[2].status_code, answers[2].json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_versions_are_listed_and_others_are_not_there() -> None:
    client = TestClient(SalesforceServer(OBJECTS).app)
    listed = client.get("/services/data/").json()
    assert {"label": "61.0", "url": DATA, "version": "61.0"} in listed
    assert client.get("/services/data/v1.0/query", params={"q": "SELECT Id FROM User"}).status_code == 404


def test_address_too_long_is_refused() -> None:
    client = TestClient(SalesforceServer(OBJECTS).app)
    soql = f"SELECT Id FROM User WHERE Name = '{'x' * 17_000}'"
    assert client.get(f"{DATA}/query", params={"q": soql}).status_code == 431


def test_object_is_described_by_its_fields() -> None:
    fields = TestClient(SalesforceServer(OBJECTS).app).get(f"{DATA}/sobjects/account/describe").json()["fields"]
    types = {field["name"]: field["type"] for field in fields}
    assert types == {
        "Id": "id", "Name": "string", "Seats__c": "double", "OwnerId": "string", "Parent__c": "string",
        "Notes__c": "string",
    }  # fmt: skip


def test_record_trees_get_ids_and_their_references() -> None:
    account = {"attributes": {"type": "Account", "referenceId": "A1"}, "Name": "Alpine"}
    case = {"attributes": {"type": "Case", "referenceId": "C1"}, "AccountId": "@A1", "ContactId": "@Elsewhere"}
    objects = objects_of([{"records": [account]}, {"records": [case]}])
    assert objects["Case"][0]["AccountId"] == objects["Account"][0]["Id"]
    assert objects["Account"][0]["Id"].startswith("001") and objects["Case"][0]["ContactId"] is None
