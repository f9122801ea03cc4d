"""Files that configure sources: what they may say, and where an error stands."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from connectors.errors import InvalidSourceConfigError
from connectors.ports import Connector
from connectors.registry import connectors
from connectors.source_config import EXAMPLE, leading_source, load_sources
from connectors.source_connection import read_settings
from connectors.source_yaml import read_yaml

ROOT = Path(__file__).resolve().parents[3]
GOOD = """\
version: 1
sources:
  - name: crm
    kind: crm
    connector: files
    time_zone: Europe/Berlin
    records:
      accounts:
        from: accounts.csv
        fields:
          account_id: Id
          name: '"Company Name"'
          annual_recurring_revenue.amount: {path: ARR, unit: thousands, per: month}
          contract.term_months: {path: Term, unit: years}
      contacts:
        from: contacts.csv
        account: AccountId
        fields: {contact_id: Id}
  - name: analytics
    kind: usage
    connector: sql
    connection: {url: "${ANALYTICS_URL}"}
    customers: {from: tenants, key: slug, domain: domain}
    records:
      usage:
        query: SELECT * FROM weeks
        customer: slug
        fields: {week_start: week_start}
"""
URL = "sqlite:///secret-place.db"


def loaded(folder: Path, text: str, **environ: str):
    file = folder / "sources.yaml"
    file.write_text(text, encoding="utf-8")
    return load_sources(file, environ={"ANALYTICS_URL": URL, **environ})


def test_a_good_file_gives_its_sources_in_order(tmp_path: Path) -> None:
    crm, analytics = loaded(tmp_path, GOOD).sources
    assert [crm.name, analytics.name] == ["crm", "analytics"]
    assert analytics.settings.url == URL
    assert (crm.max_age_days, crm.folder) == (7, str(tmp_path))
    assert analytics.records["usage"].origin == "SELECT * FROM weeks"
    assert crm.records["contacts"].read({}).columns == ("AccountId", "Id")
    assert leading_source([analytics, crm]) is crm


def test_the_examples_of_the_guides_can_be_read() -> None:
    labels = load_sources(ROOT / EXAMPLE, environ={}).labels
    assert labels is not None and labels.churned == "churned_within_90d"
    environ = dict.fromkeys(("SALESFORCE_KEY", "SALESFORCE_SECRET", "ANALYTICS_URL"), "x")
    environ["SALESFORCE_URL"] = "https://example.my.salesforce.com"
    assert len(load_sources(ROOT / "docs" / "examples" / "sources.yaml", environ=environ).sources) == 3


def test_which_customers_are_the_same_is_read_as_it_is_written(tmp_path: Path) -> None:
    given = "domain: domain, same: {007: 0012, acme-prod: A1, own: ''}"
    customers = loaded(tmp_path, GOOD.replace("domain: domain", given)).sources[1].customers
    assert customers is not None and customers.same == {"007": "0012", "acme-prod": "A1", "own": ""}


def test_a_folder_gives_every_file_in_the_order_of_names_with_paths_from_where_they_stand(tmp_path: Path) -> None:
    one, two = GOOD.split("  - name: analytics")
    (tmp_path / "b.yml").write_text(one)
    (tmp_path / "a.yaml").write_text("version: 1\nsources:\n  - name: analytics" + two)
    (tmp_path / "notes.txt").write_text("no source")
    sources = load_sources(tmp_path, environ={"ANALYTICS_URL": URL}).sources
    assert [source.name for source in sources] == ["analytics", "crm"]
    elsewhere = load_sources(tmp_path, environ={"ANALYTICS_URL": URL}, folder=Path("/elsewhere")).sources
    assert {source.folder for source in elsewhere} == {"/elsewhere"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: 2", r"sources.yaml, line 1, version: the version must be 1"),
        ("kind: usage", "kind: usages", r"line 20, sources\[1\].kind: `usages` is not known; the nearest is `usage`"),
        ("connector: sql", "connector: sqll", r"line 21, .*`sqll` is not known; connectors are files, .*sql"),
        ("name: analytics", "name: crm", r"line 19, sources\[1\].name: another source is named crm"),
        ("    time_zone: Europe/Berlin", "    time_zone: Berlin", "line 6, .*no such time zone"),
        ("account_id: Id", "acount_id: Id", r"line 11, .*`acount_id` is not known; the nearest is `account_id`"),
        ("account_id: Id", "zzz: Id", "line 11, .*known are .*account_id"),
        ("account_id: Id", "account_id: Id ||", "line 11, .*is no JMESPath expression"),
        ("'\"Company Name\"'", "Company Name", r"""line 12, .*is written '"Company Name"'"""),
        ("account_id: Id", "account_id: nofunc(Id)", "line 11, .*`nofunc` is no function of JMESPath"),
        ("account_id: Id", "account_id: lenght(Id)", "line 11, .*near: `length`"),
        ("account_id: Id", "account_id: join(Id)", "line 11, .*`join` takes 2 values, not 1"),
        ("account_id: Id", "account_id: Laufzeit (Jahre)", r"""line 11, .*is written '"Laufzeit \(Jahre\)"'"""),
        ("account_id: Id", "account_id: Kündigungsfrist (Tage)", r"""line 11, .*'"Kündigungsfrist \(Tage\)"'"""),
        ("account_id: Id", "account_id: Betreuer E-Mail", """line 11, .*'"Betreuer E-Mail"'"""),
        ("account_id: Id", "account_id: Umsatz [EUR]", r"""line 11, .*'"Umsatz \[EUR\]"'"""),
        ("account_id: Id", "account_id: Kunde's Nr", """line 11, .*'"Kunde''s Nr"'"""),
        ("account_id: Id", f"account_id: '{'!' * 1_900}a'", "line 11, .*nested too deeply"),
        ("account_id: Id", f"account_id: '{'a.' * 1_500}a'", "line 11, .*2,000 characters"),
        ("version: 1", "version: !!int abc", "line 1, version: it cannot be read as int; put text in quotes"),
        ("version: 1", "version: !!bool abc", "line 1, version: it cannot be read as bool"),
        ("version: 1", "version: !!timestamp abc", "line 1, version: it cannot be read as timestamp"),
        ("version: 1", "version: 2026-13-45", "line 1, version: it cannot be read as timestamp; put text in quotes"),
        ("version: 1", "version: " + "9" * 6_000, "line 1, version: it cannot be read as int"),
        ("kind: crm\n", "kind: !!python/name:os.system x\n", "line 4, .*kind: this kind of value has no place here"),
        ("    records:\n", "    connection: !!python/object:os.x {}\n    records:\n", "line 7, .*has no place here"),
        ("kind: crm\n", "kind: crm\0\n", "line 4: a character stands here that YAML does not allow"),
        ("version: 1", "version: " + "[" * 20_000, "line 1: this is nested too deeply"),
        ("fields: {contact_id: Id}", "fields: {<<: 3}", "line 18, .*`<<` takes a table"),
        ("fields: {contact_id: Id}", "fields: &a {<<: *a}", "line 18, .*merges a table into itself"),
        ("account_id: Id", "account_id: true", "line 11, .*put it in quotes"),
        ("          account_id: Id\n", "", r"line 10, .*fields: `account_id` is missing"),
        ("unit: thousands", "unit: furlongs", "line 13, .*unit: `furlongs` is not known; known are cents"),
        ("unit: thousands", "unit: years", "line 13, .*unit: `years` is not known"),
        ("per: month", "per: week", "line 13, .*per: `week` is not known"),
        ("unit: years", "per: month", "line 14, .*this field is none"),
        ("unit: years", "format: '%d.%m.%Y'", "line 14, .*`format` does not fit contract.term_months"),
        ("unit: years", "constant: 12", "line 14, .*only one of them"),
        ("{path: Term, unit: years}", "{constant: soon}", "line 14, .*constant: expected a whole number"),
        ("{path: Term, unit: years}", "{path: Term, units: years}", "line 14, .*the nearest is `unit`"),
        ("{path: Term, unit: years}", "{path: Term, values: {A: x}}", "line 14, .*expected a whole number"),
        ("        account: AccountId\n", "", "line 15, .*needs `account` or `customer`"),
        ("customer: slug", "account: slug\n        customer: slug", "needs `account` or `customer`, and only one"),
        ("    customers: {from: tenants, key: slug, domain: domain}\n", "", "line 26, .*has no `customers`"),
        ("key: slug, domain: domain", "key: slug", "line 23, .*to be matched by"),
        ("domain: domain", "domain: domain, same: {acme: }", r"line 23, .*same.acme: expected an account's id"),
        ("domain: domain", "domain: domain, same: {acme: [A1]}", r"line 23, .*same.acme: expected an account's id"),
        ("        account: AccountId\n", "        account: AccountId\n        same: {C1: C2}\n", "with `customers`"),
        ("        query: SELECT * FROM weeks\n", "", "line 25, .*needs `from` or `query`"),
        ("url:", "ulr:", r"line 22, .*connection.ulr: `ulr` is not known; the nearest is `url`"),
        ('{url: "${ANALYTICS_URL}"}', "{}", "line 22, .*needs `url` in `connection`"),
        ("${ANALYTICS_URL}", "${NOWHERE_URL}", "line 22, .*the environment variable NOWHERE_URL is not set"),
        ("${ANALYTICS_URL}", "${ANALYTICS URL}", "line 22, .*written"),
        ("connector: files", "connector: files\n    connector: sql", "line 6, .*`connector` stands here twice"),
        ("kind: crm\n", "kind: [crm\n", "line 5: this is no valid YAML"),
        ("      accounts:", "      acounts:", "line 8, .*`acounts` is not known; the nearest is `accounts`"),
    ],
)  # fmt: skip
def test_an_error_names_file_line_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidSourceConfigError, match=message) as raised:
        loaded(tmp_path, GOOD.replace(old, new, 1))
    assert raised.value.message.startswith("sources.yaml, line ")


def test_a_secret_stands_in_no_message_and_no_repr(tmp_path: Path) -> None:
    text = GOOD.replace('"${ANALYTICS_URL}"', '"${ANALYTICS_URL}", page_rows: "${ROWS}"')
    with pytest.raises(InvalidSourceConfigError, match=r"line 22, .*page_rows") as raised:
        loaded(tmp_path, text, ROWS="s3cret")
    assert "s3cret" not in str(raised.value)
    found = loaded(tmp_path, text, ROWS="500")
    assert found.sources[1].settings.page_rows == 500
    assert "secret-place" not in repr(found) and "500" not in repr(found)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot be read"), (b"", "is empty"), (b"\xff\xfe", "is not UTF-8"), (b"- a", "expected `version`")],
    ids=["missing", "empty", "no text", "a list"],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "sources.yaml").write_bytes(content)
    with pytest.raises(InvalidSourceConfigError, match=message):
        load_sources(tmp_path / "sources.yaml", environ={})


def test_yaml_that_repeats_itself_without_end_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(InvalidSourceConfigError, match="repeated too often"):
        loaded(tmp_path, "\n".join(lines))


def test_names_that_are_merged_in_may_be_replaced(tmp_path: Path) -> None:
    text = GOOD.replace("{contact_id: Id}", "&id {contact_id: Id}").replace(
        "    records:\n      usage:", "    records:\n      tickets: {from: t, customer: slug, fields: {<<: *id, ticket_id: T}}\n      usage:"
    )  # fmt: skip
    with pytest.raises(InvalidSourceConfigError, match="`contact_id` is not known"):
        loaded(tmp_path, text)


def test_tables_merged_without_end_are_worked_out_once(tmp_path: Path) -> None:
    table = "{account_id: Id}"
    for level in range(12):
        table = f"{{<<: [&x{level} {table}, {', '.join([f'*x{level}'] * 9)}]}}"
    text = GOOD.replace("fields:\n          account_id: Id\n", f"fields:\n          <<: {table}\n")
    assert loaded(tmp_path, text).sources[0].records["accounts"].fields[0].name == "account_id"


def test_the_first_five_errors_of_a_file_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace("account_id: Id", "account_id: a ||").replace("unit: years", "unit: yards")
    text = text.replace("contact_id: Id", "contact_ids: Id").replace("week_start: week_start", "week_start: b ||")
    with pytest.raises(InvalidSourceConfigError) as raised:
        loaded(tmp_path, text)
    assert [line.split(",")[1] for line in raised.value.message.splitlines()] == [
        " line 11", " line 14", " line 18", " line 28",
    ]  # fmt: skip
    many = GOOD.replace("contact_id: Id", ", ".join(f"{name}: a ||" for name in ("contact_id", "email", "phone", "role", "language", "left_on")))  # fmt: skip
    with pytest.raises(InvalidSourceConfigError) as raised:
        loaded(tmp_path, many)
    assert raised.value.message.count("line 18") == 5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page_rows: ${ROWS}", "${ROWS}"),
        ("url: ${URL}", "sqlite:///x.db?timeout=${URL}"),
    ],
)
def test_a_secret_stands_in_no_traceback(tmp_path: Path, name: str, content: str) -> None:
    secret = "".join(("hun", "ter2"))
    setting = name.split(":")[0]
    connection = f'{{url: "sqlite:///x.db", {setting}: "{content}"}}' if setting != "url" else f'{{url: "{content}"}}'
    text = GOOD.replace('{url: "${ANALYTICS_URL}"}', connection)
    with pytest.raises(InvalidSourceConfigError, match="line 22, ") as raised:
        loaded(tmp_path, text, ROWS=secret, URL=secret)
    assert secret not in "".join(traceback.format_exception(raised.value))


def test_somebody_must_hold_the_accounts(tmp_path: Path) -> None:
    text = "version: 1\nsources:\n  - name: analytics" + GOOD.split("  - name: analytics")[1]
    with pytest.raises(InvalidSourceConfigError, match="no source has `accounts`"):
        loaded(tmp_path, text)


def test_connectors_are_found_by_their_place() -> None:
    found = connectors()
    assert {"files", "salesforce", "sql"} <= set(found)
    assert all(name == connector.name for name, connector in found.items())


class Picky(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings whose own check repeats what it was given."""

    url: str = ""
    mode: Literal["fast", "slow"] = "slow"

    def __post_init__(self) -> None:
        if "://" not in self.url:
            raise ValueError(f"`url` is no address: {self.url}")


@pytest.mark.parametrize(
    ("url", "mode", "message"),
    [
        ("${PLACE}", "slow", "the connector picky cannot take this"),
        ("elsewhere", "slow", "`url` is no address: elsewhere"),
        ("http://x", "${PLACE}", "the connector picky cannot take this"),
    ],
)
def test_a_connector_s_own_complaint_is_passed_on_unless_it_holds_a_secret(
    tmp_path: Path, url: str, mode: str, message: str
) -> None:
    file = tmp_path / "connection.yaml"
    file.write_text(f"url: {url}\nmode: {mode}\n")
    block = read_yaml(file)
    picky = Connector("picky", Picky, lambda settings, context: pytest.fail("it must not be opened"))
    with pytest.raises(InvalidSourceConfigError, match=message) as raised:
        read_settings(block, block, picky, {"PLACE": "hunter2"})
    assert "hunter2" not in str(raised.value)
