import re
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SourceRefusedError
from connectors.salesforce.soql import MAX_ADDRESS_BYTES, queries
from connectors.sample.salesforce_server.soql import Condition, Select, parse

# Control characters that SOQL has no escape for, and halves of a character.
UNHELD = re.compile("[\x00-\x07\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def texts(
    columns: tuple[str, ...], only: dict[str, tuple[str, ...]] | None = None, origin: str = "Account"
) -> list[str]:
    return [query.text for query in queries(origin, columns, only or {})]


def test_query_names_id_and_the_columns_once() -> None:
    assert texts(("Name", "Owner.Email", "Name")) == ["SELECT Id, Name, Owner.Email FROM Account"]
    assert texts(("Name", "Id")) == ["SELECT Name, Id FROM Account"]
    assert texts(("Parent__r.Name",), origin="ns__Thing__c") == ["SELECT Id, Parent__r.Name FROM ns__Thing__c"]


def test_query_filters_by_every_field() -> None:
    assert texts(("Id",), {"Region__c": ("EMEA", "APAC", "EMEA"), "Owner.Name": ("O'Neil",)}) == [
        "SELECT Id FROM Account WHERE Region__c IN ('EMEA','APAC') AND Owner.Name IN ('O\\'Neil')"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Name FROM User--",
        "Name, Secret__c",
        "(SELECT Id FROM Contacts)",
        "COUNT()",
        "FIELDS(ALL)",
        "Owner..Email",
        ".Email",
        "Owner.",
        "1Name",
        "Näme",
        "Name\n",
        "A.B.C.D.E.F.G",
        "",
        "a" * 81,
    ],
)
def test_name_that_is_no_field_is_refused_before_anything_is_asked(name: str) -> None:
    for columns, only in (((name,), {}), (("Id",), {name: ("x",)})):
        with pytest.raises(SourceRefusedError, match="no Salesforce field's API name"):
            texts(columns, only)


@pytest.mark.parametrize(
    "origin", ["Account WHERE Id != null", "Account, Contact", "Owner.Account", "", "Account\n", "SELECT Id FROM A"]
)
def test_origin_that_is_no_object_is_refused(origin: str) -> None:
    with pytest.raises(SourceRefusedError, match="no Salesforce object's API name"):
        texts(("Id",), origin=origin)


def test_one_field_in_two_spellings_is_refused() -> None:
    with pytest.raises(SourceRefusedError, match="Name and name"):
        texts(("Name", "name"))


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=5))
def test_any_value_stays_a_value_or_is_one_that_no_field_holds(values: list[str]) -> None:
    asked = [parse(text) for text in texts(("Id",), {"Region__c": tuple(values)})]
    held = tuple(dict.fromkeys(value for value in values if not UNHELD.search(value)))
    assert asked == ([Select(("Id",), "Account", (Condition("Region__c", held),))] if held else [])


INJECTIONS = (
    "') OR (Id != '",
    "\\') OR Id != null--",
    "'\\",
    "x\\",
    "\n\r\t",
    '"',
    "%_",
    "Zürich",
    "東京",
    "💥",
    "a'b\\'c",
)


@pytest.mark.parametrize("value", INJECTIONS)
def test_quotes_and_backslashes_are_escaped(value: str) -> None:
    [text] = texts(("Id",), {"Region__c": (value,)})
    assert parse(text).where == (Condition("Region__c", (value,)),)


@pytest.mark.parametrize("value", ["x" * 4_001, "a\x00b", "\ud800", "a\x0bb"])
def test_value_that_no_field_can_hold_is_not_asked_for(value: str) -> None:
    assert texts(("Id",), {"Name": ("A", value)}) == ["SELECT Id FROM Account WHERE Name IN ('A')"]
    assert texts(("Id",), {"Name": (value,), "Region__c": ("EMEA",)}) == []


def test_filter_without_values_finds_nothing() -> None:
    assert texts(("Id",), {"Region__c": ()}) == []


def test_absent_value_is_asked_for_as_null() -> None:
    assert texts(("Id",), {"Region__c": ("EMEA", "")}) == ["SELECT Id FROM Account WHERE Region__c IN ('EMEA',null)"]


def test_long_filter_is_cut_into_queries_that_together_ask_for_each_value() -> None:
    ids = tuple(f"001{n:015}" for n in range(3_000))
    regions = ("EMEA", "Zürich")
    several = [parse(text) for text in texts(("Id", "Name"), {"Id": ids, "Region__c": regions})]
    assert len(several) > 4
    asked = [value for select in several for value in select.where[0].values]
    assert sorted(map(str, asked)) == sorted(ids)
    assert all(select.where[1] == Condition("Region__c", regions) for select in several)


def test_each_query_fits_an_address_however_its_values_are_written() -> None:
    only = {"Name": tuple(f"東京 '{n}'" * 5 for n in range(200))}
    assert all(len(quote_plus(text)) <= MAX_ADDRESS_BYTES for text in texts(("Id",), only))


def test_value_too_long_for_any_address_drops_the_filter() -> None:
    assert texts(("Id",), {"Name": ("東" * 3_000,)}) == ["SELECT Id FROM Account"]


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(SourceRefusedError, match="map fewer"):
        texts(tuple(f"A_Long_Field_Name_{n}__c" for n in range(600)))
