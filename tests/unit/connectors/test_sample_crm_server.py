import pytest
from starlette.testclient import TestClient

from connectors.sample.crm_server import crm_app

QUERY = "/services/data/v61.0/query"
CONTACTS = [{"Id": f"003{number:04}", "LastName": f"N{number}", "Email": None} for number in range(450)]


def client(token: str = "", page_size: int = 200) -> TestClient:
    return TestClient(crm_app({"Contact": CONTACTS}, token=token, page_size=page_size))


def test_query_pages_until_done() -> None:
    crm = client()
    page = crm.get(QUERY, params={"q": "SELECT Id, LastName FROM Contact"}).json()
    records = page["records"]
    assert (page["totalSize"], page["done"]) == (450, False)
    while not page["done"]:
        page = crm.get(page["nextRecordsUrl"]).json()
        records += page["records"]
    assert [record["Id"] for record in records] == [contact["Id"] for contact in CONTACTS]
    assert set(records[0]) == {"attributes", "Id", "LastName"}
    assert "nextRecordsUrl" not in page


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("DELETE FROM Contact", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_query_answers_errors_as_an_array(soql: str, code: str) -> None:
    response = client().get(QUERY, params={"q": soql})
    assert response.status_code == 400
    assert response.json()[0]["errorCode"] == code


def test_query_refuses_a_wrong_token() -> None:
    crm = client(token="right")
    response = crm.get(QUERY, params={"q": "SELECT Id FROM Contact"}, headers={"Authorization": "Bearer wrong"})
    assert (response.status_code, response.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert crm.get(QUERY, params={"q": "SELECT Id FROM Contact"}, headers={"Authorization": "Bearer right"}).is_success


def test_query_more_refuses_an_unknown_locator() -> None:
    assert client().get(f"{QUERY}/01gffff-200").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert client().get(f"{QUERY}/nonsense").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_query_honours_limit_and_batch_size() -> None:
    crm = client(page_size=2_000)
    assert crm.get(QUERY, params={"q": "SELECT Id FROM Contact LIMIT 3"}).json()["totalSize"] == 3
    headers = {"Sforce-Query-Options": "batchSize=250"}
    page = crm.get(QUERY, params={"q": "SELECT Id FROM Contact"}, headers=headers).json()
    assert len(page["records"]) == 250
