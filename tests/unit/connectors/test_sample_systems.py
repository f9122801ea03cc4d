import csv
import datetime as dt
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors.company_names import company_name
from connectors.matching import Party, match
from connectors.sample import Organisation, organisation
from connectors.sample.systems import legal_name, write_billing_exports, write_usage_database

AS_OF = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return organisation(AS_OF)


@pytest.fixture(scope="module")
def folder(sample: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("systems")
    write_billing_exports(sample, folder)
    write_usage_database(sample, folder / "usage.sqlite")
    return folder


def customers_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "customers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(database: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [value for (value,) in connection.execute(query)]


def test_billing_lacks_some_crm_ids_and_spells_names_its_own_way(sample: Organisation, folder: Path) -> None:
    customers = customers_of(folder)
    assert 0.04 < sum(not row["crm_account_id"] for row in customers) / len(customers) < 0.10
    names = {account.name for account in sample.accounts}
    assert 0.2 < sum(row["legal_name"] not in names for row in customers) / len(customers) < 0.9
    assert any("ledgerpost" in row["billing_email"] for row in customers)


def test_systems_share_no_key_but_the_stated_ids(sample: Organisation, folder: Path) -> None:
    ids = {account.account_id for account in sample.accounts}
    assert not ids & {row["customer_id"] for row in customers_of(folder)}
    assert not ids & set(column(folder / "usage.sqlite", "SELECT tenant_slug FROM tenants"))


@pytest.mark.parametrize("hidden_share", [0.07, 0.3, 1.0])
@pytest.mark.parametrize("by_domain", [True, False])
def test_customers_are_found_again_when_their_crm_ids_are_hidden(
    sample: Organisation, folder: Path, hidden_share: float, by_domain: bool
) -> None:
    customers = [row for row in customers_of(folder) if row["crm_account_id"]]
    rng = random.Random(3)
    hidden = {row["customer_id"] for row in customers if rng.random() < hidden_share}
    left = [
        Party(
            key=row["customer_id"],
            name=row["legal_name"],
            domain=row["billing_email"] if by_domain else "",
            reference="" if row["customer_id"] in hidden else row["crm_account_id"],
        )
        for row in customers
    ]
    found = match(left, [Party(a.account_id, a.name, a.domain) for a in sample.accounts]).right_of()
    truth = {row["customer_id"]: row["crm_account_id"] for row in customers if row["customer_id"] in hidden}
    right = sum(found.get(key) == account for key, account in truth.items())
    assert right >= 0.99 * sum(key in found for key in truth)
    assert right >= 0.97 * len(truth)


@pytest.mark.parametrize(
    "name", ["Alpine Foods GmbH", "Château Bois SARL", "Zielonka Components S.A.", "Nordvik Foods AB"]
)
def test_legal_name_is_another_spelling_of_the_same_company(name: str) -> None:
    spellings = {legal_name(name, random.Random(seed)) for seed in range(40)}
    assert len(spellings) >= 3
    assert {company_name(spelling) for spelling in spellings} == {company_name(name)}


def test_write_usage_database_replaces_an_earlier_one(sample: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    write_usage_database(organisation(AS_OF - dt.timedelta(days=30)), path)
    write_usage_database(sample, path)
    (weeks,) = column(path, "SELECT count(*) FROM usage_weekly")
    assert weeks == sum(len(account.usage) for account in sample.accounts)
