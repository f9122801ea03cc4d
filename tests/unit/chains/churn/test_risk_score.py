from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from risk_accounts import AS_OF, IN_90_DAYS, Scored, account, invoice, readings, scored, ticket, usage

from chains.churn.config import ChurnConfig
from chains.churn.risk import HORIZON, logit, max_reading_contribution, select, worth_reading
from chains.churn.scorecard import default_scorecard, parse_scorecard
from connectors.records import Account, Contact, Contract

FALLING = [60] * 30 + [48, 40, 32, 26, 20, 18, 16, 14]


def _monthly(**fields: object) -> Contract:
    return Contract(term_months=1, **fields)


def _mixed() -> list[Account]:
    far = Contract(start_date=dt.date(2023, 6, 1), renewal_date=dt.date(2027, 6, 1), term_months=12)
    gone = Contact(contact_id="c", role="champion", left_on=dt.date(2026, 10, 1))
    return [
        account("near", usage=usage(FALLING), tickets=[ticket(30, priority="high")], contacts=[gone]),
        account("far", usage=usage(FALLING), contract=far),
        account("month", contract=_monthly(), usage=usage([40] * 30)),
        account("unknown", contract=Contract(), usage=usage(FALLING)),
        account("thin", contract=None),
    ]


def _log_odds(result: Scored) -> np.ndarray:
    return result.table.base_log_odds + result.table.contributions.sum(axis=1).to_numpy()


def test_contributions_sum_to_the_log_odds_of_both_risks() -> None:
    result = scored(*_mixed())

    np.testing.assert_allclose(_log_odds(result), logit(result.table.churn_probability), atol=1e-9)
    without = result.table.contributions.drop(columns=HORIZON).sum(axis=1) + result.table.base_log_odds
    np.testing.assert_allclose(without, logit(result.table.renewal_risk), atol=1e-9)


def test_renewal_beyond_the_horizon_is_unlikely_to_be_lost_by_its_end_and_gives_early_warning() -> None:
    table = scored(*_mixed()).table

    assert table.churn_probability[1] < 0.03 < 0.3 < table.renewal_risk[1]
    assert table.early_warning.tolist() == [False, True, False, True, False]
    assert table.contributions[HORIZON][0] == 0.0


def test_monthly_contract_faces_each_renewal_in_the_horizon() -> None:
    table = scored(account(contract=_monthly(), usage=usage([40] * 30))).table

    assert table.renewal_risk[0] < 0.07
    assert table.churn_probability[0] == pytest.approx(1 - (1 - table.renewal_risk[0]) ** 2)


def test_who_renewed_a_short_term_many_times_is_less_likely_to_leave_at_the_next() -> None:
    def monthly(start: dt.date) -> Contract:
        return Contract(start_date=start, term_months=1)

    starts = (dt.date(2026, 10, 20), dt.date(2026, 5, 20), dt.date(2025, 5, 20), dt.date(2022, 5, 20))
    accounts = [account(str(start), contract=monthly(start), usage=usage([40] * 20)) for start in starts]
    risks = scored(*accounts).table.renewal_risk
    assert all(later < earlier for earlier, later in itertools.pairwise(risks))
    assert risks[0] / risks[-1] > 3


def test_unknown_renewal_date_is_taken_as_one_a_year_and_widens_the_interval() -> None:
    known, unknown = account("k", usage=usage(FALLING)), account("u", usage=usage(FALLING), contract=Contract())
    table = scored(known, unknown).table

    assert table.churn_probability[1] == pytest.approx(table.renewal_risk[1] * 90 / 365.25)
    assert table.spread_up[1] > table.spread_up[0]
    assert table.confidence[1] < table.confidence[0]


def test_interval_holds_the_probability_and_grows_with_the_width_asked_for() -> None:
    narrow = scored(*_mixed(), config=ChurnConfig(interval_width=0.5)).table
    wide = scored(*_mixed(), config=ChurnConfig(interval_width=0.95)).table

    for table in (narrow, wide):
        assert ((table.low <= table.churn_probability) & (table.churn_probability <= table.high)).all()
    assert (wide.high - wide.low > narrow.high - narrow.low).all()


@pytest.mark.parametrize(
    "users",
    [[40] * 60, FALLING, [30] * 20 + [45] * 40, [3] * 60, [80 - week for week in range(60)]],
    ids=["steady", "falling", "grown", "tiny", "slow decline"],
)
def test_interval_gets_wider_as_the_oldest_weeks_are_removed(users: list[int]) -> None:
    tables = [
        scored(account(usage=usage(users[len(users) - min(keep, len(users)) :]), tickets=[ticket(5)])).table
        for keep in (60, 38, 26, 16, 8, 0)
    ]

    log_odds = [table.spread_up[0] + table.spread_down[0] for table in tables]
    assert log_odds == sorted(log_odds)
    assert log_odds[-1] > 1.3 * log_odds[0]
    widths = [table.high[0] - table.low[0] for table in tables]
    assert widths == sorted(widths)
    assert widths[-1] > 1.3 * widths[0]


@settings(max_examples=40, deadline=None)
@given(gone=st.sets(st.integers(0, 39), max_size=38))
def test_interval_never_narrows_whichever_weeks_go_missing(gone: set[int]) -> None:
    full: list[int | None] = list(range(40, 80))
    holes = [None if week in gone else users for week, users in enumerate(full)]
    whole, torn = (scored(account(usage=usage(weeks), tickets=[ticket(5)])).table for weeks in (full, holes))

    assert torn.spread_up[0] >= whole.spread_up[0]
    assert torn.spread_down[0] >= whole.spread_down[0]
    assert torn.high[0] - torn.low[0] >= whole.high[0] - whole.low[0] - 1e-12
    assert torn.confidence[0] <= whole.confidence[0]


def test_account_with_nothing_but_an_id_abstains_with_the_reason() -> None:
    table = scored(Account(account_id="x")).table

    assert table.abstained.tolist() == [True]
    assert table.abstained_because[0].startswith("No complete week of usage is recorded")
    assert table.band.tolist() == ["unknown"]
    assert table.early_warning.tolist() == [False]
    assert table.confidence[0] < 0.05


@pytest.mark.parametrize(
    ("fields", "abstains"),
    [
        ({"usage": usage([40] * 7)}, True),
        ({"usage": usage([40] * 8)}, False),
        ({"usage": usage([40] * 3), "invoices": [invoice(20, 0)]}, True),
        ({"usage": usage([40] * 3), "invoices": [invoice(20, 0), invoice(110, 0)]}, False),
        ({"tickets": [ticket(5)]}, False),
        ({"contacts": [Contact(contact_id="c", role="champion")]}, True),
    ],
    ids=["seven weeks", "eight weeks", "one invoice", "a payment history", "tickets only", "contacts only"],
)
def test_account_abstains_when_data_is_too_thin(fields: dict[str, object], abstains: bool) -> None:
    assert scored(account(**fields)).table.abstained.tolist() == [abstains]


def test_account_with_only_tickets_is_scored_on_them_with_a_wide_interval() -> None:
    angry = scored(account(tickets=[ticket(20, priority="critical")]), read=readings({"leave_intent": 0.9})).table
    full = scored(account(usage=usage([40] * 60), tickets=[ticket(20, closed_after=1)])).table

    assert angry.churn_probability[0] > 0.3
    assert angry.high[0] - angry.low[0] > 0.3
    assert angry.confidence[0] < full.confidence[0]


def test_quality_penalty_lowers_the_confidence_of_its_row_only() -> None:
    accounts = [account(name, usage=usage([40] * 30)) for name in "xyz"]
    plain = scored(*accounts).table
    blamed = scored(*accounts, penalty=pd.Series({1: 0.5})).table

    np.testing.assert_allclose(blamed.confidence, plain.confidence * [1, 0.5, 1])
    np.testing.assert_allclose(blamed.churn_probability, plain.churn_probability)


@pytest.mark.parametrize(("edge", "band"), [(0.999, "low"), (0.0001, "critical")], ids=["all low", "all critical"])
def test_bands_follow_the_configuration(edge: float, band: str) -> None:
    config = ChurnConfig(band_medium_from=edge, band_high_from=edge, band_critical_from=edge)

    assert scored(*_mixed()[:2], config=config).table.band.tolist() == [band, band]


def test_screening_before_reading_loses_nobody() -> None:
    scorecard, accounts = default_scorecard(), _mixed()
    accounts = [account(a.account_id, contract=a.contract, usage=a.usage, tickets=[ticket(2)]) for a in accounts]
    worst = readings(*({"row": row, "sentiment": -1.0, "leave_intent": 1.0} for row in range(5) for _ in range(9)))
    before, after = scored(*accounts), scored(*accounts, read=worst)

    for threshold in (0.2, 0.3, 0.5):
        reached = np.maximum(after.table.churn_probability, after.table.renewal_risk) >= threshold
        assert not (reached & ~worth_reading(before.table, scorecard, threshold)).any()
    gained = logit(after.table.renewal_risk) - logit(before.table.renewal_risk)
    assert gained.max() <= max_reading_contribution(scorecard)
    assert gained.max() > 0.8 * max_reading_contribution(scorecard)
    assert not worth_reading(before.table, scorecard, 0.95).all()


def test_longer_horizon_never_lowers_the_probability() -> None:
    risks = [scored(*_mixed(), horizon_to=AS_OF + dt.timedelta(days=days)).table for days in (1, 30, 60, 200, 700)]

    for earlier, later in itertools.pairwise(risks):
        assert (later.churn_probability >= earlier.churn_probability - 1e-12).all()


def test_selected_rows_are_the_same_risks() -> None:
    table = scored(*_mixed()).table
    some = select(table, np.array([3, 0]))

    assert some.churn_probability.tolist() == [table.churn_probability[3], table.churn_probability[0]]
    assert some.contributions.loc[1].equals(table.contributions.loc[0].rename(1))


def test_score_of_no_accounts_is_empty() -> None:
    assert len(scored().table.to_frame()) == 0


def test_neutral_account_has_the_documented_base_rate() -> None:
    card = default_scorecard()

    assert scored(Account(account_id="x")).table.renewal_risk[0] == pytest.approx(card.base.renewal_loss_probability)


def test_every_signal_of_the_scorecard_has_a_feature_that_is_computed() -> None:
    columns = set(scored(account(), read=readings({})).signals.columns)

    assert {signal.feature for signal in default_scorecard().signals} <= columns


@pytest.mark.parametrize(
    ("find", "replace", "message"),
    [
        ("[[-1.2, 1.0], [-0.7, 0.85]", "[[-0.7, 1.0], [-0.7, 0.85]", "must rise"),
        ("[[-1.2, 1.0], [-0.7", "[[-1.2, 1.5], [-0.7", "outside"),
        ("name: usage_year", "name: usage_trend", "same name"),
        ("weight: 1.0", "wait: 1.0", "wait"),
    ],
    ids=["knots out of order", "share above one", "a name twice", "unknown key"],
)
def test_scorecard_with_a_mistake_is_refused(find: str, replace: str, message: str) -> None:
    from importlib import resources

    text = resources.files("chains.churn").joinpath("scorecard.yaml").read_text(encoding="utf-8")
    assert find in text

    with pytest.raises(ValueError, match=message):
        parse_scorecard(text.replace(find, replace, 1))


def test_horizon_default_of_these_tests_holds_the_renewal() -> None:
    assert (IN_90_DAYS - AS_OF).days == 90
