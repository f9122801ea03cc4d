"""Several systems read at once and joined into one payload."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.narrowing import Narrowing
from connectors.payload import read_payload
from connectors.ports import SeenTable
from connectors.pull import Failure, Pulled, pull, read_all
from tests.unit.connectors.memory_source import AS_OF, NOW, MemorySource, Readings, backed, configured

CRM = {
    "name": "salesforce",
    "kind": "crm",
    "records": {
        "accounts": {
            "from": "Account",
            "fields": {
                "account_id": "Id",
                "name": "Name",
                "domain": "Web",
                "region": "Region",
                "segment": {"path": "Size", "values": {"ENT": "Enterprise"}},
                "contract.seats": "Seats",
            },
        },
        "contacts": {"from": "Contact", "account": "AccountId", "fields": {"contact_id": "Id"}},
    },
}
USAGE = {
    "name": "analytics",
    "kind": "usage",
    "customers": {"from": "tenants", "key": "slug", "domain": "domain", "name": "title"},
    "records": {"usage": {"from": "weeks", "customer": "slug", "fields": {"week_start": "week", "active_users": "n"}}},
}
FINANCE = {
    "name": "finance",
    "kind": "billing",
    "records": {
        "accounts": {
            "from": "debtors",
            "account": "crm_id",
            "fields": {
                "account_id": "no",
                "name": "title",
                "industry": "branch",
                "contract.seats": "seats",
                "contract.term_months": "term",
                "annual_recurring_revenue.amount": "sum",
            },
        },
        "invoices": {"from": "bills", "account": "no", "fields": {"invoice_id": "id", "amount": "sum"}},
    },
}
ACCOUNTS = [
    {"Id": "A1", "Name": "Alpine Foods GmbH", "Web": "alpine.example", "Region": "EMEA", "Size": "ENT", "Seats": 9},
    {"Id": "A2", "Name": "Birch Ltd", "Web": "birch.example", "Region": "EMEA", "Size": "Mid-Market", "Seats": None},
    {"Id": "A3", "Name": "Cedar Inc", "Web": "cedar.example", "Region": "AMER", "Size": "enterprise", "Seats": 3},
]


def crm(**changed: Any) -> MemorySource:
    contacts = [{"Id": "C1", "AccountId": "A1"}, {"Id": "C3", "AccountId": "A3"}]
    return MemorySource({"Account": ACCOUNTS, "Contact": contacts}, **changed)


def usage(**changed: Any) -> MemorySource:
    tenants = [
        {"slug": "alpine", "domain": "alpine.example", "title": None},
        {"slug": "birch", "domain": None, "title": "BIRCH LIMITED"},
        {"slug": "cedar", "domain": "cedar.example", "title": None},
        {"slug": "nobody", "domain": "nobody.example", "title": None},
    ]
    weeks = [{"slug": slug, "week": "2026-11-02", "n": 4} for slug in ("alpine", "birch", "cedar", "nobody")]
    return MemorySource({"tenants": tenants, "weeks": weeks}, **changed)


def finance(**changed: Any) -> MemorySource:
    debtors = [
        {"no": "7", "crm_id": "A1", "title": "AF", "branch": "Food", "seats": 1, "term": 12, "sum": 5.0},
        {"no": "8", "crm_id": None, "title": "Birch Ltd.", "branch": "Wood", "seats": 2, "term": 24, "sum": None},
        {"no": "9", "crm_id": None, "title": "Yew SA", "branch": "Wood", "seats": 2, "term": 24, "sum": 1.0},
    ]
    bills = [{"no": no, "id": f"INV-{no}", "sum": 10} for no in ("7", "8", "9", "10")]
    return MemorySource({"debtors": debtors, "bills": bills}, **changed)


async def pulled(folder: Path, *pairs: tuple[dict[str, Any], MemorySource], **options: Any) -> Pulled:
    sources = configured(folder, *(config for config, _ in pairs))
    backing = [backed(config, source) for config, (_, source) in zip(sources, pairs, strict=True)]
    options = {"timeout_seconds": 30.0, **options}
    return await pull(backing, as_of=AS_OF, clock=lambda: NOW, **options)


def by_id(result: Pulled) -> dict[str, dict[str, Any]]:
    return {account["account_id"]: account for account in result.document["accounts"]}


def codes(result: Pulled) -> dict[str, tuple[str, int]]:
    return {finding.code: (finding.scope, finding.count) for finding in result.findings}


async def test_records_of_other_systems_reach_the_account_they_belong_to(tmp_path: Path) -> None:
    result = await pulled(tmp_path, (CRM, crm()), (USAGE, usage()))
    accounts = by_id(result)
    assert [account["usage"] for account in accounts.values()] == [
        [{"week_start": "2026-11-02", "active_users": 4}]
    ] * 3
    assert accounts["A1"]["contacts"] == [{"contact_id": "C1"}]
    assert result.document["sources"][1] == {
        "name": "analytics",
        "kind": "usage",
        "extracted_at": "2026-11-20T12:00:00Z",
        "max_age_days": 7,
    }
    assert result.document["as_of"] == "2026-11-20"
    read = read_payload(result.document)
    assert (len(read.payload.accounts), read.rejected, read.findings) == (3, (), ())
    assert codes(result) == {"match_missing": ("analytics", 1)}


async def test_another_system_s_accounts_fill_only_what_is_absent(tmp_path: Path) -> None:
    accounts = by_id(await pulled(tmp_path, (FINANCE, finance()), (CRM, crm())))
    assert list(accounts) == ["A1", "A2", "A3"]
    assert accounts["A1"]["name"] == "Alpine Foods GmbH"
    assert (accounts["A1"]["industry"], accounts["A2"]["industry"]) == ("Food", "Wood")
    assert accounts["A1"]["contract"] == {"seats": 9, "term_months": 12}
    assert accounts["A2"]["contract"] == {"seats": 2, "term_months": 24}
    assert accounts["A1"]["annual_recurring_revenue"] == {"amount": 5.0}
    assert [invoice["invoice_id"] for invoice in accounts["A2"]["invoices"]] == ["INV-8"]


async def test_an_amount_takes_no_other_system_s_currency(tmp_path: Path) -> None:
    config = {**FINANCE, "records": {"accounts": {"from": "debtors", "account": "crm_id", "fields": {
        "account_id": "no", "annual_recurring_revenue.amount": "sum",
        "annual_recurring_revenue.currency": {"constant": "USD"}}}}}  # fmt: skip
    leading = {**CRM, "records": {"accounts": {"from": "Account", "fields": {
        "account_id": "Id", "annual_recurring_revenue.amount": "Seats"}}}}  # fmt: skip
    accounts = by_id(await pulled(tmp_path, (leading, crm()), (config, finance())))
    assert accounts["A1"]["annual_recurring_revenue"] == {"amount": 9.0}


async def test_what_belongs_to_nobody_is_told_and_left_out(tmp_path: Path) -> None:
    source = usage()
    source.tables["weeks"].append({"slug": "ghost", "week": "2026-11-02", "n": 1})
    result = await pulled(tmp_path, (CRM, crm()), (USAGE, source), (FINANCE, finance()))
    found = [(finding.code, finding.scope, finding.count) for finding in result.findings]
    assert ("orphan_records", "analytics", 1) in found
    assert ("orphan_records", "finance", 1) in found
    assert ("match_missing", "finance", 1) in found


async def test_a_customer_that_may_be_several_accounts_is_never_merged(tmp_path: Path) -> None:
    source = crm()
    source.tables["Account"] = [*ACCOUNTS, {**ACCOUNTS[1], "Id": "A4", "Name": "Birch Holding AG"}]
    tenants = usage()
    tenants.tables["tenants"][1] = {"slug": "birch", "domain": "birch.example", "title": "Birk"}
    result = await pulled(tmp_path, (CRM, source), (USAGE, tenants))
    assert "usage" not in by_id(result)["A2"] and "usage" not in by_id(result)["A4"]
    told = {finding.scope for finding in result.findings if finding.code == "account.match_ambiguous"}
    assert told == {"A2", "A4"}
    assert codes(result)["match_ambiguous"] == ("analytics", 1)


async def test_short_salesforce_ids_find_their_long_ones(tmp_path: Path) -> None:
    source = crm()
    source.tables["Account"] = [{**ACCOUNTS[0], "Id": "0014x00001ABCDEAAA"}]
    source.tables["Contact"] = [{"Id": "C1", "AccountId": "0014x00001ABCDE"}]
    (account,) = by_id(await pulled(tmp_path, (CRM, source))).values()
    assert account["contacts"] == [{"contact_id": "C1"}]


@pytest.mark.parametrize(
    "error", [SourceUnavailableError("no answer"), SourceRefusedError("no right"), ValueError("s")]
)
async def test_a_source_that_fails_is_told_and_the_others_answer(tmp_path: Path, error: Exception) -> None:
    broken = usage(error=error)
    result = await pulled(tmp_path, (CRM, crm()), (USAGE, broken))
    assert result.failed == ("analytics",)
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.scope, finding.touches) == (
        "source_unavailable", "error", "analytics", "usage",
    )  # fmt: skip
    assert [source["name"] for source in result.document["sources"]] == ["salesforce"]
    assert len(by_id(result)) == 3
    assert broken.closed == 1


@pytest.mark.parametrize(
    ("error", "raised"),
    [(SourceRefusedError("no right"), SourceRefusedError), (KeyError("k"), SourceUnavailableError)],
)
async def test_without_the_accounts_there_is_no_answer(
    tmp_path: Path, error: Exception, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        await pulled(tmp_path, (CRM, crm(error=error)), (USAGE, usage()))


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_a_source_that_hangs_is_given_up_in_time(tmp_path: Path, hold: threading.Event) -> None:
    result = await pulled(tmp_path, (CRM, crm()), (USAGE, usage(hold=hold)), timeout_seconds=0.2)
    assert result.failed == ("analytics",)
    assert "did not answer within 0.2 seconds" in result.findings[0].message


async def test_the_accounts_failing_is_told_without_waiting_for_the_others(
    tmp_path: Path, hold: threading.Event
) -> None:
    failing = pulled(tmp_path, (CRM, crm(error=SourceRefusedError("no"))), (USAGE, usage(hold=hold)))
    with pytest.raises(SourceRefusedError):
        await asyncio.wait_for(failing, 5)


async def test_sources_are_read_at_the_same_time(tmp_path: Path) -> None:
    """Each waits for the other before it gives a row."""
    barrier = threading.Barrier(2, timeout=20)

    class Waiting(MemorySource):
        def rows(self, read: Any) -> Iterator[Any]:
            if not self.asked:
                barrier.wait()
            return super().rows(read)

    result = await pulled(tmp_path, (CRM, Waiting(crm().tables)), (USAGE, Waiting(usage().tables)))
    assert result.failed == ()


async def test_all_outcomes_are_told_when_asked_for(tmp_path: Path) -> None:
    sources = configured(tmp_path, CRM, USAGE)
    backing = [backed(sources[0], crm(error=SourceRefusedError("no"))), backed(sources[1], usage())]
    results = await read_all(backing, clock=lambda: NOW, timeout_seconds=30)
    assert [isinstance(result, Failure) for result in results] == [True, False]


async def test_a_narrowed_reading_asks_in_the_system_s_words_and_filters_again(tmp_path: Path) -> None:
    source = crm()
    narrowing = Narrowing(regions=("emea",), segments=("Enterprise",), statuses=("active",))
    result = await pulled(tmp_path, (CRM, source), (USAGE, usage()), narrowing=narrowing)
    asked = next(read for read in source.asked if read.origin == "Account")
    assert {"EMEA", "Emea"} <= set(asked.only["Region"])
    assert {"ENT", "Enterprise", "enterprise", "large enterprise"} <= set(asked.only["Size"])
    assert not {"smb", "SMB", "Mid-Market"} & set(asked.only["Size"])
    assert list(by_id(result)) == ["A1"]
    assert by_id(result)["A1"]["usage"] and by_id(result)["A1"]["contacts"]


async def test_accounts_left_out_are_no_orphans_and_still_known_to_the_matching(tmp_path: Path) -> None:
    tenants = usage()
    tenants.tables["tenants"][2] = {"slug": "cedar", "domain": None, "title": "Cedar"}
    narrowing = Narrowing(regions=("AMER",))
    for filters in (True, False):
        result = await pulled(
            tmp_path, (CRM, crm(filters=filters)), (USAGE, tenants), (FINANCE, finance()), narrowing=narrowing
        )
        assert list(by_id(result)) == ["A3"]
        assert sorted((one.code, one.scope, one.count) for one in result.findings) == [
            ("match_missing", "analytics", 1),
            ("match_missing", "finance", 1),
            ("orphan_records", "finance", 1),
        ]


@pytest.mark.parametrize(
    ("segment", "wanted", "pushed"),
    [
        ("Size", ("SMB",), True),
        ("Size || 'SMB'", ("SMB",), False),
        ({"constant": "SMB"}, ("SMB",), False),
        ({"path": "Size", "values": {"ENT": "Enterprise"}, "otherwise": "SMB"}, ("SMB",), False),
        ({"path": "Size", "values": {"ENT": "Enterprise"}, "otherwise": "SMB"}, ("Enterprise",), True),
        ({"path": "Size", "values": {"": "SMB"}}, ("SMB",), False),
    ],
)
async def test_a_filter_is_pushed_down_only_where_the_system_s_words_are_sure(
    tmp_path: Path, segment: Any, wanted: tuple[str, ...], pushed: bool
) -> None:
    config = {**CRM, "records": {"accounts": {"from": "Account", "fields": {"account_id": "Id", "segment": segment}}}}
    source = crm()
    await pulled(tmp_path, (config, source), narrowing=Narrowing(segments=wanted))
    assert bool(source.asked[0].only) is pushed


async def test_accounts_without_a_status_are_active_and_never_filtered_away_by_the_system(tmp_path: Path) -> None:
    fields = {"account_id": "Id", "status": "State"}
    config = {**CRM, "records": {"accounts": {"from": "Account", "fields": fields}}}
    source = MemorySource({"Account": [{"Id": "A1", "State": None}, {"Id": "A2", "State": "lost"}]})
    result = await pulled(tmp_path, (config, source), narrowing=Narrowing(statuses=("active",)))
    assert list(by_id(result)) == ["A1"]
    assert source.asked[0].only == {}


async def test_a_filter_that_is_pushed_down_asks_for_hyphens_and_underscores_too(tmp_path: Path) -> None:
    fields = {"account_id": "Id", "status": "State"}
    config = {**CRM, "records": {"accounts": {"from": "Account", "fields": fields}}}
    spellings = ["Closed-Lost", "closed_lost", "Closed Lost", "Off-Boarded"]
    source = MemorySource({"Account": [{"Id": f"A{n}", "State": word} for n, word in enumerate(spellings)]})
    result = await pulled(tmp_path, (config, source), narrowing=Narrowing(statuses=("churned",)))
    assert list(by_id(result)) == ["A0", "A1", "A2", "A3"]
    assert set(spellings) <= set(source.asked[0].only["State"])


async def test_a_collapse_is_found_and_does_not_become_usual(tmp_path: Path) -> None:
    history = Readings()
    many = crm()
    many.tables["Contact"] = [{"Id": f"C{number}", "AccountId": "A1"} for number in range(20)]
    await pulled(tmp_path, (CRM, many), history=history)
    for _ in range(2):
        result = await pulled(tmp_path, (CRM, crm()), history=history)
        (finding,) = [one for one in result.findings if one.code == "row_collapse"]
        assert (finding.scope, finding.severity, finding.touches) == ("salesforce", "error", "contacts")
    assert history.seen["salesforce", "contacts"].rows == 20


async def test_half_as_many_rows_are_no_collapse_and_few_rows_never_are(tmp_path: Path) -> None:
    for before, after in ((20, 10), (19, 1), (0, 0)):
        history, source = Readings(), crm()
        for count in (before, after):
            source.tables["Contact"] = [{"Id": f"C{number}", "AccountId": "A1"} for number in range(count)]
            result = await pulled(tmp_path, (CRM, source), history=history)
        assert "row_collapse" not in codes(result)
        assert history.seen["salesforce", "contacts"].rows == after


@pytest.mark.parametrize(("before", "severity"), [(1, "warning"), (20, "error")])
async def test_no_rows_after_some_are_always_told(tmp_path: Path, before: int, severity: str) -> None:
    history, source = Readings(), crm()
    for count in (before, 0):
        source.tables["Contact"] = [{"Id": f"C{number}", "AccountId": "A1"} for number in range(count)]
        result = await pulled(tmp_path, (CRM, source), history=history)
    (finding,) = [one for one in result.findings if one.code == "row_collapse"]
    assert finding.severity == severity


async def test_a_table_that_vanishes_by_halves_is_found(tmp_path: Path) -> None:
    history, source = Readings(), crm()
    told = []
    for count in (100, 51, 26, 26):
        source.tables["Contact"] = [{"Id": f"C{number}", "AccountId": "A1"} for number in range(count)]
        told.append("row_collapse" in codes(await pulled(tmp_path, (CRM, source), history=history)))
    assert told == [False, False, True, True]


async def test_what_came_long_ago_is_no_measure_of_a_collapse(tmp_path: Path) -> None:
    history, source = Readings(), crm()
    seen = SeenTable(51, ("AccountId", "Id"), NOW - dt.timedelta(days=6), 100, NOW - dt.timedelta(days=8))
    history.keep("salesforce", "contacts", seen)
    source.tables["Contact"] = [{"Id": f"C{number}", "AccountId": "A1"} for number in range(26)]
    assert "row_collapse" not in codes(await pulled(tmp_path, (CRM, source), history=history))
    kept = history.seen["salesforce", "contacts"]
    assert (kept.rows, kept.most) == (26, 51)


@pytest.mark.parametrize("filters", [True, False])
async def test_an_id_that_another_region_has_too_gets_no_record_in_a_narrowed_reading(
    tmp_path: Path, filters: bool
) -> None:
    twice = [{**ACCOUNTS[0], "Region": "EMEA"}, {**ACCOUNTS[2], "Id": "A1", "Region": "APAC"}, ACCOUNTS[1]]
    source = crm(filters=filters)
    source.tables["Account"] = twice
    for region in ("APAC", "EMEA"):
        result = await pulled(tmp_path, (CRM, source), narrowing=Narrowing(regions=(region,)))
        assert "contacts" not in by_id(result)["A1"]
        (finding,) = [one for one in result.findings if one.scope == "A1"]
        assert finding.code == "account.duplicate_customer" and "contacts" in finding.touches
    whole = await pulled(tmp_path, (CRM, source))
    first, second, _ = whole.document["accounts"]
    assert "contacts" in first and "contacts" not in second


async def test_a_person_says_which_customer_is_which_account(tmp_path: Path) -> None:
    same = {"birch": "A3", "cedar": "", "nobody": "A9", "gone": "A1"}
    config = {**USAGE, "customers": {**USAGE["customers"], "many_to_one": True, "same": same}}
    result = await pulled(tmp_path, (CRM, crm()), (config, usage()))
    accounts = by_id(result)
    assert "usage" in accounts["A1"] and "usage" not in accounts["A2"] and len(accounts["A3"]["usage"]) == 1
    told = {finding.code: finding for finding in result.findings if finding.code.startswith("match_")}
    assert told.keys() == {"match_ambiguous", "match_same_unknown", "match_same_unused"}
    assert "nobody" in told["match_same_unknown"].message and "gone" in told["match_same_unused"].message


async def test_what_is_uncertain_is_told_with_its_reason_and_the_way_to_settle_it(tmp_path: Path) -> None:
    tenants = usage()
    tenants.tables["tenants"][1] = {"slug": "birch", "domain": "birch.example", "title": "Ropes and Sails"}
    result = await pulled(tmp_path, (CRM, crm()), (USAGE, tenants))
    (finding,) = [one for one in result.findings if one.code == "match_ambiguous"]
    assert "the domain is the same, the names differ: 1" in finding.message and "`same`" in finding.message


async def test_another_system_s_accounts_are_those_a_person_says_and_an_unknown_id_is_told(tmp_path: Path) -> None:
    records = FINANCE["records"]
    config = {**FINANCE, "records": {**records, "accounts": {**records["accounts"], "same": {"9": "A3"}}}}
    source = finance()
    source.tables["debtors"][1] = {**source.tables["debtors"][1], "crm_id": "A77"}
    result = await pulled(tmp_path, (CRM, crm()), (config, source))
    assert by_id(result)["A3"]["industry"] == "Wood"
    assert codes(result)["match_stale_reference"] == ("finance", 1)
    assert "invoices" not in by_id(result)["A2"]


async def test_a_narrowed_reading_of_accounts_is_compared_with_none(tmp_path: Path) -> None:
    history = Readings()
    await pulled(tmp_path, (CRM, crm()), history=history, narrowing=Narrowing(regions=("AMER",)))
    assert ("salesforce", "accounts") not in history.seen
    assert history.seen["salesforce", "contacts"].columns == ("AccountId", "Id")


async def test_columns_that_go_empty_come_or_vanish_are_found(tmp_path: Path) -> None:
    history, source = Readings(), crm()
    source.tables["Account"] = [{**row, "Old": 1} for row in ACCOUNTS]
    await pulled(tmp_path, (CRM, source), history=history)
    source.tables["Account"] = [{**row, "Web": None, "New": 1} for row in ACCOUNTS]
    result = await pulled(tmp_path, (CRM, source), history=history)
    drift = [(one.severity, one.message) for one in result.findings if one.code == "schema_drift"]
    assert drift == [
        ("warning", "accounts: mapped columns came filled before and are empty now (Web)."),
        ("info", "accounts: columns that came before are gone (Old)."),
        ("info", "accounts: columns are new (New)."),
    ]


async def test_a_mapped_column_that_does_not_come_at_all_is_found_at_once(tmp_path: Path) -> None:
    source = MemorySource({"Account": [{"Id": "A1", "Name": "Alpine"}], "Contact": []})
    result = await pulled(tmp_path, (CRM, source))
    (finding,) = result.findings
    assert (finding.code, finding.count, finding.touches) == ("schema_drift", 4, "contract")


async def test_values_that_cannot_be_mapped_are_told_once_a_field_without_the_value(tmp_path: Path) -> None:
    source = crm()
    source.tables["Account"] = [{**row, "Seats": "a dozen"} for row in ACCOUNTS]
    result = await pulled(tmp_path, (CRM, source))
    (finding,) = result.findings
    assert (finding.code, finding.scope, finding.count) == ("unmapped_values", "salesforce", 3)
    assert "contract.seats" in finding.message and "A1, A2, A3" in finding.message and "dozen" not in finding.message
    assert len(read_payload(result.document).rejected) == 3


async def test_customers_that_seem_to_stand_twice_are_told_and_kept_apart(tmp_path: Path) -> None:
    source = crm()
    source.tables["Account"] = [*ACCOUNTS, {**ACCOUNTS[0], "Id": "A9", "Name": "ALPINE FOODS G.M.B.H."}]
    result = await pulled(tmp_path, (CRM, source))
    assert set(by_id(result)) == {"A1", "A2", "A3", "A9"}
    assert codes(result)["duplicate_customers"] == ("salesforce", 2)
    assert {one.scope for one in result.findings if one.code == "account.duplicate_customer"} == {"A1", "A9"}


async def test_the_text_form_of_a_reading_shows_no_record(tmp_path: Path) -> None:
    result = await pulled(tmp_path, (CRM, crm()), (USAGE, usage()), (FINANCE, finance()))
    shown = repr(result) + repr(result.reads) + repr(result.matchings)
    assert not [word for word in ("Alpine", "alpine", "2026-11-02") if word in shown]


async def test_a_narrowed_reading_of_one_system_takes_no_record_for_an_orphan(tmp_path: Path) -> None:
    result = await pulled(tmp_path, (CRM, crm()), narrowing=Narrowing(regions=("AMER",)))
    assert [contact["contact_id"] for contact in by_id(result)["A3"]["contacts"]] == ["C3"]
    assert result.findings == ()


async def test_a_word_that_the_map_gives_another_meaning_is_not_asked_for(tmp_path: Path) -> None:
    segment = {"path": "Size", "values": {"Enterprise": "SMB", "XL": "Enterprise"}}
    config = {**CRM, "records": {"accounts": {"from": "Account", "fields": {"account_id": "Id", "segment": segment}}}}
    source = crm()
    await pulled(tmp_path, (config, source), narrowing=Narrowing(segments=("Enterprise",)))
    words = set(source.asked[0].only["Size"])
    assert {"XL", "large enterprise"} <= words and not {"Enterprise", "enterprise", "ENTERPRISE"} & words


async def test_nothing_is_told_of_accounts_that_were_left_out(tmp_path: Path) -> None:
    source, tenants = crm(), usage()
    source.tables["Account"] = [*ACCOUNTS, {**ACCOUNTS[1], "Id": "A4", "Name": "Birch Holding AG", "Region": "AMER"}]
    tenants.tables["tenants"][1] = {"slug": "birch", "domain": "birch.example", "title": "Birk"}
    result = await pulled(tmp_path, (CRM, source), (USAGE, tenants), narrowing=Narrowing(regions=("AMER",)))
    assert {one.scope for one in result.findings if one.code == "account.match_ambiguous"} == {"A4"}
