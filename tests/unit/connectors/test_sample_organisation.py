import datetime as dt
import re
from collections import Counter
from itertools import pairwise

import pytest

from connectors.payload import read_payload
from connectors.records import Account
from connectors.sample import Organisation, organisation
from connectors.sample.cast import cast
from connectors.sample.identifiers import salesforce_id
from connectors.sample.organisation import quarter_end, renewal_day
from connectors.sample.stories import STORIES
from connectors.sample.tables import TICKET_LANGUAGES, ticket_texts

AS_OF = dt.date(2026, 11, 20)
YEAR = [dt.date(2027, 1, 1) + dt.timedelta(days=day) for day in range(365)]


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return organisation(AS_OF)


def told(sample: Organisation, story: str) -> list[Account]:
    return [account for account in sample.accounts if sample.stories[account.account_id] == story]


def _longest_gap_days(account: Account) -> int:
    return max((new.week_start - old.week_start).days for old, new in pairwise(account.usage))


def mean_active(account: Account, newest: int, oldest: int) -> float:
    weeks = account.usage[-oldest : len(account.usage) - newest]
    return sum(week.active_users or 0 for week in weeks) / len(weeks)


def test_organisation_is_the_same_for_the_same_day_and_seed(sample: Organisation) -> None:
    assert organisation(AS_OF).payload() == sample.payload()


def test_organisation_differs_with_the_seed(sample: Organisation) -> None:
    assert {a.name for a in organisation(AS_OF, seed=8).accounts} != {a.name for a in sample.accounts}


def test_organisation_keeps_customers_and_stories_from_day_to_day(sample: Organisation) -> None:
    later = organisation(AS_OF + dt.timedelta(days=100))
    assert [(a.account_id, a.name, a.domain) for a in later.accounts] == [
        (a.account_id, a.name, a.domain) for a in sample.accounts
    ]
    assert later.stories == sample.stories


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_flagship_question_finds_a_clear_leaver_on_every_day_of_a_year(seed: int) -> None:
    roles = list(enumerate(cast(seed), 1))
    leavers = [
        (number, role)
        for number, role in roles
        if STORIES[role.story].leaves and role.segment == "Enterprise" and role.place.region == "EMEA"
    ]
    for day in YEAR:
        renewals = [renewal_day(number, role, day) for number, role in leavers]
        assert sum(day <= renewal <= quarter_end(day) for renewal in renewals) >= 4, day
        assert sum(renewal <= day + dt.timedelta(days=92) for renewal in renewals) >= 8, day


def test_leavers_of_the_quarter_are_active_and_free_to_go_on_the_quarters_last_day() -> None:
    day = dt.date(2026, 12, 31)
    sample = organisation(day)
    due = [
        a for a in sample.accounts if a.account_id in sample.leavers() and a.contract and a.contract.renewal_date == day
    ]
    assert len(due) >= 4
    assert all(a.status == "active" and a.contract and a.contract.auto_renew is False for a in due)


def test_organisation_covers_segments_and_regions(sample: Organisation) -> None:
    counts = Counter((account.segment, account.region) for account in sample.accounts)
    assert len(sample.accounts) == 240
    assert len(counts) == 9
    assert counts["Enterprise", "EMEA"] == 34
    assert len({account.country for account in sample.accounts}) >= 25
    assert len({account.industry for account in sample.accounts}) >= 12


@pytest.mark.parametrize("day", [AS_OF, dt.date(2028, 2, 29), dt.date(2027, 1, 1), dt.date(2027, 3, 31)])
def test_payload_is_read_back_without_a_loss(day: dt.date) -> None:
    sample = organisation(day)
    result = read_payload(sample.payload())
    assert (result.rejected, result.findings) == ((), ())
    assert result.payload == sample.record


def test_payload_holds_no_null(sample: Organisation) -> None:
    def nulls(value: object) -> bool:
        if isinstance(value, dict):
            return any(map(nulls, value.values()))
        return any(map(nulls, value)) if isinstance(value, list) else value is None

    assert not nulls(sample.payload())


def test_nothing_in_the_organisation_lies_after_its_day(sample: Organisation) -> None:
    for a in sample.accounts:
        assert all(w.week_start + dt.timedelta(days=6) < AS_OF for w in a.usage)
        moments = [m for t in a.tickets for m in (t.opened_at, t.first_response_at, t.closed_at) if m]
        moments += [x.occurred_at for x in a.activities if x.occurred_at]
        assert all(moment.date() < AS_OF for moment in moments)
        assert all(i.issued_on and i.issued_on < AS_OF and (not i.paid_on or i.paid_on < AS_OF) for i in a.invoices)


def test_ids_names_and_domains_are_unique(sample: Organisation) -> None:
    accounts = sample.accounts
    ids = [a.account_id for a in accounts] + [c.contact_id for a in accounts for c in a.contacts]
    ids += [t.ticket_id for a in accounts for t in a.tickets] + [i.invoice_id for a in accounts for i in a.invoices]
    ids += [x.activity_id for a in accounts for x in a.activities] + [s.survey_id for a in accounts for s in a.surveys]
    assert len(ids) == len(set(ids))
    assert len({a.name for a in accounts}) == len({a.domain for a in accounts}) == len(accounts)


def test_every_address_ends_in_example(sample: Organisation) -> None:
    text = str(sample.payload())
    hosts = set(re.findall(r"[\w.-]+@([\w.-]+\w)", text)) | {a.domain for a in sample.accounts}
    assert hosts
    assert all(host.endswith(".example") for host in hosts)


def test_tickets_are_written_in_four_languages_without_open_placeholders(sample: Organisation) -> None:
    tickets = [ticket for account in sample.accounts for ticket in account.tickets]
    assert not [ticket.subject for ticket in tickets if re.search(r"[{}]", ticket.subject + ticket.body)]
    texts = [text for language in TICKET_LANGUAGES for topic in ticket_texts(language).values() for text in topic]
    assert len({text.body for text in texts}) >= 90
    assert len({ticket.subject for ticket in tickets}) >= 80
    assert {*ticket_texts("en")} == {*ticket_texts("de")} == {*ticket_texts("fr")} == {*ticket_texts("es")}


def test_every_story_is_told(sample: Organisation) -> None:
    assert set(sample.stories.values()) == set(STORIES)


def test_silent_leavers_use_less_and_say_nothing(sample: Organisation) -> None:
    for account in told(sample, "silent_leaver"):
        assert mean_active(account, 0, 4) < 0.5 * mean_active(account, 40, 52)
        assert all(t.opened_at and (AS_OF - t.opened_at.date()).days > 100 for t in account.tickets)


def test_accounts_that_moved_to_the_api_call_it_more_as_they_click_less(sample: Organisation) -> None:
    for account in told(sample, "moved_to_api"):
        old, new = account.usage[30], account.usage[-1]
        assert (new.active_users or 0) < 0.7 * (old.active_users or 0)
        assert (new.api_calls or 0) > 5 * (old.api_calls or 0)


def test_slow_payers_pay_late_every_time(sample: Organisation) -> None:
    paid = [i for a in told(sample, "slow_payer") for i in a.invoices if i.paid_on and i.due_on]
    assert paid
    assert all(i.paid_on and i.due_on and (i.paid_on - i.due_on).days > 7 for i in paid)


@pytest.mark.parametrize("month", range(1, 13))
def test_some_customer_is_in_its_low_season_in_any_month(month: int) -> None:
    sample = organisation(dt.date(2027, month, 15))
    dips = [mean_active(a, 0, 4) / mean_active(a, 20, 60) for a in told(sample, "low_season") if len(a.usage) > 60]
    assert min(dips) < 0.85


@pytest.mark.parametrize(
    ("story", "holds"),
    [
        ("champion_left", lambda a: any(c.role == "champion" and c.left_on for c in a.contacts)),
        ("everybody_left", lambda a: all(c.left_on for c in a.contacts)),
        ("opted_out", lambda a: all(c.email_opt_out for c in a.contacts)),
        ("without_usage", lambda a: not a.usage),
        ("stale_feed", lambda a: (AS_OF - a.usage[-1].week_start).days >= 40),
        (
            "missing_weeks",
            lambda a: (a.usage[-1].week_start - a.usage[-2].week_start).days == 7 and _longest_gap_days(a) == 21,
        ),
        ("already_churned", lambda a: a.status == "churned" and a.contract.renewal_date < AS_OF),
        ("on_trial", lambda a: a.status == "trial" and a.annual_recurring_revenue is None and not a.invoices),
        ("monthly_contract", lambda a: a.contract.term_months == 1 and len(a.invoices) > 12),
        ("undated_contract", lambda a: a.contract.renewal_date is None and a.contract.start_date),
        ("in_dispute", lambda a: a.invoices[-1].status == "disputed"),
        ("downgrader", lambda a: a.changes[-1].seats < a.changes[0].seats),
        ("growing", lambda a: a.changes[-1].seats > a.changes[0].seats),
        ("newcomer", lambda a: len(a.usage) <= 11),
        ("sponsor_silent", lambda a: (AS_OF - a.activities[-1].occurred_at.date()).days >= 150),
    ],
)
def test_story_shows_in_the_records(sample: Organisation, story: str, holds) -> None:  # type: ignore[no-untyped-def]
    accounts = told(sample, story)
    assert accounts
    assert all(map(holds, accounts))


def test_salesforce_id_carries_the_case_check_of_its_letters() -> None:
    made = [salesforce_id("001", number) for number in range(1_000)]
    assert len(set(made)) == 1_000
    assert {len(one) for one in made} == {18}
    # Five capitals in the last five characters make its check 11111 in binary: the 32nd sign, a 5.
    assert salesforce_id("001", 0) == "0015f00000AAAAAAA5"
