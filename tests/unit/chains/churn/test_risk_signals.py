from __future__ import annotations

import datetime as dt
import math
import time

import numpy as np
import pandas as pd
import pytest
from risk_accounts import AS_OF, account, invoice, readings, scored, ticket, usage

from connectors.records import Account, Activity, Change, Contact, Contract, Survey

STEADY = [40] * 40


def _seasonal(weeks: int, base: int = 200, *, dip: float = 0.35) -> list[int]:
    """Weeks up to the last complete one, with the same dip in the last four weeks and the same four a year ago."""
    ages = range(weeks - 1, -1, -1)
    return [round(base * (dip if age % 52 < 4 else 1.0)) for age in ages]


def test_seasonal_dip_of_an_account_that_had_it_last_year_is_no_decline() -> None:
    own = scored(account(usage=usage(_seasonal(78), seats=400)))
    short = scored(account(usage=usage(_seasonal(78)[-40:], seats=400)))

    assert abs(own.push("usage_trend")) < 0.15
    assert short.push("usage_trend") > 0.6


def test_dip_that_the_whole_portfolio_shares_is_a_season_and_one_account_alone_is_not() -> None:
    dip = _seasonal(30)
    many = [
        account(f"a{number}", usage=usage([round(users * (1 + number / 20)) for users in dip])) for number in range(40)
    ]

    together = scored(*many)
    alone = scored(many[0])

    assert abs(together.push("usage_trend")) < 0.1
    assert alone.push("usage_trend") > 0.6


def test_season_is_that_of_the_industry_where_it_has_accounts_enough() -> None:
    schools = [account(f"s{n}", industry="Education", usage=usage(_seasonal(30))) for n in range(30)]
    shops = [account(f"r{n}", industry="Retail", usage=usage([200] * 30)) for n in range(60)]

    assert abs(scored(*schools, *shops).push("usage_trend")) < 0.1
    assert scored(schools[0], *shops).push("usage_trend") > 0.6


def test_season_of_a_portfolio_with_two_years_is_not_tilted_by_a_long_dip() -> None:
    summer = [round(200 * (0.5 if age % 52 < 12 else 1.0)) for age in range(89, -1, -1)]
    newcomer = account("new", usage=usage(summer[-40:]))

    old = [account(f"a{number}", usage=usage(summer)) for number in range(40)]

    assert abs(scored(*old, newcomer).push("usage_trend", 40)) < 0.1


def test_breadth_is_judged_by_what_the_portfolio_usually_uses() -> None:
    wide = [account(f"a{number}", usage=usage(STEADY, features=12)) for number in range(30)]
    narrow = account("narrow", usage=usage(STEADY, features=6))

    assert scored(*wide, narrow).push("breadth", 30) > 0.1
    assert scored(narrow).push("breadth") < 0.0


def test_licence_use_allows_for_the_season() -> None:
    holiday = scored(account(usage=usage(_seasonal(78), seats=400)))

    assert holiday.signals["licence_use"][0] == pytest.approx(0.5, abs=0.08)


def test_decline_of_one_account_stands_out_of_the_portfolio_season() -> None:
    dip = _seasonal(30)
    worse = [*dip[:-4], *(users // 3 for users in dip[-4:])]
    others = [account(f"a{number}", usage=usage(dip)) for number in range(40)]

    assert scored(*others, account("worse", usage=usage(worse))).push("usage_trend", 40) > 0.6


def test_slow_common_decline_is_not_taken_for_a_season() -> None:
    falling = [round(200 * 0.97**week) for week in range(30)]

    everybody = scored(*(account(f"a{number}", usage=usage(falling)) for number in range(40)))

    assert everybody.push("usage_trend") > 0.3


def test_slow_payer_who_always_pays_late_is_no_risk_and_a_prompt_one_who_stops_is() -> None:
    slow = scored(account(invoices=[invoice(days, 28) for days in (20, 110, 200, 290, 380)]))
    stopped = scored(account(invoices=[invoice(45, None), *(invoice(days, 0) for days in (110, 200, 290, 380))]))

    assert slow.push("payment") <= 0.03
    assert stopped.push("payment") > 0.4


def test_unpaid_invoice_within_the_own_habit_is_no_risk() -> None:
    waiting = scored(account(invoices=[invoice(20, None), *(invoice(days, 30) for days in (110, 200, 290, 380))]))

    assert waiting.push("payment") <= 0.0


def test_account_that_moves_from_the_ui_to_the_api_is_not_leaving() -> None:
    users = [60] * 26 + [50, 40, 30, 22, 16, 12, 10, 10]
    calls = [100] * 26 + [250, 500, 800, 1200, 1500, 1800, 2000, 2000]

    mover = scored(account(usage=usage(users, calls=calls)))
    leaver = scored(account(usage=usage(users)))

    assert mover.table.renewal_risk[0] < 0.16
    assert leaver.table.renewal_risk[0] > 0.35


def test_growth_from_few_calls_excuses_no_decline() -> None:
    users = [60] * 26 + [50, 40, 30, 22, 16, 12, 10, 10]

    assert scored(account(usage=usage(users, calls=[3] * 26 + [9] * 8))).signals["api_relief"][0] < 0.1


def test_silent_leaver_shows_against_its_own_year_though_no_quarter_breaks() -> None:
    falling = [round(120 * 0.985**week) for week in range(78)]

    silent = scored(account(usage=usage(falling, seats=130)))
    steady = scored(account(usage=usage([120] * 78, seats=130)))

    assert silent.push("usage_year") > 0.4
    assert silent.table.renewal_risk[0] > 2 * steady.table.renewal_risk[0]
    assert np.isnan(silent.signals["severe_tickets"][0])


@pytest.mark.parametrize("age", [0, 1, 3, 9, 20])
def test_missing_week_is_never_read_as_zero(age: int) -> None:
    users: list[int | None] = list(STEADY)
    users[-1 - age] = None

    result = scored(account(usage=usage(users)))

    assert result.signals["usage_change"][0] == pytest.approx(0.0, abs=1e-9)
    assert result.signals["dormant"][0] == 0.0
    assert result.signals["usage_weeks"][0] == 39


def test_recorded_zero_weeks_count_as_zero() -> None:
    result = scored(account(usage=usage([*STEADY[:-6], *[0] * 6], calls=[0] * 40)))

    assert result.signals["dormant"][0] > 0.7
    assert result.push("usage_trend") > 0.9


def test_usage_that_stopped_being_recorded_is_absent_rather_than_nil() -> None:
    silent: list[int | None] = [*STEADY[:-10], *[None] * 10]

    assert np.isnan(scored(account(usage=usage(silent))).signals["usage_change"][0])


def test_partial_current_week_changes_nothing() -> None:
    tuesday = dt.date(2026, 11, 17)
    weeks = usage(STEADY)
    partial = usage([3])[0]
    this_week = type(partial)(week_start=dt.date(2026, 11, 16), active_users=3, key_actions=2, licensed_seats=100)

    assert scored(account(usage=[*weeks, this_week]), as_of=tuesday).signals["usage_change"][0] == pytest.approx(0.0)


def test_tiny_account_that_loses_one_of_three_users_causes_no_alarm() -> None:
    seats = Contract(renewal_date=dt.date(2026, 12, 26), term_months=12, seats=4)
    tiny = scored(account(contract=seats, usage=usage([3] * 36 + [2] * 4, seats=4)))
    large = scored(account(usage=usage([300] * 36 + [200] * 4, seats=400)))

    assert 0 < tiny.push("usage_trend") < 0.2
    assert large.push("usage_trend") > 0.4
    assert tiny.table.renewal_risk[0] < 0.18


def test_champion_who_left_counts_less_with_a_successor_and_fades() -> None:
    def left(days: int) -> Contact:
        return Contact(contact_id=f"c{days}", role="champion", left_on=AS_OF - dt.timedelta(days=days))

    gone = scored(account(contacts=[left(20)])).push("champion_gone")
    replaced = scored(account(contacts=[left(20), Contact(contact_id="n", role="champion")])).push("champion_gone")
    long_ago = scored(account(contacts=[left(700)])).push("champion_gone")

    assert gone > 0.6
    assert 0 < replaced < 0.6 * gone
    assert long_ago < replaced


def test_ticket_signals_are_absent_without_tickets_and_zero_with_old_ones_only() -> None:
    nobody = scored(account()).signals
    old = scored(account(tickets=[ticket(300, closed_after=1)])).signals

    assert math.isnan(nobody["severe_tickets"][0])
    assert old["severe_tickets"][0] == 0.0
    assert old["open_days"][0] == 0.0


def test_open_critical_ticket_weighs_more_than_a_closed_one_and_than_a_low_one() -> None:
    waiting = scored(account(tickets=[ticket(40, priority="critical")]))
    closed = scored(account(tickets=[ticket(40, priority="critical", closed_after=2)]))
    low = scored(account(tickets=[ticket(40, priority="low")]))

    assert waiting.push("open_time") > low.push("open_time") > closed.push("open_time") == 0.0
    assert waiting.table.renewal_risk[0] > closed.table.renewal_risk[0]


def test_more_tickets_than_the_own_habit_raise_and_the_same_many_do_not() -> None:
    habit = [ticket(days, ticket_id=f"o{days}", closed_after=2) for days in range(100, 365, 20)]
    usual = [ticket(days, ticket_id=f"n{days}", closed_after=2) for days in (5, 25, 45, 65, 85)]
    many = [ticket(days, ticket_id=f"m{days}", closed_after=2) for days in range(2, 90, 5)]

    assert abs(scored(account(tickets=habit + usual)).push("ticket_load")) < 0.05
    assert scored(account(tickets=habit + many)).push("ticket_load") > 0.15


def test_unanswered_time_is_absent_where_the_help_desk_records_no_first_answer() -> None:
    assert np.isnan(scored(account(tickets=[ticket(30)])).signals["unanswered_days"][0])


def test_downgrade_raises_and_expansion_lowers() -> None:
    def changed(seats: int) -> Account:
        first = Change(changed_on=AS_OF - dt.timedelta(days=500), seats=100)
        return account(changes=[first, Change(changed_on=AS_OF - dt.timedelta(days=60), seats=seats)])

    assert scored(changed(70)).push("contraction") > 0.3
    assert scored(changed(150)).push("contraction") < -0.2


def test_dispute_detractor_and_silent_sponsor_raise() -> None:
    sponsor = Contact(contact_id="s", role="executive_sponsor")
    long_ago = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    result = scored(
        account(
            contacts=[sponsor],
            activities=[Activity(activity_id="m", occurred_at=long_ago, contact_id="s")],
            surveys=[Survey(survey_id="n", kind="nps", score=3.0, answered_on=AS_OF - dt.timedelta(days=9))],
            invoices=[invoice(20, None, status="disputed"), invoice(200, 0)],
        )
    )

    assert min(result.push(name) for name in ("sponsor_silent", "nps", "dispute")) > 0.25


def test_mail_to_the_administrator_does_not_break_the_silence_of_the_sponsor() -> None:
    people = [Contact(contact_id="s", role="executive_sponsor"), Contact(contact_id="a", role="administrator")]
    met = [(200, "s"), (2, "a")]
    today = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)
    activities = [
        Activity(activity_id=who, contact_id=who, occurred_at=today - dt.timedelta(days)) for days, who in met
    ]

    assert scored(account(contacts=people, activities=activities)).signals["sponsor_silent_days"][0] > 190


def test_contract_that_renews_by_itself_is_safe_once_its_notice_period_has_begun() -> None:
    def renewing(days: int) -> Account:
        renewal = AS_OF + dt.timedelta(days=days)
        return account(contract=Contract(renewal_date=renewal, term_months=12, auto_renew=True, notice_days=60))

    assert scored(renewing(30)).push("notice_passed") == pytest.approx(-1.3)
    assert scored(renewing(80)).push("notice_passed") == 0.0


def test_readings_add_mood_and_intent_and_unresolved_counts_more() -> None:
    unhappy = account(tickets=[ticket(10)])
    open_case = scored(unhappy, read=readings({"sentiment": -0.8, "leave_intent": 0.8}))
    solved = scored(unhappy, read=readings({"sentiment": -0.8, "leave_intent": 0.8, "resolved": True}))

    assert open_case.push("leave_intent") > solved.push("leave_intent") > 0.4
    assert open_case.push("ticket_mood") > solved.push("ticket_mood") > 0.2


def test_many_readings_that_say_probably_not_add_no_intention() -> None:
    faint = readings(*({"leave_intent": 0.12} for _ in range(30)))

    assert scored(account(tickets=[ticket(10)]), read=faint).push("leave_intent") == 0.0


def test_readings_of_later_or_old_tickets_are_not_used() -> None:
    days = pd.Timedelta(days=1)
    today = pd.Timestamp(AS_OF, tz="UTC")
    outside = readings({"opened_at": today + 2 * days, "sentiment": -1.0}, {"opened_at": today - 300 * days})

    assert np.isnan(scored(account(), read=outside).signals["ticket_mood"][0])


def test_impossible_values_are_absent_rather_than_an_error() -> None:
    contract = Contract(start_date=dt.date(1, 1, 1), renewal_date=dt.date(9999, 12, 31), term_months=10**12, seats=-5)
    weird = account(contract=contract, usage=usage([-7] * 30, seats=-1, calls=[-1] * 30, features=-2))

    result = scored(weird)

    assert result.signals["usage_weeks"][0] == 0.0
    assert np.isfinite(result.table.churn_probability).all()


def test_signals_have_a_row_an_account_and_floats_only() -> None:
    signals = scored(account("x"), account("y", usage=usage(STEADY))).signals

    assert len(signals) == 2
    assert {str(kind) for kind in signals.dtypes} == {"float64"}
    assert not np.isinf(signals.to_numpy()).any()


def test_signals_do_not_depend_on_the_neighbours_of_a_small_portfolio() -> None:
    mine = account("x", usage=usage([40] * 30 + [20] * 4))

    alone, beside = scored(mine), scored(account("y", usage=usage([10] * 34)), mine)

    assert beside.table.churn_probability[1] == pytest.approx(alone.table.churn_probability[0])


def test_two_thousand_accounts_are_scored_in_a_fraction_of_a_second() -> None:
    weeks = usage([40] * 26)
    accounts = [account(f"a{number}", usage=weeks, tickets=[ticket(9)]) for number in range(2000)]

    begun = time.perf_counter()
    scored(*accounts)

    assert time.perf_counter() - begun < 1.0
